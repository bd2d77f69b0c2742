/* mod_mls_strophe.h -- a host for mod_mls on top of libstrophe.
 *
 * One mod_mls_strophe_t is one account with its mod_mls_t and its connection. It connects with verified TLS
 * or not at all, sends what mod_mls sends, hands it every stanza, enters and leaves rooms, wakes it in time,
 * and answers for the host what an XMPP client must answer. There is no loop and no thread: call
 * mod_mls_strophe_run() again and again. Commands and questions go to mod_mls_strophe_core() directly.
 *
 * libstrophe writes to sockets that may be gone: ignore SIGPIPE. */
#ifndef MOD_MLS_MOD_MLS_STROPHE_H
#define MOD_MLS_MOD_MLS_STROPHE_H

#include <mod_mls/mod_mls.h>

#include <stdbool.h>
#include <stdint.h>

/* One account and its connection. */
typedef struct mod_mls_strophe mod_mls_strophe_t;

/* Why there is no connection. */
typedef enum mod_mls_strophe_end {
    MOD_MLS_STROPHE_END_WANTED = 1,   /* mod_mls_strophe_disconnect() */
    MOD_MLS_STROPHE_END_LOST,         /* it broke, or the server is going down: try again later */
    MOD_MLS_STROPHE_END_UNREACHABLE,  /* no such host, or nobody listens there */
    MOD_MLS_STROPHE_END_NO_TLS,       /* the server offers no TLS, or the CA file cannot be used */
    MOD_MLS_STROPHE_END_CERTIFICATE,  /* the server's certificate is not trusted for the account's domain */
    MOD_MLS_STROPHE_END_PASSWORD,     /* the server refuses account or password */
    MOD_MLS_STROPHE_END_HOST_UNKNOWN, /* the server does not serve the account's domain */
    MOD_MLS_STROPHE_END_REPLACED      /* another client took this one's resource */
} mod_mls_strophe_end_t;

/* A stable name in lower-case ASCII, like "certificate". Static storage. */
MLS_API const char *mod_mls_strophe_end_name(mod_mls_strophe_end_t end);
/* A sentence for the user. Static storage. */
MLS_API const char *mod_mls_strophe_end_text(mod_mls_strophe_end_t end);
/* Whether trying again can help, with everything as it is. */
MLS_API bool mod_mls_strophe_end_is_passing(mod_mls_strophe_end_t end);

/* Which account, and how to reach its server. */
typedef struct mod_mls_strophe_config {
    /* For mod_mls_open(). Of `core.host`, only `arg`, `log` and `event` are the host's to set, and `now` and
     * `random` may be; the rest is set here. */
    mod_mls_config_t core;
    const char *client_name; /* what others see as the program's name */
    const char *password;
    const char *server;  /* host name or address; NULL: found by the account's domain (may block) */
    uint16_t port;       /* 0: the default */
    const char *ca_file; /* PEM file of trusted authorities; NULL: the system's */
    /* The connection is up, or gone. All get core.host.arg, and must not call back. */
    void (*connected)(void *arg, const char *full_jid);
    void (*disconnected)(void *arg, mod_mls_strophe_end_t end);
    /* A message that has nothing to do with MLS: `from` and `text` are foreign and unproven. May be NULL. */
    void (*clear_text)(void *arg, const char *from, const char *text);
} mod_mls_strophe_config_t;

/* Opens the account; does not connect yet. Copies all strings. Answers and `*error` as mod_mls_open(). */
MLS_API MLS_MUST_USE mls_status_t mod_mls_strophe_open(mod_mls_strophe_t **out, mod_mls_error_t *error,
                                                       const mod_mls_strophe_config_t *config);

/* Drops the connection, if there is one, and closes the account. NULL is fine. */
MLS_API void mod_mls_strophe_close(mod_mls_strophe_t *strophe);

/* Begins to connect; config.connected or config.disconnected tells how it went. MLS_ERR_STATE: there is a
 * connection already. MLS_ERR_NOMEM. MLS_ERR_NOT_FOUND: the server's name is not known, now. */
MLS_API MLS_MUST_USE mls_status_t mod_mls_strophe_connect(mod_mls_strophe_t *strophe);

/* Ends the stream after what was sent; config.disconnected tells when. Harmless without a connection. */
MLS_API void mod_mls_strophe_disconnect(mod_mls_strophe_t *strophe);

/* Whether the stream is up. */
MLS_API bool mod_mls_strophe_is_connected(const mod_mls_strophe_t *strophe);

/* Waits for the network or for the time to wake mod_mls, at most `timeout_ms`, and does what is to be done.
 */
MLS_API void mod_mls_strophe_run(mod_mls_strophe_t *strophe, unsigned timeout_ms);

/* The account's mod_mls, for commands. It belongs to `strophe`. */
MLS_API mod_mls_t *mod_mls_strophe_core(mod_mls_strophe_t *strophe);

#endif
