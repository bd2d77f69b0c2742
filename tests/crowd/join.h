/* join.h -- becoming one of the sample. False is a fault, which has been reported. */
#ifndef CROWD_JOIN_H
#define CROWD_JOIN_H

#include "plan.h"

/* There is a free slot. The tree is in the Welcome or beside it. `plan` (with room for one more) is what the
 * Commit does besides; who joins checks all of the tree. */
bool crowd_join_by_welcome(crowd_world_t *world, crowd_client_t *committer, crowd_plan_t *plan);
bool crowd_join_by_external_commit(crowd_world_t *world);
/* One of the sample has lost all that it had, and comes back by an external Commit, as itself. */
bool crowd_come_back(crowd_world_t *world);

/* NULL: none. */
crowd_client_t *crowd_free_slot(crowd_world_t *world);

#endif
