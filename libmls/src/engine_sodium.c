/* engine_sodium.c -- Ed25519, X25519, ChaCha20-Poly1305, SHA-256 and randomness by libsodium. */
#include "small_order.h"
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

void mls_sodium_digest(uint8_t out[32], mls_view_t in)
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

/* ---- SHA-256 and HMAC ---------------------------------------------------------------------------- */

static mls_status_t sha256(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const mls_view_t *parts,
                           size_t num_parts)
{
    crypto_hash_sha256_state state;
    (void)crypto;
    (void)variant;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < num_parts; i++)
        crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
    crypto_hash_sha256_final(&state, out);
    mls_wipe(&state, sizeof state);
    return MLS_OK;
}

static mls_status_t hmac_sha256(mls_crypto_t *crypto, unsigned variant, uint8_t *out, mls_view_t key,
                                const mls_view_t *parts, size_t num_parts)
{
    static const uint8_t empty[1]; /* the key must not be NULL */
    crypto_auth_hmacsha256_state state;
    (void)crypto;
    (void)variant;
    crypto_auth_hmacsha256_init(&state, key.len == 0 ? empty : key.data, key.len);
    for (size_t i = 0; i < num_parts; i++)
        crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].len);
    crypto_auth_hmacsha256_final(&state, out);
    mls_wipe(&state, sizeof state);
    return MLS_OK;
}

const mls_hash_engine_t mls_sodium_sha256 = {
    .kdf_id = 0x0001,
    .len = crypto_hash_sha256_BYTES,
    .hash = sha256,
    .hmac = hmac_sha256,
};

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

/* Any 32 bytes are a public key, but those few. */
static mls_status_t x25519_check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    (void)crypto;
    (void)variant;
    return mls_x25519_is_small_order(public_key) ? MLS_ERR_INVALID : MLS_OK;
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
