#include "receive.h"

#include "agreement.h"
#include "client.h"
#include "describe.h"
#include "join.h"
#include "letters.h"
#include "send.h"

/* ---- handshake messages -------------------------------------------------------------------------- */

static bool check_proposal(sim_world_t *world, const sim_client_t *client, const sim_handshake_t *handshake,
                           const mls_received_t *received)
{
    const bool is_own_private = handshake->sender == client->index && !handshake->is_public;
    mls_proposal_info_t info;

    if (is_own_private)
        return sim_check(&world->trace, mls_received_type(received) == MLS_RECEIVED_OWN_MESSAGE,
                         "%s: the own Proposal comes as type %d", client->name, mls_received_type(received));
    if (!sim_check(&world->trace,
                   mls_received_type(received) == MLS_RECEIVED_PROPOSAL &&
                       mls_received_proposal(received, &info) == MLS_OK,
                   "%s: a Proposal comes as type %d", client->name, mls_received_type(received)))
        return false;
    const sim_proposal_t found = sim_describe(&info, handshake->epoch, handshake->sender);
    return sim_check(&world->trace, sim_proposal_equal(&found, &handshake->proposal),
                     "%s: the Proposal of type %u is not what was sent", client->name,
                     handshake->proposal.type);
}

static bool has_same_list(const mls_staged_commit_t *staged, const sim_handshake_t *commit)
{
    sim_proposal_t list[SIM_MAX_LISTED];
    if (sim_describe_commit(list, staged, commit) != commit->num_listed)
        return false;
    for (size_t i = 0; i < commit->num_listed; i++)
        if (!sim_proposal_equal(&list[i], &commit->listed[i]))
            return false;
    return true;
}

static bool has_key(const mls_staged_commit_t *staged, uint32_t key)
{
    mls_leaf_info_t leaf;
    return mls_staged_commit_path_leaf(staged, &leaf) != MLS_OK || sim_key_number(leaf.signature_key) == key;
}

static bool check_commit(sim_world_t *world, const sim_client_t *client, const sim_handshake_t *commit,
                         mls_received_t *received)
{
    const mls_staged_commit_t *staged = mls_received_commit(received);
    const bool is_own = commit->sender == client->index;
    const mls_received_type_t expected = is_own ? MLS_RECEIVED_OWN_COMMIT : MLS_RECEIVED_COMMIT;
    sim_trace_t *trace = &world->trace;
    const char *name = client->name;

    return sim_check(trace, mls_received_type(received) == expected && staged != NULL,
                     "%s: a Commit comes as type %d", name, mls_received_type(received)) &&
           sim_check(trace, mls_staged_commit_is_readable(staged), "%s: cannot follow a Commit of c%02u",
                     name, commit->sender) &&
           sim_check(trace, mls_staged_commit_epoch(staged) == commit->begins->number,
                     "%s: a Commit begins epoch %u", name, (unsigned)mls_staged_commit_epoch(staged)) &&
           sim_check(trace,
                     mls_staged_commit_committer(staged) == sim_epoch_leaf(commit->begins, commit->sender),
                     "%s: the committer is not c%02u", name, commit->sender) &&
           sim_check(trace, mls_staged_commit_is_external(staged) == commit->is_from_outside,
                     "%s: takes a Commit for an external one, or the other way round", name) &&
           sim_check(trace,
                     mls_staged_commit_removes_self(staged) == !sim_epoch_has(commit->begins, client->index),
                     "%s: is mistaken about its removal", name) &&
           sim_check(trace, has_key(staged, commit->key), "%s: another key of c%02u", name, commit->sender) &&
           sim_check(trace, has_same_list(staged, commit), "%s: finds other proposals in the Commit of c%02u",
                     name, commit->sender);
}

/* What is not settled can be gone back on: then the epoch that is over is kept. */
static bool merge(sim_world_t *world, sim_client_t *client, const sim_handshake_t *commit,
                  mls_received_t *received)
{
    sim_memory_t *memory = &client->memory;
    const bool is_settled = commit->position < world->service.num_settled;

    if (!sim_check_ok(&world->trace, mls_group_merge(client->group, received, !is_settled, world->now),
                      client->name, "merge"))
        return false;
    memory->ended_at[memory->epoch->number % 32] = world->now;
    memory->joining = NULL;
    if (sim_epoch_has(commit->begins, client->index))
        return sim_client_arrive(world, client, commit->begins);
    memory->is_removed = true;
    world->stats.removals++;
    return sim_check(&world->trace, mls_group_is_removed(client->group), "%s: is not removed", client->name);
}

static bool read_entry(sim_world_t *world, sim_client_t *client, const sim_handshake_t *entry)
{
    mls_received_t *received;
    const char *what = entry->is_commit ? "a Commit" : "a Proposal";
    mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&entry->message), world->now);
    bool good =
        sim_check_ok(&world->trace, status, client->name, what) &&
        sim_check(&world->trace,
                  mls_view_equal(mls_received_authenticated_data(received), mls_view_text(entry->aloud.text)),
                  "%s: %s says something else aloud", client->name, what);
    if (good && entry->is_commit)
        good = check_commit(world, client, entry, received) && merge(world, client, entry, received);
    else if (good)
        good = check_proposal(world, client, entry, received);
    mls_received_free(received);
    return good;
}

/* ---- the log ------------------------------------------------------------------------------------- */

/* A client that deletes the keys of handshake messages at once cannot go back: it waits until a Commit is
 * settled. */
static size_t end_of_log(const sim_world_t *world, const sim_client_t *client)
{
    const sim_service_t *service = &world->service;
    size_t end = service->num_settled;
    while (end < service->log.count &&
           (client->config.keep_handshake_keys || !sim_service_entry(service, end)->is_commit))
        end++;
    return end;
}

static bool read_log(sim_world_t *world, sim_client_t *client, size_t max)
{
    sim_memory_t *memory = &client->memory;
    const size_t end = end_of_log(world, client);
    for (; max > 0 && memory->cursor < end && !memory->is_removed; max--)
        if (!read_entry(world, client, sim_service_entry(&world->service, memory->cursor++)))
            return false;
    return true;
}

/* Where the service has decided anew on what this client has read: the earliest such position. */
static size_t find_revision(const sim_service_t *service, sim_memory_t *memory)
{
    size_t earliest = SIZE_MAX;
    for (; memory->num_revisions < service->num_revisions; memory->num_revisions++)
        if (service->revisions[memory->num_revisions] < earliest)
            earliest = service->revisions[memory->num_revisions];
    return earliest < memory->cursor ? earliest : SIZE_MAX;
}

static bool go_back(sim_world_t *world, sim_client_t *client, size_t position)
{
    sim_memory_t *memory = &client->memory;
    sim_epoch_t *epoch = sim_service_entry(&world->service, position)->epoch;

    if (memory->joined->number > epoch->number) { /* it was never there */
        sim_note(&world->trace, "%s has joined what is void", client->name);
        return sim_client_forget(world, client);
    }
    sim_note(&world->trace, "%s goes back from epoch %u to %u", client->name, (unsigned)memory->epoch->number,
             (unsigned)epoch->number);
    world->stats.detours++;
    if (!sim_check_ok(&world->trace, mls_group_go_back(client->group, epoch->number), client->name,
                      "go back"))
        return false;
    memory->cursor = position;
    memory->is_removed = false;
    sim_client_unread(world, client, epoch->number + 1);
    return sim_client_enter(world, client, epoch) && sim_client_save(world, client);
}

static bool follow_revisions(sim_world_t *world, sim_client_t *client)
{
    sim_memory_t *memory = &client->memory;
    if (memory->joining != NULL) {
        memory->num_revisions = world->service.num_revisions;
        return sim_service_has(&world->service, memory->joining) || sim_client_forget(world, client);
    }
    const size_t position = find_revision(&world->service, memory);
    return position == SIZE_MAX || go_back(world, client, position);
}

/* A host may say what is settled before its group has come that far. */
static void settle(sim_world_t *world, sim_client_t *client)
{
    const uint64_t settled = world->service.settled->number, own = client->memory.epoch->number;
    const bool says_all = client->memory.is_removed || sim_maybe(world, 50);
    mls_group_settle(client->group, says_all || settled < own ? settled : own, world->now);
}

/* ---- all of it ----------------------------------------------------------------------------------- */

/* Where a client belongs: back in the history that holds, or in the group that it was invited to (again). */
static bool find_place(sim_world_t *world, sim_client_t *client)
{
    const sim_service_t *service = &world->service;
    if (client->group != NULL && !follow_revisions(world, client))
        return false;
    if (client->group != NULL && sim_client_is_out(world, client) &&
        sim_epoch_has(service->head, client->index) && !sim_client_forget(world, client))
        return false;
    return client->group != NULL || sim_client_accept_invitation(world, client);
}

bool sim_client_poll(sim_world_t *world, sim_client_t *client, size_t max)
{
    if (!sim_client_flush(world, client) || !find_place(world, client))
        return false;
    if (client->group == NULL)
        return true;
    settle(world, client);
    if (!read_log(world, client, max) || !sim_client_read_letters(world, client))
        return false;
    return sim_maybe(world, 30) || sim_client_save(world, client);
}

bool sim_client_catch_up(sim_world_t *world, sim_client_t *client)
{
    return sim_client_poll(world, client, SIZE_MAX);
}
