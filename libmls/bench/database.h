/* database.h -- a store in a SQLite database, and beside it the floor of saving and loading: the same
 * entries, written and synced in one transaction, or read, by prepared statements and nothing else. */
#ifndef MLS_BENCH_DATABASE_H
#define MLS_BENCH_DATABASE_H

#include <mls/mls.h>

typedef struct bench_database {
    mls_store_t store; /* counts, and remembers what is written */
    mls_store_t inner;
    struct bench_mirror *mirror;
    size_t num_rows, num_bytes; /* of the last transaction, or of the last reading */
} bench_database_t;

/* Two files in a folder. */
void bench_database_open(bench_database_t *out, const char *folder);
void bench_database_close(bench_database_t *database);

/* Does to the other database what the last transaction did; microseconds. */
double bench_database_replay(bench_database_t *database);
/* The entries of the store as they are now, in memory: a store to load from. Ends with the database. */
mls_store_t bench_database_in_memory(bench_database_t *database);
/* Reads all entries of the other database; microseconds. */
double bench_database_read(bench_database_t *database);

#endif
