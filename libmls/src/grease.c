#include "grease.h"
#include "bytes.h"

bool mls_is_grease(uint16_t value)
{
    return (value & 0x0f0f) == 0x0a0a && value >> 8 == (value & 0xff) && value != 0xfafa;
}

mls_status_t mls_grease_value(mls_crypto_t *crypto, uint16_t *out)
{
    uint8_t random;
    mls_status_t status = mls_crypto_random(crypto, &random, 1);
    if (status == MLS_OK)
        *out = (uint16_t)((random % 15u << 4 | 0x0a) * 0x0101);
    return status;
}

/* Makes `*bytes` longer by `more` at `at`. */
static mls_status_t insert(mls_bytes_t *bytes, size_t at, mls_view_t more)
{
    mls_bytes_t longer = { 0 };
    mls_status_t status = mls_bytes_alloc(&longer, bytes->len + more.len);
    if (status != MLS_OK)
        return status;
    if (at > 0)
        memcpy(longer.data, bytes->data, at);
    memcpy(longer.data + at, more.data, more.len);
    if (bytes->len > at)
        memcpy(longer.data + at + more.len, bytes->data + at, bytes->len - at);
    mls_bytes_move(bytes, &longer);
    return MLS_OK;
}

mls_status_t mls_grease_list(mls_crypto_t *crypto, mls_bytes_t *list, uint16_t value)
{
    const uint8_t both[] = { (uint8_t)(value >> 8), (uint8_t)value };
    const mls_u16s_t before = { mls_bytes_view(list) };
    uint8_t random;
    mls_status_t status = mls_crypto_random(crypto, &random, 1);
    if (status != MLS_OK || mls_u16s_contain(&before, value))
        return status;
    return insert(list, 2 * (random % (mls_u16s_count(&before) + 1)), mls_view(both, sizeof both));
}

mls_status_t mls_grease_extensions(mls_crypto_t *crypto, mls_bytes_t *extensions, uint16_t type)
{
    uint8_t random[17];
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_crypto_random(crypto, random, sizeof random);
    mls_extension_t item = { type, mls_view(random + 1, random[0] % sizeof random) };
    const mls_extensions_t one = { &item, 1 };

    if (status == MLS_OK && (status = mls_extensions_encode(&encoded, &one)) == MLS_OK)
        status = insert(extensions, random[0] < 128 ? 0 : extensions->len, mls_bytes_view(&encoded));
    mls_bytes_clear(&encoded);
    return status;
}
