/* fuzz_mod_mls_formats.c -- every struct of the binding. The first byte chooses which. */
#include "formats.h"
#include "roundtrip.h"

static void forget_key_package(void *object)
{
    ((mod_mls_join_request_t *)object)->key_package_encoded = mls_view(NULL, 0);
}

#define STRUCT(type, visit, forget)                                                                          \
    {                                                                                                        \
        sizeof(type), visit, forget                                                                          \
    }

static const struct {
    size_t size;
    mls_codec_fn *visit;
    fuzz_forget_fn *forget;
} structs[] = {
    STRUCT(mod_mls_endorsement_t, mod_mls_codec_endorsement, NULL),
    STRUCT(mod_mls_device_item_t, mod_mls_codec_device_item, NULL),
    STRUCT(mod_mls_revocation_t, mod_mls_codec_revocation, NULL),
    STRUCT(mod_mls_key_package_index_t, mod_mls_codec_key_package_index, NULL),
    STRUCT(mod_mls_xmpp_device_t, mod_mls_codec_xmpp_device, NULL),
    STRUCT(mod_mls_xmpp_device_tbs_t, mod_mls_codec_xmpp_device_tbs, NULL),
    STRUCT(mod_mls_xmpp_room_t, mod_mls_codec_xmpp_room, NULL),
    STRUCT(mod_mls_xmpp_anchor_t, mod_mls_codec_xmpp_anchor, NULL),
    STRUCT(mod_mls_xmpp_tree_t, mod_mls_codec_xmpp_tree, NULL),
    STRUCT(mod_mls_join_request_t, mod_mls_codec_join_request, forget_key_package),
    STRUCT(mod_mls_authenticated_data_t, mod_mls_codec_authenticated_data, NULL),
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static union {
        mod_mls_join_request_t request;
        mod_mls_authenticated_data_t data;
        mod_mls_xmpp_room_t room;
        mod_mls_key_package_index_t index;
        mod_mls_xmpp_device_t device;
        mod_mls_xmpp_device_tbs_t tbs;
        mod_mls_xmpp_tree_t tree;
    } object;
    if (len == 0)
        return 0;
    const size_t n = data[0] % (sizeof structs / sizeof structs[0]);
    fuzz_roundtrip(&object, structs[n].size, structs[n].visit, structs[n].forget,
                   mls_view(data + 1, len - 1));
    return 0;
}
