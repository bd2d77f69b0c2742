#include "exporter_tree.h"

#include <stdlib.h>

mls_status_t mls_exporter_tree_set(mls_exporter_tree_t *tree, const mls_exporter_node_t *items, size_t count)
{
    mls_exporter_node_t *copy = calloc(count + 1, sizeof *copy);
    if (copy == NULL)
        return MLS_ERR_NOMEM;
    if (count > 0)
        memcpy(copy, items, count * sizeof *copy);
    mls_exporter_tree_clear(tree);
    *tree = (mls_exporter_tree_t){ copy, count };
    return MLS_OK;
}

mls_status_t mls_exporter_tree_init(mls_exporter_tree_t *tree, const mls_secret_t *root)
{
    mls_exporter_node_t node = { .secret = *root };
    mls_status_t status = mls_exporter_tree_set(tree, &node, 1);
    mls_wipe(&node, sizeof node);
    return status;
}

void mls_exporter_tree_clear(mls_exporter_tree_t *tree)
{
    if (tree->items != NULL)
        mls_wipe(tree->items, tree->count * sizeof *tree->items);
    free(tree->items);
    *tree = (mls_exporter_tree_t){ 0 };
}

static bool covers(const mls_exporter_node_t *node, uint16_t component_id)
{
    return (uint32_t)component_id >> (MLS_EXPORTER_TREE_DEPTH - node->depth) == node->prefix;
}

/* RFC 9420, Section 9: the secret of a child. */
static mls_status_t derive(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                           const mls_secret_t *parent, bool right)
{
    out->len = suite->hash->len;
    return mls_expand_with_label(crypto, suite, out->data, out->len, mls_secret_view(parent), "tree",
                                 mls_view_text(right ? "right" : "left"));
}

/* From a node down to the component's leaf: the secrets of the siblings on the way, and that of the leaf. */
static mls_status_t descend(mls_crypto_t *crypto, const mls_suite_t *suite, mls_exporter_node_t *siblings,
                            mls_exporter_node_t *at, uint16_t component_id)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && at->depth < MLS_EXPORTER_TREE_DEPTH; i++) {
        const uint8_t depth = (uint8_t)(at->depth + 1);
        const uint16_t child = (uint16_t)(component_id >> (MLS_EXPORTER_TREE_DEPTH - depth));
        const bool right = child % 2 == 1;
        mls_exporter_node_t next = { .depth = depth, .prefix = child };
        siblings[i] = (mls_exporter_node_t){ .depth = depth, .prefix = child ^ 1 };
        if ((status = derive(crypto, suite, &siblings[i].secret, &at->secret, !right)) == MLS_OK)
            status = derive(crypto, suite, &next.secret, &at->secret, right);
        *at = next;
        mls_wipe(&next, sizeof next);
    }
    return status;
}

/* A list with the siblings in the place of the n-th. */
static mls_status_t replace(mls_exporter_tree_t *tree, size_t n, const mls_exporter_node_t *siblings,
                            size_t num_siblings)
{
    const size_t count = tree->count - 1 + num_siblings;
    mls_exporter_node_t *items = calloc(count + 1, sizeof *items);
    size_t at = 0;

    if (items == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < tree->count; i++)
        if (i != n)
            items[at++] = tree->items[i];
    for (size_t i = 0; i < num_siblings; i++)
        items[at++] = siblings[i];
    mls_exporter_tree_clear(tree);
    *tree = (mls_exporter_tree_t){ items, count };
    return MLS_OK;
}

mls_status_t mls_exporter_tree_take(mls_exporter_tree_t *tree, mls_secret_t *out, mls_crypto_t *crypto,
                                    const mls_suite_t *suite, uint16_t component_id)
{
    mls_exporter_node_t siblings[MLS_EXPORTER_TREE_DEPTH] = { 0 }, at;
    size_t n = 0;

    *out = (mls_secret_t){ 0 };
    while (n < tree->count && !covers(&tree->items[n], component_id))
        n++;
    if (n == tree->count)
        return MLS_ERR_STATE;
    at = tree->items[n];
    const size_t num_siblings = MLS_EXPORTER_TREE_DEPTH - (size_t)at.depth;
    mls_status_t status = descend(crypto, suite, siblings, &at, component_id);
    if (status == MLS_OK)
        status = replace(tree, n, siblings, num_siblings);
    if (status == MLS_OK)
        *out = at.secret;
    mls_wipe(siblings, sizeof siblings);
    mls_wipe(&at, sizeof at);
    return status;
}
