/* result.h -- what was measured. */
#ifndef MLS_BENCH_RESULT_H
#define MLS_BENCH_RESULT_H

#include "clock.h"
#include "operation.h"

#include <stdint.h>

/* Runs that are too short for one to tell anything: a machine can change its pace within a millisecond. */
typedef struct bench_sum {
    size_t count;
    double us, floor_us;
} bench_sum_t;

/* One operation, in one suite, in a group of one size. */
typedef struct bench_result {
    bench_operation_t operation;
    uint16_t cipher_suite;
    uint32_t members;
    bench_samples_t us, ratio; /* paired: the floor is measured beside each run */
    bench_samples_t growth;    /* paired: by the same in a group of 1,000; empty: not measured */
    bench_sum_t sum;           /* of runs that make the next sample together */
    size_t bytes;              /* of the message that is made or read; of what is saved or loaded */
    size_t rows;               /* BENCH_SAVE, BENCH_LOAD: entries written, erased or read */
    size_t allocations;        /* calls of the allocator in one run */
    size_t allocated;          /* and bytes that they asked for */
} bench_result_t;

/* What one member's group holds of memory, in bytes for each member. */
typedef struct bench_memory {
    uint16_t cipher_suite;
    uint32_t members;
    double cold, warm; /* held */
    double join_peak;  /* the most while it joined the warm group with the tree beside the Welcome, without
                          that */
} bench_memory_t;

typedef struct bench_parallel {
    uint16_t cipher_suite;
    uint32_t members;
    unsigned threads;
    bench_samples_t speedup; /* of joining */
} bench_parallel_t;

/* What another library took for an operation, or why it took nothing. */
typedef struct bench_peer_result {
    const char *library; /* lasts as long as the program */
    bench_operation_t operation;
    uint16_t cipher_suite;
    uint32_t members;
    bench_samples_t us; /* empty: n/a */
    char reason[512];
} bench_peer_result_t;

enum { BENCH_MAX_RESULTS = 512, BENCH_MAX_SIZES = 32, BENCH_MAX_PEER_RESULTS = 1024 };

typedef struct bench_results {
    bench_result_t items[BENCH_MAX_RESULTS];
    size_t count;
    bench_memory_t memory[BENCH_MAX_SIZES];
    size_t num_memory;
    bench_parallel_t parallel[BENCH_MAX_SIZES];
    size_t num_parallel;
    bench_peer_result_t peers[BENCH_MAX_PEER_RESULTS];
    size_t num_peers; /* results of peers */
} bench_results_t;

/* The result of that, a new one where there is none. */
bench_result_t *bench_result(bench_results_t *results, bench_operation_t operation, uint16_t cipher_suite,
                             uint32_t members);
/* NULL: not measured. */
const bench_result_t *bench_find_result(const bench_results_t *results, bench_operation_t operation,
                                        uint16_t cipher_suite, uint32_t members);

/* Appends one. */
bench_peer_result_t *bench_peer_result_new(bench_results_t *results, const bench_peer_result_t *is_of);
/* How many times as long as libmls the peer took; 0: one of them did not do it. */
double bench_peer_ratio(const bench_results_t *results, const bench_peer_result_t *result);

#endif
