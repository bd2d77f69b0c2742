/* plan.h -- what a Commit is to do, and what it does to the model. */
#ifndef CROWD_PLAN_H
#define CROWD_PLAN_H

#include "world.h"

typedef struct crowd_plan {
    uint32_t removed[CROWD_MAX_PLAN]; /* leaves */
    size_t num_removed;
    uint32_t added[CROWD_MAX_PLAN];    /* persons, in the order of their Adds */
    uint32_t added_at[CROWD_MAX_PLAN]; /* leaves, once it is applied */
    size_t num_added;
    size_t num_updates; /* by reference */
    bool has_psk, force_path;
} crowd_plan_t;

/* Somebody new each. */
void crowd_plan_adds(crowd_world_t *world, crowd_plan_t *plan, size_t count);
/* A few leaves here and there, many of them, a row of neighbours, or the last ones. Of the sample only with
 * `any`, and never so many that too few are left; never the committer or the wanderer. */
void crowd_plan_removes(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer, bool any);
/* False: not to be removed. */
bool crowd_plan_remove(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer,
                       uint32_t leaf, bool any);
bool crowd_plan_removes_leaf(const crowd_plan_t *plan, uint32_t leaf);

/* Removes, then Adds, and the epoch that this begins. */
void crowd_plan_apply(crowd_world_t *world, crowd_plan_t *plan);

#endif
