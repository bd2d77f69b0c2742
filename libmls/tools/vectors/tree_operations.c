/* tree_operations.c -- Add, Update and Remove on the ratchet tree (RFC 9420, Section 7.7). */
#include "proposal.h"
#include "tree.h"

static bool apply_leaf(vector_case_t *c, mls_tree_overlay_t *overlay, const mls_proposal_t *proposal,
                       uint32_t sender)
{
    mls_tree_leaf_t *leaf;
    uint32_t added;
    const bool is_add = proposal->type == MLS_PROPOSAL_ADD;
    const mls_view_t encoded = is_add ? proposal->key_package.leaf_encoded : proposal->leaf_encoded;

    if (!vector_ok(c, "proposal", mls_tree_leaf_new(&leaf, encoded)))
        return false;
    vector_ok(c, "proposal",
              is_add ? mls_tree_add(overlay, &added, leaf, VECTOR_MAX_LEAVES)
                     : mls_tree_update(overlay, sender, leaf));
    mls_tree_leaf_release(leaf);
    return vector_good(c);
}

/* Changes of a leaf are only made where there is one. */
static bool has_leaf(vector_case_t *c, const mls_tree_overlay_t *overlay, uint32_t leaf)
{
    return vector_check(c, "proposal", mls_tree_leaf(overlay, leaf) != NULL,
                        "is for a leaf that is not there");
}

static bool apply(vector_case_t *c, mls_tree_overlay_t *overlay)
{
    mls_proposal_t proposal;
    const uint32_t sender = (uint32_t)vector_number(c, c->json, "proposal_sender");
    if (!vector_decode(c, c->json, "proposal", &proposal, sizeof proposal, mls_codec_proposal))
        return false;
    switch (proposal.type) {
    case MLS_PROPOSAL_ADD:
    case MLS_PROPOSAL_UPDATE:
        return has_leaf(c, overlay, sender) && apply_leaf(c, overlay, &proposal, sender);
    case MLS_PROPOSAL_REMOVE:
        return has_leaf(c, overlay, proposal.removed) &&
               vector_ok(c, "proposal", mls_tree_remove(overlay, proposal.removed));
    default:
        return vector_check(c, "proposal", false, "is neither Add, Update nor Remove");
    }
}

/* Takes the changes over into the tree, and back again: each time the other tree is what is left. */
static void check_swap(vector_case_t *c, vector_tree_t *tree)
{
    mls_tree_overlay_t changes = { 0 };
    if (!vector_ok(c, "tree_after", mls_tree_overlay_prepare(&tree->overlay)))
        return;
    mls_tree_overlay_move(&changes, &tree->overlay);
    mls_tree_overlay_swap(&changes);
    if (vector_ok(c, "tree_after", mls_tree_overlay_init(&tree->overlay, tree->tree)) &&
        vector_tree_equal(c, tree, "tree_after"))
        vector_equal(c, c->json, "tree_hash_after", mls_tree_hash_root(&tree->overlay));
    mls_tree_overlay_clear(&tree->overlay);
    mls_tree_overlay_swap(&changes);
    if (vector_ok(c, "tree_before", mls_tree_overlay_init(&tree->overlay, tree->tree)) &&
        vector_tree_equal(c, tree, "tree_before"))
        vector_equal(c, c->json, "tree_hash_before", mls_tree_hash_root(&tree->overlay));
    mls_tree_overlay_clear(&changes);
}

static void verify(vector_case_t *c)
{
    vector_tree_t tree;
    if (vector_tree_read(c, &tree, "tree_before") &&
        vector_equal(c, c->json, "tree_hash_before", mls_tree_hash_root(&tree.overlay)) &&
        apply(c, &tree.overlay) && vector_tree_equal(c, &tree, "tree_after") &&
        vector_ok(c, "tree_hash_after", mls_tree_hash_update(&tree.overlay)) &&
        vector_equal(c, c->json, "tree_hash_after", mls_tree_hash_root(&tree.overlay)))
        check_swap(c, &tree);
    vector_tree_clear(&tree);
}

static const char *const fields[] = { "cipher_suite",    "tree_before", "proposal",
                                      "proposal_sender", "tree_after",  "tree_hash_before",
                                      "tree_hash_after", NULL };
const vector_kind_t vector_tree_operations = { "tree operations", fields, verify };
