/* wanderer.h -- a state that is handed around in the crowd, so that not only the sample commits.
 *
 * All members of an epoch share its tree and its secrets. What one needs besides to commit is one's place and
 * one's signature key; with a path, the keys of that place come of themselves. From then on the wanderer
 * follows as that member, until it is another one. */
#ifndef CROWD_WANDERER_H
#define CROWD_WANDERER_H

#include "world.h"

/* Becomes some member that nobody else here has a state for. It has to commit next, with a path. */
crowd_client_t *crowd_wander(crowd_world_t *world);

#endif
