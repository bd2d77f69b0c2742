#include "treekem.h"
#include "bytes.h"
#include "hpke_seal_all.h"
#include "resolution.h"

#include <stdlib.h>

/* ---- private keys -------------------------------------------------------------------------------- */

const mls_hpke_private_t *mls_private_keys_find(const mls_private_keys_t *keys, mls_node_index_t node)
{
    for (size_t i = 0; i < keys->count; i++)
        if (mls_node_equal(keys->items[i].node, node))
            return &keys->items[i].key;
    return NULL;
}

static void drop_at(mls_private_keys_t *keys, size_t i)
{
    keys->items[i] = keys->items[--keys->count];
    mls_wipe(&keys->items[keys->count], sizeof keys->items[keys->count]);
}

void mls_private_keys_set(mls_private_keys_t *keys, mls_node_index_t node, const mls_hpke_private_t *key)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (mls_node_equal(keys->items[i].node, node)) {
            keys->items[i].key = *key;
            return;
        }
    }
    /* One leaf and one node on each level above: there is always room. If there were none, it is better to
     * lose the key than to write behind. */
    if (keys->count == sizeof keys->items / sizeof *keys->items)
        return;
    keys->items[keys->count].node = node;
    keys->items[keys->count++].key = *key;
}

static bool is_still_good(const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const mls_overlay_entry_t *entry = mls_tree_overlay_entry(overlay, node);
    if (mls_tree_is_blank(overlay, node))
        return false;
    if (entry == NULL || (entry->flags & MLS_ENTRY_CHANGED) == 0)
        return true;
    const mls_tree_overlay_t before = { .tree = overlay->tree, .summary = overlay->tree->summary };
    return mls_view_equal(mls_tree_encryption_key(overlay, node), mls_tree_encryption_key(&before, node));
}

void mls_private_keys_prune(mls_private_keys_t *keys, const mls_tree_overlay_t *overlay)
{
    for (size_t i = 0; i < keys->count;) {
        if (is_still_good(overlay, keys->items[i].node))
            i++;
        else
            drop_at(keys, i);
    }
}

void mls_private_keys_wipe(mls_private_keys_t *keys)
{
    mls_wipe(keys, sizeof *keys);
}

/* ---- the path ------------------------------------------------------------------------------------ */

void mls_filtered_direct_path(const mls_tree_overlay_t *overlay, mls_filtered_path_t *out, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(overlay->summary.num_leaves);
    mls_node_index_t node = mls_node_of_leaf(leaf);

    out->count = 0;
    while (!mls_node_equal(node, root)) {
        const mls_node_index_t copath = mls_node_sibling(node);
        node = mls_node_parent(node);
        if (mls_tree_is_empty_below(overlay, copath))
            continue;
        out->steps[out->count].node = node;
        out->steps[out->count++].copath = copath;
    }
}

static mls_status_t check_new_key(const mls_tree_overlay_t *overlay, mls_view_t key)
{
    mls_crypto_t *crypto = overlay->tree->crypto;
    mls_status_t status = mls_hpke_check_public(crypto, overlay->tree->suite, key);
    return status == MLS_OK
               ? mls_check(crypto, MLS_RULE_M8, !mls_tree_has_key(overlay, key, MLS_KEY_ENCRYPTION))
               : status;
}

/* Puts the parent of one step in; `parent_hash` is its field on entry and the parent hash for the step below
 * on return. */
static mls_status_t install_step(mls_tree_overlay_t *overlay, mls_secret_t *parent_hash,
                                 mls_node_index_t node, mls_node_index_t copath, mls_view_t public_key)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    mls_tree_parent_t *parent = NULL;
    mls_secret_t below = { .len = tree->suite->hash->len };
    mls_status_t status;

    if ((status = check_new_key(overlay, public_key)) != MLS_OK ||
        (status = mls_tree_parent_new(&parent, public_key, mls_secret_view(parent_hash))) != MLS_OK ||
        (status = mls_tree_set_parent(overlay, node, parent)) != MLS_OK ||
        (status = mls_tree_hash_update_below(overlay, copath)) != MLS_OK ||
        (status = mls_parent_hash(tree->crypto, tree->suite, below.data, public_key,
                                  mls_secret_view(parent_hash), mls_tree_hash_of(overlay, copath))) != MLS_OK)
        goto cleanup;
    *parent_hash = below;

cleanup:
    mls_tree_parent_release(parent);
    return status;
}

mls_status_t mls_tree_install_path(mls_tree_overlay_t *overlay, mls_secret_t *leaf_parent_hash, uint32_t leaf,
                                   const mls_filtered_path_t *path, const mls_view_t *public_keys)
{
    /* A node that a path has just set has no unmerged leaves, so the original sibling tree hash of RFC 9420,
     * Section 7.9 is the plain tree hash. From the root down, since each parent hash contains the one above.
     */
    mls_status_t status = mls_tree_blank_path(overlay, leaf);
    *leaf_parent_hash = (mls_secret_t){ 0 };
    for (size_t i = path->count; status == MLS_OK && i-- > 0;)
        status = install_step(overlay, leaf_parent_hash, path->steps[i].node, path->steps[i].copath,
                              public_keys[i]);
    return status;
}

/* ---- secrets (RFC 9420, Section 7.4) ------------------------------------------------------------- */

void mls_path_secrets_wipe(mls_path_secrets_t *secrets)
{
    mls_wipe(secrets, sizeof *secrets);
}

static mls_status_t node_private_key(mls_crypto_t *crypto, const mls_suite_t *suite,
                                     mls_hpke_private_t *private_key, const mls_secret_t *path_secret)
{
    mls_secret_t node_secret = { 0 };
    mls_status_t status = mls_derive_secret(crypto, suite, &node_secret, path_secret, "node");
    if (status == MLS_OK)
        status = mls_hpke_derive_private(crypto, suite, private_key, mls_secret_view(&node_secret));
    mls_secret_wipe(&node_secret);
    return status;
}

/* The path secrets from that of step `first` on, and the private keys of those steps, by step. */
static mls_status_t derive_steps(mls_crypto_t *crypto, const mls_suite_t *suite, mls_path_secrets_t *secrets,
                                 mls_hpke_private_t *private_keys, const mls_filtered_path_t *path,
                                 size_t first)
{
    mls_status_t status = MLS_OK;
    for (size_t i = first; status == MLS_OK && i < path->count; i++) {
        mls_secret_t *next = i + 1 < path->count ? &secrets->steps[i + 1] : &secrets->commit_secret;
        if ((status = node_private_key(crypto, suite, &private_keys[i], &secrets->steps[i])) == MLS_OK)
            status = mls_derive_secret(crypto, suite, next, &secrets->steps[i], "path");
    }
    return status;
}

static bool is_in_tree(const mls_tree_overlay_t *overlay, mls_node_index_t node, const mls_hpke_public_t *key)
{
    return mls_view_equal(mls_tree_encryption_key(overlay, node), mls_hpke_public_view(key));
}

mls_status_t mls_derive_path_secrets(mls_crypto_t *crypto, const mls_suite_t *suite,
                                     mls_path_secrets_t *secrets, const mls_derive_path_t *how)
{
    const mls_filtered_path_t *path = how->path;
    mls_hpke_private_t private_keys[MLS_MAX_LEVELS] = { 0 };
    mls_hpke_public_t public_keys[MLS_MAX_LEVELS];
    mls_status_t status = derive_steps(crypto, suite, secrets, private_keys, path, how->first);

    if (status == MLS_OK && how->first < path->count)
        status = mls_hpke_public_keys(crypto, suite, public_keys + how->first, private_keys + how->first,
                                      path->count - how->first);
    for (size_t i = how->first; status == MLS_OK && how->check != NULL && i < path->count; i++)
        if (!is_in_tree(how->check, path->steps[i].node, &public_keys[i]))
            status = MLS_ERR_INVALID;
    for (size_t i = how->first; status == MLS_OK && how->private_keys != NULL && i < path->count; i++)
        mls_private_keys_set(how->private_keys, path->steps[i].node, &private_keys[i]);
    mls_wipe(private_keys, sizeof private_keys);
    return status;
}

/* ---- making a path ------------------------------------------------------------------------------- */

/* The leaf has the first path secret of all; the step above it the next (RFC 9420, Section 7.4). Its key pair
 * is made together with theirs: one place beyond the last step is the leaf's. */
static mls_status_t derive_new(mls_crypto_t *crypto, const mls_suite_t *suite, mls_new_path_t *out,
                               uint32_t leaf)
{
    const size_t num_steps = out->path.count;
    mls_secret_t first = { .len = suite->hash->len };
    mls_hpke_private_t private_keys[MLS_MAX_LEVELS + 1] = { 0 };
    mls_hpke_public_t public_keys[MLS_MAX_LEVELS + 1];
    mls_secret_t *above = num_steps > 0 ? &out->secrets.steps[0] : &out->secrets.commit_secret;
    mls_status_t status;

    if ((status = mls_crypto_random(crypto, first.data, first.len)) != MLS_OK ||
        (status = node_private_key(crypto, suite, &private_keys[num_steps], &first)) != MLS_OK ||
        (status = mls_derive_secret(crypto, suite, above, &first, "path")) != MLS_OK ||
        (status = derive_steps(crypto, suite, &out->secrets, private_keys, &out->path, 0)) != MLS_OK ||
        (status = mls_hpke_public_keys(crypto, suite, public_keys, private_keys, num_steps + 1)) != MLS_OK)
        goto cleanup;
    mls_private_keys_set(&out->private_keys, mls_node_of_leaf(leaf), &private_keys[num_steps]);
    out->leaf_public_key = public_keys[num_steps];
    for (size_t i = 0; i < num_steps; i++) {
        mls_private_keys_set(&out->private_keys, out->path.steps[i].node, &private_keys[i]);
        out->public_keys[i] = public_keys[i];
    }

cleanup:
    mls_secret_wipe(&first);
    mls_wipe(private_keys, sizeof private_keys);
    return status;
}

mls_status_t mls_new_path_make(mls_new_path_t *out, mls_tree_overlay_t *overlay, uint32_t leaf)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    mls_view_t keys[MLS_MAX_LEVELS];
    mls_status_t status;

    mls_wipe(out, sizeof *out);
    mls_filtered_direct_path(overlay, &out->path, leaf);
    if ((status = derive_new(tree->crypto, tree->suite, out, leaf)) == MLS_OK) {
        for (size_t i = 0; i < out->path.count; i++)
            keys[i] = mls_hpke_public_view(&out->public_keys[i]);
        status = mls_tree_install_path(overlay, &out->leaf_parent_hash, leaf, &out->path, keys);
    }
    if (status != MLS_OK)
        mls_new_path_wipe(out);
    return status;
}

void mls_new_path_wipe(mls_new_path_t *path)
{
    mls_wipe(path, sizeof *path);
}

/* An UpdatePath that is being written; what its views point to is in `arena`. */
typedef struct path_writer {
    mls_arena_t arena;
    mls_update_path_t update;
    const mls_tree_overlay_t *overlay;
    mls_hpke_recipient_t *recipients; /* of all steps, in their order */
    size_t num_recipients, max_recipients;
} path_writer_t;

/* Makes room for what is encrypted to a node. */
static mls_status_t add_recipient(path_writer_t *w, mls_hpke_ciphertext_t *out, mls_node_index_t node,
                                  const mls_secret_t *path_secret)
{
    const mls_ratchet_tree_t *tree = w->overlay->tree;
    const size_t kem_len = tree->suite->dh->public_len, len = path_secret->len + MLS_AEAD_TAG_LEN;
    uint8_t *bytes = mls_arena_alloc(&w->arena, kem_len + len);
    if (bytes == NULL)
        return MLS_ERR_NOMEM;
    if (w->num_recipients == w->max_recipients)
        return MLS_ERR_STATE; /* cannot be: they were counted */
    out->kem_output = mls_view(bytes, kem_len);
    out->ciphertext = mls_view(bytes + kem_len, len);
    w->recipients[w->num_recipients++] =
        (mls_hpke_recipient_t){ .public_key = mls_tree_encryption_key(w->overlay, node),
                                .plaintext = mls_secret_view(path_secret),
                                .kem_output = bytes,
                                .ciphertext = bytes + kem_len };
    return MLS_OK;
}

static mls_status_t write_step(path_writer_t *w, mls_update_path_node_t *out, mls_node_index_t copath,
                               const mls_secret_t *path_secret)
{
    mls_index_list_t resolution = { 0 };
    mls_status_t status = mls_tree_resolution(w->overlay, &resolution, copath, true);

    if (status == MLS_OK && resolution.count > 0) {
        out->encrypted_path_secret.items =
            mls_arena_alloc(&w->arena, resolution.count * sizeof(mls_hpke_ciphertext_t));
        if (out->encrypted_path_secret.items == NULL)
            status = MLS_ERR_NOMEM;
        out->encrypted_path_secret.count = resolution.count;
    }
    for (size_t i = 0; status == MLS_OK && i < resolution.count; i++)
        status = add_recipient(w, &out->encrypted_path_secret.items[i],
                               (mls_node_index_t){ resolution.items[i] }, path_secret);
    mls_index_list_clear(&resolution);
    return status;
}

static size_t num_ciphertexts(const mls_tree_overlay_t *overlay, const mls_filtered_path_t *path)
{
    size_t count = 0;
    for (size_t i = 0; i < path->count; i++)
        count += mls_resolution_count(overlay, path->steps[i].copath, true);
    return count;
}

static mls_status_t write_steps(path_writer_t *w, const mls_new_path_t *new_path,
                                mls_update_path_node_t *nodes)
{
    const mls_filtered_path_t *path = &new_path->path;
    mls_status_t status = MLS_OK;
    w->max_recipients = num_ciphertexts(w->overlay, path);
    w->recipients = mls_arena_alloc(&w->arena, (w->max_recipients + 1) * sizeof *w->recipients);
    if (w->recipients == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < path->count; i++) {
        nodes[i].encryption_key = mls_hpke_public_view(&new_path->public_keys[i]);
        status = write_step(w, &nodes[i], path->steps[i].copath, &new_path->secrets.steps[i]);
    }
    w->update.nodes.items = nodes;
    w->update.nodes.count = path->count;
    return status;
}

mls_status_t mls_new_path_encrypt(const mls_new_path_t *new_path, mls_bytes_t *out,
                                  const mls_tree_overlay_t *overlay, mls_view_t leaf_encoded,
                                  mls_view_t context)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    mls_hpke_info_t info;
    mls_update_path_node_t nodes[MLS_MAX_LEVELS] = { 0 };
    path_writer_t w = { .update = { .leaf_encoded = leaf_encoded }, .overlay = overlay };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if ((status = mls_encrypt_context(tree->crypto, tree->suite, &info, "UpdatePathNode", context)) ==
            MLS_OK &&
        (status = write_steps(&w, new_path, nodes)) == MLS_OK &&
        (status = mls_hpke_seal_all(tree->crypto, tree->suite, &info, w.recipients, w.num_recipients)) ==
            MLS_OK)
        status = mls_encode(out, mls_codec_update_path, &w.update);
    mls_arena_clear(&w.arena);
    return status;
}

/* ---- reading a path ------------------------------------------------------------------------------ */

mls_status_t mls_update_path_check(const mls_tree_overlay_t *overlay, const mls_filtered_path_t *path,
                                   const mls_update_path_t *update)
{
    mls_crypto_t *crypto = overlay->tree->crypto;
    mls_status_t status = mls_check(crypto, MLS_RULE_M9, update->nodes.count == path->count);

    for (size_t i = 0; status == MLS_OK && i < path->count; i++)
        status = mls_check(crypto, MLS_RULE_M9_CIPHERTEXTS,
                           update->nodes.items[i].encrypted_path_secret.count ==
                               mls_resolution_count(overlay, path->steps[i].copath, true));
    return status;
}

/* A node of a resolution that the own private keys are for. */
typedef struct own_place {
    size_t place; /* in the resolution */
    mls_node_index_t node;
    const mls_hpke_private_t *key;
} own_place_t;

/* False: there is none. */
static bool find_own(const mls_tree_overlay_t *overlay, own_place_t *out, mls_node_index_t copath,
                     const mls_private_keys_t *keys, uint32_t own_leaf)
{
    mls_resolution_t resolution = mls_resolution_of(overlay, copath, true);

    for (out->place = 0; mls_resolution_next(&resolution, &out->node); out->place++)
        if (mls_node_covers(out->node, own_leaf) &&
            (out->key = mls_private_keys_find(keys, out->node)) != NULL)
            return true;
    return false;
}

static mls_status_t decrypt_step(const mls_tree_overlay_t *overlay, mls_secret_t *path_secret,
                                 const own_place_t *own, const mls_update_path_node_t *node,
                                 mls_view_t context)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    const mls_hpke_ciphertext_t *ciphertext = &node->encrypted_path_secret.items[own->place];
    mls_bytes_t plaintext = { 0 };
    mls_status_t status = mls_decrypt_with_label(
        tree->crypto, tree->suite, &plaintext, own->key, mls_tree_encryption_key(overlay, own->node),
        "UpdatePathNode", context, ciphertext->kem_output, ciphertext->ciphertext);
    if (status == MLS_OK && plaintext.len != tree->suite->hash->len)
        status = MLS_ERR_INVALID;
    if (status == MLS_OK)
        status = mls_secret_set(path_secret, mls_bytes_view(&plaintext));
    mls_bytes_clear(&plaintext);
    return status;
}

mls_status_t mls_update_path_decrypt(const mls_tree_overlay_t *overlay, mls_path_secrets_t *secrets,
                                     mls_private_keys_t *keys, const mls_filtered_path_t *path,
                                     const mls_update_path_t *update, uint32_t own_leaf, mls_view_t context)
{
    const mls_ratchet_tree_t *tree = overlay->tree;
    own_place_t own;
    mls_status_t status;
    size_t i = 0;

    while (i < path->count && !mls_node_covers(path->steps[i].copath, own_leaf))
        i++;
    if (i == path->count)
        return MLS_ERR_DECRYPT;
    status = find_own(overlay, &own, path->steps[i].copath, keys, own_leaf)
                 ? decrypt_step(overlay, &secrets->steps[i], &own, &update->nodes.items[i], context)
                 : MLS_ERR_DECRYPT;
    if (status != MLS_OK)
        return mls_status_is_input(status) ? mls_refuse(tree->crypto, MLS_RULE_M11, MLS_ERR_DECRYPT) : status;
    const mls_derive_path_t how = { .path = path, .first = i, .check = overlay, .private_keys = keys };
    status = mls_derive_path_secrets(tree->crypto, tree->suite, secrets, &how);
    return status == MLS_ERR_INVALID ? mls_refuse(tree->crypto, MLS_RULE_M11_KEYS, status) : status;
}
