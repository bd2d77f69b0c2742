/* engine_openssl.c -- SHA-2, HMAC and AEADs by OpenSSL's libcrypto.
 *
 * What costs in OpenSSL 3 is fetching and making contexts, not computing; so each mls_crypto_t fetches once
 * and uses its contexts again. */
#include "engine_openssl.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <stdlib.h>

/* A context for HMAC with that digest, keyed anew for each use. */
static EVP_MAC_CTX *new_hmac(const char *digest)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); /* the context holds it */
    /* OSSL_PARAM takes a plain pointer, but the name is only read. */
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)(uintptr_t)digest,
                                                             0),
                            OSSL_PARAM_construct_end() };
    if (ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) != 1) {
        EVP_MAC_CTX_free(ctx);
        return NULL;
    }
    return ctx;
}

static EVP_CIPHER_CTX *new_cipher(const char *name)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *ctx = cipher == NULL ? NULL : EVP_CIPHER_CTX_new();
    if (ctx != NULL && EVP_EncryptInit_ex2(ctx, cipher, NULL, NULL, NULL) != 1) {
        EVP_CIPHER_CTX_free(ctx);
        ctx = NULL;
    }
    EVP_CIPHER_free(cipher); /* the context holds it */
    return ctx;
}

mls_status_t mls_openssl_new(mls_openssl_t **out)
{
    static const char *const hashes[] = { "SHA256", "SHA384", "SHA512" };
    static const char *const ciphers[] = { "AES-128-GCM", "AES-256-GCM", "ChaCha20-Poly1305" };
    mls_openssl_t *openssl = calloc(1, sizeof *openssl);
    bool good;

    *out = NULL;
    if (openssl == NULL)
        return MLS_ERR_NOMEM;
    good = (openssl->md_ctx = EVP_MD_CTX_new()) != NULL;
    for (size_t i = 0; good && i < MLS_OPENSSL_NUM_HASHES; i++)
        good = (openssl->hashes[i].md = EVP_MD_fetch(NULL, hashes[i], NULL)) != NULL &&
               (openssl->hashes[i].hmac = new_hmac(hashes[i])) != NULL;
    for (size_t i = 0; good && i < MLS_OPENSSL_NUM_CIPHERS; i++)
        good = (openssl->ciphers[i] = new_cipher(ciphers[i])) != NULL;
    good = good && (openssl->bn_ctx = BN_CTX_new()) != NULL && (openssl->prime_25519 = BN_new()) != NULL &&
           BN_set_bit(openssl->prime_25519, 255) == 1 && BN_sub_word(openssl->prime_25519, 19) == 1;
    if (!good) {
        mls_openssl_free(openssl);
        return MLS_ERR_CRYPTO;
    }
    *out = openssl;
    return MLS_OK;
}

/* Freeing a context makes OpenSSL cleanse the key in it. */
void mls_openssl_free(mls_openssl_t *openssl)
{
    if (openssl == NULL)
        return;
    for (size_t i = 0; i < MLS_OPENSSL_NUM_CIPHERS; i++)
        EVP_CIPHER_CTX_free(openssl->ciphers[i]);
    for (size_t i = 0; i < MLS_OPENSSL_NUM_HASHES; i++) {
        EVP_MAC_CTX_free(openssl->hashes[i].hmac);
        EVP_MD_free(openssl->hashes[i].md);
    }
    EVP_MD_CTX_free(openssl->md_ctx);
    BN_free(openssl->prime_25519);
    BN_CTX_free(openssl->bn_ctx);
    free(openssl);
}

/* A context has the last key until it is given another; and that of ChaCha20 the rest of its last block until
 * it makes another. */
static bool forget_cipher(EVP_CIPHER_CTX *ctx)
{
    static const uint8_t zeros[MLS_MAX_KEY_LEN];
    uint8_t out[MLS_AEAD_TAG_LEN];
    int len;
    return EVP_EncryptInit_ex2(ctx, NULL, zeros, zeros, NULL) == 1 &&
           EVP_EncryptUpdate(ctx, out, &len, zeros, 1) == 1 && EVP_EncryptFinal_ex(ctx, out, &len) == 1;
}

bool mls_openssl_forget(mls_openssl_t *openssl)
{
    static const uint8_t zeros[MLS_MAX_KEY_LEN];
    bool good = true;
    ERR_set_mark();
    for (size_t i = 0; good && i < MLS_OPENSSL_NUM_HASHES; i++)
        good = EVP_MAC_init(openssl->hashes[i].hmac, zeros, sizeof zeros, NULL) == 1;
    for (size_t i = 0; good && i < MLS_OPENSSL_NUM_CIPHERS; i++)
        good = forget_cipher(openssl->ciphers[i]);
    ERR_pop_to_mark();
    return good;
}

/* ---- SHA-2 and HMAC ------------------------------------------------------------------------------ */

static mls_status_t digest(EVP_MD_CTX *ctx, const EVP_MD *md, uint8_t *out, const mls_view_t *parts,
                           size_t num_parts)
{
    bool good = EVP_DigestInit_ex2(ctx, md, NULL) == 1;
    for (size_t i = 0; good && i < num_parts; i++)
        good = parts[i].len == 0 || EVP_DigestUpdate(ctx, parts[i].data, parts[i].len) == 1;
    return good && EVP_DigestFinal_ex(ctx, out, NULL) == 1 ? MLS_OK : MLS_ERR_CRYPTO;
}

static mls_status_t hmac(EVP_MAC_CTX *ctx, uint8_t *out, size_t out_len, mls_view_t key,
                         const mls_view_t *parts, size_t num_parts)
{
    static const uint8_t empty[1]; /* a NULL key would mean: the one before */
    size_t len = 0;
    bool good = EVP_MAC_init(ctx, key.len == 0 ? empty : key.data, key.len, NULL) == 1;
    for (size_t i = 0; good && i < num_parts; i++)
        good = parts[i].len == 0 || EVP_MAC_update(ctx, parts[i].data, parts[i].len) == 1;
    return good && EVP_MAC_final(ctx, out, &len, out_len) == 1 && len == out_len ? MLS_OK : MLS_ERR_CRYPTO;
}

static mls_status_t sha2(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const mls_view_t *parts,
                         size_t num_parts)
{
    const mls_openssl_t *openssl = crypto->openssl;
    return digest(openssl->md_ctx, openssl->hashes[variant].md, out, parts, num_parts);
}

static mls_status_t hmac_sha2(mls_crypto_t *crypto, unsigned variant, uint8_t *out, mls_view_t key,
                              const mls_view_t *parts, size_t num_parts)
{
    const mls_openssl_hash_t *hash = &crypto->openssl->hashes[variant];
    return hmac(hash->hmac, out, (size_t)EVP_MD_get_size(hash->md), key, parts, num_parts);
}

const mls_hash_engine_t mls_openssl_sha256 = {
    .variant = MLS_OPENSSL_SHA256,
    .kdf_id = 0x0001,
    .len = 32,
    .hash = sha2,
    .hmac = hmac_sha2,
};

const mls_hash_engine_t mls_openssl_sha384 = {
    .variant = MLS_OPENSSL_SHA384,
    .kdf_id = 0x0002,
    .len = 48,
    .hash = sha2,
    .hmac = hmac_sha2,
};

const mls_hash_engine_t mls_openssl_sha512 = {
    .variant = MLS_OPENSSL_SHA512,
    .kdf_id = 0x0003,
    .len = 64,
    .hash = sha2,
    .hmac = hmac_sha2,
};

/* ---- AES-GCM and ChaCha20-Poly1305 --------------------------------------------------------------- */

static mls_status_t aead_seal(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                              const uint8_t *nonce, mls_view_t aad, mls_view_t plaintext)
{
    EVP_CIPHER_CTX *ctx = crypto->openssl->ciphers[variant];
    int len = 0;
    if (plaintext.len > INT_MAX - MLS_AEAD_TAG_LEN || aad.len > INT_MAX)
        return MLS_ERR_LIMIT;
    const bool good =
        EVP_EncryptInit_ex2(ctx, NULL, key, nonce, NULL) == 1 &&
        (aad.len == 0 || EVP_EncryptUpdate(ctx, NULL, &len, aad.data, (int)aad.len) == 1) &&
        (plaintext.len == 0 || EVP_EncryptUpdate(ctx, out, &len, plaintext.data, (int)plaintext.len) == 1) &&
        EVP_EncryptFinal_ex(ctx, out + plaintext.len, &len) == 1 &&
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, MLS_AEAD_TAG_LEN, out + plaintext.len) == 1;
    return good ? MLS_OK : MLS_ERR_CRYPTO;
}

static mls_status_t aead_open(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                              const uint8_t *nonce, mls_view_t aad, mls_view_t ciphertext)
{
    EVP_CIPHER_CTX *ctx = crypto->openssl->ciphers[variant];
    int len = 0;
    uint8_t tag[MLS_AEAD_TAG_LEN];
    if (ciphertext.len < sizeof tag)
        return MLS_ERR_DECRYPT;
    if (ciphertext.len > INT_MAX || aad.len > INT_MAX)
        return MLS_ERR_LIMIT;
    const size_t plain_len = ciphertext.len - sizeof tag;
    memcpy(tag, ciphertext.data + plain_len, sizeof tag);
    if (EVP_DecryptInit_ex2(ctx, NULL, key, nonce, NULL) != 1 ||
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) != 1)
        return MLS_ERR_CRYPTO;
    ERR_set_mark();
    uint8_t none[1]; /* for an empty plaintext, whose `out` may be NULL */
    const bool good =
        (aad.len == 0 || EVP_DecryptUpdate(ctx, NULL, &len, aad.data, (int)aad.len) == 1) &&
        (plain_len == 0 || EVP_DecryptUpdate(ctx, out, &len, ciphertext.data, (int)plain_len) == 1) &&
        EVP_DecryptFinal_ex(ctx, plain_len == 0 ? none : out + plain_len, &len) == 1;
    ERR_pop_to_mark();
    if (!good && plain_len > 0)
        mls_wipe(out, plain_len);
    return good ? MLS_OK : MLS_ERR_DECRYPT;
}

#define AEAD_ENGINE(cipher, hpke_id, key_bytes)                                                              \
    {                                                                                                        \
        .variant = cipher, .aead_id = hpke_id, .key_len = key_bytes, .nonce_len = 12, .seal = aead_seal,     \
        .open = aead_open,                                                                                   \
    }

const mls_aead_engine_t mls_openssl_aes128gcm = AEAD_ENGINE(MLS_OPENSSL_AES128GCM, 0x0001, 16);
const mls_aead_engine_t mls_openssl_aes256gcm = AEAD_ENGINE(MLS_OPENSSL_AES256GCM, 0x0002, 32);
const mls_aead_engine_t mls_openssl_chacha20poly1305 = AEAD_ENGINE(MLS_OPENSSL_CHACHA20POLY1305, 0x0003, 32);
