/* operations_commit.c -- Commits, for one purpose or several, by one member or by more at once. */
#include "client.h"
#include "commit.h"
#include "operations.h"
#include "receive.h"
#include "send.h"

/* Fills in what a Commit of the actor is to say; false: there is nothing of this kind to say now. */
typedef bool plan_fn(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor);

/* ---- what a Commit is for ------------------------------------------------------------------------ */

static bool plan_adds(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    const sim_client_t *added[3];
    const size_t wanted = 1 + sim_pick(world, 3);
    size_t count = 0;
    while (count < wanted && sim_has_room_for(world, actor->memory.epoch, (uint32_t)count + 1)) {
        const sim_client_t *client = sim_choose_free(world, added, count);
        if (client == NULL || sim_epoch_has(actor->memory.epoch, client->index) ||
            !sim_plan_add(plan, actor, client))
            break;
        added[count++] = client;
    }
    return count > 0;
}

static bool plan_removes(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    const uint8_t first = sim_choose_victim(world, actor, 1), second = sim_choose_victim(world, actor, 2);
    if (first == SIM_NOBODY)
        return false;
    if (second != SIM_NOBODY && second != first && sim_maybe(world, 30))
        sim_plan_remove(plan, actor, second);
    return sim_plan_remove(plan, actor, first);
}

static bool plan_refresh(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    (void)world;
    (void)actor;
    plan->without_pending = plan->force_path = true;
    return true;
}

static bool plan_pending(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    (void)actor;
    plan->force_path = sim_maybe(world, 30);
    return true;
}

/* Members that have come since do not have the PSK of an epoch, and whoever is added has none at all. */
static bool plan_resumption_psk(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    const sim_epoch_t *epoch = actor->memory.epoch;
    uint64_t earliest = epoch->number < 15 ? 0 : epoch->number - 15;
    for (uint32_t i = 0; i < SIM_MAX_LEAVES; i++)
        if (epoch->roster[i] != SIM_NOBODY && epoch->since[i] > earliest)
            earliest = epoch->since[i];
    plan->without_pending = true;
    return sim_plan_resumption_psk(plan, actor,
                                   earliest + sim_pick(world, (uint32_t)(epoch->number - earliest) + 1));
}

static bool plan_new_key(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    (void)actor;
    plan->force_path = true;
    return sim_plan_new_key(world, plan);
}

static bool plan_medley(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    plan->force_path = sim_maybe(world, 50);
    if (sim_maybe(world, 60))
        plan_adds(world, plan, actor);
    if (sim_maybe(world, 60))
        plan_removes(world, plan, actor);
    if (sim_maybe(world, 60))
        sim_plan_external_psk(world, plan, actor);
    if (sim_maybe(world, 40))
        sim_plan_topic(world, plan, actor);
    if (sim_maybe(world, 40))
        sim_plan_count(world, plan, actor);
    if (sim_maybe(world, 20))
        sim_plan_mention(world, plan, actor);
    return plan->count > 1;
}

/* ---- one committer ------------------------------------------------------------------------------- */

static sim_outcome_t commit(sim_world_t *world, sim_client_t *actor, plan_fn *fill)
{
    sim_plan_t plan = { .without_pending = sim_maybe(world, 15) };
    sim_handshake_t *handshake = NULL;
    const bool is_possible = fill(world, &plan, actor);
    if (is_possible)
        handshake = sim_client_commit(world, actor, &plan);
    sim_plan_clear(&plan);
    if (!is_possible)
        return SIM_NOT_NOW;
    return handshake != NULL && sim_client_send(world, actor, handshake) ? SIM_DONE : SIM_FAULT;
}

sim_outcome_t sim_operation_add(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_adds);
}

sim_outcome_t sim_operation_remove(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_removes);
}

sim_outcome_t sim_operation_refresh(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_refresh);
}

sim_outcome_t sim_operation_commit_pending(sim_world_t *world, sim_client_t *actor)
{
    return sim_client_num_pending(actor) == 0 ? SIM_NOT_NOW : commit(world, actor, plan_pending);
}

sim_outcome_t sim_operation_external_psk(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, sim_plan_external_psk);
}

sim_outcome_t sim_operation_resumption_psk(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_resumption_psk);
}

sim_outcome_t sim_operation_topic(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, sim_plan_topic);
}

sim_outcome_t sim_operation_count(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, sim_plan_count);
}

sim_outcome_t sim_operation_new_key(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_new_key);
}

sim_outcome_t sim_operation_medley(sim_world_t *world, sim_client_t *actor)
{
    return commit(world, actor, plan_medley);
}

/* ---- several at once ----------------------------------------------------------------------------- */

enum { MAX_RIVALS = 3 };

static size_t choose_rivals(sim_world_t *world, sim_client_t *actor, sim_client_t *rivals[MAX_RIVALS])
{
    const size_t wanted = 2 + sim_pick(world, MAX_RIVALS - 1), clients = world->num_clients;
    const size_t start = sim_pick(world, (uint32_t)clients);
    size_t count = 0;
    rivals[count++] = actor;
    for (size_t i = 0; i < clients && count < wanted; i++) {
        sim_client_t *client = &world->clients[(start + i) % clients];
        if (client != actor && sim_client_is_ready(world, client) &&
            client->memory.epoch == actor->memory.epoch)
            rivals[count++] = client;
    }
    return count;
}

static sim_handshake_t *make_anything(sim_world_t *world, sim_client_t *client)
{
    static plan_fn *const kinds[] = { plan_adds, plan_removes, plan_refresh, plan_pending,
                                      sim_plan_external_psk };
    sim_plan_t plan = { 0 };
    if (!kinds[sim_pick(world, sizeof kinds / sizeof *kinds)](world, &plan, client))
        plan_refresh(world, &plan, client);
    sim_handshake_t *handshake = sim_client_commit(world, client, &plan);
    sim_plan_clear(&plan);
    return handshake;
}

/* Who has lost hears of the winner's Commit, and tries again. */
static bool try_again(sim_world_t *world, sim_client_t *client)
{
    if (!sim_client_catch_up(world, client))
        return false;
    if (!sim_client_is_ready(world, client))
        return true;
    sim_handshake_t *handshake = make_anything(world, client);
    return handshake != NULL && sim_client_send(world, client, handshake);
}

sim_outcome_t sim_operation_conflict(sim_world_t *world, sim_client_t *actor)
{
    sim_client_t *rivals[MAX_RIVALS];
    sim_handshake_t *commits[MAX_RIVALS];
    const size_t count = choose_rivals(world, actor, rivals);
    if (count < 2)
        return SIM_NOT_NOW;
    for (size_t i = 0; i < count; i++)
        if ((commits[i] = make_anything(world, rivals[i])) == NULL)
            return SIM_FAULT;
    const size_t first = sim_pick(world, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        if (!sim_client_send(world, rivals[(first + i) % count], commits[(first + i) % count]))
            return SIM_FAULT;
    const bool is_stubborn = sim_maybe(world, 50);
    return !is_stubborn || try_again(world, rivals[(first + 1) % count]) ? SIM_DONE : SIM_FAULT;
}
