/* reach.h -- how near to the floor libmls has to be, and whether it is. */
#ifndef MLS_BENCH_REACH_H
#define MLS_BENCH_REACH_H

#include "result.h"

#include <stdbool.h>

/* Prints a line for each demand that these results can be held against; false if one is missed. */
bool bench_reach(const bench_results_t *results);

#endif
