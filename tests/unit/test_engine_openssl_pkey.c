#include "engine_openssl.h"
#include "hpke.h"
#include "labeled.h"
#include "x509_support.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>

enum { MAX_LEN = 57 };

/* The thread's queue of errors is the host's too. */
static void refusals__leave_no_error_behind(void **state)
{
    test_context_t *t = *state;
    static const mls_dh_engine_t *const dh_engines[] = { &mls_openssl_x25519, &mls_openssl_x448 };
    static const mls_signature_engine_t *const signature_engines[] = { &mls_openssl_ed25519,
                                                                       &mls_openssl_ed448 };
    const uint8_t private_key[MAX_LEN] = { 1 }, zeros[MAX_LEN] = { 0 };
    uint8_t shared[MAX_LEN], public_key[MAX_LEN], ones[2 * MAX_LEN];
    memset(ones, 0xff, sizeof ones);
    ERR_clear_error();
    for (size_t i = 0; i < 2; i++) {
        const mls_dh_engine_t *dh = dh_engines[i];
        const mls_signature_engine_t *signature = signature_engines[i];
        const mls_view_t message = mls_view_text("message");
        const mls_view_t full = mls_view(ones, 2 * signature->public_len),
                         half = mls_view(ones, full.len / 2);
        assert_status(dh->shared(t->crypto, dh->variant, shared, private_key, zeros), MLS_ERR_INVALID);
        assert_ok(signature->public_key(t->crypto, signature->variant, public_key, private_key));
        assert_status(signature->verify(t->crypto, signature->variant, public_key, message, full),
                      MLS_ERR_SIGNATURE);
        assert_status(signature->verify(t->crypto, signature->variant, public_key, message, half),
                      MLS_ERR_SIGNATURE);
        assert_status(signature->verify(t->crypto, signature->variant, ones, message, full),
                      MLS_ERR_SIGNATURE);
    }
    assert_int_equal(ERR_get_error(), 0);
}

/* ---- without memory ------------------------------------------------------------------------------ */

/* No key, signature or certificate is refused for that, and none comes out otherwise than for everybody else.
 */

/* How many more allocations succeed before one fails; negative: all. */
static long num_good = -1;
/* Whether all after that one fail, too. */
static bool for_good = false;

static bool fails(void)
{
    if (num_good < 0)
        return false;
    if (num_good > 0) {
        num_good--;
        return false;
    }
    num_good = for_good ? 0 : -1;
    return true;
}

static void *allocate(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(len);
}

static void *reallocate(void *old, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(old, len);
}

static void release(void *old, const char *file, int line)
{
    (void)file;
    (void)line;
    free(old);
}

/* What is done with the keys of a suite. */
typedef struct subject {
    const mls_suite_t *suite;
    mls_crypto_t *crypto;
    mls_signature_key_t signature_key;
    mls_bytes_t signature;
    mls_hpke_private_t private_key;
    mls_hpke_public_t public_key;
    mls_hpke_info_t info;
    uint8_t kem_output[MLS_MAX_KEM_PUBLIC_LEN];
    uint8_t ciphertext[4 + MLS_AEAD_TAG_LEN];
} subject_t;

typedef mls_status_t action_fn(const subject_t *s);

static mls_status_t verify(const subject_t *s)
{
    return mls_verify_with_label(s->crypto, s->suite, mls_signature_public_view(&s->signature_key), "Test",
                                 mls_view_text("content"), mls_bytes_view(&s->signature));
}

static mls_status_t open_sealed(const subject_t *s)
{
    uint8_t plaintext[4];
    return mls_hpke_open(s->crypto, s->suite, plaintext, mls_view(s->kem_output, s->suite->dh->public_len),
                         &s->private_key, mls_view(NULL, 0), &s->info,
                         mls_view(s->ciphertext, sizeof s->ciphertext));
}

/* The pair that follows from these bytes is always the same one. */
static mls_status_t derive_pair(const subject_t *s)
{
    mls_hpke_private_t private_key;
    mls_hpke_public_t public_key;
    mls_status_t status = mls_hpke_derive_key_pair(s->crypto, s->suite, &private_key, &public_key,
                                                   mls_view_text("as many bytes as there are in a hash"));
    if (status == MLS_OK)
        assert_view_equal(mls_hpke_public_view(&public_key), mls_hpke_public_view(&s->public_key));
    return status;
}

static void fill(subject_t *s, test_context_t *t, uint16_t cipher_suite)
{
    *s = (subject_t){ .suite = mls_suite_find(cipher_suite), .crypto = t->crypto };
    assert_ok(mls_signature_key_generate(t->crypto, s->suite, &s->signature_key));
    assert_ok(mls_sign_with_label(t->crypto, s->suite, &s->signature, &s->signature_key, "Test",
                                  mls_view_text("content")));
    assert_ok(mls_hpke_derive_key_pair(t->crypto, s->suite, &s->private_key, &s->public_key,
                                       mls_view_text("as many bytes as there are in a hash")));
    assert_ok(mls_hpke_hash_info(t->crypto, s->suite, &s->info, NULL, 0));
    assert_ok(mls_hpke_seal(t->crypto, s->suite, s->kem_output, s->ciphertext,
                            mls_hpke_public_view(&s->public_key), &s->info, mls_view_text("text")));
}

/* Every allocation in turn. How many there are. */
static size_t fail_in_turn(action_fn *action, const subject_t *s)
{
    for (long n = 0;; n++) {
        num_good = n;
        const mls_status_t status = action(s);
        const bool was_last = num_good >= 0;
        num_good = -1;
        ERR_clear_error();
        if (status != MLS_OK && status != MLS_ERR_NOMEM)
            assert_status(status, MLS_ERR_CRYPTO);
        if (was_last)
            return (size_t)n;
    }
}

static void keys__are_not_blamed_for_lack_of_memory(void **state)
{
    static action_fn *const actions[] = { verify, open_sealed, derive_pair };
    uint16_t ids[16];
    const size_t count = mls_crypto_suites(ids, 16);
    size_t num_failures = 0;
    for (size_t i = 0; i < count && i < 16; i++) {
        subject_t s;
        fill(&s, *state, ids[i]);
        for (size_t j = 0; j < sizeof actions / sizeof *actions; j++)
            num_failures += fail_in_turn(actions[j], &s);
        mls_bytes_clear(&s.signature);
    }
    assert_true(num_failures > 100);
}

/* What is long OpenSSL is asked about first; without memory it is not the one who decides. */
static void long_messages__are_not_blamed_for_lack_of_memory(void **state)
{
    enum { LEN = 200000 };
    test_context_t *t = *state;
    const mls_signature_engine_t *engine = &mls_both_ed25519;
    const mls_view_t message = test_random_bytes(t, LEN);
    uint8_t private_key[32], public_key[32], good[64], again[64];
    size_t len;
    assert_ok(engine->key_pair(t->crypto, 0, private_key, public_key));
    assert_ok(engine->sign(t->crypto, 0, good, &len, private_key, public_key, message));
    for_good = true;
    for (long n = 0, was_enough = 0; !was_enough; n++) {
        num_good = n;
        const mls_status_t verified =
            engine->verify(t->crypto, 0, public_key, message, mls_view(good, sizeof good));
        num_good = n;
        const mls_status_t made = engine->sign(t->crypto, 0, again, &len, private_key, public_key, message);
        was_enough = num_good > 0;
        num_good = -1;
        ERR_clear_error();
        assert_ok(verified);
        assert_ok(made);
        assert_memory_equal(again, good, sizeof good);
        assert_true(n < 1000);
    }
    for_good = false;
}

static void certificates__are_not_blamed_for_lack_of_memory(void **state)
{
    test_pki_t *pki = test_pki(*state);
    const test_certificate_spec_t spec = { .name = "somebody" };
    const test_certified_t *certified = test_certify(pki, test_suite()->id, &spec);
    for (long n = 0, was_last = 0; !was_last; n++) {
        mls_x509_chain_t *chain;
        num_good = n;
        const mls_status_t status = mls_openssl_x509.decode(&chain, &certified->der, 1);
        was_last = num_good >= 0;
        num_good = -1;
        if (status == MLS_OK) {
            assert_true(mls_openssl_x509.has_key(chain, certified->public_key));
            mls_openssl_x509.free(chain);
        } else {
            assert_status(status, MLS_ERR_NOMEM);
        }
        assert_true(was_last || n < 10000);
    }
    test_pki_free(pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refusals__leave_no_error_behind),
        TEST(keys__are_not_blamed_for_lack_of_memory),
        TEST(long_messages__are_not_blamed_for_lack_of_memory),
        TEST(certificates__are_not_blamed_for_lack_of_memory),
    };
    if (CRYPTO_set_mem_functions(allocate, reallocate, release) != 1)
        return 1; /* OpenSSL has memory of its own already */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
