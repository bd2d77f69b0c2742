/* receive.h -- a client takes in what the delivery service has for it. */
#ifndef SIM_RECEIVE_H
#define SIM_RECEIVE_H

#include "world.h"

/* Reads up to `max` entries of the log, and the letters that are due: goes back where the service has decided
 * anew, joins where there is an invitation. False: a fault. */
bool sim_client_poll(sim_world_t *world, sim_client_t *client, size_t max);
/* All there is. */
bool sim_client_catch_up(sim_world_t *world, sim_client_t *client);

#endif
