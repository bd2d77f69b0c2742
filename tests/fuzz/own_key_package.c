#include "own_key_package.h"
#include "roundtrip.h"

/* ---- the key package ----------------------------------------------------------------------------- */

static bool count_up(void *arg, uint8_t *out, size_t len)
{
    fuzz_own_t *own = arg;
    for (size_t i = 0; i < len; i++)
        out[i] = own->next_random++;
    own->next_random = (uint8_t)(own->next_random * 3 + 1); /* no two secrets are the same */
    return true;
}

void fuzz_own_make(fuzz_own_t *own)
{
    uint16_t suites[] = { MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 }, types[] = { 0xf001, 0xf002 };
    mls_extension_t leaf_extension = { 0xf001, mls_view_text("leaf") };
    mls_extension_t extension = { 0xf002, mls_view_text("package") };
    const mls_crypto_config_t config = { .arg = own, .random = count_up };
    const mls_key_package_params_t params = {
        .cipher_suite = suites[0],
        .identity = mls_view_text("alice@a.example"),
        .capabilities = { .cipher_suites = { suites, 1 }, .extensions = { types, 2 } },
        .leaf_extensions = { &leaf_extension, 1 },
        .extensions = { &extension, 1 },
        .not_before = FUZZ_NOT_BEFORE,
        .not_after = FUZZ_NOT_AFTER,
    };
    *own = (fuzz_own_t){ .next_random = 1 };
    fuzz_require(mls_crypto_new(&own->crypto, &config) == MLS_OK, "a crypto context can be made");
    fuzz_require(mls_key_package_new(&own->key_package, own->crypto, &params) == MLS_OK,
                 "a key package can be made");
}

void fuzz_own_clear(fuzz_own_t *own)
{
    mls_key_package_free(own->key_package);
    mls_crypto_free(own->crypto);
}

/* ---- changes ------------------------------------------------------------------------------------- */

static size_t u16_at(mls_view_t input, size_t at)
{
    return at + 2 <= input.len ? (size_t)input.data[at] << 8 | input.data[at + 1] : 0;
}

static void flip_bits(mls_bytes_t *bytes, mls_view_t input)
{
    const size_t place = u16_at(input, 1);
    for (size_t i = 3; i < input.len && place + i - 3 < bytes->len; i++)
        bytes->data[place + i - 3] ^= input.data[i];
}

static void leave_out(mls_bytes_t *bytes, mls_view_t input)
{
    const size_t place = u16_at(input, 1) < bytes->len ? u16_at(input, 1) : bytes->len;
    const size_t rest = bytes->len - place, num = u16_at(input, 3) < rest ? u16_at(input, 3) : rest;
    memmove(bytes->data + place, bytes->data + place + num, rest - num);
    bytes->len -= num;
}

enum { RAW = 0, FLIP_BITS = 1, LEAVE_OUT = 2, GOOD = 3 };

static int kind_of(mls_view_t input)
{
    return input.len > 0 && input.data[0] < GOOD ? input.data[0] : GOOD;
}

bool fuzz_is_good(mls_view_t input)
{
    return kind_of(input) == GOOD;
}

mls_bytes_t fuzz_change(mls_view_t good, mls_view_t input)
{
    const int kind = kind_of(input);
    const mls_view_t base = kind == RAW ? mls_view(input.data + 1, input.len - 1) : good;
    mls_bytes_t bytes;
    fuzz_require(mls_bytes_copy(&bytes, base) == MLS_OK, "there is memory");
    if (kind == FLIP_BITS)
        flip_bits(&bytes, input);
    else if (kind == LEAVE_OUT)
        leave_out(&bytes, input);
    return bytes;
}
