#include "payloads.h"
#include "device.h"
#include "mod_mls/mod_mls.h"
#include "stanza.h"

typedef mls_status_t check_fn(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes);

static mls_status_t check_device(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    mod_mls_device_item_t item;
    const mls_status_t status = mls_decode(&item, sizeof item, mod_mls_codec_device_item, bytes, arena);
    return status != MLS_OK
               ? status
               : mod_mls_device_verify_signature(crypto, item.device_key, MOD_MLS_LABEL_DEVICE,
                                                 mod_mls_codec_device_item_tbs, &item, item.signature);
}

static mls_status_t check_endorsement(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    mod_mls_endorsement_t e;
    const mls_status_t status = mls_decode(&e, sizeof e, mod_mls_codec_endorsement, bytes, arena);
    return status != MLS_OK ? status
                            : mod_mls_device_verify_signature(crypto, e.endorser, MOD_MLS_LABEL_ENDORSEMENT,
                                                              mod_mls_codec_endorsement_tbs, &e, e.signature);
}

static mls_status_t check_revocation(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    mod_mls_revocation_t r;
    const mls_status_t status = mls_decode(&r, sizeof r, mod_mls_codec_revocation, bytes, arena);
    return status != MLS_OK ? status
                            : mod_mls_device_verify_signature(crypto, r.revoker, MOD_MLS_LABEL_REVOCATION,
                                                              mod_mls_codec_revocation_tbs, &r, r.signature);
}

static mls_status_t check_index(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    mod_mls_key_package_index_t index;
    const mls_status_t status =
        mls_decode(&index, sizeof index, mod_mls_codec_key_package_index, bytes, arena);
    return status != MLS_OK ? status
                            : mod_mls_device_verify_signature(crypto, index.device_key, MOD_MLS_LABEL_INDEX,
                                                              mod_mls_codec_key_package_index_tbs, &index,
                                                              index.signature);
}

static mls_status_t check_key_package(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    const mls_authentication_t authentication = { .validate = mod_mls_leaf_validate, .arg = crypto };
    mls_key_package_info_t info;
    (void)arena;
    return mls_key_package_read(&info, crypto, bytes, 0, &authentication);
}

/* A KeyPackage that stands in another struct, without the header of an MLSMessage. */
static mls_status_t check_bare_key_package(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    static const uint8_t header[] = { 0, 1, 0, MLS_WIRE_FORMAT_KEY_PACKAGE }; /* version, wire_format */
    uint8_t *message = mls_arena_alloc(arena, sizeof header + bytes.len);
    if (message == NULL)
        return MLS_ERR_NOMEM;
    memcpy(message, header, sizeof header);
    memcpy(message + sizeof header, bytes.data, bytes.len);
    return check_key_package(crypto, arena, mls_view(message, sizeof header + bytes.len));
}

static mls_status_t check_join(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    mod_mls_join_request_t request;
    mls_status_t status = mls_decode(&request, sizeof request, mod_mls_codec_join_request, bytes, arena);
    if (status != MLS_OK || (status = mod_mls_join_request_validate(crypto, &request)) != MLS_OK)
        return status;
    return check_bare_key_package(crypto, arena, request.key_package_encoded);
}

static mls_status_t check_format(mls_view_t bytes, mls_wire_format_t format)
{
    mls_message_info_t info;
    const mls_status_t status = mls_message_inspect(&info, bytes);
    if (status != MLS_OK)
        return status;
    return info.wire_format == format ? MLS_OK : MLS_ERR_MALFORMED;
}

static mls_status_t check_mls(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    (void)crypto, (void)arena;
    return check_format(bytes, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
}

static mls_status_t check_welcome(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    (void)crypto, (void)arena;
    return check_format(bytes, MLS_WIRE_FORMAT_WELCOME);
}

/* A slice means nothing by itself. */
static mls_status_t check_part(mls_crypto_t *crypto, mls_arena_t *arena, mls_view_t bytes)
{
    (void)crypto, (void)arena;
    return bytes.len > 0 ? MLS_OK : MLS_ERR_MALFORMED;
}

static mls_status_t check_element(mls_crypto_t *crypto, const mod_mls_xml_node_t *element)
{
    static const struct {
        const char *name;
        check_fn *check;
    } kinds[] = {
        { "device", check_device }, { "endorsement", check_endorsement }, { "revocation", check_revocation },
        { "index", check_index },   { "key-package", check_key_package }, { "join", check_join },
        { "mls", check_mls },       { "welcome", check_welcome },         { "part", check_part },
    };
    mls_arena_t arena = { 0 };
    mls_bytes_t bytes;
    mls_status_t status = mod_mls_element_bytes(&bytes, element);
    check_fn *check = NULL;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(element->name, kinds[i].name) == 0)
            check = kinds[i].check;
    }
    if (status == MLS_OK)
        status = check == NULL ? MLS_ERR_UNSUPPORTED : check(crypto, &arena, mls_bytes_view(&bytes));
    mls_bytes_clear(&bytes);
    mls_arena_clear(&arena);
    return status;
}

/* A message carries one of our elements, or none. */
static bool has_several(const mod_mls_xml_node_t *stanza)
{
    size_t count = 0;
    for (const mod_mls_xml_node_t *n = stanza->first_child; n != NULL; n = n->next)
        count += strcmp(n->ns, MOD_MLS_NAMESPACE) == 0;
    return count > 1;
}

/* The next element in the document. */
static const mod_mls_xml_node_t *step(const mod_mls_xml_node_t *node)
{
    if (node->first_child != NULL)
        return node->first_child;
    while (node->next == NULL && node->parent != NULL)
        node = node->parent;
    return node->next;
}

const char *payloads_fault(mls_crypto_t *crypto, const mod_mls_xml_node_t *stanza)
{
    if (has_several(stanza))
        return "several elements";
    for (const mod_mls_xml_node_t *node = stanza; node != NULL; node = step(node)) {
        if (strcmp(node->ns, MOD_MLS_NAMESPACE) != 0)
            continue;
        const mls_status_t status = check_element(crypto, node);
        if (status != MLS_OK)
            return mls_status_text(status);
    }
    return NULL;
}
