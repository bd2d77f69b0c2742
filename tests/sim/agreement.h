/* agreement.h -- what all clients that are in an epoch have to agree on, with each other and with the model.
 */
#ifndef SIM_AGREEMENT_H
#define SIM_AGREEMENT_H

#include "world.h"

/* Is in `epoch` now: compares with the model, and with who was there before. */
bool sim_client_enter(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch);
/* And has not been there before. */
bool sim_client_arrive(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch);

#endif
