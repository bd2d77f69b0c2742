#include "store_sql.h"

#include <stdarg.h>

static mls_status_t status_of(int result)
{
    return result == SQLITE_NOMEM ? MLS_ERR_NOMEM : MLS_ERR_STORE;
}

/* An empty view is a value of no bytes, not NULL. */
static int bind_view(sqlite3_stmt *statement, int n, mls_view_t view)
{
    return view.len == 0 ? sqlite3_bind_zeroblob(statement, n, 0)
                         : sqlite3_bind_blob64(statement, n, view.data, view.len, SQLITE_TRANSIENT);
}

static int bind_all(sqlite3_stmt *statement, const char *types, va_list values)
{
    int result = SQLITE_OK;

    for (int n = 1; *types != '\0' && result == SQLITE_OK; types++, n++) {
        switch (*types) {
        case 'i':
            result = sqlite3_bind_int64(statement, n, va_arg(values, sqlite3_int64));
            break;
        case 's':
            result = sqlite3_bind_text(statement, n, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
            break;
        default:
            result = bind_view(statement, n, va_arg(values, mls_view_t));
        }
    }
    return result;
}

static void open_list(mod_mls_sql_t *query, mod_mls_store_t *store, const char *sql, const char *types,
                      va_list values)
{
    *query = (mod_mls_sql_t){ 0 };
    int result = sqlite3_prepare_v2(store->db, sql, -1, &query->statement, NULL);
    if (result == SQLITE_OK)
        result = bind_all(query->statement, types, values);
    if (result != SQLITE_OK)
        query->status = status_of(result);
}

void mod_mls_sql_open(mod_mls_sql_t *query, mod_mls_store_t *store, const char *sql, const char *types, ...)
{
    va_list values;

    va_start(values, types);
    open_list(query, store, sql, types, values);
    va_end(values);
}

bool mod_mls_sql_next(mod_mls_sql_t *query)
{
    if (query->status != MLS_OK)
        return false;
    int result = sqlite3_step(query->statement);
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        query->status = status_of(result);
    return result == SQLITE_ROW;
}

mls_status_t mod_mls_sql_close(mod_mls_sql_t *query)
{
    (void)sqlite3_finalize(query->statement); /* its error is that of the step before */
    query->statement = NULL;
    return query->status;
}

mls_status_t mod_mls_sql_run(mod_mls_store_t *store, const char *sql, const char *types, ...)
{
    mod_mls_sql_t query;
    va_list values;

    va_start(values, types);
    open_list(&query, store, sql, types, values);
    va_end(values);
    while (mod_mls_sql_next(&query))
        ;
    return mod_mls_sql_close(&query);
}

mls_status_t mod_mls_sql_number(uint64_t *out, mod_mls_store_t *store, const char *sql, const char *types,
                                ...)
{
    mod_mls_sql_t query;
    va_list values;

    *out = 0;
    va_start(values, types);
    open_list(&query, store, sql, types, values);
    va_end(values);
    if (mod_mls_sql_next(&query))
        *out = mod_mls_sql_u64(&query, 0);
    return mod_mls_sql_close(&query);
}

uint64_t mod_mls_sql_u64(mod_mls_sql_t *query, int column)
{
    return (uint64_t)sqlite3_column_int64(query->statement, column);
}

mls_view_t mod_mls_sql_bytes(mod_mls_sql_t *query, int column, mls_arena_t *arena)
{
    const void *data = sqlite3_column_blob(query->statement, column);
    size_t len = (size_t)sqlite3_column_bytes(query->statement, column);

    if (data == NULL || len == 0)
        return mls_view(NULL, 0);
    uint8_t *copy = mls_arena_alloc(arena, len);
    if (copy == NULL) {
        query->status = MLS_ERR_NOMEM;
        return mls_view(NULL, 0);
    }
    memcpy(copy, data, len);
    return mls_view(copy, len);
}

const char *mod_mls_sql_text(mod_mls_sql_t *query, int column, mls_arena_t *arena)
{
    const unsigned char *text = sqlite3_column_text(query->statement, column);
    size_t len = (size_t)sqlite3_column_bytes(query->statement, column);

    if (text == NULL)
        return "";
    char *copy = mls_arena_alloc(arena, len + 1);
    if (copy == NULL) {
        query->status = MLS_ERR_NOMEM;
        return "";
    }
    memcpy(copy, text, len);
    return copy;
}

void mod_mls_sql_fixed(mod_mls_sql_t *query, int column, uint8_t *out, size_t len)
{
    const void *data = sqlite3_column_blob(query->statement, column);

    if (data != NULL && (size_t)sqlite3_column_bytes(query->statement, column) == len) {
        memcpy(out, data, len);
    } else {
        memset(out, 0, len);
        query->status = MLS_ERR_STORE;
    }
}

/* The capacity doubles when the count is a power of two. */
bool mod_mls_sql_grow(mod_mls_sql_t *query, void **items, size_t count, size_t size, mls_arena_t *arena)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return true;
    void *bigger = mls_arena_alloc(arena, (count == 0 ? 1 : 2 * count) * size);
    if (bigger == NULL) {
        query->status = MLS_ERR_NOMEM;
        return false;
    }
    if (count > 0)
        memcpy(bigger, *items, count * size);
    *items = bigger;
    return true;
}
