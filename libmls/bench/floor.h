/* floor.h -- what an operation costs if nothing but its cryptography is counted: no parsing, no allocation,
 * no copy.
 *
 * The counts of each operation are one line of floor.c. Nobody can be faster with the same primitives; how
 * near one comes is what the ratios say. */
#ifndef MLS_BENCH_FLOOR_H
#define MLS_BENCH_FLOOR_H

#include "operation.h"
#include "primitives.h"

/* What the counts depend on. */
typedef struct bench_shape {
    double members;
    double levels;        /* of the tree, rounded up: log2 of the members */
    double steps;         /* of the committer's filtered direct path */
    double common_steps;  /* of these at or above the common ancestor with who processes */
    double ciphertexts;   /* path secrets that the Commit encrypts */
    double message_bytes; /* the Commit, or the application message */
    double tree_bytes;    /* the ratchet_tree extension */
    double num_parents;   /* parent nodes that are not blank */
} bench_shape_t;

/* Microseconds. Not for BENCH_SAVE and BENCH_LOAD, whose floor is a database's. */
double bench_floor(bench_operation_t operation, const bench_costs_t *costs, const bench_shape_t *shape);

#endif
