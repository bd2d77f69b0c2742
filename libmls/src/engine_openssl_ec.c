/* engine_openssl_ec.c -- ECDH and ECDSA on the NIST curves by OpenSSL (RFC 9180, Section 4.1; RFC 9420,
 * Section 5.1.1): public keys are uncompressed points, private keys big-endian integers, signatures DER. */
#include "engine_openssl.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

typedef struct curve {
    int nid;
    const char *name;
    size_t private_len, public_len;
    uint8_t bitmask; /* of the first byte of a private key */
    unsigned hash;   /* that ECDSA signs with */
    size_t max_signature_len;
    const uint8_t *order; /* of the group, private_len bytes */
} curve_t;

enum { P256, P384, P521 };

/* SEC 2, Sections 2.4.2, 2.5.1 and 2.6.1. */
static const uint8_t order_256[32] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                       0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
static const uint8_t order_384[48] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73
};
static const uint8_t order_521[66] = { 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                       0xfa, 0x51, 0x86, 0x87, 0x83, 0xbf, 0x2f, 0x96, 0x6b, 0x7f, 0xcc,
                                       0x01, 0x48, 0xf7, 0x09, 0xa5, 0xd0, 0x3b, 0xb5, 0xc9, 0xb8, 0x89,
                                       0x9c, 0x47, 0xae, 0xbb, 0x6f, 0xb7, 0x1e, 0x91, 0x38, 0x64, 0x09 };

static const curve_t curves[] = {
    [P256] = { NID_X9_62_prime256v1, "P-256", 32, 65, 0xff, MLS_OPENSSL_SHA256, 72, order_256 },
    [P384] = { NID_secp384r1, "P-384", 48, 97, 0xff, MLS_OPENSSL_SHA384, 104, order_384 },
    [P521] = { NID_secp521r1, "P-521", 66, 133, 0x01, MLS_OPENSSL_SHA512, 139, order_521 },
};

/* ---- keys ---------------------------------------------------------------------------------------- */

static BIGNUM *read_scalar(const uint8_t *private_key, size_t len)
{
    BIGNUM *scalar = BN_secure_new();
    if (scalar == NULL)
        return NULL;
    BN_set_flags(scalar, BN_FLG_CONSTTIME);
    if (BN_bin2bn(private_key, (int)len, scalar) == NULL) {
        BN_clear_free(scalar);
        return NULL;
    }
    return scalar;
}

/* An integer from 1 to the order of the group, exclusive. It needs no memory, for lack of which DeriveKeyPair
 * would go on to another key than all others derive; and no time that depends on the key. */
static bool is_private_key(const curve_t *curve, const uint8_t *private_key)
{
    unsigned borrow = 0, bits = 0;
    for (size_t i = curve->private_len; i-- > 0;) {
        bits |= private_key[i];
        borrow = ((unsigned)private_key[i] - curve->order[i] - borrow) >> 8 & 1;
    }
    return bits != 0 && borrow == 1;
}

static mls_status_t derive_public(const curve_t *curve, uint8_t *public_key, const uint8_t *private_key)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    BIGNUM *scalar = read_scalar(private_key, curve->private_len);
    BN_CTX *ctx = BN_CTX_secure_new();
    const bool good = point != NULL && scalar != NULL && ctx != NULL &&
                      EC_POINT_mul(group, point, scalar, NULL, NULL, ctx) == 1 &&
                      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public_key,
                                         curve->public_len, ctx) == curve->public_len;
    BN_CTX_free(ctx);
    BN_clear_free(scalar);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    return good ? MLS_OK : MLS_ERR_CRYPTO;
}

/* A point on the curve, uncompressed, and not the one at infinity. */
static mls_status_t check_public(const curve_t *curve, const uint8_t *public_key)
{
    ERR_set_mark();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(curve->nid);
    EC_POINT *point = group == NULL ? NULL : EC_POINT_new(group);
    mls_status_t status = point == NULL ? MLS_ERR_CRYPTO : MLS_ERR_INVALID;
    if (point != NULL && public_key[0] == POINT_CONVERSION_UNCOMPRESSED &&
        EC_POINT_oct2point(group, point, public_key, curve->public_len, NULL) == 1 &&
        EC_POINT_is_at_infinity(group, point) == 0)
        status = MLS_OK;
    EC_POINT_free(point);
    EC_GROUP_free(group);
    ERR_pop_to_mark();
    return status;
}

/* One of the keys is NULL. NULL for what is no key; a public one is checked as above, its form here: OpenSSL
 * would take the hybrid one too. */
static EVP_PKEY *make_pkey(const curve_t *curve, const uint8_t *private_key, const uint8_t *public_key)
{
    EVP_PKEY *pkey = NULL;
    if (public_key != NULL && public_key[0] != POINT_CONVERSION_UNCOMPRESSED)
        return NULL;
    ERR_set_mark();
    BIGNUM *scalar = private_key == NULL ? NULL : read_scalar(private_key, curve->private_len);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *params = NULL;
    const bool built =
        builder != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) == 1 &&
        (scalar == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1) &&
        (public_key == NULL || OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                                                curve->public_len) == 1);
    if (built && (scalar != NULL || public_key != NULL))
        params = OSSL_PARAM_BLD_to_param(builder);
    if (params != NULL && ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &pkey, private_key != NULL ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) !=
            1)
        pkey = NULL;
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_BLD_free(builder);
    BN_clear_free(scalar);
    ERR_pop_to_mark();
    return pkey;
}

/* ---- ECDH ---------------------------------------------------------------------------------------- */

static bool ec_is_private_key(unsigned variant, const uint8_t *private_key)
{
    return is_private_key(&curves[variant], private_key);
}

static mls_status_t ec_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                  const uint8_t *private_key)
{
    (void)crypto;
    return derive_public(&curves[variant], public_key, private_key);
}

static mls_status_t derive_shared(const curve_t *curve, uint8_t *shared, const uint8_t *private_key,
                                  const uint8_t *public_key)
{
    return mls_openssl_derive(shared, curve->private_len, make_pkey(curve, private_key, NULL),
                              make_pkey(curve, NULL, public_key));
}

static mls_status_t ec_shared(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                              const uint8_t *private_key, const uint8_t *public_key)
{
    const curve_t *curve = &curves[variant];
    (void)crypto;
    mls_status_t status = derive_shared(curve, shared, private_key, public_key);
    return status == MLS_ERR_INVALID ? derive_shared(curve, shared, private_key, public_key) : status;
}

static mls_status_t ec_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    (void)crypto;
    mls_status_t status = check_public(&curves[variant], public_key);
    return status == MLS_ERR_INVALID ? check_public(&curves[variant], public_key) : status;
}

/* ---- ECDSA --------------------------------------------------------------------------------------- */

/* Numbers of the host's source until one is a private key; with the bits above the order masked two tries
 * are seldom needed. */
static mls_status_t ec_key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                                uint8_t *public_key)
{
    enum { MAX_TRIES = 256 };
    const curve_t *curve = &curves[variant];
    mls_status_t status = MLS_OK;
    for (int i = 0; status == MLS_OK && i < MAX_TRIES; i++) {
        status = mls_crypto_random(crypto, private_key, curve->private_len);
        private_key[0] &= curve->bitmask;
        if (status == MLS_OK && is_private_key(curve, private_key))
            return derive_public(curve, public_key, private_key);
    }
    mls_wipe(private_key, curve->private_len);
    return MLS_ERR_CRYPTO;
}

/* The number that ECDSA takes for each signature is OpenSSL's, of its own source of randomness. */
static mls_status_t ec_sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature, size_t *signature_len,
                            const uint8_t *private_key, const uint8_t *public_key, mls_view_t message)
{
    const curve_t *curve = &curves[variant];
    (void)public_key;
    return mls_openssl_sign(signature, signature_len, curve->max_signature_len,
                            make_pkey(curve, private_key, NULL), crypto->openssl->hashes[curve->hash].md,
                            message);
}

static mls_status_t ec_verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                              mls_view_t message, mls_view_t signature)
{
    const curve_t *curve = &curves[variant];
    const EVP_MD *md = crypto->openssl->hashes[curve->hash].md;
    mls_status_t status = mls_openssl_verify(make_pkey(curve, NULL, public_key), md, message, signature);
    return status == MLS_ERR_SIGNATURE
               ? mls_openssl_verify(make_pkey(curve, NULL, public_key), md, message, signature)
               : status;
}

/* ---- engines ------------------------------------------------------------------------------------- */

#define DH_ENGINE(curve, hpke_id, bytes, mask)                                                               \
    {                                                                                                        \
        .variant = curve, .kem_id = hpke_id, .private_len = bytes, .public_len = 2 * (bytes) + 1,            \
        .shared_len = bytes, .bitmask = mask, .is_private_key = ec_is_private_key,                           \
        .public_key = ec_public_key, .shared = ec_shared, .check_public = ec_check_public,                   \
    }

#define SIGNATURE_ENGINE(curve, bytes, max_len)                                                              \
    {                                                                                                        \
        .variant = curve, .private_is_integer = true, .private_len = bytes, .public_len = 2 * (bytes) + 1,   \
        .max_signature_len = max_len, .key_pair = ec_key_pair, .public_key = ec_public_key, .sign = ec_sign, \
        .verify = ec_verify,                                                                                 \
    }

const mls_dh_engine_t mls_openssl_p256 = DH_ENGINE(P256, 0x0010, 32, 0xff);
const mls_dh_engine_t mls_openssl_p384 = DH_ENGINE(P384, 0x0011, 48, 0xff);
const mls_dh_engine_t mls_openssl_p521 = DH_ENGINE(P521, 0x0012, 66, 0x01);

const mls_signature_engine_t mls_openssl_ecdsa_p256 = SIGNATURE_ENGINE(P256, 32, 72);
const mls_signature_engine_t mls_openssl_ecdsa_p384 = SIGNATURE_ENGINE(P384, 48, 104);
const mls_signature_engine_t mls_openssl_ecdsa_p521 = SIGNATURE_ENGINE(P521, 66, 139);
