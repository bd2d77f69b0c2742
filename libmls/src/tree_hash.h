/* tree_hash.h -- tree hashes of a tree seen through an overlay, each computed once (RFC 9420, Section 7.8).
 */
#ifndef MLS_TREE_HASH_H
#define MLS_TREE_HASH_H

#include "node_hash.h"
#include "ratchet_tree.h"

/* Computes the hashes that the changes have left open. */
MLS_MUST_USE mls_status_t mls_tree_hash_update(mls_tree_overlay_t *overlay);
/* The same for the nodes at and below one. */
MLS_MUST_USE mls_status_t mls_tree_hash_update_below(mls_tree_overlay_t *overlay, mls_node_index_t node);
/* The tree hash of a node, after mls_tree_hash_update(). Ends with the next change. */
const uint8_t *mls_tree_hash_of(const mls_tree_overlay_t *overlay, mls_node_index_t node);
/* The tree hash of the root. */
mls_view_t mls_tree_hash_root(const mls_tree_overlay_t *overlay);

/* Computes open hashes in what a shrinking tree has left behind: blank nodes, whose hashes serve when it
 * grows again. */
MLS_MUST_USE mls_status_t mls_tree_hash_blank_remains(mls_tree_overlay_t *overlay);

/* The original tree hash of `node`: that of the tree without the leaves in `without`, which is ascending
 * (RFC 9420, Section 7.9). */
MLS_MUST_USE mls_status_t mls_tree_hash_without(const mls_tree_overlay_t *overlay, uint8_t *out,
                                                mls_node_index_t node, const mls_index_list_t *without);

#endif
