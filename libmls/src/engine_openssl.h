/* engine_openssl.h -- what the OpenSSL engines share: the contexts that they use again. */
#ifndef MLS_ENGINE_OPENSSL_H
#define MLS_ENGINE_OPENSSL_H

#include "suite.h"

#include <openssl/bn.h>
#include <openssl/evp.h>

/* What OpenSSL says of foreign input is taken off its queue of errors again, by ERR_set_mark() and
 * ERR_pop_to_mark(): the queue is the thread's, and a host that uses OpenSSL for TLS would find there, after
 * its next read, what a stranger's message was refused for. */

/* The variants of the engines. */
enum { MLS_OPENSSL_SHA256, MLS_OPENSSL_SHA384, MLS_OPENSSL_SHA512, MLS_OPENSSL_NUM_HASHES };
enum { MLS_OPENSSL_AES128GCM, MLS_OPENSSL_AES256GCM, MLS_OPENSSL_CHACHA20POLY1305, MLS_OPENSSL_NUM_CIPHERS };

typedef struct mls_openssl_hash {
    EVP_MD *md;
    EVP_MAC_CTX *hmac;
} mls_openssl_hash_t;

struct mls_openssl {
    EVP_MD_CTX *md_ctx;
    mls_openssl_hash_t hashes[MLS_OPENSSL_NUM_HASHES];
    EVP_CIPHER_CTX *ciphers[MLS_OPENSSL_NUM_CIPHERS];
    BN_CTX *bn_ctx;      /* for numbers that are no secrets */
    BIGNUM *prime_25519; /* 2^255 - 19 */
};

/* Without memory OpenSSL refuses with the same answer as where the input is bad, in many a function. But what
 * a member refuses all must refuse. So where the answer is that the input is bad, the engines ask again: by
 * then there is memory, or already the first step fails, which has nothing to do with the input:
 * MLS_ERR_CRYPTO. */

/* ECDH and the like: the shared secret of two keys, of exactly `len` bytes. MLS_ERR_INVALID if OpenSSL
 * refuses, as for a point of small order. Frees both keys; a public one that is NULL is none. */
MLS_MUST_USE mls_status_t mls_openssl_derive(uint8_t *shared, size_t len, EVP_PKEY *private_key,
                                             EVP_PKEY *public_key);

/* One-shot signatures; `md` is NULL for EdDSA. Free the key; a public one that is NULL is none. */
MLS_MUST_USE mls_status_t mls_openssl_sign(uint8_t *signature, size_t *signature_len, size_t max_len,
                                           EVP_PKEY *private_key, const EVP_MD *md, mls_view_t message);
MLS_MUST_USE mls_status_t mls_openssl_verify(EVP_PKEY *public_key, const EVP_MD *md, mls_view_t message,
                                             mls_view_t signature);

#endif
