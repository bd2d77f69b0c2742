/* run.h -- one run of an operation: in turn with the primitives, and noted. */
#ifndef MLS_BENCH_RUN_H
#define MLS_BENCH_RUN_H

#include "allocations.h"
#include "crowd.h"
#include "plan.h"
#include "primitives.h"
#include "result.h"
#include "shape.h"

typedef struct bench {
    const bench_plan_t *plan;
    bench_primitives_t *primitives;
    bench_results_t *results;
    bench_crowd_t *crowd;
    bench_costs_t costs;                /* as they were just now */
    double run_us;                      /* what the last run took */
    size_t first[BENCH_NUM_OPERATIONS]; /* samples that there were before this turn */
    bench_allocations_t allocated;      /* before the run */
} bench_t;

/* At least 5 samples, but for what takes very long, and more of what is short, of several runs each: noise is
 * short, too. */
bool bench_is_enough(const bench_t *b, bench_operation_t operation);

/* Primitives and operation take turns, so that both meet the same machine. */
void bench_before(bench_t *b);
/* The time at which the run begins. */
double bench_start(bench_t *b);
/* Microseconds since then, by the crowd's clock. */
double bench_since(const bench_t *b, double begin);
/* The run is over: `count` times the operation, in `us` microseconds. */
void bench_note(bench_t *b, bench_operation_t operation, double us, size_t count, size_t bytes,
                const bench_shape_t *shape);
/* The place for what is noted otherwise. */
bench_result_t *bench_result_of(const bench_t *b, bench_operation_t operation);

#endif
