#include "bytes.h"
#include "labeled.h"
#include "suite.h"

#include <stdatomic.h>
#include <stdlib.h>

static mls_status_t start_libraries(mls_crypto_t *crypto)
{
    mls_status_t status = mls_sodium_start();
#if defined MLS_WITH_OPENSSL
    if (status == MLS_OK)
        status = mls_openssl_new(&crypto->openssl);
#else
    (void)crypto;
#endif
    return status;
}

mls_status_t mls_crypto_new(mls_crypto_t **out, const mls_crypto_config_t *config)
{
    mls_status_t status;
    mls_crypto_t *crypto = calloc(1, sizeof *crypto);

    *out = NULL;
    if (crypto == NULL)
        return MLS_ERR_NOMEM;
    if (config != NULL)
        crypto->config = *config;
    if (crypto->config.random == NULL)
        crypto->config.random = mls_sodium_random;
    if ((status = start_libraries(crypto)) != MLS_OK) {
        mls_crypto_free(crypto);
        return status;
    }
    *out = crypto;
    return MLS_OK;
}

void mls_crypto_free(mls_crypto_t *crypto)
{
    if (crypto == NULL)
        return;
    for (size_t i = 0; i < MLS_NUM_HELPERS; i++)
        mls_crypto_free(atomic_load(&crypto->helpers[i]));
#if defined MLS_WITH_OPENSSL
    mls_openssl_free(crypto->openssl);
#endif
    free(crypto);
}

bool mls_crypto_forget(mls_crypto_t *crypto)
{
#if defined MLS_WITH_OPENSSL
    return mls_openssl_forget(crypto->openssl);
#else
    (void)crypto;
    return true;
#endif
}

mls_status_t mls_crypto_random(mls_crypto_t *crypto, uint8_t *out, size_t len)
{
    return crypto->config.random(crypto->config.arg, out, len) ? MLS_OK : MLS_ERR_CRYPTO;
}

mls_status_t mls_crypto_hash(mls_crypto_t *crypto, mls_bytes_t *out, uint16_t cipher_suite, mls_view_t in)
{
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    *out = (mls_bytes_t){ 0 };
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    mls_status_t status = mls_bytes_alloc(out, suite->hash->len);
    if (status == MLS_OK &&
        (status = suite->hash->hash(crypto, suite->hash->variant, out->data, &in, 1)) != MLS_OK)
        mls_bytes_clear(out);
    return status;
}

mls_status_t mls_crypto_signature_key_pair(mls_crypto_t *crypto, mls_bytes_t *private_key,
                                           mls_bytes_t *public_key, uint16_t cipher_suite)
{
    mls_status_t status;
    const mls_suite_t *suite = mls_suite_find(cipher_suite);

    *private_key = *public_key = (mls_bytes_t){ 0 };
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    if ((status = mls_bytes_alloc(private_key, suite->signature->private_len)) != MLS_OK ||
        (status = mls_bytes_alloc(public_key, suite->signature->public_len)) != MLS_OK ||
        (status = suite->signature->key_pair(crypto, suite->signature->variant, private_key->data,
                                             public_key->data)) != MLS_OK) {
        mls_bytes_clear(private_key);
        mls_bytes_clear(public_key);
    }
    return status;
}

mls_status_t mls_crypto_sign_with_label(mls_crypto_t *crypto, mls_bytes_t *signature, uint16_t cipher_suite,
                                        mls_view_t private_key, const char *label, mls_view_t content)
{
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    *signature = (mls_bytes_t){ 0 };
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    mls_signature_key_t key = { 0 };
    mls_status_t status = mls_signature_key_set(crypto, suite, &key, private_key);
    if (status == MLS_OK)
        status = mls_sign_with_label(crypto, suite, signature, &key, label, content);
    mls_signature_key_wipe(&key);
    return status;
}

mls_status_t mls_crypto_verify_with_label(mls_crypto_t *crypto, uint16_t cipher_suite, mls_view_t public_key,
                                          const char *label, mls_view_t content, mls_view_t signature)
{
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    return mls_verify_with_label(crypto, suite, public_key, label, content, signature);
}
