/* siblings.h -- the other devices of the own account. */
#ifndef MOD_MLS_SIBLINGS_H
#define MOD_MLS_SIBLINGS_H

#include "core.h"

/* Reads the own devices node once a session, when the own device is in it: a device that came while this one
 * was away is told of, and known. */
MLS_MUST_USE mls_status_t mod_mls_siblings_drive(mod_mls_t *mls);

/* Whether a valid item of another device of the account was ever seen. */
MLS_MUST_USE mls_status_t mod_mls_has_siblings(mod_mls_t *mls, bool *out);

#endif
