#define _POSIX_C_SOURCE 200809L

#include "mod_mls/mod_mls_strophe.h"

#include "client_answers.h"
#include "connection.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_MUC "http://jabber.org/protocol/muc"
#define NEVER UINT64_MAX
#define DEPTH_MAX 64 /* elements within elements; libstrophe's serialiser recurses on what comes in */

struct mod_mls_strophe {
    mod_mls_t *core;
    mod_mls_strophe_connection_t *connection;
    mod_mls_host_t host; /* the caller's own functions */
    void (*connected)(void *arg, const char *full_jid);
    void (*disconnected)(void *arg, mod_mls_strophe_end_t end);
    void (*clear_text)(void *arg, const char *from, const char *text);
    char *client_name;
    uint64_t wake_at; /* Unix milliseconds, or NEVER */
};

/* ---- the host table: what mod_mls wants ------------------------------------------------------- */

static void send_stanza(void *arg, const char *stanza, size_t len)
{
    mod_mls_strophe_t *strophe = arg;

    mod_mls_strophe_connection_send_raw(strophe->connection, stanza, len);
}

/* Makes <presence to='room/nick'/>; libstrophe escapes both. NULL: out of memory. */
static xmpp_stanza_t *new_occupant_presence(xmpp_ctx_t *context, const char *room, const char *nick)
{
    size_t len = strlen(room) + 1 + strlen(nick) + 1;
    char *occupant = malloc(len);
    xmpp_stanza_t *presence = xmpp_presence_new(context);

    if (occupant != NULL && presence != NULL) {
        memcpy(occupant, room, strlen(room));
        occupant[strlen(room)] = '/';
        memcpy(occupant + strlen(room) + 1, nick, strlen(nick) + 1);
        xmpp_stanza_set_to(presence, occupant);
    } else if (presence != NULL) {
        xmpp_stanza_release(presence);
        presence = NULL;
    }
    free(occupant);
    return presence;
}

/* <x xmlns='…muc'><history maxstanzas='0'/></x>: the archive is read instead (XEP-0045 §7.2.14). */
static bool add_muc_without_history(xmpp_ctx_t *context, xmpp_stanza_t *presence)
{
    xmpp_stanza_t *muc = xmpp_stanza_new(context);
    xmpp_stanza_t *history = xmpp_stanza_new(context);
    bool is_complete = muc != NULL && history != NULL;

    if (is_complete) {
        xmpp_stanza_set_name(muc, "x");
        xmpp_stanza_set_ns(muc, NS_MUC);
        xmpp_stanza_set_name(history, "history");
        xmpp_stanza_set_attribute(history, "maxstanzas", "0");
        xmpp_stanza_add_child(muc, history);
        xmpp_stanza_add_child(presence, muc);
    }
    if (muc != NULL)
        xmpp_stanza_release(muc);
    if (history != NULL)
        xmpp_stanza_release(history);
    return is_complete;
}

static void join_room(void *arg, const char *room, const char *nick)
{
    mod_mls_strophe_t *strophe = arg;
    xmpp_ctx_t *context = mod_mls_strophe_connection_context(strophe->connection);
    xmpp_stanza_t *presence = new_occupant_presence(context, room, nick);

    if (presence == NULL)
        return;
    if (add_muc_without_history(context, presence))
        mod_mls_strophe_connection_send(strophe->connection, presence);
    xmpp_stanza_release(presence);
}

static void leave_room(void *arg, const char *room, const char *nick)
{
    mod_mls_strophe_t *strophe = arg;
    xmpp_ctx_t *context = mod_mls_strophe_connection_context(strophe->connection);
    xmpp_stanza_t *presence = new_occupant_presence(context, room, nick);

    if (presence == NULL)
        return;
    xmpp_stanza_set_type(presence, "unavailable");
    mod_mls_strophe_connection_send(strophe->connection, presence);
    xmpp_stanza_release(presence);
}

static void wake_at(void *arg, uint64_t unix_ms)
{
    mod_mls_strophe_t *strophe = arg;

    strophe->wake_at = unix_ms;
}

static uint64_t system_now(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t now(void *arg)
{
    mod_mls_strophe_t *strophe = arg;

    return strophe->host.now != NULL ? strophe->host.now(strophe->host.arg) : system_now();
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    mod_mls_strophe_t *strophe = arg;

    return strophe->host.random(strophe->host.arg, out, len);
}

static void log_text(void *arg, mod_mls_log_level_t level, const char *text)
{
    mod_mls_strophe_t *strophe = arg;

    if (strophe->host.log != NULL)
        strophe->host.log(strophe->host.arg, level, text);
}

static void pass_event(void *arg, const mod_mls_event_t *event)
{
    mod_mls_strophe_t *strophe = arg;

    strophe->host.event(strophe->host.arg, event);
}

/* ---- what the connection brings --------------------------------------------------------------- */

/* Walks a stanza without recursion and tells whether its elements are nested at most DEPTH_MAX deep. */
static bool is_flat_enough(xmpp_stanza_t *stanza)
{
    xmpp_stanza_t *path[DEPTH_MAX];
    size_t depth = 1;

    path[0] = stanza;
    while (depth > 0) {
        xmpp_stanza_t *next = xmpp_stanza_get_children(path[depth - 1]);

        if (next != NULL && depth == DEPTH_MAX)
            return false;
        if (next != NULL) {
            path[depth++] = next;
            continue;
        }
        while (depth > 1 && (next = xmpp_stanza_get_next(path[depth - 1])) == NULL)
            depth--;
        if (depth == 1)
            return true;
        path[depth - 1] = next;
    }
    return true;
}

static bool is_stanza(xmpp_stanza_t *stanza)
{
    const char *name = xmpp_stanza_get_name(stanza);

    return name != NULL &&
           (strcmp(name, "message") == 0 || strcmp(name, "presence") == 0 || strcmp(name, "iq") == 0);
}

static void show_clear_text(mod_mls_strophe_t *strophe, xmpp_stanza_t *message)
{
    xmpp_ctx_t *context = mod_mls_strophe_connection_context(strophe->connection);
    const char *type = xmpp_stanza_get_type(message);
    char *body;

    if (strophe->clear_text == NULL || strcmp(xmpp_stanza_get_name(message), "message") != 0)
        return;
    if (type != NULL && strcmp(type, "chat") != 0 && strcmp(type, "normal") != 0)
        return;
    body = xmpp_message_get_body(message);
    if (body != NULL && xmpp_stanza_get_from(message) != NULL)
        strophe->clear_text(strophe->host.arg, xmpp_stanza_get_from(message), body);
    if (body != NULL)
        xmpp_free(context, body);
}

static void on_stanza(void *arg, xmpp_stanza_t *stanza)
{
    mod_mls_strophe_t *strophe = arg;
    char *xml = NULL;
    size_t len = 0;
    mod_mls_answer_t answer;

    if (!is_stanza(stanza))
        return;
    if (!is_flat_enough(stanza) || xmpp_stanza_to_text(stanza, &xml, &len) != XMPP_EOK) {
        log_text(strophe, MOD_MLS_LOG_WARNING, "a stanza was dropped: it is nested too deeply");
        return;
    }
    answer = mod_mls_stanza_in(strophe->core, NULL, xml, len);
    xmpp_free(mod_mls_strophe_connection_context(strophe->connection), xml);
    if (answer != MOD_MLS_PASS)
        return;
    mod_mls_strophe_answer_iq(strophe->connection, stanza, strophe->client_name);
    show_clear_text(strophe, stanza);
}

static void on_connected(void *arg, const char *full_jid)
{
    mod_mls_strophe_t *strophe = arg;

    strophe->connected(strophe->host.arg, full_jid);
    mod_mls_strophe_send_presence(strophe->connection, strophe->client_name);
    if (mod_mls_connected(strophe->core, full_jid) != MLS_OK) {
        log_text(strophe, MOD_MLS_LOG_WARNING, "mod_mls cannot use this connection");
        mod_mls_strophe_disconnect(strophe);
    }
}

static void on_disconnected(void *arg, mod_mls_strophe_end_t end)
{
    mod_mls_strophe_t *strophe = arg;

    mod_mls_disconnected(strophe->core);
    strophe->disconnected(strophe->host.arg, end);
}

static void on_complaint(void *arg, const char *text)
{
    log_text(arg, MOD_MLS_LOG_WARNING, text);
}

/* ---- entry points ----------------------------------------------------------------------------- */

static mls_status_t open_core(mod_mls_strophe_t *strophe, mod_mls_error_t *error,
                              const mod_mls_strophe_config_t *config)
{
    mod_mls_config_t core = config->core;

    core.host = (mod_mls_host_t){
        .arg = strophe,
        .send = send_stanza,
        .join_room = join_room,
        .leave_room = leave_room,
        .wake_at = wake_at,
        .now = now,
        .random = config->core.host.random == NULL ? NULL : fill_random,
        .log = log_text,
        .event = pass_event,
    };
    return mod_mls_open(&strophe->core, error, &core);
}

static mls_status_t open_connection(mod_mls_strophe_t *strophe, const mod_mls_strophe_config_t *config)
{
    const mod_mls_strophe_connection_config_t connection = {
        .account = config->core.account,
        .password = config->password,
        .server = config->server,
        .port = config->port,
        .ca_file = config->ca_file,
        .arg = strophe,
        .connected = on_connected,
        .disconnected = on_disconnected,
        .stanza = on_stanza,
        .complaint = on_complaint,
    };

    strophe->connection = mod_mls_strophe_connection_new(&connection);
    strophe->client_name = strdup(config->client_name);
    return strophe->connection == NULL || strophe->client_name == NULL ? MLS_ERR_NOMEM : MLS_OK;
}

mls_status_t mod_mls_strophe_open(mod_mls_strophe_t **out, mod_mls_error_t *error,
                                  const mod_mls_strophe_config_t *config)
{
    mod_mls_strophe_t *strophe = calloc(1, sizeof *strophe);
    mod_mls_error_t ignored;
    mls_status_t status;

    *out = NULL;
    error = error == NULL ? &ignored : error;
    *error = MOD_MLS_ERROR_INTERNAL;
    if (strophe == NULL)
        return MLS_ERR_NOMEM;
    strophe->host = config->core.host;
    strophe->connected = config->connected;
    strophe->disconnected = config->disconnected;
    strophe->clear_text = config->clear_text;
    strophe->wake_at = NEVER;
    if ((status = open_connection(strophe, config)) != MLS_OK ||
        (status = open_core(strophe, error, config)) != MLS_OK) {
        mod_mls_strophe_close(strophe);
        return status;
    }
    *error = MOD_MLS_OK;
    *out = strophe;
    return MLS_OK;
}

void mod_mls_strophe_close(mod_mls_strophe_t *strophe)
{
    if (strophe == NULL)
        return;
    mod_mls_close(strophe->core); /* first: it may still use the host table */
    mod_mls_strophe_connection_free(strophe->connection);
    free(strophe->client_name);
    free(strophe);
}

mls_status_t mod_mls_strophe_connect(mod_mls_strophe_t *strophe)
{
    return mod_mls_strophe_connection_open(strophe->connection);
}

void mod_mls_strophe_disconnect(mod_mls_strophe_t *strophe)
{
    mod_mls_strophe_connection_close(strophe->connection);
}

bool mod_mls_strophe_is_connected(const mod_mls_strophe_t *strophe)
{
    return mod_mls_strophe_connection_is_up(strophe->connection);
}

static unsigned time_left(mod_mls_strophe_t *strophe, unsigned timeout_ms)
{
    uint64_t time = now(strophe);

    if (strophe->wake_at <= time)
        return 0;
    return strophe->wake_at - time < timeout_ms ? (unsigned)(strophe->wake_at - time) : timeout_ms;
}

void mod_mls_strophe_run(mod_mls_strophe_t *strophe, unsigned timeout_ms)
{
    mod_mls_strophe_connection_run(strophe->connection, time_left(strophe, timeout_ms));
    if (strophe->wake_at > now(strophe))
        return;
    strophe->wake_at = NEVER; /* before the call, which may ask for another time */
    mod_mls_wake(strophe->core);
}

mod_mls_t *mod_mls_strophe_core(mod_mls_strophe_t *strophe)
{
    return strophe->core;
}
