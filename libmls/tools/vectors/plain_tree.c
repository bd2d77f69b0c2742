#include "plain_tree.h"
#include "by_hand.h"
#include "make.h"

enum { LEAF = 1, PARENT = 2 }; /* NodeType of RFC 9420, Section 7.8 */

/* ---- from libmls --------------------------------------------------------------------------------- */

static void read_parent(vector_case_t *c, plain_node_t *out, const mls_tree_parent_t *parent)
{
    out->encryption_key = keep_view(c, mls_tree_parent_encryption_key(parent));
    out->parent_hash = keep_view(c, mls_tree_parent_hash_field(parent));
    for (size_t i = 0; i < parent->unmerged_leaves.count; i++)
        out->unmerged[parent->unmerged_leaves.items[i]] = true;
}

bool plain_tree_read(vector_case_t *c, plain_tree_t *out, const mls_tree_overlay_t *overlay)
{
    *out = (plain_tree_t){ .num_leaves = overlay->summary.num_leaves };
    if (!vector_check(c, "tree", out->num_leaves <= PLAIN_MAX_LEAVES, "is too large"))
        return false;
    for (uint32_t i = 0; i < mls_num_nodes(out->num_leaves); i++) {
        const mls_node_index_t node = { i };
        out->nodes[i].is_there = !mls_tree_is_blank(overlay, node);
        if (!out->nodes[i].is_there)
            continue;
        if (mls_node_is_leaf(node))
            out->nodes[i].leaf =
                keep_view(c, mls_tree_leaf_encoded(mls_tree_leaf(overlay, mls_leaf_of_node(node))));
        else
            read_parent(c, &out->nodes[i], mls_tree_parent(overlay, node));
    }
    return vector_good(c);
}

/* ---- changes ------------------------------------------------------------------------------------- */

static bool has_leaf(const plain_tree_t *tree, uint32_t index)
{
    return tree->nodes[2 * index].is_there;
}

/* Visits the direct path of a leaf from the bottom up: call it with the leaf's node first. False: that was
 * the root. */
static bool go_up(const plain_tree_t *tree, mls_node_index_t *node)
{
    if (mls_node_equal(*node, mls_root(tree->num_leaves)))
        return false;
    *node = mls_node_parent(*node);
    return true;
}

static void set_leaf(plain_tree_t *tree, uint32_t index, mls_view_t leaf)
{
    tree->nodes[2 * index] = (plain_node_t){ .is_there = leaf.len > 0, .leaf = leaf };
}

static void blank_path(plain_tree_t *tree, uint32_t index)
{
    mls_node_index_t node = mls_node_of_leaf(index);
    while (go_up(tree, &node))
        tree->nodes[node.n] = (plain_node_t){ 0 };
}

bool plain_tree_add(vector_case_t *c, plain_tree_t *tree, mls_view_t leaf)
{
    uint32_t index = 0;
    while (index < tree->num_leaves && has_leaf(tree, index))
        index++;
    if (index == tree->num_leaves)
        tree->num_leaves *= 2; /* the new places are blank */
    if (!vector_check(c, "tree", tree->num_leaves <= PLAIN_MAX_LEAVES, "is too large"))
        return false;
    set_leaf(tree, index, leaf);
    mls_node_index_t node = mls_node_of_leaf(index);
    while (go_up(tree, &node))
        tree->nodes[node.n].unmerged[index] = tree->nodes[node.n].is_there;
    return true;
}

void plain_tree_update(plain_tree_t *tree, uint32_t index, mls_view_t leaf)
{
    set_leaf(tree, index, leaf);
    blank_path(tree, index);
}

static bool right_half_is_blank(const plain_tree_t *tree)
{
    for (uint32_t i = tree->num_leaves / 2; i < tree->num_leaves; i++)
        if (has_leaf(tree, i))
            return false;
    return tree->num_leaves > 1;
}

void plain_tree_remove(plain_tree_t *tree, uint32_t index)
{
    set_leaf(tree, index, (mls_view_t){ 0 });
    blank_path(tree, index);
    while (right_half_is_blank(tree)) {
        tree->num_leaves /= 2;
        for (uint32_t i = mls_num_nodes(tree->num_leaves); i < PLAIN_MAX_NODES; i++)
            tree->nodes[i] = (plain_node_t){ 0 };
    }
}

/* ---- what is computed ---------------------------------------------------------------------------- */

size_t plain_tree_resolution(const plain_tree_t *tree, uint32_t *out, mls_node_index_t node)
{
    const plain_node_t *content = &tree->nodes[node.n];
    size_t count = 0;
    if (content->is_there) {
        out[count++] = node.n;
        for (uint32_t i = 0; i < tree->num_leaves; i++)
            if (content->unmerged[i])
                out[count++] = 2 * i;
    } else if (!mls_node_is_leaf(node)) {
        count = plain_tree_resolution(tree, out, mls_node_left(node));
        count += plain_tree_resolution(tree, out + count, mls_node_right(node));
    }
    return count;
}

static void write_parent(hand_t *hand, const plain_tree_t *tree, const plain_node_t *content)
{
    size_t num_unmerged = 0;
    for (uint32_t i = 0; i < tree->num_leaves; i++)
        num_unmerged += content->unmerged[i];
    hand_opaque(hand, content->encryption_key);
    hand_opaque(hand, content->parent_hash);
    hand_length(hand, 4 * num_unmerged);
    for (uint32_t i = 0; i < tree->num_leaves; i++)
        if (content->unmerged[i])
            hand_number(hand, i, 4);
}

mls_secret_t plain_tree_hash(vector_case_t *c, const plain_tree_t *tree, mls_node_index_t node)
{
    const plain_node_t *content = &tree->nodes[node.n];
    const bool is_leaf = mls_node_is_leaf(node);
    hand_t input = { 0 };
    hand_number(&input, is_leaf ? LEAF : PARENT, 1);
    if (is_leaf)
        hand_number(&input, mls_leaf_of_node(node), 4);
    hand_number(&input, content->is_there, 1);
    if (content->is_there && is_leaf)
        hand_raw(&input, content->leaf);
    else if (content->is_there)
        write_parent(&input, tree, content);
    if (!is_leaf) {
        const mls_secret_t left = plain_tree_hash(c, tree, mls_node_left(node));
        const mls_secret_t right = plain_tree_hash(c, tree, mls_node_right(node));
        hand_opaque(&input, mls_secret_view(&left));
        hand_opaque(&input, mls_secret_view(&right));
    }
    return hand_hash(c, &input);
}

mls_view_t plain_tree_encode(vector_case_t *c, const plain_tree_t *tree)
{
    hand_t nodes = { 0 }, out = { 0 };
    uint32_t count = mls_num_nodes(tree->num_leaves);
    while (count > 0 && !tree->nodes[count - 1].is_there)
        count--; /* blank nodes at the end are left out */
    for (uint32_t i = 0; i < count; i++) {
        const plain_node_t *content = &tree->nodes[i];
        hand_number(&nodes, content->is_there, 1);
        if (!content->is_there)
            continue;
        hand_number(&nodes, i % 2 == 0 ? LEAF : PARENT, 1);
        if (i % 2 == 0)
            hand_raw(&nodes, content->leaf);
        else
            write_parent(&nodes, tree, content);
    }
    hand_opaque(&out, hand_view(c, &nodes));
    return hand_view(c, &out);
}
