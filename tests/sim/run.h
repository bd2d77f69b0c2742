/* run.h -- one seed, from the first member to the last agreement. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "world.h"

typedef struct sim_options {
    uint16_t suite;
    unsigned num_orderly, num_unruly; /* operations over either kind of delivery service */
    bool is_verbose;
} sim_options_t;

typedef struct sim_result {
    uint64_t digest;
    unsigned num_faults;
    sim_stats_t stats;
} sim_result_t;

sim_result_t sim_run(uint64_t seed, const sim_options_t *options);

#endif
