#include "small_order.h"
#include "support.h"

#include <stdio.h>

/* The coordinates of the curves' points of small order, lowest byte first. */
static const char *const x25519_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};
static const char *const ed25519_points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};
#define HALF_00 "00000000000000000000000000000000000000000000000000000000"
#define HALF_FF "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
static const char *const points_448[] = {
    HALF_00 HALF_00,
    "01000000000000000000000000000000000000000000000000000000" HALF_00,
    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "feffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    HALF_FF "feffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    HALF_00 HALF_FF,
};

typedef bool is_small_order_fn(const uint8_t *key);

/* Each point is known, with its coordinate followed by `end`; whatever differs from it by one bit is no such
 * point, but for `sign_bit`, which is not of the coordinate. The two lowest bits tell 0, 1 and -1 apart. */
static void check_points(test_context_t *t, is_small_order_fn *is_small_order, const char *const *points,
                         size_t count, const char *end, size_t sign_bit)
{
    for (size_t i = 0; i < count; i++) {
        char hex[2 * MLS_ED448_LEN + 1];
        (void)snprintf(hex, sizeof hex, "%s%s", points[i], end);
        const mls_view_t point = test_hex(t, hex);
        assert_true(is_small_order(point.data));
        for (size_t bit = 2; bit < 8 * point.len; bit++)
            assert_int_equal(is_small_order(test_flip(t, point, bit).data), bit == sign_bit);
    }
}

static void x25519__knows_its_points(void **state)
{
    check_points(*state, mls_x25519_is_small_order, x25519_points, 7, "", 255);
}

static void ed25519__knows_its_points(void **state)
{
    check_points(*state, mls_ed25519_is_small_order, ed25519_points, 7, "", 255);
}

static void x448__knows_its_points(void **state)
{
    check_points(*state, mls_x448_is_small_order, points_448, 5, "", SIZE_MAX);
}

static void ed448__knows_its_points(void **state)
{
    check_points(*state, mls_ed448_is_small_order, points_448, 5, "00", 8 * MLS_ED448_LEN - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(x25519__knows_its_points),
        TEST(ed25519__knows_its_points),
        TEST(x448__knows_its_points),
        TEST(ed448__knows_its_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
