/* resolution.h -- the resolution of a node: the non-blank nodes that together hold all members below it
 * (RFC 9420, Section 4.1.1). */
#ifndef MLS_RESOLUTION_H
#define MLS_RESOLUTION_H

#include "ratchet_tree.h"

/* A walk through a resolution in its order, that needs no memory. It ends with the next change of the tree.
 */
typedef struct mls_resolution {
    const mls_tree_overlay_t *overlay;
    bool without_added;
    mls_node_index_t waiting[MLS_MAX_LEVELS + 1]; /* left before right: one right child waits on each level */
    size_t num_waiting;
    const mls_index_list_t *unmerged; /* of the node before; NULL: none */
    size_t next_unmerged;
} mls_resolution_t;

/* `without_added` leaves out the leaves that the staged Commit adds: no path secret goes to them (RFC 9420,
 * Section 12.4.1). */
mls_resolution_t mls_resolution_of(const mls_tree_overlay_t *overlay, mls_node_index_t node,
                                   bool without_added);
/* False at the end. */
bool mls_resolution_next(mls_resolution_t *resolution, mls_node_index_t *node);

/* How many nodes it has. */
size_t mls_resolution_count(const mls_tree_overlay_t *overlay, mls_node_index_t node, bool without_added);
/* All of it, appended to `*out`. */
MLS_MUST_USE mls_status_t mls_tree_resolution(const mls_tree_overlay_t *overlay, mls_index_list_t *out,
                                              mls_node_index_t node, bool without_added);

#endif
