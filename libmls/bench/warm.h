/* warm.h -- a group in which every member has committed, as any of its members sees it. */
#ifndef MLS_BENCH_WARM_H
#define MLS_BENCH_WARM_H

#include "crowd.h"

typedef struct bench_warm bench_warm_t;

/* Everybody has committed, in an order that `seed` decides: all parents have keys. The crowd outlives it. */
bench_warm_t *bench_warm_new(const bench_crowd_t *crowd, uint64_t seed);
/* The group of the member with that number, which is its leaf index; in epoch 1, with bench_group_config().
 */
mls_group_t *bench_warm_member(const bench_warm_t *warm, uint32_t member);
void bench_warm_free(bench_warm_t *warm);

#endif
