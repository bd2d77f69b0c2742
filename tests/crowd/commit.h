/* commit.h -- making Commits, and having all follow them. False is a fault, which has been reported. */
#ifndef CROWD_COMMIT_H
#define CROWD_COMMIT_H

#include "plan.h"

/* Who commits next: one of the sample, or the wanderer as somebody else of the crowd. */
crowd_client_t *crowd_committer(crowd_world_t *world, const crowd_client_t *not_this);

/* Makes a Commit of what is planned and saves who has made it. */
bool crowd_make_commit(crowd_world_t *world, crowd_client_t *committer, const crowd_plan_t *plan,
                       mls_pending_commit_t **out);
/* Puts it into the order, and does to the model what is planned. */
bool crowd_send_commit(crowd_world_t *world, crowd_plan_t *plan, mls_pending_commit_t *commit);
/* Both, and all who are here follow. */
bool crowd_commit(crowd_world_t *world, crowd_client_t *committer, crowd_plan_t *plan);

/* Some propose, and somebody commits it all. */
bool crowd_commit_by_reference(crowd_world_t *world);

/* Two make Commits of one epoch: some follow the one that does not count, and have to go back. */
bool crowd_conflict(crowd_world_t *world);

#endif
