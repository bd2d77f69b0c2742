#include "mls/crypto.h"
#include "support.h"

static void suites__are_listed_in_ascending_order(void **state)
{
    (void)state;
    uint16_t ids[16];
    const size_t count = mls_crypto_suites(ids, 16);
    assert_true(count == 7 || (count == 1 && ids[0] == 3)); /* with OpenSSL, or without */
    for (size_t i = 0; i < count; i++) {
        assert_non_null(mls_crypto_suite_name(ids[i]));
        assert_ptr_equal(mls_suite_find(ids[i])->name, mls_crypto_suite_name(ids[i]));
        assert_true(i == 0 || ids[i - 1] < ids[i]);
    }
    uint16_t one[2] = { 0, 0x7777 };
    assert_int_equal(mls_crypto_suites(one, 1), count);
    assert_int_equal(one[1], 0x7777);
}

static void rule_N2__mandatory_suite_is_here(void **state)
{
    uint16_t ids[16];
    (void)state;
    if (mls_crypto_suites(ids, 16) == 1)
        skip(); /* without OpenSSL there is 0x0003 alone */
    assert_int_equal(ids[0], 0x0001);
    assert_non_null(mls_suite_find(0x0001));
}

static void suites__that_are_not_here_are_unsupported(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t out, other;
    assert_null(mls_crypto_suite_name(0));
    assert_null(mls_crypto_suite_name(0x0a0a));
    assert_status(mls_crypto_hash(t->crypto, &out, 0, mls_view(NULL, 0)), MLS_ERR_UNSUPPORTED);
    assert_status(mls_crypto_signature_key_pair(t->crypto, &out, &other, 0), MLS_ERR_UNSUPPORTED);
    assert_status(
        mls_crypto_sign_with_label(t->crypto, &out, 0, mls_view(NULL, 0), "label", mls_view(NULL, 0)),
        MLS_ERR_UNSUPPORTED);
    assert_status(mls_crypto_verify_with_label(t->crypto, 0, mls_view(NULL, 0), "label", mls_view(NULL, 0),
                                               mls_view(NULL, 0)),
                  MLS_ERR_UNSUPPORTED);
    assert_null(out.data);
}

static void hash__is_sha_256(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t hash;
    assert_ok(mls_crypto_hash(t->crypto, &hash, 3, mls_view_text("abc")));
    assert_view_hex(t, mls_bytes_view(&hash),
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    mls_bytes_clear(&hash);
    assert_ok(mls_crypto_hash(t->crypto, &hash, 3, mls_view(NULL, 0)));
    assert_view_hex(t, mls_bytes_view(&hash),
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    mls_bytes_clear(&hash);
}

static void signatures__hold_for_their_label(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t private_key, public_key, signature;
    const mls_view_t content = mls_view_text("content");
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    const mls_view_t verifying = mls_bytes_view(&public_key);
    assert_ok(mls_crypto_sign_with_label(t->crypto, &signature, t->suite->id, mls_bytes_view(&private_key),
                                         "label", content));
    assert_ok(mls_crypto_verify_with_label(t->crypto, t->suite->id, verifying, "label", content,
                                           mls_bytes_view(&signature)));
    assert_status(mls_crypto_verify_with_label(t->crypto, t->suite->id, verifying, "other", content,
                                               mls_bytes_view(&signature)),
                  MLS_ERR_SIGNATURE);
    mls_bytes_clear(&signature);
    assert_status(mls_crypto_sign_with_label(t->crypto, &signature, t->suite->id,
                                             mls_view(private_key.data, 0), "label", content),
                  MLS_ERR_ARGUMENT);
    assert_null(signature.data);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
}

static void randomness__comes_from_the_host(void **state)
{
    test_context_t *t = *state;
    uint8_t bytes[8];
    mls_bytes_t private_key, public_key;
    assert_ok(mls_crypto_random(t->crypto, bytes, sizeof bytes));
    t->random_fails = true;
    assert_status(mls_crypto_random(t->crypto, bytes, sizeof bytes), MLS_ERR_CRYPTO);
    assert_status(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id),
                  MLS_ERR_CRYPTO);
    assert_true(private_key.data == NULL && public_key.data == NULL);
}

static void randomness__of_the_system_is_the_default(void **state)
{
    (void)state;
    mls_crypto_t *crypto;
    uint8_t a[32] = { 0 }, b[32] = { 0 };
    assert_ok(mls_crypto_new(&crypto, NULL));
    assert_ok(mls_crypto_random(crypto, a, sizeof a));
    assert_ok(mls_crypto_random(crypto, b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    mls_crypto_free(crypto);
    mls_crypto_free(NULL);
}

/* ---- AEADs --------------------------------------------------------------------------------------- */

static void check_aead(test_context_t *t, const mls_aead_engine_t *aead, size_t len, size_t aad_len)
{
    const mls_view_t key = test_random_bytes(t, aead->key_len), nonce = test_random_bytes(t, aead->nonce_len);
    const mls_view_t plaintext = test_random_bytes(t, len), aad = test_random_bytes(t, aad_len);
    uint8_t *sealed = test_alloc(t, len + MLS_AEAD_TAG_LEN), *opened = test_alloc(t, len);
    const mls_view_t ciphertext = mls_view(sealed, len + MLS_AEAD_TAG_LEN);
    assert_ok(aead->seal(t->crypto, aead->variant, sealed, key.data, nonce.data, aad, plaintext));
    assert_ok(aead->open(t->crypto, aead->variant, opened, key.data, nonce.data, aad, ciphertext));
    assert_view_equal(mls_view(opened, len), plaintext);
    assert_status(
        aead->open(t->crypto, aead->variant, opened, test_flip(t, key, 9).data, nonce.data, aad, ciphertext),
        MLS_ERR_DECRYPT);
    assert_status(
        aead->open(t->crypto, aead->variant, opened, key.data, test_flip(t, nonce, 9).data, aad, ciphertext),
        MLS_ERR_DECRYPT);
    assert_status(aead->open(t->crypto, aead->variant, opened, key.data, nonce.data, aad,
                             test_flip(t, ciphertext, 8 * len)),
                  MLS_ERR_DECRYPT);
    if (aad_len > 0)
        assert_status(aead->open(t->crypto, aead->variant, opened, key.data, nonce.data, test_flip(t, aad, 0),
                                 ciphertext),
                      MLS_ERR_DECRYPT);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(opened[i], 0);
}

static void aead__of_each_suite_opens_what_it_sealed_only(void **state)
{
    test_context_t *t = *state;
    uint16_t ids[16];
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 1000 };
    for (size_t n = mls_crypto_suites(ids, 16), i = 0; i < n; i++)
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            check_aead(t, mls_suite_find(ids[i])->aead, lengths[j], 0);
            check_aead(t, mls_suite_find(ids[i])->aead, lengths[j], 33);
        }
}

/* Test case 2 of the specification of GCM. */
static void aead__of_suite_1_is_aes_128_gcm(void **state)
{
    test_context_t *t = *state;
    static const uint8_t zeros[16];
    uint8_t out[32];
    const mls_suite_t *suite = mls_suite_find(MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519);
    if (suite == NULL)
        skip();
    assert_ok(suite->aead->seal(t->crypto, suite->aead->variant, out, zeros, zeros, mls_view(NULL, 0),
                                mls_view(zeros, 16)));
    assert_view_hex(t, mls_view(out, 32),
                    "0388dace60b6a392f328c2b971b2fe78 ab6e47d42cec13bdf53a67b21257bddf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(suites__are_listed_in_ascending_order),     TEST(rule_N2__mandatory_suite_is_here),
        TEST(suites__that_are_not_here_are_unsupported), TEST(hash__is_sha_256),
        TEST(signatures__hold_for_their_label),          TEST(randomness__comes_from_the_host),
        TEST(randomness__of_the_system_is_the_default),  TEST(aead__of_each_suite_opens_what_it_sealed_only),
        TEST(aead__of_suite_1_is_aes_128_gcm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
