#include "commit.h"

#include "client.h"
#include "wanderer.h"

#include <inttypes.h>

crowd_client_t *crowd_committer(crowd_world_t *world, const crowd_client_t *not_this)
{
    crowd_client_t *client = crowd_maybe(world, 50) ? NULL : crowd_somebody(world, not_this);
    return client == NULL ? crowd_wander(world) : client;
}

/* ---- by value ------------------------------------------------------------------------------------ */

/* Removes and Adds in any order; the Adds among themselves in theirs. */
static size_t write_specs(crowd_world_t *world, mls_proposal_spec_t *specs, const crowd_plan_t *plan)
{
    size_t count = 0;
    for (size_t r = 0, a = 0; r < plan->num_removed || a < plan->num_added;) {
        const bool removes = a == plan->num_added || (r < plan->num_removed && crowd_maybe(world, 50));
        specs[count++] =
            removes ? (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REMOVE, .removed = plan->removed[r++] }
                    : (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                             .key_package = mls_key_package_message(
                                                 world->people[plan->added[a++]].key_package) };
    }
    if (plan->has_psk)
        specs[count++] =
            (mls_proposal_spec_t){ .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("a PSK") } };
    return count;
}

bool crowd_make_commit(crowd_world_t *world, crowd_client_t *committer, const crowd_plan_t *plan,
                       mls_pending_commit_t **out)
{
    mls_proposal_spec_t specs[2 * CROWD_MAX_PLAN + 1];
    const mls_commit_options_t options = { .handshake = { .as_public_message = crowd_maybe(world, 15) },
                                           .proposals = specs,
                                           .num_proposals = write_specs(world, specs, plan),
                                           .force_path = plan->force_path || committer->is_wanderer };
    sim_note(&world->trace, "%s, at leaf %u, commits in epoch %" PRIu64 ": %zu Removes, %zu Adds%s",
             committer->name, (unsigned)committer->leaf, world->epoch, plan->num_removed, plan->num_added,
             plan->has_psk ? ", a PSK" : "");
    world->stats.commits++;
    return sim_check_ok(&world->trace, mls_group_commit(committer->group, out, &options), committer->name,
                        "make a Commit") &&
           crowd_save(world, committer);
}

bool crowd_send_commit(crowd_world_t *world, crowd_plan_t *plan, mls_pending_commit_t *commit)
{
    size_t num_added;
    if (!sim_check_ok(&world->trace, mls_pending_commit_num_added(commit, &num_added), "the committer",
                      "count who is added") ||
        !sim_check(&world->trace, num_added == plan->num_added, "%zu are added, not %zu", num_added,
                   plan->num_added))
        return false;
    crowd_log(world, mls_pending_commit_message(commit), true,
              plan->num_removed + plan->num_added + plan->has_psk + plan->num_updates);
    crowd_plan_apply(world, plan);
    return true;
}

bool crowd_commit(crowd_world_t *world, crowd_client_t *committer, crowd_plan_t *plan)
{
    mls_pending_commit_t *commit;
    return crowd_make_commit(world, committer, plan, &commit) && crowd_send_commit(world, plan, commit) &&
           crowd_all_catch_up(world);
}

/* ---- by reference -------------------------------------------------------------------------------- */

static bool send_proposal(crowd_world_t *world, crowd_client_t *client, const mls_proposal_spec_t *proposal)
{
    const mls_handshake_options_t options = { .as_public_message = crowd_maybe(world, 15) };
    mls_bytes_t message;
    sim_note(&world->trace, "%s proposes type %u", client->name, proposal->type);
    world->stats.by_reference++;
    if (!sim_check_ok(&world->trace, mls_group_propose(client->group, &message, proposal, &options),
                      client->name, "propose") ||
        !crowd_save(world, client))
        return false;
    crowd_log(world, mls_bytes_view(&message), false, 0);
    mls_bytes_clear(&message);
    return crowd_all_catch_up(world);
}

static bool propose_update(crowd_world_t *world, crowd_plan_t *plan, crowd_client_t *client)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    plan->num_updates++;
    return send_proposal(world, client, &update);
}

static bool propose_add(crowd_world_t *world, crowd_plan_t *plan, crowd_client_t *client)
{
    crowd_plan_adds(world, plan, 1);
    const uint32_t who = plan->added[plan->num_added - 1];
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package =
                                          mls_key_package_message(world->people[who].key_package) };
    return send_proposal(world, client, &add);
}

static bool propose_remove(crowd_world_t *world, crowd_plan_t *plan, crowd_client_t *client)
{
    uint32_t leaf = crowd_pick(world, world->roster.num_leaves);
    while (!crowd_plan_remove(world, plan, client, leaf, false))
        leaf = crowd_pick(world, world->roster.num_leaves);
    const mls_proposal_spec_t remove = { .type = MLS_PROPOSAL_REMOVE, .removed = leaf };
    return send_proposal(world, client, &remove);
}

/* Each but the committer at most once, so that nobody has two Updates in one Commit. */
static bool propose(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer)
{
    for (unsigned i = 0; i + 1 < world->num_slots; i++) {
        crowd_client_t *client = &world->clients[i];
        if (client == committer || !crowd_is_here(world, client) || crowd_maybe(world, 50))
            continue;
        const uint32_t kind = crowd_pick(world, 100);
        if (!(kind < 50   ? propose_update(world, plan, client)
              : kind < 75 ? propose_add(world, plan, client)
                          : propose_remove(world, plan, client)))
            return false;
    }
    return true;
}

/* What was proposed goes in by reference; nothing is left to be said by value. */
bool crowd_commit_by_reference(crowd_world_t *world)
{
    crowd_client_t *committer = crowd_committer(world, NULL);
    const crowd_plan_t nothing = { 0 };
    crowd_plan_t plan = { 0 };
    mls_pending_commit_t *commit;
    return propose(world, &plan, committer) && crowd_make_commit(world, committer, &nothing, &commit) &&
           crowd_send_commit(world, &plan, commit) && crowd_all_catch_up(world);
}

/* ---- in conflict --------------------------------------------------------------------------------- */

static bool take_detour(crowd_world_t *world, crowd_client_t *client, mls_view_t lost)
{
    mls_received_t *received;
    sim_note(&world->trace, "%s follows the Commit that does not count", client->name);
    world->stats.detours++;
    bool good = sim_check_ok(&world->trace, mls_group_receive(client->group, &received, lost, world->now),
                             client->name, "the Commit that does not count") &&
                sim_check_ok(&world->trace, mls_group_merge(client->group, received, true, world->now),
                             client->name, "merge what does not count");
    mls_received_free(received);
    return good && (!crowd_maybe(world, 30) || crowd_save(world, client)) &&
           sim_check_ok(&world->trace, mls_group_go_back(client->group, world->epoch), client->name,
                        "go back") &&
           crowd_enter(world, client) && crowd_save(world, client);
}

static bool some_take_detour(crowd_world_t *world, const crowd_client_t *winner,
                             const crowd_client_t *not_this, mls_view_t lost)
{
    for (unsigned i = 0; i + 1 < world->num_slots; i++) {
        crowd_client_t *client = &world->clients[i];
        if (client != winner && client != not_this && crowd_is_here(world, client) &&
            crowd_maybe(world, 35) && !take_detour(world, client, lost))
            return false;
    }
    return true;
}

/* It comes when its epoch is over: nobody may follow it any more. */
static bool refuses(crowd_world_t *world, const crowd_client_t *client, mls_view_t lost)
{
    const uint64_t epoch = mls_group_epoch(client->group);
    mls_received_t *received;
    mls_status_t status = mls_group_receive(client->group, &received, lost, world->now);
    if (status == MLS_OK)
        status = mls_group_merge(client->group, received, true, world->now);
    mls_received_free(received);
    world->trace.rule = NULL;
    return sim_check(&world->trace, status != MLS_OK && mls_group_epoch(client->group) == epoch,
                     "%s: follows a Commit of an epoch that is over", client->name);
}

static bool all_refuse(crowd_world_t *world, mls_view_t lost)
{
    for (unsigned i = 0; i < world->num_slots; i++)
        if (crowd_is_here(world, &world->clients[i]) && !refuses(world, &world->clients[i], lost))
            return false;
    return true;
}

static void plan_any(crowd_world_t *world, crowd_plan_t *plan, const crowd_client_t *committer)
{
    if (crowd_maybe(world, 30))
        crowd_plan_adds(world, plan, crowd_between(world, 1, 3));
    if (crowd_maybe(world, 30))
        crowd_plan_removes(world, plan, committer, false);
}

/* The wanderer can only win: of the path that it was handed it has no keys. */
bool crowd_conflict(crowd_world_t *world)
{
    crowd_client_t *loser = crowd_somebody(world, NULL);
    mls_pending_commit_t *wins, *loses;
    crowd_plan_t planned = { 0 }, lost_plan = { 0 };
    mls_bytes_t lost;

    if (loser == NULL)
        return true;
    crowd_client_t *winner = crowd_committer(world, loser);
    plan_any(world, &planned, winner);
    plan_any(world, &lost_plan, loser);
    world->stats.conflicts++;
    if (!crowd_make_commit(world, winner, &planned, &wins) ||
        !crowd_make_commit(world, loser, &lost_plan, &loses) ||
        !sim_check_ok(&world->trace, mls_bytes_copy(&lost, mls_pending_commit_message(loses)), loser->name,
                      "copy a Commit"))
        return false;
    const bool gives_up = crowd_maybe(world, 30);
    if (gives_up)
        mls_group_discard_pending(loser->group, loses);
    const bool good = some_take_detour(world, winner, gives_up ? loser : NULL, mls_bytes_view(&lost)) &&
                      crowd_send_commit(world, &planned, wins) && crowd_all_catch_up(world) &&
                      all_refuse(world, mls_bytes_view(&lost));
    mls_bytes_clear(&lost);
    return good;
}
