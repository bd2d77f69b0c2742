/* measure.h -- runs all operations in a group of one size. */
#ifndef MLS_BENCH_MEASURE_H
#define MLS_BENCH_MEASURE_H

#include "plan.h"
#include "primitives.h"
#include "result.h"

void bench_measure(bench_results_t *results, bench_primitives_t *primitives, const bench_plan_t *plan);

#endif
