/* count.h -- the instructions of an operation, counted by valgrind's callgrind: they are the same each time,
 * whatever else the machine does. All that is random follows from the plan's seed.
 *
 * Two steps, since nothing large can be built under valgrind: the first makes the groups and saves them, the
 * second loads them under callgrind and runs each operation once. */
#ifndef MLS_BENCH_COUNT_H
#define MLS_BENCH_COUNT_H

#include "measure.h"

/* Saves two members of a cold and of a warm group, and of who joins, in the plan's folder; or of the warm
 * group alone. */
void bench_count_prepare(const bench_plan_t *plan);
/* Runs each operation once with what is in the folder, of which it changes warm-processor.db. callgrind
 * writes a profile for each, whose name is its trigger ("desc: Trigger: Client Request: NAME"), and here a
 * line is printed:
 *     counted OPERATION ALLOCATIONS BYTES
 * what was asked of the allocator. Ends the program where nothing counts: without valgrind, or when it was
 * built without valgrind/callgrind.h. */
void bench_count(const bench_plan_t *plan);

#endif
