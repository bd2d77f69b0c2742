#include "sqlite_store.h"

#include <sqlite3.h>

/* An entry that is deleted holds keys of messages that nobody shall read again: SQLite overwrites it. And a
 * key that was used must not come back when the machine loses power: each transaction waits for the disk. */
static const char SETUP[] =
    "PRAGMA secure_delete = ON;"
    "PRAGMA synchronous = FULL;"
    "CREATE TABLE IF NOT EXISTS mls (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) "
    "WITHOUT ROWID;";

static mls_status_t status_of(int result)
{
    if (result == SQLITE_OK || result == SQLITE_ROW || result == SQLITE_DONE)
        return MLS_OK;
    return result == SQLITE_NOMEM ? MLS_ERR_NOMEM : MLS_ERR_STORE;
}

static mls_status_t execute(sqlite3 *db, const char *sql)
{
    return status_of(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

/* ---- transactions: savepoints, which nest ---------------------------------------------------------- */

static mls_status_t begin(void *arg)
{
    return execute(arg, "SAVEPOINT mls");
}

/* What ends the outermost savepoint may fail, as another process can be in its way. */
static void rollback(void *arg)
{
    if (execute(arg, "ROLLBACK TO mls; RELEASE mls") != MLS_OK)
        (void)execute(arg, "ROLLBACK");
}

static mls_status_t commit(void *arg)
{
    mls_status_t status = execute(arg, "RELEASE mls");
    if (status != MLS_OK)
        rollback(arg);
    return status;
}

/* ---- entries --------------------------------------------------------------------------------------- */

/* SQLite takes a NULL pointer for the value NULL, which an empty value is not. */
static int bind(sqlite3_stmt *statement, int at, mls_view_t bytes)
{
    return sqlite3_bind_blob64(statement, at, bytes.len == 0 ? "" : (const void *)bytes.data, bytes.len,
                               SQLITE_STATIC);
}

static mls_status_t put(void *arg, mls_view_t key, mls_view_t value)
{
    sqlite3_stmt *statement = NULL;
    int result =
        sqlite3_prepare_v2(arg, "REPLACE INTO mls (key, value) VALUES (?1, ?2)", -1, &statement, NULL);
    if (result == SQLITE_OK && (result = bind(statement, 1, key)) == SQLITE_OK &&
        (result = bind(statement, 2, value)) == SQLITE_OK)
        result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return status_of(result);
}

static mls_status_t erase(void *arg, mls_view_t key)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(arg, "DELETE FROM mls WHERE key = ?1", -1, &statement, NULL);
    if (result == SQLITE_OK && (result = bind(statement, 1, key)) == SQLITE_OK)
        result = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return status_of(result);
}

static mls_view_t column(sqlite3_stmt *statement, int at)
{
    const void *data = sqlite3_column_blob(statement, at);
    return mls_view(data, (size_t)sqlite3_column_bytes(statement, at));
}

static bool begins_with(mls_view_t key, mls_view_t prefix)
{
    return key.len >= prefix.len && mls_view_equal(mls_view(key.data, prefix.len), prefix);
}

/* SQLite orders blobs by their bytes, so those with the prefix come first among those not below it. */
static mls_status_t each(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg)
{
    sqlite3_stmt *statement = NULL;
    mls_status_t status = MLS_OK;
    int result = sqlite3_prepare_v2(arg, "SELECT key, value FROM mls WHERE key >= ?1 ORDER BY key", -1,
                                    &statement, NULL);
    if (result == SQLITE_OK && (result = bind(statement, 1, prefix)) == SQLITE_OK)
        result = sqlite3_step(statement);
    while (result == SQLITE_ROW && status == MLS_OK && begins_with(column(statement, 0), prefix)) {
        status = visit(visit_arg, column(statement, 0), column(statement, 1));
        result = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return status != MLS_OK ? status : status_of(result);
}

/* ---- open and close ------------------------------------------------------------------------------ */

mls_status_t sqlite_store_open(mls_store_t *out, const char *path)
{
    sqlite3 *db = NULL;
    mls_status_t status = status_of(sqlite3_open(path, &db));
    if (status == MLS_OK)
        status = execute(db, SETUP);
    *out = (mls_store_t){ .arg = db,
                          .begin = begin,
                          .commit = commit,
                          .rollback = rollback,
                          .put = put,
                          .erase = erase,
                          .each = each };
    if (status != MLS_OK)
        sqlite_store_close(out);
    return status;
}

void sqlite_store_close(mls_store_t *store)
{
    (void)sqlite3_close(store->arg);
    *store = (mls_store_t){ 0 };
}
