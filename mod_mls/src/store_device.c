/* store_device.c -- this account, its key packages, and the devices of all accounts. */
#include "store_sql.h"

#define I MOD_MLS_SQL_I

mls_status_t mod_mls_store_account(mod_mls_store_t *store, mod_mls_account_row_t *out, mls_arena_t *arena)
{
    mod_mls_sql_t q;
    bool found;

    *out = (mod_mls_account_row_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT jid, label, device_seed, device_key, created, serial, index_serial,"
                     " index_is_stale, archive_id FROM account",
                     "");
    if ((found = mod_mls_sql_next(&q))) {
        out->jid = mod_mls_sql_text(&q, 0, arena);
        out->label = mod_mls_sql_text(&q, 1, arena);
        mod_mls_sql_fixed(&q, 2, out->key.seed, sizeof out->key.seed);
        mod_mls_sql_fixed(&q, 3, out->key.public_key, sizeof out->key.public_key);
        out->created = mod_mls_sql_u64(&q, 4);
        out->serial = mod_mls_sql_u64(&q, 5);
        out->index_serial = mod_mls_sql_u64(&q, 6);
        out->index_is_stale = mod_mls_sql_u64(&q, 7) != 0;
        out->archive_id = mod_mls_sql_text(&q, 8, arena);
    }
    mls_status_t status = mod_mls_sql_close(&q);
    return status == MLS_OK && !found ? MLS_ERR_NOT_FOUND : status;
}

mls_status_t mod_mls_store_put_account(mod_mls_store_t *store, const mod_mls_account_row_t *row)
{
    return mod_mls_sql_run(store,
                           "INSERT OR REPLACE INTO account VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                           "ssvviiiis", row->jid, row->label, mls_view(row->key.seed, sizeof row->key.seed),
                           mls_view(row->key.public_key, sizeof row->key.public_key), I(row->created),
                           I(row->serial), I(row->index_serial), I(row->index_is_stale), row->archive_id);
}

/* ---- key packages -------------------------------------------------------------------------------- */

mls_status_t mod_mls_store_add_key_package(mod_mls_store_t *store, const mod_mls_key_package_row_t *row)
{
    return mod_mls_sql_run(store,
                           "INSERT INTO key_package (ref, cipher_suite, is_last_resort, not_after, message,"
                           " saved, state, delete_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                           "viiivvii", row->ref, I(row->cipher_suite), I(row->is_last_resort),
                           I(row->not_after), row->message, row->saved, I(row->state), I(row->delete_at));
}

mls_status_t mod_mls_store_set_key_package(mod_mls_store_t *store, mls_view_t ref,
                                           mod_mls_key_package_state_t state, uint64_t delete_at)
{
    return mod_mls_sql_run(store, "UPDATE key_package SET state = ?2, delete_at = ?3 WHERE ref = ?1", "vii",
                           ref, I(state), I(delete_at));
}

mls_status_t mod_mls_store_refresh_key_packages(mod_mls_store_t *store)
{
    return mod_mls_sql_run(store, "UPDATE key_package SET state = ?1 WHERE state = ?2", "ii",
                           I(MOD_MLS_KEY_PACKAGE_FRESH), I(MOD_MLS_KEY_PACKAGE_PUBLISHED));
}

mls_status_t mod_mls_store_expire_key_packages(mod_mls_store_t *store, uint64_t now_ms)
{
    return mod_mls_sql_run(
        store, "DELETE FROM key_package WHERE (state = ?1 AND delete_at <= ?2) OR not_after <= ?3", "iii",
        I(MOD_MLS_KEY_PACKAGE_RETIRED), I(now_ms), I(now_ms / 1000));
}

static void read_key_package(mod_mls_key_package_row_t *row, mod_mls_sql_t *q, mls_arena_t *arena)
{
    row->ref = mod_mls_sql_bytes(q, 0, arena);
    row->cipher_suite = (uint16_t)mod_mls_sql_u64(q, 1);
    row->is_last_resort = mod_mls_sql_u64(q, 2) != 0;
    row->not_after = mod_mls_sql_u64(q, 3);
    row->message = mod_mls_sql_bytes(q, 4, arena);
    row->state = (mod_mls_key_package_state_t)mod_mls_sql_u64(q, 5);
    row->delete_at = mod_mls_sql_u64(q, 6);
}

mls_status_t mod_mls_store_key_packages(mod_mls_store_t *store, mod_mls_key_package_rows_t *out,
                                        mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_key_package_rows_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT ref, cipher_suite, is_last_resort, not_after, message, state, delete_at"
                     " FROM key_package ORDER BY id",
                     "");
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        read_key_package(&out->items[out->count++], &q, arena);
    }
    return mod_mls_sql_close(&q);
}

mls_status_t mod_mls_store_key_package(mod_mls_store_t *store, mod_mls_key_package_row_t *out, mls_view_t ref,
                                       mls_arena_t *arena)
{
    mod_mls_sql_t q;
    bool found;

    *out = (mod_mls_key_package_row_t){ 0 };
    mod_mls_sql_open(&q, store,
                     "SELECT ref, cipher_suite, is_last_resort, not_after, message, state, delete_at, saved"
                     " FROM key_package WHERE ref = ?1",
                     "v", ref);
    if ((found = mod_mls_sql_next(&q))) {
        read_key_package(out, &q, arena);
        out->saved = mod_mls_sql_bytes(&q, 7, arena);
    }
    mls_status_t status = mod_mls_sql_close(&q);
    return status == MLS_OK && !found ? MLS_ERR_NOT_FOUND : status;
}

/* ---- devices of all accounts --------------------------------------------------------------------- */

mls_status_t mod_mls_store_put_peer(mod_mls_store_t *store, const mod_mls_peer_row_t *row)
{
    return mod_mls_sql_run(store, "INSERT OR REPLACE INTO peer VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                           "svsiiii", row->account, mls_view(row->device_key, sizeof row->device_key),
                           row->label, I(row->created), I(row->updated), I(row->index_serial),
                           I(row->is_verified));
}

mls_status_t mod_mls_store_peers(mod_mls_store_t *store, mod_mls_peer_rows_t *out, const char *account,
                                 mls_arena_t *arena)
{
    mod_mls_sql_t q;

    *out = (mod_mls_peer_rows_t){ 0 };
    mod_mls_sql_open(
        &q, store,
        "SELECT account, device_key, label, created, updated, index_serial, is_verified FROM peer"
        " WHERE account = ?1 ORDER BY device_key",
        "s", account);
    while (mod_mls_sql_next(&q)) {
        if (!MOD_MLS_SQL_GROW(&q, out, arena))
            break;
        mod_mls_peer_row_t *row = &out->items[out->count++];
        row->account = mod_mls_sql_text(&q, 0, arena);
        mod_mls_sql_fixed(&q, 1, row->device_key, sizeof row->device_key);
        row->label = mod_mls_sql_text(&q, 2, arena);
        row->created = mod_mls_sql_u64(&q, 3);
        row->updated = mod_mls_sql_u64(&q, 4);
        row->index_serial = mod_mls_sql_u64(&q, 5);
        row->is_verified = mod_mls_sql_u64(&q, 6) != 0;
    }
    return mod_mls_sql_close(&q);
}
