/* building.h -- how large the messages are by which a large group comes to be, by the way that one goes. */
#ifndef MLS_BENCH_BUILDING_H
#define MLS_BENCH_BUILDING_H

#include <stdint.h>

/* Prints a table, a line for each way to build a group of that many members. Before that it compares the
 * lengths that it computes with those of real Commits. 0, or 1 if they differ or something failed, which
 * stderr then says. */
int bench_building(uint32_t members);

#endif
