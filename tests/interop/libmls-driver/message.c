/* message.c -- what members, and those who are not, send to a group. */
#include "client.h"

#include <limits.h>

enum { MAX_PROPOSALS = 64, MAX_EXTENSIONS = 8 };

/* A proposal as it was read, with what it points to. */
typedef struct proposal {
    mls_proposal_spec_t spec;
    mls_extension_t items[MAX_EXTENSIONS];
    mls_extensions_t extensions;
} proposal_t;

/* ---- proposals ----------------------------------------------------------------------------------------- */

static bool read_extensions(proposal_t *proposal, line_t *line)
{
    mls_view_t encoded;
    size_t at = 0;
    mls_status_t status = MLS_OK;
    if (!line_bytes(line, &encoded))
        return false;
    proposal->extensions = (mls_extensions_t){ proposal->items, 0 };
    proposal->spec.extensions = &proposal->extensions;
    for (size_t i = 0; i < MAX_EXTENSIONS && status == MLS_OK; i++) {
        if ((status = mls_extensions_next(&proposal->items[i], encoded, &at)) == MLS_OK)
            proposal->extensions.count++;
    }
    return status == MLS_ERR_NOT_FOUND;
}

static bool read_removed(mls_proposal_spec_t *spec, line_t *line)
{
    unsigned long leaf;
    const bool is_leaf = line_number(line, UINT32_MAX, &leaf);
    spec->removed = (uint32_t)leaf;
    return is_leaf;
}

static bool read_reinit(mls_reinit_t *reinit, line_t *line)
{
    static const mls_extensions_t none;
    unsigned long suite;
    const bool is_good = line_bytes(line, &reinit->group_id) && line_number(line, UINT16_MAX, &suite);
    reinit->cipher_suite = (uint16_t)(is_good ? suite : 0);
    reinit->extensions = &none;
    return is_good;
}

static bool read_app_data(mls_proposal_spec_t *spec, line_t *line)
{
    unsigned long component;
    const bool is_good = line_number(line, UINT16_MAX, &component) && line_bytes(line, &spec->data);
    spec->component_id = (uint16_t)(is_good ? component : 0);
    return is_good;
}

/* Views stay in the line, and pointers in `proposal`. */
static bool read_proposal(proposal_t *proposal, line_t *line)
{
    mls_proposal_spec_t *spec = &proposal->spec;
    *spec = (mls_proposal_spec_t){ 0 };
    if (line_has(line, "add")) {
        spec->type = MLS_PROPOSAL_ADD;
        return line_bytes(line, &spec->key_package);
    }
    if (line_has(line, "remove")) {
        spec->type = MLS_PROPOSAL_REMOVE;
        return read_removed(spec, line);
    }
    if (line_has(line, "psk")) {
        spec->type = MLS_PROPOSAL_PSK;
        return line_bytes(line, &spec->psk.id);
    }
    if (line_has(line, "extensions")) {
        spec->type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS;
        return read_extensions(proposal, line);
    }
    if (line_has(line, "reinit")) {
        spec->type = MLS_PROPOSAL_REINIT;
        return read_reinit(&spec->reinit, line);
    }
    if (line_has(line, "app_data")) {
        spec->type = MLS_PROPOSAL_APP_DATA_UPDATE;
        return read_app_data(spec, line);
    }
    if (line_has(line, "self_remove")) {
        spec->type = MLS_PROPOSAL_SELF_REMOVE;
        return true;
    }
    spec->type = MLS_PROPOSAL_UPDATE;
    return line_has(line, "update");
}

static bool read_form(mls_handshake_options_t *options, line_t *line)
{
    *options = (mls_handshake_options_t){ .as_public_message = line_has(line, "public") };
    return options->as_public_message || line_has(line, "private");
}

mls_status_t do_propose(client_t *client, line_t *line, FILE *answer)
{
    mls_handshake_options_t options;
    proposal_t proposal;
    mls_bytes_t message = { 0 };
    if (!read_form(&options, line) || !read_proposal(&proposal, line))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message, mls_group_propose(client->group, &message, &proposal.spec, &options));
}

/* ---- from outside (RFC 9420, Section 12.1.8) -------------------------------------------------------------
 */

/* The GroupInfo that comes with group and epoch is for libraries that want more. */
static bool read_outside_options(mls_outside_options_t *options, line_t *line)
{
    unsigned long epoch;
    mls_view_t group_info;
    *options = (mls_outside_options_t){ 0 };
    const bool is_good = line_bytes(line, &options->group_id) && line_number(line, ULONG_MAX, &epoch) &&
                         line_bytes(line, &group_info);
    options->epoch = is_good ? epoch : 0;
    return is_good;
}

mls_status_t do_ask_to_join(client_t *client, line_t *line, FILE *answer)
{
    mls_outside_options_t options;
    mls_bytes_t message = { 0 };
    if (client->key_package == NULL || !read_outside_options(&options, line))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message, mls_propose_to_join(&message, client->key_package, &options));
}

mls_status_t do_propose_external(client_t *client, line_t *line, FILE *answer)
{
    mls_outside_options_t options;
    proposal_t proposal;
    mls_bytes_t message = { 0 };
    if (!read_outside_options(&options, line) || !read_proposal(&proposal, line))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message,
                    mls_propose_external(&message, client->crypto, client->cipher_suite,
                                         mls_bytes_view(&client->signature_private_key), 0, &proposal.spec,
                                         &options));
}

/* ---- Commits ------------------------------------------------------------------------------------------- */

mls_status_t make_welcome(mls_bytes_t *welcome, const client_t *client, mls_pending_commit_t *commit,
                          bool with_tree)
{
    const mls_group_info_options_t options = { .with_tree = with_tree, .grease = client->grease };
    size_t num_added = 0;
    mls_status_t status = mls_pending_commit_num_added(commit, &num_added);
    if (status != MLS_OK || num_added == 0)
        return status;
    (void)((status = mls_pending_commit_group_info(commit, &options)) ||
           (status = mls_pending_commit_welcome(commit, welcome, NULL, 0)));
    return status;
}

/* Commits what is pending and these proposals; answers the Commit, and the Welcome. */
static mls_status_t commit_proposals(client_t *client, FILE *answer, const mls_commit_options_t *options,
                                     bool with_tree)
{
    mls_pending_commit_t *commit;
    mls_bytes_t welcome = { 0 };
    mls_status_t status = mls_group_commit(client->group, &commit, options);
    if (status != MLS_OK)
        return status;
    if ((status = make_welcome(&welcome, client, commit, with_tree)) == MLS_OK) {
        line_put_bytes(answer, mls_pending_commit_message(commit));
        client->commit = commit;
    } else {
        mls_group_discard_pending(client->group, commit);
    }
    return put_made(answer, &welcome, status);
}

/* What a Commit is to hold by value. */
typedef struct by_value {
    proposal_t read[MAX_PROPOSALS];
    mls_proposal_spec_t specs[MAX_PROPOSALS];
    size_t count;
    bool force_path;
} by_value_t;

static bool read_by_value(by_value_t *by_value, line_t *line)
{
    by_value->count = 0;
    by_value->force_path = false;
    while (!line_at_end(line)) {
        if (line_has(line, "path")) {
            by_value->force_path = true;
            continue;
        }
        if (by_value->count == MAX_PROPOSALS || !read_proposal(&by_value->read[by_value->count], line))
            return false;
        by_value->specs[by_value->count] = by_value->read[by_value->count].spec;
        by_value->count++;
    }
    return true;
}

mls_status_t do_commit(client_t *client, line_t *line, FILE *answer)
{
    by_value_t by_value;
    mls_commit_options_t options = { .proposals = by_value.specs, .now = client_now() };
    if (client->commit != NULL || !read_form(&options.handshake, line))
        return MLS_ERR_ARGUMENT;
    const bool with_tree = line_has(line, "tree");
    if ((!with_tree && !line_has(line, "bare")) || !read_by_value(&by_value, line))
        return MLS_ERR_ARGUMENT;
    options.num_proposals = by_value.count;
    options.force_path = by_value.force_path;
    return commit_proposals(client, answer, &options, with_tree);
}

/* An own Commit takes effect as all Commits do: when it comes back from the Delivery Service. */
mls_status_t do_merge(client_t *client, line_t *line, FILE *answer)
{
    mls_received_t *received = NULL;
    mls_status_t status;
    (void)line, (void)answer;
    if (client->commit == NULL)
        return MLS_ERR_STATE;
    const mls_view_t message = mls_pending_commit_message(client->commit);
    (void)((status = mls_group_receive(client->group, &received, message, client_now())) ||
           (status = mls_group_merge(client->group, received, false, client_now())));
    mls_received_free(received);
    if (status == MLS_OK)
        client->commit = NULL;
    return status;
}

/* ---- receiving ----------------------------------------------------------------------------------------- */

/* What else was pending in the epoch that a Commit has ended is gone with it. */
static mls_status_t merge_received(client_t *client, mls_received_t *received, FILE *answer)
{
    if (!mls_staged_commit_is_readable(mls_received_commit(received)))
        return MLS_ERR_DECRYPT;
    const mls_status_t status = mls_group_merge(client->group, received, false, client_now());
    if (status == MLS_OK) {
        client->commit = NULL;
        fputs(mls_group_is_removed(client->group) ? " removed" : " commit", answer);
    }
    return status;
}

mls_status_t do_receive(client_t *client, line_t *line, FILE *answer)
{
    mls_view_t message;
    mls_received_t *received;
    if (!line_bytes(line, &message))
        return MLS_ERR_ARGUMENT;
    mls_status_t status = mls_group_receive(client->group, &received, message, client_now());
    if (status != MLS_OK)
        return status;
    switch (mls_received_type(received)) {
    case MLS_RECEIVED_APPLICATION:
        fputs(" application", answer);
        line_put_bytes(answer, mls_received_data(received));
        break;
    case MLS_RECEIVED_PROPOSAL:
        fputs(" proposal", answer);
        break;
    case MLS_RECEIVED_COMMIT:
        status = merge_received(client, received, answer);
        break;
    default: /* an own message; the protocol does not send them back */
        status = MLS_ERR_SENDER;
        break;
    }
    mls_received_free(received);
    return status;
}

mls_status_t do_encrypt(client_t *client, line_t *line, FILE *answer)
{
    mls_view_t data, authenticated_data;
    mls_bytes_t message = { 0 };
    if (!line_bytes(line, &data) || !line_bytes(line, &authenticated_data))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message,
                    mls_group_encrypt(client->group, &message, data, authenticated_data, false));
}
