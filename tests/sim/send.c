#include "send.h"

#include "client.h"
#include "describe.h"

/* ---- proposals that wait ------------------------------------------------------------------------- */

/* Whether an entry of the log is a proposal that this member has pending. */
static bool is_pending(const sim_client_t *client, const sim_handshake_t *entry)
{
    return !entry->is_commit && entry->epoch == client->memory.epoch &&
           (entry->position < client->memory.cursor || entry->sender == client->index);
}

static bool check_pending(sim_world_t *world, const sim_client_t *client)
{
    size_t expected = 0;
    for (size_t i = 0; i < world->service.log.count; i++)
        expected += is_pending(client, sim_service_entry(&world->service, i));
    const size_t found = sim_client_num_pending(client);
    return sim_check(&world->trace, found == expected, "%s: %zu proposals are pending, not %zu", client->name,
                     found, expected);
}

/* ---- what a Commit does -------------------------------------------------------------------------- */

bool sim_client_note_commit(sim_world_t *world, sim_client_t *client, sim_handshake_t *commit)
{
    mls_received_t *received;
    sim_list_push(&world->service.handshakes, commit);
    commit->is_commit = true;
    mls_status_t status =
        mls_group_receive(client->group, &received, mls_bytes_view(&commit->message), world->now);
    const bool good =
        sim_check_ok(&world->trace, status, client->name, "stage the own Commit") &&
        sim_check(&world->trace, mls_received_type(received) == MLS_RECEIVED_OWN_COMMIT,
                  "%s: the own Commit comes as type %d", client->name, mls_received_type(received));
    if (good)
        commit->num_listed = sim_describe_commit(commit->listed, mls_received_commit(received), commit);
    mls_received_free(received);
    sim_handshake_begin_epoch(commit);
    return good;
}

static bool is_listed(const sim_handshake_t *commit, const sim_proposal_t *proposal)
{
    sim_proposal_t reference = *proposal;
    reference.by_reference = true;
    for (size_t i = 0; i < commit->num_listed; i++)
        if (sim_proposal_equal(&commit->listed[i], &reference))
            return true;
    return false;
}

/* RFC 9420, Section 12.4: a Commit takes all pending proposals that are valid together; none of those that
 * this member has heard of is left out without a reason. */
static bool takes_pending(const sim_world_t *world, const sim_client_t *client, const sim_handshake_t *commit)
{
    for (size_t i = 0; i < world->service.log.count; i++) {
        const sim_handshake_t *entry = sim_service_entry(&world->service, i);
        if (is_pending(client, entry) && !is_listed(commit, &entry->proposal) &&
            !sim_proposal_has_no_place(&entry->proposal, commit->epoch, client->index, commit->listed,
                                       commit->num_listed))
            return false;
    }
    return true;
}

static bool is_known(const sim_world_t *world, const sim_client_t *client, sim_proposal_t proposal)
{
    proposal.by_reference = false;
    for (size_t i = 0; i < world->service.log.count; i++) {
        const sim_handshake_t *entry = sim_service_entry(&world->service, i);
        if (is_pending(client, entry) && sim_proposal_equal(&entry->proposal, &proposal))
            return true;
    }
    return false;
}

static bool says_what_was_asked(const sim_world_t *world, const sim_client_t *client,
                                const sim_handshake_t *commit, const sim_plan_t *plan)
{
    if (commit->num_listed < plan->count || (plan->without_pending && commit->num_listed > plan->count))
        return false;
    for (size_t i = 0; i < commit->num_listed; i++) {
        const sim_proposal_t *found = &commit->listed[i];
        const bool is_good = i < plan->count ? sim_proposal_equal(found, &plan->values[i])
                                             : found->by_reference && is_known(world, client, *found);
        if (!is_good)
            return false;
    }
    return plan->without_pending || takes_pending(world, client, commit);
}

/* ---- invitations --------------------------------------------------------------------------------- */

static size_t count_adds(const sim_handshake_t *commit)
{
    size_t count = 0;
    for (size_t i = 0; i < commit->num_listed; i++)
        count += commit->listed[i].type == MLS_PROPOSAL_ADD;
    return count;
}

/* One Welcome for all, or one for each. */
static bool make_welcomes(sim_world_t *world, const sim_client_t *client, sim_handshake_t *commit,
                          mls_pending_commit_t *pending, size_t num_added)
{
    const bool is_for_all = num_added == 1 || sim_maybe(world, 60);
    commit->num_welcomes = is_for_all ? 1 : num_added;
    commit->welcomes = sim_alloc(commit->num_welcomes * sizeof *commit->welcomes);
    for (size_t i = 0; i < commit->num_welcomes; i++) {
        mls_status_t status =
            mls_pending_commit_welcome(pending, &commit->welcomes[i], is_for_all ? NULL : &i, 1);
        if (!sim_check_ok(&world->trace, status, client->name, "Welcome"))
            return false;
    }
    return true;
}

static bool invite(sim_world_t *world, const sim_client_t *client, sim_handshake_t *commit,
                   mls_pending_commit_t *pending)
{
    const mls_group_info_options_t options = { .with_tree = sim_maybe(world, 60) };
    const size_t expected = count_adds(commit);
    size_t num_added;

    if (!sim_check(&world->trace,
                   mls_pending_commit_num_added(pending, &num_added) == MLS_OK && num_added == expected,
                   "%s: the Commit does not add %zu", client->name, expected))
        return false;
    if (num_added == 0)
        return true;
    return sim_check_ok(&world->trace, mls_pending_commit_group_info(pending, &options), client->name,
                        "GroupInfo of a Commit") &&
           make_welcomes(world, client, commit, pending, num_added) &&
           (options.with_tree ||
            sim_check_ok(&world->trace, mls_pending_commit_ratchet_tree(pending, &commit->tree), client->name,
                         "ratchet tree of a Commit"));
}

/* ---- making -------------------------------------------------------------------------------------- */

static mls_handshake_options_t choose_options(sim_world_t *world, const sim_aloud_t *aloud)
{
    return (mls_handshake_options_t){ .as_public_message = !world->is_private && sim_maybe(world, 40),
                                      .authenticated_data = mls_view_text(aloud->text) };
}

/* What the delivery service sees of a message is what it was made as. */
static bool check_envelope(sim_world_t *world, const sim_client_t *client, const sim_handshake_t *handshake)
{
    mls_message_info_t info;
    return sim_check(
        &world->trace,
        mls_message_inspect(&info, mls_bytes_view(&handshake->message)) == MLS_OK &&
            info.epoch == handshake->epoch->number &&
            info.content_type == (handshake->is_commit ? MLS_CONTENT_COMMIT : MLS_CONTENT_PROPOSAL) &&
            info.wire_format ==
                (handshake->is_public ? MLS_WIRE_FORMAT_PUBLIC_MESSAGE : MLS_WIRE_FORMAT_PRIVATE_MESSAGE),
        "%s: a message looks like another one", client->name);
}

static mls_pending_commit_t *find_pending(const sim_client_t *client, const sim_handshake_t *commit)
{
    mls_pending_commit_t *pending;
    for (size_t n = 0; (pending = mls_group_pending_commit(client->group, n)) != NULL; n++)
        if (mls_view_equal(mls_pending_commit_message(pending), mls_bytes_view(&commit->message)))
            return pending;
    return NULL;
}

/* Invitations can be made later, also by a process that has not made the Commit. */
static bool finish_commit(sim_world_t *world, sim_client_t *client, sim_handshake_t *commit)
{
    if (world->is_unruly && sim_maybe(world, 5) &&
        (!sim_client_save(world, client) || !sim_client_restart(world, client)))
        return false;
    mls_pending_commit_t *pending = find_pending(client, commit);
    return sim_check(&world->trace, pending != NULL, "%s: the Commit is not pending", client->name) &&
           invite(world, client, commit, pending);
}

sim_handshake_t *sim_client_commit(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan)
{
    const sim_aloud_t aloud = sim_say_aloud(world);
    const mls_commit_options_t options = { .handshake = choose_options(world, &aloud),
                                           .proposals = plan->specs,
                                           .num_proposals = plan->count,
                                           .without_pending = plan->without_pending,
                                           .force_path = plan->force_path,
                                           .now = world->now };
    mls_pending_commit_t *pending;

    if (!check_pending(world, client) ||
        !sim_check_ok(&world->trace, mls_group_commit(client->group, &pending, &options), client->name,
                      "commit"))
        return NULL;
    sim_handshake_t *commit =
        sim_handshake_new(client->memory.epoch, client->index, aloud, mls_pending_commit_message(pending));
    commit->is_public = options.handshake.as_public_message;
    const bool good = sim_client_note_commit(world, client, commit) &&
                      sim_check(&world->trace, says_what_was_asked(world, client, commit, plan),
                                "%s: the Commit does not say what it should", client->name) &&
                      check_envelope(world, client, commit) && finish_commit(world, client, commit);
    return good ? commit : NULL;
}

static bool note_proposal(sim_world_t *world, const sim_client_t *client, sim_handshake_t *proposal,
                          const sim_proposal_t *expected)
{
    mls_proposal_info_t info;
    mls_status_t status =
        mls_group_pending_proposal(client->group, &info, sim_client_num_pending(client) - 1);
    if (!sim_check_ok(&world->trace, status, client->name, "find the own Proposal"))
        return false;
    proposal->proposal = *expected;
    proposal->encoded = sim_copy(info.encoded);
    sim_proposal_t found = sim_describe(&info, proposal->epoch, SIM_NOBODY);
    found.by_reference = false;
    return sim_check(&world->trace, sim_proposal_equal(&found, expected),
                     "%s: the Proposal does not say what it should", client->name);
}

sim_handshake_t *sim_client_propose(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan)
{
    const sim_aloud_t aloud = sim_say_aloud(world);
    const mls_handshake_options_t options = choose_options(world, &aloud);
    mls_bytes_t message;
    mls_status_t status = mls_group_propose(client->group, &message, &plan->specs[0], &options);
    if (!sim_check_ok(&world->trace, status, client->name, "propose"))
        return NULL;
    sim_handshake_t *proposal =
        sim_handshake_new(client->memory.epoch, client->index, aloud, mls_bytes_view(&message));
    proposal->is_public = options.as_public_message;
    mls_bytes_clear(&message);
    sim_list_push(&world->service.handshakes, proposal);
    return note_proposal(world, client, proposal, &plan->values[0]) && check_envelope(world, client, proposal)
               ? proposal
               : NULL;
}

/* ---- sending ------------------------------------------------------------------------------------- */

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
    mls_group_discard_pending(client->group, find_pending(client, handshake));
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

/* ---- application messages ------------------------------------------------------------------------ */

static void fill_text(sim_world_t *world, mls_bytes_t *out, uint32_t max)
{
    uint8_t text[256];
    const uint32_t len = sim_pick(world, max + 1);
    sim_fill(&world->choices, text, len);
    *out = sim_copy(mls_view(text, len));
}

/* An unruly network loses messages, delays them and brings them twice. */
static void broadcast(sim_world_t *world, sim_message_t *message)
{
    for (size_t i = 0; i < world->num_clients; i++) {
        sim_client_t *client = &world->clients[i];
        if (world->is_unruly && sim_maybe(world, 8))
            continue;
        sim_client_post(world, client, message, world->is_unruly ? sim_pick(world, 25) : 0);
        if (world->is_unruly && sim_maybe(world, 8))
            sim_client_post(world, client, message, sim_pick(world, 40));
    }
}

static bool refuses_while_pending(sim_world_t *world, sim_client_t *client)
{
    mls_bytes_t message = { 0 };
    if (sim_client_num_pending(client) == 0)
        return true;
    mls_status_t status =
        mls_group_encrypt(client->group, &message, mls_view_text("x"), mls_view(NULL, 0), false);
    mls_bytes_clear(&message);
    return sim_check(&world->trace, status == MLS_ERR_STATE, "%s: encrypts although proposals wait",
                     client->name);
}

static sim_message_t *encrypt(sim_world_t *world, sim_client_t *client)
{
    sim_message_t *message = sim_alloc(sizeof *message);
    message->epoch = client->memory.epoch;
    message->sender = client->index;
    message->number = world->stats.messages + 1;
    fill_text(world, &message->data, 200);
    fill_text(world, &message->authenticated_data, 10);
    mls_status_t status = mls_group_encrypt(client->group, &message->message, mls_bytes_view(&message->data),
                                            mls_bytes_view(&message->authenticated_data), true);
    if (sim_check_ok(&world->trace, status, client->name, "encrypt"))
        return message;
    sim_message_free(message);
    return NULL;
}

bool sim_client_say(sim_world_t *world, sim_client_t *client)
{
    sim_message_t *message = refuses_while_pending(world, client) ? encrypt(world, client) : NULL;
    if (message == NULL || !sim_client_save(world, client)) {
        if (message != NULL)
            sim_message_free(message);
        return false;
    }
    if (world->is_unruly && sim_maybe(world, 4)) { /* dies with the message in its hands */
        sim_message_free(message);
        return sim_client_restart(world, client);
    }
    sim_note(&world->trace, "%s says message %u in epoch %u", client->name, message->number,
             (unsigned)message->epoch->number);
    sim_note_bytes(&world->trace, mls_bytes_view(&message->message));
    sim_list_push(&world->service.messages, message);
    world->stats.messages++;
    broadcast(world, message);
    return true;
}
