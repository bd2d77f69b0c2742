/* noise.h -- what comes from nobody the group has to listen to. */
#ifndef SIM_NOISE_H
#define SIM_NOISE_H

#include "world.h"

/* Gives some client something that it has to refuse. False: a fault, as it took it, or has changed by it. */
bool sim_make_noise(sim_world_t *world);

#endif
