/* seeded.h -- randomness that follows from a seed: two runs do the same. */
#ifndef MLS_BENCH_SEEDED_H
#define MLS_BENCH_SEEDED_H

#include <mls/mls.h>

/* SplitMix64. */
uint64_t bench_seeded_next(uint64_t *state);

/* A crypto context that takes all that is random from `state`, which outlives it. The keys are nobody's. */
mls_crypto_t *bench_seeded_crypto(uint64_t *state);

#endif
