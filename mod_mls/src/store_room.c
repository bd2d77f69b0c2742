/* store_room.c -- rooms, their epochs, what the user wants there, and own Commits on their way. */
#include "store_sql.h"

#define I MOD_MLS_SQL_I

static void read_room(mod_mls_room_row_t *row, mod_mls_sql_t *q, mls_arena_t *arena)
{
    row->id = (int64_t)mod_mls_sql_u64(q, 0);
    row->jid = mod_mls_sql_text(q, 1, arena);
    row->state = (int)mod_mls_sql_u64(q, 2);
    row->group_id = mod_mls_sql_bytes(q, 3, arena);
    row->cipher_suite = (uint16_t)mod_mls_sql_u64(q, 4);
    row->name = mod_mls_sql_text(q, 5, arena);
    row->anchor = mod_mls_sql_text(q, 6, arena);
    row->update_due = mod_mls_sql_u64(q, 7);
    row->options = mod_mls_sql_bytes(q, 8, arena);
    row->welcome = mod_mls_sql_bytes(q, 9, arena);
    row->inviter_key = mod_mls_sql_bytes(q, 10, arena);
    row->inviter = mod_mls_sql_text(q, 11, arena);
    row->from = mod_mls_sql_text(q, 12, arena);
    row->received_at = mod_mls_sql_u64(q, 13);
}

mls_status_t mod_mls_store_rooms(mod_mls_store_t *store, mod_mls_room_rows_t *out, mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_room_rows_t){ 0 };
    mod_mls_sql_open(
        &q, store,
        "SELECT id, jid, state, group_id, cipher_suite, name, anchor, update_due, options, welcome,"
        " inviter_key, inviter, sender, received_at FROM room ORDER BY jid",
        "");
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        read_room(&out->items[out->count++], &q, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_put_room(mod_mls_store_t *store, mod_mls_room_row_t *row)
{
    mls_status_t status = MLS_OK;

    if (row->id == 0) {
        static const char sql[] =
            "INSERT INTO room VALUES (NULL, ?1, 0, x'', 0, '', '', 0, x'', x'', x'', '',"
            " '', 0)";
        if ((status = mod_mls_sql_run(store, sql, "s", row->jid)) != MLS_OK)
            return status;
        row->id = sqlite3_last_insert_rowid(store->db);
    }
    return mod_mls_sql_run(
        store,
        "UPDATE room SET state = ?2, group_id = ?3, cipher_suite = ?4, name = ?5, anchor = ?6,"
        " update_due = ?7, options = ?8, welcome = ?9, inviter_key = ?10, inviter = ?11,"
        " sender = ?12, received_at = ?13 WHERE id = ?1",
        "iivissivvvssi", I(row->id), I(row->state), row->group_id, I(row->cipher_suite), row->name,
        row->anchor, I(row->update_due), row->options, row->welcome, row->inviter_key, row->inviter,
        row->from, I(row->received_at));
}

mls_status_t mod_mls_store_clear_room(mod_mls_store_t *store, int64_t room, bool entirely)
{
    static const char *const tables[] = { "epoch",    "intent", "own_commit", "welcome",
                                          "outgoing", "held",   "heard" };
    mls_status_t status = MLS_OK;

    if (entirely)
        return mod_mls_sql_run(store, "DELETE FROM room WHERE id = ?1", "i", I(room));
    for (size_t i = 0; i < sizeof tables / sizeof tables[0] && status == MLS_OK; i++) {
        char *sql = sqlite3_mprintf("DELETE FROM %s WHERE room = ?1", tables[i]);
        status = sql == NULL ? MLS_ERR_NOMEM : mod_mls_sql_run(store, sql, "i", I(room));
        sqlite3_free(sql);
    }
    return status;
}

/* ---- epochs -------------------------------------------------------------------------------------- */

mls_status_t mod_mls_store_epochs(mod_mls_store_t *store, mod_mls_epoch_rows_t *out, int64_t room,
                                  mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_epoch_rows_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT epoch, commit_hash, stanza_id, applied_at, is_settled, voids, removed FROM epoch"
                     " WHERE room = ?1 ORDER BY epoch",
                     "i", I(room));
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_epoch_row_t *row = &out->items[out->count++];
        row->epoch = mod_mls_sql_u64(&q, 0);
        mod_mls_sql_fixed(&q, 1, row->commit_hash, sizeof row->commit_hash);
        row->stanza_id = mod_mls_sql_text(&q, 2, arena);
        row->applied_at = mod_mls_sql_u64(&q, 3);
        row->is_settled = mod_mls_sql_u64(&q, 4) != 0;
        row->voids = mod_mls_sql_bytes(&q, 5, arena);
        row->removed = mod_mls_sql_bytes(&q, 6, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_put_epoch(mod_mls_store_t *store, int64_t room, const mod_mls_epoch_row_t *row)
{
    return mod_mls_sql_run(store, "INSERT OR REPLACE INTO epoch VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                           "iivsiivv", I(room), I(row->epoch),
                           mls_view(row->commit_hash, sizeof row->commit_hash), row->stanza_id,
                           I(row->applied_at), I(row->is_settled), row->voids, row->removed);
}

mls_status_t mod_mls_store_move_epoch(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                      const char *stanza_id)
{
    return mod_mls_sql_run(store, "UPDATE epoch SET stanza_id = ?3 WHERE room = ?1 AND epoch = ?2", "iis",
                           I(room), I(epoch), stanza_id);
}

/* Epochs kept for the anchors that late messages name. The first one is kept too: what is older was sent
 * before this device joined. */
enum { KEPT_EPOCHS = 16 };

mls_status_t mod_mls_store_settle(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                  uint64_t keep_text_since)
{
    mls_status_t status;

    if ((status = mod_mls_sql_run(store,
                                  "UPDATE epoch SET is_settled = 1, voids = x'', removed = x''"
                                  " WHERE room = ?1 AND epoch <= ?2",
                                  "ii", I(room), I(epoch))) != MLS_OK ||
        (status = mod_mls_sql_run(store,
                                  "DELETE FROM epoch WHERE room = ?1 AND epoch + ?3 < ?2"
                                  " AND epoch > (SELECT min(epoch) FROM epoch WHERE room = ?1)",
                                  "iii", I(room), I(epoch), I(KEPT_EPOCHS))) != MLS_OK ||
        (status = mod_mls_sql_run(store, "DELETE FROM intent WHERE room = ?1 AND done_epoch <= ?2", "ii",
                                  I(room), I(epoch))) != MLS_OK ||
        (status = mod_mls_sql_run(store, "DELETE FROM own_commit WHERE room = ?1 AND epoch < ?2", "ii",
                                  I(room), I(epoch))) != MLS_OK ||
        (status =
             mod_mls_sql_run(store, "DELETE FROM welcome WHERE room = ?1 AND epoch < ?2 AND is_released = 0",
                             "ii", I(room), I(epoch))) != MLS_OK)
        return status;
    return mod_mls_sql_run(store,
                           "UPDATE message SET text = '' WHERE room = ?1 AND epoch <= ?2 AND is_shown = 1"
                           " AND received_at < ?3",
                           "iii", I(room), I(epoch), I(keep_text_since));
}

mls_status_t mod_mls_store_go_back(mod_mls_store_t *store, int64_t room, uint64_t epoch)
{
    mls_status_t status;

    if ((status = mod_mls_sql_run(store, "DELETE FROM epoch WHERE room = ?1 AND epoch > ?2", "ii", I(room),
                                  I(epoch))) != MLS_OK ||
        (status =
             mod_mls_sql_run(store, "UPDATE intent SET done_epoch = NULL WHERE room = ?1 AND done_epoch > ?2",
                             "ii", I(room), I(epoch))) != MLS_OK ||
        (status = mod_mls_sql_run(store, "DELETE FROM own_commit WHERE room = ?1 AND epoch > ?2", "ii",
                                  I(room), I(epoch))) != MLS_OK ||
        (status = mod_mls_sql_run(store, "DELETE FROM welcome WHERE room = ?1 AND epoch > ?2", "ii", I(room),
                                  I(epoch))) != MLS_OK ||
        (status = mod_mls_sql_run(store, "UPDATE welcome SET is_released = 0 WHERE room = ?1 AND epoch = ?2",
                                  "ii", I(room), I(epoch))) != MLS_OK)
        return status;
    /* Own messages of the lost epochs are encrypted anew, under the origin-ids they had. */
    if ((status = mod_mls_sql_run(store, "UPDATE outgoing SET message = x'' WHERE room = ?1 AND epoch > ?2",
                                  "ii", I(room), I(epoch))) != MLS_OK)
        return status;
    return mod_mls_sql_run(store,
                           "INSERT INTO outgoing (room, kind, origin_id, text, created, epoch, message)"
                           " SELECT room, ?3, origin_id, text, sent_at, 0, x'' FROM message AS m"
                           " WHERE room = ?1 AND epoch > ?2 AND flags & 1 AND text <> ''"
                           " AND NOT EXISTS (SELECT 1 FROM outgoing AS o WHERE o.room = m.room AND"
                           " o.origin_id = m.origin_id) ORDER BY id",
                           "iii", I(room), I(epoch), I(MOD_MLS_OUTGOING_TEXT));
}

/* ---- what the user wants, and own Commits -------------------------------------------------------- */

mls_status_t mod_mls_store_intents(mod_mls_store_t *store, mod_mls_intent_rows_t *out, int64_t room,
                                   mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_intent_rows_t){ 0 };
    mod_mls_sql_open(
        &q, store, "SELECT id, kind, account FROM intent WHERE room = ?1 AND done_epoch IS NULL ORDER BY id",
        "i", I(room));
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_intent_row_t *row = &out->items[out->count++];
        row->id = (int64_t)mod_mls_sql_u64(&q, 0);
        row->kind = (mod_mls_intent_kind_t)mod_mls_sql_u64(&q, 1);
        row->account = mod_mls_sql_text(&q, 2, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_add_intent(mod_mls_store_t *store, int64_t room, mod_mls_intent_kind_t kind,
                                      const char *account)
{
    return mod_mls_sql_run(store,
                           "INSERT INTO intent (room, kind, account) SELECT ?1, ?2, ?3 WHERE NOT EXISTS"
                           " (SELECT 1 FROM intent WHERE room = ?1 AND kind = ?2 AND account = ?3"
                           " AND done_epoch IS NULL)",
                           "iis", I(room), I(kind), account);
}

mls_status_t mod_mls_store_intent_done(mod_mls_store_t *store, int64_t id, uint64_t epoch)
{
    return mod_mls_sql_run(store, "UPDATE intent SET done_epoch = ?2 WHERE id = ?1", "ii", I(id), I(epoch));
}

mls_status_t mod_mls_store_drop_intent(mod_mls_store_t *store, int64_t id)
{
    return mod_mls_sql_run(store, "DELETE FROM intent WHERE id = ?1", "i", I(id));
}

mls_status_t mod_mls_store_put_own_commit(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                          mls_view_t hash, bool holds_back)
{
    return mod_mls_sql_run(store,
                           "INSERT INTO own_commit (room, epoch, hash, holds_back) VALUES (?1, ?2, ?3, ?4)",
                           "iivi", I(room), I(epoch), hash, I(holds_back));
}

mls_status_t mod_mls_store_own_commit_holds_back(mod_mls_store_t *store, bool *out, int64_t room,
                                                 uint64_t epoch)
{
    uint64_t count;
    mls_status_t status = mod_mls_sql_number(&count, store,
                                             "SELECT count(*) FROM own_commit WHERE room = ?1 AND epoch = ?2"
                                             " AND holds_back",
                                             "ii", I(room), I(epoch));
    *out = count > 0;
    return status;
}

/* ---- Welcomes ------------------------------------------------------------------------------------ */

mls_status_t mod_mls_store_add_welcome(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                       mls_view_t commit_hash, const char *account, mls_view_t message)
{
    return mod_mls_sql_run(
        store,
        "INSERT INTO welcome (room, epoch, commit_hash, account, message, after, is_released)"
        " VALUES (?1, ?2, ?3, ?4, ?5, '', 0)",
        "iivsv", I(room), I(epoch), commit_hash, account, message);
}

mls_status_t mod_mls_store_release_welcomes(mod_mls_store_t *store, int64_t room, mls_view_t commit_hash,
                                            const char *after)
{
    return mod_mls_sql_run(
        store, "UPDATE welcome SET is_released = 1, after = ?3 WHERE room = ?1 AND commit_hash = ?2", "ivs",
        I(room), commit_hash, after);
}

mls_status_t mod_mls_store_welcomes(mod_mls_store_t *store, mod_mls_welcome_rows_t *out, mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_welcome_rows_t){ 0 };
    mod_mls_sql_open(
        &q, store, "SELECT id, room, account, after, message FROM welcome WHERE is_released = 1 ORDER BY id",
        "");
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_welcome_row_t *row = &out->items[out->count++];
        row->id = (int64_t)mod_mls_sql_u64(&q, 0);
        row->room = (int64_t)mod_mls_sql_u64(&q, 1);
        row->account = mod_mls_sql_text(&q, 2, arena);
        row->after = mod_mls_sql_text(&q, 3, arena);
        row->message = mod_mls_sql_bytes(&q, 4, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_drop_welcome(mod_mls_store_t *store, int64_t id)
{
    return mod_mls_sql_run(store, "DELETE FROM welcome WHERE id = ?1", "i", I(id));
}
