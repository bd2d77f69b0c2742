/* client.h -- what every member does: follow the log, agree with the others, keep its state. */
#ifndef CROWD_CLIENT_H
#define CROWD_CLIENT_H

#include "world.h"

/* All of these: false is a fault, which has been reported. */

/* Compares what it has of its epoch with what others and the model have. */
bool crowd_enter(crowd_world_t *world, crowd_client_t *client);
/* Each leaf of its tree with the model. */
bool crowd_check_roster(crowd_world_t *world, const crowd_client_t *client);

bool crowd_save(crowd_world_t *world, crowd_client_t *client);
/* What was not saved is lost. */
bool crowd_restart(crowd_world_t *world, crowd_client_t *client);

/* Reads the log to its end. Who finds itself removed sees to it that nothing can be read any more, and is
 * gone. */
bool crowd_catch_up(crowd_world_t *world, crowd_client_t *client);
/* All who are not away. */
bool crowd_all_catch_up(crowd_world_t *world);

#endif
