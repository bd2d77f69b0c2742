/* count.h -- the instructions of an operation, counted by valgrind's callgrind: they are the same each time,
 * whatever else the machine does.
 *
 * Two steps, since nothing large can be built under valgrind: the first makes the groups and saves them, the
 * second loads them under callgrind and runs each operation once. */
#ifndef MLS_BENCH_COUNT_H
#define MLS_BENCH_COUNT_H

#include "measure.h"

/* Saves two members of a cold and of a warm group in the plan's folder. */
void bench_count_prepare(const bench_plan_t *plan);
/* Runs what can be done with what is in the folder; callgrind writes a profile for each operation, whose name
 * is its trigger ("desc: Trigger: Client Request: NAME"). */
void bench_count(const char *folder);

#endif
