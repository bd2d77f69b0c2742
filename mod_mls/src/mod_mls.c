/* mod_mls.c -- life of a mod_mls_t, stanzas in and text out. */
#include "core.h"
#include "dispatch.h"
#include "iq.h"
#include "jid.h"
#include "message.h"
#include "outbox.h"
#include "room.h"
#include "session.h"

#include <stdlib.h>

enum { MAX_LABEL = 64, MAX_OUTGOING = 1000 };

mod_mls_settings_t mod_mls_settings_default(void)
{
    return (mod_mls_settings_t){
        .settle_ms = 10000,
        .second_look_ms = 5000,
        .read_jitter_ms = 2000,
        .backoff_unit_ms = 2000,
        .join_commit_delay_ms = UINT64_C(24) * 3600 * 1000,
        .update_ms = UINT64_C(30) * 24 * 3600 * 1000,
        .iq_timeout_ms = 120000,
        .retry_ms = 60000,
        .path_limit = 400,
        .path_blank = 64,
        .num_key_packages = 10,
    };
}

/* ---- open ---------------------------------------------------------------------------------------- */

static bool random_of_host(void *arg, uint8_t *out, size_t len)
{
    const mod_mls_t *mls = arg;
    return mls->host.random(mls->host.arg, out, len);
}

static void log_of_mls(void *arg, mls_status_t status, const char *rule, const char *section,
                       const char *text)
{
    mod_mls_log(arg, MOD_MLS_LOG_INFO, "%s: %s (%s, RFC 9420, Section %s)", mls_status_text(status), text,
                rule, section);
}

/* A new database gets a new device. */
static mls_status_t make_account(mod_mls_t *mls, const char *label)
{
    mod_mls_account_row_t row = { .jid = mls->account,
                                  .label = label == NULL ? "" : label,
                                  .created = mls->host.now(mls->host.arg),
                                  .archive_id = "",
                                  .index_is_stale = true };
    mls_status_t status;

    if (strlen(row.label) > MAX_LABEL || !mod_mls_utf8_is_valid(mls_view_text(row.label)))
        return MLS_ERR_ARGUMENT;
    if ((status = mod_mls_device_key_new(&row.key, mls->crypto)) == MLS_OK)
        status = mod_mls_store_put_account(mls->store, &row);
    mls_wipe(&row.key, sizeof row.key);
    return status;
}

static mls_status_t load_or_make(mod_mls_t *mls, const char *label)
{
    mls_status_t status = mod_mls_load(mls);

    if (status == MLS_ERR_NOT_FOUND && (status = make_account(mls, label)) == MLS_OK)
        status = mod_mls_load(mls);
    if (status == MLS_OK && strcmp(mls->self.jid, mls->account) != 0)
        status = MLS_ERR_STORE; /* another account's database */
    return status == MLS_ERR_NOT_FOUND ? MLS_ERR_STORE : status;
}

static mls_status_t copy_config(mod_mls_t *mls, const mod_mls_config_t *config)
{
    const mls_view_t local = mod_mls_jid_local(config->account);
    mls_status_t status;

    mls->host = config->host;
    mls->settings = config->settings;
    if (mls->settings.num_key_packages < 1)
        mls->settings.num_key_packages = 1;
    if (mls->settings.num_key_packages > 20)
        mls->settings.num_key_packages = 20;
    if ((status = mod_mls_set_string(&mls->account, config->account)) != MLS_OK ||
        (status = mod_mls_set_string(&mls->path, config->path)) != MLS_OK)
        return status;
    if (config->nick != NULL)
        return mod_mls_set_string(&mls->nick, config->nick);
    mls->nick = mod_mls_strndup(local.len > 0 ? local : mls_view_text(config->account));
    return mls->nick == NULL ? MLS_ERR_NOMEM : MLS_OK;
}

/* Messages of which it is not sure that the host has got them. */
static mls_status_t show_again(mod_mls_t *mls)
{
    mls_arena_t arena = { 0 };
    mod_mls_message_rows_t rows;
    mls_status_t status = mod_mls_store_unshown(mls->store, &rows, &arena);

    for (size_t i = 0; status == MLS_OK && i < rows.count; i++)
        status = mod_mls_message_show(mls, &rows.items[i], false);
    mls_arena_clear(&arena);
    return status;
}

static mod_mls_error_t error_of_open(mls_status_t status)
{
    switch (status) {
    case MLS_OK:
        return MOD_MLS_OK;
    case MLS_ERR_STATE:
        return MOD_MLS_ERROR_LOCKED;
    case MLS_ERR_ARGUMENT:
        return MOD_MLS_ERROR_BAD_JID;
    case MLS_ERR_STORE:
        return MOD_MLS_ERROR_STORE;
    default:
        return MOD_MLS_ERROR_INTERNAL;
    }
}

static mls_status_t open_all(mod_mls_t *mls, const mod_mls_config_t *config)
{
    mls_crypto_config_t crypto = { .workers = config->host.workers, .arg = mls, .log = log_of_mls };
    mls_status_t status;

    if (config->host.random != NULL)
        crypto.random = random_of_host;
    if ((status = copy_config(mls, config)) != MLS_OK ||
        (status = mls_crypto_new(&mls->crypto, &crypto)) != MLS_OK ||
        (status = mod_mls_store_open(&mls->store, config->path)) != MLS_OK)
        return status;
    mls->mls_store = mod_mls_store_for_mls(mls->store);
    return load_or_make(mls, config->device_label);
}

mls_status_t mod_mls_open(mod_mls_t **out, mod_mls_error_t *error, const mod_mls_config_t *config)
{
    const mod_mls_host_t *host = &config->host;
    mls_status_t status = MLS_ERR_ARGUMENT;
    mod_mls_t *mls = calloc(1, sizeof *mls);

    *out = NULL;
    if (mls == NULL)
        status = MLS_ERR_NOMEM;
    else if (config->account != NULL && mod_mls_jid_is_bare(mls_view_text(config->account)) &&
             config->path != NULL && host->send != NULL && host->join_room != NULL &&
             host->leave_room != NULL && host->wake_at != NULL && host->now != NULL && host->event != NULL)
        status = open_all(mls, config);
    if (error != NULL)
        *error = error_of_open(status);
    if (status == MLS_OK) {
        *out = mls;
        return MLS_OK;
    }
    mod_mls_close(mls);
    return status;
}

void mod_mls_close(mod_mls_t *mls)
{
    if (mls == NULL)
        return;
    mod_mls_drop_effects(mls);
    mod_mls_iq_drop_all(mls);
    mod_mls_rooms_free(mls);
    mls_arena_clear(&mls->self_arena);
    mls_arena_clear(&mls->result_arena);
    mls_wipe(&mls->self, sizeof mls->self);
    mod_mls_store_close(mls->store);
    mls_crypto_free(mls->crypto);
    free(mls->account);
    free(mls->path);
    free(mls->nick);
    free(mls);
}

/* ---- the connection ------------------------------------------------------------------------------- */

mls_status_t mod_mls_connected(mod_mls_t *mls, const char *full_jid)
{
    mls_status_t status = mod_mls_enter(mls);

    if (status != MLS_OK)
        return status;
    if (!mod_mls_view_is(mod_mls_jid_bare(full_jid), mls->account))
        return mod_mls_leave(mls, MLS_ERR_ARGUMENT);
    mod_mls_reset_session(mls);
    mls->is_connected = true;
    return mod_mls_leave(mls, show_again(mls));
}

void mod_mls_disconnected(mod_mls_t *mls)
{
    mls->is_connected = false;
    mod_mls_reset_session(mls);
}

void mod_mls_wake(mod_mls_t *mls)
{
    if (mod_mls_enter(mls) != MLS_OK)
        return;
    mls_status_t status = mod_mls_leave(mls, mls->is_connected ? mod_mls_iq_expire(mls) : MLS_OK);
    (void)status; /* told by an event */
}

/* ---- stanzas in ---------------------------------------------------------------------------------- */

mod_mls_answer_t mod_mls_stanza_in(mod_mls_t *mls, const mod_mls_message_t **message, const char *stanza,
                                   size_t len)
{
    mod_mls_answer_t answer = MOD_MLS_PASS;

    if (message != NULL)
        *message = NULL;
    if (mod_mls_enter(mls) != MLS_OK)
        return MOD_MLS_PASS;
    if (mod_mls_leave(mls, mod_mls_dispatch(mls, &answer, stanza, len)) != MLS_OK)
        return MOD_MLS_CONSUME;
    if (mls->replacement == NULL || message == NULL)
        return answer;
    *message = mls->replacement;
    return MOD_MLS_REPLACE;
}

/* ---- text out ------------------------------------------------------------------------------------ */

static mod_mls_error_t why_not_sendable(mod_mls_t *mls, const mod_mls_room_t *room, const char *text)
{
    uint64_t num_outgoing;

    if (mod_mls_room_fault(room) != MOD_MLS_OK)
        return mod_mls_room_fault(room);
    if (strlen(text) > MOD_MLS_MAX_TEXT)
        return MOD_MLS_ERROR_TOO_LONG;
    if (!mod_mls_utf8_is_valid(mls_view_text(text)))
        return MOD_MLS_ERROR_INTERNAL;
    if (room->unsafe != MOD_MLS_OK)
        return room->unsafe;
    if (mod_mls_store_count_outgoing(mls->store, &num_outgoing, room->id) != MLS_OK ||
        num_outgoing >= MAX_OUTGOING)
        return MOD_MLS_ERROR_BUSY;
    return MOD_MLS_OK;
}

/* Whether a valid device item of the account was ever seen. */
static bool has_devices(mod_mls_t *mls, const char *account)
{
    mls_arena_t arena = { 0 };
    mod_mls_peer_rows_t peers;
    bool has = mod_mls_store_peers(mls->store, &peers, account, &arena) != MLS_OK || peers.count > 0;

    mls_arena_clear(&arena);
    return has;
}

mod_mls_sending_t mod_mls_text_out(mod_mls_t *mls, mod_mls_error_t *error, const char *to, const char *text)
{
    mod_mls_error_t ignored, *why = error == NULL ? &ignored : error;

    *why = MOD_MLS_ERROR_STORE;
    if (mod_mls_enter(mls) != MLS_OK)
        return MOD_MLS_REFUSED;
    mod_mls_room_t *room = mod_mls_room_find(mls, to);
    if (room == NULL)
        *why = has_devices(mls, to) ? MOD_MLS_ERROR_WOULD_BE_CLEAR_TEXT : MOD_MLS_OK;
    else
        *why = why_not_sendable(mls, room, text);
    mls_status_t status = room != NULL && *why == MOD_MLS_OK ? mod_mls_outbox_add(mls, room, text) : MLS_OK;
    if (mod_mls_leave(mls, status) != MLS_OK)
        *why = MOD_MLS_ERROR_STORE;
    if (*why != MOD_MLS_OK)
        return MOD_MLS_REFUSED;
    return room == NULL ? MOD_MLS_NOT_MINE : MOD_MLS_SENT;
}
