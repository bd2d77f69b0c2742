/* libmls_driver.c -- libmls behind the line protocol (README.md), through its public API alone. Also an
 * example: each command is what an application does for the operation of its name. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "line.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_NAME = 32, MAX_PSKS = 16, MAX_PROPOSALS = 64 };

typedef struct psk {
    mls_bytes_t id, secret;
} psk_t;

typedef struct client {
    struct client *next;
    char name[MAX_NAME];
    uint16_t cipher_suite;
    bool grease; /* in all that this client makes */
    psk_t psks[MAX_PSKS];
    size_t num_psks;
    mls_key_package_t *key_package; /* the last one; NULL: none, or used up */
    mls_group_t *group;             /* NULL: none */
    mls_pending_commit_t *commit;   /* an own Commit of the group; NULL: none waits */
} client_t;

typedef struct driver {
    mls_crypto_t *crypto;
    client_t *clients;
    char rule[256]; /* the last rule that a message broke, in words */
} driver_t;

/* A command takes its words from `line`, and writes what follows `ok` to `answer`. */
typedef mls_status_t command_fn(driver_t *driver, client_t *client, line_t *line, FILE *answer);

static uint64_t now(void)
{
    return (uint64_t)time(NULL);
}

/* ---- clients ------------------------------------------------------------------------------------------- */

static client_t *find_client(const driver_t *driver, const char *name)
{
    client_t *client = driver->clients;
    while (client != NULL && strcmp(client->name, name) != 0)
        client = client->next;
    return client;
}

/* The group takes its pending Commits with it. */
static void leave_group(client_t *client)
{
    mls_group_free(client->group);
    client->group = NULL;
    client->commit = NULL;
}

static void use_up_key_package(client_t *client)
{
    mls_key_package_free(client->key_package);
    client->key_package = NULL;
}

static void free_client(client_t *client)
{
    leave_group(client);
    use_up_key_package(client);
    for (size_t i = 0; i < client->num_psks; i++) {
        mls_bytes_clear(&client->psks[i].id);
        mls_bytes_clear(&client->psks[i].secret);
    }
    free(client);
}

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

static mls_group_config_t config_of(client_t *client)
{
    return (mls_group_config_t){
        .psk = give_psk, .psk_arg = client, .external_commits = true, .padding = MLS_PADDING_PADME
    };
}

static mls_status_t do_client(driver_t *driver, client_t *none, line_t *line, FILE *answer)
{
    const char *name;
    unsigned long suite;
    (void)none, (void)answer;
    if (!line_word(line, &name) || strlen(name) >= MAX_NAME || find_client(driver, name) != NULL ||
        !line_number(line, UINT16_MAX, &suite))
        return MLS_ERR_ARGUMENT;
    if (mls_crypto_suite_name((uint16_t)suite) == NULL)
        return MLS_ERR_UNSUPPORTED;
    client_t *client = calloc(1, sizeof *client);
    if (client == NULL)
        return MLS_ERR_NOMEM;
    memcpy(client->name, name, strlen(name) + 1);
    client->cipher_suite = (uint16_t)suite;
    client->grease = line_has(line, "grease");
    client->next = driver->clients;
    driver->clients = client;
    return MLS_OK;
}

static mls_status_t do_forget(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    client_t **link = &driver->clients;
    (void)line, (void)answer;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    free_client(client);
    return MLS_OK;
}

static mls_status_t do_psk(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_view_t id, secret;
    (void)driver, (void)answer;
    if (client->num_psks == MAX_PSKS || !line_bytes(line, &id) || !line_bytes(line, &secret))
        return MLS_ERR_ARGUMENT;
    psk_t *psk = &client->psks[client->num_psks];
    mls_status_t status;
    (void)((status = mls_bytes_copy(&psk->id, id)) || (status = mls_bytes_copy(&psk->secret, secret)));
    client->num_psks++; /* also in part: it is cleared with the client */
    return status;
}

static mls_status_t make_key_package(driver_t *driver, client_t *client)
{
    const uint64_t hour = 3600, day = 24 * hour;
    uint16_t suites[16];
    const mls_key_package_params_t params = {
        .cipher_suite = client->cipher_suite,
        .identity = mls_view_text(client->name),
        .capabilities.cipher_suites = { suites, mls_crypto_suites(suites, 16) },
        .not_before = now() - hour,
        .not_after = now() + 30 * day,
        .grease = client->grease,
    };
    use_up_key_package(client);
    return mls_key_package_new(&client->key_package, driver->crypto, &params);
}

static mls_status_t do_key_package(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    (void)line;
    mls_status_t status = make_key_package(driver, client);
    if (status == MLS_OK)
        line_put_bytes(answer, mls_key_package_message(client->key_package));
    return status;
}

/* ---- groups -------------------------------------------------------------------------------------------- */

static mls_status_t do_create(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = config_of(client);
    mls_view_t group_id;
    mls_status_t status;
    (void)answer;
    if (client->group != NULL || !line_bytes(line, &group_id))
        return MLS_ERR_ARGUMENT;
    (void)((status = make_key_package(driver, client)) ||
           (status = mls_group_create(&client->group, driver->crypto, &config, client->key_package, group_id,
                                      NULL)));
    use_up_key_package(client);
    return status;
}

static mls_status_t do_join(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = config_of(client);
    mls_view_t message, tree;
    mls_welcome_t *welcome = NULL;
    mls_status_t status;
    (void)answer;
    if (client->group != NULL || client->key_package == NULL || !line_bytes(line, &message) ||
        !line_bytes(line, &tree))
        return MLS_ERR_ARGUMENT;
    (void)((status = mls_welcome_open(&welcome, driver->crypto, &config, client->key_package, message)) ||
           (status = mls_group_join(&client->group, NULL, driver->crypto, &config, welcome, tree)));
    mls_welcome_free(welcome); /* before its key package */
    if (status == MLS_OK)
        use_up_key_package(client);
    return status;
}

static mls_status_t do_join_external(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    const mls_group_config_t config = config_of(client);
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
    if ((status = make_key_package(driver, client)) != MLS_OK)
        return status;
    options.key_package = client->key_package;
    if ((status = mls_group_join_external(&group, &commit, driver->crypto, &config, &options)) != MLS_OK)
        return status;
    leave_group(client);
    use_up_key_package(client);
    client->group = group;
    client->commit = commit;
    line_put_bytes(answer, mls_pending_commit_message(commit));
    return MLS_OK;
}

/* Writes the bytes that a call has made, and clears them. */
static mls_status_t put_made(FILE *answer, mls_bytes_t *made, mls_status_t status)
{
    if (status == MLS_OK)
        line_put_bytes(answer, mls_bytes_view(made));
    mls_bytes_clear(made);
    return status;
}

static mls_status_t do_group_info(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    const mls_group_info_options_t options = { .with_tree = line_has(line, "tree"),
                                               .with_external_pub = true,
                                               .grease = client->grease };
    mls_bytes_t message = { 0 };
    (void)driver;
    if (!options.with_tree && !line_has(line, "bare"))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message, mls_group_info(client->group, &message, &options));
}

static mls_status_t do_tree(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_bytes_t tree = { 0 };
    (void)driver, (void)line;
    return put_made(answer, &tree, mls_group_ratchet_tree(client->group, &tree));
}

static mls_status_t do_state(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_leaf_info_t leaf;
    uint32_t next = 0;
    (void)driver, (void)line;
    fprintf(answer, " %llu %u", (unsigned long long)mls_group_epoch(client->group),
            mls_group_own_leaf(client->group));
    line_put_bytes(answer, mls_group_epoch_authenticator(client->group));
    for (; mls_group_next_leaf(client->group, &leaf, next) == MLS_OK; next = leaf.leaf_index + 1)
        fprintf(answer, " %u=%.*s", leaf.leaf_index, (int)leaf.identity.len,
                (const char *)leaf.identity.data);
    return MLS_OK;
}

static mls_status_t do_export(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    const char *label;
    mls_view_t context;
    unsigned long len;
    mls_bytes_t secret = { 0 };
    (void)driver;
    if (!line_word(line, &label) || !line_bytes(line, &context) || !line_number(line, UINT16_MAX, &len))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &secret, mls_group_export(client->group, &secret, label, context, len));
}

/* ---- messages ------------------------------------------------------------------------------------------ */

static mls_status_t do_encrypt(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_view_t data, authenticated_data;
    mls_bytes_t message = { 0 };
    (void)driver;
    if (!line_bytes(line, &data) || !line_bytes(line, &authenticated_data))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message,
                    mls_group_encrypt(client->group, &message, data, authenticated_data, false));
}

static bool read_handshake_options(mls_handshake_options_t *options, line_t *line)
{
    *options = (mls_handshake_options_t){ .as_public_message = line_has(line, "public") };
    return options->as_public_message || line_has(line, "private");
}

static bool read_proposal(mls_proposal_spec_t *proposal, line_t *line)
{
    unsigned long leaf;
    *proposal = (mls_proposal_spec_t){ 0 };
    if (line_has(line, "add")) {
        proposal->type = MLS_PROPOSAL_ADD;
        return line_bytes(line, &proposal->key_package);
    }
    if (line_has(line, "remove")) {
        proposal->type = MLS_PROPOSAL_REMOVE;
        const bool is_leaf = line_number(line, UINT32_MAX, &leaf);
        proposal->removed = (uint32_t)leaf;
        return is_leaf;
    }
    if (line_has(line, "psk")) {
        proposal->type = MLS_PROPOSAL_PSK;
        return line_bytes(line, &proposal->psk.id);
    }
    proposal->type = MLS_PROPOSAL_UPDATE;
    return line_has(line, "update");
}

static mls_status_t do_propose(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_handshake_options_t options;
    mls_proposal_spec_t proposal;
    mls_bytes_t message = { 0 };
    (void)driver;
    if (!read_handshake_options(&options, line) || !read_proposal(&proposal, line))
        return MLS_ERR_ARGUMENT;
    return put_made(answer, &message, mls_group_propose(client->group, &message, &proposal, &options));
}

/* The Welcome for all that the Commit adds; nothing where it adds nobody. */
static mls_status_t make_welcome(mls_bytes_t *welcome, mls_pending_commit_t *commit,
                                 const mls_group_info_options_t *options)
{
    size_t num_added = 0;
    mls_status_t status = mls_pending_commit_num_added(commit, &num_added);
    if (status != MLS_OK || num_added == 0)
        return status;
    (void)((status = mls_pending_commit_group_info(commit, options)) ||
           (status = mls_pending_commit_welcome(commit, welcome, NULL, 0)));
    return status;
}

static mls_status_t do_commit(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_proposal_spec_t proposals[MAX_PROPOSALS];
    mls_commit_options_t options = { .proposals = proposals, .now = now() };
    mls_bytes_t welcome = { 0 };
    mls_pending_commit_t *commit;
    (void)driver;
    if (client->commit != NULL || !read_handshake_options(&options.handshake, line))
        return MLS_ERR_ARGUMENT;
    const mls_group_info_options_t group_info = { .with_tree = line_has(line, "tree"),
                                                  .grease = client->grease };
    if (!group_info.with_tree && !line_has(line, "bare"))
        return MLS_ERR_ARGUMENT;
    while (!line_at_end(line)) {
        if (line_has(line, "path"))
            options.force_path = true;
        else if (options.num_proposals == MAX_PROPOSALS ||
                 !read_proposal(&proposals[options.num_proposals++], line))
            return MLS_ERR_ARGUMENT;
    }
    mls_status_t status = mls_group_commit(client->group, &commit, &options);
    if (status != MLS_OK)
        return status;
    if ((status = make_welcome(&welcome, commit, &group_info)) == MLS_OK) {
        line_put_bytes(answer, mls_pending_commit_message(commit));
        client->commit = commit;
    } else {
        mls_group_discard_pending(client->group, commit);
    }
    return put_made(answer, &welcome, status);
}

/* An own Commit takes effect as all Commits do: when it comes back from the Delivery Service. */
static mls_status_t do_merge(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_received_t *received = NULL;
    mls_status_t status;
    (void)driver, (void)line, (void)answer;
    if (client->commit == NULL)
        return MLS_ERR_STATE;
    (void)((status = mls_group_receive(client->group, &received, mls_pending_commit_message(client->commit),
                                       now())) ||
           (status = mls_group_merge(client->group, received, false, now())));
    mls_received_free(received);
    if (status == MLS_OK)
        client->commit = NULL;
    return status;
}

/* What else was pending in the epoch that a Commit has ended is gone with it. */
static mls_status_t merge_received(client_t *client, mls_received_t *received, FILE *answer)
{
    if (!mls_staged_commit_is_readable(mls_received_commit(received)))
        return MLS_ERR_DECRYPT;
    mls_status_t status = mls_group_merge(client->group, received, false, now());
    if (status == MLS_OK) {
        client->commit = NULL;
        fputs(mls_group_is_removed(client->group) ? " removed" : " commit", answer);
    }
    return status;
}

static mls_status_t do_receive(driver_t *driver, client_t *client, line_t *line, FILE *answer)
{
    mls_view_t message;
    mls_received_t *received;
    (void)driver;
    if (!line_bytes(line, &message))
        return MLS_ERR_ARGUMENT;
    mls_status_t status = mls_group_receive(client->group, &received, message, now());
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

/* ---- commands ------------------------------------------------------------------------------------------ */

static mls_status_t do_library(driver_t *driver, client_t *none, line_t *line, FILE *answer)
{
    (void)driver, (void)none, (void)line;
    fputs(" libmls " LIBMLS_VERSION, answer);
    return MLS_OK;
}

/* What a command works on. */
typedef enum needs { NEEDS_NOTHING, NEEDS_CLIENT, NEEDS_GROUP } needs_t;

static const struct command {
    const char *name;
    command_fn *run;
    needs_t needs;
} commands[] = {
    { "library", do_library, NEEDS_NOTHING },
    { "client", do_client, NEEDS_NOTHING },
    { "forget", do_forget, NEEDS_CLIENT },
    { "psk", do_psk, NEEDS_CLIENT },
    { "key_package", do_key_package, NEEDS_CLIENT },
    { "create", do_create, NEEDS_CLIENT },
    { "join", do_join, NEEDS_CLIENT },
    { "join_external", do_join_external, NEEDS_CLIENT },
    { "group_info", do_group_info, NEEDS_GROUP },
    { "tree", do_tree, NEEDS_GROUP },
    { "propose", do_propose, NEEDS_GROUP },
    { "commit", do_commit, NEEDS_GROUP },
    { "merge", do_merge, NEEDS_GROUP },
    { "receive", do_receive, NEEDS_GROUP },
    { "encrypt", do_encrypt, NEEDS_GROUP },
    { "state", do_state, NEEDS_GROUP },
    { "export", do_export, NEEDS_GROUP },
};

static mls_status_t run_command(driver_t *driver, line_t *line, FILE *answer)
{
    const char *name;
    client_t *client = NULL;
    if (!line_word(line, &name))
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const struct command *command = &commands[i];
        if (strcmp(command->name, name) != 0)
            continue;
        if (command->needs != NEEDS_NOTHING &&
            (!line_word(line, &name) || (client = find_client(driver, name)) == NULL ||
             (command->needs == NEEDS_GROUP && client->group == NULL)))
            return MLS_ERR_ARGUMENT;
        return command->run(driver, client, line, answer);
    }
    return MLS_ERR_ARGUMENT;
}

/* False without memory. */
static bool answer_line(driver_t *driver, line_t *line)
{
    char *text = NULL;
    size_t len = 0;
    FILE *answer = open_memstream(&text, &len);
    if (answer == NULL)
        return false;
    driver->rule[0] = '\0';
    const mls_status_t status = run_command(driver, line, answer);
    if (fclose(answer) != 0) {
        free(text);
        return false;
    }
    if (status == MLS_OK)
        printf("ok%s\n", text);
    else
        printf("error %s%s\n", mls_status_text(status), driver->rule);
    free(text);
    return fflush(stdout) == 0;
}

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    driver_t *driver = arg;
    (void)status;
    snprintf(driver->rule, sizeof driver->rule, " (rule %s, RFC 9420, Section %s: %s)", rule, section, text);
}

int main(void)
{
    driver_t driver = { 0 };
    line_t line = { 0 };
    const mls_crypto_config_t config = { .arg = &driver, .log = note_rule };
    bool is_good = mls_crypto_new(&driver.crypto, &config) == MLS_OK;

    while (is_good && line_read(&line, stdin))
        is_good = answer_line(&driver, &line);
    while (driver.clients != NULL) {
        client_t *client = driver.clients;
        driver.clients = client->next;
        free_client(client);
    }
    mls_crypto_free(driver.crypto);
    line_clear(&line);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
