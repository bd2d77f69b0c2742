/* make_tree_validation.c -- a full tree, one with blanks at its end, and one with blanks and unmerged leaves
 * in it. */
#include "generate.h"
#include "grown_tree.h"
#include "make.h"

static void put_nodes(vector_case_t *c, cJSON *json, const plain_tree_t *tree)
{
    cJSON *resolutions = put_array(c, json, "resolutions"), *hashes = put_array(c, json, "tree_hashes");
    for (uint32_t i = 0; i < mls_num_nodes(tree->num_leaves); i++) {
        const mls_node_index_t node = { i };
        uint32_t resolution[PLAIN_MAX_NODES];
        const size_t count = plain_tree_resolution(tree, resolution, node);
        const mls_secret_t hash = plain_tree_hash(c, tree, node);
        cJSON *array = add_array(c, resolutions);
        for (size_t j = 0; j < count; j++)
            add_number(c, array, resolution[j]);
        add_bytes(c, hashes, mls_secret_view(&hash));
    }
}

/* Members 2 and 3 go, and 0 commits: its chain of parent hashes skips a blank node. Then somebody comes, and
 * no path is made. */
static bool make_holes(vector_case_t *c, grown_tree_t *grown)
{
    return grown_tree_remove(c, grown, 2) && grown_tree_remove(c, grown, 3) &&
           grown_tree_commit(c, grown, 0) && grown_tree_add(c, grown);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    static const uint32_t num_members[] = { 2, 3, 6 };
    grown_tree_t grown;
    plain_tree_t tree;
    if (grown_tree_start(c, &grown, num_members[variant]) && (variant < 2 || make_holes(c, &grown)) &&
        plain_tree_read(c, &tree, &grown.overlay)) {
        put_bytes(c, json, "tree", plain_tree_encode(c, &tree));
        put_bytes(c, json, "group_id", grown.group_id);
        put_nodes(c, json, &tree);
    }
    grown_tree_clear(&grown);
}

const vector_generator_t generate_tree_validation = { "tree-validation", "hashes and resolutions of trees",
                                                      true, 3, make };
