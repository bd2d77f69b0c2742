/* commits.h -- making and processing Commits. */
#ifndef MLS_BENCH_COMMITS_H
#define MLS_BENCH_COMMITS_H

#include "pair.h"
#include "run.h"

/* In a group of more members, those of the warm group also beside a group of so many. */
enum { BENCH_YARDSTICK = 1000 };

void bench_run_commits(bench_t *b, const bench_pair_t *cold, const bench_pair_t *warm);

#endif
