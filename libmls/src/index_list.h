/* index_list.h -- a growing list of 32-bit indices of leaves or nodes. */
#ifndef MLS_INDEX_LIST_H
#define MLS_INDEX_LIST_H

#include "mls/bytes.h"

/* A zeroed list is empty. */
typedef struct mls_index_list {
    uint32_t *items;
    uint32_t count, cap; /* there are not more indices than 2^32, and a tree has a list at each node */
} mls_index_list_t;

/* Makes room, so that that many pushes cannot fail. */
MLS_MUST_USE mls_status_t mls_index_list_reserve(mls_index_list_t *list, size_t num_more);
MLS_MUST_USE mls_status_t mls_index_list_push(mls_index_list_t *list, uint32_t item);
void mls_index_list_clear(mls_index_list_t *list);

/* For lists in ascending order. */
bool mls_index_list_contains(const mls_index_list_t *list, uint32_t item);
/* Puts it in where it belongs; no change if it is there. */
MLS_MUST_USE mls_status_t mls_index_list_insert(mls_index_list_t *list, uint32_t item);
MLS_MUST_USE mls_status_t mls_index_list_copy(mls_index_list_t *to, const mls_index_list_t *from);

#endif
