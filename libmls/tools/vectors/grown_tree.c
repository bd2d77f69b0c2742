#include "grown_tree.h"
#include "make.h"
#include "person.h"

#include <stdio.h>

/* ---- changes ------------------------------------------------------------------------------------- */

/* Path secrets go with their nodes. */
static void forget_blank_nodes(grown_tree_t *grown)
{
    for (uint32_t n = 0; n < PLAIN_MAX_NODES; n++) {
        const mls_node_index_t node = { n };
        const bool is_there =
            n < mls_num_nodes(grown->overlay.summary.num_leaves) && !mls_tree_is_blank(&grown->overlay, node);
        for (uint32_t i = 0; !is_there && i < PLAIN_MAX_LEAVES; i++)
            mls_secret_wipe(&grown->members[i].path_secrets[n]);
    }
}

/* Makes the changes in an overlay those of the tree, and clears it. */
static bool take_over(vector_case_t *c, grown_tree_t *grown, mls_tree_overlay_t *changes)
{
    if (vector_good(c) && vector_ok(c, "tree", mls_tree_hash_update(changes)) &&
        vector_ok(c, "tree", mls_tree_overlay_prepare(changes)))
        mls_tree_overlay_swap(changes);
    mls_tree_overlay_clear(changes);
    mls_tree_overlay_clear(&grown->overlay);
    if (vector_ok(c, "tree", mls_tree_overlay_init(&grown->overlay, grown->tree)))
        forget_blank_nodes(grown);
    return vector_good(c);
}

static bool set_leaf(vector_case_t *c, mls_tree_overlay_t *overlay, uint32_t index, mls_view_t encoded)
{
    mls_tree_leaf_t *leaf;
    if (!vector_good(c) || !vector_ok(c, "leaf", mls_tree_leaf_new(&leaf, encoded)))
        return false;
    vector_ok(c, "leaf", mls_tree_set_leaf(overlay, index, leaf));
    mls_tree_leaf_release(leaf);
    return vector_good(c);
}

static bool add_leaf(vector_case_t *c, grown_tree_t *grown, uint32_t *index, mls_view_t encoded)
{
    mls_tree_overlay_t changes = { 0 };
    mls_tree_leaf_t *leaf;
    if (!vector_good(c) || !vector_ok(c, "leaf", mls_tree_leaf_new(&leaf, encoded)))
        return false;
    if (vector_ok(c, "tree", mls_tree_overlay_init(&changes, grown->tree)))
        vector_ok(c, "tree", mls_tree_add(&changes, index, leaf, PLAIN_MAX_LEAVES));
    mls_tree_leaf_release(leaf);
    return take_over(c, grown, &changes);
}

bool grown_tree_add(vector_case_t *c, grown_tree_t *grown)
{
    char name[16];
    uint32_t index = 0;
    snprintf(name, sizeof name, "member %u", (unsigned)grown->overlay.summary.num_members);
    mls_key_package_t *person = person_new(c, name);
    const mls_view_t leaf = person_leaf(c, person);
    if (add_leaf(c, grown, &index, leaf))
        grown->members[index] = (grown_member_t){ .signature_key = person->signature_key,
                                                  .encryption_key = person->encryption_private_key };
    mls_key_package_free(person);
    return vector_good(c);
}

bool grown_tree_remove(vector_case_t *c, grown_tree_t *grown, uint32_t leaf)
{
    mls_tree_overlay_t changes = { 0 };
    if (!vector_good(c) || !vector_ok(c, "tree", mls_tree_overlay_init(&changes, grown->tree)))
        return false;
    vector_ok(c, "tree", mls_tree_remove(&changes, leaf));
    grown->members[leaf] = (grown_member_t){ 0 };
    return take_over(c, grown, &changes);
}

/* ---- leaves and paths ---------------------------------------------------------------------------- */

static mls_view_t sign_leaf(vector_case_t *c, const grown_tree_t *grown, uint32_t index,
                            const mls_leaf_node_t *leaf)
{
    const mls_leaf_place_t place = { grown->group_id, index };
    mls_bytes_t encoded = { 0 };
    if (vector_good(c))
        vector_ok(c, "leaf",
                  mls_leaf_node_sign(c->crypto, c->suite, &encoded, leaf,
                                     &grown->members[index].signature_key, &place));
    return keep_bytes(c, &encoded);
}

mls_view_t grown_tree_update_leaf(vector_case_t *c, const grown_tree_t *grown, uint32_t leaf,
                                  mls_hpke_private_t *key)
{
    mls_leaf_node_t fields = mls_tree_leaf_decode(mls_tree_leaf(&grown->overlay, leaf));
    mls_hpke_public_t public_key = { 0 };
    vector_ok(c, "leaf", mls_hpke_generate(c->crypto, c->suite, key, &public_key));
    fields.encryption_key = mls_hpke_public_view(&public_key);
    fields.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    return sign_leaf(c, grown, leaf, &fields);
}

bool grown_tree_path(vector_case_t *c, const grown_tree_t *grown, grown_path_t *out, uint32_t sender)
{
    *out = (grown_path_t){ 0 };
    if (!vector_good(c) || !vector_ok(c, "path", mls_tree_overlay_init(&out->overlay, grown->tree)) ||
        !vector_ok(c, "path", mls_new_path_make(&out->path, &out->overlay, sender)))
        return false;
    mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(&out->overlay, sender));
    leaf.encryption_key = mls_hpke_public_view(&out->path.leaf_public_key);
    leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf.parent_hash = mls_secret_view(&out->path.leaf_parent_hash);
    out->leaf = sign_leaf(c, grown, sender, &leaf);
    return set_leaf(c, &out->overlay, sender, out->leaf) &&
           vector_ok(c, "path", mls_tree_hash_update(&out->overlay));
}

/* What each member learns: the sender all secrets, the others those from where their way meets the path. */
static void learn_path(grown_tree_t *grown, const mls_new_path_t *path, uint32_t sender)
{
    for (size_t i = 0; i < path->path.count; i++) {
        const uint32_t node = path->path.steps[i].node.n;
        for (uint32_t leaf = 0; mls_tree_next_leaf(&grown->overlay, &leaf); leaf++)
            if (mls_node_covers(path->path.steps[i].node, leaf))
                grown->members[leaf].path_secrets[node] = path->secrets.steps[i];
    }
    grown->members[sender].encryption_key =
        *mls_private_keys_find(&path->private_keys, mls_node_of_leaf(sender));
}

bool grown_tree_commit(vector_case_t *c, grown_tree_t *grown, uint32_t sender)
{
    grown_path_t path;
    const bool good = grown_tree_path(c, grown, &path, sender);
    if (take_over(c, grown, &path.overlay) && good)
        learn_path(grown, &path.path, sender);
    return vector_good(c);
}

/* ---- the whole ----------------------------------------------------------------------------------- */

bool grown_tree_start(vector_case_t *c, grown_tree_t *out, uint32_t num_members)
{
    *out = (grown_tree_t){ .group_id = random_bytes(c, 16) };
    if (!vector_good(c) || !vector_ok(c, "tree", mls_ratchet_tree_new(&out->tree, c->crypto, c->suite)) ||
        !vector_ok(c, "tree", mls_tree_overlay_init(&out->overlay, out->tree)) || !grown_tree_add(c, out))
        return false;
    for (uint32_t i = 1; i < num_members && vector_good(c); i++)
        if (grown_tree_add(c, out))
            grown_tree_commit(c, out, i - 1);
    return vector_good(c);
}

void grown_tree_clear(grown_tree_t *grown)
{
    mls_tree_overlay_clear(&grown->overlay);
    mls_ratchet_tree_free(grown->tree);
    grown->tree = NULL;
}
