/* make_crypto_basics.c -- one of each labelled operation. */
#include "by_hand.h"
#include "generate.h"
#include "labeled.h"
#include "make.h"

enum { CONTENT_LEN = 40 };

static void make_ref_hash(vector_case_t *c, cJSON *json)
{
    hand_t input = { 0 };
    const mls_view_t value = random_bytes(c, CONTENT_LEN);
    hand_opaque(&input, mls_view_text("RefHash"));
    hand_opaque(&input, value);
    const mls_secret_t out = hand_hash(c, &input);
    put_text(c, json, "label", "RefHash");
    put_bytes(c, json, "value", value);
    put_secret(c, json, "out", &out);
}

static void make_expand_with_label(vector_case_t *c, cJSON *json)
{
    const mls_secret_t secret = random_secret(c);
    const mls_view_t context = random_bytes(c, CONTENT_LEN);
    const size_t len = 1 + random_below(c, (uint32_t)c->suite->hash->len);
    const mls_secret_t out = hand_expand(c, &secret, "ExpandWithLabel", context, len);
    put_secret(c, json, "secret", &secret);
    put_text(c, json, "label", "ExpandWithLabel");
    put_bytes(c, json, "context", context);
    put_number(c, json, "length", len);
    put_secret(c, json, "out", &out);
}

static void make_derive_secret(vector_case_t *c, cJSON *json)
{
    const mls_secret_t secret = random_secret(c);
    const mls_secret_t out = hand_derive(c, &secret, "DeriveSecret");
    put_secret(c, json, "secret", &secret);
    put_text(c, json, "label", "DeriveSecret");
    put_secret(c, json, "out", &out);
}

static void make_derive_tree_secret(vector_case_t *c, cJSON *json)
{
    const mls_secret_t secret = random_secret(c);
    const uint32_t generation = random_below(c, UINT32_MAX);
    const size_t len = c->suite->aead->key_len;
    hand_t context = { 0 };
    hand_number(&context, generation, 4);
    const mls_secret_t out = hand_expand(c, &secret, "DeriveTreeSecret", hand_view(c, &context), len);
    put_secret(c, json, "secret", &secret);
    put_text(c, json, "label", "DeriveTreeSecret");
    put_number(c, json, "generation", generation);
    put_number(c, json, "length", len);
    put_secret(c, json, "out", &out);
}

static void make_sign_with_label(vector_case_t *c, cJSON *json)
{
    mls_signature_key_t key = { 0 };
    mls_bytes_t signature = { 0 };
    const mls_view_t content = random_bytes(c, CONTENT_LEN);
    vector_ok(c, "signature key", mls_signature_key_generate(c->crypto, c->suite, &key));
    vector_ok(c, "signature",
              mls_sign_with_label(c->crypto, c->suite, &signature, &key, "SignWithLabel", content));
    put_bytes(c, json, "priv", mls_signature_private_view(&key));
    put_bytes(c, json, "pub", mls_signature_public_view(&key));
    put_bytes(c, json, "content", content);
    put_text(c, json, "label", "SignWithLabel");
    put_bytes(c, json, "signature", keep_bytes(c, &signature));
}

static void make_encrypt_with_label(vector_case_t *c, cJSON *json)
{
    mls_hpke_private_t private_key = { 0 };
    mls_hpke_public_t public_key = { 0 };
    mls_hpke_info_t info;
    uint8_t kem_output[MLS_MAX_KEM_PUBLIC_LEN], ciphertext[CONTENT_LEN + MLS_AEAD_TAG_LEN];
    const mls_view_t context = random_bytes(c, CONTENT_LEN), plaintext = random_bytes(c, CONTENT_LEN);
    if (!vector_ok(c, "key pair", mls_hpke_generate(c->crypto, c->suite, &private_key, &public_key)) ||
        !vector_ok(c, "context",
                   mls_encrypt_context(c->crypto, c->suite, &info, "EncryptWithLabel", context)) ||
        !vector_ok(c, "ciphertext",
                   mls_hpke_seal(c->crypto, c->suite, kem_output, ciphertext,
                                 mls_hpke_public_view(&public_key), &info, plaintext)))
        return;
    put_bytes(c, json, "priv", mls_hpke_private_view(&private_key));
    put_bytes(c, json, "pub", mls_hpke_public_view(&public_key));
    put_text(c, json, "label", "EncryptWithLabel");
    put_bytes(c, json, "context", context);
    put_bytes(c, json, "plaintext", plaintext);
    put_bytes(c, json, "kem_output", mls_view(kem_output, c->suite->dh->public_len));
    put_bytes(c, json, "ciphertext", mls_view(ciphertext, sizeof ciphertext));
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    (void)variant;
    make_ref_hash(c, put_object(c, json, "ref_hash"));
    make_expand_with_label(c, put_object(c, json, "expand_with_label"));
    make_derive_secret(c, put_object(c, json, "derive_secret"));
    make_derive_tree_secret(c, put_object(c, json, "derive_tree_secret"));
    make_sign_with_label(c, put_object(c, json, "sign_with_label"));
    make_encrypt_with_label(c, put_object(c, json, "encrypt_with_label"));
}

const vector_generator_t generate_crypto_basics = { "crypto-basics", "labelled cryptography", true, 1, make };
