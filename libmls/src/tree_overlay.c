/* tree_overlay.c -- changing a tree through an overlay, and taking the changes over. */
#include "ratchet_tree.h"
#include "rule.h"
#include "tree_hash.h"

#include <stdlib.h>

mls_status_t mls_tree_overlay_init(mls_tree_overlay_t *overlay, mls_ratchet_tree_t *tree)
{
    *overlay = (mls_tree_overlay_t){ .tree = tree, .summary = tree->summary };
    return mls_key_index_init(&overlay->keys, tree->crypto);
}

static void release_entry(mls_overlay_entry_t *entry)
{
    const mls_node_index_t node = { entry->place - 1 };
    if (entry->place == 0 || (entry->flags & MLS_ENTRY_CHANGED) == 0)
        return;
    if (mls_node_is_leaf(node))
        mls_tree_leaf_release(entry->node);
    else
        mls_tree_parent_release(entry->node);
}

void mls_tree_overlay_clear(mls_tree_overlay_t *overlay)
{
    for (uint32_t i = 0; i < overlay->num_entries; i++)
        release_entry(&overlay->entries[i]);
    free(overlay->entries);
    free(overlay->credentials);
    mls_key_index_clear(&overlay->keys);
    *overlay = (mls_tree_overlay_t){ 0 };
}

void mls_tree_overlay_move(mls_tree_overlay_t *to, mls_tree_overlay_t *from)
{
    *to = *from;
    *from = (mls_tree_overlay_t){ 0 };
}

/* ---- entries ------------------------------------------------------------------------------------- */

static mls_overlay_entry_t *free_slot(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    uint32_t at = mls_overlay_slot(node, overlay->shift);
    while (overlay->entries[at].place != 0)
        at = (at + 1) & (overlay->num_entries - 1);
    return &overlay->entries[at];
}

static mls_status_t grow(mls_tree_overlay_t *overlay)
{
    enum { FIRST_SHIFT = 32 - 6 };
    mls_tree_overlay_t larger = *overlay;
    larger.shift = overlay->num_entries == 0 ? FIRST_SHIFT : overlay->shift - 1;
    larger.num_entries = (uint32_t)1 << (32 - larger.shift);
    if ((larger.entries = calloc(larger.num_entries, sizeof *larger.entries)) == NULL)
        return MLS_ERR_NOMEM;
    for (uint32_t i = 0; i < overlay->num_entries; i++)
        if (overlay->entries[i].place != 0)
            *free_slot(&larger, (mls_node_index_t){ overlay->entries[i].place - 1 }) = overlay->entries[i];
    free(overlay->entries);
    *overlay = larger;
    return MLS_OK;
}

/* The entry of a place, a new one without flags where there was none. */
static mls_status_t touch(mls_tree_overlay_t *overlay, mls_overlay_entry_t **out, mls_node_index_t node)
{
    if ((*out = mls_tree_overlay_entry(overlay, node)) != NULL)
        return MLS_OK;
    if (4 * (overlay->num_used + 1) > 3 * overlay->num_entries) {
        mls_status_t status = grow(overlay);
        if (status != MLS_OK)
            return status;
    }
    *out = free_slot(overlay, node);
    (*out)->place = node.n + 1;
    (*out)->below = (uint8_t)mls_ratchet_tree_below(overlay->tree, node);
    overlay->num_used++;
    return MLS_OK;
}

mls_status_t mls_tree_overlay_restore(mls_tree_overlay_t *overlay, mls_node_index_t place, bool changed,
                                      void *node, const uint8_t *hash)
{
    mls_overlay_entry_t scratch = { .place = place.n + 1, .flags = MLS_ENTRY_CHANGED, .node = node };
    mls_overlay_entry_t *entry;
    mls_status_t status =
        mls_tree_overlay_entry(overlay, place) == NULL ? touch(overlay, &entry, place) : MLS_ERR_ARGUMENT;
    if (status != MLS_OK) {
        release_entry(&scratch);
        return status;
    }
    entry->flags = changed ? MLS_ENTRY_CHANGED | MLS_ENTRY_HASHED : MLS_ENTRY_HASHED;
    entry->node = node;
    memcpy(entry->hash, hash, overlay->tree->suite->hash->len);
    return MLS_OK;
}

/* Marks the hashes of a node and of all above it as not computed. */
static mls_status_t mark_path(mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    for (;;) {
        mls_overlay_entry_t *entry;
        const bool fresh = mls_tree_overlay_entry(overlay, node) == NULL;
        mls_status_t status = touch(overlay, &entry, node);
        if (status != MLS_OK)
            return status;
        const bool marked = !fresh && (entry->flags & MLS_ENTRY_HASHED) == 0;
        entry->flags &= (uint8_t)~MLS_ENTRY_HASHED;
        if (mls_node_equal(node, root) || (marked && mls_node_level(node) > 0))
            return MLS_OK; /* then all above is marked, too */
        node = mls_node_parent(node);
    }
}

/* ---- credentials --------------------------------------------------------------------------------- */

static mls_status_t own_credentials(mls_tree_overlay_t *overlay)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    if (overlay->credentials != NULL)
        return MLS_OK;
    if ((overlay->credentials = calloc(MLS_MAX_CREDENTIAL_TYPES, sizeof *tree->credentials)) == NULL)
        return MLS_ERR_NOMEM;
    if (tree->num_credentials > 0)
        memcpy(overlay->credentials, tree->credentials, tree->num_credentials * sizeof *tree->credentials);
    overlay->num_credentials = tree->num_credentials;
    return MLS_OK;
}

static mls_credential_count_t *find_credential(mls_credential_count_t *counts, size_t num, uint16_t type)
{
    for (size_t i = 0; i < num; i++)
        if (counts[i].type == type)
            return &counts[i];
    return NULL;
}

static mls_status_t count_credential(mls_tree_overlay_t *overlay, const mls_tree_leaf_t *leaf, bool more)
{
    mls_status_t status;
    if (leaf == NULL)
        return MLS_OK;
    const uint16_t type = mls_tree_leaf_decode(leaf).credential.type;
    if ((status = own_credentials(overlay)) != MLS_OK)
        return status;
    mls_credential_count_t *count = find_credential(overlay->credentials, overlay->num_credentials, type);
    status = mls_check(overlay->tree->crypto, MLS_RULE_L13,
                       count != NULL || overlay->num_credentials < MLS_MAX_CREDENTIAL_TYPES);
    if (status != MLS_OK)
        return status;
    if (count == NULL) {
        count = &overlay->credentials[overlay->num_credentials++];
        *count = (mls_credential_count_t){ type, 0 };
    }
    count->num_leaves += more ? 1 : (uint32_t)-1;
    if (count->num_leaves == 0)
        *count = overlay->credentials[--overlay->num_credentials];
    return MLS_OK;
}

/* ---- placing nodes ------------------------------------------------------------------------------- */

static void drop_keys(mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    for (int kind = MLS_KEY_ENCRYPTION; kind <= MLS_KEY_SIGNATURE; kind++) {
        const mls_view_t key = mls_tree_overlay_key_of(overlay, node, (mls_key_kind_t)kind);
        if (key.len > 0)
            mls_key_index_remove(&overlay->keys, key, node, (mls_key_kind_t)kind, mls_tree_overlay_key_of,
                                 overlay);
    }
}

static void enter_keys(mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    for (int kind = MLS_KEY_ENCRYPTION; kind <= MLS_KEY_SIGNATURE; kind++) {
        const mls_view_t key = mls_tree_overlay_key_of(overlay, node, (mls_key_kind_t)kind);
        if (key.len > 0)
            mls_key_index_insert(&overlay->keys, key, node, (mls_key_kind_t)kind);
    }
}

/* Puts `replacement`, whose reference passes to the overlay, at a place. */
static mls_status_t place(mls_tree_overlay_t *overlay, mls_node_index_t node, void *replacement)
{
    mls_status_t status;
    mls_overlay_entry_t *entry;

    if ((status = mls_key_index_reserve(&overlay->keys, 2, mls_tree_overlay_key_of, overlay)) != MLS_OK ||
        (status = mark_path(overlay, node)) != MLS_OK || (status = touch(overlay, &entry, node)) != MLS_OK)
        return status;
    if ((entry->flags & MLS_ENTRY_CHANGED) != 0)
        drop_keys(overlay, node);
    release_entry(entry);
    entry->node = replacement;
    entry->flags = MLS_ENTRY_CHANGED;
    enter_keys(overlay, node);
    return MLS_OK;
}

/* What is known of the leaves below a touched node, anew from its children. */
static void note_below(mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    entry->below = (uint8_t)mls_below_of_children(mls_tree_below(overlay, mls_node_left(node)),
                                                  mls_tree_below(overlay, mls_node_right(node)));
}

/* After a leaf has come or gone; everything above it is touched. */
static void note_path(mls_tree_overlay_t *overlay, uint32_t leaf, bool is_there)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    mls_node_index_t node = mls_node_of_leaf(leaf);
    mls_tree_overlay_entry(overlay, node)->below = is_there ? MLS_BELOW_ANY | MLS_BELOW_ALL : 0;
    while (!mls_node_equal(node, root)) {
        node = mls_node_parent(node);
        note_below(overlay, node);
    }
}

/* The leaf behind the last non-blank one. */
static uint32_t find_end(const mls_tree_overlay_t *overlay)
{
    mls_node_index_t node = mls_root(overlay->summary.num_leaves);
    if ((mls_tree_below(overlay, node) & MLS_BELOW_ANY) == 0)
        return 0;
    while (!mls_node_is_leaf(node)) {
        const mls_node_index_t right = mls_node_right(node);
        node = (mls_tree_below(overlay, right) & MLS_BELOW_ANY) != 0 ? right : mls_node_left(node);
    }
    return mls_leaf_of_node(node) + 1;
}

static void note_leaf(mls_tree_overlay_t *overlay, uint32_t leaf, bool was_there, bool is_there)
{
    mls_tree_summary_t *summary = &overlay->summary;
    if (was_there != is_there)
        note_path(overlay, leaf, is_there);
    if (was_there && !is_there) {
        summary->num_members--;
        if (leaf < summary->first_blank)
            summary->first_blank = leaf;
        if (leaf + 1 == summary->end)
            summary->end = find_end(overlay);
    } else if (!was_there && is_there) {
        summary->num_members++;
        if (leaf >= summary->end)
            summary->end = leaf + 1;
    }
}

mls_status_t mls_tree_set_leaf(mls_tree_overlay_t *overlay, uint32_t leaf, mls_tree_leaf_t *node)
{
    mls_status_t status;
    mls_tree_leaf_t *before = mls_tree_leaf(overlay, leaf);
    const bool was_there = before != NULL;

    if (leaf >= overlay->summary.num_leaves)
        return MLS_ERR_ARGUMENT;
    if ((status = count_credential(overlay, before, false)) != MLS_OK ||
        (status = count_credential(overlay, node, true)) != MLS_OK ||
        (status = place(overlay, mls_node_of_leaf(leaf), node)) != MLS_OK)
        return status;
    if (node != NULL)
        node->refs++;
    note_leaf(overlay, leaf, was_there, node != NULL);
    return MLS_OK;
}

mls_status_t mls_tree_set_parent(mls_tree_overlay_t *overlay, mls_node_index_t node,
                                 mls_tree_parent_t *parent)
{
    if (node.n >= mls_num_nodes(overlay->summary.num_leaves))
        return MLS_ERR_ARGUMENT;
    mls_status_t status = place(overlay, node, parent);
    if (status == MLS_OK && parent != NULL)
        parent->refs++;
    return status;
}

mls_status_t mls_tree_blank_path(mls_tree_overlay_t *overlay, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    mls_node_index_t node = mls_node_of_leaf(leaf);
    mls_status_t status = leaf < overlay->summary.num_leaves ? MLS_OK : MLS_ERR_ARGUMENT;
    while (status == MLS_OK && !mls_node_equal(node, root)) {
        node = mls_node_parent(node);
        if (!mls_tree_is_blank(overlay, node))
            status = mls_tree_set_parent(overlay, node, NULL);
    }
    return status;
}

/* ---- the operations of RFC 9420, Section 7.7 ----------------------------------------------------- */

mls_status_t mls_tree_extend(mls_tree_overlay_t *overlay, uint32_t num_leaves)
{
    mls_status_t status = MLS_OK;
    while (status == MLS_OK && overlay->summary.num_leaves < num_leaves) {
        overlay->summary.num_leaves *= 2;
        const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
        if ((status = mark_path(overlay, root)) == MLS_OK)
            note_below(overlay, root);
    }
    return status == MLS_OK ? mls_ratchet_tree_reserve(overlay->tree, overlay->summary.num_leaves) : status;
}

/* The number of leaves if none is blank. */
static uint32_t find_blank(const mls_tree_overlay_t *overlay)
{
    mls_node_index_t node = mls_root(overlay->summary.num_leaves);
    if ((mls_tree_below(overlay, node) & MLS_BELOW_ALL) != 0)
        return overlay->summary.num_leaves;
    while (!mls_node_is_leaf(node)) {
        const mls_node_index_t left = mls_node_left(node);
        node = (mls_tree_below(overlay, left) & MLS_BELOW_ALL) == 0 ? left : mls_node_right(node);
    }
    return mls_leaf_of_node(node);
}

static uint32_t leftmost_blank(mls_tree_overlay_t *overlay)
{
    mls_tree_summary_t *summary = &overlay->summary;
    if (summary->first_blank < summary->end && mls_tree_leaf(overlay, summary->first_blank) != NULL)
        summary->first_blank = find_blank(overlay);
    return summary->first_blank;
}

/* A parent that may be changed in place: one that only this overlay holds. */
static mls_status_t own_parent(mls_tree_overlay_t *overlay, mls_tree_parent_t **out, mls_node_index_t node)
{
    mls_tree_parent_t *parent = mls_tree_parent(overlay, node);
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    *out = parent;
    if (entry != NULL && (entry->flags & MLS_ENTRY_CHANGED) != 0 && parent->refs == 1)
        return mark_path(overlay, node);
    mls_status_t status = mls_tree_parent_copy(out, parent);
    if (status != MLS_OK)
        return status;
    status = place(overlay, node, *out);
    if (status != MLS_OK)
        mls_tree_parent_release(*out);
    return status;
}

/* A new leaf is unmerged at every non-blank node above it. */
static mls_status_t add_unmerged(mls_tree_overlay_t *overlay, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    mls_node_index_t node = mls_node_of_leaf(leaf);
    mls_status_t status = MLS_OK;
    while (status == MLS_OK && !mls_node_equal(node, root)) {
        mls_tree_parent_t *parent;
        node = mls_node_parent(node);
        if (mls_tree_is_blank(overlay, node))
            continue;
        if ((status = own_parent(overlay, &parent, node)) == MLS_OK)
            status = mls_index_list_insert(&parent->unmerged_leaves, leaf);
    }
    return status;
}

mls_status_t mls_tree_make_place(mls_tree_overlay_t *overlay, uint32_t *leaf, uint32_t max_leaves)
{
    *leaf = leftmost_blank(overlay);
    if (*leaf < overlay->summary.num_leaves)
        return MLS_OK;
    mls_status_t status =
        mls_check(overlay->tree->crypto, MLS_RULE_W19_SIZE, overlay->summary.num_leaves <= max_leaves / 2);
    return status == MLS_OK ? mls_tree_extend(overlay, 2 * overlay->summary.num_leaves) : status;
}

mls_status_t mls_tree_add(mls_tree_overlay_t *overlay, uint32_t *added, mls_tree_leaf_t *node,
                          uint32_t max_leaves)
{
    mls_status_t status;
    if ((status = mls_tree_make_place(overlay, added, max_leaves)) != MLS_OK ||
        (status = mls_tree_set_leaf(overlay, *added, node)) != MLS_OK)
        return status;
    mls_tree_overlay_entry(overlay, mls_node_of_leaf(*added))->flags |= MLS_ENTRY_ADDED;
    return add_unmerged(overlay, *added);
}

mls_status_t mls_tree_update(mls_tree_overlay_t *overlay, uint32_t leaf, mls_tree_leaf_t *node)
{
    mls_status_t status = mls_tree_set_leaf(overlay, leaf, node);
    return status == MLS_OK ? mls_tree_blank_path(overlay, leaf) : status;
}

mls_status_t mls_tree_remove(mls_tree_overlay_t *overlay, uint32_t leaf)
{
    mls_status_t status;
    if ((status = mls_tree_set_leaf(overlay, leaf, NULL)) != MLS_OK ||
        (status = mls_tree_blank_path(overlay, leaf)) != MLS_OK)
        return status;
    /* The right half goes as long as it is blank; the roots that go were blanked with their leaves. */
    while (overlay->summary.num_leaves > 1 && overlay->summary.end <= overlay->summary.num_leaves / 2)
        overlay->summary.num_leaves /= 2;
    return MLS_OK;
}

/* ---- taking over --------------------------------------------------------------------------------- */

mls_status_t mls_tree_overlay_prepare(mls_tree_overlay_t *overlay)
{
    mls_status_t status;
    mls_ratchet_tree_t *tree = overlay->tree;

    if ((status = mls_ratchet_tree_reserve(tree, overlay->summary.num_leaves)) != MLS_OK ||
        (status = own_credentials(overlay)) != MLS_OK ||
        (status = mls_tree_hash_blank_remains(overlay)) != MLS_OK)
        return status;
    /* Both directions: the way back puts the old keys in again. */
    return mls_key_index_reserve(&tree->keys, 2 * overlay->num_used, mls_ratchet_tree_key_of, tree);
}

static void exchange_keys(mls_ratchet_tree_t *tree, mls_node_index_t node, bool enter)
{
    for (int kind = MLS_KEY_ENCRYPTION; kind <= MLS_KEY_SIGNATURE; kind++) {
        const mls_view_t key = mls_ratchet_tree_key_of(tree, node, (mls_key_kind_t)kind);
        if (key.len == 0)
            continue;
        if (enter)
            mls_key_index_insert(&tree->keys, key, node, (mls_key_kind_t)kind);
        else
            mls_key_index_remove(&tree->keys, key, node, (mls_key_kind_t)kind, mls_ratchet_tree_key_of, tree);
    }
}

static void swap_entry(mls_ratchet_tree_t *tree, mls_overlay_entry_t *entry)
{
    const mls_node_index_t node = { entry->place - 1 };
    const size_t hash_len = tree->suite->hash->len;
    uint8_t *hash = tree->hashes + node.n * hash_len;
    uint8_t before[MLS_MAX_HASH_LEN];

    memcpy(before, hash, hash_len);
    if ((entry->flags & MLS_ENTRY_HASHED) != 0)
        memcpy(hash, entry->hash, hash_len);
    memcpy(entry->hash, before, hash_len);
    entry->flags |= MLS_ENTRY_HASHED;
    entry->flags &= (uint8_t)~MLS_ENTRY_ADDED;
    if ((entry->flags & MLS_ENTRY_CHANGED) == 0)
        return;
    void *node_before = tree->nodes[node.n];
    exchange_keys(tree, node, false);
    tree->nodes[node.n] = entry->node;
    exchange_keys(tree, node, true);
    entry->node = node_before;
    if (mls_node_is_leaf(node))
        mls_ratchet_tree_note_leaf(tree, mls_leaf_of_node(node));
}

void mls_tree_overlay_swap(mls_tree_overlay_t *overlay)
{
    mls_ratchet_tree_t *tree = overlay->tree;
    const mls_tree_summary_t summary = tree->summary;
    mls_credential_count_t *credentials = tree->credentials;
    const size_t num_credentials = tree->num_credentials;

    for (uint32_t i = 0; i < overlay->num_entries; i++)
        if (overlay->entries[i].place != 0)
            swap_entry(tree, &overlay->entries[i]);
    tree->summary = overlay->summary;
    tree->credentials = overlay->credentials;
    tree->num_credentials = overlay->num_credentials;
    overlay->summary = summary;
    overlay->credentials = credentials;
    overlay->num_credentials = num_credentials;
    mls_key_index_clear(&overlay->keys); /* a way back is not asked for keys */
}
