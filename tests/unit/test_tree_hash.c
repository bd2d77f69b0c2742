#include "tree_hash.h"
#include "tree_model.h"

/* The tree without some leaves, as Section 7.9 asks for: their places blank, and no parent lists them. Other
 * than after a Remove, the parents above stay. */
static model_t *without_leaves(test_context_t *t, const model_t *model, const mls_index_list_t *without)
{
    model_t *reduced = test_alloc(t, sizeof *reduced);
    *reduced = *model;
    for (size_t i = 0; i < without->count; i++) {
        reduced->nodes[2 * without->items[i]] = (model_node_t){ .present = false };
        for (uint32_t n = 1; n < mls_num_nodes(model->num_leaves); n += 2)
            reduced->nodes[n].unmerged[without->items[i]] = false;
    }
    return reduced;
}

/* The tree hash of the reduced tree, computed by building it. */
static void check_without(test_context_t *t, const model_t *model, const mls_tree_overlay_t *overlay,
                          mls_node_index_t node, const mls_index_list_t *without)
{
    uint8_t hash[MLS_MAX_HASH_LEN];
    const model_t *reduced = without_leaves(t, model, without);
    assert_ok(mls_tree_hash_without(overlay, hash, node, without));
    assert_view_equal(mls_view(hash, t->suite->hash->len), model_hash(t, reduced, node));
}

static void hash_without__is_that_of_the_reduced_tree(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    model_t *model = test_alloc(t, sizeof *model);
    model->num_leaves = 1;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int round = 0; round < 60; round++) {
        mls_index_list_t without = { 0 };
        model_change(t, model, &overlay);
        assert_ok(mls_tree_hash_update(&overlay));
        for (uint32_t leaf = 0; leaf < model->num_leaves; leaf++)
            if (test_random(t, 4) == 0)
                assert_ok(mls_index_list_insert(&without, leaf));
        const mls_node_index_t node = { test_random(t, mls_num_nodes(model->num_leaves)) };
        check_without(t, model, &overlay, mls_root(model->num_leaves), &without);
        check_without(t, model, &overlay, node, &without);
        mls_index_list_clear(&without);
    }
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static void hash_update__computes_only_what_is_open(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    model_t *model = test_alloc(t, sizeof *model);
    model->num_leaves = 1;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int i = 0; i < MODEL_MAX_LEAVES; i++)
        model_add(model, &overlay, test_random_leaf(t, 1));
    assert_ok(mls_tree_hash_update(&overlay));
    assert_ok(mls_tree_overlay_prepare(&overlay));
    mls_tree_overlay_swap(&overlay);
    mls_tree_overlay_clear(&overlay);

    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_update(model, &overlay, 5, test_random_leaf(t, 1));
    assert_ok(mls_tree_hash_update(&overlay));
    assert_int_equal(overlay.num_used, 7); /* a leaf of 64, and the six nodes above it */
    model_check(t, model, &overlay);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hash_without__is_that_of_the_reduced_tree),
        TEST(hash_update__computes_only_what_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
