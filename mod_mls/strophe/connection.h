/* connection.h -- one account's stream through libstrophe 0.12, and why it ended. */
#ifndef MOD_MLS_STROPHE_CONNECTION_H
#define MOD_MLS_STROPHE_CONNECTION_H

#include <mod_mls/mod_mls_strophe.h>

#include <strophe.h>

typedef struct mod_mls_strophe_connection mod_mls_strophe_connection_t;

typedef struct mod_mls_strophe_connection_config {
    const char *account;
    const char *password;
    const char *server;
    uint16_t port;
    const char *ca_file;
    void *arg; /* handed to the functions below */
    void (*connected)(void *arg, const char *full_jid);
    void (*disconnected)(void *arg, mod_mls_strophe_end_t end);
    void (*stanza)(void *arg, xmpp_stanza_t *stanza);
    void (*complaint)(void *arg, const char *text); /* of libstrophe, for developers; holds no secret */
} mod_mls_strophe_connection_config_t;

/* Copies the strings of `config`. NULL: out of memory. */
mod_mls_strophe_connection_t *
mod_mls_strophe_connection_new(const mod_mls_strophe_connection_config_t *config);
void mod_mls_strophe_connection_free(mod_mls_strophe_connection_t *connection);

/* MLS_ERR_STATE, MLS_ERR_NOMEM, MLS_ERR_NOT_FOUND. */
MLS_MUST_USE mls_status_t mod_mls_strophe_connection_open(mod_mls_strophe_connection_t *connection);
void mod_mls_strophe_connection_close(mod_mls_strophe_connection_t *connection);
bool mod_mls_strophe_connection_is_up(const mod_mls_strophe_connection_t *connection);

/* Sends; without a connection it does nothing: mod_mls sends again what was lost. The stanza stays the
 * caller's. */
void mod_mls_strophe_connection_send(mod_mls_strophe_connection_t *connection, xmpp_stanza_t *stanza);
void mod_mls_strophe_connection_send_raw(mod_mls_strophe_connection_t *connection, const char *xml,
                                         size_t len);

/* Waits at most `timeout_ms` for the network and handles what came. */
void mod_mls_strophe_connection_run(mod_mls_strophe_connection_t *connection, unsigned timeout_ms);

/* For making stanzas. */
xmpp_ctx_t *mod_mls_strophe_connection_context(const mod_mls_strophe_connection_t *connection);

#endif
