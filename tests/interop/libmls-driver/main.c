/* main.c -- libmls behind the line protocol (../README.md), through its public API alone. Also an example:
 * each command does what an application does for the operation of its name. */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "client.h"

#include <stdlib.h>
#include <string.h>

typedef struct driver {
    mls_crypto_t *crypto;
    client_t *clients;
    char rule[256]; /* the last rule that a message broke, in words */
} driver_t;

static const struct command {
    const char *name;
    command_fn *run;
    bool needs_group;
} commands[] = {
    { "psk", do_psk, false },
    { "key_package", do_key_package, false },
    { "signature_key", do_signature_key, false },
    { "create", do_create, false },
    { "join", do_join, false },
    { "join_external", do_join_external, false },
    { "ask_to_join", do_ask_to_join, false },
    { "propose_external", do_propose_external, false },
    { "group_info", do_group_info, true },
    { "tree", do_tree, true },
    { "state", do_state, true },
    { "export", do_export, true },
    { "safe_export", do_safe_export, true },
    { "branch", do_branch, true },
    { "reinitialize", do_reinitialize, true },
    { "propose", do_propose, true },
    { "commit", do_commit, true },
    { "merge", do_merge, true },
    { "receive", do_receive, true },
    { "encrypt", do_encrypt, true },
};

/* Where the client of that name is linked to; at the end of the list, if there is none. */
static client_t **find_client(driver_t *driver, const char *name)
{
    client_t **link = &driver->clients;
    while (*link != NULL && strcmp((*link)->name, name) != 0)
        link = &(*link)->next;
    return link;
}

static mls_status_t add_client(driver_t *driver, const char *name, line_t *line)
{
    unsigned long suite;
    client_t **link = find_client(driver, name);
    if (*link != NULL || !line_number(line, UINT16_MAX, &suite))
        return MLS_ERR_ARGUMENT;
    return client_new(link, driver->crypto, name, (uint16_t)suite, line_has(line, "grease"));
}

static void forget_client(client_t **link)
{
    client_t *client = *link;
    *link = client->next;
    client_free(client);
}

static mls_status_t run_command(driver_t *driver, line_t *line, FILE *answer)
{
    const char *command, *name;
    if (line_has(line, "library")) {
        fputs(" libmls " LIBMLS_VERSION, answer);
        return MLS_OK;
    }
    if (!line_word(line, &command) || !line_word(line, &name))
        return MLS_ERR_ARGUMENT;
    if (strcmp(command, "client") == 0)
        return add_client(driver, name, line);
    client_t **client = find_client(driver, name);
    if (*client == NULL)
        return MLS_ERR_NOT_FOUND;
    if (strcmp(command, "forget") == 0) {
        forget_client(client);
        return MLS_OK;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, command) == 0 && (!commands[i].needs_group || (*client)->group != NULL))
            return commands[i].run(*client, line, answer);
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
    while (driver.clients != NULL)
        forget_client(&driver.clients);
    mls_crypto_free(driver.crypto);
    line_clear(&line);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
