/* succession.h -- groups that follow on another one (RFC 9420, Sections 11.2 and 11.3). */
#ifndef SIM_SUCCESSION_H
#define SIM_SUCCESSION_H

#include "world.h"

/* Everybody is up to date. Brings the group to its end by a ReInit, and has everybody go on in the group that
 * it asks for, perhaps in another cipher suite. False: a fault. */
bool sim_reinitialize(sim_world_t *world);

/* Some of the members make a branch, and see that it is theirs alone; it ends here. False: a fault. */
bool sim_branch(sim_world_t *world);

#endif
