#include "labeled.h"
#include "support.h"

/* The expected values come from a second implementation of RFC 9420, Sections 5.2 and 8. */

static mls_secret_t counting_secret(void)
{
    mls_secret_t secret = { .len = 32 };
    for (size_t i = 0; i < secret.len; i++)
        secret.data[i] = (uint8_t)i;
    return secret;
}

static void expand_with_label__has_length_label_and_context(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t secret = counting_secret();
    uint8_t out[40], long_context[64];
    memset(long_context, 'c', sizeof long_context); /* its length takes two bytes */
    assert_ok(mls_expand_with_label(t->crypto, t->suite, out, 40, mls_secret_view(&secret), "label",
                                    mls_view_text("context")));
    assert_view_hex(t, mls_view(out, 40),
                    "b4f3aa1545e3d86ea1f3c0365f315ad647d71165e186d6dc981d5deb85adbdb136ba6d6135d7786b");
    assert_ok(mls_expand_with_label(t->crypto, t->suite, out, 16, mls_secret_view(&secret), "label",
                                    mls_view(long_context, 64)));
    assert_view_hex(t, mls_view(out, 16), "177908b4d3c7974331e51d977ef0c3db");
}

static void expand_with_label__refuses_what_has_no_encoding(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t secret = counting_secret();
    uint8_t out[32];
    char label[257] = { 0 };
    memset(label, 'l', 256);
    assert_status(mls_expand_with_label(t->crypto, t->suite, out, 32, mls_secret_view(&secret), label,
                                        mls_view(NULL, 0)),
                  MLS_ERR_ARGUMENT);
    label[255] = '\0';
    assert_ok(mls_expand_with_label(t->crypto, t->suite, out, 32, mls_secret_view(&secret), label,
                                    mls_view(NULL, 0)));
    assert_status(mls_expand_with_label(t->crypto, t->suite, out, 65536, mls_secret_view(&secret), "label",
                                        mls_view(NULL, 0)),
                  MLS_ERR_ARGUMENT);
}

static void derive_secret__may_replace_the_secret(void **state)
{
    test_context_t *t = *state;
    mls_secret_t secret = counting_secret();
    assert_ok(mls_derive_secret(t->crypto, t->suite, &secret, &secret, "secret"));
    assert_view_hex(t, mls_secret_view(&secret),
                    "bbb5bf39caa86c8593721792f1c1e7f228d8d80fc166022b8c1815b4f935553b");
}

static void derive_tree_secret__has_the_generation_as_context(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t secret = counting_secret();
    uint8_t out[12];
    assert_ok(mls_derive_tree_secret(t->crypto, t->suite, out, 12, &secret, "nonce", 0x01020304));
    assert_view_hex(t, mls_view(out, 12), "f4be1efb51487c443ea2457e");
}

static void ref_hash__has_label_and_value(void **state)
{
    test_context_t *t = *state;
    mls_secret_t ref;
    assert_ok(
        mls_ref_hash(t->crypto, t->suite, &ref, "MLS 1.0 KeyPackage Reference", mls_view_text("value")));
    assert_view_hex(t, mls_secret_view(&ref),
                    "73472a0b7c15730e0538a0b71f6a0b3da7731a8102d39e350f75c5c25b812a75");
}

static void mac__is_over_all_parts(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t key = counting_secret();
    const mls_view_t parts[] = { mls_view_text("ab"), mls_view(NULL, 0), mls_view_text("c") };
    mls_secret_t mac;
    assert_ok(mls_mac(t->crypto, t->suite, &mac, &key, parts, 3));
    assert_view_hex(t, mls_secret_view(&mac),
                    "f0133729c4163dede81e21cd47839256da58171238c8a0d874397c73b14e1e47");
}

static void signature__holds_for_its_key_label_and_content(void **state)
{
    test_context_t *t = *state;
    mls_signature_key_t key, other;
    mls_bytes_t bytes;
    const mls_view_t content = mls_view_text("content");
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &key));
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &other));
    assert_ok(mls_sign_with_label(t->crypto, t->suite, &bytes, &key, "label", content));
    const mls_view_t signature = test_keep(t, &bytes), public_key = mls_signature_public_view(&key);
    assert_ok(mls_verify_with_label(t->crypto, t->suite, public_key, "label", content, signature));
    assert_status(mls_verify_with_label(t->crypto, t->suite, public_key, "Label", content, signature),
                  MLS_ERR_SIGNATURE);
    assert_status(
        mls_verify_with_label(t->crypto, t->suite, public_key, "label", mls_view_text("Content"), signature),
        MLS_ERR_SIGNATURE);
    assert_status(mls_verify_with_label(t->crypto, t->suite, mls_signature_public_view(&other), "label",
                                        content, signature),
                  MLS_ERR_SIGNATURE);
    for (size_t bit = 0; bit < 8 * signature.len; bit++)
        assert_status(mls_verify_with_label(t->crypto, t->suite, public_key, "label", content,
                                            test_flip(t, signature, bit)),
                      MLS_ERR_SIGNATURE);
}

static void signature__of_another_length_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_signature_key_t key;
    const mls_view_t content = mls_view_text("content"), bytes = test_random_bytes(t, 65);
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &key));
    static const size_t lengths[] = { 0, 1, 63, 65 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_status(mls_verify_with_label(t->crypto, t->suite, mls_signature_public_view(&key), "label",
                                            content, mls_view(bytes.data, lengths[i])),
                      MLS_ERR_SIGNATURE);
    assert_status(mls_verify_with_label(t->crypto, t->suite, mls_view(bytes.data, 31), "label", content,
                                        mls_view(bytes.data, 64)),
                  MLS_ERR_INVALID);
}

static void signature_key__is_derived_from_its_private_half(void **state)
{
    test_context_t *t = *state;
    mls_signature_key_t generated, set;
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &generated));
    assert_ok(mls_signature_key_set(t->crypto, t->suite, &set, mls_signature_private_view(&generated)));
    assert_view_equal(mls_signature_public_view(&set), mls_signature_public_view(&generated));
    assert_status(mls_signature_key_set(t->crypto, t->suite, &set, mls_view(generated.private_key, 31)),
                  MLS_ERR_ARGUMENT);
    assert_int_equal(set.private_len, 0);
}

static void decrypt_with_label__wants_the_same_label_and_context(void **state)
{
    test_context_t *t = *state;
    mls_hpke_private_t private_key;
    mls_hpke_public_t public_key;
    mls_hpke_info_t info;
    uint8_t enc[32] = { 0 }, ciphertext[6 + MLS_AEAD_TAG_LEN] = { 0 };
    const mls_view_t sealed = mls_view(ciphertext, sizeof ciphertext), context = mls_view_text("context");
    mls_bytes_t plaintext;
    assert_ok(mls_hpke_generate(t->crypto, t->suite, &private_key, &public_key));
    assert_ok(mls_encrypt_context(t->crypto, t->suite, &info, "label", context));
    assert_ok(mls_hpke_seal(t->crypto, t->suite, enc, ciphertext, mls_hpke_public_view(&public_key), &info,
                            mls_view_text("secret")));
    assert_ok(mls_decrypt_with_label(t->crypto, t->suite, &plaintext, &private_key, mls_view(NULL, 0),
                                     "label", context, mls_view(enc, 32), sealed));
    assert_view_equal(mls_bytes_view(&plaintext), mls_view_text("secret"));
    mls_bytes_clear(&plaintext);
    assert_status(mls_decrypt_with_label(t->crypto, t->suite, &plaintext, &private_key, mls_view(NULL, 0),
                                         "other", context, mls_view(enc, 32), sealed),
                  MLS_ERR_DECRYPT);
    assert_status(mls_decrypt_with_label(t->crypto, t->suite, &plaintext, &private_key, mls_view(NULL, 0),
                                         "label", mls_view(NULL, 0), mls_view(enc, 32), sealed),
                  MLS_ERR_DECRYPT);
    assert_null(plaintext.data);
    assert_status(mls_decrypt_with_label(t->crypto, t->suite, &plaintext, &private_key, mls_view(NULL, 0),
                                         "label", context, mls_view(enc, 32),
                                         mls_view(ciphertext, MLS_AEAD_TAG_LEN - 1)),
                  MLS_ERR_DECRYPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(expand_with_label__has_length_label_and_context),
        TEST(expand_with_label__refuses_what_has_no_encoding),
        TEST(derive_secret__may_replace_the_secret),
        TEST(derive_tree_secret__has_the_generation_as_context),
        TEST(ref_hash__has_label_and_value),
        TEST(mac__is_over_all_parts),
        TEST(signature__holds_for_its_key_label_and_content),
        TEST(signature__of_another_length_is_refused),
        TEST(signature_key__is_derived_from_its_private_half),
        TEST(decrypt_with_label__wants_the_same_label_and_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
