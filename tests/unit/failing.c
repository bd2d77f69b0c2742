#include "failing.h"
#include "suite.h"

#include <stdlib.h>

static struct {
    long left; /* calls up to the one that fails; 0: none fails */
    bool has_failed;
} failing;

void failing_set(long n)
{
    failing.left = n;
    failing.has_failed = false;
}

bool failing_has_failed(void)
{
    failing.left = 0;
    return failing.has_failed;
}

static bool fails(void)
{
    if (failing.left == 0 || --failing.left > 0)
        return false;
    failing.has_failed = true;
    return true;
}

/* ---- memory -------------------------------------------------------------------------------------- */

/* The linker gives these names. */
void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *p, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *p, size_t len);

void *__wrap_malloc(size_t len)
{
    return fails() ? NULL : __real_malloc(len);
}

void *__wrap_calloc(size_t count, size_t len)
{
    return fails() ? NULL : __real_calloc(count, len);
}

void *__wrap_realloc(void *p, size_t len)
{
    return fails() ? NULL : __real_realloc(p, len);
}

/* ---- primitives ---------------------------------------------------------------------------------- */

static struct {
    mls_suite_t suite, real;
    mls_hash_engine_t hash;
    mls_aead_engine_t aead;
    mls_dh_engine_t dh;
    mls_signature_engine_t signature;
} wrapped;

static mls_status_t hash(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const mls_view_t *parts,
                         size_t num_parts)
{
    return fails() ? MLS_ERR_CRYPTO : wrapped.real.hash->hash(crypto, variant, out, parts, num_parts);
}

static mls_status_t hmac(mls_crypto_t *crypto, unsigned variant, uint8_t *out, mls_view_t key,
                         const mls_view_t *parts, size_t num_parts)
{
    return fails() ? MLS_ERR_CRYPTO : wrapped.real.hash->hmac(crypto, variant, out, key, parts, num_parts);
}

static mls_status_t seal(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t plaintext)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.aead->seal(crypto, variant, out, key, nonce, aad, plaintext);
}

static mls_status_t open(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_view_t aad, mls_view_t ciphertext)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.aead->open(crypto, variant, out, key, nonce, aad, ciphertext);
}

static mls_status_t dh_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                  const uint8_t *private_key)
{
    return fails() ? MLS_ERR_CRYPTO : wrapped.real.dh->public_key(crypto, variant, public_key, private_key);
}

static mls_status_t shared(mls_crypto_t *crypto, unsigned variant, uint8_t *out, const uint8_t *private_key,
                           const uint8_t *public_key)
{
    return fails() ? MLS_ERR_CRYPTO : wrapped.real.dh->shared(crypto, variant, out, private_key, public_key);
}

static mls_status_t check_public(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key)
{
    return fails() ? MLS_ERR_CRYPTO : wrapped.real.dh->check_public(crypto, variant, public_key);
}

static mls_status_t key_pair(mls_crypto_t *crypto, unsigned variant, uint8_t *private_key,
                             uint8_t *public_key)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.signature->key_pair(crypto, variant, private_key, public_key);
}

static mls_status_t signature_public_key(mls_crypto_t *crypto, unsigned variant, uint8_t *public_key,
                                         const uint8_t *private_key)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.signature->public_key(crypto, variant, public_key, private_key);
}

static mls_status_t sign(mls_crypto_t *crypto, unsigned variant, uint8_t *signature, size_t *signature_len,
                         const uint8_t *private_key, const uint8_t *public_key, mls_view_t message)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.signature->sign(crypto, variant, signature, signature_len, private_key,
                                                  public_key, message);
}

static mls_status_t verify(mls_crypto_t *crypto, unsigned variant, const uint8_t *public_key,
                           mls_view_t message, mls_view_t signature)
{
    return fails() ? MLS_ERR_CRYPTO
                   : wrapped.real.signature->verify(crypto, variant, public_key, message, signature);
}

static void wrap(const mls_suite_t *real)
{
    wrapped.real = wrapped.suite = *real;
    wrapped.hash = *real->hash;
    wrapped.hash.hash = hash;
    wrapped.hash.hmac = hmac;
    wrapped.aead = *real->aead;
    wrapped.aead.seal = seal;
    wrapped.aead.open = open;
    wrapped.dh = *real->dh;
    wrapped.dh.public_key = dh_public_key;
    wrapped.dh.shared = shared;
    wrapped.dh.check_public = check_public;
    wrapped.signature = *real->signature;
    wrapped.signature.key_pair = key_pair;
    wrapped.signature.public_key = signature_public_key;
    wrapped.signature.sign = sign;
    wrapped.signature.verify = verify;
    wrapped.suite.hash = &wrapped.hash;
    wrapped.suite.aead = &wrapped.aead;
    wrapped.suite.dh = &wrapped.dh;
    wrapped.suite.signature = &wrapped.signature;
}

const mls_suite_t *__real_mls_suite_find(uint16_t id);
const mls_suite_t *__wrap_mls_suite_find(uint16_t id);

/* The suite of the test, with primitives that may fail; others as they are. */
const mls_suite_t *__wrap_mls_suite_find(uint16_t id)
{
    const mls_suite_t *real = __real_mls_suite_find(id);
    if (real == NULL || (wrapped.suite.id != 0 && wrapped.suite.id != id))
        return real;
    if (wrapped.suite.id == 0)
        wrap(real);
    return &wrapped.suite;
}

bool failing_random(void *arg, uint8_t *out, size_t len)
{
    (void)arg;
    return !fails() && mls_sodium_random(NULL, out, len);
}
