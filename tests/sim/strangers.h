/* strangers.h -- messages that are well made and properly signed, and must not be taken for what they say: of
 * people who are nobody here, and of those who do not keep to the rules. */
#ifndef SIM_STRANGERS_H
#define SIM_STRANGERS_H

#include "world.h"

/* Each gives the client such a message. False: a fault, as it took it, or has changed by it. */
bool sim_stranger_poses_as_warden(sim_world_t *world, sim_client_t *client);
bool sim_stranger_has_no_number(sim_world_t *world, sim_client_t *client);
bool sim_stranger_asks_to_join(sim_world_t *world, sim_client_t *client);
bool sim_warden_removes_nobody(sim_world_t *world, sim_client_t *client);
bool sim_newcomer_lacks_something(sim_world_t *world, sim_client_t *client);
bool sim_member_speaks_aloud(sim_world_t *world, sim_client_t *client);

#endif
