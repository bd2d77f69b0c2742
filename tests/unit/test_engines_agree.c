/* test_engines_agree.c -- what both libraries do: a build may take either, and members of one group may
 * differ in it, so their results and their verdicts have to be the same. */
#include "small_order.h"
#include "support.h"

enum { NUM_TRIES = 100 };

/* ---- SHA-256 and HMAC ---------------------------------------------------------------------------- */

static void hashes__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_hash_engine_t *a = &mls_openssl_sha256, *b = &mls_sodium_sha256;
    assert_true(a->kdf_id == b->kdf_id && a->len == b->len);
    for (int i = 0; i < NUM_TRIES; i++) {
        const mls_view_t key = i == 0 ? mls_view(NULL, 0) : test_random_bytes(t, test_random(t, 200));
        const mls_view_t parts[] = { test_random_bytes(t, test_random(t, 100)), mls_view(NULL, 0),
                                     test_random_bytes(t, test_random(t, 1000)) };
        const size_t num_parts = test_random(t, 4);
        uint8_t one[32], other[32];
        assert_ok(a->hash(t->crypto, a->variant, one, parts, num_parts));
        assert_ok(b->hash(t->crypto, b->variant, other, parts, num_parts));
        assert_memory_equal(one, other, sizeof one);
        assert_ok(a->hmac(t->crypto, a->variant, one, key, parts, num_parts));
        assert_ok(b->hmac(t->crypto, b->variant, other, key, parts, num_parts));
        assert_memory_equal(one, other, sizeof one);
    }
}

/* ---- ChaCha20-Poly1305 --------------------------------------------------------------------------- */

static void aeads__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_aead_engine_t *a = &mls_openssl_chacha20poly1305, *b = &mls_sodium_chacha20poly1305;
    const mls_aead_engine_t *both = &mls_both_chacha20poly1305;
    assert_true(a->aead_id == b->aead_id && a->key_len == b->key_len && a->nonce_len == b->nonce_len);
    assert_true(both->aead_id == b->aead_id && both->key_len == b->key_len &&
                both->nonce_len == b->nonce_len);
    for (int i = 0; i < NUM_TRIES; i++) {
        const mls_view_t key = test_random_bytes(t, a->key_len), nonce = test_random_bytes(t, a->nonce_len);
        const mls_view_t aad = test_random_bytes(t, test_random(t, 50));
        const mls_view_t plaintext = test_random_bytes(t, i == 0 ? 0 : test_random(t, 2000));
        const size_t len = plaintext.len + MLS_AEAD_TAG_LEN;
        uint8_t *one = test_alloc(t, len), *other = test_alloc(t, len), *opened = test_alloc(t, len);
        assert_ok(a->seal(t->crypto, a->variant, one, key.data, nonce.data, aad, plaintext));
        assert_ok(b->seal(t->crypto, b->variant, other, key.data, nonce.data, aad, plaintext));
        assert_view_equal(mls_view(one, len), mls_view(other, len));
        assert_ok(a->open(t->crypto, a->variant, opened, key.data, nonce.data, aad, mls_view(other, len)));
        assert_view_equal(mls_view(opened, plaintext.len), plaintext);
        assert_ok(b->open(t->crypto, b->variant, opened, key.data, nonce.data, aad, mls_view(one, len)));
        assert_view_equal(mls_view(opened, plaintext.len), plaintext);
        assert_ok(both->seal(t->crypto, both->variant, other, key.data, nonce.data, aad, plaintext));
        assert_view_equal(mls_view(one, len), mls_view(other, len));
        assert_ok(
            both->open(t->crypto, both->variant, opened, key.data, nonce.data, aad, mls_view(one, len)));
        assert_view_equal(mls_view(opened, plaintext.len), plaintext);
        other[test_random(t, (uint32_t)len)] ^= 1;
        assert_status(
            both->open(t->crypto, both->variant, opened, key.data, nonce.data, aad, mls_view(other, len)),
            MLS_ERR_DECRYPT);
    }
}

/* ---- X25519 -------------------------------------------------------------------------------------- */

static void check_shared(test_context_t *t, const uint8_t *private_key, const uint8_t *public_key)
{
    const mls_dh_engine_t *a = &mls_openssl_x25519, *b = &mls_sodium_x25519;
    uint8_t one[32], other[32];
    assert_int_equal(a->check_public(t->crypto, a->variant, public_key),
                     b->check_public(t->crypto, b->variant, public_key));
    assert_int_equal(a->shared(t->crypto, a->variant, one, private_key, public_key),
                     b->shared(t->crypto, b->variant, other, private_key, public_key));
    assert_memory_equal(one, other, sizeof one);
}

/* One by one, and as many at once as may be. */
static void public_keys__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_dh_engine_t *a = &mls_both_x25519, *b = &mls_sodium_x25519;
    for (size_t num = 1; num <= MLS_DH_MAX_AT_ONCE; num++) {
        uint8_t one[32 * MLS_DH_MAX_AT_ONCE], other[32];
        const mls_view_t private_keys = test_random_bytes(t, 32 * num);
        assert_ok(a->public_keys(t->crypto, a->variant, one, private_keys.data, num));
        for (size_t i = 0; i < num; i++) {
            assert_ok(b->public_key(t->crypto, b->variant, other, private_keys.data + 32 * i));
            assert_memory_equal(one + 32 * i, other, sizeof other);
            assert_ok(a->public_key(t->crypto, a->variant, other, private_keys.data + 32 * i));
            assert_memory_equal(one + 32 * i, other, sizeof other);
        }
    }
    assert_status(a->public_keys(t->crypto, a->variant, NULL, NULL, 0), MLS_ERR_ARGUMENT);
    assert_status(a->public_keys(t->crypto, a->variant, NULL, NULL, MLS_DH_MAX_AT_ONCE + 1),
                  MLS_ERR_ARGUMENT);
}

/* Private keys whose bits are all alike, but for those that clamping sets (RFC 7748, Section 5). */
static void public_keys_of_extreme_private_keys__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_dh_engine_t *a = &mls_both_x25519, *b = &mls_sodium_x25519;
    for (unsigned i = 0; i < 256; i++) {
        uint8_t private_key[32], one[32], other[32];
        memset(private_key, i % 2 == 0 ? 0 : 0xff, sizeof private_key);
        private_key[i % 32] = (uint8_t)i;
        assert_ok(a->public_key(t->crypto, a->variant, one, private_key));
        assert_ok(b->public_key(t->crypto, b->variant, other, private_key));
        assert_memory_equal(one, other, sizeof one);
    }
}

static void key_agreements__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_dh_engine_t *a = &mls_openssl_x25519, *b = &mls_sodium_x25519;
    assert_true(a->kem_id == b->kem_id && a->private_len == b->private_len);
    for (unsigned i = 0; i < 256; i++) {
        const mls_view_t private_key = test_random_bytes(t, 32);
        uint8_t one[32], other[32], point[32];
        assert_ok(a->public_key(t->crypto, a->variant, one, private_key.data));
        assert_ok(b->public_key(t->crypto, b->variant, other, private_key.data));
        assert_memory_equal(one, other, sizeof one);
        check_shared(t, private_key.data, test_random_bytes(t, 32).data);
        memset(point, 0, sizeof point);
        point[0] = (uint8_t)i; /* the lowest coordinates, 0 and 1 among them, and the highest */
        check_shared(t, private_key.data, point);
        memset(point, 0xff, sizeof point);
        point[0] = (uint8_t)i;
        check_shared(t, private_key.data, point);
        point[31] = 0x7f;
        check_shared(t, private_key.data, point);
    }
}

/* ---- Ed25519 ------------------------------------------------------------------------------------- */

static void check_verdict(test_context_t *t, const uint8_t *public_key, mls_view_t message,
                          mls_view_t signature, mls_status_t expected)
{
    const mls_signature_engine_t *a = &mls_openssl_ed25519, *b = &mls_sodium_ed25519;
    assert_status(a->verify(t->crypto, a->variant, public_key, message, signature), expected);
    assert_status(b->verify(t->crypto, b->variant, public_key, message, signature), expected);
}

static void signatures__are_equal(void **state)
{
    test_context_t *t = *state;
    const mls_signature_engine_t *a = &mls_openssl_ed25519, *b = &mls_sodium_ed25519;
    assert_true(a->private_len == b->private_len && a->public_len == b->public_len);
    for (int i = 0; i < NUM_TRIES; i++) {
        const mls_view_t private_key = test_random_bytes(t, 32), message = test_random_bytes(t, (size_t)i);
        uint8_t one[32], other[32], signature[64], same[64];
        size_t len, same_len;
        assert_ok(a->public_key(t->crypto, a->variant, one, private_key.data));
        assert_ok(b->public_key(t->crypto, b->variant, other, private_key.data));
        assert_memory_equal(one, other, sizeof one);
        assert_ok(a->sign(t->crypto, a->variant, signature, &len, private_key.data, one, message));
        assert_ok(b->sign(t->crypto, b->variant, same, &same_len, private_key.data, one, message));
        assert_view_equal(mls_view(signature, len), mls_view(same, same_len));
        check_verdict(t, one, message, mls_view(signature, len), MLS_OK);
        check_verdict(t, one, message, test_flip(t, mls_view(signature, len), test_random(t, 512)),
                      MLS_ERR_SIGNATURE);
    }
}

/* One engine takes the one library or the other, by the length. */
static void signatures_of_any_length__are_equal(void **state)
{
    static const size_t lengths[] = { 0, 200, 131071, 131072, 131073, 400000 };
    test_context_t *t = *state;
    const mls_signature_engine_t *a = &mls_both_ed25519, *b = &mls_sodium_ed25519;
    assert_true(a->private_len == b->private_len && a->public_len == b->public_len &&
                a->max_signature_len == b->max_signature_len);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        const mls_view_t message = test_random_bytes(t, lengths[i]);
        uint8_t private_key[32], public_key[32], other[32], signature[64], same[64];
        size_t len, same_len;
        assert_ok(a->key_pair(t->crypto, a->variant, private_key, public_key));
        assert_ok(b->public_key(t->crypto, b->variant, other, private_key));
        assert_memory_equal(public_key, other, sizeof other);
        assert_ok(a->sign(t->crypto, a->variant, signature, &len, private_key, public_key, message));
        assert_ok(b->sign(t->crypto, b->variant, same, &same_len, private_key, public_key, message));
        assert_view_equal(mls_view(signature, len), mls_view(same, same_len));
        assert_ok(a->verify(t->crypto, a->variant, public_key, message, mls_view(signature, len)));
        const mls_view_t wrong = test_flip(t, mls_view(signature, len), test_random(t, 512));
        assert_status(a->verify(t->crypto, a->variant, public_key, message, wrong), MLS_ERR_SIGNATURE);
        assert_status(a->verify(t->crypto, a->variant, public_key, message, mls_view(signature, 63)),
                      MLS_ERR_SIGNATURE);
    }
}

/* Keys and R of small order or out of range, with S zero: the equation holds for many of these, for any
 * message or for one in eight. */
static void signatures__of_odd_points_are_refused_by_both(void **state)
{
    test_context_t *t = *state;
    static const char *const odd[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    enum { NUM_ODD = 2 * sizeof odd / sizeof *odd };
    for (unsigned i = 0; i < NUM_ODD * NUM_ODD; i++) {
        const mls_view_t key = test_hex(t, odd[i % NUM_ODD / 2]), r = test_hex(t, odd[i / NUM_ODD / 2]);
        uint8_t signature[64] = { 0 }, public_key[32];
        memcpy(public_key, key.data, 32);
        memcpy(signature, r.data, 32);
        public_key[31] |= (uint8_t)((i % 2) << 7);
        signature[31] |= (uint8_t)((i / NUM_ODD % 2) << 7);
        for (int j = 0; j < 16; j++)
            check_verdict(t, public_key, test_random_bytes(t, 8), mls_view(signature, 64), MLS_ERR_SIGNATURE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hashes__are_equal),
        TEST(aeads__are_equal),
        TEST(public_keys__are_equal),
        TEST(public_keys_of_extreme_private_keys__are_equal),
        TEST(key_agreements__are_equal),
        TEST(signatures__are_equal),
        TEST(signatures_of_any_length__are_equal),
        TEST(signatures__of_odd_points_are_refused_by_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
