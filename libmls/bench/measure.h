/* measure.h -- runs all operations in a group of one size. */
#ifndef MLS_BENCH_MEASURE_H
#define MLS_BENCH_MEASURE_H

#include "primitives.h"
#include "result.h"

#include <stdbool.h>

typedef struct bench_plan {
    uint16_t cipher_suite;
    uint32_t members;
    uint64_t seed;
    const char *folder; /* for databases */
    bool warm_only;     /* for counts: the cold group is left out */
    bool alone; /* run after run, without the primitives in between: no ratios, and operations alone */
} bench_plan_t;

void bench_measure(bench_results_t *results, bench_primitives_t *primitives, const bench_plan_t *plan);

#endif
