/* engine_openssl_pkey.c -- key agreement and signatures by OpenSSL's EVP_PKEY, for whatever kind of key. */
#include "engine_openssl.h"

#include <openssl/err.h>

mls_status_t mls_openssl_derive(uint8_t *shared, size_t len, EVP_PKEY *private_key, EVP_PKEY *public_key)
{
    size_t got = len;
    ERR_set_mark();
    EVP_PKEY_CTX *ctx = private_key == NULL || public_key == NULL
                            ? NULL
                            : EVP_PKEY_CTX_new_from_pkey(NULL, private_key, NULL);
    const bool good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
                      EVP_PKEY_derive_set_peer(ctx, public_key) == 1 &&
                      EVP_PKEY_derive(ctx, shared, &got) == 1 && got == len;
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(private_key);
    EVP_PKEY_free(public_key);
    ERR_pop_to_mark();
    if (!good)
        mls_wipe(shared, len);
    return good ? MLS_OK : MLS_ERR_INVALID;
}

mls_status_t mls_openssl_sign(uint8_t *signature, size_t *signature_len, size_t max_len,
                              EVP_PKEY *private_key, const EVP_MD *md, mls_view_t message)
{
    EVP_MD_CTX *ctx = private_key == NULL ? NULL : EVP_MD_CTX_new();
    *signature_len = max_len;
    const bool good = ctx != NULL && EVP_DigestSignInit(ctx, NULL, md, NULL, private_key) == 1 &&
                      EVP_DigestSign(ctx, signature, signature_len, message.data, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(private_key);
    return good ? MLS_OK : MLS_ERR_CRYPTO;
}

mls_status_t mls_openssl_verify(EVP_PKEY *public_key, const EVP_MD *md, mls_view_t message,
                                mls_view_t signature)
{
    ERR_set_mark();
    EVP_MD_CTX *ctx = public_key == NULL ? NULL : EVP_MD_CTX_new();
    const bool good = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, md, NULL, public_key) == 1 &&
                      EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public_key);
    ERR_pop_to_mark();
    return good ? MLS_OK : MLS_ERR_SIGNATURE;
}
