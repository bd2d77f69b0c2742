#include "operations.h"

#include "client.h"
#include "receive.h"

static const sim_operation_t operations[] = {
    { "says something", 22, false, sim_operation_say },
    { "adds", 8, false, sim_operation_add },
    { "removes", 5, false, sim_operation_remove },
    { "refreshes its keys", 6, false, sim_operation_refresh },
    { "commits what is pending", 8, false, sim_operation_commit_pending },
    { "uses an external PSK", 2, false, sim_operation_external_psk },
    { "uses a resumption PSK", 2, false, sim_operation_resumption_psk },
    { "changes the topic", 2, false, sim_operation_topic },
    { "takes a new signature key", 3, false, sim_operation_new_key },
    { "counts on", 2, false, sim_operation_count },
    { "commits a medley", 3, false, sim_operation_medley },
    { "is not alone to commit", 4, false, sim_operation_conflict },
    { "proposes an Add", 4, false, sim_operation_propose_add },
    { "proposes a Remove", 3, false, sim_operation_propose_remove },
    { "proposes an Update", 5, false, sim_operation_propose_update },
    { "proposes a PSK", 2, false, sim_operation_propose_psk },
    { "proposes a topic", 2, false, sim_operation_propose_topic },
    { "proposes to count on", 2, false, sim_operation_propose_count },
    { "mentions something", 2, false, sim_operation_mention },
    { "wants to leave", 2, false, sim_operation_leave },
    { "sees somebody ask to join", 3, false, sim_operation_ask_to_join },
    { "sees the external sender propose", 4, false, sim_operation_warden },
    { "sees somebody join", 4, false, sim_operation_join_external },
    { "sees somebody lose a device", 2, false, sim_operation_lose },
    { "dies and starts again", 4, false, sim_operation_restart },
    { "sees the service change its mind", 12, true, sim_operation_revise },
};

/* At least one Commit in ten is to meet another: where there were too few, the next operation is one. */
static bool is_too_peaceful(const sim_world_t *world)
{
    return world->stats.commits > 5 && world->stats.conflicts * 9 < world->stats.commits;
}

static const sim_operation_t *choose(sim_world_t *world)
{
    const size_t count = sizeof operations / sizeof *operations;
    unsigned total = 0;
    for (size_t i = 0; i < count; i++)
        total += !operations[i].is_unruly || world->is_unruly ? operations[i].weight : 0;
    unsigned left = sim_pick(world, total);
    for (size_t i = 0; i < count; i++) {
        const unsigned weight = !operations[i].is_unruly || world->is_unruly ? operations[i].weight : 0;
        if (is_too_peaceful(world) ? operations[i].run == sim_operation_conflict : left < weight)
            return &operations[i];
        left -= left < weight ? left : weight;
    }
    return &operations[0];
}

sim_outcome_t sim_operate(sim_world_t *world)
{
    const sim_operation_t *operation = choose(world);
    sim_client_t *actor = sim_choose_actor(world);
    if (actor == NULL)
        return world->trace.num_faults > 0 ? SIM_FAULT : SIM_NOT_NOW;
    sim_note(&world->trace, "%s %s, in epoch %u", actor->name, operation->name,
             (unsigned)actor->memory.epoch->number);
    const sim_outcome_t outcome = operation->run(world, actor);
    if (outcome == SIM_NOT_NOW)
        sim_note(&world->trace, "  which is not possible now");
    return world->trace.num_faults > 0 ? SIM_FAULT : outcome;
}

/* ---- who ----------------------------------------------------------------------------------------- */

static bool is_up_to_date(const sim_world_t *world, const sim_client_t *client)
{
    return client->memory.epoch == world->service.head;
}

sim_client_t *sim_choose_actor(sim_world_t *world)
{
    sim_client_t *found = NULL;
    for (unsigned attempt = 0; attempt < 30; attempt++) {
        sim_client_t *client = &world->clients[sim_pick(world, (uint32_t)world->num_clients)];
        if (!sim_client_is_active(client))
            continue;
        const bool is_hasty = world->is_unruly && sim_maybe(world, 12);
        if (!is_hasty && !sim_client_catch_up(world, client))
            return NULL;
        if (!sim_client_is_ready(world, client))
            continue;
        found = client;
        if (is_hasty || is_up_to_date(world, client))
            break;
    }
    return found;
}

static bool is_among(const sim_client_t *client, const sim_client_t *const *taken, size_t num_taken)
{
    for (size_t i = 0; i < num_taken; i++)
        if (taken[i] == client)
            return true;
    return false;
}

sim_client_t *sim_choose_free(sim_world_t *world, const sim_client_t *const *taken, size_t num_taken)
{
    const uint32_t count = (uint32_t)world->num_clients, start = sim_pick(world, count);
    for (uint32_t i = 0; i < count; i++) {
        sim_client_t *client = &world->clients[(start + i) % count];
        if (!is_among(client, taken, num_taken) && sim_client_is_free(world, client))
            return client;
    }
    return NULL;
}

enum { MIN_MEMBERS = 3, MAX_MEMBERS = 24 };

bool sim_has_room_for(const sim_world_t *world, const sim_epoch_t *epoch, uint32_t count)
{
    const uint32_t waiting = sim_service_num_proposals(&world->service, epoch, MLS_PROPOSAL_ADD);
    const uint32_t members = sim_epoch_num_members(epoch) + waiting + count;
    return members <= world->size + 2 && members <= MAX_MEMBERS;
}

uint8_t sim_choose_victim(sim_world_t *world, const sim_client_t *actor, uint32_t count)
{
    const sim_epoch_t *epoch = actor->memory.epoch;
    const uint32_t waiting = sim_service_num_proposals(&world->service, epoch, MLS_PROPOSAL_REMOVE) +
                             sim_service_num_proposals(&world->service, epoch, MLS_PROPOSAL_SELF_REMOVE);
    if (sim_epoch_num_members(epoch) < MIN_MEMBERS + waiting + count)
        return SIM_NOBODY;
    for (unsigned attempt = 0; attempt < 200; attempt++) {
        const uint8_t client = epoch->roster[sim_pick(world, SIM_MAX_LEAVES)];
        if (client != SIM_NOBODY && client != actor->index)
            return client;
    }
    return SIM_NOBODY;
}
