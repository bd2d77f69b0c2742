#include "resolution.h"

mls_resolution_t mls_resolution_of(const mls_tree_overlay_t *overlay, mls_node_index_t node,
                                   bool without_added)
{
    return (mls_resolution_t){
        .overlay = overlay, .without_added = without_added, .waiting = { node }, .num_waiting = 1
    };
}

static bool is_left_out(const mls_resolution_t *r, mls_node_index_t leaf)
{
    const mls_overlay_entry_t *entry = r->without_added ? mls_tree_overlay_entry(r->overlay, leaf) : NULL;
    return entry != NULL && (entry->flags & MLS_ENTRY_ADDED) != 0;
}

/* The next one of the unmerged leaves, which follow the node that lists them. */
static bool next_unmerged(mls_resolution_t *r, mls_node_index_t *node)
{
    while (r->unmerged != NULL && r->next_unmerged < r->unmerged->count) {
        *node = mls_node_of_leaf(r->unmerged->items[r->next_unmerged++]);
        if (!is_left_out(r, *node))
            return true;
    }
    return false;
}

/* A blank node stands for its children; where all below is blank, for nobody. */
static void wait_for_children(mls_resolution_t *r, mls_node_index_t node)
{
    if (mls_node_is_leaf(node) || mls_node_first_leaf(node) >= r->overlay->summary.end)
        return;
    r->waiting[r->num_waiting++] = mls_node_right(node);
    r->waiting[r->num_waiting++] = mls_node_left(node);
}

bool mls_resolution_next(mls_resolution_t *r, mls_node_index_t *node)
{
    if (next_unmerged(r, node))
        return true;
    while (r->num_waiting > 0) {
        *node = r->waiting[--r->num_waiting];
        if (mls_tree_is_blank(r->overlay, *node)) {
            wait_for_children(r, *node);
        } else if (!mls_node_is_leaf(*node)) {
            r->unmerged = &mls_tree_parent(r->overlay, *node)->unmerged_leaves;
            r->next_unmerged = 0;
            return true;
        } else if (!is_left_out(r, *node)) {
            return true;
        }
    }
    return false;
}

size_t mls_resolution_count(const mls_tree_overlay_t *overlay, mls_node_index_t node, bool without_added)
{
    mls_resolution_t resolution = mls_resolution_of(overlay, node, without_added);
    size_t count = 0;
    while (mls_resolution_next(&resolution, &node))
        count++;
    return count;
}

mls_status_t mls_tree_resolution(const mls_tree_overlay_t *overlay, mls_index_list_t *out,
                                 mls_node_index_t node, bool without_added)
{
    mls_resolution_t resolution = mls_resolution_of(overlay, node, without_added);
    mls_status_t status = MLS_OK;
    while (status == MLS_OK && mls_resolution_next(&resolution, &node))
        status = mls_index_list_push(out, node.n);
    return status;
}
