/* store_sql.h -- statements of SQLite with less ceremony. Seen by the store's own files only. */
#ifndef MOD_MLS_STORE_SQL_H
#define MOD_MLS_STORE_SQL_H

#include "store.h"

#include <sqlite3.h>

struct mod_mls_store {
    sqlite3 *db;
    int lock_fd;
    unsigned depth;  /* of nested transactions; only the outermost is SQLite's */
    int num_changes; /* of rows, when the write-ahead log was emptied last */
    bool is_doomed;  /* an inner one was rolled back: the outermost cannot be committed */
};

/* A number as a statement takes it: every number must be passed through this. */
#define MOD_MLS_SQL_I(number) ((sqlite3_int64)(number))

/* A statement that gives rows. Errors stick; mod_mls_sql_close() returns the first. */
typedef struct mod_mls_sql {
    sqlite3_stmt *statement;
    mls_status_t status;
} mod_mls_sql_t;

/* Runs a statement that gives no rows. `types` tells what follows, one letter each, for ?1, ?2, …:
 * i: MOD_MLS_SQL_I(number), s: const char * (NULL is NULL), v: mls_view_t. MLS_ERR_STORE, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_sql_run(mod_mls_store_t *store, const char *sql, const char *types, ...);

/* Begins a statement that gives rows. */
void mod_mls_sql_open(mod_mls_sql_t *query, mod_mls_store_t *store, const char *sql, const char *types, ...);
/* Steps to the next row; false at the end and on an error. */
bool mod_mls_sql_next(mod_mls_sql_t *query);
MLS_MUST_USE mls_status_t mod_mls_sql_close(mod_mls_sql_t *query);

/* Columns of the row, from 0. Texts and bytes are copied into `arena`; NULL gives "" or an empty view. */
uint64_t mod_mls_sql_u64(mod_mls_sql_t *query, int column);
const char *mod_mls_sql_text(mod_mls_sql_t *query, int column, mls_arena_t *arena);
mls_view_t mod_mls_sql_bytes(mod_mls_sql_t *query, int column, mls_arena_t *arena);
/* Copies exactly `len` bytes; another length is MLS_ERR_STORE. */
void mod_mls_sql_fixed(mod_mls_sql_t *query, int column, uint8_t *out, size_t len);

/* Makes room for one more row in an {items, count} array that lives in `arena`; false without memory. */
bool mod_mls_sql_grow(mod_mls_sql_t *query, void **items, size_t count, size_t size, mls_arena_t *arena);
#define MOD_MLS_SQL_GROW(query, rows, arena)                                                                 \
    mod_mls_sql_grow((query), (void **)&(rows)->items, (rows)->count, sizeof *(rows)->items, (arena))

/* Runs a query and returns the number in its only column; 0 if there is no row. */
MLS_MUST_USE mls_status_t mod_mls_sql_number(uint64_t *out, mod_mls_store_t *store, const char *sql,
                                             const char *types, ...);

/* Brings the tables to this version's. MLS_ERR_STORE: they are a later version's. */
MLS_MUST_USE mls_status_t mod_mls_store_migrate(mod_mls_store_t *store);

#endif
