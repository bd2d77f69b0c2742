/* engine_x25519.c -- X25519 whose public keys are made by way of edwards25519.
 *
 * The base point of curve25519 is the image of that of edwards25519 (RFC 7748, Section 4.1), where libsodium
 * has tables for it: a public key takes half the time, and one inversion in the field serves for many of
 * them. The way back is u = (1 + y) / (1 - y), by OpenSSL's BIGNUM. What it computes with is as public as the
 * key that comes of it; nothing is secret but the multiplication, which is libsodium's and takes the same
 * time whatever the private key. */
#include "engine_openssl.h"

#include <sodium.h>

enum { KEY_LEN = 32, MAX_AT_ONCE = MLS_DH_MAX_AT_ONCE };

typedef uint8_t point_t[KEY_LEN];

/* Numbers of one run, in a frame of the BN_CTX. */
typedef struct field {
    BN_CTX *ctx;
    const BIGNUM *prime;
    BIGNUM *above[MAX_AT_ONCE];    /* 1 + y */
    BIGNUM *below[MAX_AT_ONCE];    /* 1 - y */
    BIGNUM *products[MAX_AT_ONCE]; /* of all of `below` up to there */
    BIGNUM *inverse, *quotient;
} field_t;

static bool multiply(const field_t *f, BIGNUM *out, const BIGNUM *a, const BIGNUM *b)
{
    return BN_mod_mul(out, a, b, f->prime, f->ctx) == 1;
}

/* y of a point of edwards25519, whose last bit is the sign of x. */
static bool read_point(const field_t *f, size_t i, const point_t point)
{
    point_t y;
    memcpy(y, point, sizeof y);
    y[KEY_LEN - 1] &= 0x7f;
    return BN_lebin2bn(y, sizeof y, f->above[i]) != NULL &&
           BN_mod_sub_quick(f->below[i], BN_value_one(), f->above[i], f->prime) == 1 &&
           BN_mod_add_quick(f->above[i], f->above[i], BN_value_one(), f->prime) == 1 &&
           (i == 0 ? BN_copy(f->products[0], f->below[0]) != NULL
                   : multiply(f, f->products[i], f->products[i - 1], f->below[i]));
}

/* The last one's inverse is that of the product divided by all others; then the one before is the last. */
static bool write_key(const field_t *f, size_t i, point_t key)
{
    if (i == 0)
        return multiply(f, f->quotient, f->above[0], f->inverse) &&
               BN_bn2lebinpad(f->quotient, key, KEY_LEN) == KEY_LEN;
    return multiply(f, f->quotient, f->inverse, f->products[i - 1]) &&
           multiply(f, f->quotient, f->quotient, f->above[i]) &&
           BN_bn2lebinpad(f->quotient, key, KEY_LEN) == KEY_LEN &&
           multiply(f, f->inverse, f->inverse, f->below[i]);
}

static bool begin_field(field_t *f, const mls_openssl_t *openssl, size_t num)
{
    *f = (field_t){ .ctx = openssl->bn_ctx, .prime = openssl->prime_25519 };
    BN_CTX_start(f->ctx);
    for (size_t i = 0; i < num; i++) {
        f->above[i] = BN_CTX_get(f->ctx);
        f->below[i] = BN_CTX_get(f->ctx);
        f->products[i] = BN_CTX_get(f->ctx);
    }
    f->inverse = BN_CTX_get(f->ctx);
    f->quotient = BN_CTX_get(f->ctx);
    return f->quotient != NULL; /* after one that fails all others do */
}

/* Makes keys of points, in place. No point here has y = 1: that is the neutral element, which is no multiple
 * of the base point that a private key gives. */
static bool to_montgomery(const mls_openssl_t *openssl, point_t *points, size_t num)
{
    field_t f;
    bool good = begin_field(&f, openssl, num);
    for (size_t i = 0; good && i < num; i++)
        good = read_point(&f, i, points[i]);
    good = good && BN_mod_inverse(f.inverse, f.products[num - 1], f.prime, f.ctx) != NULL;
    for (size_t i = num; good && i-- > 0;)
        good = write_key(&f, i, points[i]);
    BN_CTX_end(f.ctx);
    return good;
}

static mls_status_t one_by_one(mls_crypto_t *crypto, uint8_t *public_keys, const uint8_t *private_keys,
                               size_t num)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < num; i++)
        status =
            mls_sodium_x25519.public_key(crypto, 0, public_keys + i * KEY_LEN, private_keys + i * KEY_LEN);
    return status;
}

/* libsodium refuses the scalar zero of edwards25519, which as a private key is as good as any once it is
 * clamped. */
static mls_status_t x25519_public_keys(mls_crypto_t *crypto, unsigned variant, uint8_t *public_keys,
                                       const uint8_t *private_keys, size_t num)
{
    point_t points[MAX_AT_ONCE];
    (void)variant;
    if (num == 0 || num > MAX_AT_ONCE)
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; i < num; i++)
        if (crypto_scalarmult_ed25519_base(points[i], private_keys + i * KEY_LEN) != 0)
            return one_by_one(crypto, public_keys, private_keys, num);
    if (!to_montgomery(crypto->openssl, points, num))
        return MLS_ERR_CRYPTO;
    memcpy(public_keys, points, num * KEY_LEN);
    return MLS_OK;
}

static mls_status_t x25519_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                      const uint8_t *private_key)
{
    return x25519_public_keys(crypto, variant, public_key, private_key, 1);
}

static mls_status_t x25519_shared(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                                  const uint8_t *private_key, const uint8_t *public_key)
{
    return mls_sodium_x25519.shared(crypto, variant, shared, private_key, public_key);
}

static mls_status_t x25519_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    return mls_sodium_x25519.check_public(crypto, variant, public_key);
}

const mls_dh_engine_t mls_both_x25519 = {
    .kem_id = 0x0020,
    .private_len = KEY_LEN,
    .public_len = KEY_LEN,
    .shared_len = KEY_LEN,
    .bitmask = 0xff,
    .public_key = x25519_public_key,
    .public_keys = x25519_public_keys,
    .shared = x25519_shared,
    .check_public = x25519_check_public,
};
