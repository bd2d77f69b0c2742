#include "tree_hash.h"

static bool is_open(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    return entry != NULL && (entry->flags & MLS_ENTRY_HASHED) == 0;
}

const uint8_t *mls_tree_hash_of(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    return entry != NULL ? entry->hash : overlay->tree->hashes + node.n * overlay->tree->suite->hash->len;
}

mls_view_t mls_tree_hash_root(const mls_tree_overlay_t *overlay)
{
    return mls_view(mls_tree_hash_of(overlay, mls_root(overlay->summary.num_leaves)),
                    overlay->tree->suite->hash->len);
}

/* Computes one hash; those of its children are there. */
static mls_status_t compute(mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    mls_ratchet_tree_t *tree = overlay->tree;
    mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    mls_status_t status;

    if (mls_node_is_leaf(node)) {
        const uint32_t leaf = mls_leaf_of_node(node);
        status =
            mls_leaf_node_hash(tree->crypto, tree->suite, entry->hash, leaf, mls_tree_leaf(overlay, leaf));
    } else {
        status = mls_parent_node_hash(tree->crypto, tree->suite, entry->hash, mls_tree_parent(overlay, node),
                                      mls_tree_hash_of(overlay, mls_node_left(node)),
                                      mls_tree_hash_of(overlay, mls_node_right(node)), NULL);
    }
    if (status == MLS_OK)
        entry->flags |= MLS_ENTRY_HASHED;
    return status;
}

/* Children first, without recursion; only where hashes are open. */
mls_status_t mls_tree_hash_update_below(mls_tree_overlay_t *overlay, mls_node_index_t top)
{
    mls_node_index_t waiting[MLS_MAX_LEVELS + 1];
    size_t num_waiting = 0;
    mls_status_t status = MLS_OK;

    waiting[num_waiting++] = top;
    while (num_waiting > 0 && status == MLS_OK) {
        const mls_node_index_t node = waiting[num_waiting - 1];
        if (!is_open(overlay, node)) {
            num_waiting--;
        } else if (!mls_node_is_leaf(node) && is_open(overlay, mls_node_left(node))) {
            waiting[num_waiting++] = mls_node_left(node);
        } else if (!mls_node_is_leaf(node) && is_open(overlay, mls_node_right(node))) {
            waiting[num_waiting++] = mls_node_right(node);
        } else {
            status = compute(overlay, node);
        }
    }
    return status;
}

mls_status_t mls_tree_hash_update(mls_tree_overlay_t *overlay)
{
    return mls_tree_hash_update_below(overlay, mls_root(overlay->summary.num_leaves));
}

mls_status_t mls_tree_hash_blank_remains(mls_tree_overlay_t *overlay)
{
    mls_status_t status = MLS_OK;
    for (uint32_t n = overlay->summary.num_leaves; status == MLS_OK && n < overlay->tree->capacity; n *= 2)
        status = mls_tree_hash_update_below(overlay, mls_node_right(mls_root(2 * n)));
    return status;
}

/* ---- original tree hashes (RFC 9420, Section 7.9) ------------------------------------------------ */

static bool has_any_below(const mls_index_list_t *leaves, mls_node_index_t node)
{
    const uint32_t first = mls_node_first_leaf(node), end = first + mls_node_num_leaves(node);
    size_t low = 0, high = leaves->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (leaves->items[middle] < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < leaves->count && leaves->items[low] < end;
}

/* One level of the walk below: the hashes of the children as they become known. */
typedef struct frame {
    mls_node_index_t node;
    int num_known;
    uint8_t hashes[2][MLS_MAX_HASH_LEN];
} frame_t;

static mls_status_t hash_blank_leaf(const mls_tree_overlay_t *overlay, uint8_t *out, mls_node_index_t node)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    return mls_leaf_node_hash(tree->crypto, tree->suite, out, mls_leaf_of_node(node), NULL);
}

mls_status_t mls_tree_hash_without(const mls_tree_overlay_t *overlay, uint8_t *out, mls_node_index_t node,
                                   const mls_index_list_t *without)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    const size_t len = tree->suite->hash->len;
    frame_t stack[MLS_MAX_LEVELS + 1];
    size_t depth = 0;
    mls_status_t status = MLS_OK;
    uint8_t hash[MLS_MAX_HASH_LEN];

    for (;;) {
        if (!has_any_below(without, node)) {
            memcpy(hash, mls_tree_hash_of(overlay, node), len);
        } else if (mls_node_is_leaf(node)) {
            status = hash_blank_leaf(overlay, hash, node);
        } else {
            stack[depth++] = (frame_t){ .node = node };
            node = mls_node_left(node);
            continue;
        }
        /* `hash` is that of `node`: hand it up as far as both children are known. */
        while (status == MLS_OK && depth > 0) {
            frame_t *top = &stack[depth - 1];
            memcpy(top->hashes[top->num_known++], hash, len);
            if (top->num_known < 2)
                break;
            status =
                mls_parent_node_hash(tree->crypto, tree->suite, hash, mls_tree_parent(overlay, top->node),
                                     top->hashes[0], top->hashes[1], without);
            depth--;
        }
        if (status != MLS_OK || depth == 0)
            break;
        node = mls_node_right(stack[depth - 1].node);
    }
    if (status == MLS_OK)
        memcpy(out, hash, len);
    return status;
}
