#include "commit.h"

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

/* Of the committer's leaf, with the path or, where there is none, as it is. */
static uint32_t find_key(const mls_staged_commit_t *staged, const sim_handshake_t *commit)
{
    mls_leaf_info_t leaf;
    if (mls_staged_commit_path_leaf(staged, &leaf) == MLS_OK)
        return sim_key_number(leaf.signature_key);
    return commit->epoch->keys[sim_epoch_leaf(commit->epoch, commit->sender)];
}

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
    if (good) {
        commit->num_listed = sim_describe_commit(commit->listed, mls_received_commit(received), commit);
        commit->key = find_key(mls_received_commit(received), commit);
    }
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
    const uint32_t old_key = commit->epoch->keys[sim_epoch_leaf(commit->epoch, commit->sender)];
    if (commit->num_listed < plan->count || (plan->without_pending && commit->num_listed > plan->count) ||
        commit->key != (plan->key != 0 ? plan->key : old_key))
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

bool sim_client_invite(sim_world_t *world, const sim_client_t *client, sim_handshake_t *commit,
                       mls_pending_commit_t *pending)
{
    const mls_group_info_options_t options = { .with_tree = sim_maybe(world, 60),
                                               .grease = sim_maybe(world, 30) };
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

static mls_handshake_options_t choose_options(sim_world_t *world, const sim_name_t *aloud)
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
            mls_view_equal(info.authenticated_data, mls_view_text(handshake->aloud.text)) &&
            info.content_type == (handshake->is_commit ? MLS_CONTENT_COMMIT : MLS_CONTENT_PROPOSAL) &&
            info.wire_format ==
                (handshake->is_public ? MLS_WIRE_FORMAT_PUBLIC_MESSAGE : MLS_WIRE_FORMAT_PRIVATE_MESSAGE),
        "%s: a message looks like another one", client->name);
}

mls_pending_commit_t *sim_client_pending(const sim_client_t *client, const sim_handshake_t *commit)
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
    mls_pending_commit_t *pending = sim_client_pending(client, commit);
    return sim_check(&world->trace, pending != NULL, "%s: the Commit is not pending", client->name) &&
           sim_client_invite(world, client, commit, pending);
}

sim_handshake_t *sim_client_commit(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan)
{
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_commit_options_t options = { .handshake = choose_options(world, &aloud),
                                           .proposals = plan->specs,
                                           .num_proposals = plan->count,
                                           .without_pending = plan->without_pending,
                                           .force_path = plan->force_path,
                                           .leaf_change = plan->key != 0 ? &plan->leaf_change : NULL,
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
    const sim_name_t aloud = sim_say_aloud(world);
    const mls_handshake_options_t options = choose_options(world, &aloud);
    mls_bytes_t message;
    mls_status_t status = mls_group_propose(client->group, &message, &plan->specs[0], &options);
    if (!sim_check_ok(&world->trace, status, client->name, "propose"))
        return NULL;
    sim_handshake_t *proposal =
        sim_handshake_new(client->memory.epoch, client->index, aloud, mls_bytes_view(&message));
    /* A SelfRemove is never encrypted: a new member could not commit it otherwise. */
    proposal->is_public = options.as_public_message || plan->specs[0].type == MLS_PROPOSAL_SELF_REMOVE;
    mls_bytes_clear(&message);
    sim_list_push(&world->service.handshakes, proposal);
    return note_proposal(world, client, proposal, &plan->values[0]) && check_envelope(world, client, proposal)
               ? proposal
               : NULL;
}
