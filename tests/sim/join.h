/* join.h -- the two ways into the group: by Welcome, and by an external Commit. */
#ifndef SIM_JOIN_H
#define SIM_JOIN_H

#include "world.h"

/* Joins by the Welcome that waits for the client, if there is one. False: a fault. */
bool sim_client_accept_invitation(sim_world_t *world, sim_client_t *client);

/* Makes a group of the Welcome that the Commit has for the client's key package. */
bool sim_client_join(sim_world_t *world, sim_client_t *client, mls_group_t **out,
                     const sim_handshake_t *commit);

/* Makes an external Commit from the GroupInfo of a member, and sends it; where the group has a leaf of this
 * client already, in place of that. */
bool sim_client_join_external(sim_world_t *world, sim_client_t *client, sim_client_t *member);

#endif
