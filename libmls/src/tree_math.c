#include "tree_math.h"

mls_node_index_t mls_node_of_leaf(uint32_t leaf)
{
    return (mls_node_index_t){ 2 * leaf };
}

uint32_t mls_leaf_of_node(mls_node_index_t node)
{
    return node.n / 2;
}

/* The level is the number of trailing ones of the index. */
uint32_t mls_node_level(mls_node_index_t node)
{
    uint32_t level = 0;
    while (level < 31 && (node.n >> level & 1) != 0)
        level++;
    return level;
}

bool mls_node_is_leaf(mls_node_index_t node)
{
    return (node.n & 1) == 0;
}

bool mls_node_equal(mls_node_index_t a, mls_node_index_t b)
{
    return a.n == b.n;
}

uint32_t mls_num_nodes(uint32_t num_leaves)
{
    return num_leaves == 0 ? 0 : 2 * num_leaves - 1;
}

mls_node_index_t mls_root(uint32_t num_leaves)
{
    return (mls_node_index_t){ num_leaves - 1 };
}

mls_node_index_t mls_node_left(mls_node_index_t node)
{
    return (mls_node_index_t){ node.n ^ (1u << (mls_node_level(node) - 1)) };
}

mls_node_index_t mls_node_right(mls_node_index_t node)
{
    return (mls_node_index_t){ node.n ^ (3u << (mls_node_level(node) - 1)) };
}

mls_node_index_t mls_node_parent(mls_node_index_t node)
{
    const uint32_t level = mls_node_level(node);
    return (mls_node_index_t){ (node.n | 1u << level) & ~(2u << level) };
}

mls_node_index_t mls_node_sibling(mls_node_index_t node)
{
    return (mls_node_index_t){ node.n ^ (2u << mls_node_level(node)) };
}

uint32_t mls_node_first_leaf(mls_node_index_t node)
{
    return (node.n + 1 - (1u << mls_node_level(node))) / 2;
}

uint32_t mls_node_num_leaves(mls_node_index_t node)
{
    return 1u << mls_node_level(node);
}

bool mls_node_covers(mls_node_index_t node, uint32_t leaf)
{
    return leaf - mls_node_first_leaf(node) < mls_node_num_leaves(node);
}

mls_node_index_t mls_node_child_towards(mls_node_index_t node, uint32_t leaf)
{
    const mls_node_index_t left = mls_node_left(node);
    return mls_node_covers(left, leaf) ? left : mls_node_right(node);
}

mls_node_index_t mls_common_ancestor(uint32_t a, uint32_t b)
{
    uint32_t level = 0;
    while (a >> level != b >> level)
        level++;
    /* The nodes of a level are 2^(level+1) apart, and the first of them is 2^level - 1. */
    return (mls_node_index_t){ (a >> level << (level + 1)) + (1u << level) - 1 };
}
