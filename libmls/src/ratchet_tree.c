/* ratchet_tree.c -- the tree itself, and reading through an overlay. */
#include "ratchet_tree.h"
#include "node_hash.h"
#include "rule.h"

#include <stdlib.h>

/* ---- the tree ------------------------------------------------------------------------------------ */

mls_status_t mls_ratchet_tree_new(mls_ratchet_tree_t **out, mls_crypto_t *crypto, const mls_suite_t *suite)
{
    mls_status_t status;
    mls_ratchet_tree_t *tree = calloc(1, sizeof *tree);

    *out = NULL;
    if (tree == NULL)
        return MLS_ERR_NOMEM;
    tree->crypto = crypto;
    tree->suite = suite;
    tree->summary.num_leaves = 1;
    if ((status = mls_key_index_init(&tree->keys, crypto)) != MLS_OK ||
        (status = mls_ratchet_tree_reserve(tree, 1)) != MLS_OK) {
        mls_ratchet_tree_free(tree);
        return status;
    }
    *out = tree;
    return MLS_OK;
}

static void release(void *node, bool is_leaf)
{
    if (is_leaf)
        mls_tree_leaf_release(node);
    else
        mls_tree_parent_release(node);
}

void mls_ratchet_tree_free(mls_ratchet_tree_t *tree)
{
    if (tree == NULL)
        return;
    for (uint32_t i = 0; i < mls_num_nodes(tree->capacity); i++)
        release(tree->nodes[i], i % 2 == 0);
    free(tree->nodes);
    free(tree->hashes);
    free(tree->below);
    free(tree->credentials);
    mls_key_index_clear(&tree->keys);
    free(tree);
}

/* Hashes of the blank nodes that come with growing from `before` to `after` leaves. Those above the old root
 * are not blank subtrees; they stay zero until an overlay that grows the tree computes them. */
static mls_status_t hash_blanks(mls_ratchet_tree_t *tree, uint32_t before, uint32_t after)
{
    const size_t len = tree->suite->hash->len;
    mls_status_t status = MLS_OK;

    for (uint32_t leaf = before; status == MLS_OK && leaf < after; leaf++)
        status = mls_leaf_node_hash(tree->crypto, tree->suite, tree->hashes + 2 * leaf * len, leaf, NULL);
    for (uint32_t step = 2; status == MLS_OK && step <= after / 2; step *= 2) {
        const uint32_t start = before > step ? before : step; /* the first whole subtree of this size */
        for (uint32_t leaf = start; status == MLS_OK && leaf < after; leaf += step) {
            const mls_node_index_t node = { 2 * leaf + step - 1 };
            status = mls_parent_node_hash(tree->crypto, tree->suite, tree->hashes + node.n * len, NULL,
                                          tree->hashes + mls_node_left(node).n * len,
                                          tree->hashes + mls_node_right(node).n * len, NULL);
        }
    }
    return status;
}

/* ---- which leaves there are ---------------------------------------------------------------------- */

static unsigned get_below(const mls_ratchet_tree_t *tree, mls_node_index_t node)
{
    const unsigned four = tree->below[node.n / 4];
    return four >> (2 * (node.n % 4)) & 3u;
}

unsigned mls_ratchet_tree_below(const mls_ratchet_tree_t *tree, mls_node_index_t node)
{
    return node.n < mls_num_nodes(tree->capacity) ? get_below(tree, node) : 0u;
}

static void set_below(mls_ratchet_tree_t *tree, mls_node_index_t node, unsigned below)
{
    uint8_t *byte = &tree->below[node.n / 4];
    const unsigned shift = 2 * (node.n % 4);
    *byte = (uint8_t)((*byte & ~(3u << shift)) | below << shift);
}

unsigned mls_below_of_children(unsigned left, unsigned right)
{
    return ((left | right) & MLS_BELOW_ANY) | (left & right & MLS_BELOW_ALL);
}

void mls_ratchet_tree_note_leaf(mls_ratchet_tree_t *tree, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(tree->capacity);
    mls_node_index_t node = mls_node_of_leaf(leaf);
    unsigned below = tree->nodes[node.n] == NULL ? 0 : MLS_BELOW_ANY | MLS_BELOW_ALL;

    while (mls_ratchet_tree_below(tree, node) != below) {
        set_below(tree, node, below);
        if (mls_node_equal(node, root))
            return;
        node = mls_node_parent(node);
        below = mls_below_of_children(mls_ratchet_tree_below(tree, mls_node_left(node)),
                                      mls_ratchet_tree_below(tree, mls_node_right(node)));
    }
}

/* The leaves that come with growing are blank; above them and the old root are new nodes. */
static mls_status_t grow_below(mls_ratchet_tree_t *tree, uint32_t num_leaves)
{
    const size_t before = (mls_num_nodes(tree->capacity) + 3) / 4,
                 after = (mls_num_nodes(num_leaves) + 3) / 4;
    uint8_t *below = realloc(tree->below, after);
    if (below == NULL)
        return MLS_ERR_NOMEM;
    memset(below + before, 0, after - before);
    tree->below = below;
    for (uint32_t n = tree->capacity; n > 0 && n < num_leaves; n *= 2)
        if ((get_below(tree, mls_root(n)) & MLS_BELOW_ANY) != 0)
            set_below(tree, mls_root(2 * n), MLS_BELOW_ANY);
    return MLS_OK;
}

/* ---- size ---------------------------------------------------------------------------------------- */

mls_status_t mls_ratchet_tree_reserve(mls_ratchet_tree_t *tree, uint32_t num_leaves)
{
    const size_t before = mls_num_nodes(tree->capacity), after = mls_num_nodes(num_leaves);
    if (num_leaves <= tree->capacity)
        return MLS_OK;
    void **nodes = realloc(tree->nodes, after * sizeof *nodes); /* all of it is public */
    if (nodes == NULL)
        return MLS_ERR_NOMEM;
    tree->nodes = nodes;
    const size_t len = tree->suite->hash->len;
    uint8_t *hashes = realloc(tree->hashes, after * len);
    if (hashes == NULL)
        return MLS_ERR_NOMEM;
    tree->hashes = hashes;
    memset(nodes + before, 0, (after - before) * sizeof *nodes);
    memset(hashes + before * len, 0, (after - before) * len);
    mls_status_t status = hash_blanks(tree, tree->capacity, num_leaves);
    if (status == MLS_OK)
        status = grow_below(tree, num_leaves);
    if (status == MLS_OK)
        tree->capacity = num_leaves;
    return status;
}

/* ---- building ------------------------------------------------------------------------------------ */

mls_status_t mls_ratchet_tree_put(mls_ratchet_tree_t *tree, mls_node_index_t node, void *content)
{
    if (node.n < mls_num_nodes(tree->capacity) && tree->nodes[node.n] == NULL) {
        tree->nodes[node.n] = content;
        return MLS_OK;
    }
    release(content, mls_node_is_leaf(node));
    return MLS_ERR_ARGUMENT;
}

static mls_status_t count_credential(mls_ratchet_tree_t *tree, const mls_tree_leaf_t *leaf)
{
    const uint16_t type = mls_tree_leaf_decode(leaf).credential.type;
    size_t i = 0;
    while (i < tree->num_credentials && tree->credentials[i].type != type)
        i++;
    mls_status_t status = mls_check(tree->crypto, MLS_RULE_L13, i < MLS_MAX_CREDENTIAL_TYPES);
    if (status != MLS_OK)
        return status;
    if (i == tree->num_credentials)
        tree->credentials[tree->num_credentials++] = (mls_credential_count_t){ type, 0 };
    tree->credentials[i].num_leaves++;
    return MLS_OK;
}

static mls_status_t summarise(mls_ratchet_tree_t *tree, uint32_t num_leaves)
{
    mls_tree_summary_t summary = { .num_leaves = num_leaves };
    mls_status_t status = MLS_OK;

    if (tree->credentials == NULL &&
        (tree->credentials = calloc(MLS_MAX_CREDENTIAL_TYPES, sizeof *tree->credentials)) == NULL)
        return MLS_ERR_NOMEM;
    for (uint32_t leaf = 0; status == MLS_OK && leaf < num_leaves; leaf++) {
        const mls_tree_leaf_t *found = tree->nodes[2 * leaf];
        mls_ratchet_tree_note_leaf(tree, leaf);
        if (found == NULL)
            continue;
        if (summary.first_blank == leaf)
            summary.first_blank++;
        summary.num_members++;
        summary.end = leaf + 1;
        status = count_credential(tree, found);
    }
    tree->summary = summary;
    return status;
}

static mls_status_t hash_levels(mls_ratchet_tree_t *tree)
{
    const size_t len = tree->suite->hash->len;
    mls_status_t status = MLS_OK;

    for (uint32_t leaf = 0; status == MLS_OK && leaf < tree->capacity; leaf++)
        status = mls_leaf_node_hash(tree->crypto, tree->suite, tree->hashes + 2 * leaf * len, leaf,
                                    tree->nodes[2 * leaf]);
    for (uint32_t step = 2; status == MLS_OK && step <= tree->capacity; step *= 2) {
        for (uint32_t leaf = 0; status == MLS_OK && leaf < tree->capacity; leaf += step) {
            const mls_node_index_t node = { 2 * leaf + step - 1 };
            status = mls_parent_node_hash(tree->crypto, tree->suite, tree->hashes + node.n * len,
                                          tree->nodes[node.n], tree->hashes + mls_node_left(node).n * len,
                                          tree->hashes + mls_node_right(node).n * len, NULL);
        }
    }
    return status;
}

/* Puts one key in, if it is the first of its kind. Equal keys have one home in the index: with many of them
 * in it every insertion would take the longer. */
static mls_status_t index_key(mls_ratchet_tree_t *tree, mls_node_index_t node, mls_key_kind_t kind)
{
    const mls_view_t key = mls_ratchet_tree_key_of(tree, node, kind);
    mls_node_index_t found;
    uint32_t at = 0;
    if (key.len == 0)
        return MLS_OK;
    mls_status_t status = mls_check(
        tree->crypto,
        kind == MLS_KEY_SIGNATURE ? MLS_RULE_L7 : (mls_node_is_leaf(node) ? MLS_RULE_L8 : MLS_RULE_W12),
        !mls_key_index_find(&tree->keys, &found, &at, key, kind, mls_ratchet_tree_key_of, tree));
    if (status == MLS_OK)
        mls_key_index_insert(&tree->keys, key, node, kind);
    return status;
}

static mls_status_t index_keys(mls_ratchet_tree_t *tree)
{
    const uint32_t num_nodes = mls_num_nodes(tree->capacity);
    mls_status_t status =
        mls_key_index_reserve(&tree->keys, num_nodes + tree->capacity, mls_ratchet_tree_key_of, tree);
    for (uint32_t i = 0; status == MLS_OK && i < num_nodes; i++) {
        const mls_node_index_t node = { i };
        if ((status = index_key(tree, node, MLS_KEY_ENCRYPTION)) == MLS_OK)
            status = index_key(tree, node, MLS_KEY_SIGNATURE);
    }
    return status;
}

mls_status_t mls_ratchet_tree_finish(mls_ratchet_tree_t *tree, uint32_t num_leaves)
{
    mls_status_t status;
    if ((status = summarise(tree, num_leaves)) != MLS_OK || (status = index_keys(tree)) != MLS_OK)
        return status;
    return hash_levels(tree);
}

/* ---- reading ------------------------------------------------------------------------------------- */

uint32_t mls_overlay_slot(mls_node_index_t node, uint32_t shift)
{
    /* The places of one path differ in few bits, and those high up in the high ones alone: the upper bits of
     * the product have something of all of them (Fibonacci hashing). */
    return node.n * 2654435769u >> shift;
}

mls_overlay_entry_t *mls_tree_overlay_entry(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    if (overlay->num_used == 0)
        return NULL;
    uint32_t at = mls_overlay_slot(node, overlay->shift);
    while (overlay->entries[at].place != 0 && overlay->entries[at].place != node.n + 1)
        at = (at + 1) & (overlay->num_entries - 1);
    return overlay->entries[at].place == 0 ? NULL : &overlay->entries[at];
}

static void *node_at(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    if (entry != NULL && (entry->flags & MLS_ENTRY_CHANGED) != 0)
        return entry->node;
    return node.n < mls_num_nodes(overlay->tree->capacity) ? overlay->tree->nodes[node.n] : NULL;
}

mls_tree_leaf_t *mls_tree_leaf(const mls_tree_overlay_t *overlay, uint32_t leaf)
{
    return leaf < overlay->summary.num_leaves ? node_at(overlay, mls_node_of_leaf(leaf)) : NULL;
}

mls_tree_parent_t *mls_tree_parent(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    return node.n < mls_num_nodes(overlay->summary.num_leaves) ? node_at(overlay, node) : NULL;
}

bool mls_tree_is_blank(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    return node.n >= mls_num_nodes(overlay->summary.num_leaves) || node_at(overlay, node) == NULL;
}

mls_view_t mls_tree_encryption_key(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const void *found = node_at(overlay, node);
    if (found == NULL)
        return (mls_view_t){ 0 };
    return mls_node_is_leaf(node) ? mls_tree_leaf_encryption_key(found)
                                  : mls_tree_parent_encryption_key(found);
}

bool mls_tree_next_leaf(const mls_tree_overlay_t *overlay, uint32_t *leaf)
{
    for (; *leaf < overlay->summary.end; ++*leaf)
        if (mls_tree_leaf(overlay, *leaf) != NULL)
            return true;
    return false;
}

unsigned mls_tree_below(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    return entry != NULL ? entry->below : mls_ratchet_tree_below(overlay->tree, node);
}

/* A tree that is joined may have a parent above nobody: that is for others to refuse. */
bool mls_tree_is_empty_below(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    return mls_tree_is_blank(overlay, node) && (mls_tree_below(overlay, node) & MLS_BELOW_ANY) == 0;
}

bool mls_tree_overlay_has_leaf(const mls_tree_overlay_t *overlay, uint32_t leaf)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, mls_node_of_leaf(leaf));
    return entry != NULL && (entry->flags & MLS_ENTRY_CHANGED) != 0;
}

bool mls_tree_credential(const mls_tree_overlay_t *overlay, uint16_t *type, size_t n)
{
    const bool own = overlay->credentials != NULL;
    const mls_credential_count_t *counts = own ? overlay->credentials : overlay->tree->credentials;
    const size_t num = own ? overlay->num_credentials : overlay->tree->num_credentials;
    if (n < num)
        *type = counts[n].type;
    return n < num;
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static mls_view_t key_of_node(const void *node, bool is_leaf, mls_key_kind_t kind)
{
    if (node == NULL || (!is_leaf && kind == MLS_KEY_SIGNATURE))
        return (mls_view_t){ 0 };
    if (!is_leaf)
        return mls_tree_parent_encryption_key(node);
    return kind == MLS_KEY_SIGNATURE ? mls_tree_leaf_signature_key(node) : mls_tree_leaf_encryption_key(node);
}

mls_view_t mls_ratchet_tree_key_of(const void *nodes, mls_node_index_t node, mls_key_kind_t kind)
{
    const mls_ratchet_tree_t *tree = nodes;
    return key_of_node(tree->nodes[node.n], mls_node_is_leaf(node), kind);
}

mls_view_t mls_tree_overlay_key_of(const void *nodes, mls_node_index_t node, mls_key_kind_t kind)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(nodes, node);
    return key_of_node(entry == NULL ? NULL : entry->node, mls_node_is_leaf(node), kind);
}

static bool overlay_has_key(const mls_tree_overlay_t *overlay, mls_view_t key, mls_key_kind_t kind)
{
    mls_node_index_t node;
    uint32_t at = 0;
    return mls_key_index_find(&overlay->keys, &node, &at, key, kind, mls_tree_overlay_key_of, overlay);
}

bool mls_tree_has_key(const mls_tree_overlay_t *overlay, mls_view_t key, mls_key_kind_t kind)
{
    mls_node_index_t node;
    uint32_t at = 0;
    if (overlay_has_key(overlay, key, kind))
        return true;
    while (mls_key_index_find(&overlay->tree->keys, &node, &at, key, kind, mls_ratchet_tree_key_of,
                              overlay->tree)) {
        const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
        if (entry == NULL || (entry->flags & MLS_ENTRY_CHANGED) == 0)
            return true; /* else the node that had it has been replaced */
    }
    return false;
}
