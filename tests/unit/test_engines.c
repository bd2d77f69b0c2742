/* test_engines.c -- what every engine has to compute and to refuse, of whatever library it is. The NIST
 * curves have their own test, test_engine_openssl_ec.c. */
#include "small_order.h"
#include "support.h"

enum { MAX_LEN = 57, MAX_SIGNATURE_LEN = 114 };

/* Those of libsodium, and of OpenSSL where the build has it. */
#if defined MLS_WITH_OPENSSL
#define WITH_OPENSSL(...) __VA_ARGS__
#else
#define WITH_OPENSSL(...)
#endif

/* ---- hashes -------------------------------------------------------------------------------------- */

/* FIPS 180-2, Appendix B.1, and RFC 4231, Section 4.3 */
static void hashes__are_the_known_ones(void **state)
{
    test_context_t *t = *state;
#define SHA256                                                                                               \
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",                                      \
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    static const struct {
        const mls_hash_engine_t *engine;
        const char *hash, *hmac;
    } known[] = { { &mls_sodium_sha256, SHA256 },
                  WITH_OPENSSL({ &mls_openssl_sha256, SHA256 },
                               { &mls_openssl_sha384,
                                 "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                                 "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
                                 "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
                                 "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
                               { &mls_openssl_sha512,
                                 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                 "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
                                 "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
                                 "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" }) };
    const mls_view_t abc[] = { mls_view_text("a"), mls_view(NULL, 0), mls_view_text("bc") };
    const mls_view_t question[] = { mls_view_text("what do ya want "), mls_view_text("for nothing?") };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const mls_hash_engine_t *engine = known[i].engine;
        uint8_t out[MLS_MAX_HASH_LEN];
        assert_ok(engine->hash(t->crypto, engine->variant, out, abc, 3));
        assert_view_hex(t, mls_view(out, engine->len), known[i].hash);
        assert_ok(engine->hmac(t->crypto, engine->variant, out, mls_view_text("Jefe"), question, 2));
        assert_view_hex(t, mls_view(out, engine->len), known[i].hmac);
    }
}

static void hmac_with(test_context_t *t, uint8_t *out, mls_view_t key)
{
    const mls_view_t text = mls_view_text("a text");
    assert_ok(t->suite->hash->hmac(t->crypto, t->suite->hash->variant, out, key, &text, 1));
}

/* An engine may remember the last key: it is that one's alone. */
static void hmac__depends_on_no_earlier_key(void **state)
{
    enum { NUM_KEYS = 6 };
    test_context_t *t = *state;
    const mls_view_t bytes = test_random_bytes(t, 200);
    const mls_view_t keys[NUM_KEYS] = { mls_view(bytes.data, 32), mls_view(bytes.data, 31),
                                        mls_view(NULL, 0),        mls_view(bytes.data + 32, 32),
                                        mls_view(bytes.data, 64), bytes };
    uint8_t first[NUM_KEYS][MLS_MAX_HASH_LEN], out[MLS_MAX_HASH_LEN];
    for (size_t i = 0; i < NUM_KEYS; i++)
        hmac_with(t, first[i], keys[i]);
    for (size_t i = 0; i < 200; i++) {
        const uint32_t n = test_random(t, NUM_KEYS);
        hmac_with(t, out, keys[n]);
        assert_memory_equal(out, first[n], t->suite->hash->len);
        for (size_t other = 0; other < NUM_KEYS; other++)
            if (other != n)
                assert_memory_not_equal(out, first[other], t->suite->hash->len);
    }
}

/* ---- AEADs --------------------------------------------------------------------------------------- */

/* RFC 8439, Section 2.8.2 */
static void chacha20poly1305__is_that_of_rfc_8439(void **state)
{
    test_context_t *t = *state;
    static const mls_aead_engine_t *const engines[] = { &mls_sodium_chacha20poly1305,
                                                        WITH_OPENSSL(&mls_openssl_chacha20poly1305) };
    const mls_view_t plaintext =
        mls_view_text("Ladies and Gentlemen of the class of '99: If I could offer you "
                      "only one tip for the future, sunscreen would be it.");
    const mls_view_t key = test_hex(t, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const mls_view_t nonce = test_hex(t, "070000004041424344454647");
    const mls_view_t aad = test_hex(t, "50515253c0c1c2c3c4c5c6c7");
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        uint8_t out[114 + MLS_AEAD_TAG_LEN];
        assert_int_equal(plaintext.len, 114);
        assert_ok(
            engines[i]->seal(t->crypto, engines[i]->variant, out, key.data, nonce.data, aad, plaintext));
        assert_view_hex(t, mls_view(out, 16), "d31a8d34648e60db7b86afbc53ef7ec2");
        assert_view_hex(t, mls_view(out + 114, MLS_AEAD_TAG_LEN), "1ae10b594f09e26a7e902ecbd0600691");
    }
}

/* ---- X25519 and X448 ----------------------------------------------------------------------------- */

/* RFC 7748, Sections 6.1 and 6.2 */
#define X25519                                                                                               \
    "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",                                      \
        "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",                                  \
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",                                  \
        "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"
#define X448                                                                                                 \
    "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"                                               \
    "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b",                                              \
        "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"                                           \
        "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0",                                          \
        "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"                                           \
        "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",                                          \
        "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"                                           \
        "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d"
static const struct known_dh {
    const mls_dh_engine_t *engine;
    const char *private_key, *public_key, *other, *shared;
} known_dh[] = { { &mls_sodium_x25519, X25519 },
                 WITH_OPENSSL({ &mls_openssl_x25519, X25519 }, { &mls_both_x25519, X25519 },
                              { &mls_openssl_x448, X448 }) };
enum { NUM_DH = sizeof known_dh / sizeof *known_dh };

static void dh__gives_that_of_rfc_7748(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_DH; i++) {
        const mls_dh_engine_t *engine = known_dh[i].engine;
        const mls_view_t private_key = test_hex(t, known_dh[i].private_key);
        uint8_t out[MAX_LEN];
        assert_int_equal(private_key.len, engine->private_len);
        assert_ok(engine->public_key(t->crypto, engine->variant, out, private_key.data));
        assert_view_hex(t, mls_view(out, engine->public_len), known_dh[i].public_key);
        assert_ok(engine->shared(t->crypto, engine->variant, out, private_key.data,
                                 test_hex(t, known_dh[i].other).data));
        assert_view_hex(t, mls_view(out, engine->shared_len), known_dh[i].shared);
    }
}

/* RFC 9180, Section 7.1.4 */
static void dh__refuses_the_all_zero_secret(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_DH; i++) {
        const mls_dh_engine_t *engine = known_dh[i].engine;
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

/* RFC 8032, Sections 7.1 (TEST 1), 7.4 (Blank), 5.1 and 5.2 */
#define ED25519                                                                                              \
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",                                      \
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",                                  \
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"                                  \
        "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",                                   \
        "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"
#define ED448                                                                                                \
    "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960e"                                               \
    "f6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",                                            \
        "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d"                                           \
        "80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",                                        \
        "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d4"                                         \
        "1a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff"                                         \
        "0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7"                                         \
        "cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",                                            \
        "f34458ab92c27823558fc58d72c26c219036d6ae49db4ec4e923ca7c"                                           \
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffff3f00"
typedef struct known_signature {
    const mls_signature_engine_t *engine;
    const char *private_key, *public_key, *signature; /* of the empty message */
    const char *order;                                /* of the group, lowest byte first */
} known_signature_t;
static const known_signature_t known[] = { { &mls_sodium_ed25519, ED25519 },
                                           WITH_OPENSSL({ &mls_openssl_ed25519, ED25519 },
                                                        { &mls_openssl_ed448, ED448 }) };
enum { NUM_KNOWN = sizeof known / sizeof *known };

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
    for (size_t i = 0; i < NUM_KNOWN; i++)
        for (unsigned n = 0; n < 2 * (0x100 - 0xed) && known[i].engine->public_len == MLS_25519_LEN; n++) {
            uint8_t key[MLS_25519_LEN];
            memset(key, 0xff, sizeof key);
            key[0] = (uint8_t)(0xed + n / 2);
            key[sizeof key - 1] = (uint8_t)(0x7f | n % 2 << 7);
            assert_status(verify(t, &known[i], mls_view(key, sizeof key), "", mls_view(neutral, 64)),
                          MLS_ERR_SIGNATURE);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hashes__are_the_known_ones),
        TEST(hmac__depends_on_no_earlier_key),
        TEST(chacha20poly1305__is_that_of_rfc_8439),
        TEST(dh__gives_that_of_rfc_7748),
        TEST(dh__refuses_the_all_zero_secret),
        TEST(signature__is_that_of_rfc_8032),
        TEST(signature__that_was_changed_is_refused),
        TEST(signature__with_the_order_added_is_refused),
        TEST(signature__of_a_key_of_small_order_is_refused),
        TEST(signature__of_a_key_with_a_y_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
