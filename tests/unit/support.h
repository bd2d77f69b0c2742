/* support.h -- what the unit tests of libmls share. */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include "key_package.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The state of a test: a crypto context whose randomness comes from a seed, and what its log was told. */
typedef struct test_context {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    mls_arena_t arena; /* for what a test need not clear itself */
    uint64_t random;
    bool random_fails;               /* then the source of randomness has nothing */
    mls_capabilities_t capabilities; /* of the KeyPackages that are made; zeroed: what every client has */
    char rule[32];                   /* the rule that was broken last; empty: none */
    mls_status_t rule_status;
} test_context_t;

/* The suite of all tests that name none: MLS_TEST_SUITE of the environment, or the first of this build. */
const mls_suite_t *test_suite(void);

/* cmocka's setup and teardown. The seed is MLS_TEST_SEED of the environment, or another one each time; setup
 * prints it. */
int test_setup(void **state);
int test_teardown(void **state);
#define TEST(function) cmocka_unit_test_setup_teardown(function, test_setup, test_teardown)

/* A number below `bound` that follows from the seed. */
uint32_t test_random(test_context_t *t, uint32_t bound);
mls_view_t test_random_bytes(test_context_t *t, size_t len);

/* Zeroed memory, and the bytes of a string of hex (spaces between bytes are skipped), that live as long as
 * the test. */
void *test_alloc(test_context_t *t, size_t len);
mls_view_t test_hex(test_context_t *t, const char *hex);
/* A copy of that which is wiped and freed with the test; clears `*bytes`. */
mls_view_t test_keep(test_context_t *t, mls_bytes_t *bytes);
/* A copy with one bit changed. */
mls_view_t test_flip(test_context_t *t, mls_view_t bytes, size_t bit);

#define assert_ok(status) assert_int_equal((status), MLS_OK)
#define assert_status(status, expected) assert_int_equal((status), (expected))
#define assert_view_equal(a, b) test_assert_view_equal((a), (b), __FILE__, __LINE__)
#define assert_view_hex(t, view, hex) assert_view_equal((view), test_hex((t), (hex)))
#define assert_view_not_equal(a, b) assert_false(mls_view_equal((a), (b)))
void test_assert_view_equal(mls_view_t a, mls_view_t b, const char *file, int line);

/* Asserts that the log was told of that rule with that status since the last time, and forgets it. */
#define assert_rule(t, id, status) test_assert_rule((t), (id), (status), __FILE__, __LINE__)
void test_assert_rule(test_context_t *t, const char *id, mls_status_t status, const char *file, int line);

/* A fresh public key of the suite for HPKE, whose private key nobody has; and one that nobody can have: of
 * zeros, which is of small order or no point at all. */
mls_view_t test_public_key(test_context_t *t);
mls_view_t test_zero_key(test_context_t *t);

/* ---- key packages, good ones and forged ones ----------------------------------------------------- */

/* A KeyPackage as its fields: a test changes what it likes, then has it signed. */
typedef struct test_key_package {
    mls_signature_key_t signature_key;
    mls_hpke_private_t init_private_key, encryption_private_key;
    mls_hpke_public_t init_key, encryption_key;
    mls_leaf_node_t leaf;
    mls_key_package_data_t data;
} test_key_package_t;

enum { TEST_NOT_BEFORE = 1700000000, TEST_NOT_AFTER = TEST_NOT_BEFORE + 90 * 24 * 3600 };

/* Fresh keys, and fields that are good. Its views point into itself and into the test. */
void test_key_package_fill(test_context_t *t, test_key_package_t *kp);
/* Signs the leaf for its place (`place` NULL: none) and encodes it. */
mls_view_t test_leaf_sign(test_context_t *t, const test_key_package_t *kp, const mls_leaf_place_t *place);
/* Signs leaf and package, and encodes the MLSMessage. */
mls_view_t test_key_package_sign(test_context_t *t, test_key_package_t *kp);

#endif
