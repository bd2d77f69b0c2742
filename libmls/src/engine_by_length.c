/* engine_by_length.c -- what is short by libsodium, what is long by OpenSSL: libsodium has less to set up,
 * and the faster curve; OpenSSL has the faster hash and stream cipher. Results are the same, and so are
 * verdicts. */
#include "engine.h"

/* In bytes, by measurement: from here on OpenSSL is the faster one. */
enum { LONG_MESSAGE = 128 * 1024, LONG_PLAINTEXT = 1024 };

/* ---- Ed25519 ------------------------------------------------------------------------------------- */

static mls_status_t ed25519_key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                                     uint8_t *public_key)
{
    return mls_sodium_ed25519.key_pair(crypto, variant, private_key, public_key);
}

static mls_status_t ed25519_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                       const uint8_t *private_key)
{
    return mls_sodium_ed25519.public_key(crypto, variant, public_key, private_key);
}

/* Ed25519 is deterministic: who signs makes no difference. */
static mls_status_t ed25519_sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature,
                                 size_t *signature_len, const uint8_t *private_key, const uint8_t *public_key,
                                 mls_view_t message)
{
    const mls_signature_engine_t *openssl = &mls_openssl_ed25519;
    if (message.len >= LONG_MESSAGE && openssl->sign(crypto, openssl->variant, signature, signature_len,
                                                     private_key, public_key, message) == MLS_OK)
        return MLS_OK;
    return mls_sodium_ed25519.sign(crypto, variant, signature, signature_len, private_key, public_key,
                                   message);
}

/* The verdict is libsodium's at any length, and the same as everybody's: what OpenSSL does not take, be it
 * for want of memory, libsodium is asked about. Whatever OpenSSL takes libsodium takes. */
static mls_status_t ed25519_verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                                   mls_view_t message, mls_view_t signature)
{
    const mls_signature_engine_t *openssl = &mls_openssl_ed25519;
    if (message.len >= LONG_MESSAGE &&
        openssl->verify(crypto, openssl->variant, public_key, message, signature) == MLS_OK)
        return MLS_OK;
    return mls_sodium_ed25519.verify(crypto, variant, public_key, message, signature);
}

const mls_signature_engine_t mls_both_ed25519 = {
    .private_len = 32,
    .public_len = 32,
    .max_signature_len = 64,
    .key_pair = ed25519_key_pair,
    .public_key = ed25519_public_key,
    .sign = ed25519_sign,
    .verify = ed25519_verify,
};

/* ---- ChaCha20-Poly1305 --------------------------------------------------------------------------- */

static const mls_aead_engine_t *aead_engine(size_t len)
{
    return len < LONG_PLAINTEXT ? &mls_sodium_chacha20poly1305 : &mls_openssl_chacha20poly1305;
}

static mls_status_t seal(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t plaintext)
{
    const mls_aead_engine_t *engine = aead_engine(plaintext.len);
    (void)variant;
    return engine->seal(crypto, engine->variant, out, key, nonce, aad, plaintext);
}

static mls_status_t open(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t ciphertext)
{
    const mls_aead_engine_t *engine = aead_engine(ciphertext.len);
    (void)variant;
    return engine->open(crypto, engine->variant, out, key, nonce, aad, ciphertext);
}

const mls_aead_engine_t mls_both_chacha20poly1305 = {
    .aead_id = 0x0003,
    .key_len = 32,
    .nonce_len = 12,
    .seal = seal,
    .open = open,
};
