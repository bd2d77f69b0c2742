#include "send.h"

#include "client.h"
#include "commit.h"

/* The last of those that look like it: it was made last. */
static bool drop_proposal(sim_world_t *world, const sim_client_t *client, const sim_handshake_t *proposal)
{
    mls_proposal_info_t info;
    for (size_t n = sim_client_num_pending(client); n > 0; n--)
        if (mls_group_pending_proposal(client->group, &info, n - 1) == MLS_OK &&
            info.sender_type == MLS_SENDER_MEMBER && info.sender == mls_group_own_leaf(client->group) &&
            mls_view_equal(info.encoded, mls_bytes_view(&proposal->encoded)))
            return sim_check_ok(&world->trace, mls_group_drop_proposal(client->group, n - 1), client->name,
                                "drop a Proposal");
    return sim_check(&world->trace, false, "%s: the own Proposal is not pending", client->name);
}

/* What will not be sent, or was refused, has no effect any more. */
static bool withdraw(sim_world_t *world, sim_client_t *client, sim_handshake_t *handshake)
{
    if (client->memory.joining != NULL)
        return sim_client_forget(world, client);
    if (!handshake->is_commit)
        return drop_proposal(world, client, handshake) && sim_client_save(world, client);
    mls_group_discard_pending(client->group, sim_client_pending(client, handshake));
    return sim_client_save(world, client);
}

/* A Commit that has lost is given up, unless it may win yet. */
static bool was_refused(sim_world_t *world, sim_client_t *client, sim_handshake_t *handshake)
{
    const bool may_win = handshake->is_commit && world->service.is_revisable;
    sim_note(&world->trace, "%s is refused", client->name);
    if (client->memory.joining == NULL && may_win)
        return true;
    return (handshake->is_commit && client->memory.joining == NULL && sim_maybe(world, 30)) ||
           withdraw(world, client, handshake);
}

static void count_sent(sim_world_t *world, const sim_handshake_t *handshake)
{
    if (handshake->was_submitted)
        return;
    world->stats.proposals += !handshake->is_commit;
    world->stats.commits += handshake->is_commit;
    world->stats.conflicts += handshake->is_commit && handshake->epoch != world->service.head;
}

bool sim_client_flush(sim_world_t *world, sim_client_t *client)
{
    sim_handshake_t *handshake = client->memory.outbox;
    if (handshake == NULL)
        return true;
    client->memory.outbox = NULL;
    count_sent(world, handshake);
    if (!sim_service_submit(&world->service, handshake))
        return was_refused(world, client, handshake);
    if (client->memory.joining == NULL)
        return true;
    client->memory.cursor = handshake->position;
    client->memory.num_revisions = world->service.num_revisions;
    return sim_client_save(world, client);
}

bool sim_client_send(sim_world_t *world, sim_client_t *client, sim_handshake_t *handshake)
{
    sim_note_bytes(&world->trace, mls_bytes_view(&handshake->message));
    client->memory.outbox = handshake;
    if (!sim_client_save(world, client))
        return false;
    if (!world->is_unruly || !sim_maybe(world, 6))
        return sim_client_flush(world, client);
    if (!sim_client_restart(world, client))
        return false;
    if (sim_maybe(world, 60)) /* it sends later */
        return true;
    client->memory.outbox = NULL;
    return withdraw(world, client, handshake);
}
