/* operations_life.c -- what else happens to clients, and to the delivery service. */
#include "client.h"
#include "join.h"
#include "letters.h"
#include "operations.h"

sim_outcome_t sim_operation_say(sim_world_t *world, sim_client_t *actor)
{
    for (uint32_t left = 1 + sim_pick(world, 3); left > 0; left--)
        if (!sim_client_say(world, actor))
            return SIM_FAULT;
    return SIM_DONE;
}

sim_outcome_t sim_operation_restart(sim_world_t *world, sim_client_t *actor)
{
    return sim_client_restart(world, actor) ? SIM_DONE : SIM_FAULT;
}

static sim_client_t *choose_lost(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (sim_client_is_lost(world, &world->clients[i]))
            return &world->clients[i];
    return NULL;
}

/* Who has lost its state comes first. */
sim_outcome_t sim_operation_join_external(sim_world_t *world, sim_client_t *actor)
{
    sim_client_t *client = choose_lost(world);
    if (client == NULL && sim_has_room_for(world, actor->memory.epoch, 1))
        client = sim_choose_free(world, NULL, 0);
    if (client == NULL)
        return SIM_NOT_NOW;
    return sim_client_join_external(world, client, actor) ? SIM_DONE : SIM_FAULT;
}

/* One at a time, so that there is always somebody who can let it in again. */
sim_outcome_t sim_operation_lose(sim_world_t *world, sim_client_t *actor)
{
    if (choose_lost(world) != NULL || sim_epoch_num_members(world->service.head) < 4)
        return SIM_NOT_NOW;
    return sim_client_lose(world, actor) ? SIM_DONE : SIM_FAULT;
}

sim_outcome_t sim_operation_revise(sim_world_t *world, sim_client_t *actor)
{
    (void)actor;
    const sim_handshake_t *taken = sim_service_revise(&world->service, &world->choices);
    if (taken == NULL)
        return SIM_NOT_NOW;
    sim_note(&world->trace, "the service has epoch %u begin with the Commit of c%02u",
             (unsigned)taken->begins->number, taken->sender);
    world->stats.revisions++;
    return SIM_DONE;
}
