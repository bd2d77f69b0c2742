/* plain_tree.h -- a ratchet tree as RFC 9420 describes it, without a thought for speed: every node at its
 * place, everything computed anew. What is computed with it is verified with libmls' own tree. */
#ifndef MLS_VECTORS_PLAIN_TREE_H
#define MLS_VECTORS_PLAIN_TREE_H

#include "ratchet_tree.h"
#include "vectors.h"

enum { PLAIN_MAX_LEAVES = 16, PLAIN_MAX_NODES = 2 * PLAIN_MAX_LEAVES - 1 };

typedef struct plain_node {
    bool is_there;
    mls_view_t leaf;                        /* at even places: the encoded LeafNode */
    mls_view_t encryption_key, parent_hash; /* at odd places */
    bool unmerged[PLAIN_MAX_LEAVES];
} plain_node_t;

typedef struct plain_tree {
    uint32_t num_leaves; /* a power of two */
    plain_node_t nodes[PLAIN_MAX_NODES];
} plain_tree_t;

/* Copies the nodes of a tree of libmls. */
bool plain_tree_read(vector_case_t *c, plain_tree_t *out, const mls_tree_overlay_t *overlay);

/* RFC 9420, Section 7.7: `leaf` is an encoded LeafNode. */
bool plain_tree_add(vector_case_t *c, plain_tree_t *tree, mls_view_t leaf);
void plain_tree_update(plain_tree_t *tree, uint32_t index, mls_view_t leaf);
void plain_tree_remove(plain_tree_t *tree, uint32_t index);

/* RFC 9420, Section 4.1.1: writes node indices to `out`, which has room for all, and answers how many. */
size_t plain_tree_resolution(const plain_tree_t *tree, uint32_t *out, mls_node_index_t node);
/* RFC 9420, Section 7.8 */
mls_secret_t plain_tree_hash(vector_case_t *c, const plain_tree_t *tree, mls_node_index_t node);
/* The ratchet_tree extension (RFC 9420, Section 12.4.3.3). */
mls_view_t plain_tree_encode(vector_case_t *c, const plain_tree_t *tree);

#endif
