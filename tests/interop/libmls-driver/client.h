/* client.h -- a client of libmls, and what the line protocol has it do. */
#ifndef INTEROP_CLIENT_H
#define INTEROP_CLIENT_H

#include "line.h"

enum { MAX_NAME = 32, MAX_PSKS = 16 };

typedef struct psk {
    mls_bytes_t id, secret;
} psk_t;

typedef struct client {
    struct client *next;
    mls_crypto_t *crypto; /* the driver's */
    char name[MAX_NAME];
    uint16_t cipher_suite;
    bool grease; /* in all that this client makes */
    mls_bytes_t signature_private_key, signature_key;
    psk_t psks[MAX_PSKS];
    size_t num_psks;
    mls_key_package_t *key_package; /* the last one; NULL: none, or used up */
    mls_group_t *group;             /* NULL: none */
    mls_pending_commit_t *commit;   /* an own Commit of the group; NULL: none waits */
} client_t;

/* Makes a client of that name; the caller frees it. */
mls_status_t client_new(client_t **out, mls_crypto_t *crypto, const char *name, uint16_t cipher_suite,
                        bool grease);
void client_free(client_t *client); /* NULL is fine */

/* What its groups are run with. */
mls_group_config_t client_config(client_t *client);
/* Makes a KeyPackage, in place of the last one. */
mls_status_t client_make_key_package(client_t *client);
void client_use_up_key_package(client_t *client);
/* Puts a group, with its pending Commit or NULL, in place of the one there was; that one is freed. */
void client_set_group(client_t *client, mls_group_t *group, mls_pending_commit_t *commit);
uint64_t client_now(void); /* seconds since 1970-01-01T00:00:00Z */

/* The commands: each takes its words from `line`, and writes what follows `ok` to `answer`. */
typedef mls_status_t command_fn(client_t *client, line_t *line, FILE *answer);

/* client.c */
command_fn do_psk, do_key_package, do_signature_key;
/* group.c; those of the second line need a group */
command_fn do_create, do_join, do_join_external;
command_fn do_group_info, do_tree, do_state, do_export, do_safe_export, do_branch, do_reinitialize;
/* message.c; those of the second line need a group */
command_fn do_ask_to_join, do_propose_external;
command_fn do_propose, do_commit, do_merge, do_receive, do_encrypt;

/* Writes the bytes that a call has made, and clears them; answers `status`, which that call has answered. */
mls_status_t put_made(FILE *answer, mls_bytes_t *made, mls_status_t status);
/* Makes the Welcome for all that a Commit adds, with the ratchet tree in it or without; nothing where it adds
 * nobody. */
mls_status_t make_welcome(mls_bytes_t *welcome, const client_t *client, mls_pending_commit_t *commit,
                          bool with_tree);

#endif
