#include "client.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t client_now(void)
{
    return (uint64_t)time(NULL);
}

mls_status_t client_new(client_t **out, mls_crypto_t *crypto, const char *name, uint16_t cipher_suite,
                        bool grease)
{
    *out = NULL;
    if (strlen(name) >= MAX_NAME)
        return MLS_ERR_ARGUMENT;
    client_t *client = calloc(1, sizeof *client);
    if (client == NULL)
        return MLS_ERR_NOMEM;
    memcpy(client->name, name, strlen(name) + 1);
    client->crypto = crypto;
    client->cipher_suite = cipher_suite;
    client->grease = grease;
    const mls_status_t status = mls_crypto_signature_key_pair(crypto, &client->signature_private_key,
                                                              &client->signature_key, cipher_suite);
    if (status == MLS_OK)
        *out = client;
    else
        client_free(client);
    return status;
}

void client_free(client_t *client)
{
    if (client == NULL)
        return;
    client_set_group(client, NULL, NULL);
    client_use_up_key_package(client);
    for (size_t i = 0; i < client->num_psks; i++) {
        mls_bytes_clear(&client->psks[i].id);
        mls_bytes_clear(&client->psks[i].secret);
    }
    mls_bytes_clear(&client->signature_private_key);
    mls_bytes_clear(&client->signature_key);
    free(client);
}

/* ---- what its groups ask of it ------------------------------------------------------------------------- */

static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    const client_t *client = arg;
    for (size_t i = 0; i < client->num_psks && !id->is_resumption; i++) {
        if (mls_view_equal(id->id, mls_bytes_view(&client->psks[i].id))) {
            *secret = mls_bytes_view(&client->psks[i].secret);
            return MLS_OK;
        }
    }
    return MLS_ERR_NOT_FOUND;
}

static const mls_group_t *find_group(void *arg, mls_view_t group_id)
{
    const client_t *client = arg;
    const bool is_it = client->group != NULL && mls_view_equal(mls_group_id(client->group), group_id);
    return is_it ? client->group : NULL;
}

/* The logic of all components: an update is the new data. */
static mls_status_t update_component(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    (void)arg;
    return mls_bytes_copy(new_data, change->updates[change->num_updates - 1]);
}

mls_group_config_t client_config(client_t *client)
{
    return (mls_group_config_t){ .psk = give_psk,
                                 .psk_arg = client,
                                 .find_group = find_group,
                                 .find_group_arg = client,
                                 .components = { .update = update_component },
                                 .external_commits = true,
                                 .external_proposals = true,
                                 .new_member_proposals = true,
                                 .padding = MLS_PADDING_PADME };
}

/* ---- what it has --------------------------------------------------------------------------------------- */

void client_set_group(client_t *client, mls_group_t *group, mls_pending_commit_t *commit)
{
    mls_group_free(client->group); /* with its pending Commits */
    client->group = group;
    client->commit = commit;
}

void client_use_up_key_package(client_t *client)
{
    mls_key_package_free(client->key_package);
    client->key_package = NULL;
}

mls_status_t client_make_key_package(client_t *client)
{
    const uint64_t hour = 3600, day = 24 * hour;
    uint16_t suites[16], extensions[] = { MLS_EXTENSION_APP_DATA_DICTIONARY },
                         proposals[] = { MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_SELF_REMOVE };
    const mls_key_package_params_t params = {
        .cipher_suite = client->cipher_suite,
        .identity = mls_view_text(client->name),
        .signature_private_key = mls_bytes_view(&client->signature_private_key),
        .capabilities = { .cipher_suites = { suites, mls_crypto_suites(suites, 16) },
                          .extensions = { extensions, 1 },
                          .proposals = { proposals, 2 } },
        .not_before = client_now() - hour,
        .not_after = client_now() + 30 * day,
        .grease = client->grease,
    };
    client_use_up_key_package(client);
    return mls_key_package_new(&client->key_package, client->crypto, &params);
}

mls_status_t do_key_package(client_t *client, line_t *line, FILE *answer)
{
    (void)line;
    const mls_status_t status = client_make_key_package(client);
    if (status == MLS_OK)
        line_put_bytes(answer, mls_key_package_message(client->key_package));
    return status;
}

mls_status_t do_signature_key(client_t *client, line_t *line, FILE *answer)
{
    (void)line;
    line_put_bytes(answer, mls_bytes_view(&client->signature_key));
    return MLS_OK;
}

mls_status_t do_psk(client_t *client, line_t *line, FILE *answer)
{
    mls_view_t id, secret;
    mls_status_t status;
    (void)answer;
    if (client->num_psks == MAX_PSKS || !line_bytes(line, &id) || !line_bytes(line, &secret))
        return MLS_ERR_ARGUMENT;
    psk_t *psk = &client->psks[client->num_psks++]; /* also in part: it is cleared with the client */
    (void)((status = mls_bytes_copy(&psk->id, id)) || (status = mls_bytes_copy(&psk->secret, secret)));
    return status;
}
