/* crypto.h -- cipher suites, and the context every other object of libmls works with.
 *
 * A mls_crypto_t holds the reusable contexts of the crypto libraries, the host's randomness, its threads and
 * the log hook. It is not shared between threads: one per thread, and every object made with it stays on that
 * thread. There is no state outside of it. */
#ifndef MLS_CRYPTO_H
#define MLS_CRYPTO_H

#include "bytes.h"

/* Cipher suites (RFC 9420, Section 17.1). */
enum {
    MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 = 0x0001,
    MLS_128_DHKEMP256_AES128GCM_SHA256_P256 = 0x0002,
    MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 = 0x0003,
    MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448 = 0x0004,
    MLS_256_DHKEMP521_AES256GCM_SHA512_P521 = 0x0005,
    MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448 = 0x0006,
    MLS_256_DHKEMP384_AES256GCM_SHA384_P384 = 0x0007
};

/* What all objects work with. It must outlive every one that was made with it. */
typedef struct mls_crypto mls_crypto_t;

/* Threads that the host lends, for work that can be shared: the signatures of a tree that is joined and of
 * KeyPackages that are added, what a Commit encrypts along its path, and Welcomes. A tenth of a millisecond
 * is worth to be handed over, so they had better wait for it than be made for it. */
typedef struct mls_workers {
    void *arg; /* handed to the function below */
    /* Calls task(task_arg, n) once for each n from 0 to `count` - 1, on whatever threads and in whatever
     * order, and returns when all of the calls have, not before, and what they wrote can be read here. Tasks
     * run side by side, also beside the calling thread, but never two of the same n; each needs up to 64 KiB
     * of stack. While it waits, nothing may be done with the mls_crypto_t or what was made with it: no event
     * loop that would bring in the next message. NULL: there are no threads but that one. */
    void (*run)(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count);
} mls_workers_t;

/* What the host brings. All zero is good. */
typedef struct mls_crypto_config {
    mls_workers_t workers;
    void *arg; /* handed to the functions below, which are called by the thread of the mls_crypto_t alone */
    /* Fills `out` with `len` bytes that nobody can predict. False: none to be had, the operation fails with
     * MLS_ERR_CRYPTO. NULL: the operating system's, through libsodium. */
    bool (*random)(void *arg, uint8_t *out, size_t len);
    /* Told when foreign input breaks a rule: the status, the rule's id in libmls' list (like "L7"), its
     * section of RFC 9420 (like "7.3") and the rule in a few words. No secret is among them. May be NULL. */
    void (*log)(void *arg, mls_status_t status, const char *rule, const char *section, const char *text);
} mls_crypto_config_t;

/* Makes a context; `config` is copied, and may be NULL. The caller frees it last of all. MLS_ERR_NOMEM,
 * MLS_ERR_CRYPTO. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_new(mls_crypto_t **out, const mls_crypto_config_t *config);
/* Frees it; nothing that was made with it may be left. NULL is fine. */
MLS_API void mls_crypto_free(mls_crypto_t *crypto);

/* The cipher suites of this build, in ascending order: writes up to `max` ids, returns how many there are.
 * Those of RFC 9420, or 0x0003 alone in a build without OpenSSL. */
MLS_API size_t mls_crypto_suites(uint16_t *out, size_t max);

/* The name of a suite that this build has, as in RFC 9420, Section 17.1; NULL for any other. Static storage.
 */
MLS_API const char *mls_crypto_suite_name(uint16_t cipher_suite);

/* Fills `out` with `len` bytes from the host's source of randomness. MLS_ERR_CRYPTO: it has none. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_random(mls_crypto_t *crypto, uint8_t *out, size_t len);

/* The suite's hash of `in` (RFC 9420, Section 5.1). The caller clears `*out`. MLS_ERR_UNSUPPORTED: no suite
 * of this build. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_hash(mls_crypto_t *crypto, mls_bytes_t *out,
                                                  uint16_t cipher_suite, mls_view_t in);

/* A fresh key pair for the suite's signatures, keys in the form of RFC 9420, Section 5.1.1 (the private key
 * of Ed25519 is its 32-byte seed). The caller clears both. MLS_ERR_UNSUPPORTED: no suite of this build. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_signature_key_pair(mls_crypto_t *crypto,
                                                                mls_bytes_t *private_key,
                                                                mls_bytes_t *public_key,
                                                                uint16_t cipher_suite);

/* SignWithLabel (RFC 9420, Section 5.1.2); `label` comes without "MLS 1.0 ". The caller clears `*signature`.
 * MLS_ERR_ARGUMENT: not a private key of the suite, or a label of more than 255 bytes. MLS_ERR_UNSUPPORTED:
 * no suite of this build. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_sign_with_label(mls_crypto_t *crypto, mls_bytes_t *signature,
                                                             uint16_t cipher_suite, mls_view_t private_key,
                                                             const char *label, mls_view_t content);
/* VerifyWithLabel (RFC 9420, Section 5.1.2); `label` as above. MLS_OK: the signature is good.
 * MLS_ERR_SIGNATURE: it is not. MLS_ERR_INVALID: `public_key` has not the length of the suite's keys.
 * MLS_ERR_ARGUMENT: a label of more than 255 bytes. MLS_ERR_UNSUPPORTED: no suite of this build. */
MLS_API MLS_MUST_USE mls_status_t mls_crypto_verify_with_label(mls_crypto_t *crypto, uint16_t cipher_suite,
                                                               mls_view_t public_key, const char *label,
                                                               mls_view_t content, mls_view_t signature);

#endif
