/* tree_model.h -- a ratchet tree as RFC 9420 describes it, without a thought for speed: whole copies,
 * recursion, everything computed anew. What libmls does to its tree is compared with it. */
#ifndef TESTS_UNIT_TREE_MODEL_H
#define TESTS_UNIT_TREE_MODEL_H

#include "support.h"
#include "tree_codec.h"
#include "tree_hash.h"

enum { MODEL_MAX_LEAVES = 64, MODEL_MAX_NODES = 2 * MODEL_MAX_LEAVES - 1 };

typedef struct model_node {
    bool present;
    mls_view_t leaf;                        /* at even places: the encoded LeafNode */
    mls_view_t encryption_key, parent_hash; /* at odd places */
    bool unmerged[MODEL_MAX_LEAVES];
} model_node_t;

typedef struct model {
    uint32_t num_leaves;
    model_node_t nodes[MODEL_MAX_NODES];
} model_t;

/* A leaf with random keys; its signature is nothing, the tree does not look at it. */
mls_view_t test_random_leaf(test_context_t *t, uint16_t credential_type);
/* The same as a node of the tree; the caller releases it. */
mls_tree_leaf_t *test_tree_leaf(mls_view_t encoded);

/* ---- the same change to both --------------------------------------------------------------------- */

/* Add, Update and Remove (RFC 9420, Section 7.7). */
void model_add(model_t *model, mls_tree_overlay_t *overlay, mls_view_t leaf);
void model_update(model_t *model, mls_tree_overlay_t *overlay, uint32_t index, mls_view_t leaf);
void model_remove(model_t *model, mls_tree_overlay_t *overlay, uint32_t index);
/* New random parents on the filtered direct path of a leaf, as a Commit with a path sets them. */
void model_path(test_context_t *t, model_t *model, mls_tree_overlay_t *overlay, uint32_t index);
/* One of these by chance; there are always members, and never more than MODEL_MAX_LEAVES. */
void model_change(test_context_t *t, model_t *model, mls_tree_overlay_t *overlay);

uint32_t model_num_members(const model_t *model);
/* The index of a member by chance. */
uint32_t model_random_member(test_context_t *t, const model_t *model);

/* ---- comparing ----------------------------------------------------------------------------------- */

/* Everything that can be read: nodes, counts, keys, resolutions, tree hashes and the encoding. Computes what
 * hashes the overlay has left open. */
void model_check(test_context_t *t, const model_t *model, mls_tree_overlay_t *overlay);
/* The tree hash of a node. */
mls_view_t model_hash(test_context_t *t, const model_t *model, mls_node_index_t node);
/* The encoded tree. */
mls_view_t model_encode(test_context_t *t, const model_t *model);

#endif
