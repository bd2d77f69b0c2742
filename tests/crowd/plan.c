#include "plan.h"

enum { FEWEST_CLIENTS = 3 };

void crowd_plan_adds(crowd_world_t *world, crowd_plan_t *plan, size_t count)
{
    while (count-- > 0 && plan->num_added < CROWD_MAX_PLAN)
        plan->added[plan->num_added++] = crowd_new_person(world);
}

/* ---- who goes ------------------------------------------------------------------------------------ */

bool crowd_plan_removes_leaf(const crowd_plan_t *plan, uint32_t leaf)
{
    for (size_t i = 0; i < plan->num_removed; i++)
        if (plan->removed[i] == leaf)
            return true;
    return false;
}

static unsigned num_sampled_out(crowd_world_t *world, const crowd_plan_t *plan)
{
    unsigned count = 0;
    for (size_t i = 0; i < plan->num_removed; i++)
        count += crowd_client_at(world, plan->removed[i]) != NULL;
    return count;
}

static bool can_go(crowd_world_t *world, const crowd_plan_t *plan, const crowd_client_t *committer,
                   const crowd_client_t *client, bool any)
{
    if (client == NULL)
        return true;
    return any && client != committer && !client->is_wanderer &&
           crowd_num_in(world) > FEWEST_CLIENTS + num_sampled_out(world, plan) &&
           world->num_joins + world->options.num_sampled - crowd_num_in(world) +
                   num_sampled_out(world, plan) <=
               crowd_max_joins(world);
}

bool crowd_plan_remove(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer,
                       uint32_t leaf, bool any)
{
    if (plan->num_removed == CROWD_MAX_PLAN || crowd_roster_at(&world->roster, leaf) == CROWD_NOBODY ||
        crowd_plan_removes_leaf(plan, leaf) ||
        !can_go(world, plan, committer, crowd_client_at(world, leaf), any))
        return false;
    plan->removed[plan->num_removed++] = leaf;
    return true;
}

static void remove_row(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer, bool any)
{
    const uint32_t first = crowd_pick(world, world->roster.num_leaves), count = crowd_between(world, 2, 20);
    for (uint32_t i = 0; i < count; i++)
        (void)crowd_plan_remove(world, plan, committer, first + i, any);
}

static void remove_tail(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer, bool any)
{
    const uint32_t count = crowd_between(world, 1, 20);
    for (uint32_t leaf = world->roster.num_leaves; leaf-- > 0 && plan->num_removed < count;)
        if (crowd_roster_at(&world->roster, leaf) != CROWD_NOBODY &&
            !crowd_plan_remove(world, plan, committer, leaf, any))
            return;
}

static void remove_some(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer, bool any)
{
    const uint32_t count = crowd_maybe(world, 75) ? crowd_between(world, 1, 4) : crowd_between(world, 5, 20);
    for (uint32_t i = 0; i < count; i++)
        (void)crowd_plan_remove(world, plan, committer, crowd_pick(world, world->roster.num_leaves), any);
}

void crowd_plan_removes(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer, bool any)
{
    const uint32_t kind = crowd_pick(world, 100);
    if (kind < 35)
        remove_row(world, plan, committer, any);
    else if (kind < 60)
        remove_tail(world, plan, committer, any);
    else
        remove_some(world, plan, committer, any);
}

/* ---- the model ----------------------------------------------------------------------------------- */

void crowd_plan_apply(crowd_world_t *world, crowd_plan_t *plan)
{
    const uint32_t num_leaves = world->roster.num_leaves;
    for (size_t i = 0; i < plan->num_removed; i++) {
        crowd_client_t *client = crowd_client_at(world, plan->removed[i]);
        if (client != NULL)
            client->out_epoch = world->epoch + 1;
        crowd_roster_remove(&world->roster, plan->removed[i]);
    }
    for (size_t i = 0; i < plan->num_added; i++)
        plan->added_at[i] = crowd_roster_add(&world->roster, plan->added[i]);
    world->stats.removals += (unsigned)plan->num_removed;
    world->stats.adds += (unsigned)plan->num_added;
    world->stats.growths += world->roster.num_leaves > num_leaves;
    world->stats.shrinks += world->roster.num_leaves < num_leaves;
    crowd_begin_epoch(world);
}
