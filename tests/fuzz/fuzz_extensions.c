/* fuzz_extensions.c -- a list of extensions: stepping through it ends, and finds what it has (RFC 9420,
 * Section 13.4); and required_capabilities (Section 11.1). */
#include "extension.h"
#include "roundtrip.h"

static void visit_list(mls_codec_t *codec, void *object)
{
    mls_codec_extensions(codec, object);
}

static void step_through(mls_view_t list)
{
    mls_extension_t extension;
    mls_view_t found;
    size_t at = 0;

    while (mls_extensions_next(&extension, list, &at) == MLS_OK) {
        fuzz_require(at <= list.len, "a step ends in the list");
        fuzz_require(mls_extensions_find(&found, list, extension.type) == MLS_OK, "what is there is found");
    }
    fuzz_require(at == list.len, "the steps end with the list");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_view_t list;
    mls_required_t required;

    fuzz_roundtrip(&list, sizeof list, visit_list, NULL, mls_view(data, len));
    step_through(list);
    mls_status_t status = mls_required_read(NULL, &required, list);
    fuzz_require(status == MLS_OK || mls_status_is_input(status), "the input is blamed");
    return 0;
}
