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

/* A leaf with the keys of others, where they are not NULL. */
static mls_view_t leaf_with_keys(test_context_t *t, const mls_view_t *encryption_of,
                                 const mls_view_t *signature_of)
{
    mls_leaf_node_t leaf, other;
    mls_bytes_t encoded;
    assert_ok(mls_leaf_node_decode(&leaf, test_random_leaf(t, 1)));
    leaf.tbs = (mls_view_t){ 0 };
    if (encryption_of != NULL) {
        assert_ok(mls_leaf_node_decode(&other, *encryption_of));
        leaf.encryption_key = other.encryption_key;
    }
    if (signature_of != NULL) {
        assert_ok(mls_leaf_node_decode(&other, *signature_of));
        leaf.signature_key = other.signature_key;
    }
    assert_ok(mls_encode(&encoded, mls_codec_leaf_node, &leaf));
    return test_keep(t, &encoded);
}

/* Four leaves, and parents below the root with these keys (empty: blank). */
static mls_status_t finish_with(test_context_t *t, const mls_view_t *leaves, const mls_view_t *parent_keys)
{
    mls_ratchet_tree_t *tree = new_tree(t, 4);
    for (uint32_t i = 0; i < 4; i++)
        assert_ok(mls_ratchet_tree_put(tree, mls_node_of_leaf(i), test_tree_leaf(leaves[i])));
    for (uint32_t i = 0; i < 2; i++) {
        mls_tree_parent_t *parent;
        if (parent_keys[i].len == 0)
            continue;
        assert_ok(mls_tree_parent_new(&parent, parent_keys[i], mls_view(NULL, 0)));
        assert_ok(mls_ratchet_tree_put(tree, (mls_node_index_t){ 4 * i + 1 }, parent));
    }
    const mls_status_t status = mls_ratchet_tree_finish(tree, 4);
    mls_ratchet_tree_free(tree);
    return status;
}

static void finish__wants_each_key_once(void **state)
{
    test_context_t *t = *state;
    mls_view_t leaves[4];
    mls_view_t parent_keys[2] = { test_random_bytes(t, 32), test_random_bytes(t, 32) };
    for (int i = 0; i < 4; i++)
        leaves[i] = test_random_leaf(t, 1);
    assert_ok(finish_with(t, leaves, parent_keys));
    const mls_view_t last = leaves[3];
    leaves[3] = leaf_with_keys(t, NULL, &leaves[0]);
    assert_status(finish_with(t, leaves, parent_keys), MLS_ERR_INVALID);
    assert_rule(t, "L7", MLS_ERR_INVALID);
    leaves[3] = leaf_with_keys(t, &leaves[1], NULL);
    assert_status(finish_with(t, leaves, parent_keys), MLS_ERR_INVALID);
    assert_rule(t, "L8", MLS_ERR_INVALID);
    leaves[3] = last;
    parent_keys[1] = parent_keys[0];
    assert_status(finish_with(t, leaves, parent_keys), MLS_ERR_INVALID);
    assert_rule(t, "W12", MLS_ERR_INVALID);
}

static void finish__wants_keys_of_parents_that_no_leaf_has(void **state)
{
    test_context_t *t = *state;
    mls_view_t leaves[4];
    mls_leaf_node_t leaf;
    mls_view_t parent_keys[2] = { { 0 } };
    for (int i = 0; i < 4; i++)
        leaves[i] = test_random_leaf(t, 1);
    assert_ok(mls_leaf_node_decode(&leaf, leaves[0])); /* stands before the parent */
    parent_keys[1] = leaf.encryption_key;
    assert_status(finish_with(t, leaves, parent_keys), MLS_ERR_INVALID);
    assert_rule(t, "W12", MLS_ERR_INVALID);
    assert_ok(mls_leaf_node_decode(&leaf, leaves[3])); /* stands behind it */
    parent_keys[1] = leaf.encryption_key;
    assert_status(finish_with(t, leaves, parent_keys), MLS_ERR_INVALID);
    assert_rule(t, "L8", MLS_ERR_INVALID);
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

/* They are saved with the way back before an overlay has computed them; ctest has the allocator fill memory
 * with something else. */
static void reserve__leaves_no_hash_unset(void **state)
{
    test_context_t *t = *state;
    const uint8_t zero[MLS_MAX_HASH_LEN] = { 0 };
    const size_t len = t->suite->hash->len;
    mls_ratchet_tree_t *tree = new_tree(t, 2);
    assert_ok(mls_ratchet_tree_reserve(tree, 1024));
    for (uint32_t num_leaves = 4; num_leaves <= 1024; num_leaves *= 2) /* no blank subtree: it holds leaf 0 */
        assert_memory_equal(tree->hashes + mls_root(num_leaves).n * len, zero, len);
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
        TEST(finish__wants_each_key_once),
        TEST(finish__wants_keys_of_parents_that_no_leaf_has),
        TEST(overlay__refuses_too_many_types_of_credentials),
        TEST(reserve__leaves_the_tree_as_it_is),
        TEST(reserve__leaves_no_hash_unset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
