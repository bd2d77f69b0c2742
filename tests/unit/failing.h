/* failing.h -- makes the n-th thing fail that can: memory, randomness, a primitive.
 *
 * A program that links this is linked with --wrap for malloc, calloc, realloc and mls_suite_find: what libmls
 * asks for passes through here. */
#ifndef TESTS_UNIT_FAILING_H
#define TESTS_UNIT_FAILING_H

#include "support.h"

/* Lets the n-th of the calls that follow fail, counted from 1; 0: none. */
void failing_set(long n);
/* Ends it. Whether the n-th call has come. */
bool failing_has_failed(void);

/* For mls_crypto_config_t.random: that of the test, which may fail as the others. */
bool failing_random(void *arg, uint8_t *out, size_t len);

#endif
