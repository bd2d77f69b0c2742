/* messages.h -- what members say to each other. False is a fault, which has been reported. */
#ifndef CROWD_MESSAGES_H
#define CROWD_MESSAGES_H

#include "world.h"

/* Some messages of somebody, which nobody has read yet. */
bool crowd_say(crowd_world_t *world, crowd_client_t *client, unsigned count);
/* Everybody who is here reads, in any order, of what has not been read so many percent. */
bool crowd_all_read(crowd_world_t *world, uint32_t percent);

#endif
