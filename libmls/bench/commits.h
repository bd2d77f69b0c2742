/* commits.h -- making and processing Commits. */
#ifndef MLS_BENCH_COMMITS_H
#define MLS_BENCH_COMMITS_H

#include "pair.h"
#include "run.h"

enum { BENCH_YARDSTICK = 1000 };

/* Making and processing one of those that the operation is about, in the pair that it is about. */
void bench_run_commit(bench_t *b, const bench_pair_t *pair, bench_operation_t operation);
/* All of them; in a group of more than so many, those of the warm group also beside one of so many. */
void bench_run_commits(bench_t *b, const bench_pair_t *cold, const bench_pair_t *warm);

#endif
