/* session.h -- the frame around every entry point: one transaction, then what it sends and tells. */
#ifndef MOD_MLS_SESSION_H
#define MOD_MLS_SESSION_H

#include "core.h"

/* Begins an entry point. MLS_ERR_STORE: the database is lost to this process. */
MLS_MUST_USE mls_status_t mod_mls_enter(mod_mls_t *mls);

/* Ends it. With MLS_OK, what is next is begun, the transaction is stored, and what was queued leaves. A
 * status that blames the caller keeps the transaction too: then there is an error event in it and nothing
 * else. Any other drops the transaction and makes memory anew from the database, and the user is told.
 * Returns `status`, or what went wrong at the end. */
MLS_MUST_USE mls_status_t mod_mls_leave(mod_mls_t *mls, mls_status_t status);

/* Reads everything that memory holds of the database. */
MLS_MUST_USE mls_status_t mod_mls_load(mod_mls_t *mls);

/* Forgets what belongs to the connection. */
void mod_mls_reset_session(mod_mls_t *mls);

#endif
