/* warm.c -- a tree in which every member has committed, without fifty thousand clients.
 *
 * A client of its own for each member would need a terabyte. So the paths are made one after the other in a
 * single tree, with all the keys, hashes and signatures that their Commits would have put there; no path
 * secret is encrypted, since nobody would read it. The members that are looked at get the private keys that
 * they would have been sent. Whoever joins such a group checks the tree in full, and so does each run of
 * mls-bench. */
#include "warm.h"

#include "group.h"
#include "key_package.h"
#include "must.h"
#include "seeded.h"
#include "tree_codec.h"

#include <stdlib.h>

/* What the group would be after the last of these Commits. */
struct bench_warm {
    const bench_crowd_t *crowd;
    const mls_suite_t *suite;
    mls_ratchet_tree_t *tree;         /* while it grows */
    mls_bytes_t encoded;              /* when it is done */
    mls_hpke_private_t *private_keys; /* by node */
    size_t num_private_keys;
    mls_secret_t epoch_secret;
};

/* ---- the tree ------------------------------------------------------------------------------------ */

static mls_tree_leaf_t *leaf_of(const bench_crowd_t *crowd, uint32_t member)
{
    mls_key_package_data_t data;
    mls_tree_leaf_t *leaf;
    bench_must(mls_key_package_decode(crowd->key_packages[member], &data), "decode a KeyPackage");
    bench_must(mls_tree_leaf_new(&leaf, data.leaf_encoded), "make a leaf");
    return leaf;
}

static void plant(bench_warm_t *w)
{
    uint32_t num_leaves = 1;
    while (num_leaves < w->crowd->num_members)
        num_leaves *= 2;
    bench_must(mls_ratchet_tree_new(&w->tree, w->crowd->crypto, w->suite), "make a tree");
    bench_must(mls_ratchet_tree_reserve(w->tree, num_leaves), "make room in the tree");
    for (uint32_t i = 0; i < w->crowd->num_members; i++)
        bench_must(mls_ratchet_tree_put(w->tree, mls_node_of_leaf(i), leaf_of(w->crowd, i)), "put a leaf in");
    bench_must(mls_ratchet_tree_finish(w->tree, num_leaves), "finish the tree");
}

static void set_leaf(bench_warm_t *w, mls_tree_overlay_t *overlay, uint32_t member,
                     const mls_new_path_t *path)
{
    const mls_leaf_place_t place = { mls_view_text(BENCH_GROUP_ID), member };
    mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(overlay, member));
    mls_bytes_t encoded;
    mls_tree_leaf_t *node;

    leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf.encryption_key = mls_hpke_public_view(&path->leaf_public_key);
    leaf.parent_hash = mls_secret_view(&path->leaf_parent_hash);
    bench_must(mls_leaf_node_sign(w->crowd->crypto, w->suite, &encoded, &leaf,
                                  &w->crowd->key_packages[member]->signature_key, &place),
               "sign a leaf");
    bench_must(mls_tree_leaf_new(&node, mls_bytes_view(&encoded)), "make a leaf");
    bench_must(mls_tree_set_leaf(overlay, member, node), "set a leaf");
    mls_tree_leaf_release(node);
    mls_bytes_clear(&encoded);
}

/* What the member's Commit would have made of the tree. */
static void commit(bench_warm_t *w, uint32_t member)
{
    mls_tree_overlay_t overlay;
    mls_new_path_t path;
    bench_must(mls_tree_overlay_init(&overlay, w->tree), "begin a change");
    bench_must(mls_new_path_make(&path, &overlay, member), "make a path");
    set_leaf(w, &overlay, member, &path);
    bench_must(mls_tree_hash_update(&overlay), "hash the tree");
    bench_must(mls_tree_overlay_prepare(&overlay), "ready a change");
    mls_tree_overlay_swap(&overlay);
    for (size_t i = 0; i < path.private_keys.count; i++)
        w->private_keys[path.private_keys.items[i].node.n] = path.private_keys.items[i].key;
    mls_tree_overlay_clear(&overlay);
    mls_new_path_wipe(&path);
}

static void commit_in_any_order(bench_warm_t *w, uint64_t seed)
{
    const uint32_t n = w->crowd->num_members;
    uint32_t *order = bench_alloc(n, sizeof *order);
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t at = (uint32_t)(bench_seeded_next(&seed) % (i + 1));
        order[i] = order[at];
        order[at] = i;
    }
    for (uint32_t i = 0; i < n; i++)
        commit(w, order[i]);
    free(order);
}

/* ---- the members --------------------------------------------------------------------------------- */

static void set_context(const bench_warm_t *w, mls_group_t *group)
{
    const uint8_t transcript_hash[MLS_MAX_HASH_LEN] = { 0 }; /* of Commits that nobody has made */
    mls_bytes_t extensions;
    bench_must(mls_extensions_encode(&extensions, NULL), "encode no extensions");
    const mls_group_context_t context = {
        .version = MLS_VERSION_MLS10,
        .cipher_suite = w->suite->id,
        .group_id = mls_view_text(BENCH_GROUP_ID),
        .epoch = 1,
        .tree_hash = mls_tree_hash_root(&group->view),
        .confirmed_transcript_hash = mls_view(transcript_hash, w->suite->hash->len),
        .extensions = mls_bytes_view(&extensions),
    };
    bench_must(mls_epoch_set_context(group->epoch, &context), "set the GroupContext");
    mls_bytes_clear(&extensions);
}

static void set_secrets(const bench_warm_t *w, mls_group_t *group)
{
    mls_crypto_t *crypto = w->crowd->crypto;
    mls_epoch_t *epoch = group->epoch;
    const mls_view_t confirmed = epoch->context.confirmed_transcript_hash;
    bench_must(mls_epoch_secrets_from(crypto, w->suite, &epoch->secrets, &w->epoch_secret),
               "derive the secrets");
    bench_must(mls_epoch_plant_trees(epoch, w->suite, group->view.summary.num_leaves),
               "plant the secret tree");
    bench_must(mls_confirmation_tag(crypto, w->suite, &epoch->confirmation_tag,
                                    &epoch->secrets.confirmation_key, confirmed),
               "make the confirmation tag");
    bench_must(mls_interim_transcript_hash(crypto, w->suite, &epoch->interim_transcript_hash, confirmed,
                                           mls_secret_view(&epoch->confirmation_tag)),
               "hash the transcript");
}

static void set_private_keys(const bench_warm_t *w, mls_epoch_t *epoch, uint32_t member, uint32_t num_leaves)
{
    const mls_node_index_t root = mls_root(num_leaves);
    mls_node_index_t node = mls_node_of_leaf(member);
    epoch->own_leaf = member;
    epoch->signature_key = w->crowd->key_packages[member]->signature_key;
    for (;; node = mls_node_parent(node)) {
        if (w->private_keys[node.n].len > 0)
            mls_private_keys_set(&epoch->private_keys, node, &w->private_keys[node.n]);
        if (mls_node_equal(node, root))
            return;
    }
}

mls_group_t *bench_warm_member(const bench_warm_t *w, uint32_t member)
{
    const mls_group_config_t config = bench_group_config();
    const mls_view_t encoded = mls_bytes_view(&w->encoded);
    mls_group_t *group;
    mls_ratchet_tree_t *tree;
    bench_must(mls_group_new(&group, w->crowd->crypto, w->suite, &config), "make a group");
    bench_must(mls_tree_decode(&tree, w->crowd->crypto, w->suite, encoded, config.limits.num_leaves),
               "read the tree");
    bench_must(mls_group_set_tree(group, tree), "take the tree");
    bench_must(mls_epoch_new(&group->epoch), "begin an epoch");
    set_context(w, group);
    set_secrets(w, group);
    set_private_keys(w, group->epoch, member, group->view.summary.num_leaves);
    return group;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static void harvest(bench_warm_t *w)
{
    mls_tree_overlay_t view;
    bench_must(mls_tree_overlay_init(&view, w->tree), "look at the tree");
    bench_must(mls_tree_encode(&w->encoded, &view), "write the tree");
    mls_tree_overlay_clear(&view);
    mls_ratchet_tree_free(w->tree);
    w->tree = NULL;
}

bench_warm_t *bench_warm_new(const bench_crowd_t *crowd, uint64_t seed)
{
    bench_warm_t *w = bench_alloc(1, sizeof *w);
    w->crowd = crowd;
    w->suite = mls_suite_find(crowd->cipher_suite);
    plant(w);
    w->num_private_keys = mls_num_nodes(w->tree->capacity);
    w->private_keys = bench_alloc(w->num_private_keys, sizeof *w->private_keys);
    w->epoch_secret.len = w->suite->hash->len;
    bench_must(mls_crypto_random(crowd->crypto, w->epoch_secret.data, w->epoch_secret.len),
               "find an epoch_secret");
    commit_in_any_order(w, seed);
    harvest(w);
    return w;
}

void bench_warm_free(bench_warm_t *w)
{
    mls_wipe(w->private_keys, w->num_private_keys * sizeof *w->private_keys);
    mls_wipe(&w->epoch_secret, sizeof w->epoch_secret);
    mls_bytes_clear(&w->encoded);
    free(w->private_keys);
    free(w);
}
