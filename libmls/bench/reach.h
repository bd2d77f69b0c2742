/* reach.h -- how near to the floor libmls has to be, and ahead of its peers, and whether it is. */
#ifndef MLS_BENCH_REACH_H
#define MLS_BENCH_REACH_H

#include "result.h"

#include <stdbool.h>

/* Prints a line for each demand that these results can be held against; false if one is missed. */
bool bench_reach(const bench_results_t *results);

/* The same for the peers' results: a line for each that libmls is behind of, and one for each peer of how
 * many it is ahead of; false if it is behind anywhere. */
bool bench_reach_peers(const bench_results_t *results);

#endif
