/* crypto_basics.c -- labelled cryptography (RFC 9420, Sections 5.1.2, 5.1.3, 5.2, 8 and 9.1). */
#include "labeled.h"
#include "vectors.h"

static void check_ref_hash(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "ref_hash");
    mls_secret_t out = { 0 };
    vector_at(c, "ref_hash.");
    const mls_view_t value = vector_bytes(c, json, "value");
    vector_ok(c, "out", mls_ref_hash(c->crypto, c->suite, &out, vector_text(c, json, "label"), value));
    vector_equal(c, json, "out", mls_secret_view(&out));
}

/* The output of `length` bytes; at most one hash in all vectors. */
static size_t output_len(vector_case_t *c, const cJSON *json)
{
    const size_t len = (size_t)vector_number(c, json, "length");
    return vector_check(c, "length", len <= MLS_MAX_HASH_LEN, "is too large") ? len : 0;
}

static void check_expand_with_label(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "expand_with_label");
    uint8_t out[MLS_MAX_HASH_LEN];
    vector_at(c, "expand_with_label.");
    const size_t len = output_len(c, json);
    vector_ok(c, "out",
              mls_expand_with_label(c->crypto, c->suite, out, len, vector_bytes(c, json, "secret"),
                                    vector_text(c, json, "label"), vector_bytes(c, json, "context")));
    vector_equal(c, json, "out", mls_view(out, len));
}

static void check_derive_secret(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "derive_secret");
    mls_secret_t out = { 0 };
    vector_at(c, "derive_secret.");
    const mls_secret_t secret = vector_secret(c, json, "secret");
    vector_ok(c, "out", mls_derive_secret(c->crypto, c->suite, &out, &secret, vector_text(c, json, "label")));
    vector_equal(c, json, "out", mls_secret_view(&out));
}

static void check_derive_tree_secret(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "derive_tree_secret");
    uint8_t out[MLS_MAX_HASH_LEN];
    vector_at(c, "derive_tree_secret.");
    const mls_secret_t secret = vector_secret(c, json, "secret");
    const size_t len = output_len(c, json);
    vector_ok(c, "out",
              mls_derive_tree_secret(c->crypto, c->suite, out, len, &secret, vector_text(c, json, "label"),
                                     (uint32_t)vector_number(c, json, "generation")));
    vector_equal(c, json, "out", mls_view(out, len));
}

static void check_sign_with_label(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "sign_with_label");
    mls_signature_key_t key = { 0 };
    mls_bytes_t signature = { 0 };
    vector_at(c, "sign_with_label.");
    const mls_view_t public_key = vector_bytes(c, json, "pub"), content = vector_bytes(c, json, "content");
    const char *label = vector_text(c, json, "label");

    vector_ok(c, "signature",
              mls_verify_with_label(c->crypto, c->suite, public_key, label, content,
                                    vector_bytes(c, json, "signature")));
    vector_ok(c, "priv", mls_signature_key_set(c->crypto, c->suite, &key, vector_bytes(c, json, "priv")));
    vector_same(c, "pub", mls_signature_public_view(&key), public_key);
    vector_ok(c, "priv", mls_sign_with_label(c->crypto, c->suite, &signature, &key, label, content));
    vector_ok(
        c, "own signature",
        mls_verify_with_label(c->crypto, c->suite, public_key, label, content, mls_bytes_view(&signature)));
    mls_bytes_clear(&signature);
}

static void check_decryption(vector_case_t *c, const cJSON *json, const char *field,
                             const mls_hpke_private_t *private_key, mls_view_t kem_output,
                             mls_view_t ciphertext)
{
    mls_bytes_t plaintext = { 0 };
    vector_ok(c, field,
              mls_decrypt_with_label(c->crypto, c->suite, &plaintext, private_key, mls_view(NULL, 0),
                                     vector_text(c, json, "label"), vector_bytes(c, json, "context"),
                                     kem_output, ciphertext));
    vector_same(c, field, mls_bytes_view(&plaintext), vector_bytes(c, json, "plaintext"));
    mls_bytes_clear(&plaintext);
}

static void check_encryption(vector_case_t *c, const cJSON *json, const mls_hpke_private_t *private_key)
{
    mls_hpke_info_t info;
    uint8_t kem_output[MLS_MAX_KEM_PUBLIC_LEN];
    const mls_view_t plaintext = vector_bytes(c, json, "plaintext");
    const size_t len = plaintext.len + MLS_AEAD_TAG_LEN;
    uint8_t *ciphertext = mls_arena_alloc(&c->arena, len);

    if (!vector_check(c, "plaintext", ciphertext != NULL, "no memory") ||
        !vector_ok(c, "context",
                   mls_encrypt_context(c->crypto, c->suite, &info, vector_text(c, json, "label"),
                                       vector_bytes(c, json, "context"))) ||
        !vector_ok(c, "pub",
                   mls_hpke_seal(c->crypto, c->suite, kem_output, ciphertext, vector_bytes(c, json, "pub"),
                                 &info, plaintext)))
        return;
    check_decryption(c, json, "own ciphertext", private_key, mls_view(kem_output, c->suite->dh->public_len),
                     mls_view(ciphertext, len));
}

static void check_encrypt_with_label(vector_case_t *c)
{
    const cJSON *json = vector_object(c, c->json, "encrypt_with_label");
    mls_hpke_private_t private_key = { 0 };
    vector_at(c, "encrypt_with_label.");
    if (!vector_ok(c, "priv", mls_hpke_private_set(c->suite, &private_key, vector_bytes(c, json, "priv"))))
        return;
    check_decryption(c, json, "ciphertext", &private_key, vector_bytes(c, json, "kem_output"),
                     vector_bytes(c, json, "ciphertext"));
    check_encryption(c, json, &private_key);
}

static void verify(vector_case_t *c)
{
    check_ref_hash(c);
    check_expand_with_label(c);
    check_derive_secret(c);
    check_derive_tree_secret(c);
    check_sign_with_label(c);
    check_encrypt_with_label(c);
}

static const char *const fields[] = { "cipher_suite",       "ref_hash",
                                      "expand_with_label",  "derive_secret",
                                      "derive_tree_secret", "sign_with_label",
                                      "encrypt_with_label", NULL };
const vector_kind_t vector_crypto_basics = { "crypto basics", fields, verify };
