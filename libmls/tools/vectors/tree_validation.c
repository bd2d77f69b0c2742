/* tree_validation.c -- resolutions, tree hashes, parent hashes and signatures of leaves
 * (RFC 9420, Sections 4.1.1, 7.8, 7.9 and 7.2). */
#include "tree.h"
#include "resolution.h"
#include "tree_validate.h"

static void check_resolution(vector_case_t *c, const mls_tree_overlay_t *overlay, mls_node_index_t node,
                             const cJSON *expected)
{
    mls_index_list_t resolution = { 0 };
    if (vector_ok(c, "resolutions", mls_tree_resolution(overlay, &resolution, node, false)) &&
        vector_check(c, "resolutions", cJSON_GetArraySize(expected) == (int)resolution.count,
                     "has another length")) {
        const cJSON *item = expected->child;
        for (size_t i = 0; i < resolution.count; i++, item = item->next)
            vector_check(c, "resolutions", cJSON_IsNumber(item) && item->valueint == (int)resolution.items[i],
                         "differs");
    }
    mls_index_list_clear(&resolution);
}

static void check_nodes(vector_case_t *c, const mls_tree_overlay_t *overlay)
{
    const cJSON *resolutions = vector_array(c, c->json, "resolutions");
    const cJSON *hashes = vector_array(c, c->json, "tree_hashes");
    const uint32_t num_nodes = mls_num_nodes(overlay->summary.num_leaves);

    if (!vector_good(c) ||
        !vector_check(c, "resolutions", cJSON_GetArraySize(resolutions) == (int)num_nodes,
                      "has another length") ||
        !vector_check(c, "tree_hashes", cJSON_GetArraySize(hashes) == (int)num_nodes, "has another length"))
        return;
    resolutions = resolutions->child;
    hashes = hashes->child;
    for (uint32_t i = 0; i < num_nodes; i++, resolutions = resolutions->next, hashes = hashes->next) {
        const mls_node_index_t node = { i };
        vector_at(c, "node %u: ", (unsigned)i);
        check_resolution(c, overlay, node, resolutions);
        vector_same(c, "tree_hashes", mls_view(mls_tree_hash_of(overlay, node), c->suite->hash->len),
                    vector_hex(c, hashes));
    }
    vector_at(c, "%s", "");
}

static void check_leaf_signatures(vector_case_t *c, const mls_tree_overlay_t *overlay)
{
    mls_leaf_place_t place = { .group_id = vector_bytes(c, c->json, "group_id") };
    for (; mls_tree_next_leaf(overlay, &place.leaf_index); place.leaf_index++) {
        const mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(overlay, place.leaf_index));
        vector_at(c, "leaf %u: ", (unsigned)place.leaf_index);
        vector_ok(c, "signature", mls_leaf_node_verify(c->crypto, c->suite, &leaf, &place));
    }
    vector_at(c, "%s", "");
}

static void verify(vector_case_t *c)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    vector_tree_t tree;
    if (vector_tree_read(c, &tree, "tree")) {
        check_nodes(c, &tree.overlay);
        vector_ok(c, "parent hashes", mls_tree_check_parent_hashes(&tree.overlay));
        vector_ok(c, "parents", mls_tree_check_parents(&tree.overlay));
        vector_ok(c, "credentials", mls_tree_check_credentials(&tree.overlay, &limits));
        check_leaf_signatures(c, &tree.overlay);
        vector_tree_equal(c, &tree, "tree");
    }
    vector_tree_clear(&tree);
}

static const char *const fields[] = {
    "cipher_suite", "tree", "group_id", "resolutions", "tree_hashes", NULL
};
const vector_kind_t vector_tree_validation = { "tree validation", fields, verify };
