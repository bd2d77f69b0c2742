/* fuzz_app_data.c -- a dictionary of components among extensions: what is read, found and put in
 * (draft-ietf-mls-extensions, "Attaching Application Data to MLS Messages"). */
#include "app_data.h"
#include "bytes.h"
#include "roundtrip.h"

static void require_found(mls_view_t extensions, const mls_app_data_dictionary_t *dictionary)
{
    mls_view_t data;
    for (size_t i = 0; i < dictionary->count; i++) {
        const mls_component_data_t *entry = &dictionary->items[i];
        fuzz_require(i == 0 || entry[-1].component_id < entry->component_id, "each component once, in order");
        fuzz_require(mls_app_data_find(&data, extensions, entry->component_id) == MLS_OK, "it is found");
        fuzz_require(mls_view_equal(data, entry->data), "as it was read");
    }
}

static void require_put(mls_view_t extensions, uint16_t component_id)
{
    mls_bytes_t copy = { 0 };
    mls_view_t data;
    fuzz_require(mls_bytes_copy(&copy, extensions) == MLS_OK, "memory");
    fuzz_require(mls_app_data_put(&copy, component_id, mls_view_text("new")) == MLS_OK, "it can be put in");
    fuzz_require(mls_app_data_find(&data, mls_bytes_view(&copy), component_id) == MLS_OK &&
                     mls_view_equal(data, mls_view_text("new")),
                 "what was put in is found");
    mls_bytes_clear(&copy);
}

/* The input is a list of extensions, its first two bytes a component. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_app_data_dictionary_t dictionary;
    mls_arena_t arena = { 0 };
    mls_extension_t extension;
    if (len < 2)
        return 0;
    const mls_view_t extensions = mls_view(data + 2, len - 2);
    mls_status_t status;
    for (size_t at = 0; (status = mls_extensions_next(&extension, extensions, &at)) == MLS_OK;)
        continue;
    if (status != MLS_ERR_NOT_FOUND)
        return 0; /* no list: the codec has refused it before */
    status = mls_app_data_read(&dictionary, &arena, NULL, extensions);
    if (status == MLS_OK) {
        require_found(extensions, &dictionary);
        require_put(extensions, (uint16_t)(data[0] << 8 | data[1]));
    } else {
        fuzz_require(mls_status_is_input(status), "the input is blamed");
    }
    mls_arena_clear(&arena);
    return 0;
}
