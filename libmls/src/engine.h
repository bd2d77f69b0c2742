/* engine.h -- cipher suites as rows of engines, and engines as tables of functions.
 *
 * An engine does one primitive of one library. A suite is one line of the table in suite.c that names an
 * engine for each primitive; which library that is, nobody above suite.c knows. Engines keep what can be
 * reused (fetched algorithms, contexts) in the mls_crypto_t, never outside. */
#ifndef MLS_ENGINE_H
#define MLS_ENGINE_H

#include "mls/crypto.h"
#include "mls/x509.h"
#include "secret.h"

enum {
    MLS_MAX_KEY_LEN = 32,         /* AEAD key */
    MLS_MAX_NONCE_LEN = 12,       /* AEAD nonce */
    MLS_AEAD_TAG_LEN = 16,        /* of every AEAD of RFC 9420, Section 17.1 */
    MLS_MAX_KEM_PRIVATE_LEN = 66, /* P-521 */
    MLS_MAX_KEM_PUBLIC_LEN = 133, /* P-521, uncompressed */
    MLS_MAX_DH_LEN = 66,
    MLS_MAX_SIGNATURE_PRIVATE_LEN = 66, /* P-521 */
    MLS_DH_MAX_AT_ONCE = 32             /* public keys in one call */
};

typedef struct mls_hash_engine {
    unsigned variant; /* handed to the functions, which may serve several engines; so below */
    uint16_t kdf_id;  /* of HKDF with this hash: RFC 9180, Section 7.2 */
    size_t len;       /* bytes of a hash; KDF.Nh of RFC 9420, Section 5.1 */
    mls_status_t (*hash)(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const mls_view_t *parts,
                         size_t num_parts);
    mls_status_t (*hmac)(mls_crypto_t *crypto, unsigned variant, uint8_t *out, mls_view_t key,
                         const mls_view_t *parts, size_t num_parts);
} mls_hash_engine_t;

typedef struct mls_aead_engine {
    unsigned variant;
    uint16_t aead_id; /* RFC 9180, Section 7.3 */
    size_t key_len, nonce_len;
    /* `out` takes plaintext.len + MLS_AEAD_TAG_LEN bytes. */
    mls_status_t (*seal)(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t plaintext);
    /* `out` takes ciphertext.len - MLS_AEAD_TAG_LEN bytes; MLS_ERR_DECRYPT leaves it wiped. */
    mls_status_t (*open)(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t ciphertext);
} mls_aead_engine_t;

/* The Diffie-Hellman group of a DHKEM (RFC 9180, Section 4.1). Private keys come from hpke.c's
 * DeriveKeyPair; `bitmask` is that of RFC 9180, Section 7.1.3 for the NIST curves, else 0xff. */
typedef struct mls_dh_engine {
    unsigned variant;
    uint16_t kem_id; /* of the DHKEM: RFC 9180, Section 7.1 */
    size_t private_len, public_len, shared_len;
    uint8_t bitmask;
    /* NULL: every string of private_len bytes is a private key. Else DeriveKeyPair tries until it finds one
     * (RFC 9180, Section 7.1.3). */
    bool (*is_private_key)(unsigned variant, const uint8_t *private_key);
    mls_status_t (*public_key)(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                               const uint8_t *private_key);
    /* Several at once, up to MLS_DH_MAX_AT_ONCE, in less time; NULL: there is no such way. */
    mls_status_t (*public_keys)(mls_crypto_t *crypto, unsigned variant, uint8_t *public_keys,
                                const uint8_t *private_keys, size_t num);
    /* MLS_ERR_INVALID for a public key that is no point or gives the all-zero secret. */
    mls_status_t (*shared)(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                           const uint8_t *private_key, const uint8_t *public_key);
    /* MLS_ERR_INVALID for what is not the encoding of a public key, or gives the all-zero secret. */
    mls_status_t (*check_public)(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key);
} mls_dh_engine_t;

typedef struct mls_signature_engine {
    unsigned variant;
    bool private_is_integer; /* it may come without its leading zeros */
    size_t private_len;      /* bytes; the seed of EdDSA */
    size_t public_len;
    size_t max_signature_len;
    mls_status_t (*key_pair)(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                             uint8_t *public_key);
    mls_status_t (*public_key)(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                               const uint8_t *private_key);
    mls_status_t (*sign)(mls_crypto_t *crypto, unsigned variant, uint8_t *signature, size_t *signature_len,
                         const uint8_t *private_key, const uint8_t *public_key, mls_view_t message);
    mls_status_t (*verify)(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                           mls_view_t message, mls_view_t signature);
} mls_signature_engine_t;

/* Certificates, decoded. */
typedef struct mls_x509_chain mls_x509_chain_t;

typedef struct mls_x509_engine {
    /* Decodes certificates, each from its first byte to its last. MLS_ERR_MALFORMED, also if there is none.
     */
    mls_status_t (*decode)(mls_x509_chain_t **out, const mls_view_t *certificates, size_t count);
    void (*free)(mls_x509_chain_t *chain);
    /* Whether the first one is for that key, in the form of RFC 9420, Section 5.1.1. */
    bool (*has_key)(const mls_x509_chain_t *chain, mls_view_t signature_key);
    /* Whether issuers stand behind what they have issued; by their names. */
    bool (*is_ordered)(const mls_x509_chain_t *chain);
    /* For these see mls/x509.h. `*reason` is always set. */
    mls_status_t (*trust_new)(mls_x509_trust_t **out);
    void (*trust_free)(mls_x509_trust_t *trust);
    mls_status_t (*trust_add)(mls_x509_trust_t *trust, mls_view_t certificates);
    mls_status_t (*verify)(const mls_x509_trust_t *trust, const mls_x509_chain_t *chain, uint64_t now,
                           const char **reason);
    mls_status_t (*names)(const mls_x509_chain_t *chain, mls_x509_name_fn *visit, void *arg);
} mls_x509_engine_t;

/* By libsodium and OpenSSL together. */
extern const mls_dh_engine_t mls_both_x25519;
extern const mls_signature_engine_t mls_both_ed25519;
extern const mls_aead_engine_t mls_both_chacha20poly1305;
/* The engines of one library. Those of OpenSSL, and that of both, are not there in a build without it. */
extern const mls_hash_engine_t mls_openssl_sha256;
extern const mls_hash_engine_t mls_openssl_sha384;
extern const mls_hash_engine_t mls_openssl_sha512;
extern const mls_aead_engine_t mls_openssl_aes128gcm;
extern const mls_aead_engine_t mls_openssl_aes256gcm;
extern const mls_aead_engine_t mls_openssl_chacha20poly1305;
extern const mls_dh_engine_t mls_openssl_p256;
extern const mls_dh_engine_t mls_openssl_p384;
extern const mls_dh_engine_t mls_openssl_p521;
extern const mls_dh_engine_t mls_openssl_x25519;
extern const mls_dh_engine_t mls_openssl_x448;
extern const mls_signature_engine_t mls_openssl_ecdsa_p256;
extern const mls_signature_engine_t mls_openssl_ecdsa_p384;
extern const mls_signature_engine_t mls_openssl_ecdsa_p521;
extern const mls_signature_engine_t mls_openssl_ed25519;
extern const mls_signature_engine_t mls_openssl_ed448;
extern const mls_x509_engine_t mls_openssl_x509;
extern const mls_hash_engine_t mls_sodium_sha256;
extern const mls_aead_engine_t mls_sodium_chacha20poly1305;
extern const mls_dh_engine_t mls_sodium_x25519;
extern const mls_signature_engine_t mls_sodium_ed25519;

/* Randomness of the operating system. */
bool mls_sodium_random(void *arg, uint8_t *out, size_t len);

/* SHA-256 without a context, for names in stores. */
void mls_sodium_digest(uint8_t out[32], mls_view_t in);
/* SipHash-2-4: places in hash tables that nobody outside can foresee. */
uint64_t mls_sodium_short_hash(const uint8_t key[16], mls_view_t in);

/* What the OpenSSL engines keep in a mls_crypto_t; not there in a build without OpenSSL. */
typedef struct mls_openssl mls_openssl_t;
MLS_MUST_USE mls_status_t mls_openssl_new(mls_openssl_t **out);
void mls_openssl_free(mls_openssl_t *openssl);
/* Takes the keys out of its contexts that they were used with last. False: OpenSSL failed, and they may be
 * there. */
MLS_MUST_USE bool mls_openssl_forget(mls_openssl_t *openssl);
/* Initialises libsodium; may be called any number of times. */
MLS_MUST_USE mls_status_t mls_sodium_start(void);

#endif
