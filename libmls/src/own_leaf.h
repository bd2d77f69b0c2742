/* own_leaf.h -- the own leaf as it is about to be: with a fresh encryption key, and with whatever else
 * changes (RFC 9420, Sections 7.5, 12.1.2 and 12.4.1). */
#ifndef MLS_OWN_LEAF_H
#define MLS_OWN_LEAF_H

#include "group.h"

/* As source update, or as source commit with that parent hash. */
typedef struct mls_own_leaf_change {
    mls_leaf_node_source_t source;
    mls_view_t encryption_key;
    mls_view_t parent_hash;
    const mls_signature_key_t *signature_key; /* of mls_own_leaf_new_key() */
    const mls_leaf_change_t *more;            /* NULL: nothing else changes */
    const mls_leaf_hook_t *hook;
} mls_own_leaf_change_t;

/* The new signature key of a change; empty, where the leaf keeps the one it has. MLS_ERR_ARGUMENT. */
MLS_MUST_USE mls_status_t mls_own_leaf_new_key(const mls_group_t *group, mls_signature_key_t *out,
                                               const mls_leaf_change_t *more);

/* Makes the LeafNode, signed with its own signature key; what carries it is still signed with the one before.
 * The caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_own_leaf_make(const mls_group_t *group, mls_bytes_t *out,
                                            const mls_own_leaf_change_t *change);

#endif
