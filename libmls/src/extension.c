#include "extension.h"
#include "codec_check.h"

bool mls_u16s_contain(const mls_u16s_t *list, uint16_t value)
{
    for (size_t i = 0; i < mls_u16s_count(list); i++)
        if (mls_u16s_at(list, i) == value)
            return true;
    return false;
}

void mls_codec_u16s(mls_codec_t *codec, mls_u16s_t *list)
{
    mls_codec_opaque(codec, &list->bytes);
    (void)mls_codec_check(codec, MLS_RULE_E5, list->bytes.len % 2 == 0);
}

void mls_codec_capabilities(mls_codec_t *codec, void *object)
{
    mls_leaf_capabilities_t *capabilities = object;
    mls_codec_u16s(codec, &capabilities->versions);
    mls_codec_u16s(codec, &capabilities->cipher_suites);
    mls_codec_u16s(codec, &capabilities->extensions);
    mls_codec_u16s(codec, &capabilities->proposals);
    mls_codec_u16s(codec, &capabilities->credentials);
}

/* ---- extension lists ----------------------------------------------------------------------------- */

/* struct { ExtensionType extension_type; opaque extension_data<V>; } Extension;   RFC 9420, Section 13.4 */
static void codec_extension(mls_codec_t *codec, void *object)
{
    mls_extension_t *extension = object;
    mls_codec_u16(codec, &extension->type);
    mls_codec_opaque(codec, &extension->data);
}

/* Reads the extension at `*at` and steps over it. */
static mls_status_t read_extension(mls_extension_t *extension, mls_view_t encoded, size_t *at)
{
    mls_codec_t codec = { .op = MLS_CODEC_DECODE,
                          .in = encoded.data + *at,
                          .end = encoded.data + encoded.len };
    codec_extension(&codec, extension);
    if (codec.status == MLS_OK)
        *at = (size_t)(codec.in - encoded.data);
    return codec.status;
}

mls_status_t mls_extensions_next(mls_extension_t *extension, mls_view_t encoded, size_t *at)
{
    *extension = (mls_extension_t){ 0 };
    return *at >= encoded.len ? MLS_ERR_NOT_FOUND : read_extension(extension, encoded, at);
}

mls_status_t mls_extensions_find(mls_view_t *data, mls_view_t encoded, uint16_t type)
{
    mls_extension_t extension;
    mls_status_t status;
    size_t at = 0;

    *data = (mls_view_t){ 0 };
    while ((status = mls_extensions_next(&extension, encoded, &at)) == MLS_OK) {
        if (extension.type == type) {
            *data = extension.data;
            return MLS_OK;
        }
    }
    return status;
}

void mls_codec_extensions(mls_codec_t *codec, mls_view_t *extensions)
{
    mls_extension_t extension;
    mls_status_t status;
    size_t at = 0;

    mls_codec_opaque(codec, extensions);
    while ((status = mls_extensions_next(&extension, *extensions, &at)) == MLS_OK)
        continue;
    (void)mls_codec_check(codec, MLS_RULE_E5, status == MLS_ERR_NOT_FOUND);
}

typedef struct extension_items {
    const mls_extensions_t *list;
} extension_items_t;

static void codec_items(mls_codec_t *codec, void *object)
{
    const extension_items_t *items = object;
    for (size_t i = 0; i < items->list->count; i++)
        codec_extension(codec, &items->list->items[i]);
}

mls_status_t mls_extensions_encode(mls_bytes_t *out, const mls_extensions_t *extensions)
{
    const mls_extensions_t none = { 0 };
    const extension_items_t items = { extensions == NULL ? &none : extensions };
    return mls_encode(out, codec_items, &items);
}

mls_status_t mls_extensions_check(mls_crypto_t *crypto, const mls_limits_t *limits, mls_view_t extensions)
{
    mls_extension_t extension, other;
    size_t count = 0;

    for (size_t at = 0; mls_extensions_next(&extension, extensions, &at) == MLS_OK;)
        count++;
    mls_status_t status = mls_check(crypto, MLS_RULE_L13, count <= limits->num_extensions);
    for (size_t at = 0; status == MLS_OK && mls_extensions_next(&extension, extensions, &at) == MLS_OK;)
        for (size_t rest = at; status == MLS_OK && mls_extensions_next(&other, extensions, &rest) == MLS_OK;)
            status = mls_check(crypto, MLS_RULE_L10, other.type != extension.type);
    return status;
}

/* ---- defaults and requirements ------------------------------------------------------------------- */

bool mls_extension_is_default(uint16_t type)
{
    return type >= MLS_EXTENSION_APPLICATION_ID && type <= MLS_EXTENSION_EXTERNAL_SENDERS;
}

bool mls_proposal_is_default(uint16_t type)
{
    return type >= 1 && type <= 7; /* add to group_context_extensions */
}

static void codec_required(mls_codec_t *codec, void *object)
{
    mls_required_t *required = object;
    mls_codec_u16s(codec, &required->extensions);
    mls_codec_u16s(codec, &required->proposals);
    mls_codec_u16s(codec, &required->credentials);
}

mls_status_t mls_required_read(mls_crypto_t *crypto, mls_required_t *out, mls_view_t group_context_extensions)
{
    mls_view_t data;
    *out = (mls_required_t){ 0 };
    mls_status_t status =
        mls_extensions_find(&data, group_context_extensions, MLS_EXTENSION_REQUIRED_CAPABILITIES);
    if (status == MLS_ERR_NOT_FOUND)
        return MLS_OK;
    return status != MLS_OK ? status : mls_decode_input(crypto, out, sizeof *out, codec_required, data, NULL);
}

mls_status_t mls_context_extensions_check(mls_crypto_t *crypto, const mls_limits_t *limits,
                                          mls_view_t extensions)
{
    const size_t max = limits->num_capabilities;
    mls_required_t required;
    mls_status_t status;

    if ((status = mls_extensions_check(crypto, limits, extensions)) != MLS_OK ||
        (status = mls_required_read(crypto, &required, extensions)) != MLS_OK)
        return status;
    return mls_check(crypto, MLS_RULE_L13,
                     mls_u16s_count(&required.extensions) <= max &&
                         mls_u16s_count(&required.proposals) <= max &&
                         mls_u16s_count(&required.credentials) <= max);
}

static void codec_u16_element(mls_codec_t *codec, void *object)
{
    mls_codec_u16(codec, object);
}

static void codec_required_lists(mls_codec_t *codec, void *object)
{
    mls_required_capabilities_t *required = object;
    MLS_CODEC_VECTOR(codec, &required->extensions, codec_u16_element);
    MLS_CODEC_VECTOR(codec, &required->proposals, codec_u16_element);
    MLS_CODEC_VECTOR(codec, &required->credentials, codec_u16_element);
}

mls_status_t mls_required_capabilities_encode(mls_bytes_t *out, const mls_required_capabilities_t *required)
{
    return mls_encode(out, codec_required_lists, required);
}
