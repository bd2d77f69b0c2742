/* group.c -- getting into groups, and looking at them. */
#include "client.h"

enum { MAX_MEMBERS = 64 };

mls_status_t put_made(FILE *answer, mls_bytes_t *made, mls_status_t status)
{
    if (status == MLS_OK)
        line_put_bytes(answer, mls_bytes_view(made));
    mls_bytes_clear(made);
    return status;
}

/* ---- getting in ---------------------------------------------------------------------------------------- */

mls_status_t do_create(client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = client_config(client);
    mls_group_t *group;
    mls_view_t group_id;
    mls_status_t status;
    (void)answer;
    if (!line_bytes(line, &group_id))
        return MLS_ERR_ARGUMENT;
    (void)((status = client_make_key_package(client)) ||
           (status = mls_group_create(&group, client->crypto, &config, client->key_package, group_id, NULL)));
    client_use_up_key_package(client);
    if (status == MLS_OK)
        client_set_group(client, group, NULL);
    return status;
}

/* The group that there was goes only now: the new one may follow on it. */
mls_status_t do_join(client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = client_config(client);
    mls_view_t message, tree;
    mls_welcome_t *welcome = NULL;
    mls_group_t *group = NULL;
    mls_status_t status;
    (void)answer;
    if (client->key_package == NULL || !line_bytes(line, &message) || !line_bytes(line, &tree))
        return MLS_ERR_ARGUMENT;
    (void)((status = mls_welcome_open(&welcome, client->crypto, &config, client->key_package, message)) ||
           (status = mls_group_join(&group, NULL, client->crypto, &config, welcome, tree)));
    mls_welcome_free(welcome); /* before its key package */
    if (status == MLS_OK) {
        client_set_group(client, group, NULL);
        client_use_up_key_package(client);
    }
    return status;
}

mls_status_t do_join_external(client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = client_config(client);
    mls_external_join_t options = { 0 };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    mls_status_t status;
    if (!line_bytes(line, &options.group_info) || !line_bytes(line, &options.ratchet_tree))
        return MLS_ERR_ARGUMENT;
    options.resync = line_has(line, "resync");
    if (options.resync != (client->group != NULL))
        return MLS_ERR_ARGUMENT;
    if (options.resync)
        options.former_leaf = mls_group_own_leaf(client->group);
    if ((status = client_make_key_package(client)) != MLS_OK)
        return status;
    options.key_package = client->key_package;
    status = mls_group_join_external(&group, &commit, client->crypto, &config, &options);
    client_use_up_key_package(client);
    if (status == MLS_OK) {
        client_set_group(client, group, commit);
        line_put_bytes(answer, mls_pending_commit_message(commit));
    }
    return status;
}

/* ---- groups that follow on another (RFC 9420, Sections 11.2 and 11.3) ------------------------------------
 */

typedef mls_status_t follow_fn(mls_group_t **out, mls_pending_commit_t **commit, const mls_group_t *old,
                               const mls_group_config_t *config, const mls_subgroup_options_t *options);

/* Makes the group, goes over to it, and answers the Welcome for the others. */
static mls_status_t follow(client_t *client, line_t *line, FILE *answer, follow_fn *make, mls_view_t group_id)
{
    const mls_group_config_t config = client_config(client);
    mls_view_t key_packages[MAX_MEMBERS];
    mls_subgroup_options_t options = { .key_packages = key_packages,
                                       .group_id = group_id,
                                       .now = client_now() };
    mls_group_t *group = NULL;
    mls_pending_commit_t *commit;
    mls_bytes_t welcome = { 0 };
    mls_status_t status;
    while (!line_at_end(line)) {
        if (options.num_key_packages == MAX_MEMBERS ||
            !line_bytes(line, &key_packages[options.num_key_packages++]))
            return MLS_ERR_ARGUMENT;
    }
    if ((status = client_make_key_package(client)) != MLS_OK)
        return status;
    options.key_package = client->key_package;
    (void)((status = make(&group, &commit, client->group, &config, &options)) ||
           (status = make_welcome(&welcome, client, commit, false)));
    client_use_up_key_package(client);
    if (status != MLS_OK) {
        mls_group_free(group);
        return put_made(answer, &welcome, status);
    }
    client_set_group(client, group, commit);
    return put_made(answer, &welcome, do_merge(client, line, answer));
}

mls_status_t do_branch(client_t *client, line_t *line, FILE *answer)
{
    mls_view_t group_id;
    if (!line_bytes(line, &group_id))
        return MLS_ERR_ARGUMENT;
    return follow(client, line, answer, mls_group_branch, group_id);
}

mls_status_t do_reinitialize(client_t *client, line_t *line, FILE *answer)
{
    return follow(client, line, answer, mls_group_reinitialize, mls_view(NULL, 0));
}

/* ---- looking at it ------------------------------------------------------------------------------------- */

mls_status_t do_group_info(client_t *client, line_t *line, FILE *answer)
{
    const mls_group_info_options_t options = { .with_tree = line_has(line, "tree"),
                                               .with_external_pub = true,
                                               .grease = client->grease };
    mls_bytes_t message = { 0 };
    if (!options.with_tree && !line_has(line, "bare"))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message, mls_group_info(client->group, &message, &options));
}

mls_status_t do_tree(client_t *client, line_t *line, FILE *answer)
{
    mls_bytes_t tree = { 0 };
    (void)line;
    return put_made(answer, &tree, mls_group_ratchet_tree(client->group, &tree));
}

mls_status_t do_state(client_t *client, line_t *line, FILE *answer)
{
    mls_leaf_info_t leaf;
    uint32_t next = 0;
    (void)line;
    fprintf(answer, " %llu %u", (unsigned long long)mls_group_epoch(client->group),
            mls_group_own_leaf(client->group));
    line_put_bytes(answer, mls_group_epoch_authenticator(client->group));
    for (; mls_group_next_leaf(client->group, &leaf, next) == MLS_OK; next = leaf.leaf_index + 1)
        fprintf(answer, " %u=%.*s", leaf.leaf_index, (int)leaf.identity.len,
                (const char *)leaf.identity.data);
    return MLS_OK;
}

mls_status_t do_export(client_t *client, line_t *line, FILE *answer)
{
    const char *label;
    mls_view_t context;
    unsigned long len;
    mls_bytes_t secret = { 0 };
    if (!line_word(line, &label) || !line_bytes(line, &context) || !line_number(line, UINT16_MAX, &len))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &secret, mls_group_export(client->group, &secret, label, context, len));
}

mls_status_t do_safe_export(client_t *client, line_t *line, FILE *answer)
{
    unsigned long component;
    mls_bytes_t secret = { 0 };
    if (!line_number(line, UINT16_MAX, &component))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &secret, mls_group_safe_export(client->group, &secret, (uint16_t)component));
}
