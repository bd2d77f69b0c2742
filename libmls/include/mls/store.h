/* store.h -- where groups are kept: an ordered map from byte strings to byte strings, with transactions.
 *
 * libmls writes only what changed, a number of entries that grows with the logarithm of the group. The host
 * puts the map where it likes, a table of SQLite for instance, and may write its own data in the same
 * transaction; then what a message did to the ratchets and what was shown of it are one. The keys of libmls
 * all begin with the byte 'g': others are the host's to use. */
#ifndef MLS_STORE_H
#define MLS_STORE_H

#include "bytes.h"

/* Called for an entry; any status but MLS_OK ends the walk with that status. Views end with the call. */
typedef mls_status_t mls_store_visit_fn(void *arg, mls_view_t key, mls_view_t value);

/* What the host brings; all of the functions are needed. It is asked only while a function runs that was
 * given the store, and copied by none. */
typedef struct mls_store {
    void *arg; /* handed to the functions below */
    /* Any status but MLS_OK is a failure and should be MLS_ERR_STORE or MLS_ERR_NOMEM. `begin` may be
     * called inside a transaction of the host's own: then these three nest, and the outermost decides.
     * After a `begin` that succeeded libmls calls one of the other two, once: `rollback` where something
     * between has failed, else `commit`. A `commit` that fails has to take everything back itself, and so
     * has a `begin`: no `rollback` follows. */
    mls_status_t (*begin)(void *arg);
    mls_status_t (*commit)(void *arg);
    void (*rollback)(void *arg);
    /* Writes an entry, in place of what was there. Keys are 1 to 255 bytes. */
    mls_status_t (*put)(void *arg, mls_view_t key, mls_view_t value);
    /* Deletes an entry; none there is no error. The storage under it should be overwritten. */
    mls_status_t (*erase)(void *arg, mls_view_t key);
    /* Visits the entries whose keys begin with `prefix`, in ascending order of the keys' bytes. */
    mls_status_t (*each)(void *arg, mls_view_t prefix, mls_store_visit_fn *visit, void *visit_arg);
} mls_store_t;

#endif
