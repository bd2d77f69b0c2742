/* random.h -- where chance comes from: one number, the seed, decides all of a run. Not for secrets. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_random {
    uint64_t state;
} sim_random_t;

/* The sequence of a seed. Different streams of one seed have nothing to do with each other: how much is drawn
 * from one does not change what comes from the other. */
sim_random_t sim_random(uint64_t seed, uint64_t stream);

/* 0 to `bound` - 1; `bound` is at least 1. */
uint32_t sim_below(sim_random_t *random, uint32_t bound);
/* `low` to `high`, both included. */
uint32_t sim_between(sim_random_t *random, uint32_t low, uint32_t high);
/* True in `percent` of 100 cases. */
bool sim_chance(sim_random_t *random, uint32_t percent);
void sim_fill(sim_random_t *random, uint8_t *out, size_t len);

#endif
