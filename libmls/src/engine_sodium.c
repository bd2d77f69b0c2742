/* engine_sodium.c -- Ed25519, X25519, ChaCha20-Poly1305 and randomness by libsodium. */
#include "suite.h"

#include <sodium.h>

mls_status_t mls_sodium_start(void)
{
    return sodium_init() < 0 ? MLS_ERR_CRYPTO : MLS_OK;
}

bool mls_sodium_random(void *arg, uint8_t *out, size_t len)
{
    (void)arg;
    randombytes_buf(out, len);
    return true;
}

void mls_sodium_sha256(uint8_t out[32], mls_view_t in)
{
    crypto_hash_sha256(out, in.data, in.len);
}

uint64_t mls_sodium_short_hash(const uint8_t key[16], mls_view_t in)
{
    uint8_t out[crypto_shorthash_BYTES];
    uint64_t hash = 0;
    crypto_shorthash(out, in.data, in.len, key);
    for (size_t i = 0; i < sizeof out; i++)
        hash = hash << 8 | out[i];
    return hash;
}

/* ---- Ed25519 (RFC 8032) -------------------------------------------------------------------------- */

static mls_status_t ed25519_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                       const uint8_t *private_key)
{
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    (void)crypto;
    (void)variant;
    const int failed = crypto_sign_seed_keypair(public_key, expanded, private_key);
    mls_wipe(expanded, sizeof expanded);
    return failed ? MLS_ERR_CRYPTO : MLS_OK;
}

static mls_status_t ed25519_key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                                     uint8_t *public_key)
{
    mls_status_t status = mls_crypto_random(crypto, private_key, crypto_sign_SEEDBYTES);
    if (status == MLS_OK)
        status = ed25519_public_key(crypto, variant, public_key, private_key);
    return status;
}

/* libsodium's secret key is the seed followed by the public key, so nothing is derived again. */
static mls_status_t ed25519_sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature,
                                 size_t *signature_len, const uint8_t *private_key, const uint8_t *public_key,
                                 mls_view_t message)
{
    uint8_t expanded[crypto_sign_SECRETKEYBYTES];
    (void)crypto;
    (void)variant;
    memcpy(expanded, private_key, crypto_sign_SEEDBYTES);
    memcpy(expanded + crypto_sign_SEEDBYTES, public_key, crypto_sign_PUBLICKEYBYTES);
    const int failed = crypto_sign_detached(signature, NULL, message.data, message.len, expanded);
    *signature_len = crypto_sign_BYTES;
    mls_wipe(expanded, sizeof expanded);
    return failed ? MLS_ERR_CRYPTO : MLS_OK;
}

static mls_status_t ed25519_verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                                   mls_view_t message, mls_view_t signature)
{
    (void)crypto;
    (void)variant;
    if (signature.len != crypto_sign_BYTES)
        return MLS_ERR_SIGNATURE;
    return crypto_sign_verify_detached(signature.data, message.data, message.len, public_key) == 0
               ? MLS_OK
               : MLS_ERR_SIGNATURE;
}

const mls_signature_engine_t mls_sodium_ed25519 = {
    .private_len = crypto_sign_SEEDBYTES,
    .public_len = crypto_sign_PUBLICKEYBYTES,
    .max_signature_len = crypto_sign_BYTES,
    .key_pair = ed25519_key_pair,
    .public_key = ed25519_public_key,
    .sign = ed25519_sign,
    .verify = ed25519_verify,
};

/* ---- X25519 (RFC 7748) --------------------------------------------------------------------------- */

static mls_status_t x25519_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                      const uint8_t *private_key)
{
    (void)crypto;
    (void)variant;
    return crypto_scalarmult_base(public_key, private_key) == 0 ? MLS_OK : MLS_ERR_CRYPTO;
}

/* libsodium answers -1 for the all-zero secret of a point of small order (RFC 9180, Section 7.1.4). */
static mls_status_t x25519_shared(mls_crypto_t *crypto, unsigned variant, uint8_t *shared,
                                  const uint8_t *private_key, const uint8_t *public_key)
{
    (void)crypto;
    (void)variant;
    if (crypto_scalarmult(shared, private_key, public_key) == 0)
        return MLS_OK;
    mls_wipe(shared, crypto_scalarmult_BYTES);
    return MLS_ERR_INVALID;
}

/* The encodings of points of small order: with any of them every shared secret is zero. The coordinates are
 * 0, 1, two of order 8, -1, and 0 and 1 again with the field's prime added. */
static const uint8_t x25519_small_order[][crypto_scalarmult_BYTES] = {
    { 0 },
    { 1 },
    { 0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4, 0x6a,
      0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00 },
    { 0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef, 0x5b,
      0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57 },
    { 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
    { 0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
};

/* Any other 32 bytes are a public key. In a tree that is joined there are as many keys as nodes, so they are
 * compared, not multiplied; the keys are public. */
static mls_status_t x25519_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    uint8_t key[crypto_scalarmult_BYTES];

    (void)crypto;
    (void)variant;
    memcpy(key, public_key, sizeof key);
    key[sizeof key - 1] &= 0x7f; /* RFC 7748, Section 5: the highest bit does not count */
    for (size_t i = 0; i < sizeof x25519_small_order / sizeof *x25519_small_order; i++)
        if (memcmp(key, x25519_small_order[i], sizeof key) == 0)
            return MLS_ERR_INVALID;
    return MLS_OK;
}

const mls_dh_engine_t mls_sodium_x25519 = {
    .kem_id = 0x0020,
    .private_len = crypto_scalarmult_SCALARBYTES,
    .public_len = crypto_scalarmult_BYTES,
    .shared_len = crypto_scalarmult_BYTES,
    .bitmask = 0xff,
    .public_key = x25519_public_key,
    .shared = x25519_shared,
    .check_public = x25519_check_public,
};

/* ---- ChaCha20-Poly1305 (RFC 8439) ---------------------------------------------------------------- */

static mls_status_t chacha20poly1305_seal(mls_crypto_t *crypto, unsigned variant, uint8_t *out,
                                          const uint8_t *key, const uint8_t *nonce, mls_view_t aad,
                                          mls_view_t plaintext)
{
    (void)crypto;
    (void)variant;
    return crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, plaintext.data, plaintext.len, aad.data,
                                                     aad.len, NULL, nonce, key) == 0
               ? MLS_OK
               : MLS_ERR_CRYPTO;
}

static mls_status_t chacha20poly1305_open(mls_crypto_t *crypto, unsigned variant, uint8_t *out,
                                          const uint8_t *key, const uint8_t *nonce, mls_view_t aad,
                                          mls_view_t ciphertext)
{
    (void)crypto;
    (void)variant;
    if (ciphertext.len < MLS_AEAD_TAG_LEN)
        return MLS_ERR_DECRYPT;
    if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, ciphertext.data, ciphertext.len, aad.data,
                                                  aad.len, nonce, key) == 0)
        return MLS_OK;
    mls_wipe(out, ciphertext.len - MLS_AEAD_TAG_LEN);
    return MLS_ERR_DECRYPT;
}

const mls_aead_engine_t mls_sodium_chacha20poly1305 = {
    .aead_id = 0x0003,
    .key_len = crypto_aead_chacha20poly1305_ietf_KEYBYTES,
    .nonce_len = crypto_aead_chacha20poly1305_ietf_NPUBBYTES,
    .seal = chacha20poly1305_seal,
    .open = chacha20poly1305_open,
};
