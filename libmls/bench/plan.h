/* plan.h -- what is to be measured. */
#ifndef MLS_BENCH_PLAN_H
#define MLS_BENCH_PLAN_H

#include <stdbool.h>
#include <stdint.h>

typedef struct bench_plan {
    uint16_t cipher_suite;
    uint32_t members;
    uint64_t seed;
    const char *folder; /* for databases */
    bool warm_only;     /* for counts: the cold group is left out */
    bool alone;       /* run after run, without the primitives in between: no ratios, and operations alone */
    unsigned threads; /* that share the work, by the clock; 0, 1: one, by its own time */
} bench_plan_t;

#endif
