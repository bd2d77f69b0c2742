/* tree_math.c -- index arithmetic of the array-based tree (RFC 9420, Appendix C). */
#include "tree_math.h"
#include "vectors.h"

static void check_index(vector_case_t *c, const char *field, uint32_t i, const cJSON *expected, bool exists,
                        mls_node_index_t actual)
{
    vector_at(c, "node %u: ", (unsigned)i);
    if (!exists)
        vector_check(c, field, cJSON_IsNull(expected), "is not null");
    else
        vector_check(c, field, cJSON_IsNumber(expected) && expected->valueint == (int)actual.n, "differs");
}

/* `of_parents`: the function is one of nodes above the leaves, otherwise of nodes below the root. */
static void check_nodes(vector_case_t *c, const char *field, uint32_t num_leaves, bool of_parents,
                        mls_node_index_t (*function)(mls_node_index_t))
{
    const cJSON *expected = vector_array(c, c->json, field);
    const uint32_t num_nodes = mls_num_nodes(num_leaves);
    if (!vector_good(c) ||
        !vector_check(c, field, cJSON_GetArraySize(expected) == (int)num_nodes, "has another length"))
        return;
    expected = expected->child;
    for (uint32_t i = 0; i < num_nodes; i++, expected = expected->next) {
        const mls_node_index_t node = { i };
        const bool exists =
            of_parents ? !mls_node_is_leaf(node) : !mls_node_equal(node, mls_root(num_leaves));
        check_index(c, field, i, expected, exists, exists ? function(node) : node);
    }
    vector_at(c, "%s", "");
}

static void verify(vector_case_t *c)
{
    const uint32_t num_leaves = (uint32_t)vector_number(c, c->json, "n_leaves");
    vector_check(c, "n_nodes", vector_number(c, c->json, "n_nodes") == mls_num_nodes(num_leaves), "differs");
    vector_check(c, "root", vector_number(c, c->json, "root") == mls_root(num_leaves).n, "differs");
    check_nodes(c, "left", num_leaves, true, mls_node_left);
    check_nodes(c, "right", num_leaves, true, mls_node_right);
    check_nodes(c, "parent", num_leaves, false, mls_node_parent);
    check_nodes(c, "sibling", num_leaves, false, mls_node_sibling);
}

static const char *const fields[] = { "n_leaves", "n_nodes", "root",    "left",
                                      "right",    "parent",  "sibling", NULL };
const vector_kind_t vector_tree_math = { "tree math", fields, verify };
