#include "hpke.h"
#include "labeled.h"
#include "support.h"

#include <openssl/err.h>

static const mls_dh_engine_t *const dh_engines[] = { &mls_openssl_p256, &mls_openssl_p384,
                                                     &mls_openssl_p521 };
static const mls_signature_engine_t *const signature_engines[] = { &mls_openssl_ecdsa_p256,
                                                                   &mls_openssl_ecdsa_p384,
                                                                   &mls_openssl_ecdsa_p521 };
enum { NUM_CURVES = 3, MAX_PUBLIC_LEN = 133, MAX_PRIVATE_LEN = 66, MAX_SIGNATURE_LEN = 139 };

/* The orders of the curves (SEC 2). */
static const char *const orders[] = {
    "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    ("01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
     "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"),
};

/* ---- public keys --------------------------------------------------------------------------------- */

enum { NOT_ON_CURVE, COMPRESSED, HYBRID, INFINITY, ALL_ONES, ALL_ZERO, UNKNOWN_FORM, NUM_BAD_POINTS };

/* What is as long as a public key and none, made of a good one. */
static mls_view_t bad_point(test_context_t *t, mls_view_t good, int how)
{
    uint8_t *bytes = test_alloc(t, good.len);
    const uint8_t parity = good.data[good.len - 1] & 1;
    memcpy(bytes, good.data, good.len);
    switch (how) {
    case NOT_ON_CURVE:
        bytes[good.len - 1] ^= 1;
        break;
    case COMPRESSED:
        bytes[0] = 2 | parity;
        break;
    case HYBRID:
        bytes[0] = 6 | parity;
        break;
    case INFINITY:
        bytes[0] = 0;
        break;
    case ALL_ONES:
        memset(bytes + 1, 0xff, good.len - 1);
        break; /* coordinates beyond the field */
    case ALL_ZERO:
        memset(bytes, 0, good.len);
        break;
    default:
        bytes[0] = 5;
    }
    return mls_view(bytes, good.len);
}

static mls_view_t public_key_of(test_context_t *t, const mls_dh_engine_t *engine, const uint8_t *private_key)
{
    uint8_t *bytes = test_alloc(t, engine->public_len);
    assert_ok(engine->public_key(t->crypto, engine->variant, bytes, private_key));
    return mls_view(bytes, engine->public_len);
}

static void points__that_are_none_are_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const mls_dh_engine_t *engine = dh_engines[i];
        const uint8_t private_key[MAX_PRIVATE_LEN] = { 0, 0, 0, 1, 2, 3 };
        const mls_view_t good = public_key_of(t, engine, private_key);
        uint8_t shared[MAX_PRIVATE_LEN];
        const uint8_t zeros[MAX_PRIVATE_LEN] = { 0 };
        assert_ok(engine->check_public(t->crypto, engine->variant, good.data));
        assert_ok(engine->shared(t->crypto, engine->variant, shared, private_key, good.data));
        assert_memory_not_equal(shared, zeros, engine->shared_len);
        for (int how = 0; how < NUM_BAD_POINTS; how++) {
            const mls_view_t bad = bad_point(t, good, how);
            assert_status(engine->check_public(t->crypto, engine->variant, bad.data), MLS_ERR_INVALID);
            assert_status(engine->shared(t->crypto, engine->variant, shared, private_key, bad.data),
                          MLS_ERR_INVALID);
            assert_memory_equal(shared, zeros, engine->shared_len);
        }
    }
}

static void points__of_another_length_are_refused(void **state)
{
    test_context_t *t = *state;
    static const uint16_t suites[] = { MLS_128_DHKEMP256_AES128GCM_SHA256_P256,
                                       MLS_256_DHKEMP384_AES256GCM_SHA384_P384,
                                       MLS_256_DHKEMP521_AES256GCM_SHA512_P521 };
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const mls_suite_t *suite = mls_suite_find(suites[i]);
        mls_hpke_private_t private_key;
        mls_hpke_public_t public_key;
        uint8_t bytes[MAX_PUBLIC_LEN + 1] = { 0 };
        assert_ok(mls_hpke_generate(t->crypto, suite, &private_key, &public_key));
        memcpy(bytes, public_key.data, public_key.len);
        assert_ok(mls_hpke_check_public(t->crypto, suite, mls_view(bytes, public_key.len)));
        for (size_t len = 0; len <= public_key.len + 1; len++)
            if (len != public_key.len)
                assert_status(mls_hpke_check_public(t->crypto, suite, mls_view(bytes, len)), MLS_ERR_INVALID);
        bytes[0] = 2 | (public_key.data[public_key.len - 1] & 1); /* the compressed form of the same point */
        assert_status(mls_hpke_check_public(t->crypto, suite, mls_view(bytes, 1 + suite->dh->private_len)),
                      MLS_ERR_INVALID);
    }
}

/* ---- private keys -------------------------------------------------------------------------------- */

static void private_keys__are_from_1_to_the_order(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const mls_dh_engine_t *engine = dh_engines[i];
        const mls_view_t order = test_hex(t, orders[i]);
        uint8_t key[MAX_PRIVATE_LEN] = { 0 };
        assert_int_equal(order.len, engine->private_len);
        assert_false(engine->is_private_key(engine->variant, key));
        key[engine->private_len - 1] = 1;
        assert_true(engine->is_private_key(engine->variant, key));
        assert_false(engine->is_private_key(engine->variant, order.data));
        memcpy(key, order.data, order.len);
        key[order.len - 1]--;
        assert_true(engine->is_private_key(engine->variant, key));
        key[order.len - 1] += 2;
        assert_false(engine->is_private_key(engine->variant, key));
    }
}

static void private_keys__that_are_none_have_no_public_key(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const mls_dh_engine_t *engine = dh_engines[i];
        const uint8_t zeros[MAX_PRIVATE_LEN] = { 0 };
        uint8_t public_key[MAX_PUBLIC_LEN];
        assert_status(engine->public_key(t->crypto, engine->variant, public_key, zeros), MLS_ERR_CRYPTO);
        assert_status(engine->public_key(t->crypto, engine->variant, public_key, test_hex(t, orders[i]).data),
                      MLS_ERR_CRYPTO);
    }
}

static void key_pair__needs_randomness(void **state)
{
    test_context_t *t = *state;
    uint8_t private_key[MAX_PRIVATE_LEN], public_key[MAX_PUBLIC_LEN];
    t->random_fails = true;
    for (size_t i = 0; i < NUM_CURVES; i++)
        assert_status(
            signature_engines[i]->key_pair(t->crypto, signature_engines[i]->variant, private_key, public_key),
            MLS_ERR_CRYPTO);
}

/* ---- signatures ---------------------------------------------------------------------------------- */

typedef struct signed_message {
    const mls_signature_engine_t *engine;
    uint8_t private_key[MAX_PRIVATE_LEN], public_key[MAX_PUBLIC_LEN];
    mls_view_t message, signature;
    mls_view_t r, s; /* the contents of the signature's two INTEGERs */
} signed_message_t;

static size_t der_header(size_t len)
{
    return len < 0x80 ? 2 : 3;
}

/* A message with its signature, where the content of r begins with a zero: its highest bit is set. */
static signed_message_t sign(test_context_t *t, size_t curve)
{
    signed_message_t out = { .engine = signature_engines[curve], .message = mls_view_text("message") };
    const mls_signature_engine_t *engine = out.engine;
    uint8_t *bytes = test_alloc(t, engine->max_signature_len);
    assert_ok(engine->key_pair(t->crypto, engine->variant, out.private_key, out.public_key));
    do {
        size_t len;
        assert_ok(engine->sign(t->crypto, engine->variant, bytes, &len, out.private_key, out.public_key,
                               out.message));
        out.signature = mls_view(bytes, len);
        const uint8_t *r = bytes + der_header(len - 2);
        out.r = mls_view(r + 2, r[1]);
        out.s = mls_view(r + 2 + r[1] + 2, r[2 + r[1] + 1]);
    } while (out.r.data[0] != 0);
    return out;
}

static mls_status_t verify(test_context_t *t, const signed_message_t *with, const uint8_t *public_key,
                           mls_view_t signature)
{
    return with->engine->verify(t->crypto, with->engine->variant, public_key, with->message, signature);
}

/* SEQUENCE { INTEGER r, INTEGER s } with these contents, lengths in their shortest form. */
static mls_view_t der(test_context_t *t, mls_view_t r, mls_view_t s)
{
    const size_t len = 2 + r.len + 2 + s.len;
    uint8_t *bytes = test_alloc(t, 3 + len), *at = bytes;
    *at++ = 0x30;
    if (len >= 0x80)
        *at++ = 0x81;
    *at++ = (uint8_t)len;
    *at++ = 0x02;
    *at++ = (uint8_t)r.len;
    memcpy(at, r.data, r.len);
    at += r.len;
    *at++ = 0x02;
    *at++ = (uint8_t)s.len;
    memcpy(at, s.data, s.len);
    return mls_view(bytes, der_header(len) + len);
}

static mls_view_t joined(test_context_t *t, mls_view_t a, mls_view_t b)
{
    uint8_t *bytes = test_alloc(t, a.len + b.len);
    memcpy(bytes, a.data, a.len);
    if (b.len > 0)
        memcpy(bytes + a.len, b.data, b.len);
    return mls_view(bytes, a.len + b.len);
}

static mls_view_t without_first(mls_view_t bytes, size_t n)
{
    return mls_view(bytes.data + n, bytes.len - n);
}

static void signature__holds_for_its_key_and_message(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        signed_message_t good = sign(t, i);
        const signed_message_t other = sign(t, i);
        assert_ok(verify(t, &good, good.public_key, good.signature));
        assert_ok(verify(t, &good, good.public_key, der(t, good.r, good.s)));
        assert_status(verify(t, &good, other.public_key, good.signature), MLS_ERR_SIGNATURE);
        assert_status(verify(t, &good, good.public_key, other.signature), MLS_ERR_SIGNATURE);
        for (size_t bit = 0; bit < 8 * good.signature.len; bit += 3)
            assert_status(verify(t, &good, good.public_key, test_flip(t, good.signature, bit)),
                          MLS_ERR_SIGNATURE);
        good.message = mls_view_text("Message");
        assert_status(verify(t, &good, good.public_key, good.signature), MLS_ERR_SIGNATURE);
    }
}

/* A signature has one encoding: what is of another form than DER asks for is refused. */
static void signature__that_is_not_der_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const signed_message_t good = sign(t, i);
        const mls_view_t zero = test_hex(t, "00"), two_zeros = test_hex(t, "0000");
        const mls_view_t body = without_first(good.signature, der_header(good.r.len + good.s.len + 4));
        const uint8_t long_length[] = { 0x30, 0x82, 0, (uint8_t)body.len };
        const mls_view_t bad[] = {
            der(t, joined(t, zero, good.r), good.s),                    /* a needless zero */
            der(t, without_first(good.r, 1), good.s),                   /* a negative number */
            joined(t, good.signature, zero),                            /* a byte behind */
            joined(t, good.signature, good.signature),                  /* another one behind */
            joined(t, mls_view(long_length, 4), body),                  /* a length that is too long */
            joined(t, test_hex(t, "3080"), joined(t, body, two_zeros)), /* BER with no length */
            joined(t, without_first(good.r, 1), good.s),                /* the numbers alone */
        };
        for (size_t j = 0; j < sizeof bad / sizeof *bad; j++)
            assert_status(verify(t, &good, good.public_key, bad[j]), MLS_ERR_SIGNATURE);
        for (size_t len = 0; len < good.signature.len; len++)
            assert_status(verify(t, &good, good.public_key, mls_view(good.signature.data, len)),
                          MLS_ERR_SIGNATURE);
    }
}

/* FIPS 186-5, Section 6.4.2: r and s are from 1 to the order. */
static void signature__of_numbers_out_of_range_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const signed_message_t good = sign(t, i);
        const mls_view_t zero = test_hex(t, "00"), order = test_hex(t, orders[i]);
        uint8_t ones[MAX_PRIVATE_LEN];
        memset(ones, 0xff, sizeof ones);
        const mls_view_t out_of_range[] = {
            zero,
            order.data[0] < 0x80 ? order : joined(t, zero, order),
            joined(t, zero, mls_view(ones, good.engine->private_len)),
        };
        for (size_t j = 0; j < sizeof out_of_range / sizeof *out_of_range; j++) {
            assert_status(verify(t, &good, good.public_key, der(t, out_of_range[j], good.s)),
                          MLS_ERR_SIGNATURE);
            assert_status(verify(t, &good, good.public_key, der(t, good.r, out_of_range[j])),
                          MLS_ERR_SIGNATURE);
            assert_status(verify(t, &good, good.public_key, der(t, out_of_range[j], out_of_range[j])),
                          MLS_ERR_SIGNATURE);
        }
    }
}

/* RFC 9420, Section 5.1.1: a key is an uncompressed point. OpenSSL would take the hybrid form of it too. */
static void signature__of_a_key_in_another_form_is_refused(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < NUM_CURVES; i++) {
        const signed_message_t good = sign(t, i);
        const mls_view_t key = mls_view(good.public_key, good.engine->public_len);
        for (int how = 0; how < NUM_BAD_POINTS; how++)
            assert_status(verify(t, &good, bad_point(t, key, how).data, good.signature), MLS_ERR_SIGNATURE);
    }
}

/* The thread's queue of errors is the host's too. */
static void refusals__leave_no_error_behind(void **state)
{
    test_context_t *t = *state;
    for (int host_has_one = 0; host_has_one <= 1; host_has_one++) {
        const signed_message_t good = sign(t, 0);
        const mls_view_t key = mls_view(good.public_key, good.engine->public_len);
        uint8_t shared[MAX_PRIVATE_LEN], out[1];
        ERR_clear_error();
        if (host_has_one)
            ERR_raise(ERR_LIB_USER, 77);
        for (int how = 0; how < NUM_BAD_POINTS; how++) {
            const uint8_t *bad = bad_point(t, key, how).data;
            assert_status(dh_engines[0]->check_public(t->crypto, 0, bad), MLS_ERR_INVALID);
            assert_status(dh_engines[0]->shared(t->crypto, 0, shared, good.private_key, bad),
                          MLS_ERR_INVALID);
            assert_status(verify(t, &good, bad, good.signature), MLS_ERR_SIGNATURE);
        }
        assert_status(verify(t, &good, good.public_key, test_hex(t, "3080")), MLS_ERR_SIGNATURE);
        assert_status(verify(t, &good, good.public_key, test_flip(t, good.signature, 100)),
                      MLS_ERR_SIGNATURE);
        const mls_aead_engine_t *aead = &mls_openssl_aes128gcm;
        assert_status(
            aead->open(t->crypto, aead->variant, out, key.data, key.data, key, mls_view(key.data, 17)),
            MLS_ERR_DECRYPT);
        assert_int_equal(ERR_GET_REASON(ERR_get_error()), host_has_one ? 77 : 0);
        assert_int_equal(ERR_get_error(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(points__that_are_none_are_refused),
        TEST(points__of_another_length_are_refused),
        TEST(private_keys__are_from_1_to_the_order),
        TEST(private_keys__that_are_none_have_no_public_key),
        TEST(key_pair__needs_randomness),
        TEST(signature__holds_for_its_key_and_message),
        TEST(signature__that_is_not_der_is_refused),
        TEST(signature__of_numbers_out_of_range_is_refused),
        TEST(signature__of_a_key_in_another_form_is_refused),
        TEST(refusals__leave_no_error_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
