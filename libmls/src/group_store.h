/* group_store.h -- beyond mls_group_save(): for tests and tools. */
#ifndef MLS_GROUP_STORE_H
#define MLS_GROUP_STORE_H

#include "group.h"

/* Writes everything, whether it has changed or not, and leaves the marks of what has changed as they are.
 * Two groups whose full saves are equal are in the same state. */
MLS_MUST_USE mls_status_t mls_group_save_all(const mls_group_t *group, const mls_store_t *store);

#endif
