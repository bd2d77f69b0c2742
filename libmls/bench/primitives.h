/* primitives.h -- what the cryptography costs by itself: the stones that the floor of an operation is made
 * of.
 *
 * Each primitive is measured as libsodium has it and as OpenSSL has it, with contexts and keys that are made
 * once; the lesser counts. OpenSSL is called here directly and not through libmls, so that a slow engine
 * shows. */
#ifndef MLS_BENCH_PRIMITIVES_H
#define MLS_BENCH_PRIMITIVES_H

#include <stddef.h>
#include <stdint.h>

typedef enum bench_primitive {
    BENCH_VERIFY,      /* Ed25519, 200 bytes */
    BENCH_SIGN,        /* Ed25519, 200 bytes */
    BENCH_BASE,        /* X25519 with the base point */
    BENCH_DH,          /* X25519 */
    BENCH_HMAC,        /* SHA-256, 64 bytes, a new key each time */
    BENCH_SHA256_64,   /* 64 bytes */
    BENCH_SHA256_LONG, /* 64 KiB */
    BENCH_SHA512_LONG, /* 64 KiB */
    BENCH_SEAL_64,     /* the suite's AEAD, a new key each time, 64 bytes */
    BENCH_OPEN_64,     /* the same */
    BENCH_SEAL_4096,   /* 4 KiB */
    BENCH_OPEN_4096,   /* 4 KiB */
    BENCH_SEAL_LONG,   /* 64 KiB */
    BENCH_NUM_PRIMITIVES
} bench_primitive_t;

/* Long enough that the rate counts alone; and no longer, so that the caches are left to the operation that is
 * measured next. */
enum { BENCH_LONG = 1 << 16 };

/* Microseconds for one. */
typedef struct bench_costs {
    double us[BENCH_NUM_PRIMITIVES];
} bench_costs_t;

typedef struct bench_primitives bench_primitives_t;

/* For suites 0x0001 and 0x0003. Finds out which library is the faster one for each. */
bench_primitives_t *bench_primitives_new(uint16_t cipher_suite);
void bench_primitives_free(bench_primitives_t *primitives);
enum { BENCH_SHORTEST_US = 200 };
/* Measures all of them now, each for that long, at least BENCH_SHORTEST_US. */
void bench_primitives_measure(bench_primitives_t *primitives, bench_costs_t *out, double us);

const char *bench_primitive_name(bench_primitive_t primitive);
/* The library that is the faster one. */
const char *bench_primitive_library(const bench_primitives_t *primitives, bench_primitive_t primitive);

#endif
