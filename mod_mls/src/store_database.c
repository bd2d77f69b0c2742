/* store_database.c -- opening and locking the database, its transactions, and libmls' entries in it. */
#define _POSIX_C_SOURCE 200809L

#include "store_sql.h"
#include "text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the lock ------------------------------------------------------------------------------------ */

/* A lock of the whole file; it ends with the process, however that ends. */
static mls_status_t lock(int *fd, const char *path)
{
    mod_mls_text_t name = { 0 };
    mls_status_t status;

    *fd = -1;
    mod_mls_text_add(&name, path);
    mod_mls_text_add(&name, ".lock");
    if ((status = name.status) == MLS_OK) {
        *fd = open(name.data, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
        if (*fd < 0)
            status = MLS_ERR_STORE;
        else if (flock(*fd, LOCK_EX | LOCK_NB) != 0)
            status = MLS_ERR_STATE;
    }
    if (status != MLS_OK && *fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
    mod_mls_text_clear(&name);
    return status;
}

/* ---- open and close ------------------------------------------------------------------------------ */

static mls_status_t configure(mod_mls_store_t *store)
{
    static const char sql[] = "PRAGMA journal_mode = WAL;"
                              "PRAGMA synchronous = FULL;" /* a used generation must not come back */
                              "PRAGMA secure_delete = ON;"
                              "PRAGMA foreign_keys = ON;"
                              "PRAGMA temp_store = MEMORY;"
                              "PRAGMA trusted_schema = OFF;";
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? MLS_OK : MLS_ERR_STORE;
}

/* The database and what SQLite puts beside it are made with the rights of this file. */
static mls_status_t make_private(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (fd < 0)
        return MLS_ERR_STORE;
    (void)close(fd);
    return MLS_OK;
}

mls_status_t mod_mls_store_open(mod_mls_store_t **out, const char *path)
{
    mls_status_t status;
    mod_mls_store_t *store = calloc(1, sizeof *store);

    *out = NULL;
    if (store == NULL)
        return MLS_ERR_NOMEM;
    if ((status = lock(&store->lock_fd, path)) == MLS_OK && (status = make_private(path)) == MLS_OK &&
        sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        status = MLS_ERR_STORE;
    if (status == MLS_OK && (status = configure(store)) == MLS_OK)
        status = mod_mls_store_migrate(store);
    if (status == MLS_OK)
        *out = store;
    else
        mod_mls_store_close(store);
    return status;
}

bool mod_mls_store_has_log(const mod_mls_store_t *store)
{
    return sqlite3_total_changes(store->db) != store->num_changes;
}

void mod_mls_store_checkpoint(mod_mls_store_t *store)
{
    if (store->depth == 0 &&
        sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
        store->num_changes = sqlite3_total_changes(store->db);
}

void mod_mls_store_close(mod_mls_store_t *store)
{
    if (store == NULL)
        return;
    if (store->db != NULL) {
        while (store->depth > 0)
            mod_mls_store_rollback(store);
        mod_mls_store_checkpoint(store);
        (void)sqlite3_close(store->db);
    }
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd);
    free(store);
}

/* ---- transactions -------------------------------------------------------------------------------- */

static mls_status_t execute(mod_mls_store_t *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? MLS_OK : MLS_ERR_STORE;
}

mls_status_t mod_mls_store_begin(mod_mls_store_t *store)
{
    if (store->depth == 0) {
        mls_status_t status = execute(store, "BEGIN");
        if (status != MLS_OK)
            return status;
        store->is_doomed = false;
    }
    store->depth++;
    return MLS_OK;
}

mls_status_t mod_mls_store_commit(mod_mls_store_t *store)
{
    if (store->depth == 0)
        return MLS_ERR_STATE;
    if (store->depth > 1) {
        store->depth--;
        return MLS_OK;
    }
    if (store->is_doomed || execute(store, "COMMIT") != MLS_OK) {
        mod_mls_store_rollback(store);
        return MLS_ERR_STORE;
    }
    store->depth = 0;
    return MLS_OK;
}

void mod_mls_store_rollback(mod_mls_store_t *store)
{
    if (store->depth == 0)
        return;
    store->is_doomed = true;
    if (--store->depth == 0)
        (void)execute(store, "ROLLBACK");
}

mls_status_t mod_mls_store_mark(mod_mls_store_t *store)
{
    return execute(store, "SAVEPOINT mark");
}

mls_status_t mod_mls_store_back_to_mark(mod_mls_store_t *store)
{
    mls_status_t status = execute(store, "ROLLBACK TO mark");
    return status != MLS_OK ? status : mod_mls_store_forget_mark(store);
}

mls_status_t mod_mls_store_forget_mark(mod_mls_store_t *store)
{
    return execute(store, "RELEASE mark");
}

/* ---- libmls' entries ----------------------------------------------------------------------------- */

static mls_status_t mls_begin(void *arg)
{
    return mod_mls_store_begin(arg);
}

static mls_status_t mls_commit(void *arg)
{
    return mod_mls_store_commit(arg);
}

static void mls_rollback(void *arg)
{
    mod_mls_store_rollback(arg);
}

static mls_status_t mls_put(void *arg, mls_view_t key, mls_view_t value)
{
    return mod_mls_sql_run(arg, "INSERT OR REPLACE INTO mls VALUES (?1, ?2)", "vv", key, value);
}

static mls_status_t mls_erase(void *arg, mls_view_t key)
{
    return mod_mls_sql_run(arg, "DELETE FROM mls WHERE key = ?1", "v", key);
}

/* The keys that begin with a prefix are those from the prefix on, until the first that does not. */
static mls_status_t mls_each(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg)
{
    mod_mls_sql_t query;
    mls_status_t status = MLS_OK;

    mod_mls_sql_open(&query, arg, "SELECT key, value FROM mls WHERE key >= ?1 ORDER BY key", "v", prefix);
    while (status == MLS_OK && mod_mls_sql_next(&query)) {
        mls_arena_t row = { 0 };
        mls_view_t key = mod_mls_sql_bytes(&query, 0, &row);
        mls_view_t value = mod_mls_sql_bytes(&query, 1, &row);
        bool is_in = key.len >= prefix.len && mls_view_equal(mls_view(key.data, prefix.len), prefix);
        if (is_in && query.status == MLS_OK)
            status = visit(visit_arg, key, value);
        mls_arena_clear(&row);
        if (!is_in)
            break;
    }
    mls_status_t end = mod_mls_sql_close(&query);
    return status != MLS_OK ? status : end;
}

mls_store_t mod_mls_store_for_mls(mod_mls_store_t *store)
{
    return (mls_store_t){ .arg = store,
                          .begin = mls_begin,
                          .commit = mls_commit,
                          .rollback = mls_rollback,
                          .put = mls_put,
                          .erase = mls_erase,
                          .each = mls_each };
}
