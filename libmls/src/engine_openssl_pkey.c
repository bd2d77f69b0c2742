/* engine_openssl_pkey.c -- key agreement and signatures by OpenSSL's EVP_PKEY, for whatever kind of key. */
#include "engine_openssl.h"

#include <openssl/err.h>

static mls_status_t derive(uint8_t *shared, size_t len, EVP_PKEY_CTX *private_key, EVP_PKEY *public_key)
{
    size_t got = len;
    if (EVP_PKEY_derive_init(private_key) != 1)
        return MLS_ERR_CRYPTO;
    return public_key != NULL && EVP_PKEY_derive_set_peer(private_key, public_key) == 1 &&
                   EVP_PKEY_derive(private_key, shared, &got) == 1 && got == len
               ? MLS_OK
               : MLS_ERR_INVALID;
}

mls_status_t mls_openssl_derive(uint8_t *shared, size_t len, EVP_PKEY *private_key, EVP_PKEY *public_key)
{
    ERR_set_mark();
    EVP_PKEY_CTX *ctx = private_key == NULL ? NULL : EVP_PKEY_CTX_new_from_pkey(NULL, private_key, NULL);
    const mls_status_t status = ctx == NULL ? MLS_ERR_CRYPTO : derive(shared, len, ctx, public_key);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(private_key);
    EVP_PKEY_free(public_key);
    ERR_pop_to_mark();
    if (status != MLS_OK)
        mls_wipe(shared, len);
    return status;
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

static mls_status_t verify(EVP_MD_CTX *ctx, EVP_PKEY *public_key, const EVP_MD *md, mls_view_t message,
                           mls_view_t signature)
{
    if (public_key == NULL)
        return MLS_ERR_SIGNATURE;
    if (EVP_DigestVerifyInit(ctx, NULL, md, NULL, public_key) != 1)
        return MLS_ERR_CRYPTO;
    return EVP_DigestVerify(ctx, signature.data, signature.len, message.data, message.len) == 1
               ? MLS_OK
               : MLS_ERR_SIGNATURE;
}

mls_status_t mls_openssl_verify(EVP_PKEY *public_key, const EVP_MD *md, mls_view_t message,
                                mls_view_t signature)
{
    ERR_set_mark();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    const mls_status_t status =
        ctx == NULL ? MLS_ERR_CRYPTO : verify(ctx, public_key, md, message, signature);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(public_key);
    ERR_pop_to_mark();
    return status;
}
