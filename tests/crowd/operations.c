#include "operations.h"

#include "client.h"
#include "commit.h"
#include "join.h"
#include "messages.h"

/* ---- Commits by value ---------------------------------------------------------------------------- */

static bool update(crowd_world_t *world)
{
    crowd_plan_t plan = { .force_path = true };
    world->stats.updates++;
    return crowd_commit(world, crowd_committer(world, NULL), &plan);
}

static bool add(crowd_world_t *world)
{
    crowd_plan_t plan = { .force_path = crowd_maybe(world, 50) };
    crowd_client_t *committer = crowd_committer(world, NULL);
    crowd_plan_adds(world, &plan, crowd_between(world, 1, 20));
    return crowd_commit(world, committer, &plan);
}

static bool remove_some(crowd_world_t *world)
{
    crowd_plan_t plan = { 0 };
    crowd_client_t *committer = crowd_committer(world, NULL);
    crowd_plan_removes(world, &plan, committer, crowd_maybe(world, 50));
    return crowd_commit(world, committer, &plan);
}

static bool add_and_remove(crowd_world_t *world)
{
    crowd_plan_t plan = { .has_psk = crowd_maybe(world, 20) };
    crowd_client_t *committer = crowd_committer(world, NULL);
    crowd_plan_removes(world, &plan, committer, crowd_maybe(world, 50));
    crowd_plan_adds(world, &plan, crowd_between(world, 1, 12));
    return crowd_commit(world, committer, &plan);
}

/* The group keeps about its size. */
static bool change_size(crowd_world_t *world)
{
    const uint32_t now = world->roster.num_members, wanted = world->options.num_members;
    const uint32_t adds = now > wanted + 10 ? 15 : now + 10 < wanted ? 85 : 45;
    if (crowd_maybe(world, 30))
        return add_and_remove(world);
    return crowd_maybe(world, adds) ? add(world) : remove_some(world);
}

/* No path: the tree stays as it is. */
static bool mix_psk_in(crowd_world_t *world)
{
    crowd_client_t *committer = crowd_somebody(world, NULL);
    crowd_plan_t plan = { .has_psk = true };
    if (committer == NULL)
        return update(world);
    world->stats.without_path++;
    return crowd_commit(world, committer, &plan);
}

/* ---- the sample ---------------------------------------------------------------------------------- */

/* Somebody who has a state here has to go. */
static bool remove_client(crowd_world_t *world)
{
    crowd_client_t *committer = crowd_committer(world, NULL);
    const crowd_client_t *victim = &world->clients[crowd_pick(world, world->num_slots - 1)];
    crowd_plan_t plan = { 0 };
    if (crowd_is_in(victim))
        (void)crowd_plan_remove(world, &plan, committer, victim->leaf, true);
    if (crowd_maybe(world, 50))
        crowd_plan_adds(world, &plan, crowd_between(world, 1, 3));
    return crowd_commit(world, committer, &plan);
}

static bool may_join(const crowd_world_t *world)
{
    return world->num_joins < crowd_max_joins(world);
}

static bool join(crowd_world_t *world)
{
    crowd_plan_t plan = { 0 };
    if (crowd_maybe(world, 40))
        return crowd_join_by_external_commit(world);
    crowd_client_t *committer = crowd_committer(world, NULL);
    if (crowd_maybe(world, 30))
        crowd_plan_removes(world, &plan, committer, false);
    crowd_plan_adds(world, &plan, crowd_pick(world, 4));
    return crowd_join_by_welcome(world, committer, &plan);
}

static bool restart(crowd_world_t *world)
{
    crowd_client_t *client = crowd_somebody(world, NULL);
    if (client == NULL || client->disk.count == 0)
        return client == NULL || crowd_save(world, client);
    return crowd_restart(world, client) && crowd_catch_up(world, client);
}

static bool go_away(crowd_world_t *world)
{
    crowd_client_t *client = crowd_somebody(world, NULL);
    if (client == NULL)
        return true;
    client->away_until = world->step + crowd_between(world, 1, 25);
    world->stats.away++;
    sim_note(&world->trace, "%s goes away until operation %u", client->name, client->away_until);
    return true;
}

static bool talk(crowd_world_t *world)
{
    crowd_client_t *client = crowd_maybe(world, 90) ? crowd_somebody(world, NULL) : crowd_wanderer(world);
    return client == NULL || crowd_say(world, client, crowd_between(world, 1, 5));
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static bool choose(crowd_world_t *world)
{
    typedef struct operation {
        unsigned weight;
        bool (*run)(crowd_world_t *world);
    } operation_t;
    static const operation_t operations[] = {
        { 22, update }, { 28, change_size },   { 8, mix_psk_in },
        { 20, talk },   { 7, crowd_conflict }, { 4, restart },
        { 3, go_away }, { 2, remove_client },  { 6, crowd_commit_by_reference }
    };
    const bool is_short = crowd_free_slot(world) != NULL;
    if (is_short && may_join(world) && crowd_maybe(world, 25))
        return join(world);
    if (may_join(world) && crowd_num_in(world) > 3 && crowd_pick(world, world->options.num_operations) < 4)
        return crowd_come_back(world);
    uint32_t at = crowd_pick(world, 100);
    size_t i = 0;
    while (at >= operations[i].weight)
        at -= operations[i++].weight;
    return operations[i].run(world);
}

/* One of those who are here. */
static bool check_members(crowd_world_t *world)
{
    const crowd_client_t *client = crowd_somebody(world, NULL);
    return crowd_check_roster(world, client == NULL ? crowd_wanderer(world) : client);
}

bool crowd_operate(crowd_world_t *world)
{
    world->trace.step = ++world->step;
    world->now += crowd_between(world, 1, 30);
    return choose(world) && crowd_all_catch_up(world) && crowd_all_read(world, 40) && check_members(world);
}

static bool all_talk(crowd_world_t *world)
{
    for (unsigned i = 0; i < world->num_slots; i++)
        if (crowd_is_here(world, &world->clients[i]) && !crowd_say(world, &world->clients[i], 1))
            return false;
    return crowd_all_read(world, 100);
}

/* In the place of another one, if there is none. */
static bool somebody_joins(crowd_world_t *world)
{
    crowd_client_t *committer = crowd_wanderer(world);
    const crowd_client_t *victim = crowd_somebody(world, NULL);
    crowd_plan_t plan = { .force_path = true };
    if (crowd_free_slot(world) == NULL && victim != NULL)
        plan = (crowd_plan_t){ .removed = { victim->leaf }, .num_removed = 1 };
    return crowd_join_by_welcome(world, committer, &plan);
}

static bool check_all_members(crowd_world_t *world)
{
    for (unsigned i = 0; i < world->num_slots; i++)
        if (crowd_is_in(&world->clients[i]) &&
            !(sim_check(&world->trace, crowd_is_here(world, &world->clients[i]), "%s: is not here",
                        world->clients[i].name) &&
              crowd_enter(world, &world->clients[i]) && crowd_check_roster(world, &world->clients[i])))
            return false;
    return true;
}

bool crowd_finish(crowd_world_t *world)
{
    world->trace.step = ++world->step;
    for (unsigned i = 0; i < world->num_slots; i++)
        world->clients[i].away_until = 0;
    return crowd_all_catch_up(world) && all_talk(world) && somebody_joins(world) && all_talk(world) &&
           check_all_members(world);
}
