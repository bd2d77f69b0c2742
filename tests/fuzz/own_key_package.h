/* own_key_package.h -- a KeyPackage with its private keys, and input as a change to something good: so that
 * it gets past keys and signatures that no mutation would find. */
#ifndef TESTS_FUZZ_OWN_KEY_PACKAGE_H
#define TESTS_FUZZ_OWN_KEY_PACKAGE_H

#include "mls/key_package.h"

enum { FUZZ_NOT_BEFORE = 1700000000, FUZZ_NOT_AFTER = FUZZ_NOT_BEFORE + 3600 };

/* The same in each run. */
typedef struct fuzz_own {
    uint8_t next_random;
    mls_crypto_t *crypto;
    mls_key_package_t *key_package; /* good from FUZZ_NOT_BEFORE to FUZZ_NOT_AFTER */
} fuzz_own_t;

/* Aborts without memory. `*own` stays where it is until it is cleared. */
void fuzz_own_make(fuzz_own_t *own);
void fuzz_own_clear(fuzz_own_t *own);

/* What an input stands for, by its first byte; the caller clears it.
 *   0: the rest of the input;
 *   1: `good` with bits changed: a place (two bytes, in network order), and what is added there, modulo 2;
 *   2: `good` with bytes left out: a place and a number of bytes (two bytes each);
 *   another or none: `good`. */
bool fuzz_is_good(mls_view_t input); /* the last case */
mls_bytes_t fuzz_change(mls_view_t good, mls_view_t input);

#endif
