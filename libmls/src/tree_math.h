/* tree_math.h -- index arithmetic of the array-based tree (RFC 9420, Section 4.1 and Appendix C).
 *
 *                              X
 *              X                               X           level 2
 *      X               X               X               X   level 1
 *  X       X       X       X       X       X       X       level 0, the leaves
 *  0   1   2   3   4   5   6   7   8   9  10  11  12 ...   node index
 *
 * A tree has a power of two of leaves, `num_leaves`, blank ones included. Leaves are numbered by a plain
 * uint32_t, nodes by mls_node_index_t, so that the compiler tells one from the other. */
#ifndef MLS_TREE_MATH_H
#define MLS_TREE_MATH_H

#include <stdbool.h>
#include <stdint.h>

enum { MLS_MAX_LEAVES = 1 << 24, MLS_MAX_LEVELS = 25 };

typedef struct mls_node_index {
    uint32_t n;
} mls_node_index_t;

mls_node_index_t mls_node_of_leaf(uint32_t leaf);
/* Of a node on level 0. */
uint32_t mls_leaf_of_node(mls_node_index_t node);

uint32_t mls_node_level(mls_node_index_t node);
bool mls_node_is_leaf(mls_node_index_t node);
bool mls_node_equal(mls_node_index_t a, mls_node_index_t b);

/* Nodes of a tree with that many leaves. */
uint32_t mls_num_nodes(uint32_t num_leaves);
mls_node_index_t mls_root(uint32_t num_leaves);

/* Children of a node above level 0. */
mls_node_index_t mls_node_left(mls_node_index_t node);
mls_node_index_t mls_node_right(mls_node_index_t node);
/* Of any node but the root. */
mls_node_index_t mls_node_parent(mls_node_index_t node);
mls_node_index_t mls_node_sibling(mls_node_index_t node);

/* The leaves below a node (for a leaf: itself): the first, and how many. */
uint32_t mls_node_first_leaf(mls_node_index_t node);
uint32_t mls_node_num_leaves(mls_node_index_t node);
bool mls_node_covers(mls_node_index_t node, uint32_t leaf);
/* The child of `node`, above level 0, that covers `leaf`. */
mls_node_index_t mls_node_child_towards(mls_node_index_t node, uint32_t leaf);

/* The lowest node that covers both leaves. */
mls_node_index_t mls_common_ancestor(uint32_t a, uint32_t b);

#endif
