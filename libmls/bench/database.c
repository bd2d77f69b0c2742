#include "database.h"

#include "clock.h"
#include "must.h"
#include "sqlite_store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct change {
    mls_bytes_t key, value;
    bool is_erased;
} change_t;

typedef struct bench_mirror {
    sqlite3 *db;
    sqlite3_stmt *put, *erase, *read;
    change_t *changes; /* of the last transaction of the store */
    size_t count, cap;
    change_t *entries; /* all of them, in memory */
    size_t num_entries;
    char paths[2][512];
} bench_mirror_t;

/* ---- the store that remembers -------------------------------------------------------------------- */

static void forget(bench_mirror_t *mirror)
{
    for (size_t i = 0; i < mirror->count; i++) {
        mls_bytes_clear(&mirror->changes[i].key);
        mls_bytes_clear(&mirror->changes[i].value);
    }
    mirror->count = 0;
}

static void remember(bench_mirror_t *mirror, mls_view_t key, mls_view_t value, bool is_erased)
{
    if (mirror->count == mirror->cap) {
        mirror->cap = mirror->cap == 0 ? 64 : 2 * mirror->cap;
        mirror->changes = realloc(mirror->changes, mirror->cap * sizeof *mirror->changes);
        bench_expect(mirror->changes != NULL, "there is memory");
    }
    change_t *change = &mirror->changes[mirror->count++];
    *change = (change_t){ .is_erased = is_erased };
    bench_must(mls_bytes_copy(&change->key, key), "copy a key");
    bench_must(mls_bytes_copy(&change->value, value), "copy a value");
}

static mls_status_t begin(void *arg)
{
    bench_database_t *database = arg;
    forget(database->mirror);
    database->num_rows = database->num_bytes = 0;
    return database->inner.begin(database->inner.arg);
}

static mls_status_t commit(void *arg)
{
    bench_database_t *database = arg;
    return database->inner.commit(database->inner.arg);
}

static void rollback(void *arg)
{
    bench_database_t *database = arg;
    database->inner.rollback(database->inner.arg);
}

static mls_status_t put(void *arg, mls_view_t key, mls_view_t value)
{
    bench_database_t *database = arg;
    database->num_rows++;
    database->num_bytes += key.len + value.len;
    remember(database->mirror, key, value, false);
    return database->inner.put(database->inner.arg, key, value);
}

static mls_status_t erase(void *arg, mls_view_t key)
{
    bench_database_t *database = arg;
    database->num_rows++;
    database->num_bytes += key.len;
    remember(database->mirror, key, mls_view(NULL, 0), true);
    return database->inner.erase(database->inner.arg, key);
}

static mls_status_t each(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg)
{
    const bench_database_t *database = arg;
    return database->inner.each(database->inner.arg, prefix, visit, visit_arg);
}

/* ---- in memory ----------------------------------------------------------------------------------- */

static mls_status_t keep(void *arg, mls_view_t key, mls_view_t value)
{
    bench_mirror_t *mirror = arg;
    change_t *entries = realloc(mirror->entries, (mirror->num_entries + 1) * sizeof *entries);
    bench_expect(entries != NULL, "there is memory");
    mirror->entries = entries;
    entries[mirror->num_entries] = (change_t){ 0 };
    bench_must(mls_bytes_copy(&entries[mirror->num_entries].key, key), "copy a key");
    bench_must(mls_bytes_copy(&entries[mirror->num_entries++].value, value), "copy a value");
    return MLS_OK;
}

/* They are in the order of their keys already. */
static mls_status_t each_in_memory(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg)
{
    const bench_mirror_t *mirror = arg;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < mirror->num_entries; i++) {
        const change_t *entry = &mirror->entries[i];
        if (entry->key.len >= prefix.len && memcmp(entry->key.data, prefix.data, prefix.len) == 0)
            status = visit(visit_arg, mls_bytes_view(&entry->key), mls_bytes_view(&entry->value));
    }
    return status;
}

static void forget_entries(bench_mirror_t *mirror)
{
    for (size_t i = 0; i < mirror->num_entries; i++) {
        mls_bytes_clear(&mirror->entries[i].key);
        mls_bytes_clear(&mirror->entries[i].value);
    }
    free(mirror->entries);
    mirror->entries = NULL;
    mirror->num_entries = 0;
}

mls_store_t bench_database_in_memory(bench_database_t *database)
{
    forget_entries(database->mirror);
    bench_must(each(database, mls_view(NULL, 0), keep, database->mirror), "read all entries");
    return (mls_store_t){ .arg = database->mirror, .each = each_in_memory };
}

/* ---- opening and closing ------------------------------------------------------------------------- */

static void must_sqlite(const bench_mirror_t *mirror, int result, const char *what)
{
    if (result == SQLITE_OK || result == SQLITE_DONE || result == SQLITE_ROW)
        return;
    fprintf(stderr, "mls-bench: %s: %s\n", what, sqlite3_errmsg(mirror->db));
    exit(EXIT_FAILURE);
}

static void prepare(const bench_mirror_t *mirror, sqlite3_stmt **out, const char *sql)
{
    must_sqlite(mirror, sqlite3_prepare_v2(mirror->db, sql, -1, out, NULL), sql);
}

static void open_mirror(bench_mirror_t *mirror)
{
    must_sqlite(mirror, sqlite3_open(mirror->paths[1], &mirror->db), "open a database");
    must_sqlite(
        mirror,
        sqlite3_exec(mirror->db,
                     "PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;"
                     "CREATE TABLE mls (key BLOB NOT NULL PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;",
                     NULL, NULL, NULL),
        "make a table");
    prepare(mirror, &mirror->put, "REPLACE INTO mls (key, value) VALUES (?1, ?2)");
    prepare(mirror, &mirror->erase, "DELETE FROM mls WHERE key = ?1");
    prepare(mirror, &mirror->read, "SELECT key, value FROM mls ORDER BY key");
}

/* With a write-ahead log a transaction waits for the disk once. */
static void make_database(const char *path)
{
    sqlite3 *db;
    bench_expect(sqlite3_open(path, &db) == SQLITE_OK &&
                     sqlite3_exec(db, "PRAGMA journal_mode = WAL;", NULL, NULL, NULL) == SQLITE_OK,
                 "a database can be made");
    (void)sqlite3_close(db);
}

void bench_database_open(bench_database_t *out, const char *folder)
{
    *out = (bench_database_t){ .mirror = bench_alloc(1, sizeof *out->mirror) };
    for (int i = 0; i < 2; i++) {
        (void)snprintf(out->mirror->paths[i], sizeof out->mirror->paths[i], "%s/mls-bench-%d.db", folder, i);
        (void)remove(out->mirror->paths[i]);
        make_database(out->mirror->paths[i]);
    }
    bench_must(sqlite_store_open(&out->inner, out->mirror->paths[0]), "open a store");
    open_mirror(out->mirror);
    out->store = (mls_store_t){ .arg = out,
                                .begin = begin,
                                .commit = commit,
                                .rollback = rollback,
                                .put = put,
                                .erase = erase,
                                .each = each };
}

void bench_database_close(bench_database_t *database)
{
    bench_mirror_t *mirror = database->mirror;
    sqlite_store_close(&database->inner);
    sqlite3_finalize(mirror->put);
    sqlite3_finalize(mirror->erase);
    sqlite3_finalize(mirror->read);
    sqlite3_close(mirror->db);
    forget(mirror);
    forget_entries(mirror);
    free(mirror->changes);
    for (int i = 0; i < 2; i++)
        (void)remove(mirror->paths[i]);
    free(mirror);
}

/* ---- the floor ----------------------------------------------------------------------------------- */

static void apply(const bench_mirror_t *mirror, const change_t *change)
{
    sqlite3_stmt *statement = change->is_erased ? mirror->erase : mirror->put;
    const void *value = change->value.len == 0 ? (const void *)"" : change->value.data;
    must_sqlite(mirror, sqlite3_bind_blob64(statement, 1, change->key.data, change->key.len, SQLITE_STATIC),
                "bind");
    if (!change->is_erased)
        must_sqlite(mirror, sqlite3_bind_blob64(statement, 2, value, change->value.len, SQLITE_STATIC),
                    "bind");
    must_sqlite(mirror, sqlite3_step(statement), "write an entry");
    must_sqlite(mirror, sqlite3_reset(statement), "write an entry");
}

double bench_database_replay(bench_database_t *database)
{
    bench_mirror_t *mirror = database->mirror;
    const double begin_us = bench_now();
    must_sqlite(mirror, sqlite3_exec(mirror->db, "BEGIN", NULL, NULL, NULL), "begin");
    for (size_t i = 0; i < mirror->count; i++)
        apply(mirror, &mirror->changes[i]);
    must_sqlite(mirror, sqlite3_exec(mirror->db, "COMMIT", NULL, NULL, NULL), "commit");
    const double us = bench_now() - begin_us;
    forget(mirror);
    return us;
}

double bench_database_read(bench_database_t *database)
{
    bench_mirror_t *mirror = database->mirror;
    uint8_t *copy = NULL;
    database->num_rows = database->num_bytes = 0;
    const double begin_us = bench_now();
    while (sqlite3_step(mirror->read) == SQLITE_ROW) {
        const size_t len = (size_t)sqlite3_column_bytes(mirror->read, 1);
        uint8_t *larger = realloc(copy, len + 1);
        bench_expect(larger != NULL, "there is memory");
        copy = larger;
        if (len > 0)
            memcpy(copy, sqlite3_column_blob(mirror->read, 1), len);
        database->num_rows++;
        database->num_bytes += (size_t)sqlite3_column_bytes(mirror->read, 0) + len;
    }
    must_sqlite(mirror, sqlite3_reset(mirror->read), "read all entries");
    const double us = bench_now() - begin_us;
    free(copy);
    return us;
}
