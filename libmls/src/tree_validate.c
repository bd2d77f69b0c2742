#include "tree_validate.h"
#include "resolution.h"

/* ---- parent hashes (RFC 9420, Section 7.9.2) ----------------------------------------------------- */

/* What a descendant says is its parent's hash; empty for a leaf that no Commit has set. */
static mls_view_t parent_hash_of(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    if (!mls_node_is_leaf(node))
        return mls_tree_parent_hash_field(mls_tree_parent(overlay, node));
    return mls_tree_leaf_decode(mls_tree_leaf(overlay, mls_leaf_of_node(node))).parent_hash;
}

/* How many of an ascending list of leaves lie below a node. */
static size_t num_below(const mls_index_list_t *leaves, mls_node_index_t node)
{
    size_t count = 0;
    for (size_t i = 0; i < leaves->count; i++)
        count += mls_node_covers(node, leaves->items[i]);
    return count;
}

/* The one node of `resolution` that is not among the unmerged leaves; false if there is not just one. */
static bool single_descendant(mls_node_index_t *out, const mls_index_list_t *resolution,
                              const mls_index_list_t *unmerged, size_t num_unmerged_below)
{
    size_t num_unmerged = 0, num_others = 0;
    for (size_t i = 0; i < resolution->count; i++) {
        const mls_node_index_t node = { resolution->items[i] };
        if (mls_node_is_leaf(node) && mls_index_list_contains(unmerged, mls_leaf_of_node(node))) {
            num_unmerged++;
        } else {
            *out = node;
            num_others++;
        }
    }
    return num_others == 1 && num_unmerged == num_unmerged_below;
}

/* Whether `node`, a non-blank parent, is parent-hash valid by way of its child `child`. */
static mls_status_t is_valid_by(const mls_tree_overlay_t *overlay, bool *valid, mls_node_index_t node,
                                mls_node_index_t child)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    const mls_tree_parent_t *parent = mls_tree_parent(overlay, node);
    const mls_index_list_t *unmerged = &parent->unmerged_leaves;
    mls_index_list_t resolution = { 0 };
    mls_node_index_t descendant = { 0 };
    uint8_t sibling_hash[MLS_MAX_HASH_LEN], hash[MLS_MAX_HASH_LEN];
    mls_status_t status;

    *valid = false;
    if ((status = mls_tree_resolution(overlay, &resolution, child, false)) != MLS_OK ||
        !single_descendant(&descendant, &resolution, unmerged, num_below(unmerged, child)))
        goto cleanup;
    if ((status = mls_tree_hash_without(overlay, sibling_hash, mls_node_sibling(child), unmerged)) !=
            MLS_OK ||
        (status = mls_parent_hash(tree->crypto, tree->suite, hash, mls_tree_parent_encryption_key(parent),
                                  mls_tree_parent_hash_field(parent), sibling_hash)) != MLS_OK)
        goto cleanup;
    *valid = mls_view_equal(parent_hash_of(overlay, descendant), mls_view(hash, tree->suite->hash->len));

cleanup:
    mls_index_list_clear(&resolution);
    return status;
}

mls_status_t mls_tree_check_parent_hashes(const mls_tree_overlay_t *overlay)
{
    const uint32_t num_nodes = mls_num_nodes(overlay->summary.num_leaves);
    mls_status_t status = MLS_OK;

    for (uint32_t n = 1; status == MLS_OK && n < num_nodes; n += 2) {
        const mls_node_index_t node = { n };
        bool left, right;
        if (mls_tree_is_blank(overlay, node))
            continue;
        if ((status = is_valid_by(overlay, &left, node, mls_node_left(node))) == MLS_OK &&
            (status = is_valid_by(overlay, &right, node, mls_node_right(node))) == MLS_OK)
            status = mls_check(overlay->tree->crypto, MLS_RULE_W8, left != right);
    }
    return status;
}

/* ---- parents ------------------------------------------------------------------------------------- */

/* Rule W11: the nodes between an unmerged leaf and the node that lists it, where they are not blank, list it
 * as well. */
static bool listed_between(const mls_tree_overlay_t *overlay, mls_node_index_t node, uint32_t leaf)
{
    mls_node_index_t at = mls_node_parent(mls_node_of_leaf(leaf));
    for (; !mls_node_equal(at, node); at = mls_node_parent(at)) {
        const mls_tree_parent_t *parent = mls_tree_parent(overlay, at);
        if (parent != NULL && !mls_index_list_contains(&parent->unmerged_leaves, leaf))
            return false;
    }
    return true;
}

static mls_status_t check_unmerged(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_index_list_t *unmerged = &mls_tree_parent(overlay, node)->unmerged_leaves;
    mls_crypto_t *crypto = overlay->tree->crypto;
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < unmerged->count; i++) {
        const uint32_t leaf = unmerged->items[i];
        if ((status = mls_check(crypto, MLS_RULE_W10,
                                mls_node_covers(node, leaf) && mls_tree_leaf(overlay, leaf) != NULL)) ==
            MLS_OK)
            status = mls_check(crypto, MLS_RULE_W11, listed_between(overlay, node, leaf));
    }
    return status;
}

mls_status_t mls_tree_check_parents(const mls_tree_overlay_t *overlay)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    const uint32_t num_nodes = mls_num_nodes(overlay->summary.num_leaves);
    mls_status_t status = MLS_OK;

    for (uint32_t n = 1; status == MLS_OK && n < num_nodes; n += 2) {
        const mls_node_index_t node = { n };
        if (mls_tree_is_blank(overlay, node))
            continue;
        const mls_view_t key = mls_tree_encryption_key(overlay, node);
        if ((status = mls_hpke_check_public(tree->crypto, tree->suite, key)) == MLS_OK)
            status = check_unmerged(overlay, node);
    }
    return status;
}

/* ---- credentials --------------------------------------------------------------------------------- */

mls_status_t mls_tree_check_credentials(const mls_tree_overlay_t *overlay, const mls_limits_t *limits)
{
    mls_crypto_t *crypto = overlay->tree->crypto;
    mls_status_t status = MLS_OK;
    for (uint32_t leaf = 0; status == MLS_OK && mls_tree_next_leaf(overlay, &leaf); leaf++) {
        const mls_leaf_node_t node = mls_tree_leaf_decode(mls_tree_leaf(overlay, leaf));
        const mls_u16s_t *known = &node.capabilities.credentials;
        uint16_t type;
        status = mls_check(crypto, MLS_RULE_L13, mls_u16s_count(known) <= limits->num_capabilities);
        for (size_t n = 0; status == MLS_OK && mls_tree_credential(overlay, &type, n); n++)
            status = mls_check(crypto, MLS_RULE_L3, mls_u16s_contain(known, type));
    }
    return status;
}
