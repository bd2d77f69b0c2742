/* engine_openssl_448.c -- X448 (RFC 7748) and Ed448 (RFC 8032) by OpenSSL. */
#include "engine_openssl.h"

enum { X448_LEN = 56, ED448_LEN = 57, ED448_SIGNATURE_LEN = 114 };

static EVP_PKEY *private_pkey(int type, const uint8_t *key, size_t len)
{
    return EVP_PKEY_new_raw_private_key(type, NULL, key, len);
}

static EVP_PKEY *public_pkey(int type, const uint8_t *key, size_t len)
{
    return EVP_PKEY_new_raw_public_key(type, NULL, key, len);
}

static mls_status_t derive_public(int type, uint8_t *public_key, const uint8_t *private_key, size_t len)
{
    size_t got = len;
    EVP_PKEY *pkey = private_pkey(type, private_key, len);
    const bool good = pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, public_key, &got) == 1 && got == len;
    EVP_PKEY_free(pkey);
    return good ? MLS_OK : MLS_ERR_CRYPTO;
}

/* ---- X448 ---------------------------------------------------------------------------------------- */

static mls_status_t x448_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                    const uint8_t *private_key)
{
    (void)crypto;
    (void)variant;
    return derive_public(EVP_PKEY_X448, public_key, private_key, X448_LEN);
}

/* OpenSSL refuses the all-zero secret of a point of small order (RFC 9180, Section 7.1.4). */
static mls_status_t x448_shared(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                                const uint8_t *private_key, const uint8_t *public_key)
{
    (void)crypto;
    (void)variant;
    return mls_openssl_derive(shared, X448_LEN, private_pkey(EVP_PKEY_X448, private_key, X448_LEN),
                              public_pkey(EVP_PKEY_X448, public_key, X448_LEN));
}

/* The bytes of the points of small order, from the lowest: with any of them every shared secret is zero. They
 * are 0, 1, -1, and the first two again with the field's prime 2^448 - 2^224 - 1 added. */
static const struct {
    uint8_t lowest, to_27, at_28, from_29;
} x448_small_order[] = {
    { 0x00, 0x00, 0x00, 0x00 }, { 0x01, 0x00, 0x00, 0x00 }, { 0xfe, 0xff, 0xfe, 0xff },
    { 0xff, 0xff, 0xfe, 0xff }, { 0x00, 0x00, 0xff, 0xff },
};

/* Any other 56 bytes are a public key; the keys are public. */
static mls_status_t x448_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    (void)crypto;
    (void)variant;
    for (size_t n = 0; n < sizeof x448_small_order / sizeof *x448_small_order; n++) {
        uint8_t key[X448_LEN];
        memset(key, x448_small_order[n].to_27, 28);
        memset(key + 28, x448_small_order[n].from_29, 28);
        key[0] = x448_small_order[n].lowest;
        key[28] = x448_small_order[n].at_28;
        if (memcmp(key, public_key, sizeof key) == 0)
            return MLS_ERR_INVALID;
    }
    return MLS_OK;
}

const mls_dh_engine_t mls_openssl_x448 = {
    .kem_id = 0x0021,
    .private_len = X448_LEN,
    .public_len = X448_LEN,
    .shared_len = X448_LEN,
    .bitmask = 0xff,
    .public_key = x448_public_key,
    .shared = x448_shared,
    .check_public = x448_check_public,
};

/* ---- Ed448 --------------------------------------------------------------------------------------- */

static mls_status_t ed448_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                     const uint8_t *private_key)
{
    (void)crypto;
    (void)variant;
    return derive_public(EVP_PKEY_ED448, public_key, private_key, ED448_LEN);
}

static mls_status_t ed448_key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                                   uint8_t *public_key)
{
    mls_status_t status = mls_crypto_random(crypto, private_key, ED448_LEN);
    return status == MLS_OK ? ed448_public_key(crypto, variant, public_key, private_key) : status;
}

static mls_status_t ed448_sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature,
                               size_t *signature_len, const uint8_t *private_key, const uint8_t *public_key,
                               mls_view_t message)
{
    (void)crypto;
    (void)variant;
    (void)public_key;
    return mls_openssl_sign(signature, signature_len, ED448_SIGNATURE_LEN,
                            private_pkey(EVP_PKEY_ED448, private_key, ED448_LEN), NULL, message);
}

static mls_status_t ed448_verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                                 mls_view_t message, mls_view_t signature)
{
    (void)crypto;
    (void)variant;
    return mls_openssl_verify(public_pkey(EVP_PKEY_ED448, public_key, ED448_LEN), NULL, message, signature);
}

const mls_signature_engine_t mls_openssl_ed448 = {
    .private_len = ED448_LEN,
    .public_len = ED448_LEN,
    .max_signature_len = ED448_SIGNATURE_LEN,
    .key_pair = ed448_key_pair,
    .public_key = ed448_public_key,
    .sign = ed448_sign,
    .verify = ed448_verify,
};
