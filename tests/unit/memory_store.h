/* memory_store.h -- a mls_store_t in memory, for tests; it can be told to fail. */
#ifndef TESTS_UNIT_MEMORY_STORE_H
#define TESTS_UNIT_MEMORY_STORE_H

#include "mls/store.h"

typedef struct memory_entry {
    mls_bytes_t key, value;
} memory_entry_t;

/* What was there before a put or an erase; without a value if it was nothing. */
typedef struct memory_change {
    memory_entry_t before;
    bool was_there;
} memory_change_t;

/* A zeroed one is empty. Entries are kept in ascending order of their keys. */
typedef struct memory_store {
    memory_entry_t *entries;
    size_t count, cap;
    size_t num_puts, num_erases, num_bytes; /* written since the test set them to 0 */
    int fails_after;                        /* puts and erases until one fails; -1 or 0: none does */
    memory_change_t *changes;               /* of this transaction, in their order: what a rollback undoes */
    size_t num_changes;
} memory_store_t;

mls_store_t memory_store(memory_store_t *memory);
void memory_store_clear(memory_store_t *memory);
bool memory_store_equal(const memory_store_t *a, const memory_store_t *b);

#endif
