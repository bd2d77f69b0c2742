#include "run.h"

#include "client.h"
#include "join.h"
#include "letters.h"
#include "noise.h"
#include "operations.h"
#include "receive.h"
#include "succession.h"

#include <stdlib.h>

/* ---- between operations -------------------------------------------------------------------------- */

static bool everybody_catches_up(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (!sim_client_catch_up(world, &world->clients[i]))
            return false;
    return true;
}

/* Some look, and some do not look far. */
static bool somebody_catches_up(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (sim_maybe(world, 30) && !sim_client_poll(world, &world->clients[i], 1 + sim_pick(world, 4)))
            return false;
    return true;
}

static void count_members(sim_world_t *world)
{
    const uint32_t members = sim_epoch_num_members(world->service.head);
    sim_stats_t *stats = &world->stats;
    if (stats->min_members == 0 || members < stats->min_members)
        stats->min_members = members;
    if (members > stats->max_members)
        stats->max_members = members;
}

static bool time_goes_on(sim_world_t *world)
{
    world->now += sim_pick(world, 40);
    if (!world->is_unruly)
        return everybody_catches_up(world) && (!sim_maybe(world, 30) || sim_make_noise(world));
    sim_service_settle(&world->service, sim_maybe(world, 40) ? sim_pick(world, 6) : 6);
    return somebody_catches_up(world) && sim_make_noise(world);
}

/* ---- the two parts of a run ---------------------------------------------------------------------- */

/* One member after the other, until there are three. */
static bool begin(sim_world_t *world)
{
    while (sim_epoch_num_members(world->service.head) < 3) {
        if (sim_operation_add(world, &world->clients[0]) != SIM_DONE || !everybody_catches_up(world))
            return sim_check(&world->trace, false, "the group does not get going");
        world->trace.step++;
    }
    return true;
}

static bool operate(sim_world_t *world, unsigned count)
{
    unsigned num_done = 0;
    for (unsigned attempts = 0; num_done < count && attempts < 30 * count; attempts++) {
        world->trace.step++;
        const sim_outcome_t outcome = sim_operate(world);
        if (outcome == SIM_FAULT || !time_goes_on(world))
            return false;
        count_members(world);
        num_done += outcome == SIM_DONE;
    }
    world->stats.operations += num_done;
    return sim_check(&world->trace, num_done == count, "only %u operations in a run", num_done);
}

/* ---- the end ------------------------------------------------------------------------------------- */

static sim_client_t *find_host(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (sim_client_is_active(&world->clients[i]))
            return &world->clients[i];
    return NULL;
}

/* Everybody who is thought a member gets its state back. */
static bool lost_clients_return(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_t *client = &world->clients[i], *host = find_host(world);
        if (!sim_client_is_lost(world, client))
            continue;
        if (!sim_check(&world->trace, host != NULL, "nobody can let %s in", client->name) ||
            !sim_client_join_external(world, client, host) || !everybody_catches_up(world))
            return false;
    }
    return true;
}

static bool is_at_the_end(sim_world_t *world, const sim_client_t *client)
{
    const sim_epoch_t *last = world->service.head;
    if (!sim_epoch_has(last, client->index))
        return sim_check(&world->trace, !sim_client_is_active(client), "%s: believes to be a member",
                         client->name);
    return sim_check(&world->trace, sim_client_is_active(client), "%s: has no state at the end",
                     client->name) &&
           sim_check(&world->trace, client->memory.epoch == last, "%s: is in epoch %u at the end, not in %u",
                     client->name, (unsigned)client->memory.epoch->number, (unsigned)last->number);
}

static bool everybody_agrees(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (!is_at_the_end(world, &world->clients[i]))
            return false;
    return true;
}

/* Whatever there ever was, everybody gets once more. */
static bool archive_is_read(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        for (size_t m = 0; m < world->service.messages.count; m++)
            sim_client_post(world, &world->clients[i], world->service.messages.items[m], 0);
    return everybody_catches_up(world);
}

static bool everybody_speaks(sim_world_t *world)
{
    for (size_t i = 0; i < world->num_clients; i++)
        if (sim_client_is_active(&world->clients[i]) &&
            (!sim_client_say(world, &world->clients[i]) || !everybody_catches_up(world)))
            return false;
    return true;
}

static bool end(sim_world_t *world)
{
    world->is_unruly = world->service.is_revisable = false;
    world->trace.step += 100; /* letters that were on their way arrive */
    sim_note(&world->trace, "everybody catches up");
    sim_service_settle(&world->service, 0);
    return everybody_catches_up(world) && everybody_catches_up(world) && lost_clients_return(world) &&
           everybody_agrees(world) && everybody_speaks(world) && archive_is_read(world);
}

static bool run(sim_world_t *world, const sim_options_t *options)
{
    if (!begin(world) || !operate(world, options->num_orderly) || !end(world))
        return false;
    if (sim_maybe(world, 40) && !sim_reinitialize(world))
        return false;
    if (options->num_unruly == 0)
        return true;
    world->is_unruly = true;
    world->service.is_revisable = sim_maybe(world, 60);
    sim_note(&world->trace, "the delivery service becomes unruly%s",
             world->service.is_revisable ? ", and changes its mind" : "");
    return operate(world, options->num_unruly) && end(world) && (sim_maybe(world, 60) || sim_branch(world));
}

sim_result_t sim_run(uint64_t seed, const sim_options_t *options)
{
    sim_world_t *world = sim_alloc(sizeof *world);
    if (sim_world_init(world, seed, options->suite, options->is_verbose))
        run(world, options);
    const sim_result_t result = { .digest = world->trace.digest,
                                  .num_faults = world->trace.num_faults,
                                  .stats = world->stats };
    sim_world_clear(world);
    free(world);
    return result;
}
