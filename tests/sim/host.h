/* host.h -- the application around libmls: its policies, what it knows, what it counts. */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "world.h"

/* How a client keeps its groups: alike with all in what they have to agree on, and else by chance. */
mls_group_config_t sim_host_config(sim_world_t *world, sim_client_t *client);

/* Who is meant by a name in a credential; SIM_NOBODY: unknown. */
uint8_t sim_client_named(mls_view_t identity);

#endif
