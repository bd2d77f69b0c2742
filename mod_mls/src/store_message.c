/* store_message.c -- messages: on their way out, held for a later epoch, and in a final state. */
#include "store_sql.h"

#define I MOD_MLS_SQL_I

enum { MAX_HELD = 500, MAX_HELD_LEN = 5000000 };

/* ---- own messages on their way ------------------------------------------------------------------- */

mls_status_t mod_mls_store_outgoing(mod_mls_store_t *store, mod_mls_outgoing_rows_t *out, int64_t room,
                                    mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_outgoing_rows_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT id, kind, origin_id, text, created, epoch, message FROM outgoing WHERE room = ?1"
                     " ORDER BY id",
                     "i", I(room));
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_outgoing_row_t *row = &out->items[out->count++];
        row->id = (int64_t)mod_mls_sql_u64(&q, 0);
        row->kind = (mod_mls_outgoing_kind_t)mod_mls_sql_u64(&q, 1);
        row->origin_id = mod_mls_sql_text(&q, 2, arena);
        row->text = mod_mls_sql_text(&q, 3, arena);
        row->created = mod_mls_sql_u64(&q, 4);
        row->epoch = mod_mls_sql_u64(&q, 5);
        row->message = mod_mls_sql_bytes(&q, 6, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_count_outgoing(mod_mls_store_t *store, uint64_t *out, int64_t room)
{
    return mod_mls_sql_number(out, store, "SELECT count(*) FROM outgoing WHERE room = ?1 AND kind = ?2", "ii",
                              I(room), I(MOD_MLS_OUTGOING_TEXT));
}

mls_status_t mod_mls_store_add_outgoing(mod_mls_store_t *store, int64_t room, mod_mls_outgoing_kind_t kind,
                                        const char *origin_id, const char *text, uint64_t created)
{
    return mod_mls_sql_run(store,
                           "INSERT INTO outgoing (room, kind, origin_id, text, created, epoch, message)"
                           " VALUES (?1, ?2, ?3, ?4, ?5, 0, x'')",
                           "iissi", I(room), I(kind), origin_id, text, I(created));
}

mls_status_t mod_mls_store_set_outgoing(mod_mls_store_t *store, int64_t id, uint64_t epoch,
                                        mls_view_t message)
{
    return mod_mls_sql_run(store, "UPDATE outgoing SET epoch = ?2, message = ?3 WHERE id = ?1", "iiv", I(id),
                           I(epoch), message);
}

mls_status_t mod_mls_store_drop_outgoing(mod_mls_store_t *store, int64_t id)
{
    return mod_mls_sql_run(store, "DELETE FROM outgoing WHERE id = ?1", "i", I(id));
}

/* ---- messages of a future epoch ------------------------------------------------------------------ */

mls_status_t mod_mls_store_hold(mod_mls_store_t *store, int64_t room, const mod_mls_held_row_t *row)
{
    uint64_t count, len;
    mls_status_t status;

    if ((status = mod_mls_sql_number(&count, store, "SELECT count(*) FROM held WHERE room = ?1", "i",
                                     I(room))) != MLS_OK ||
        (status = mod_mls_sql_number(&len, store, "SELECT sum(length(message)) FROM held WHERE room = ?1",
                                     "i", I(room))) != MLS_OK)
        return status;
    if (count >= MAX_HELD || len + row->message.len > MAX_HELD_LEN)
        return MLS_ERR_LIMIT;
    return mod_mls_sql_run(
        store,
        "INSERT OR IGNORE INTO held (room, stanza_id, epoch, received_at, is_live, message)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        "isiiiv", I(room), row->stanza_id, I(row->epoch), I(row->received_at), I(row->is_live), row->message);
}

mls_status_t mod_mls_store_take_held(mod_mls_store_t *store, mod_mls_held_rows_t *out, int64_t room,
                                     uint64_t epoch, mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_held_rows_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT id, stanza_id, epoch, received_at, is_live, message FROM held WHERE room = ?1"
                     " AND epoch <= ?2 ORDER BY id",
                     "ii", I(room), I(epoch));
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_held_row_t *row = &out->items[out->count++];
        row->id = (int64_t)mod_mls_sql_u64(&q, 0);
        row->stanza_id = mod_mls_sql_text(&q, 1, arena);
        row->epoch = mod_mls_sql_u64(&q, 2);
        row->received_at = mod_mls_sql_u64(&q, 3);
        row->is_live = mod_mls_sql_u64(&q, 4) != 0;
        row->message = mod_mls_sql_bytes(&q, 5, arena);
    }
    mls_status_t status = mod_mls_sql_close(&q);
    if (status != MLS_OK)
        return status;
    return mod_mls_sql_run(store, "DELETE FROM held WHERE room = ?1 AND epoch <= ?2", "ii", I(room),
                           I(epoch));
}

/* ---- messages in a final state ------------------------------------------------------------------- */

#define MESSAGE_COLUMNS                                                                                      \
    "id, room, account, device_key, origin_id, stanza_id, epoch, text, sent_at, received_at, flags, reason"

static void read_message(mod_mls_message_row_t *row, mod_mls_sql_t *q, mls_arena_t *arena)
{
    row->id = (int64_t)mod_mls_sql_u64(q, 0);
    row->room = (int64_t)mod_mls_sql_u64(q, 1);
    row->account = mod_mls_sql_text(q, 2, arena);
    mod_mls_sql_fixed(q, 3, row->device_key, sizeof row->device_key);
    row->origin_id = mod_mls_sql_text(q, 4, arena);
    row->stanza_id = mod_mls_sql_text(q, 5, arena);
    row->epoch = mod_mls_sql_u64(q, 6);
    row->text = mod_mls_sql_text(q, 7, arena);
    row->sent_at = mod_mls_sql_u64(q, 8);
    row->received_at = mod_mls_sql_u64(q, 9);
    row->flags = (unsigned)mod_mls_sql_u64(q, 10);
    row->reason = (unsigned)mod_mls_sql_u64(q, 11);
}

static mls_status_t read_one_message(mod_mls_message_row_t *out, mod_mls_sql_t *q, mls_arena_t *arena)
{
    bool found = mod_mls_sql_next(q);

    *out = (mod_mls_message_row_t){ 0 };
    if (found)
        read_message(out, q, arena);
    mls_status_t status = mod_mls_sql_close(q);
    return status == MLS_OK && !found ? MLS_ERR_NOT_FOUND : status;
}

mls_status_t mod_mls_store_add_message(mod_mls_store_t *store, mod_mls_message_row_t *row)
{
    mls_status_t status = mod_mls_sql_run(
        store,
        "INSERT OR IGNORE INTO message (room, account, device_key, origin_id, stanza_id, epoch, text, "
        "sent_at,"
        " received_at, flags, reason, is_shown) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0)",
        "isvssisiiii", I(row->room), row->account, mls_view(row->device_key, sizeof row->device_key),
        row->origin_id, row->stanza_id, I(row->epoch), row->text, I(row->sent_at), I(row->received_at),
        I(row->flags), I(row->reason));
    if (status != MLS_OK)
        return status;
    if (sqlite3_changes(store->db) == 0)
        return MLS_ERR_STATE;
    row->id = sqlite3_last_insert_rowid(store->db);
    return MLS_OK;
}

mls_status_t mod_mls_store_message(mod_mls_store_t *store, mod_mls_message_row_t *out, int64_t room,
                                   const char *stanza_id, mls_arena_t *arena)
{
    mod_mls_sql_t q;

    mod_mls_sql_open(&q, store,
                     "SELECT " MESSAGE_COLUMNS " FROM message WHERE room = ?1 AND stanza_id = ?2 LIMIT 1",
                     "is", I(room), stanza_id);
    return read_one_message(out, &q, arena);
}

mls_status_t mod_mls_store_message_archived(mod_mls_store_t *store, mod_mls_message_row_t *out, int64_t room,
                                            const char *origin_id, const char *stanza_id, uint64_t epoch,
                                            mls_arena_t *arena)
{
    mod_mls_sql_t q;
    mls_status_t status =
        mod_mls_sql_run(store,
                        "UPDATE message SET stanza_id = ?3, epoch = ?4, flags = flags & ~2 WHERE room = ?1"
                        " AND origin_id = ?2 AND flags & 1",
                        "issi", I(room), origin_id, stanza_id, I(epoch));
    if (status != MLS_OK)
        return status;
    mod_mls_sql_open(
        &q, store, "SELECT " MESSAGE_COLUMNS " FROM message WHERE room = ?1 AND origin_id = ?2 AND flags & 1",
        "is", I(room), origin_id);
    return read_one_message(out, &q, arena);
}

mls_status_t mod_mls_store_is_own_origin_id(mod_mls_store_t *store, bool *out, int64_t room,
                                            const char *origin_id)
{
    uint64_t count;
    mls_status_t status = mod_mls_sql_number(
        &count, store, "SELECT count(*) FROM message WHERE room = ?1 AND origin_id = ?2 AND flags & 1", "is",
        I(room), origin_id);
    *out = count > 0;
    return status;
}

mls_status_t mod_mls_store_unshown(mod_mls_store_t *store, mod_mls_message_rows_t *out, mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_message_rows_t){ 0 };
    mod_mls_sql_open(&q, store, "SELECT " MESSAGE_COLUMNS " FROM message WHERE is_shown = 0 ORDER BY id", "");
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        read_message(&out->items[out->count++], &q, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_shown(mod_mls_store_t *store, int64_t id, bool keep_text)
{
    return mod_mls_sql_run(
        store,
        "UPDATE message SET is_shown = 1, text = CASE WHEN ?2 OR flags & 1 THEN text ELSE ''"
        " END WHERE id = ?1",
        "ii", I(id), I(keep_text));
}

mls_status_t mod_mls_store_drop_messages(mod_mls_store_t *store, int64_t room)
{
    return mod_mls_sql_run(store, "DELETE FROM message WHERE room = ?1", "i", I(room));
}

mls_status_t mod_mls_store_wipe_text(mod_mls_store_t *store, int64_t id)
{
    return mod_mls_sql_run(store, "UPDATE message SET text = '' WHERE id = ?1", "i", I(id));
}

mls_status_t mod_mls_store_hear(mod_mls_store_t *store, bool *is_new, int64_t room, mls_view_t device_key)
{
    mls_status_t status =
        mod_mls_sql_run(store, "INSERT OR IGNORE INTO heard VALUES (?1, ?2)", "iv", I(room), device_key);
    *is_new = status == MLS_OK && sqlite3_changes(store->db) > 0;
    return status;
}

mls_status_t mod_mls_store_unhear(mod_mls_store_t *store, int64_t room, mls_view_t device_key)
{
    return mod_mls_sql_run(store, "DELETE FROM heard WHERE room = ?1 AND device_key = ?2", "iv", I(room),
                           device_key);
}

mls_status_t mod_mls_store_was_heard(mod_mls_store_t *store, bool *out, int64_t room, mls_view_t device_key)
{
    uint64_t count;
    mls_status_t status =
        mod_mls_sql_number(&count, store, "SELECT count(*) FROM heard WHERE room = ?1 AND device_key = ?2",
                           "iv", I(room), device_key);
    *out = count > 0;
    return status;
}
