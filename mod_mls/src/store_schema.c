#include "store_sql.h"

/* One entry per version of the tables: what leads from the version before to it. Never changed once released;
 * tests open databases of every version. */
static const char *const migrations[] = {
    /* 1 */
    "CREATE TABLE account ("
    " id INTEGER PRIMARY KEY CHECK (id = 1), jid TEXT NOT NULL, label TEXT NOT NULL,"
    " device_seed BLOB NOT NULL, device_key BLOB NOT NULL, created INTEGER NOT NULL,"
    " serial INTEGER NOT NULL, index_serial INTEGER NOT NULL, index_is_stale INTEGER NOT NULL,"
    " archive_id TEXT NOT NULL);"
    "CREATE TABLE key_package ("
    " id INTEGER PRIMARY KEY, ref BLOB NOT NULL UNIQUE, cipher_suite INTEGER NOT NULL,"
    " is_last_resort INTEGER NOT NULL, not_after INTEGER NOT NULL, message BLOB NOT NULL, saved BLOB NOT "
    "NULL,"
    " state INTEGER NOT NULL, delete_at INTEGER NOT NULL);"
    "CREATE TABLE mls (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE peer ("
    " account TEXT NOT NULL, device_key BLOB NOT NULL, label TEXT NOT NULL, created INTEGER NOT NULL,"
    " updated INTEGER NOT NULL, index_serial INTEGER NOT NULL, is_verified INTEGER NOT NULL,"
    " PRIMARY KEY (account, device_key)) WITHOUT ROWID;"
    "CREATE TABLE room ("
    " id INTEGER PRIMARY KEY, jid TEXT NOT NULL UNIQUE, state INTEGER NOT NULL, group_id BLOB NOT NULL,"
    " cipher_suite INTEGER NOT NULL, name TEXT NOT NULL, anchor TEXT NOT NULL, update_due INTEGER NOT NULL,"
    " options BLOB NOT NULL, welcome BLOB NOT NULL, inviter_key BLOB NOT NULL, inviter TEXT NOT NULL,"
    " sender TEXT NOT NULL, received_at INTEGER NOT NULL);"
    "CREATE TABLE epoch ("
    " room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, epoch INTEGER NOT NULL,"
    " commit_hash BLOB NOT NULL, stanza_id TEXT NOT NULL, applied_at INTEGER NOT NULL,"
    " is_settled INTEGER NOT NULL, voids BLOB NOT NULL, removed BLOB NOT NULL,"
    " PRIMARY KEY (room, epoch)) WITHOUT ROWID;"
    "CREATE TABLE intent ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, kind INTEGER NOT NULL,"
    " account TEXT NOT NULL, done_epoch INTEGER);"
    "CREATE TABLE own_commit ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, epoch INTEGER NOT "
    "NULL,"
    " hash BLOB NOT NULL, holds_back INTEGER NOT NULL);"
    "CREATE TABLE welcome ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, epoch INTEGER NOT "
    "NULL,"
    " commit_hash BLOB NOT NULL, account TEXT NOT NULL, message BLOB NOT NULL, after TEXT NOT NULL,"
    " is_released INTEGER NOT NULL);"
    "CREATE TABLE outgoing ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, kind INTEGER NOT NULL,"
    " origin_id TEXT NOT NULL, text TEXT NOT NULL, created INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " message BLOB NOT NULL);"
    "CREATE TABLE held ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,"
    " stanza_id TEXT NOT NULL, epoch INTEGER NOT NULL, received_at INTEGER NOT NULL, is_live INTEGER NOT "
    "NULL,"
    " message BLOB NOT NULL, UNIQUE (room, stanza_id));"
    "CREATE TABLE message ("
    " id INTEGER PRIMARY KEY, room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, account TEXT NOT NULL,"
    " device_key BLOB NOT NULL, origin_id TEXT NOT NULL, stanza_id TEXT NOT NULL, epoch INTEGER NOT NULL,"
    " text TEXT NOT NULL, sent_at INTEGER NOT NULL, received_at INTEGER NOT NULL, flags INTEGER NOT NULL,"
    " reason INTEGER NOT NULL, is_shown INTEGER NOT NULL, UNIQUE (room, account, device_key, origin_id));"
    "CREATE INDEX message_stanza_id ON message (room, stanza_id);"
    "CREATE INDEX message_unshown ON message (id) WHERE is_shown = 0;"
    "CREATE TABLE heard ("
    " room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE, device_key BLOB NOT NULL,"
    " PRIMARY KEY (room, device_key)) WITHOUT ROWID;",
};

static mls_status_t set_version(mod_mls_store_t *store, unsigned version)
{
    char *sql = sqlite3_mprintf("PRAGMA user_version = %u", version);
    if (sql == NULL)
        return MLS_ERR_NOMEM;
    int result = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return result == SQLITE_OK ? MLS_OK : MLS_ERR_STORE;
}

mls_status_t mod_mls_store_migrate(mod_mls_store_t *store)
{
    const uint64_t latest = sizeof migrations / sizeof migrations[0];
    uint64_t version;
    mls_status_t status;

    if ((status = mod_mls_store_begin(store)) != MLS_OK)
        return status;
    if ((status = mod_mls_sql_number(&version, store, "PRAGMA user_version", "")) == MLS_OK &&
        version > latest)
        status = MLS_ERR_STORE;
    for (; status == MLS_OK && version < latest; version++) {
        if (sqlite3_exec(store->db, migrations[version], NULL, NULL, NULL) != SQLITE_OK)
            status = MLS_ERR_STORE;
        else
            status = set_version(store, (unsigned)version + 1);
    }
    if (status == MLS_OK)
        return mod_mls_store_commit(store);
    mod_mls_store_rollback(store);
    return status;
}
