/* send.h -- getting what was made to the delivery service.
 *
 * It is stored before it is sent, and a client may die in between: then it has it in its outbox when it
 * starts again, and sends it late, or not at all. */
#ifndef SIM_SEND_H
#define SIM_SEND_H

#include "world.h"

/* Stores, and sends. False: a fault; whether it was taken, sim_service_has() knows. */
bool sim_client_send(sim_world_t *world, sim_client_t *client, sim_handshake_t *handshake);
/* Sends what is still in the outbox. */
bool sim_client_flush(sim_world_t *world, sim_client_t *client);

#endif
