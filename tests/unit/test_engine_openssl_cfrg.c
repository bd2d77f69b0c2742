#include "small_order.h"
#include "support.h"

#include <openssl/err.h>

enum { MAX_LEN = 57, MAX_SIGNATURE_LEN = 114 };

/* ---- X25519 and X448 ----------------------------------------------------------------------------- */

/* RFC 7748, Sections 6.1 and 6.2 */
static void dh__gives_that_of_rfc_7748(void **state)
{
    test_context_t *t = *state;
    static const struct {
        const mls_dh_engine_t *engine;
        const char *private_key, *public_key, *other, *shared;
    } known[] = {
        { &mls_openssl_x25519, "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
          "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
          "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
          "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742" },
        { &mls_openssl_x448,
          "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9419744897391006382a6f127ab1d9a"
          "c2d8"
          "c0a598726b",
          "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d40c5b12da88120d5317"
          "7f80"
          "e532c41fa0",
          "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13ca706dcb57aec3dae07"
          "bdc1"
          "c67bf33609",
          "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a44"
          "9a50"
          "37514a879d" },
    };
    for (size_t i = 0; i < 2; i++) {
        const mls_dh_engine_t *engine = known[i].engine;
        const mls_view_t private_key = test_hex(t, known[i].private_key);
        uint8_t out[MAX_LEN];
        assert_int_equal(private_key.len, engine->private_len);
        assert_ok(engine->public_key(t->crypto, engine->variant, out, private_key.data));
        assert_view_hex(t, mls_view(out, engine->public_len), known[i].public_key);
        assert_ok(engine->shared(t->crypto, engine->variant, out, private_key.data,
                                 test_hex(t, known[i].other).data));
        assert_view_hex(t, mls_view(out, engine->shared_len), known[i].shared);
    }
}

/* RFC 9180, Section 7.1.4 */
static void dh__refuses_the_all_zero_secret(void **state)
{
    test_context_t *t = *state;
    static const mls_dh_engine_t *const engines[] = { &mls_openssl_x25519, &mls_openssl_x448 };
    for (size_t i = 0; i < 2; i++) {
        const mls_dh_engine_t *engine = engines[i];
        const mls_view_t private_key = test_random_bytes(t, engine->private_len);
        const uint8_t zeros[MAX_LEN] = { 0 }, one[MAX_LEN] = { 1 };
        uint8_t shared[MAX_LEN];
        memset(shared, 0xaa, sizeof shared);
        assert_status(engine->shared(t->crypto, engine->variant, shared, private_key.data, zeros),
                      MLS_ERR_INVALID);
        assert_memory_equal(shared, zeros, engine->shared_len);
        assert_status(engine->shared(t->crypto, engine->variant, shared, private_key.data, one),
                      MLS_ERR_INVALID);
        assert_status(engine->check_public(t->crypto, engine->variant, zeros), MLS_ERR_INVALID);
        assert_status(engine->check_public(t->crypto, engine->variant, one), MLS_ERR_INVALID);
        assert_ok(engine->check_public(t->crypto, engine->variant, private_key.data));
    }
}

/* ---- Ed25519 and Ed448 --------------------------------------------------------------------------- */

typedef struct known_signature {
    const mls_signature_engine_t *engine;
    const char *private_key, *public_key, *signature; /* of the empty message */
    const char *order;                                /* of the group, lowest byte first */
} known_signature_t;

/* RFC 8032, Sections 7.1 (TEST 1), 7.4 (Blank), 5.1 and 5.2 */
static const known_signature_t known[] = {
    { &mls_openssl_ed25519, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5"
      "f0"
      "595bbe24655141438e7a100b",
      "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010" },
    { &mls_openssl_ed448,
      "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e75"
      "49"
      "a20098f95b",
      "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1a"
      "be"
      "afe8256180",
      "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59b"
      "d0"
      "a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363"
      "26"
      "8c71d95808ff2e652600",
      "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7cffffffffffffffffffffffffffffffffffffffffffffff"
      "ff"
      "ffffff3f00" },
};
enum { NUM_KNOWN = 2 };

static mls_status_t verify(test_context_t *t, const known_signature_t *with, mls_view_t public_key,
                           const char *message, mls_view_t signature)
{
    return with->engine->verify(t->crypto, with->engine->variant, public_key.data, mls_view_text(message),
                                signature);
}

static void signature__is_that_of_rfc_8032(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_KNOWN; i++) {
        const mls_signature_engine_t *engine = known[i].engine;
        const mls_view_t private_key = test_hex(t, known[i].private_key);
        uint8_t public_key[MAX_LEN], signature[MAX_SIGNATURE_LEN];
        size_t len;
        assert_int_equal(private_key.len, engine->private_len);
        assert_ok(engine->public_key(t->crypto, engine->variant, public_key, private_key.data));
        assert_view_hex(t, mls_view(public_key, engine->public_len), known[i].public_key);
        assert_ok(engine->sign(t->crypto, engine->variant, signature, &len, private_key.data, public_key,
                               mls_view(NULL, 0)));
        assert_view_hex(t, mls_view(signature, len), known[i].signature);
        assert_ok(
            verify(t, &known[i], mls_view(public_key, engine->public_len), "", mls_view(signature, len)));
    }
}

static void signature__that_was_changed_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_KNOWN; i++) {
        const mls_view_t key = test_hex(t, known[i].public_key), signature = test_hex(t, known[i].signature);
        assert_status(verify(t, &known[i], key, "message", signature), MLS_ERR_SIGNATURE);
        for (size_t bit = 0; bit < 8 * signature.len; bit++)
            assert_status(verify(t, &known[i], key, "", test_flip(t, signature, bit)), MLS_ERR_SIGNATURE);
        for (size_t bit = 0; bit < 8 * key.len; bit++)
            assert_status(verify(t, &known[i], test_flip(t, key, bit), "", signature), MLS_ERR_SIGNATURE);
        for (size_t len = 0; len < signature.len; len++)
            assert_status(verify(t, &known[i], key, "", mls_view(signature.data, len)), MLS_ERR_SIGNATURE);
        uint8_t longer[MAX_SIGNATURE_LEN + 1] = { 0 };
        memcpy(longer, signature.data, signature.len);
        assert_status(verify(t, &known[i], key, "", mls_view(longer, signature.len + 1)), MLS_ERR_SIGNATURE);
    }
}

/* RFC 8032, Sections 5.1.7 and 5.2.7: with the order added to S the equation holds as well, but S is not
 * below the order, and who can change a signature into another one must not be able to. */
static void signature__with_the_order_added_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_KNOWN; i++) {
        const mls_view_t signature = test_hex(t, known[i].signature), order = test_hex(t, known[i].order);
        uint8_t changed[MAX_SIGNATURE_LEN];
        memcpy(changed, signature.data, signature.len);
        unsigned carry = 0;
        for (size_t j = 0; j < order.len; j++) {
            carry += changed[order.len + j] + (unsigned)order.data[j];
            changed[order.len + j] = (uint8_t)carry;
            carry >>= 8;
        }
        assert_int_equal(carry, 0);
        assert_status(
            verify(t, &known[i], test_hex(t, known[i].public_key), "", mls_view(changed, signature.len)),
            MLS_ERR_SIGNATURE);
    }
}

/* With the neutral element as key and as R, and S zero, the equation holds for any message. */
static void signature__of_a_key_of_small_order_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_KNOWN; i++) {
        const size_t len = known[i].engine->public_len;
        const uint8_t neutral[MAX_SIGNATURE_LEN] = { 1 };
        assert_status(verify(t, &known[i], mls_view(neutral, len), "anything", mls_view(neutral, 2 * len)),
                      MLS_ERR_SIGNATURE);
    }
}

/* A y from the field's prime on stands for a point that has another encoding. */
static void signature__of_a_key_with_a_y_out_of_range_is_refused(void **state)
{
    test_context_t *t = *state;
    const uint8_t neutral[MAX_SIGNATURE_LEN] = { 1 };
    for (unsigned low = 0xed; low <= 0xff; low++)
        for (unsigned sign = 0; sign <= 1; sign++) {
            uint8_t key[MLS_25519_LEN];
            memset(key, 0xff, sizeof key);
            key[0] = (uint8_t)low;
            key[sizeof key - 1] = (uint8_t)(0x7f | sign << 7);
            assert_status(verify(t, &known[0], mls_view(key, sizeof key), "", mls_view(neutral, 64)),
                          MLS_ERR_SIGNATURE);
        }
}

/* The thread's queue of errors is the host's too. */
static void refusals__leave_no_error_behind(void **state)
{
    test_context_t *t = *state;
    const uint8_t private_key[MAX_LEN] = { 1 }, zeros[MAX_LEN] = { 0 };
    uint8_t shared[MAX_LEN], ones[MAX_SIGNATURE_LEN];
    memset(ones, 0xff, sizeof ones);
    ERR_clear_error();
    assert_status(
        mls_openssl_x25519.shared(t->crypto, mls_openssl_x25519.variant, shared, private_key, zeros),
        MLS_ERR_INVALID);
    assert_status(mls_openssl_x448.shared(t->crypto, mls_openssl_x448.variant, shared, private_key, zeros),
                  MLS_ERR_INVALID);
    for (size_t i = 0; i < NUM_KNOWN; i++) {
        const mls_view_t key = test_hex(t, known[i].public_key);
        assert_status(verify(t, &known[i], key, "", mls_view(ones, 2 * key.len)), MLS_ERR_SIGNATURE);
        assert_status(verify(t, &known[i], key, "", mls_view(ones, key.len)), MLS_ERR_SIGNATURE);
        assert_status(verify(t, &known[i], mls_view(ones, key.len), "", mls_view(ones, 2 * key.len)),
                      MLS_ERR_SIGNATURE);
    }
    assert_int_equal(ERR_get_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(dh__gives_that_of_rfc_7748),
        TEST(dh__refuses_the_all_zero_secret),
        TEST(signature__is_that_of_rfc_8032),
        TEST(signature__that_was_changed_is_refused),
        TEST(signature__with_the_order_added_is_refused),
        TEST(signature__of_a_key_of_small_order_is_refused),
        TEST(signature__of_a_key_with_a_y_out_of_range_is_refused),
        TEST(refusals__leave_no_error_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
