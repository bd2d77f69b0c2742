/* make_treekem.c -- a path of each member of a tree, and what the others get from it. */
#include "generate.h"
#include "grown_tree.h"
#include "make.h"

static void put_private_state(vector_case_t *c, cJSON *json, const grown_member_t *member, uint32_t leaf)
{
    put_number(c, json, "index", leaf);
    put_bytes(c, json, "encryption_priv", mls_hpke_private_view(&member->encryption_key));
    put_bytes(c, json, "signature_priv", mls_signature_private_view(&member->signature_key));
    cJSON *array = put_array(c, json, "path_secrets");
    for (uint32_t node = 0; node < PLAIN_MAX_NODES; node++) {
        if (member->path_secrets[node].len == 0)
            continue;
        cJSON *item = add_object(c, array);
        put_number(c, item, "node", node);
        put_secret(c, item, "path_secret", &member->path_secrets[node]);
    }
}

/* The path secret that is encrypted to a leaf: where its way to the root meets the path. */
static const mls_secret_t *secret_for(const mls_new_path_t *path, uint32_t leaf)
{
    for (size_t i = 0; i < path->path.count; i++)
        if (mls_node_covers(path->path.steps[i].copath, leaf))
            return &path->secrets.steps[i];
    return NULL;
}

static void put_path_secrets(vector_case_t *c, cJSON *array, const grown_tree_t *grown,
                             const mls_new_path_t *path)
{
    for (uint32_t leaf = 0; leaf < grown->overlay.summary.num_leaves; leaf++) {
        const mls_secret_t *secret = secret_for(path, leaf);
        if (secret == NULL || mls_tree_leaf(&grown->overlay, leaf) == NULL)
            add_null(c, array);
        else
            add_bytes(c, array, mls_secret_view(secret));
    }
}

static void put_update_path(vector_case_t *c, cJSON *json, const grown_tree_t *grown, uint32_t sender)
{
    grown_path_t made;
    mls_bytes_t encoded = { 0 };
    if (grown_tree_path(c, grown, &made, sender)) {
        const mls_view_t tree_hash = mls_tree_hash_root(&made.overlay);
        const mls_view_t context = vector_context(c, c->json, vector_number(c, c->json, "epoch"), tree_hash);
        if (vector_good(c))
            vector_ok(c, "update_path",
                      mls_new_path_encrypt(&made.path, &encoded, &made.overlay, made.leaf, context));
        put_number(c, json, "sender", sender);
        put_bytes(c, json, "update_path", keep_bytes(c, &encoded));
        put_path_secrets(c, put_array(c, json, "path_secrets"), grown, &made.path);
        put_secret(c, json, "commit_secret", &made.path.secrets.commit_secret);
        put_bytes(c, json, "tree_hash_after", tree_hash);
    }
    mls_tree_overlay_clear(&made.overlay);
}

static void put_case(vector_case_t *c, cJSON *json, const grown_tree_t *grown)
{
    plain_tree_t tree;
    put_bytes(c, json, "group_id", grown->group_id);
    put_number(c, json, "epoch", random_below(c, UINT32_MAX));
    put_bytes(c, json, "confirmed_transcript_hash", random_bytes(c, c->suite->hash->len));
    if (plain_tree_read(c, &tree, &grown->overlay))
        put_bytes(c, json, "ratchet_tree", plain_tree_encode(c, &tree));
    cJSON *states = put_array(c, json, "leaves_private");
    for (uint32_t leaf = 0; mls_tree_next_leaf(&grown->overlay, &leaf); leaf++)
        put_private_state(c, add_object(c, states), &grown->members[leaf], leaf);
    cJSON *paths = put_array(c, json, "update_paths");
    for (uint32_t leaf = 0; mls_tree_next_leaf(&grown->overlay, &leaf) && vector_good(c); leaf++)
        put_update_path(c, add_object(c, paths), grown, leaf);
}

/* The first tree is full; the second one has a blank leaf, a parent above that was skipped, and one who knows
 * no path secret yet. */
static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    grown_tree_t grown;
    if (grown_tree_start(c, &grown, variant == 0 ? 2 : 4) &&
        (variant == 0 || (grown_tree_remove(c, &grown, 1) && grown_tree_commit(c, &grown, 0) &&
                          grown_tree_add(c, &grown) && grown_tree_remove(c, &grown, 3))))
        put_case(c, json, &grown);
    grown_tree_clear(&grown);
}

const vector_generator_t generate_treekem = { "treekem", "paths of all members of a tree", true, 2, make };
