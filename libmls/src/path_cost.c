#include "path_cost.h"
#include "resolution.h"

/* How many nodes a non-blank node stands for in a resolution: itself and its unmerged leaves. */
static uint32_t count_non_blank(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    return mls_node_is_leaf(node) ? 1 : 1 + (uint32_t)mls_tree_parent(overlay, node)->unmerged_leaves.count;
}

mls_path_cost_t mls_tree_path_cost(const mls_tree_overlay_t *overlay, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    mls_node_index_t node = mls_node_of_leaf(leaf);
    mls_path_cost_t cost = { 0 };
    uint32_t resolution = 1;

    while (!mls_node_equal(node, root)) {
        const uint32_t copath = (uint32_t)mls_resolution_count(overlay, mls_node_sibling(node), false);
        node = mls_node_parent(node);
        cost.own += copath;
        resolution = mls_tree_is_blank(overlay, node) ? resolution + copath : count_non_blank(overlay, node);
        /* Nobody encrypts to the root: it is on every path. */
        if (mls_tree_is_blank(overlay, node) && !mls_node_equal(node, root) && resolution > cost.blank)
            cost.blank = resolution;
    }
    return cost;
}

/* ---- of all members ------------------------------------------------------------------------------ */

/* What the members below a node have on their copaths inside of it. */
typedef struct below {
    uint32_t resolution; /* of the node, 0 if all below is blank */
    uint32_t largest;    /* of the members below: ciphertexts that stay below the node */
} below_t;

static below_t join_halves(const mls_tree_overlay_t *overlay, mls_node_index_t node, below_t left,
                           below_t right)
{
    below_t both = { .resolution = left.resolution + right.resolution };

    if (left.resolution > 0)
        both.largest = left.largest + right.resolution;
    if (right.resolution > 0 && right.largest + left.resolution > both.largest)
        both.largest = right.largest + left.resolution;
    if (!mls_tree_is_blank(overlay, node))
        both.resolution = count_non_blank(overlay, node);
    return both;
}

uint32_t mls_tree_largest_path(const mls_tree_overlay_t *overlay)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    below_t left[MLS_MAX_LEVELS + 1] = { 0 }; /* left halves that wait for their right ones, by level */

    for (uint32_t leaf = 0; leaf < overlay->summary.num_leaves; leaf++) {
        mls_node_index_t node = mls_node_of_leaf(leaf);
        below_t here = { .resolution = mls_tree_is_blank(overlay, node) ? 0 : 1 };
        uint32_t level = 0;
        for (; (leaf >> level & 1) != 0; level++) {
            node = mls_node_parent(node);
            here = join_halves(overlay, node, left[level], here);
        }
        if (mls_node_equal(node, root))
            return here.largest;
        left[level] = here;
    }
    return 0;
}
