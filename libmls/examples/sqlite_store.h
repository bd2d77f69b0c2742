/* sqlite_store.h -- a mls_store_t that is a table of a SQLite database. Free to copy into your own program.
 */
#ifndef LIBMLS_EXAMPLES_SQLITE_STORE_H
#define LIBMLS_EXAMPLES_SQLITE_STORE_H

#include <mls/mls.h>

/* Opens the database and makes its table where there is none: one database per client, for all its groups.
 * The program may have tables of its own beside it, and write to them in the same transaction. MLS_ERR_STORE,
 * MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t sqlite_store_open(mls_store_t *out, const char *path);

void sqlite_store_close(mls_store_t *store);

#endif
