/* passive_client.c -- a client that joins by a Welcome and follows the Commits of others, by the public
 * interface alone. */
#include "mls/mls.h"
#include "vectors.h"

/* One client, and the PSKs that it knows. */
typedef struct client {
    vector_case_t *c;
    mls_group_config_t config;
    mls_key_package_t *key_package;
    mls_group_t *group;
} client_t;

/* mls_group_config_t.psk: the external PSKs of the case. */
static mls_status_t find_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    const client_t *client = arg;
    vector_case_t *c = client->c;
    const cJSON *json;

    if (!id->is_resumption) {
        cJSON_ArrayForEach(json, vector_array(c, c->json, "external_psks"))
        {
            if (mls_view_equal(vector_bytes(c, json, "psk_id"), id->id)) {
                *secret = vector_bytes(c, json, "psk");
                return MLS_OK;
            }
        }
    }
    return MLS_ERR_NOT_FOUND;
}

/* The lifetimes of the vectors are of any length, and `now` is never given. */
static mls_group_config_t config_of(client_t *client)
{
    return (mls_group_config_t){ .psk = find_psk, .psk_arg = client, .max_lifetime = UINT64_MAX };
}

/* Fails if a private key is not that of the KeyPackage. */
static bool import_key_package(client_t *client)
{
    vector_case_t *c = client->c;
    const mls_view_t key_package = vector_bytes(c, c->json, "key_package");
    const mls_view_t init = vector_bytes(c, c->json, "init_priv");
    const mls_view_t encryption = vector_bytes(c, c->json, "encryption_priv");
    const mls_view_t signature = vector_bytes(c, c->json, "signature_priv");
    return vector_good(c) && vector_ok(c, "key_package",
                                       mls_key_package_import(&client->key_package, c->crypto, key_package,
                                                              init, encryption, signature));
}

static void check_authenticator(client_t *client, const cJSON *json, const char *field)
{
    vector_equal(client->c, json, field, mls_group_epoch_authenticator(client->group));
}

static bool join(client_t *client)
{
    vector_case_t *c = client->c;
    mls_welcome_t *welcome = NULL;
    const mls_view_t message = vector_bytes(c, c->json, "welcome");
    const mls_view_t tree = vector_is_null(c->json, "ratchet_tree")
                                ? (mls_view_t){ 0 }
                                : vector_bytes(c, c->json, "ratchet_tree");
    if (vector_good(c) &&
        vector_ok(c, "welcome",
                  mls_welcome_open(&welcome, c->crypto, &client->config, client->key_package, message)) &&
        vector_check(c, "ratchet_tree", mls_welcome_has_tree(welcome) || tree.len > 0, "is nowhere"))
        vector_ok(c, "welcome",
                  mls_group_join(&client->group, NULL, c->crypto, &client->config, welcome, tree));
    mls_welcome_free(welcome);
    return vector_good(c);
}

static bool receive(client_t *client, const char *field, mls_view_t message, mls_received_type_t expected)
{
    vector_case_t *c = client->c;
    mls_received_t *received = NULL;

    if (vector_good(c) && vector_ok(c, field, mls_group_receive(client->group, &received, message, 0)) &&
        vector_check(c, field, mls_received_type(received) == expected, "is of another type") &&
        expected == MLS_RECEIVED_COMMIT)
        vector_ok(c, field, mls_group_merge(client->group, received, false, 0));
    mls_received_free(received);
    return vector_good(c);
}

static void follow(client_t *client, const cJSON *epoch)
{
    vector_case_t *c = client->c;
    const cJSON *item;

    cJSON_ArrayForEach(item, vector_array(c, epoch, "proposals"))
        receive(client, "proposals", vector_hex(c, item), MLS_RECEIVED_PROPOSAL);
    if (receive(client, "commit", vector_bytes(c, epoch, "commit"), MLS_RECEIVED_COMMIT))
        check_authenticator(client, epoch, "epoch_authenticator");
}

static void verify(vector_case_t *c)
{
    client_t client = { .c = c, .config = config_of(&client) };
    const cJSON *epoch;
    size_t i = 0;

    if (import_key_package(&client) && join(&client)) {
        check_authenticator(&client, c->json, "initial_epoch_authenticator");
        cJSON_ArrayForEach(epoch, vector_array(c, c->json, "epochs"))
        {
            vector_at(c, "epochs[%zu].", i++);
            if (vector_good(c))
                follow(&client, epoch);
        }
    }
    mls_group_free(client.group);
    mls_key_package_free(client.key_package);
}

static const char *const fields[] = { "cipher_suite", "key_package",  "signature_priv",
                                      "init_priv",    "welcome",      "initial_epoch_authenticator",
                                      "epochs",       "ratchet_tree", NULL };
const vector_kind_t vector_passive_client = { "passive client", fields, verify };
