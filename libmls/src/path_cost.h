/* path_cost.h -- how many ciphertexts an UpdatePath would hold (RFC 9420, Sections 7.5 and 7.6), counted and
 * not made: a path secret is encrypted to each node in the resolution of each copath node. */
#ifndef MLS_PATH_COST_H
#define MLS_PATH_COST_H

#include "mls/commit.h"
#include "ratchet_tree.h"

/* Of a path of this leaf, which is not blank. Takes as long as the resolution of the root is. */
mls_path_cost_t mls_tree_path_cost(const mls_tree_overlay_t *overlay, uint32_t leaf);
/* The largest number of ciphertexts in a path of any member; 0 in a tree without members. Takes as long as
 * the tree is wide. */
uint32_t mls_tree_largest_path(const mls_tree_overlay_t *overlay);

#endif
