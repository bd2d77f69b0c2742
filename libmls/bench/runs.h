/* runs.h -- runs of each operation but Commits, until there are enough. */
#ifndef MLS_BENCH_RUNS_H
#define MLS_BENCH_RUNS_H

#include "database.h"
#include "pair.h"
#include "run.h"

/* `*out` is what was there before, or zeroed, and is the last one that was made afterwards. */
void bench_run_create(bench_t *b, bench_creation_t *out);
/* `shape` is that of the group. */
void bench_run_join(bench_t *b, const bench_creation_t *creation, const bench_shape_t *shape);
void bench_run_external_join(bench_t *b, const bench_pair_t *pair);
void bench_run_messages(bench_t *b, const bench_pair_t *pair, bench_operation_t encrypt,
                        bench_operation_t decrypt, size_t len);
/* Saving and loading. A group is saved in one database, since only what has changed is written. */
void bench_run_database(bench_t *b, const bench_pair_t *pair, bench_database_t *database);

#endif
