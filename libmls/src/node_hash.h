/* node_hash.h -- the hash inputs of tree hashes and parent hashes (RFC 9420, Sections 7.8 and 7.9).
 *
 * Pure functions of bytes: they write one hash (suite->hash->len bytes) to `out`. */
#ifndef MLS_NODE_HASH_H
#define MLS_NODE_HASH_H

#include "tree_node.h"

/* LeafNodeHashInput of a leaf, or of a blank one where `leaf` is NULL. */
MLS_MUST_USE mls_status_t mls_leaf_node_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                             uint32_t leaf_index, const mls_tree_leaf_t *leaf);

/* ParentNodeHashInput; `parent` NULL for a blank one. `without` (may be NULL) are leaves that are left out of
 * its unmerged leaves, as the original sibling tree hash of RFC 9420, Section 7.9 asks. */
MLS_MUST_USE mls_status_t mls_parent_node_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                               const mls_tree_parent_t *parent, const uint8_t *left_hash,
                                               const uint8_t *right_hash, const mls_index_list_t *without);

/* ParentHashInput: the parent hash of a node for its child across from `original_sibling_tree_hash`. */
MLS_MUST_USE mls_status_t mls_parent_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                          mls_view_t encryption_key, mls_view_t parent_hash,
                                          const uint8_t *original_sibling_tree_hash);

#endif
