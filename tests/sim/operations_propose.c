/* operations_propose.c -- Proposals, of members and of others. */
#include "client.h"
#include "commit.h"
#include "operations.h"
#include "outside.h"
#include "send.h"

/* No more than that wait for one Commit. */
static bool has_place(const sim_world_t *world)
{
    return sim_service_num_proposals(&world->service, world->service.head, 0) < 12;
}

static sim_outcome_t propose(sim_world_t *world, sim_client_t *actor, sim_plan_t *plan, bool is_possible)
{
    sim_handshake_t *proposal = is_possible ? sim_client_propose(world, actor, plan) : NULL;
    sim_plan_clear(plan);
    if (!is_possible)
        return SIM_NOT_NOW;
    return proposal != NULL && sim_client_send(world, actor, proposal) ? SIM_DONE : SIM_FAULT;
}

/* ---- members ------------------------------------------------------------------------------------- */

static const sim_client_t *choose_newcomer(sim_world_t *world, const sim_epoch_t *epoch)
{
    const sim_client_t *client =
        has_place(world) && sim_has_room_for(world, epoch, 1) ? sim_choose_free(world, NULL, 0) : NULL;
    return client == NULL || sim_epoch_has(epoch, client->index) ? NULL : client;
}

sim_outcome_t sim_operation_propose_add(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    const sim_client_t *client = choose_newcomer(world, actor->memory.epoch);
    return propose(world, actor, &plan, client != NULL && sim_plan_add(&plan, actor, client));
}

/* It may be itself that it wants to have removed. */
sim_outcome_t sim_operation_propose_remove(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    uint8_t victim = sim_choose_victim(world, actor, 1);
    if (victim != SIM_NOBODY && sim_maybe(world, 25))
        victim = actor->index;
    return propose(world, actor, &plan,
                   has_place(world) && victim != SIM_NOBODY && sim_plan_remove(&plan, actor, victim));
}

sim_outcome_t sim_operation_propose_update(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    return propose(world, actor, &plan, has_place(world) && sim_plan_update(world, &plan, actor));
}

sim_outcome_t sim_operation_propose_psk(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    return propose(world, actor, &plan, has_place(world) && sim_plan_external_psk(world, &plan, actor));
}

sim_outcome_t sim_operation_propose_topic(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    return propose(world, actor, &plan, has_place(world) && sim_plan_topic(world, &plan, actor));
}

sim_outcome_t sim_operation_propose_count(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    return propose(world, actor, &plan, has_place(world) && sim_plan_count(world, &plan, actor));
}

sim_outcome_t sim_operation_mention(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    return propose(world, actor, &plan, has_place(world) && sim_plan_mention(world, &plan, actor));
}

static bool wants_to_leave(const sim_client_t *actor)
{
    mls_proposal_info_t info;
    for (size_t n = 0; mls_group_pending_proposal(actor->group, &info, n) == MLS_OK; n++)
        if (info.type == MLS_PROPOSAL_SELF_REMOVE && info.sender == mls_group_own_leaf(actor->group))
            return true;
    return false;
}

/* Once is enough. */
sim_outcome_t sim_operation_leave(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    const bool can_go = !wants_to_leave(actor) && sim_choose_victim(world, actor, 1) != SIM_NOBODY;
    return propose(world, actor, &plan, has_place(world) && can_go && sim_plan_leave(&plan, actor));
}

/* ---- others -------------------------------------------------------------------------------------- */

sim_outcome_t sim_operation_ask_to_join(sim_world_t *world, sim_client_t *actor)
{
    (void)actor;
    const sim_client_t *client = choose_newcomer(world, world->service.head);
    if (client == NULL)
        return SIM_NOT_NOW;
    return sim_ask_to_join(world, client) ? SIM_DONE : SIM_FAULT;
}

static bool plan_for_warden(sim_world_t *world, sim_plan_t *plan, const sim_client_t *actor)
{
    const sim_client_t *client;
    uint8_t victim;
    switch (sim_pick(world, 6)) {
    case 0:
        client = choose_newcomer(world, actor->memory.epoch);
        return client != NULL && sim_plan_add(plan, actor, client);
    case 1:
        victim = sim_choose_victim(world, actor, 1);
        return victim != SIM_NOBODY && sim_plan_remove(plan, actor, victim);
    case 2:
        return sim_plan_topic(world, plan, actor);
    case 3:
        return sim_plan_count(world, plan, actor);
    case 4:
        return sim_plan_mention(world, plan, actor);
    default:
        return sim_plan_external_psk(world, plan, actor);
    }
}

/* It looks at the group through a member that is up to date. */
sim_outcome_t sim_operation_warden(sim_world_t *world, sim_client_t *actor)
{
    sim_plan_t plan = { 0 };
    if (!has_place(world) || actor->memory.epoch != world->service.head)
        return SIM_NOT_NOW;
    const bool is_possible = plan_for_warden(world, &plan, actor);
    plan.values[0].sender = SIM_NOBODY;
    const bool good = !is_possible || sim_warden_proposes(world, &plan);
    sim_plan_clear(&plan);
    if (!is_possible)
        return SIM_NOT_NOW;
    return good ? SIM_DONE : SIM_FAULT;
}
