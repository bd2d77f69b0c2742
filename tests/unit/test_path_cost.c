#include "group_support.h"
#include "path_cost.h"
#include "resolution.h"
#include "tree_model.h"
#include "treekem.h"

typedef struct tree {
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    model_t *model;
} tree_t;

static tree_t new_tree(test_context_t *t)
{
    tree_t tree = { .model = test_alloc(t, sizeof(model_t)) };
    tree.model->num_leaves = 1;
    assert_ok(mls_ratchet_tree_new(&tree.tree, t->crypto, t->suite));
    assert_ok(mls_tree_overlay_init(&tree.overlay, tree.tree));
    return tree;
}

static void free_tree(tree_t *tree)
{
    mls_tree_overlay_clear(&tree->overlay);
    mls_ratchet_tree_free(tree->tree);
}

/* ---- as RFC 9420 says it ------------------------------------------------------------------------- */

static uint32_t resolution_of(const tree_t *tree, mls_node_index_t node)
{
    mls_index_list_t list = { 0 };
    assert_ok(mls_tree_resolution(&tree->overlay, &list, node, false));
    const uint32_t count = (uint32_t)list.count;
    mls_index_list_clear(&list);
    return count;
}

/* What write_step() in treekem.c makes, counted. */
static uint32_t ciphertexts_of(const tree_t *tree, uint32_t leaf)
{
    mls_filtered_path_t path;
    uint32_t count = 0;
    mls_filtered_direct_path(&tree->overlay, &path, leaf);
    for (size_t i = 0; i < path.count; i++)
        count += resolution_of(tree, path.steps[i].copath);
    return count;
}

static uint32_t blank_above(const tree_t *tree, uint32_t leaf)
{
    const mls_node_index_t root = mls_root(tree->overlay.summary.num_leaves);
    uint32_t most = 0;
    if (tree->overlay.summary.num_leaves == 1)
        return 0;
    for (mls_node_index_t node = mls_node_parent(mls_node_of_leaf(leaf)); !mls_node_equal(node, root);
         node = mls_node_parent(node)) {
        if (mls_tree_is_blank(&tree->overlay, node) && resolution_of(tree, node) > most)
            most = resolution_of(tree, node);
    }
    return most;
}

static void check(const tree_t *tree)
{
    uint32_t largest = 0;
    for (uint32_t leaf = 0; mls_tree_next_leaf(&tree->overlay, &leaf); leaf++) {
        const mls_path_cost_t cost = mls_tree_path_cost(&tree->overlay, leaf);
        assert_int_equal(cost.own, ciphertexts_of(tree, leaf));
        assert_int_equal(cost.blank, blank_above(tree, leaf));
        largest = cost.own > largest ? cost.own : largest;
    }
    assert_int_equal(mls_tree_largest_path(&tree->overlay), largest);
}

/* ---- tests --------------------------------------------------------------------------------------- */

static void path_cost__is_the_number_of_ciphertexts(void **state)
{
    test_context_t *t = *state;
    tree_t tree = new_tree(t);
    for (int round = 0; round < 400; round++) {
        model_change(t, tree.model, &tree.overlay);
        check(&tree);
    }
    free_tree(&tree);
}

static void path_cost__of_removing_n_is_at_most_n_plus_1_of_the_largest(void **state)
{
    test_context_t *t = *state;
    tree_t tree = new_tree(t);
    for (int round = 0; round < 100; round++) {
        while (model_num_members(tree.model) < 20)
            model_change(t, tree.model, &tree.overlay);
        const uint32_t largest = mls_tree_largest_path(&tree.overlay), num = 1 + test_random(t, 10);
        const uint32_t committer = model_random_member(t, tree.model);
        for (uint32_t n = 0; n < num;) {
            const uint32_t removed = model_random_member(t, tree.model);
            if (removed == committer)
                continue;
            model_remove(tree.model, &tree.overlay, removed);
            n++;
        }
        assert_true(ciphertexts_of(&tree, committer) <= (num + 1) * largest);
    }
    free_tree(&tree);
}

static void path_cost__of_a_group_follows_its_commits(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    mls_path_cost_t cost;
    while (room->count < 12)
        test_add_member(room, 0, false);

    /* Nobody has made a path: everything is blank. */
    assert_ok(mls_group_path_cost(test_group(room, 0), &cost, 0));
    assert_int_equal(cost.own, 11);
    assert_int_equal(cost.blank, 8);
    assert_int_equal(mls_group_largest_path_cost(test_group(room, 0)), 11);

    /* The tree has 16 leaves; the last member is one of four in the right half of it. */
    test_deliver(room, 0, test_update(room, 11));
    assert_ok(mls_group_path_cost(test_group(room, 0), &cost, 11));
    assert_int_equal(cost.own, 1 + 2 + 8);
    assert_int_equal(cost.blank, 1); /* above an empty half a node stays blank (RFC 9420, Section 4.1.2) */
    assert_ok(mls_group_path_cost(test_group(room, 0), &cost, 0));
    assert_int_equal(cost.own, 1 + 2 + 4 + 1);
    assert_int_equal(cost.blank, 8);

    assert_status(mls_group_path_cost(test_group(room, 0), &cost, 12), MLS_ERR_NOT_FOUND);
    assert_int_equal(cost.own, 0);
    assert_status(mls_group_path_cost(test_group(room, 0), &cost, UINT32_MAX), MLS_ERR_NOT_FOUND);
    test_room_free(room);
}

static void path_cost__of_one_member_is_nothing(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    mls_path_cost_t cost;
    assert_ok(mls_group_path_cost(test_group(room, 0), &cost, 0));
    assert_int_equal(cost.own, 0);
    assert_int_equal(cost.blank, 0);
    assert_int_equal(mls_group_largest_path_cost(test_group(room, 0)), 0);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(path_cost__is_the_number_of_ciphertexts),
        TEST(path_cost__of_removing_n_is_at_most_n_plus_1_of_the_largest),
        TEST(path_cost__of_a_group_follows_its_commits),
        TEST(path_cost__of_one_member_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
