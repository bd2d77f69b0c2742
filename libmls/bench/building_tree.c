#include "building_tree.h"
#include "key_package.h"
#include "resolution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void building_must(mls_status_t status, const char *what)
{
    if (status == MLS_OK)
        return;
    fprintf(stderr, "building: %s: %s\n", what, mls_status_text(status));
    exit(EXIT_FAILURE);
}

uint32_t building_below(uint64_t *random, uint32_t bound)
{
    *random ^= *random << 13; /* xorshift */
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)((*random >> 32) * bound >> 32);
}

mls_key_package_t *building_key_package(mls_crypto_t *crypto)
{
    const mls_key_package_params_t params = { .cipher_suite =
                                                  MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519,
                                              .identity = mls_view_text("somebody@example.org!"),
                                              .not_before = 1,
                                              .not_after = 2 };
    mls_key_package_t *key_package;
    building_must(mls_key_package_new(&key_package, crypto, &params), "a KeyPackage");
    return key_package;
}

/* ---- lengths ------------------------------------------------------------------------------------- */

/* opaque<V> of that many bytes (RFC 9420, Section 2.1.2). */
static size_t vector(size_t len)
{
    return len + (len < 64 ? 1 : len < 16384 ? 2 : 4);
}

static size_t path_len(const building_tree_t *b, const mls_filtered_path_t *path, const uint32_t *ciphertexts)
{
    const mls_suite_t *suite = b->sizes.suite;
    const size_t kem_len = suite->dh->public_len, hash_len = suite->hash->len;
    const size_t ciphertext = vector(kem_len) + vector(hash_len + MLS_AEAD_TAG_LEN);
    size_t nodes = 0;

    for (size_t i = 0; i < path->count; i++)
        nodes += vector(kem_len) + vector(ciphertexts[i] * ciphertext);
    return b->sizes.path_leaf_len + vector(path->count > 0 ? hash_len : 0) + vector(nodes);
}

/* PrivateMessage (RFC 9420, Section 6.3) of a Commit, as MLSMessage; no padding, no authenticated data. */
static size_t message_len(const building_tree_t *b, size_t proposals, size_t path)
{
    const size_t commit = vector(proposals) + 1 + path;
    const size_t signature = vector(64), confirmation_tag = vector(b->sizes.suite->hash->len);
    const size_t sender_data = vector(4 + 4 + 4 + MLS_AEAD_TAG_LEN);

    return 2 + 2 + vector(b->sizes.group_id_len) + 8 + 1 + vector(0) + sender_data +
           vector(commit + signature + confirmation_tag + MLS_AEAD_TAG_LEN);
}

/* ---- the tree ------------------------------------------------------------------------------------ */

static void put_number(building_tree_t *b, uint8_t *key, size_t len)
{
    b->next_key++;
    memset(key, 0, len);
    for (size_t i = 0; i < 8 && i < len; i++)
        key[i] = (uint8_t)(b->next_key >> 8 * i);
}

static mls_tree_leaf_t *new_leaf(building_tree_t *b)
{
    mls_tree_leaf_t *leaf;
    building_must(mls_tree_leaf_new(&leaf, mls_bytes_view(&b->leaf)), "a leaf");
    const mls_view_t keys[] = { mls_tree_leaf_encryption_key(leaf), mls_tree_leaf_signature_key(leaf) };
    for (size_t i = 0; i < 2; i++)
        put_number(b, leaf->encoded + (keys[i].data - leaf->encoded), keys[i].len);
    return leaf;
}

static void begin(building_tree_t *b, mls_tree_overlay_t *overlay)
{
    building_must(mls_tree_overlay_init(overlay, b->tree), "an overlay");
}

static void take_over(mls_tree_overlay_t *overlay)
{
    building_must(mls_tree_hash_update(overlay), "tree hashes");
    building_must(mls_tree_overlay_prepare(overlay), "taking over");
    mls_tree_overlay_swap(overlay);
    mls_tree_overlay_clear(overlay);
}

static void add(building_tree_t *b, mls_tree_overlay_t *overlay)
{
    uint32_t added;
    mls_tree_leaf_t *leaf = new_leaf(b);
    building_must(mls_tree_add(overlay, &added, leaf, MLS_MAX_LEAVES), "an Add");
    mls_tree_leaf_release(leaf);
}

void building_tree_init(building_tree_t *out, mls_crypto_t *crypto)
{
    mls_key_package_t *key_package = building_key_package(crypto);
    const mls_view_t message = mls_key_package_message(key_package);
    mls_key_package_info_t info;
    mls_tree_overlay_t overlay;

    *out = (building_tree_t){ .crypto = crypto, .random = 20261130 };
    building_must(mls_key_package_read(&info, crypto, message, 0, NULL), "reading a KeyPackage");
    building_must(mls_bytes_copy(&out->leaf, info.leaf.encoded), "a leaf");
    out->sizes = (building_sizes_t){ .suite = mls_suite_find(info.cipher_suite),
                                     .group_id_len = BUILDING_GROUP_ID_LEN,
                                     .key_package_len = message.len - 4,
                                     .path_leaf_len = info.leaf.encoded.len - 16 /* lifetime */ };
    building_must(mls_ratchet_tree_new(&out->tree, crypto, out->sizes.suite), "a tree");
    begin(out, &overlay);
    add(out, &overlay);
    take_over(&overlay);
    mls_key_package_free(key_package);
}

void building_tree_clear(building_tree_t *b)
{
    mls_ratchet_tree_free(b->tree);
    mls_bytes_clear(&b->leaf);
}

/* ---- Commits ------------------------------------------------------------------------------------- */

static size_t apply_proposals(building_tree_t *b, mls_tree_overlay_t *overlay,
                              const building_commit_t *commit)
{
    for (uint32_t i = 0; i < commit->num_removed; i++)
        building_must(mls_tree_remove(overlay, commit->removed[i]), "a Remove");
    for (uint32_t i = 0; i < commit->num_adds; i++)
        add(b, overlay);
    return (size_t)commit->num_removed * (1 + 2 + 4) + commit->num_adds * (1 + 2 + b->sizes.key_package_len);
}

/* Puts a path in, and answers its length. */
static size_t apply_path(building_tree_t *b, mls_tree_overlay_t *overlay, building_cost_t *cost,
                         uint32_t leaf)
{
    uint8_t keys[MLS_MAX_LEVELS][64];
    mls_view_t views[MLS_MAX_LEVELS];
    uint32_t ciphertexts[MLS_MAX_LEVELS];
    mls_filtered_path_t path;
    mls_secret_t parent_hash;
    mls_tree_leaf_t *fresh = new_leaf(b);

    mls_filtered_direct_path(overlay, &path, leaf);
    for (size_t i = 0; i < path.count; i++) {
        mls_index_list_t resolution = { 0 };
        building_must(mls_tree_resolution(overlay, &resolution, path.steps[i].copath, true), "a resolution");
        ciphertexts[i] = (uint32_t)resolution.count;
        cost->ciphertexts += ciphertexts[i];
        mls_index_list_clear(&resolution);
        put_number(b, keys[i], b->sizes.suite->dh->public_len);
        views[i] = mls_view(keys[i], b->sizes.suite->dh->public_len);
    }
    building_must(mls_tree_install_path(overlay, &parent_hash, leaf, &path, views), "a path");
    building_must(mls_tree_set_leaf(overlay, leaf, fresh), "the committer's leaf");
    mls_tree_leaf_release(fresh);
    return path_len(b, &path, ciphertexts);
}

static building_cost_t stage(building_tree_t *b, mls_tree_overlay_t *overlay, const building_commit_t *commit)
{
    building_cost_t cost = { 0 };
    const size_t proposals = apply_proposals(b, overlay, commit);
    const size_t path = commit->path ? apply_path(b, overlay, &cost, commit->committer) : 0;

    cost.len = message_len(b, proposals, path);
    return cost;
}

building_cost_t building_commit(building_tree_t *b, const building_commit_t *commit)
{
    mls_tree_overlay_t overlay;
    begin(b, &overlay);
    const building_cost_t cost = stage(b, &overlay, commit);
    take_over(&overlay);
    return cost;
}

building_cost_t building_estimate(building_tree_t *b, const building_commit_t *commit)
{
    mls_tree_overlay_t overlay;
    begin(b, &overlay);
    const building_cost_t cost = stage(b, &overlay, commit);
    mls_tree_overlay_clear(&overlay);
    return cost;
}

static mls_tree_overlay_t view_of(const building_tree_t *b)
{
    return (mls_tree_overlay_t){ .tree = b->tree, .summary = b->tree->summary };
}

uint32_t building_num_members(const building_tree_t *b)
{
    return b->tree->summary.num_members;
}

mls_path_cost_t building_path_cost(const building_tree_t *b, uint32_t leaf)
{
    const mls_tree_overlay_t view = view_of(b);
    return mls_tree_path_cost(&view, leaf);
}

uint32_t building_largest_path(const building_tree_t *b)
{
    const mls_tree_overlay_t view = view_of(b);
    return mls_tree_largest_path(&view);
}
