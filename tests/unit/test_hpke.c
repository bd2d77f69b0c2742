#include "hpke.h"
#include "support.h"

/* RFC 9180, Appendix A.1.1. The ciphertexts are for an empty aad; they and what is exported come from a
 * second implementation, that was checked against the appendix. */
#define IKM_R "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"
#define SK_R "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8"
#define PK_R "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d"
#define ENC "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431"
#define INFO "Ode on a Grecian Urn"
#define PLAINTEXT "Beauty is truth, truth beauty"

typedef struct known {
    uint16_t suite;
    const char *ciphertext;
    const char *exported; /* with that context: "MLS 1.0 external init secret" */
} known_t;

static const known_t known[] = {
    { MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
      "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae821807a370ad4546513b00cf03048f6b793c",
      "d134a1ea8027074dfec5dc2f53a7c1289ec983bedab696e826024c6546bdb7a9" },
    { MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
      "8ea67d983d79e40ce96beb55aa70d49b563c686bb5eed2df7479be4a39f61ae97b900015d19c6a158d3b309847",
      "9e7dcf23f8cfbbe1e8e20e3d968966df76026a822b99bcbb30252cc8bf9cef8c" },
};

/* What is known of the test's suite, which is one of those two. */
static const known_t *known_of(const test_context_t *t)
{
    assert_true(t->suite->id == known[0].suite || t->suite->id == known[1].suite);
    return &known[t->suite->id == known[1].suite];
}

static mls_hpke_private_t private_key(test_context_t *t, const mls_suite_t *suite)
{
    mls_hpke_private_t key;
    assert_ok(mls_hpke_private_set(suite, &key, test_hex(t, SK_R)));
    return key;
}

static mls_hpke_info_t info_of(test_context_t *t, const mls_suite_t *suite, const char *text)
{
    const mls_view_t part = mls_view_text(text);
    mls_hpke_info_t info;
    assert_ok(mls_hpke_hash_info(t->crypto, suite, &info, &part, 1));
    return info;
}

/* Opens into a buffer of the plaintext's own size. */
static mls_status_t open_with(test_context_t *t, const mls_suite_t *suite, mls_view_t *plaintext,
                              mls_view_t enc, const char *info_text, mls_view_t ciphertext)
{
    const mls_hpke_private_t key = private_key(t, suite);
    const mls_hpke_info_t info = info_of(t, suite, info_text);
    uint8_t *out = test_alloc(t, ciphertext.len - MLS_AEAD_TAG_LEN);
    *plaintext = mls_view(out, ciphertext.len - MLS_AEAD_TAG_LEN);
    return mls_hpke_open(t->crypto, suite, out, enc, &key, mls_view(NULL, 0), &info, ciphertext);
}

static void derive_key_pair__gives_that_of_the_rfc(void **state)
{
    test_context_t *t = *state;
    mls_hpke_private_t key;
    mls_hpke_public_t public_key;
    assert_ok(mls_hpke_derive_key_pair(t->crypto, t->suite, &key, &public_key, test_hex(t, IKM_R)));
    assert_view_hex(t, mls_hpke_private_view(&key), SK_R);
    assert_view_hex(t, mls_hpke_public_view(&public_key), PK_R);
}

static void open__gives_the_plaintext(void **state)
{
    test_context_t *t = *state;
    mls_view_t plaintext;
    for (size_t i = 0; i < 2; i++) {
        const mls_suite_t *suite = mls_suite_find(known[i].suite);
        if (suite == NULL)
            continue; /* a build without OpenSSL has the second one */
        assert_ok(open_with(t, suite, &plaintext, test_hex(t, ENC), INFO, test_hex(t, known[i].ciphertext)));
        assert_view_equal(plaintext, mls_view_text(PLAINTEXT));
    }
}

static void open__refuses_whatever_was_changed(void **state)
{
    test_context_t *t = *state;
    const mls_view_t enc = test_hex(t, ENC), ciphertext = test_hex(t, known_of(t)->ciphertext);
    mls_view_t plaintext;
    for (size_t bit = 0; bit < 8 * ciphertext.len; bit += 5) {
        assert_status(open_with(t, t->suite, &plaintext, enc, INFO, test_flip(t, ciphertext, bit)),
                      MLS_ERR_DECRYPT);
        for (size_t i = 0; i < plaintext.len; i++)
            assert_int_equal(plaintext.data[i], 0); /* nothing of it is left behind */
    }
    assert_status(open_with(t, t->suite, &plaintext, test_flip(t, enc, 0), INFO, ciphertext),
                  MLS_ERR_DECRYPT);
    assert_status(open_with(t, t->suite, &plaintext, enc, INFO "!", ciphertext), MLS_ERR_DECRYPT);
}

static void seal__gives_what_opens_and_never_the_same_twice(void **state)
{
    test_context_t *t = *state;
    const mls_hpke_info_t info = info_of(t, t->suite, "info");
    uint8_t enc[2][32], ciphertext[2][5 + MLS_AEAD_TAG_LEN];
    mls_view_t plaintext;
    for (int i = 0; i < 2; i++) {
        assert_ok(mls_hpke_seal(t->crypto, t->suite, enc[i], ciphertext[i], test_hex(t, PK_R), &info,
                                mls_view_text("hello")));
        assert_ok(open_with(t, t->suite, &plaintext, mls_view(enc[i], 32), "info",
                            mls_view(ciphertext[i], sizeof ciphertext[i])));
        assert_view_equal(plaintext, mls_view_text("hello"));
    }
    assert_memory_not_equal(enc[0], enc[1], 32);
}

static void seal__needs_randomness(void **state)
{
    test_context_t *t = *state;
    const mls_hpke_info_t info = info_of(t, t->suite, "info");
    uint8_t enc[32], ciphertext[MLS_AEAD_TAG_LEN];
    t->random_fails = true;
    assert_status(
        mls_hpke_seal(t->crypto, t->suite, enc, ciphertext, test_hex(t, PK_R), &info, mls_view(NULL, 0)),
        MLS_ERR_CRYPTO);
}

/* Points of small order give a shared secret of zeros: RFC 9180, Section 7.1.4 wants them refused. */
static void keys__of_small_order_are_refused(void **state)
{
    test_context_t *t = *state;
    static const char *const points[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    const mls_hpke_info_t info = info_of(t, t->suite, "info");
    uint8_t enc[32], ciphertext[5 + MLS_AEAD_TAG_LEN];
    mls_view_t plaintext;
    for (size_t i = 0; i < 2 * sizeof points / sizeof *points; i++) {
        mls_view_t point = test_hex(t, points[i / 2]);
        if (i % 2 == 1)
            point = test_flip(t, point, 255); /* RFC 7748, Section 5: this bit does not count */
        assert_status(mls_hpke_check_public(t->crypto, t->suite, point), MLS_ERR_INVALID);
        assert_status(
            mls_hpke_seal(t->crypto, t->suite, enc, ciphertext, point, &info, mls_view_text("hello")),
            MLS_ERR_INVALID);
        assert_status(open_with(t, t->suite, &plaintext, point, INFO, test_hex(t, known_of(t)->ciphertext)),
                      MLS_ERR_INVALID);
    }
}

static void keys__of_small_order_are_refused_with_x448(void **state)
{
    test_context_t *t = *state;
    static const char *const points[] = {
        "00000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000000000",
        "01000000000000000000000000000000000000000000000000000000"
        "00000000000000000000000000000000000000000000000000000000",
        "feffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "feffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "feffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "00000000000000000000000000000000000000000000000000000000"
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    const mls_suite_t *suite = mls_suite_find(4);
    if (suite == NULL)
        skip();
    const mls_hpke_info_t info = info_of(t, suite, "info");
    uint8_t enc[56], ciphertext[5 + MLS_AEAD_TAG_LEN];
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const mls_view_t point = test_hex(t, points[i]);
        assert_status(mls_hpke_check_public(t->crypto, suite, point), MLS_ERR_INVALID);
        assert_status(mls_hpke_seal(t->crypto, suite, enc, ciphertext, point, &info, mls_view_text("hello")),
                      MLS_ERR_INVALID);
        assert_ok(mls_hpke_check_public(t->crypto, suite, test_flip(t, point, 77)));
        assert_ok(mls_hpke_seal(t->crypto, suite, enc, ciphertext, test_flip(t, point, 77), &info,
                                mls_view_text("hello")));
    }
}

static void keys__of_another_length_are_refused(void **state)
{
    test_context_t *t = *state;
    const mls_hpke_info_t info = info_of(t, t->suite, "info");
    uint8_t enc[32], ciphertext[MLS_AEAD_TAG_LEN];
    mls_hpke_private_t key;
    mls_view_t plaintext, bytes = test_random_bytes(t, 33);
    static const size_t lengths[] = { 0, 1, 31, 33 };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        bytes.len = lengths[i];
        assert_status(mls_hpke_check_public(t->crypto, t->suite, bytes), MLS_ERR_INVALID);
        assert_status(mls_hpke_private_set(t->suite, &key, bytes), MLS_ERR_INVALID);
        assert_status(mls_hpke_seal(t->crypto, t->suite, enc, ciphertext, bytes, &info, mls_view(NULL, 0)),
                      MLS_ERR_INVALID);
        assert_status(open_with(t, t->suite, &plaintext, bytes, INFO, test_hex(t, known_of(t)->ciphertext)),
                      MLS_ERR_INVALID);
    }
}

static void open__refuses_less_than_a_tag(void **state)
{
    test_context_t *t = *state;
    const mls_hpke_private_t key = private_key(t, t->suite);
    const mls_hpke_info_t info = info_of(t, t->suite, INFO);
    uint8_t out[1];
    mls_view_t ciphertext = test_hex(t, known_of(t)->ciphertext);
    for (ciphertext.len = 0; ciphertext.len < MLS_AEAD_TAG_LEN; ciphertext.len++)
        assert_status(mls_hpke_open(t->crypto, t->suite, out, test_hex(t, ENC), &key, mls_view(NULL, 0),
                                    &info, ciphertext),
                      MLS_ERR_DECRYPT);
}

static void export__is_the_same_on_both_sides(void **state)
{
    test_context_t *t = *state;
    const mls_hpke_private_t key = private_key(t, t->suite);
    uint8_t enc[32];
    mls_secret_t sent, received;
    assert_ok(mls_hpke_receive_export(t->crypto, t->suite, &received, test_hex(t, ENC), &key,
                                      "MLS 1.0 external init secret"));
    assert_view_hex(t, mls_secret_view(&received), known_of(t)->exported);
    assert_ok(mls_hpke_send_export(t->crypto, t->suite, enc, &sent, test_hex(t, PK_R), "context"));
    assert_ok(mls_hpke_receive_export(t->crypto, t->suite, &received, mls_view(enc, 32), &key, "context"));
    assert_view_equal(mls_secret_view(&received), mls_secret_view(&sent));
}

static void hkdf__gives_that_of_rfc_5869(void **state)
{
    test_context_t *t = *state;
    const mls_view_t ikm[] = { test_hex(t, "0b0b0b0b0b0b0b0b0b0b0b"), test_hex(t, "0b0b0b0b0b0b0b0b0b0b0b") };
    const mls_view_t info[] = { test_hex(t, "f0f1f2f3"), test_hex(t, "f4f5f6f7f8f9") };
    mls_secret_t prk;
    uint8_t okm[42];
    assert_ok(mls_hkdf_extract(t->crypto, t->suite, &prk, test_hex(t, "000102030405060708090a0b0c"), ikm, 2));
    assert_view_hex(t, mls_secret_view(&prk),
                    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    assert_ok(mls_hkdf_expand(t->crypto, t->suite, okm, sizeof okm, mls_secret_view(&prk), info, 2));
    assert_view_hex(t, mls_view(okm, sizeof okm),
                    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

static void hkdf__expands_to_255_hashes_at_most(void **state)
{
    test_context_t *t = *state;
    uint8_t *out = test_alloc(t, 255 * 32 + 1);
    const mls_view_t prk = test_random_bytes(t, 32);
    assert_ok(mls_hkdf_expand(t->crypto, t->suite, out, 255 * 32, prk, NULL, 0));
    assert_status(mls_hkdf_expand(t->crypto, t->suite, out, 255 * 32 + 1, prk, NULL, 0), MLS_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(derive_key_pair__gives_that_of_the_rfc),
        TEST(open__gives_the_plaintext),
        TEST(open__refuses_whatever_was_changed),
        TEST(seal__gives_what_opens_and_never_the_same_twice),
        TEST(seal__needs_randomness),
        TEST(keys__of_small_order_are_refused),
        TEST(keys__of_small_order_are_refused_with_x448),
        TEST(keys__of_another_length_are_refused),
        TEST(open__refuses_less_than_a_tag),
        TEST(export__is_the_same_on_both_sides),
        TEST(hkdf__gives_that_of_rfc_5869),
        TEST(hkdf__expands_to_255_hashes_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
