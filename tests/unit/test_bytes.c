#include "bytes.h"
#include "secret.h"
#include "support.h"

static void view__equal_compares_length_and_content(void **state)
{
    (void)state;
    assert_true(mls_view_equal(mls_view(NULL, 0), mls_view("x", 0)));
    assert_true(mls_view_equal(mls_view_text("abc"), mls_view("abcd", 3)));
    assert_false(mls_view_equal(mls_view_text("abc"), mls_view_text("abcd")));
    assert_false(mls_view_equal(mls_view_text("abc"), mls_view_text("abd")));
    assert_int_equal(mls_view_text(NULL).len, 0);
}

static void equal_ct__sees_every_single_bit(void **state)
{
    (void)state;
    uint8_t a[33] = { 0 }, b[33] = { 0 };
    assert_true(mls_bytes_equal_ct(a, b, sizeof a));
    assert_true(mls_bytes_equal_ct(a, NULL, 0));
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_false(mls_bytes_equal_ct(a, b, sizeof a));
        b[bit / 8] = 0;
    }
}

static void copy__owns_its_bytes(void **state)
{
    (void)state;
    uint8_t source[] = { 1, 2, 3 };
    mls_bytes_t bytes;
    assert_ok(mls_bytes_copy(&bytes, mls_view(source, sizeof source)));
    source[0] = 9;
    assert_view_equal(mls_bytes_view(&bytes), mls_view("\x01\x02\x03", 3));
    mls_bytes_clear(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.len, 0);
    mls_bytes_clear(&bytes);
}

static void copy__of_nothing_is_empty(void **state)
{
    (void)state;
    mls_bytes_t bytes = { (uint8_t *)1, 1 };
    assert_ok(mls_bytes_copy(&bytes, mls_view(NULL, 0)));
    assert_null(bytes.data);
    assert_int_equal(bytes.len, 0);
}

static void move__clears_the_target_and_empties_the_source(void **state)
{
    (void)state;
    mls_bytes_t to, from;
    assert_ok(mls_bytes_copy(&to, mls_view_text("before")));
    assert_ok(mls_bytes_copy(&from, mls_view_text("after")));
    mls_bytes_move(&to, &from);
    assert_view_equal(mls_bytes_view(&to), mls_view_text("after"));
    assert_null(from.data);
    mls_bytes_clear(&to);
}

static void wipe__zeroes_exactly_its_bytes(void **state)
{
    (void)state;
    uint8_t bytes[] = { 1, 2, 3, 4 };
    mls_wipe(bytes + 1, 2);
    assert_view_equal(mls_view(bytes, 4), mls_view("\x01\0\0\x04", 4));
}

static void secret__takes_up_to_one_hash(void **state)
{
    (void)state;
    static const uint8_t bytes[MLS_MAX_HASH_LEN + 1] = { 7 };
    mls_secret_t secret = { 0 }, other = { 0 };
    assert_ok(mls_secret_set(&secret, mls_view(bytes, MLS_MAX_HASH_LEN)));
    assert_int_equal(secret.len, MLS_MAX_HASH_LEN);
    assert_status(mls_secret_set(&secret, mls_view(bytes, sizeof bytes)), MLS_ERR_ARGUMENT);
    assert_memory_equal(&secret, &other, sizeof secret);
}

static void secret__move_wipes_the_source(void **state)
{
    (void)state;
    mls_secret_t from = { 0 }, to = { 0 };
    const mls_secret_t empty = { 0 };
    assert_ok(mls_secret_set(&from, mls_view_text("secret")));
    mls_secret_move(&to, &from);
    assert_view_equal(mls_secret_view(&to), mls_view_text("secret"));
    assert_memory_equal(&from, &empty, sizeof from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view__equal_compares_length_and_content),
        cmocka_unit_test(equal_ct__sees_every_single_bit),
        cmocka_unit_test(copy__owns_its_bytes),
        cmocka_unit_test(copy__of_nothing_is_empty),
        cmocka_unit_test(move__clears_the_target_and_empties_the_source),
        cmocka_unit_test(wipe__zeroes_exactly_its_bytes),
        cmocka_unit_test(secret__takes_up_to_one_hash),
        cmocka_unit_test(secret__move_wipes_the_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
