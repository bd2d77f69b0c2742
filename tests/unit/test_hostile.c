/* test_hostile.c -- what outsiders and members may send to make a client work for long, take much memory, or
 * be of no use to its group. Nothing here looks at a clock: the time of the whole program is bounded, and
 * each test is of a size that a slow way would not get through in that time. */
#include "group_support.h"
#include "tree_model.h"

/* ---- keys that nobody can encrypt to ------------------------------------------------------------- */

/* A KeyPackage whose leaf has an encryption key of small order: all zero, which no key pair has. */
static mls_view_t key_package_with_zero_key(test_context_t *t)
{
    test_key_package_t *kp = test_alloc(t, sizeof *kp);
    test_key_package_fill(t, kp);
    kp->leaf.encryption_key = mls_view(test_alloc(t, 32), 32);
    return test_key_package_sign(t, kp);
}

/* Members could not encrypt a path secret to such a leaf: no Commit with a path could be made any more. */
static void commit__does_not_add_a_leaf_with_a_key_of_small_order(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    const mls_view_t key_package = key_package_with_zero_key(t);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD, .key_package = key_package };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_key_package_info_t info;
    mls_pending_commit_t *pending;
    assert_status(mls_key_package_read(&info, t->crypto, key_package, TEST_NOW, NULL), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(t, "E7", MLS_ERR_INVALID);
    test_room_free(room);
}

/* ---- equal keys ---------------------------------------------------------------------------------- */

/* A tree that is joined is indexed by its keys before any signature or hash of it is looked at. */
static void tree__of_equal_keys_is_refused_at_the_first(void **state)
{
    test_context_t *t = *state;
    enum { NUM_LEAVES = 1 << 18 };
    mls_ratchet_tree_t *tree;
    mls_tree_leaf_t *leaf = test_tree_leaf(test_random_leaf(t, 1));
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_ratchet_tree_reserve(tree, NUM_LEAVES));
    leaf->refs = NUM_LEAVES;
    for (uint32_t i = 0; i < NUM_LEAVES; i++)
        assert_ok(mls_ratchet_tree_put(tree, mls_node_of_leaf(i), leaf));
    assert_status(mls_ratchet_tree_finish(tree, NUM_LEAVES), MLS_ERR_INVALID);
    assert_rule(t, "L8", MLS_ERR_INVALID);
    mls_ratchet_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commit__does_not_add_a_leaf_with_a_key_of_small_order),
        TEST(tree__of_equal_keys_is_refused_at_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
