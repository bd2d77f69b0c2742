#include "labeled.h"
#include "bytes.h"

/* A length prefix of RFC 9420, Section 2.1.2, or a whole short label with its prefixes. Content may be
 * megabytes long, so what goes before it is made here and the content itself is never copied. */
typedef struct prefix {
    size_t len;
    uint8_t data[320];
} prefix_t;

static void put_length(prefix_t *p, size_t len)
{
    if (len < 64) {
        p->data[p->len++] = (uint8_t)len;
    } else if (len < 16384) {
        p->data[p->len++] = (uint8_t)(0x40 | len >> 8);
        p->data[p->len++] = (uint8_t)len;
    } else {
        p->data[p->len++] = (uint8_t)(0x80 | len >> 24);
        p->data[p->len++] = (uint8_t)(len >> 16);
        p->data[p->len++] = (uint8_t)(len >> 8);
        p->data[p->len++] = (uint8_t)len;
    }
}

/* opaque text<V>, where the text is `scheme` followed by `label`. False if it is too long. */
static bool put_label(prefix_t *p, const char *scheme, const char *label)
{
    const size_t scheme_len = strlen(scheme), label_len = strlen(label);
    if (label_len > 255)
        return false;
    put_length(p, scheme_len + label_len);
    memcpy(p->data + p->len, scheme, scheme_len);
    memcpy(p->data + p->len + scheme_len, label, label_len);
    p->len += scheme_len + label_len;
    return true;
}

static mls_view_t prefix_view(const prefix_t *p)
{
    return mls_view(p->data, p->len);
}

/* ---- signatures ---------------------------------------------------------------------------------- */

/* struct { opaque label<V> = "MLS 1.0 " + Label; opaque content<V> = Content; } SignContent;
 *                                                                     RFC 9420, Section 5.1.2 */
static mls_status_t sign_content(mls_bytes_t *out, const char *label, const mls_view_t *parts,
                                 size_t num_parts)
{
    const size_t max = (size_t)1 << 30;
    prefix_t prefix = { 0 };
    size_t len = 0;
    for (size_t i = 0; i < num_parts; i++)
        len = parts[i].len < max - len ? len + parts[i].len : max;
    if (!put_label(&prefix, "MLS 1.0 ", label) || len >= max)
        return MLS_ERR_ARGUMENT;
    put_length(&prefix, len);
    mls_status_t status = mls_bytes_alloc_unset(out, prefix.len + len);
    if (status != MLS_OK)
        return status;
    uint8_t *p = out->data;
    memcpy(p, prefix.data, prefix.len);
    p += prefix.len;
    for (size_t i = 0; i < num_parts; i++) {
        if (parts[i].len > 0)
            memcpy(p, parts[i].data, parts[i].len);
        p += parts[i].len;
    }
    return MLS_OK;
}

void mls_signature_key_wipe(mls_signature_key_t *key)
{
    mls_wipe(key, sizeof *key);
}

mls_status_t mls_signature_key_set(mls_crypto_t *crypto, const mls_suite_t *suite, mls_signature_key_t *key,
                                   mls_view_t private_key)
{
    const size_t len = suite->signature->private_len;
    mls_signature_key_wipe(key);
    if (private_key.len == 0 || private_key.len > len ||
        (private_key.len < len && !suite->signature->private_is_integer))
        return MLS_ERR_ARGUMENT;
    memcpy(key->private_key + len - private_key.len, private_key.data, private_key.len);
    key->private_len = len;
    key->public_len = suite->signature->public_len;
    mls_status_t status =
        suite->signature->public_key(crypto, suite->signature->variant, key->public_key, key->private_key);
    if (status != MLS_OK)
        mls_signature_key_wipe(key);
    return status;
}

mls_status_t mls_signature_key_generate(mls_crypto_t *crypto, const mls_suite_t *suite,
                                        mls_signature_key_t *key)
{
    key->private_len = suite->signature->private_len;
    key->public_len = suite->signature->public_len;
    mls_status_t status =
        suite->signature->key_pair(crypto, suite->signature->variant, key->private_key, key->public_key);
    if (status != MLS_OK)
        mls_signature_key_wipe(key);
    return status;
}

mls_status_t mls_sign_parts_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *signature,
                                       const mls_signature_key_t *key, const char *label,
                                       const mls_view_t *parts, size_t num_parts)
{
    mls_status_t status;
    mls_bytes_t to_sign = { 0 };
    const mls_signature_engine_t *engine = suite->signature;

    *signature = (mls_bytes_t){ 0 };
    if ((status = sign_content(&to_sign, label, parts, num_parts)) != MLS_OK ||
        (status = mls_bytes_alloc(signature, engine->max_signature_len)) != MLS_OK)
        goto cleanup;
    status = engine->sign(crypto, engine->variant, signature->data, &signature->len, key->private_key,
                          key->public_key, mls_bytes_view(&to_sign));

cleanup:
    if (status != MLS_OK)
        mls_bytes_clear(signature);
    mls_bytes_clear(&to_sign);
    return status;
}

mls_status_t mls_sign_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *signature,
                                 const mls_signature_key_t *key, const char *label, mls_view_t content)
{
    return mls_sign_parts_with_label(crypto, suite, signature, key, label, &content, 1);
}

mls_status_t mls_verify_parts_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                         mls_view_t public_key, const char *label, const mls_view_t *parts,
                                         size_t num_parts, mls_view_t signature)
{
    mls_bytes_t to_verify = { 0 };
    if (public_key.len != suite->signature->public_len)
        return MLS_ERR_INVALID;
    mls_status_t status = sign_content(&to_verify, label, parts, num_parts);
    if (status == MLS_OK)
        status = suite->signature->verify(crypto, suite->signature->variant, public_key.data,
                                          mls_bytes_view(&to_verify), signature);
    mls_bytes_clear(&to_verify);
    return status;
}

mls_status_t mls_verify_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, mls_view_t public_key,
                                   const char *label, mls_view_t content, mls_view_t signature)
{
    return mls_verify_parts_with_label(crypto, suite, public_key, label, &content, 1, signature);
}

/* ---- encryption ---------------------------------------------------------------------------------- */

/* struct { opaque label<V> = "MLS 1.0 " + Label; opaque context<V> = Context; } EncryptContext;
 *                                                                     RFC 9420, Section 5.1.3 */
mls_status_t mls_encrypt_context(mls_crypto_t *crypto, const mls_suite_t *suite, mls_hpke_info_t *out,
                                 const char *label, mls_view_t context)
{
    prefix_t prefix = { 0 };
    if (!put_label(&prefix, "MLS 1.0 ", label) || context.len >= (size_t)1 << 30)
        return MLS_ERR_ARGUMENT;
    put_length(&prefix, context.len);
    const mls_view_t parts[] = { prefix_view(&prefix), context };
    return mls_hpke_hash_info(crypto, suite, out, parts, 2);
}

mls_status_t mls_decrypt_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *plaintext,
                                    const mls_hpke_private_t *private_key, mls_view_t public_key,
                                    const char *label, mls_view_t context, mls_view_t kem_output,
                                    mls_view_t ciphertext)
{
    mls_status_t status;
    mls_hpke_info_t info;

    *plaintext = (mls_bytes_t){ 0 };
    if (ciphertext.len < MLS_AEAD_TAG_LEN)
        return MLS_ERR_DECRYPT;
    if ((status = mls_encrypt_context(crypto, suite, &info, label, context)) != MLS_OK ||
        (status = mls_bytes_alloc_unset(plaintext, ciphertext.len - MLS_AEAD_TAG_LEN)) != MLS_OK)
        return status;
    status =
        mls_hpke_open(crypto, suite, plaintext->data, kem_output, private_key, public_key, &info, ciphertext);
    if (status != MLS_OK)
        mls_bytes_clear(plaintext);
    return status;
}

/* ---- references and derivation ------------------------------------------------------------------- */

/* struct { opaque label<V>; opaque value<V>; } RefHashInput;          RFC 9420, Section 5.2 */
mls_status_t mls_ref_hash(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                          const char *label, mls_view_t value)
{
    prefix_t prefix = { 0 };
    if (!put_label(&prefix, "", label) || value.len >= (size_t)1 << 30)
        return MLS_ERR_ARGUMENT;
    put_length(&prefix, value.len);
    const mls_view_t parts[] = { prefix_view(&prefix), value };
    out->len = suite->hash->len;
    return suite->hash->hash(crypto, suite->hash->variant, out->data, parts, 2);
}

/* struct { uint16 length; opaque label<V> = "MLS 1.0 " + Label; opaque context<V> = Context; } KDFLabel;
 *                                                                     RFC 9420, Section 8 */
mls_status_t mls_expand_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out, size_t len,
                                   mls_view_t secret, const char *label, mls_view_t context)
{
    prefix_t prefix = { .len = 2, .data = { (uint8_t)(len >> 8), (uint8_t)len } };
    if (len > UINT16_MAX || !put_label(&prefix, "MLS 1.0 ", label) || context.len >= (size_t)1 << 30)
        return MLS_ERR_ARGUMENT;
    put_length(&prefix, context.len);
    const mls_view_t parts[] = { prefix_view(&prefix), context };
    return mls_hkdf_expand(crypto, suite, out, len, secret, parts, 2);
}

mls_status_t mls_derive_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                               const mls_secret_t *secret, const char *label)
{
    mls_secret_t derived = { .len = suite->hash->len };
    mls_status_t status = mls_expand_with_label(crypto, suite, derived.data, derived.len,
                                                mls_secret_view(secret), label, mls_view(NULL, 0));
    if (status == MLS_OK)
        *out = derived;
    mls_secret_wipe(&derived);
    return status;
}

mls_status_t mls_derive_tree_secret(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out, size_t len,
                                    const mls_secret_t *secret, const char *label, uint32_t generation)
{
    const uint8_t context[] = { (uint8_t)(generation >> 24), (uint8_t)(generation >> 16),
                                (uint8_t)(generation >> 8), (uint8_t)generation };
    return mls_expand_with_label(crypto, suite, out, len, mls_secret_view(secret), label,
                                 mls_view(context, sizeof context));
}

mls_status_t mls_mac(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                     const mls_secret_t *key, const mls_view_t *parts, size_t num_parts)
{
    out->len = suite->hash->len;
    return suite->hash->hmac(crypto, suite->hash->variant, out->data, mls_secret_view(key), parts, num_parts);
}
