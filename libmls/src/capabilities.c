#include "capabilities.h"
#include "bytes.h"
#include "grease.h"
#include "mls/app_data.h"

/* A list of uint16 in network order, with one value put in if it is missing. */
static mls_status_t encode_list(mls_bytes_t *out, const mls_u16_list_t *list, const uint16_t *needed)
{
    bool has = needed == NULL;
    for (size_t i = 0; i < list->count; i++)
        has = has || list->items[i] == *needed;
    mls_status_t status = mls_bytes_alloc(out, 2 * (list->count + (has ? 0 : 1)));
    if (status != MLS_OK)
        return status;
    for (size_t i = 0; i < out->len / 2; i++) {
        const uint16_t value = i < list->count ? list->items[i] : *needed;
        out->data[2 * i] = (uint8_t)(value >> 8);
        out->data[2 * i + 1] = (uint8_t)value;
    }
    return MLS_OK;
}

static mls_status_t grease_any(mls_crypto_t *crypto, mls_bytes_t *list)
{
    uint16_t value;
    mls_status_t status = mls_grease_value(crypto, &value);
    return status == MLS_OK ? mls_grease_list(crypto, list, value) : status;
}

static mls_status_t grease(mls_crypto_t *crypto, mls_capabilities_buffers_t *b,
                           const mls_own_capabilities_t *own)
{
    mls_status_t status;
    if ((status = grease_any(crypto, &b->cipher_suites)) != MLS_OK ||
        (status = mls_grease_list(crypto, &b->extensions, own->grease)) != MLS_OK ||
        (status = grease_any(crypto, &b->proposals)) != MLS_OK)
        return status;
    return grease_any(crypto, &b->credentials);
}

mls_status_t mls_capabilities_encode(mls_crypto_t *crypto, mls_leaf_capabilities_t *out,
                                     mls_capabilities_buffers_t *b, const mls_own_capabilities_t *own)
{
    static const uint16_t mls10 = MLS_VERSION_MLS10, dictionary = MLS_EXTENSION_APP_DATA_DICTIONARY;
    const mls_capabilities_t *c = own->listed;
    mls_status_t status;

    if ((status = encode_list(&b->versions, &c->versions, &mls10)) != MLS_OK ||
        (status = encode_list(&b->cipher_suites, &c->cipher_suites, &own->cipher_suite)) != MLS_OK ||
        (status = encode_list(&b->extensions, &c->extensions, own->has_dictionary ? &dictionary : NULL)) !=
            MLS_OK ||
        (status = encode_list(&b->proposals, &c->proposals, NULL)) != MLS_OK ||
        (status = encode_list(&b->credentials, &c->credentials, &own->credential_type)) != MLS_OK ||
        (own->grease != 0 && (status = grease(crypto, b, own)) != MLS_OK))
        return status;
    out->versions.bytes = mls_bytes_view(&b->versions);
    out->cipher_suites.bytes = mls_bytes_view(&b->cipher_suites);
    out->extensions.bytes = mls_bytes_view(&b->extensions);
    out->proposals.bytes = mls_bytes_view(&b->proposals);
    out->credentials.bytes = mls_bytes_view(&b->credentials);
    return MLS_OK;
}

void mls_capabilities_buffers_clear(mls_capabilities_buffers_t *b)
{
    mls_bytes_clear(&b->versions);
    mls_bytes_clear(&b->cipher_suites);
    mls_bytes_clear(&b->extensions);
    mls_bytes_clear(&b->proposals);
    mls_bytes_clear(&b->credentials);
}
