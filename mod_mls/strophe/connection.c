/* What libstrophe 0.12 has to be held to:
 *  - Stream Management is off: 0.12 sends old stanzas again after a resumption that failed, and mod_mls has
 *    its own way to find what was lost.
 *  - TLS is mandatory and verified, which without a certfail handler is libstrophe's default.
 *  - Why a connection failed is said in its log only: by area, at level ERROR. Lower levels hold passwords,
 *    and never leave this file.
 *  - It frees stanzas by recursion: the account's own server, which alone is not held to a stanza size by
 *    anybody, can exhaust the stack with some 200,000 elements within each other. That ends the process and
 *    does nothing else; the state on the disk is consistent at every moment.
 *  - A connection object is used once; what is left in the queue of an old one must not go out again. */
#define _POSIX_C_SOURCE 200809L

#include "connection.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_PORT 5222

struct mod_mls_strophe_connection {
    mod_mls_strophe_connection_config_t config; /* with strings of its own */
    xmpp_log_t log;
    xmpp_ctx_t *context;
    xmpp_conn_t *conn; /* NULL: none */
    bool is_up;
    bool is_wanted;         /* false: we end it */
    bool is_over;           /* libstrophe has told the end: release it at the next occasion */
    bool has_tls_complaint; /* what the log said since it was opened */
    bool has_no_tls_complaint;
    bool has_auth_complaint;
};

/* ---- why it ended ----------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *text;
    bool is_passing;
} ENDS[] = {
    [MOD_MLS_STROPHE_END_WANTED] = { "wanted", "The connection was closed.", false },
    [MOD_MLS_STROPHE_END_LOST] = { "lost", "The connection to the server was lost.", true },
    [MOD_MLS_STROPHE_END_UNREACHABLE] = { "unreachable", "The server cannot be reached.", true },
    [MOD_MLS_STROPHE_END_NO_TLS] = { "no-tls", "The server offers no encrypted connection.", false },
    [MOD_MLS_STROPHE_END_CERTIFICATE] = { "certificate", "The server's certificate is not trusted.", false },
    [MOD_MLS_STROPHE_END_PASSWORD] = { "password", "The server refuses this account or password.", false },
    [MOD_MLS_STROPHE_END_HOST_UNKNOWN] = { "host-unknown", "The server does not serve this account.", false },
    [MOD_MLS_STROPHE_END_REPLACED] = { "replaced", "Another client took this one's place.", false },
};

static size_t end_index(mod_mls_strophe_end_t end)
{
    return (size_t)end < sizeof ENDS / sizeof *ENDS && end > 0 ? (size_t)end : MOD_MLS_STROPHE_END_LOST;
}

const char *mod_mls_strophe_end_name(mod_mls_strophe_end_t end)
{
    return ENDS[end_index(end)].name;
}

const char *mod_mls_strophe_end_text(mod_mls_strophe_end_t end)
{
    return ENDS[end_index(end)].text;
}

bool mod_mls_strophe_end_is_passing(mod_mls_strophe_end_t end)
{
    return ENDS[end_index(end)].is_passing;
}

static void note_complaint(void *arg, xmpp_log_level_t level, const char *area, const char *text)
{
    mod_mls_strophe_connection_t *connection = arg;

    if (level != XMPP_LEVEL_ERROR)
        return;
    if (strcmp(area, "auth") == 0)
        connection->has_auth_complaint = true;
    else if (strcmp(area, "tls") == 0 && strstr(text, "certfail") != NULL)
        connection->has_tls_complaint = true;
    else if (strstr(text, "TLS is not supported") != NULL)
        connection->has_no_tls_complaint = true;
    connection->config.complaint(connection->config.arg, text);
}

static mod_mls_strophe_end_t find_end(const mod_mls_strophe_connection_t *connection,
                                      const xmpp_stream_error_t *stream_error)
{
    if (!connection->is_wanted)
        return MOD_MLS_STROPHE_END_WANTED;
    if (connection->has_tls_complaint)
        return MOD_MLS_STROPHE_END_CERTIFICATE;
    if (connection->has_no_tls_complaint)
        return MOD_MLS_STROPHE_END_NO_TLS;
    if (connection->has_auth_complaint)
        return MOD_MLS_STROPHE_END_PASSWORD;
    if (stream_error != NULL && stream_error->type == XMPP_SE_HOST_UNKNOWN)
        return MOD_MLS_STROPHE_END_HOST_UNKNOWN;
    if (stream_error != NULL && stream_error->type == XMPP_SE_CONFLICT)
        return MOD_MLS_STROPHE_END_REPLACED;
    return connection->is_up ? MOD_MLS_STROPHE_END_LOST : MOD_MLS_STROPHE_END_UNREACHABLE;
}

/* ---- what libstrophe calls -------------------------------------------------------------------- */

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
    mod_mls_strophe_connection_t *connection = arg;

    (void)conn;
    connection->config.stanza(connection->config.arg, stanza);
    return 1; /* keep the handler */
}

static void on_connect(mod_mls_strophe_connection_t *connection)
{
    connection->is_up = true;
    xmpp_handler_add(connection->conn, on_stanza, NULL, NULL, NULL, connection);
    connection->config.connected(connection->config.arg, xmpp_conn_get_bound_jid(connection->conn));
}

static void on_end(mod_mls_strophe_connection_t *connection, const xmpp_stream_error_t *stream_error)
{
    mod_mls_strophe_end_t end = find_end(connection, stream_error);

    connection->is_up = false;
    connection->is_over = true;
    connection->config.disconnected(connection->config.arg, end);
}

static void on_change(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                      xmpp_stream_error_t *stream_error, void *arg)
{
    mod_mls_strophe_connection_t *connection = arg;

    (void)error;
    if (conn != connection->conn || connection->is_over)
        return;
    /* Without a resource of its own the stream is of no use, whatever libstrophe thinks of it. */
    if (event == XMPP_CONN_CONNECT && xmpp_conn_is_secured(conn) && xmpp_conn_get_bound_jid(conn) != NULL)
        on_connect(connection);
    else if (event == XMPP_CONN_CONNECT)
        xmpp_disconnect(conn);
    else
        on_end(connection, stream_error);
}

/* ---- life ------------------------------------------------------------------------------------- */

static bool copy_string(const char **string)
{
    if (*string == NULL)
        return true;
    *string = strdup(*string);
    return *string != NULL;
}

/* Copies the strings, or leaves none that is not a copy. */
static bool copy_config(mod_mls_strophe_connection_config_t *out,
                        const mod_mls_strophe_connection_config_t *in)
{
    *out = *in;
    bool is_copied = copy_string(&out->account);
    is_copied = copy_string(&out->password) && is_copied;
    is_copied = copy_string(&out->server) && is_copied;
    is_copied = copy_string(&out->ca_file) && is_copied;
    return is_copied;
}

static void free_string(const char *string, bool is_secret)
{
    char *owned = (char *)(uintptr_t)string; /* copy_string() made it */

    if (owned != NULL && is_secret)
        for (volatile char *byte = owned; *byte != '\0'; byte++)
            *byte = '\0';
    free(owned);
}

mod_mls_strophe_connection_t *
mod_mls_strophe_connection_new(const mod_mls_strophe_connection_config_t *config)
{
    mod_mls_strophe_connection_t *connection = calloc(1, sizeof *connection);

    if (connection == NULL)
        return NULL;
    xmpp_initialize();
    connection->log = (xmpp_log_t){ .handler = note_complaint, .userdata = connection };
    connection->context = xmpp_ctx_new(NULL, &connection->log);
    if (!copy_config(&connection->config, config) || connection->context == NULL) {
        mod_mls_strophe_connection_free(connection);
        return NULL;
    }
    return connection;
}

static void release(mod_mls_strophe_connection_t *connection)
{
    if (connection->conn != NULL)
        xmpp_conn_release(connection->conn);
    connection->conn = NULL;
    connection->is_up = false;
}

void mod_mls_strophe_connection_free(mod_mls_strophe_connection_t *connection)
{
    if (connection == NULL)
        return;
    connection->is_over = true; /* nobody is told any more */
    release(connection);
    if (connection->context != NULL)
        xmpp_ctx_free(connection->context);
    xmpp_shutdown();
    free_string(connection->config.account, false);
    free_string(connection->config.password, true);
    free_string(connection->config.server, false);
    free_string(connection->config.ca_file, false);
    free(connection);
}

static mls_status_t configure(mod_mls_strophe_connection_t *connection)
{
    connection->conn = xmpp_conn_new(connection->context);
    if (connection->conn == NULL)
        return MLS_ERR_NOMEM;
    if (xmpp_conn_set_flags(connection->conn, XMPP_CONN_FLAG_MANDATORY_TLS | XMPP_CONN_FLAG_DISABLE_SM) !=
        XMPP_EOK)
        return MLS_ERR_STATE;
    xmpp_conn_set_jid(connection->conn, connection->config.account);
    xmpp_conn_set_pass(connection->conn, connection->config.password);
    xmpp_conn_set_sockopt_callback(connection->conn, xmpp_sockopt_cb_keepalive);
    if (connection->config.ca_file != NULL)
        xmpp_conn_set_cafile(connection->conn, connection->config.ca_file);
    return MLS_OK;
}

mls_status_t mod_mls_strophe_connection_open(mod_mls_strophe_connection_t *connection)
{
    uint16_t port = connection->config.port;
    mls_status_t status;

    if (connection->conn != NULL && !connection->is_over)
        return MLS_ERR_STATE;
    release(connection);
    connection->is_wanted = true;
    connection->is_over = false;
    connection->has_tls_complaint = connection->has_no_tls_complaint = connection->has_auth_complaint = false;
    status = configure(connection);
    if (status == MLS_OK && connection->config.server != NULL && port == 0)
        port = DEFAULT_PORT; /* without a server, 0 lets libstrophe look for the domain's SRV records */
    if (status == MLS_OK && xmpp_connect_client(connection->conn, connection->config.server, port, on_change,
                                                connection) != XMPP_EOK)
        status = MLS_ERR_NOT_FOUND;
    if (status != MLS_OK)
        release(connection);
    return status;
}

void mod_mls_strophe_connection_close(mod_mls_strophe_connection_t *connection)
{
    connection->is_wanted = false;
    if (connection->conn != NULL && !connection->is_over)
        xmpp_disconnect(connection->conn);
}

bool mod_mls_strophe_connection_is_up(const mod_mls_strophe_connection_t *connection)
{
    return connection->is_up;
}

void mod_mls_strophe_connection_send(mod_mls_strophe_connection_t *connection, xmpp_stanza_t *stanza)
{
    if (connection->is_up)
        xmpp_send(connection->conn, stanza);
}

void mod_mls_strophe_connection_send_raw(mod_mls_strophe_connection_t *connection, const char *xml,
                                         size_t len)
{
    if (connection->is_up)
        xmpp_send_raw(connection->conn, xml, len);
}

void mod_mls_strophe_connection_run(mod_mls_strophe_connection_t *connection, unsigned timeout_ms)
{
    xmpp_run_once(connection->context, timeout_ms);
    if (connection->is_over)
        release(connection);
}

xmpp_ctx_t *mod_mls_strophe_connection_context(const mod_mls_strophe_connection_t *connection)
{
    return connection->context;
}
