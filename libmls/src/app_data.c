#include "app_data.h"
#include "bytes.h"

/* struct { ComponentID component_id; opaque data<V>; } ComponentData; */
static void codec_component_data(mls_codec_t *codec, void *object)
{
    mls_component_data_t *entry = object;
    mls_codec_u16(codec, &entry->component_id);
    mls_codec_opaque(codec, &entry->data);
}

void mls_codec_app_data_dictionary(mls_codec_t *codec, void *object)
{
    mls_app_data_dictionary_t *dictionary = object;
    MLS_CODEC_VECTOR(codec, dictionary, codec_component_data);
}

static bool is_sorted(const mls_component_data_t *entries, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (entries[i - 1].component_id >= entries[i].component_id)
            return false;
    return true;
}

mls_status_t mls_app_data_read(mls_app_data_dictionary_t *out, mls_arena_t *arena, mls_crypto_t *crypto,
                               mls_view_t extensions)
{
    mls_view_t data;
    *out = (mls_app_data_dictionary_t){ 0 };
    mls_status_t status = mls_extensions_find(&data, extensions, MLS_EXTENSION_APP_DATA_DICTIONARY);
    if (status == MLS_ERR_NOT_FOUND)
        return MLS_OK;
    if (status == MLS_OK)
        status = mls_decode_input(crypto, out, sizeof *out, mls_codec_app_data_dictionary, data, arena);
    return status == MLS_OK ? mls_check(crypto, MLS_RULE_A4, is_sorted(out->items, out->count)) : status;
}

mls_status_t mls_app_data_encode(mls_bytes_t *out, const mls_component_data_t *entries, size_t count)
{
    /* Encoding only reads. */
    const mls_app_data_dictionary_t dictionary = { (mls_component_data_t *)(uintptr_t)entries, count };
    *out = (mls_bytes_t){ 0 };
    return is_sorted(entries, count) ? mls_encode(out, mls_codec_app_data_dictionary, &dictionary)
                                     : MLS_ERR_ARGUMENT;
}

mls_status_t mls_app_data_find(mls_view_t *data, mls_view_t extensions, uint16_t component_id)
{
    mls_app_data_dictionary_t dictionary;
    mls_arena_t arena = { 0 };
    mls_view_t encoded;
    mls_status_t status = mls_extensions_find(&encoded, extensions, MLS_EXTENSION_APP_DATA_DICTIONARY);

    *data = (mls_view_t){ 0 };
    if (status == MLS_OK)
        status = mls_decode(&dictionary, sizeof dictionary, mls_codec_app_data_dictionary, encoded, &arena);
    if (status == MLS_OK) {
        status = MLS_ERR_NOT_FOUND;
        for (size_t i = 0; status != MLS_OK && i < dictionary.count; i++) {
            if (dictionary.items[i].component_id != component_id)
                continue;
            *data = dictionary.items[i].data;
            status = MLS_OK;
        }
    }
    mls_arena_clear(&arena);
    return status;
}

/* The list as it is, with `data` in the place of the one type, or at the end. */
static mls_status_t replace(mls_bytes_t *out, mls_arena_t *arena, mls_view_t extensions, mls_view_t data)
{
    mls_extensions_t list = { 0 };
    mls_extension_t item;
    size_t count = 0;
    bool found = false;

    for (size_t at = 0; mls_extensions_next(&item, extensions, &at) == MLS_OK;)
        count++;
    if ((list.items = mls_arena_alloc(arena, (count + 1) * sizeof *list.items)) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t at = 0; mls_extensions_next(&item, extensions, &at) == MLS_OK;) {
        if (item.type == MLS_EXTENSION_APP_DATA_DICTIONARY) {
            item.data = data;
            found = true;
        }
        list.items[list.count++] = item;
    }
    if (!found)
        list.items[list.count++] = (mls_extension_t){ MLS_EXTENSION_APP_DATA_DICTIONARY, data };
    return mls_extensions_encode(out, &list);
}

mls_status_t mls_app_data_write(mls_bytes_t *out, mls_view_t extensions,
                                const mls_app_data_dictionary_t *dictionary)
{
    mls_arena_t arena = { 0 };
    mls_bytes_t data = { 0 };
    mls_status_t status = mls_encode(&data, mls_codec_app_data_dictionary, dictionary);
    if (status == MLS_OK)
        status = replace(out, &arena, extensions, mls_bytes_view(&data));
    mls_bytes_clear(&data);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mls_app_data_put(mls_bytes_t *extensions, uint16_t component_id, mls_view_t data)
{
    mls_app_data_dictionary_t before, after = { 0 };
    mls_arena_t arena = { 0 };
    mls_bytes_t made = { 0 };
    mls_status_t status = mls_app_data_read(&before, &arena, NULL, mls_bytes_view(extensions));
    size_t i = 0;

    if (status == MLS_OK &&
        (after.items = mls_arena_alloc(&arena, (before.count + 1) * sizeof *after.items)) == NULL)
        status = MLS_ERR_NOMEM;
    if (status != MLS_OK)
        goto cleanup;
    for (; i < before.count && before.items[i].component_id < component_id; i++)
        after.items[after.count++] = before.items[i];
    after.items[after.count++] = (mls_component_data_t){ component_id, data };
    if (i < before.count && before.items[i].component_id == component_id)
        i++;
    for (; i < before.count; i++)
        after.items[after.count++] = before.items[i];
    if ((status = mls_app_data_write(&made, mls_bytes_view(extensions), &after)) == MLS_OK)
        mls_bytes_move(extensions, &made);

cleanup:
    mls_bytes_clear(&made);
    mls_arena_clear(&arena);
    return status;
}
