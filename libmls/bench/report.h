/* report.h -- results as lines for people and scripts, and as JSON. */
#ifndef MLS_BENCH_REPORT_H
#define MLS_BENCH_REPORT_H

#include "primitives.h"
#include "result.h"

void bench_print_primitives(uint16_t cipher_suite, const bench_primitives_t *primitives,
                            const bench_costs_t *costs);
/* The results of one size, from the n-th on. */
void bench_print_results(const bench_results_t *results, size_t first);
void bench_print_memory(const bench_memory_t *memory);
void bench_print_parallel(const bench_parallel_t *parallel);
/* What libmls took beside the peers, and what the peers took, for one size, from the n-th result on. */
void bench_print_alone(const bench_results_t *results, size_t first);
void bench_print_peers(const bench_results_t *results, size_t first);
/* Writes all of them to a file; `beside` has those of the peers. */
void bench_write_json(const bench_results_t *results, const bench_results_t *beside, const char *path);

#endif
