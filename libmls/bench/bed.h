/* bed.h -- libmls beside peers: groups that stay, in which an operation is run for a moment whenever one is
 * asked for. A machine changes its pace from second to second; so libmls and a peer take turns with each
 * operation. */
#ifndef MLS_BENCH_BED_H
#define MLS_BENCH_BED_H

#include "plan.h"
#include "result.h"

typedef struct bench_bed bench_bed_t;

/* Both are borrowed. With plan->threads that share the work. */
bench_bed_t *bench_bed_new(bench_results_t *results, const bench_plan_t *plan);
void bench_bed_free(bench_bed_t *bed);

/* Some runs more of the operation, and of the one that goes with it: a Commit is made and processed. */
void bench_bed_turn(bench_bed_t *bed, bench_operation_t operation);

#endif
