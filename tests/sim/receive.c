#include "receive.h"

#include "client.h"
#include "describe.h"
#include "join.h"
#include "send.h"

#include <stdio.h>

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
        return sim_client_enter(world, client, commit->begins);
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

/* ---- application messages ------------------------------------------------------------------------ */

static bool has_kept(const sim_world_t *world, const sim_client_t *client, uint64_t epoch)
{
    const mls_limits_t *limits = &client->config.limits;
    return epoch == client->memory.epoch->number ||
           (epoch + limits->num_past_epochs >= mls_group_earliest_epoch(client->group) &&
            world->now - client->memory.ended_at[epoch % 32] <= limits->past_epoch_seconds);
}

sim_fate_t sim_client_fate(const sim_world_t *world, const sim_client_t *client, const sim_message_t *message,
                           mls_status_t *status)
{
    const sim_memory_t *memory = &client->memory;
    const uint64_t epoch = message->epoch->number;

    *status = memory->is_removed ? MLS_ERR_STATE : MLS_ERR_EPOCH;
    if (memory->is_removed || memory->joining != NULL || epoch > memory->epoch->number ||
        epoch < memory->joined->number || !has_kept(world, client, epoch))
        return SIM_FATE_REFUSED;
    if (!sim_epoch_leads_to(message->epoch, memory->epoch))
        return SIM_FATE_VOID;
    if (message->sender == client->index)
        return SIM_FATE_OWN;
    *status = MLS_ERR_GENERATION;
    return (message->read_by >> client->index & 1) != 0 ? SIM_FATE_REFUSED : SIM_FATE_READ;
}

static bool check_plaintext(sim_world_t *world, const sim_client_t *client, const sim_message_t *message,
                            const mls_received_t *received)
{
    const sim_epoch_t *now = client->memory.epoch;
    const uint32_t leaf = sim_epoch_leaf(message->epoch, message->sender);
    const bool is_current =
        now->roster[leaf] == message->sender && now->since[leaf] == message->epoch->since[leaf];

    return sim_check(&world->trace,
                     mls_received_type(received) == MLS_RECEIVED_APPLICATION &&
                         mls_view_equal(mls_received_data(received), mls_bytes_view(&message->data)) &&
                         mls_view_equal(mls_received_authenticated_data(received),
                                        mls_bytes_view(&message->authenticated_data)),
                     "%s: reads something else than message %u", client->name, message->number) &&
           sim_check(&world->trace,
                     mls_received_sender(received) == leaf &&
                         sim_client_named(mls_received_sender_leaf(received)->identity) == message->sender &&
                         mls_received_epoch(received) == message->epoch->number &&
                         mls_received_sender_is_current(received) == is_current,
                     "%s: is mistaken about who sent message %u, and when", client->name, message->number);
}

static bool take_message(sim_world_t *world, sim_client_t *client, sim_message_t *message, sim_fate_t fate)
{
    mls_received_t *received;
    mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&message->message), world->now);
    bool good = sim_check(&world->trace, status == MLS_OK, "%s: message %u of epoch %u, in epoch %u: %s",
                          client->name, message->number, (unsigned)message->epoch->number,
                          (unsigned)client->memory.epoch->number, mls_status_text(status));
    if (good && fate == SIM_FATE_OWN) {
        good = sim_check(&world->trace, mls_received_type(received) == MLS_RECEIVED_OWN_MESSAGE,
                         "%s: the own message %u comes as type %d", client->name, message->number,
                         mls_received_type(received));
    } else if (good) {
        good = check_plaintext(world, client, message, received);
        message->read_by |= 1ull << client->index;
        sim_list_push(&client->unsaved, message);
        world->stats.reads++;
        world->stats.late_reads += message->epoch != client->memory.epoch;
    }
    mls_received_free(received);
    return good;
}

bool sim_client_read_message(sim_world_t *world, sim_client_t *client, sim_message_t *message)
{
    mls_status_t expected, status;
    const sim_fate_t fate = sim_client_fate(world, client, message, &expected);
    char what[48];

    if (fate == SIM_FATE_READ || fate == SIM_FATE_OWN)
        return take_message(world, client, message, fate);
    snprintf(what, sizeof what, "message %u of epoch %u", message->number, (unsigned)message->epoch->number);
    world->stats.replays += fate == SIM_FATE_REFUSED && expected == MLS_ERR_GENERATION;
    return sim_client_refuses(world, client, mls_bytes_view(&message->message), &status, what) &&
           sim_check(&world->trace, fate == SIM_FATE_VOID || status == expected,
                     "%s: %s is refused, but as: %s", client->name, what, mls_status_text(status));
}

bool sim_client_refuses(sim_world_t *world, sim_client_t *client, mls_view_t message, mls_status_t *status,
                        const char *what)
{
    mls_received_t *received;
    if (!sim_client_save(world, client))
        return false;
    const size_t num_writes = client->disk.num_puts + client->disk.num_erases;
    *status = mls_group_receive(client->group, &received, message, world->now);
    mls_received_free(received);
    return sim_check(&world->trace, *status != MLS_OK, "%s: takes %s", client->name, what) &&
           sim_client_save(world, client) &&
           sim_check(&world->trace, client->disk.num_puts + client->disk.num_erases == num_writes,
                     "%s: refuses %s, and has changed", client->name, what);
}

/* ---- letters ------------------------------------------------------------------------------------- */

/* The next letter that is due; in an unruly world, any of them. */
static bool take_letter(sim_world_t *world, sim_client_t *client, sim_letter_t *out)
{
    const size_t count = client->num_letters;
    const size_t start = world->is_unruly && count > 0 ? sim_pick(world, (uint32_t)count) : 0;
    for (size_t i = 0; i < count; i++) {
        const size_t at = (start + i) % count;
        if (client->inbox[at].due > world->trace.step)
            continue;
        *out = client->inbox[at];
        for (size_t k = at; k + 1 < count; k++)
            client->inbox[k] = client->inbox[k + 1];
        client->num_letters--;
        return true;
    }
    return false;
}

/* What is of an epoch that has not begun here yet is tried, refused, and tried again later. */
static bool read_letters(sim_world_t *world, sim_client_t *client)
{
    sim_letter_t letter;
    while (client->group != NULL && take_letter(world, client, &letter)) {
        const bool is_early =
            client->memory.joining != NULL || letter.message->epoch->number > client->memory.epoch->number;
        if (!sim_client_read_message(world, client, letter.message))
            return false;
        if (is_early && letter.num_attempts < 5) {
            sim_client_post(world, client, letter.message, sim_between(&world->choices, 1, 8));
            client->inbox[client->num_letters - 1].num_attempts = letter.num_attempts + 1;
        }
    }
    return true;
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
    if (!read_log(world, client, max) || !read_letters(world, client))
        return false;
    return sim_maybe(world, 30) || sim_client_save(world, client);
}

bool sim_client_catch_up(sim_world_t *world, sim_client_t *client)
{
    return sim_client_poll(world, client, SIZE_MAX);
}
