/* peers.h -- the other libraries that mls-bench measures beside libmls: those that build_peers.py finds. */
#ifndef MLS_BENCH_PEERS_H
#define MLS_BENCH_PEERS_H

#include "bed.h"

typedef struct bench_peers bench_peers_t;

/* Finds them, or builds them, which may take minutes, and prints a line for each: what runs, or why not. Each
 * may use so many threads. */
bench_peers_t *bench_peers_find(unsigned threads);
/* Ends them. NULL is fine. */
void bench_peers_free(bench_peers_t *peers);

/* Runs all operations in a group of that size with each of them, and in turns with libmls in its bed. */
void bench_peers_measure(bench_peers_t *peers, bench_results_t *results, const bench_plan_t *plan,
                         bench_bed_t *bed);

#endif
