#include "primitives.h"

#include "clock.h"
#include "must.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { NUM_LIBRARIES = 2, MESSAGE = 200, TAG = 16 };

struct bench_primitives {
    uint16_t suite;
    int fastest[BENCH_NUM_PRIMITIVES]; /* of the libraries */
    uint8_t *in, *out, *sealed_64, *sealed_4096;
    uint8_t ed25519_public[32], ed25519_secret[64], signature[64];
    uint8_t x25519_secret[32], x25519_public[32], shared[32];
    uint8_t key[32], nonce[12];
    EVP_MD_CTX *md_ctx, *sign_ctx, *verify_ctx;
    EVP_MD *sha256, *sha512;
    EVP_MAC_CTX *hmac;
    EVP_CIPHER_CTX *aead;
    EVP_PKEY *sign_key, *dh_key, *dh_peer;
    EVP_PKEY_CTX *dh;
};

typedef bool run_t(bench_primitives_t *p);

/* ---- libsodium ----------------------------------------------------------------------------------- */

static bool sodium_verify(bench_primitives_t *p)
{
    return crypto_sign_verify_detached(p->signature, p->in, MESSAGE, p->ed25519_public) == 0;
}

static bool sodium_sign(bench_primitives_t *p)
{
    return crypto_sign_detached(p->out, NULL, p->in, MESSAGE, p->ed25519_secret) == 0;
}

static bool sodium_base(bench_primitives_t *p)
{
    return crypto_scalarmult_base(p->shared, p->x25519_secret) == 0;
}

static bool sodium_dh(bench_primitives_t *p)
{
    return crypto_scalarmult(p->shared, p->x25519_secret, p->x25519_public) == 0;
}

static bool sodium_hmac(bench_primitives_t *p)
{
    return crypto_auth_hmacsha256(p->out, p->in, 64, p->key) == 0;
}

static bool sodium_sha256_64(bench_primitives_t *p)
{
    return crypto_hash_sha256(p->out, p->in, 64) == 0;
}

static bool sodium_sha256_long(bench_primitives_t *p)
{
    return crypto_hash_sha256(p->out, p->in, BENCH_LONG) == 0;
}

static bool sodium_sha512_long(bench_primitives_t *p)
{
    return crypto_hash_sha512(p->out, p->in, BENCH_LONG) == 0;
}

static bool sodium_seal(bench_primitives_t *p, size_t len)
{
    return crypto_aead_chacha20poly1305_ietf_encrypt(p->out, NULL, p->in, len, NULL, 0, NULL, p->nonce,
                                                     p->key) == 0;
}

static bool sodium_open(bench_primitives_t *p, const uint8_t *sealed, size_t len)
{
    return crypto_aead_chacha20poly1305_ietf_decrypt(p->out, NULL, NULL, sealed, len + TAG, NULL, 0, p->nonce,
                                                     p->key) == 0;
}

static bool sodium_seal_64(bench_primitives_t *p)
{
    return sodium_seal(p, 64);
}

static bool sodium_open_64(bench_primitives_t *p)
{
    return sodium_open(p, p->sealed_64, 64);
}

static bool sodium_seal_4096(bench_primitives_t *p)
{
    return sodium_seal(p, 4096);
}

static bool sodium_open_4096(bench_primitives_t *p)
{
    return sodium_open(p, p->sealed_4096, 4096);
}

static bool sodium_seal_long(bench_primitives_t *p)
{
    return sodium_seal(p, BENCH_LONG);
}

/* ---- OpenSSL ------------------------------------------------------------------------------------- */

static bool openssl_verify(bench_primitives_t *p)
{
    return EVP_DigestVerify(p->verify_ctx, p->signature, sizeof p->signature, p->in, MESSAGE) == 1;
}

static bool openssl_sign(bench_primitives_t *p)
{
    size_t len = 64;
    return EVP_DigestSign(p->sign_ctx, p->out, &len, p->in, MESSAGE) == 1;
}

/* OpenSSL computes the public key when it makes a private one. */
static bool openssl_base(bench_primitives_t *p)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, p->x25519_secret, 32);
    EVP_PKEY_free(key);
    return key != NULL;
}

static bool openssl_dh(bench_primitives_t *p)
{
    size_t len = sizeof p->shared;
    return EVP_PKEY_derive(p->dh, p->shared, &len) == 1;
}

static bool openssl_hmac(bench_primitives_t *p)
{
    size_t len;
    return EVP_MAC_init(p->hmac, p->key, sizeof p->key, NULL) == 1 &&
           EVP_MAC_update(p->hmac, p->in, 64) == 1 && EVP_MAC_final(p->hmac, p->out, &len, 32) == 1;
}

static bool openssl_hash(bench_primitives_t *p, const EVP_MD *md, size_t len)
{
    return EVP_DigestInit_ex2(p->md_ctx, md, NULL) == 1 && EVP_DigestUpdate(p->md_ctx, p->in, len) == 1 &&
           EVP_DigestFinal_ex(p->md_ctx, p->out, NULL) == 1;
}

static bool openssl_sha256_64(bench_primitives_t *p)
{
    return openssl_hash(p, p->sha256, 64);
}

static bool openssl_sha256_long(bench_primitives_t *p)
{
    return openssl_hash(p, p->sha256, BENCH_LONG);
}

static bool openssl_sha512_long(bench_primitives_t *p)
{
    return openssl_hash(p, p->sha512, BENCH_LONG);
}

static bool openssl_seal(bench_primitives_t *p, size_t len)
{
    int n;
    return EVP_EncryptInit_ex2(p->aead, NULL, p->key, p->nonce, NULL) == 1 &&
           EVP_EncryptUpdate(p->aead, p->out, &n, p->in, (int)len) == 1 &&
           EVP_EncryptFinal_ex(p->aead, p->out + len, &n) == 1 &&
           EVP_CIPHER_CTX_ctrl(p->aead, EVP_CTRL_AEAD_GET_TAG, TAG, p->out + len) == 1;
}

static bool openssl_open(bench_primitives_t *p, uint8_t *sealed, size_t len)
{
    int n;
    return EVP_DecryptInit_ex2(p->aead, NULL, p->key, p->nonce, NULL) == 1 &&
           EVP_CIPHER_CTX_ctrl(p->aead, EVP_CTRL_AEAD_SET_TAG, TAG, sealed + len) == 1 &&
           EVP_DecryptUpdate(p->aead, p->out, &n, sealed, (int)len) == 1 &&
           EVP_DecryptFinal_ex(p->aead, p->out + len, &n) == 1;
}

static bool openssl_seal_64(bench_primitives_t *p)
{
    return openssl_seal(p, 64);
}

static bool openssl_open_64(bench_primitives_t *p)
{
    return openssl_open(p, p->sealed_64, 64);
}

static bool openssl_seal_4096(bench_primitives_t *p)
{
    return openssl_seal(p, 4096);
}

static bool openssl_open_4096(bench_primitives_t *p)
{
    return openssl_open(p, p->sealed_4096, 4096);
}

static bool openssl_seal_long(bench_primitives_t *p)
{
    return openssl_seal(p, BENCH_LONG);
}

/* ---- both ---------------------------------------------------------------------------------------- */

static const char *const libraries[NUM_LIBRARIES] = { "libsodium", "OpenSSL" };

static const struct row {
    const char *name;
    bool is_aead; /* libsodium has the one of suite 0x0003 alone */
    run_t *run[NUM_LIBRARIES];
} rows[BENCH_NUM_PRIMITIVES] = {
    [BENCH_VERIFY] = { "verify", false, { sodium_verify, openssl_verify } },
    [BENCH_SIGN] = { "sign", false, { sodium_sign, openssl_sign } },
    [BENCH_BASE] = { "x25519-base", false, { sodium_base, openssl_base } },
    [BENCH_DH] = { "x25519", false, { sodium_dh, openssl_dh } },
    [BENCH_HMAC] = { "hmac-64", false, { sodium_hmac, openssl_hmac } },
    [BENCH_SHA256_64] = { "sha256-64", false, { sodium_sha256_64, openssl_sha256_64 } },
    [BENCH_SHA256_LONG] = { "sha256-64KiB", false, { sodium_sha256_long, openssl_sha256_long } },
    [BENCH_SHA512_LONG] = { "sha512-64KiB", false, { sodium_sha512_long, openssl_sha512_long } },
    [BENCH_SEAL_64] = { "seal-64", true, { sodium_seal_64, openssl_seal_64 } },
    [BENCH_OPEN_64] = { "open-64", true, { sodium_open_64, openssl_open_64 } },
    [BENCH_SEAL_4096] = { "seal-4096", true, { sodium_seal_4096, openssl_seal_4096 } },
    [BENCH_OPEN_4096] = { "open-4096", true, { sodium_open_4096, openssl_open_4096 } },
    [BENCH_SEAL_LONG] = { "seal-64KiB", true, { sodium_seal_long, openssl_seal_long } },
};

/* At least that long, so that the clock's own time does not count. */
static double measure(bench_primitives_t *p, run_t *run, double us)
{
    const double begin = bench_cpu();
    double end = begin;
    size_t count = 0;
    for (size_t batch = 1; end - begin < us; batch *= 2) {
        for (size_t i = 0; i < batch; i++)
            bench_expect(run(p), "a primitive works");
        count += batch;
        end = bench_cpu();
    }
    return (end - begin) / (double)count;
}

static EVP_MAC_CTX *new_hmac(void)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                  OSSL_PARAM_construct_end() };
    bench_expect(ctx != NULL && EVP_MAC_CTX_set_params(ctx, params) == 1, "OpenSSL has HMAC");
    EVP_MAC_free(mac);
    return ctx;
}

static EVP_CIPHER_CTX *new_aead(uint16_t suite)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(
        NULL, suite == MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 ? "AES-128-GCM" : "ChaCha20-Poly1305",
        NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    bench_expect(cipher != NULL && ctx != NULL && EVP_EncryptInit_ex2(ctx, cipher, NULL, NULL, NULL) == 1,
                 "OpenSSL has the AEAD");
    EVP_CIPHER_free(cipher);
    return ctx;
}

static void make_keys(bench_primitives_t *p)
{
    uint8_t peer[32];
    crypto_sign_keypair(p->ed25519_public, p->ed25519_secret);
    crypto_sign_detached(p->signature, NULL, p->in, MESSAGE, p->ed25519_secret);
    randombytes_buf(p->x25519_secret, 32);
    randombytes_buf(peer, 32);
    randombytes_buf(p->key, sizeof p->key);
    crypto_scalarmult_base(p->x25519_public, peer);
    p->sign_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, p->ed25519_secret, 32);
    p->dh_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, p->x25519_secret, 32);
    p->dh_peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, p->x25519_public, 32);
    bench_expect(p->sign_key != NULL && p->dh_key != NULL && p->dh_peer != NULL, "OpenSSL takes the keys");
}

static void make_contexts(bench_primitives_t *p)
{
    p->md_ctx = EVP_MD_CTX_new();
    p->sign_ctx = EVP_MD_CTX_new();
    p->verify_ctx = EVP_MD_CTX_new();
    p->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    p->sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
    p->hmac = new_hmac();
    p->aead = new_aead(p->suite);
    p->dh = EVP_PKEY_CTX_new(p->dh_key, NULL);
    bench_expect(p->md_ctx != NULL && p->sha256 != NULL && p->sha512 != NULL && p->dh != NULL &&
                     EVP_DigestSignInit(p->sign_ctx, NULL, NULL, NULL, p->sign_key) == 1 &&
                     EVP_DigestVerifyInit(p->verify_ctx, NULL, NULL, NULL, p->sign_key) == 1 &&
                     EVP_PKEY_derive_init(p->dh) == 1 && EVP_PKEY_derive_set_peer(p->dh, p->dh_peer) == 1,
                 "OpenSSL makes its contexts");
}

static void find_fastest(bench_primitives_t *p)
{
    const int first_aead = p->suite == MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 ? 1 : 0;
    for (size_t i = 0; i < BENCH_NUM_PRIMITIVES; i++) {
        double least = 0;
        for (int library = rows[i].is_aead ? first_aead : 0; library < NUM_LIBRARIES; library++) {
            bench_samples_t samples = { 0 };
            for (int n = 0; n < 9; n++)
                bench_samples_add(&samples, measure(p, rows[i].run[library], 300));
            const double us = bench_minimum(&samples);
            if (least <= 0 || us < least) {
                least = us;
                p->fastest[i] = library;
            }
        }
    }
}

bench_primitives_t *bench_primitives_new(uint16_t cipher_suite)
{
    bench_primitives_t *p = bench_alloc(1, sizeof *p);
    bench_expect(sodium_init() >= 0, "libsodium starts");
    p->suite = cipher_suite;
    p->in = bench_alloc(1, BENCH_LONG + TAG);
    p->out = bench_alloc(1, BENCH_LONG + TAG);
    p->sealed_64 = bench_alloc(1, 64 + TAG);
    p->sealed_4096 = bench_alloc(1, 4096 + TAG);
    make_keys(p);
    make_contexts(p);
    bench_expect(openssl_seal(p, 64), "an AEAD seals");
    memcpy(p->sealed_64, p->out, 64 + TAG);
    bench_expect(openssl_seal(p, 4096), "an AEAD seals");
    memcpy(p->sealed_4096, p->out, 4096 + TAG);
    find_fastest(p);
    return p;
}

void bench_primitives_free(bench_primitives_t *p)
{
    EVP_PKEY_CTX_free(p->dh);
    EVP_PKEY_free(p->sign_key);
    EVP_PKEY_free(p->dh_key);
    EVP_PKEY_free(p->dh_peer);
    EVP_MD_CTX_free(p->md_ctx);
    EVP_MD_CTX_free(p->sign_ctx);
    EVP_MD_CTX_free(p->verify_ctx);
    EVP_MD_free(p->sha256);
    EVP_MD_free(p->sha512);
    EVP_MAC_CTX_free(p->hmac);
    EVP_CIPHER_CTX_free(p->aead);
    free(p->in);
    free(p->out);
    free(p->sealed_64);
    free(p->sealed_4096);
    free(p);
}

void bench_primitives_measure(bench_primitives_t *p, bench_costs_t *out, double us)
{
    for (size_t i = 0; i < BENCH_NUM_PRIMITIVES; i++)
        out->us[i] = measure(p, rows[i].run[p->fastest[i]], us < BENCH_SHORTEST_US ? BENCH_SHORTEST_US : us);
}

const char *bench_primitive_name(bench_primitive_t primitive)
{
    return rows[primitive].name;
}

const char *bench_primitive_library(const bench_primitives_t *p, bench_primitive_t primitive)
{
    return libraries[p->fastest[primitive]];
}
