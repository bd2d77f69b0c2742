/* make_tree_math.c -- trees of 1, 2, 4, … leaves, by halving the range of their nodes and without the
 * formulas of RFC 9420, Appendix C. */
#include "generate.h"
#include "make.h"

enum { MAX_NODES = 2 * 32 - 1, NONE = -1 };

typedef struct relatives {
    int left[MAX_NODES], right[MAX_NODES], parent[MAX_NODES], sibling[MAX_NODES];
} relatives_t;

/* Sets the relatives of the nodes in a range, whose middle is the root of a subtree below `parent`. */
static void divide(relatives_t *nodes, int first, int last, int parent)
{
    const int root = (first + last) / 2;
    nodes->parent[root] = parent;
    nodes->left[root] = nodes->right[root] = NONE;
    if (first == last)
        return;
    const int left = (first + root - 1) / 2, right = (root + 1 + last) / 2;
    nodes->left[root] = left;
    nodes->right[root] = right;
    nodes->sibling[left] = right;
    nodes->sibling[right] = left;
    divide(nodes, first, root - 1, root);
    divide(nodes, root + 1, last, root);
}

static void put_indices(vector_case_t *c, cJSON *json, const char *field, const int *indices, int count)
{
    cJSON *array = put_array(c, json, field);
    for (int i = 0; i < count; i++) {
        if (indices[i] == NONE)
            add_null(c, array);
        else
            add_number(c, array, (uint64_t)indices[i]);
    }
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    const int num_leaves = 1 << variant, num_nodes = 2 * num_leaves - 1;
    relatives_t nodes;
    nodes.sibling[num_nodes / 2] = NONE;
    divide(&nodes, 0, num_nodes - 1, NONE);
    put_number(c, json, "n_leaves", (uint64_t)num_leaves);
    put_number(c, json, "n_nodes", (uint64_t)num_nodes);
    put_number(c, json, "root", (uint64_t)num_nodes / 2);
    put_indices(c, json, "left", nodes.left, num_nodes);
    put_indices(c, json, "right", nodes.right, num_nodes);
    put_indices(c, json, "parent", nodes.parent, num_nodes);
    put_indices(c, json, "sibling", nodes.sibling, num_nodes);
}

const vector_generator_t generate_tree_math = { "tree-math", "trees of 1 to 32 leaves", false, 6, make };
