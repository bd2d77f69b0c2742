/* engine_openssl_cfrg.c -- X25519 and X448 (RFC 7748), Ed25519 and Ed448 (RFC 8032) by OpenSSL. */
#include "engine_openssl.h"
#include "small_order.h"

/* The variants of the engines. */
typedef enum variant { OF_25519, OF_448 } variant_t;

typedef struct kind {
    int type;
    size_t len; /* bytes of a key, private or public */
} kind_t;

static const kind_t dh_kinds[] = {
    [OF_25519] = { EVP_PKEY_X25519, MLS_25519_LEN },
    [OF_448] = { EVP_PKEY_X448, MLS_X448_LEN },
};
static const kind_t signature_kinds[] = {
    [OF_25519] = { EVP_PKEY_ED25519, MLS_25519_LEN },
    [OF_448] = { EVP_PKEY_ED448, MLS_ED448_LEN },
};

static EVP_PKEY *private_pkey(const kind_t *kind, const uint8_t *key)
{
    return EVP_PKEY_new_raw_private_key(kind->type, NULL, key, kind->len);
}

static EVP_PKEY *public_pkey(const kind_t *kind, const uint8_t *key)
{
    return EVP_PKEY_new_raw_public_key(kind->type, NULL, key, kind->len);
}

static mls_status_t derive_public(const kind_t *kind, uint8_t *public_key, const uint8_t *private_key)
{
    size_t len = kind->len;
    EVP_PKEY *pkey = private_pkey(kind, private_key);
    const bool good =
        pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, public_key, &len) == 1 && len == kind->len;
    EVP_PKEY_free(pkey);
    return good ? MLS_OK : MLS_ERR_CRYPTO;
}

/* ---- X25519 and X448 ----------------------------------------------------------------------------- */

static mls_status_t dh_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                  const uint8_t *private_key)
{
    (void)crypto;
    return derive_public(&dh_kinds[variant], public_key, private_key);
}

/* OpenSSL refuses the all-zero secret of a point of small order (RFC 9180, Section 7.1.4). */
static mls_status_t derive_shared(const kind_t *kind, uint8_t *shared, const uint8_t *private_key,
                                  const uint8_t *public_key)
{
    return mls_openssl_derive(shared, kind->len, private_pkey(kind, private_key),
                              public_pkey(kind, public_key));
}

static mls_status_t dh_shared(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                              const uint8_t *private_key, const uint8_t *public_key)
{
    const kind_t *kind = &dh_kinds[variant];
    (void)crypto;
    mls_status_t status = derive_shared(kind, shared, private_key, public_key);
    return status == MLS_ERR_INVALID ? derive_shared(kind, shared, private_key, public_key) : status;
}

/* Any bytes of that length are a public key, but those few. */
static mls_status_t dh_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    (void)crypto;
    const bool is_bad =
        variant == OF_25519 ? mls_x25519_is_small_order(public_key) : mls_x448_is_small_order(public_key);
    return is_bad ? MLS_ERR_INVALID : MLS_OK;
}

#define DH_ENGINE(of, hpke_id, bytes)                                                                        \
    {                                                                                                        \
        .variant = of, .kem_id = hpke_id, .private_len = bytes, .public_len = bytes, .shared_len = bytes,    \
        .bitmask = 0xff, .public_key = dh_public_key, .shared = dh_shared, .check_public = dh_check_public,  \
    }

const mls_dh_engine_t mls_openssl_x25519 = DH_ENGINE(OF_25519, 0x0020, MLS_25519_LEN);
const mls_dh_engine_t mls_openssl_x448 = DH_ENGINE(OF_448, 0x0021, MLS_X448_LEN);

/* ---- Ed25519 and Ed448 --------------------------------------------------------------------------- */

static mls_status_t eddsa_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                     const uint8_t *private_key)
{
    (void)crypto;
    return derive_public(&signature_kinds[variant], public_key, private_key);
}

static mls_status_t eddsa_key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                                   uint8_t *public_key)
{
    mls_status_t status = mls_crypto_random(crypto, private_key, signature_kinds[variant].len);
    return status == MLS_OK ? eddsa_public_key(crypto, variant, public_key, private_key) : status;
}

static mls_status_t eddsa_sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature,
                               size_t *signature_len, const uint8_t *private_key, const uint8_t *public_key,
                               mls_view_t message)
{
    const kind_t *kind = &signature_kinds[variant];
    (void)crypto;
    (void)public_key;
    return mls_openssl_sign(signature, signature_len, 2 * kind->len, private_pkey(kind, private_key), NULL,
                            message);
}

/* Whether the y of an edwards25519 point is below the field's prime, 2^255 - 19. */
static bool is_canonical_25519(const uint8_t *point)
{
    bool is_high = (point[MLS_25519_LEN - 1] & 0x7f) == 0x7f;
    for (size_t i = 1; i < MLS_25519_LEN - 1; i++)
        is_high = is_high && point[i] == 0xff;
    return !is_high || point[0] < 0xed;
}

/* OpenSSL takes a key of small order, under which one signature holds for any message, and for Ed25519 a
 * second encoding of some points. libsodium takes neither, and members with different engines must agree. */
static bool is_strict(unsigned variant, const uint8_t *public_key, mls_view_t signature)
{
    if (variant == OF_448)
        return !mls_ed448_is_small_order(public_key);
    return signature.len == 2 * MLS_25519_LEN && is_canonical_25519(public_key) &&
           !mls_ed25519_is_small_order(public_key) && !mls_ed25519_is_small_order(signature.data);
}

static mls_status_t eddsa_verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                                 mls_view_t message, mls_view_t signature)
{
    const kind_t *kind = &signature_kinds[variant];
    (void)crypto;
    if (!is_strict(variant, public_key, signature))
        return MLS_ERR_SIGNATURE;
    mls_status_t status = mls_openssl_verify(public_pkey(kind, public_key), NULL, message, signature);
    return status == MLS_ERR_SIGNATURE
               ? mls_openssl_verify(public_pkey(kind, public_key), NULL, message, signature)
               : status;
}

#define SIGNATURE_ENGINE(of, bytes)                                                                          \
    {                                                                                                        \
        .variant = of, .private_len = bytes, .public_len = bytes, .max_signature_len = 2 * (bytes),          \
        .key_pair = eddsa_key_pair, .public_key = eddsa_public_key, .sign = eddsa_sign,                      \
        .verify = eddsa_verify,                                                                              \
    }

const mls_signature_engine_t mls_openssl_ed25519 = SIGNATURE_ENGINE(OF_25519, MLS_25519_LEN);
const mls_signature_engine_t mls_openssl_ed448 = SIGNATURE_ENGINE(OF_448, MLS_ED448_LEN);
