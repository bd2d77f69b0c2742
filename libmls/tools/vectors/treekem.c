/* treekem.c -- UpdatePaths, those of the vectors and new ones (RFC 9420, Sections 7.4 to 7.6). */
#include "treekem.h"
#include "tree.h"

/* ---- private states ------------------------------------------------------------------------------ */

/* The key pair of a node, from its path secret. */
static bool derive_node(vector_case_t *c, mls_hpke_private_t *private_key, mls_hpke_public_t *public_key,
                        const mls_secret_t *path_secret)
{
    mls_secret_t node_secret = { 0 };
    return vector_ok(c, "path_secret",
                     mls_derive_secret(c->crypto, c->suite, &node_secret, path_secret, "node")) &&
           vector_ok(c, "path_secret",
                     mls_hpke_derive_key_pair(c->crypto, c->suite, private_key, public_key,
                                              mls_secret_view(&node_secret)));
}

/* Puts a private key in, if the tree has the public key that belongs to it. */
static void put_key(vector_case_t *c, mls_private_keys_t *keys, const mls_tree_overlay_t *overlay,
                    mls_node_index_t node, const mls_hpke_private_t *private_key)
{
    mls_hpke_public_t public_key;
    if (vector_good(c) &&
        vector_ok(c, "private key", mls_hpke_public_key(c->crypto, c->suite, &public_key, private_key)) &&
        vector_check(
            c, "private key",
            !mls_tree_is_blank(overlay, node) &&
                mls_view_equal(mls_tree_encryption_key(overlay, node), mls_hpke_public_view(&public_key)),
            "is not the one of the node"))
        mls_private_keys_set(keys, node, private_key);
}

static void read_private_state(vector_case_t *c, mls_private_keys_t *keys, const mls_tree_overlay_t *overlay,
                               const cJSON *json)
{
    const cJSON *item;
    const uint32_t index = (uint32_t)vector_number(c, json, "index");
    mls_hpke_private_t key = { 0 };
    mls_hpke_public_t public_key;

    *keys = (mls_private_keys_t){ 0 };
    vector_ok(c, "encryption_priv",
              mls_hpke_private_set(c->suite, &key, vector_bytes(c, json, "encryption_priv")));
    put_key(c, keys, overlay, mls_node_of_leaf(index), &key);
    cJSON_ArrayForEach(item, vector_array(c, json, "path_secrets"))
    {
        const mls_node_index_t node = { (uint32_t)vector_number(c, item, "node") };
        const mls_secret_t path_secret = vector_secret(c, item, "path_secret");
        if (derive_node(c, &key, &public_key, &path_secret))
            put_key(c, keys, overlay, node, &key);
    }
}

static const cJSON *private_state_of(vector_case_t *c, uint32_t leaf)
{
    const cJSON *json;
    cJSON_ArrayForEach(json,
                       vector_array(c, c->json, "leaves_private")) if (vector_number(c, json, "index") ==
                                                                       leaf) return json;
    vector_check(c, "leaves_private", false, "lacks a leaf");
    return NULL;
}

/* ---- an UpdatePath that is received -------------------------------------------------------------- */

typedef struct received_path {
    uint32_t sender;
    mls_update_path_t update;
    mls_filtered_path_t path;
    mls_tree_overlay_t overlay; /* the tree after it */
    mls_view_t context;
} received_path_t;

static bool set_leaf(vector_case_t *c, mls_tree_overlay_t *overlay, uint32_t index, mls_view_t encoded)
{
    mls_tree_leaf_t *leaf;
    if (!vector_ok(c, "leaf_node", mls_tree_leaf_new(&leaf, encoded)))
        return false;
    vector_ok(c, "leaf_node", mls_tree_set_leaf(overlay, index, leaf));
    mls_tree_leaf_release(leaf);
    return vector_good(c);
}

/* RFC 9420, Section 7.9.2: the chain of parent hashes ends in the leaf of the path. */
static bool install(vector_case_t *c, received_path_t *in)
{
    mls_view_t keys[MLS_MAX_LEVELS];
    mls_secret_t parent_hash = { 0 };
    for (size_t i = 0; i < in->path.count; i++)
        keys[i] = in->update.nodes.items[i].encryption_key;
    return vector_ok(c, "update_path",
                     mls_tree_install_path(&in->overlay, &parent_hash, in->sender, &in->path, keys)) &&
           vector_same(c, "update_path.leaf_node.parent_hash", in->update.leaf.parent_hash,
                       mls_secret_view(&parent_hash)) &&
           set_leaf(c, &in->overlay, in->sender, in->update.leaf_encoded) &&
           vector_ok(c, "update_path", mls_tree_hash_update(&in->overlay));
}

static bool check_leaf_signature(vector_case_t *c, const received_path_t *in)
{
    const mls_leaf_place_t place = { vector_bytes(c, c->json, "group_id"), in->sender };
    return vector_ok(c, "update_path.leaf_node.signature",
                     mls_leaf_node_verify(c->crypto, c->suite, &in->update.leaf, &place));
}

/* Applies an encoded UpdatePath to `tree`, which itself stays as it is. The caller clears in->overlay. */
static bool receive_path(vector_case_t *c, received_path_t *in, vector_tree_t *tree, uint32_t sender,
                         mls_view_t encoded)
{
    *in = (received_path_t){ .sender = sender };
    if (!vector_ok(c, "update_path",
                   mls_decode(&in->update, sizeof in->update, mls_codec_update_path, encoded, &c->arena)) ||
        !vector_ok(c, "ratchet_tree", mls_tree_overlay_init(&in->overlay, tree->tree)))
        return false;
    mls_filtered_direct_path(&in->overlay, &in->path, sender);
    if (!vector_ok(c, "update_path", mls_update_path_check(&in->overlay, &in->path, &in->update)) ||
        !install(c, in) || !check_leaf_signature(c, in))
        return false;
    in->context =
        vector_context(c, c->json, vector_number(c, c->json, "epoch"), mls_tree_hash_root(&in->overlay));
    return vector_good(c);
}

/* Which step of the path is encrypted to a leaf. */
static size_t step_for(const mls_filtered_path_t *path, uint32_t leaf)
{
    size_t i = 0;
    while (i + 1 < path->count && !mls_node_covers(path->steps[i].copath, leaf))
        i++;
    return i;
}

/* `path_secret` NULL: only the commit_secret is known. */
static void check_decryption(vector_case_t *c, const received_path_t *in, vector_tree_t *tree, uint32_t leaf,
                             const cJSON *path_secret, mls_view_t commit_secret)
{
    mls_private_keys_t keys;
    mls_path_secrets_t secrets = { 0 };
    const cJSON *state = private_state_of(c, leaf);

    if (state == NULL)
        return;
    read_private_state(c, &keys, &tree->overlay, state);
    if (!vector_good(c) || !vector_ok(c, "update_path",
                                      mls_update_path_decrypt(&in->overlay, &secrets, &keys, &in->path,
                                                              &in->update, leaf, in->context)))
        return;
    if (path_secret != NULL)
        vector_same(c, "path_secrets", mls_secret_view(&secrets.steps[step_for(&in->path, leaf)]),
                    vector_hex(c, path_secret));
    vector_same(c, "commit_secret", mls_secret_view(&secrets.commit_secret), commit_secret);
}

/* `path_secrets` has an element for each leaf: null for the sender, and for who is not there. */
static void check_shape(vector_case_t *c, const received_path_t *in, const vector_tree_t *tree,
                        const cJSON *path_secrets)
{
    const uint32_t num_leaves = tree->overlay.summary.num_leaves;
    vector_check(c, "path_secrets", cJSON_GetArraySize(path_secrets) == (int)num_leaves,
                 "has another length");
    for (uint32_t leaf = 0; leaf < num_leaves; leaf++)
        vector_check(c, "path_secrets",
                     cJSON_IsNull(cJSON_GetArrayItem(path_secrets, (int)leaf)) ==
                         (leaf == in->sender || mls_tree_leaf(&tree->overlay, leaf) == NULL),
                     "has an element for another leaf");
}

/* All leaves but the sender's decrypt. `path_secrets` NULL: only the commit_secret is known. */
static void check_receivers(vector_case_t *c, const received_path_t *in, vector_tree_t *tree,
                            const cJSON *path_secrets, mls_view_t commit_secret)
{
    for (uint32_t leaf = 0; mls_tree_next_leaf(&tree->overlay, &leaf); leaf++)
        if (leaf != in->sender && vector_good(c))
            check_decryption(c, in, tree, leaf,
                             path_secrets == NULL ? NULL : cJSON_GetArrayItem(path_secrets, (int)leaf),
                             commit_secret);
}

static void check_given_path(vector_case_t *c, vector_tree_t *tree, const cJSON *json)
{
    received_path_t in = { 0 };
    const uint32_t sender = (uint32_t)vector_number(c, json, "sender");
    const mls_view_t encoded = vector_bytes(c, json, "update_path");
    const mls_view_t commit_secret = vector_bytes(c, json, "commit_secret");
    const cJSON *path_secrets = vector_array(c, json, "path_secrets");

    if (vector_good(c) && receive_path(c, &in, tree, sender, encoded)) {
        vector_equal(c, json, "tree_hash_after", mls_tree_hash_root(&in.overlay));
        check_shape(c, &in, tree, path_secrets);
        check_receivers(c, &in, tree, path_secrets, commit_secret);
    }
    mls_tree_overlay_clear(&in.overlay);
}

/* ---- an UpdatePath that is made ------------------------------------------------------------------ */

/* The sender's leaf with the new key, signed with its signature key. */
static bool sign_leaf(vector_case_t *c, mls_bytes_t *out, const mls_tree_overlay_t *overlay, uint32_t sender,
                      const mls_new_path_t *new_path)
{
    mls_signature_key_t key;
    mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(overlay, sender));
    const mls_leaf_place_t place = { vector_bytes(c, c->json, "group_id"), sender };
    const cJSON *state = private_state_of(c, sender);

    leaf.encryption_key = mls_hpke_public_view(&new_path->leaf_public_key);
    leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf.parent_hash = mls_secret_view(&new_path->leaf_parent_hash);
    return vector_good(c) &&
           vector_ok(
               c, "signature_priv",
               mls_signature_key_set(c->crypto, c->suite, &key, vector_bytes(c, state, "signature_priv"))) &&
           vector_ok(c, "signature_priv", mls_leaf_node_sign(c->crypto, c->suite, out, &leaf, &key, &place));
}

/* Makes a path from `sender` and encodes it into `*out`. */
static bool make_path(vector_case_t *c, mls_bytes_t *out, mls_secret_t *commit_secret, vector_tree_t *tree,
                      uint32_t sender)
{
    mls_new_path_t new_path;
    mls_tree_overlay_t overlay = { 0 };
    mls_bytes_t leaf = { 0 };

    if (vector_ok(c, "new path", mls_tree_overlay_init(&overlay, tree->tree)) &&
        vector_ok(c, "new path", mls_new_path_make(&new_path, &overlay, sender)) &&
        sign_leaf(c, &leaf, &overlay, sender, &new_path) &&
        set_leaf(c, &overlay, sender, mls_bytes_view(&leaf)) &&
        vector_ok(c, "new path", mls_tree_hash_update(&overlay))) {
        const mls_view_t context =
            vector_context(c, c->json, vector_number(c, c->json, "epoch"), mls_tree_hash_root(&overlay));
        vector_ok(c, "new path",
                  mls_new_path_encrypt(&new_path, out, &overlay, mls_bytes_view(&leaf), context));
        *commit_secret = new_path.secrets.commit_secret;
    }
    mls_bytes_clear(&leaf);
    mls_tree_overlay_clear(&overlay);
    return vector_good(c);
}

static void check_new_path(vector_case_t *c, vector_tree_t *tree, const cJSON *json)
{
    received_path_t in = { 0 };
    mls_bytes_t encoded = { 0 };
    mls_secret_t commit_secret = { 0 };
    const uint32_t sender = (uint32_t)vector_number(c, json, "sender");

    if (vector_good(c) && make_path(c, &encoded, &commit_secret, tree, sender) &&
        receive_path(c, &in, tree, sender, mls_bytes_view(&encoded)))
        check_receivers(c, &in, tree, NULL, mls_secret_view(&commit_secret));
    mls_tree_overlay_clear(&in.overlay);
    mls_bytes_clear(&encoded);
}

/* ---- the case ------------------------------------------------------------------------------------ */

static void check_private_states(vector_case_t *c, const vector_tree_t *tree)
{
    mls_private_keys_t keys;
    const cJSON *json;
    size_t i = 0;
    cJSON_ArrayForEach(json, vector_array(c, c->json, "leaves_private"))
    {
        vector_at(c, "leaves_private[%zu].", i++);
        read_private_state(c, &keys, &tree->overlay, json);
    }
}

static void verify(vector_case_t *c)
{
    vector_tree_t tree;
    const cJSON *json;
    size_t i = 0;

    if (vector_tree_read(c, &tree, "ratchet_tree")) {
        check_private_states(c, &tree);
        cJSON_ArrayForEach(json, vector_array(c, c->json, "update_paths"))
        {
            vector_at(c, "update_paths[%zu].", i);
            check_given_path(c, &tree, json);
            vector_at(c, "new path like update_paths[%zu].", i++);
            check_new_path(c, &tree, json);
        }
    }
    vector_tree_clear(&tree);
}

static const char *const fields[] = { "cipher_suite", "group_id",
                                      "epoch",        "confirmed_transcript_hash",
                                      "ratchet_tree", "leaves_private",
                                      "update_paths", NULL };
const vector_kind_t vector_treekem = { "TreeKEM", fields, verify };
