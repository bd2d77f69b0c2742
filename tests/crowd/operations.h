/* operations.h -- what happens, one thing after the other. */
#ifndef CROWD_OPERATIONS_H
#define CROWD_OPERATIONS_H

#include "world.h"

/* One operation; all agree after it. False: a fault, which has been reported. */
bool crowd_operate(crowd_world_t *world);
/* All come back, say something and read it; then somebody joins who checks all of the tree. */
bool crowd_finish(crowd_world_t *world);

#endif
