#include "ratchet_tree.h"
#include "tree_model.h"

static mls_ratchet_tree_t *new_tree(test_context_t *t, uint32_t num_leaves)
{
    mls_ratchet_tree_t *tree;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_ratchet_tree_reserve(tree, num_leaves));
    return tree;
}

static mls_status_t put_leaf(test_context_t *t, mls_ratchet_tree_t *tree, uint32_t leaf,
                             uint16_t credential_type)
{
    return mls_ratchet_tree_put(tree, mls_node_of_leaf(leaf),
                                test_tree_leaf(test_random_leaf(t, credential_type)));
}

static void new__is_one_blank_leaf(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t, 1);
    model_t *model = test_alloc(t, sizeof *model);
    mls_tree_overlay_t overlay;
    model->num_leaves = 1;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_check(t, model, &overlay);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
    mls_ratchet_tree_free(NULL);
}

static void new__needs_randomness(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = (mls_ratchet_tree_t *)t;
    t->random_fails = true; /* the place of a key must not be foreseeable */
    assert_status(mls_ratchet_tree_new(&tree, t->crypto, t->suite), MLS_ERR_CRYPTO);
    assert_null(tree);
}

/* The node is taken over also when it is refused: the leak checker would see it. */
static void put__refuses_places_that_are_taken_or_not_there(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t, 4);
    assert_ok(put_leaf(t, tree, 3, 1));
    assert_status(put_leaf(t, tree, 3, 1), MLS_ERR_ARGUMENT);
    assert_status(put_leaf(t, tree, 4, 1), MLS_ERR_ARGUMENT);
    mls_ratchet_tree_free(tree);
}

static void finish__counts_what_is_there(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t, 8);
    assert_ok(put_leaf(t, tree, 0, 1));
    assert_ok(put_leaf(t, tree, 1, 2));
    assert_ok(put_leaf(t, tree, 5, 1));
    assert_ok(mls_ratchet_tree_finish(tree, 8));
    assert_int_equal(tree->summary.num_leaves, 8);
    assert_int_equal(tree->summary.num_members, 3);
    assert_int_equal(tree->summary.first_blank, 2);
    assert_int_equal(tree->summary.end, 6);
    assert_int_equal(tree->num_credentials, 2);
    assert_int_equal(tree->keys.num_used, 6);
    mls_ratchet_tree_free(tree);
}

static void finish__refuses_too_many_types_of_credentials(void **state)
{
    test_context_t *t = *state;
    enum { NUM_LEAVES = 2 * MLS_MAX_CREDENTIAL_TYPES };
    mls_ratchet_tree_t *tree = new_tree(t, NUM_LEAVES), *other = new_tree(t, NUM_LEAVES);
    for (uint32_t i = 0; i <= MLS_MAX_CREDENTIAL_TYPES; i++) {
        assert_ok(put_leaf(t, tree, i, (uint16_t)(i % MLS_MAX_CREDENTIAL_TYPES)));
        assert_ok(put_leaf(t, other, i, (uint16_t)i));
    }
    assert_ok(mls_ratchet_tree_finish(tree, NUM_LEAVES));
    assert_status(mls_ratchet_tree_finish(other, NUM_LEAVES), MLS_ERR_LIMIT);
    mls_ratchet_tree_free(tree);
    mls_ratchet_tree_free(other);
}

static void overlay__refuses_too_many_types_of_credentials(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t, 1);
    mls_tree_overlay_t overlay;
    uint32_t added;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (uint32_t i = 0; i <= MLS_MAX_CREDENTIAL_TYPES; i++) {
        mls_tree_leaf_t *leaf = test_tree_leaf(test_random_leaf(t, (uint16_t)i));
        assert_status(mls_tree_add(&overlay, &added, leaf, 1024),
                      i < MLS_MAX_CREDENTIAL_TYPES ? MLS_OK : MLS_ERR_LIMIT);
        mls_tree_leaf_release(leaf);
    }
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static void reserve__leaves_the_tree_as_it_is(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t, 2);
    model_t *model = test_alloc(t, sizeof *model);
    mls_tree_overlay_t overlay;
    model->num_leaves = 1;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int i = 0; i < 5; i++)
        model_add(model, &overlay, test_random_leaf(t, 1));
    assert_ok(mls_ratchet_tree_reserve(tree, 64)); /* under an overlay that is in use */
    model_check(t, model, &overlay);
    for (int i = 0; i < 30; i++)
        model_add(model, &overlay, test_random_leaf(t, 1));
    model_check(t, model, &overlay);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new__is_one_blank_leaf),
        TEST(new__needs_randomness),
        TEST(put__refuses_places_that_are_taken_or_not_there),
        TEST(finish__counts_what_is_there),
        TEST(finish__refuses_too_many_types_of_credentials),
        TEST(overlay__refuses_too_many_types_of_credentials),
        TEST(reserve__leaves_the_tree_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
