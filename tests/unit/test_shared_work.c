#if defined MLS_WITH_OPENSSL
#include "engine_openssl.h"
#endif
#include "shared_work.h"
#include "worker_support.h"

enum { PARTS = 7 };

/* How often each part was done, and by whom. */
typedef struct parts {
    unsigned times[PARTS], by_owner[PARTS];
    mls_crypto_t *owner;
    size_t bad; /* fails at each attempt; PARTS: none does */
} parts_t;

static mls_status_t do_part(mls_crypto_t *crypto, void *arg, size_t n)
{
    parts_t *parts = arg;
    parts->times[n]++;
    parts->by_owner[n] += crypto == parts->owner;
    return n == parts->bad ? MLS_ERR_INVALID : MLS_OK;
}

static mls_status_t share(test_context_t *t, parts_t *out, size_t bad)
{
    *out = (parts_t){ .owner = t->crypto, .bad = bad };
    return mls_share_work(t->crypto, do_part, out, PARTS);
}

static void share__is_done_by_the_caller_without_workers(void **state)
{
    parts_t parts;
    assert_ok(share(*state, &parts, PARTS));
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(parts.by_owner[i], 1);
}

static void share__ends_at_the_first_failure(void **state)
{
    parts_t parts;
    assert_status(share(*state, &parts, 2), MLS_ERR_INVALID);
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(parts.times[i], i <= 2);
}

static void share__has_each_part_done_once_by_workers(void **state)
{
    test_workers_t counted = { 0 };
    parts_t parts;
    test_lend_workers(*state, test_workers_side_by_side(&counted));
    for (int again = 0; again < 3; again++) {
        assert_ok(share(*state, &parts, PARTS));
        for (size_t i = 0; i < PARTS; i++) {
            assert_int_equal(parts.times[i], 1);
            assert_int_equal(parts.by_owner[i], 0);
        }
    }
    assert_int_equal(counted.num_tasks, 3 * PARTS);
}

/* So that the log is told by the thread that has it. */
static void share__does_a_failed_part_again(void **state)
{
    test_workers_t counted = { 0 };
    parts_t parts;
    test_lend_workers(*state, test_workers_side_by_side(&counted));
    assert_status(share(*state, &parts, 4), MLS_ERR_INVALID);
    for (size_t i = 0; i < PARTS; i++) {
        assert_int_equal(parts.times[i], i == 4 ? 2 : 1);
        assert_int_equal(parts.by_owner[i], i == 4 ? 1 : 0);
    }
}

static void offer__does_nothing_itself(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    parts_t parts = { .owner = t->crypto, .bad = 3 };
    mls_offer_work(t->crypto, do_part, &parts, PARTS);
    test_lend_workers(t, test_workers_out_of_bounds(&counted));
    mls_offer_work(t->crypto, do_part, &parts, PARTS);
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(parts.times[i], 0);
    test_lend_workers(t, test_workers_side_by_side(&counted));
    mls_offer_work(t->crypto, do_part, &parts, PARTS);
    for (size_t i = 0; i < PARTS; i++) {
        assert_int_equal(parts.times[i], 1);
        assert_int_equal(parts.by_owner[i], 0);
    }
}

#if defined MLS_WITH_OPENSSL
static mls_status_t use_a_key(mls_crypto_t *crypto, void *arg, size_t n)
{
    uint8_t *out = arg;
    return mls_openssl_sha256.hmac(crypto, mls_openssl_sha256.variant, out + 32 * n,
                                   mls_view_text("a key that is used once"), NULL, 0);
}

/* With no key OpenSSL takes the last one. */
static void share__leaves_no_key_with_a_helper(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    static const uint8_t zeros[32];
    uint8_t made[2 * 32], of_zeros[32], of_last[32];
    size_t len, num_helpers = 0;
    test_lend_workers(t, test_workers_side_by_side(&counted));
    assert_ok(mls_share_work(t->crypto, use_a_key, made, 2));
    assert_ok(mls_openssl_sha256.hmac(t->crypto, mls_openssl_sha256.variant, of_zeros, mls_view(zeros, 32),
                                      NULL, 0));
    for (size_t i = 0; i < MLS_NUM_HELPERS; i++) {
        mls_crypto_t *helper = t->crypto->helpers[i];
        if (helper == NULL)
            continue;
        EVP_MAC_CTX *hmac = helper->openssl->hashes[MLS_OPENSSL_SHA256].hmac;
        assert_int_equal(EVP_MAC_init(hmac, NULL, 0, NULL), 1);
        assert_int_equal(EVP_MAC_final(hmac, of_last, &len, sizeof of_last), 1);
        assert_memory_equal(of_last, of_zeros, 32);
        assert_memory_not_equal(of_last, made, 32);
        num_helpers++;
    }
    assert_in_range(num_helpers, 1, 2);
}
#endif

static void share__makes_up_for_a_host_that_counts_wrongly(void **state)
{
    test_workers_t counted = { 0 };
    parts_t parts;
    test_lend_workers(*state, test_workers_out_of_bounds(&counted));
    assert_ok(share(*state, &parts, PARTS));
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(parts.by_owner[i], 1);
    assert_int_equal(counted.num_calls, 1);
}

static void share__asks_nobody_for_one_part(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    parts_t parts = { .owner = t->crypto, .bad = PARTS };
    test_lend_workers(t, test_workers_side_by_side(&counted));
    assert_ok(mls_share_work(t->crypto, do_part, &parts, 1));
    assert_int_equal(parts.by_owner[0], 1);
    assert_ok(mls_share_work(t->crypto, do_part, &parts, 0));
    assert_int_equal(counted.num_calls, 0);
}

static void part__is_small_where_there_are_workers(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    assert_int_equal(mls_part_of_work(t->crypto, 5, 2, 32), 32);
    test_lend_workers(t, test_workers_side_by_side(&counted));
    assert_int_equal(mls_part_of_work(t->crypto, 5, 2, 32), 2);
    assert_int_equal(mls_part_of_work(t->crypto, 80, 2, 32), 10);
    assert_int_equal(mls_part_of_work(t->crypto, 50000, 2, 32), 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(share__is_done_by_the_caller_without_workers),
        TEST(share__ends_at_the_first_failure),
        TEST(share__has_each_part_done_once_by_workers),
        TEST(share__does_a_failed_part_again),
        TEST(offer__does_nothing_itself),
#if defined MLS_WITH_OPENSSL
        TEST(share__leaves_no_key_with_a_helper),
#endif
        TEST(share__makes_up_for_a_host_that_counts_wrongly),
        TEST(share__asks_nobody_for_one_part),
        TEST(part__is_small_where_there_are_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
