#include "secret_tree.h"
#include "support.h"

enum { NUM_LEAVES = 8 };

static void start(test_context_t *t, mls_secret_tree_t *tree)
{
    mls_secret_t encryption_secret = { 0 };
    assert_ok(mls_secret_set(&encryption_secret, test_random_bytes(t, 32)));
    assert_ok(mls_secret_tree_init(tree, t->suite, NUM_LEAVES, &encryption_secret));
}

/* Two trees with the same secret: what one sends with is what the other looks for. */
static void start_pair(test_context_t *t, mls_secret_tree_t *a, mls_secret_tree_t *b)
{
    mls_secret_t encryption_secret = { 0 };
    assert_ok(mls_secret_set(&encryption_secret, test_random_bytes(t, 32)));
    assert_ok(mls_secret_tree_init(a, t->suite, NUM_LEAVES, &encryption_secret));
    assert_ok(mls_secret_tree_init(b, t->suite, NUM_LEAVES, &encryption_secret));
}

static mls_status_t step_within(test_context_t *t, mls_secret_tree_t *tree, mls_ratchet_step_t *step,
                                const mls_limits_t *limits, uint32_t leaf, uint32_t generation)
{
    const mls_ratchet_request_t request = {
        .leaf = leaf, .kind = MLS_RATCHET_APPLICATION, .generation = generation, .is_own = false
    };
    return mls_secret_tree_step(tree, step, t->crypto, limits, &request);
}

static mls_status_t step_to(test_context_t *t, mls_secret_tree_t *tree, mls_ratchet_step_t *step,
                            uint32_t leaf, uint32_t generation)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    return step_within(t, tree, step, &limits, leaf, generation);
}

/* Takes the key of a generation for good. */
static mls_status_t take(test_context_t *t, mls_secret_tree_t *tree, mls_message_key_t *key, uint32_t leaf,
                         uint32_t generation)
{
    mls_ratchet_step_t step;
    mls_status_t status = step_to(t, tree, &step, leaf, generation);
    if (status == MLS_OK) {
        *key = step.key;
        mls_secret_tree_take(tree, &step, false);
    }
    return status;
}

static bool same_key(const mls_message_key_t *a, const mls_message_key_t *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void keys__are_the_same_in_any_order(void **state)
{
    test_context_t *t = *state;
    enum { NUM_GENERATIONS = 20 };
    mls_secret_tree_t a, b;
    mls_message_key_t forward[NUM_GENERATIONS], key;
    uint32_t order[NUM_GENERATIONS];
    start_pair(t, &a, &b);
    for (uint32_t g = 0; g < NUM_GENERATIONS; g++) {
        assert_ok(take(t, &a, &forward[g], 5, g));
        const uint32_t other = test_random(t, g + 1);
        order[g] = order[other];
        order[other] = g;
    }
    for (uint32_t i = 0; i < NUM_GENERATIONS; i++) {
        assert_ok(take(t, &b, &key, 5, order[i]));
        assert_true(same_key(&key, &forward[order[i]]));
    }
    assert_int_equal(b.num_skipped, 0);
    mls_secret_tree_clear(&a);
    mls_secret_tree_clear(&b);
}

static void keys__differ_by_leaf_kind_and_generation(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_secret_tree_t tree;
    mls_message_key_t seen[NUM_LEAVES * 2 * 3];
    size_t count = 0;
    start(t, &tree);
    for (uint32_t i = 0; i < NUM_LEAVES * 2 * 3; i++) {
        const mls_ratchet_request_t request = {
            .leaf = i / 6, .kind = (mls_ratchet_kind_t)(i / 3 % 2), .generation = i % 3, .is_own = false
        };
        mls_ratchet_step_t step;
        assert_ok(mls_secret_tree_step(&tree, &step, t->crypto, &limits, &request));
        for (size_t j = 0; j < count; j++)
            assert_false(same_key(&seen[j], &step.key));
        seen[count++] = step.key;
        mls_secret_tree_take(&tree, &step, false);
    }
    assert_int_equal(tree.secrets.count, 0); /* every node's secret is consumed (RFC 9420, Section 9.2) */
    mls_secret_tree_clear(&tree);
}

static void take__consumes_the_way_down(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_message_key_t key;
    start(t, &tree);
    assert_ok(take(t, &tree, &key, 0, 0));
    /* Left are the secrets beside the way from the root (7) to leaf 0: nodes 11, 5 and 2. */
    assert_int_equal(tree.secrets.count, 3);
    assert_non_null(mls_index_map_get(&tree.secrets, 11));
    assert_non_null(mls_index_map_get(&tree.secrets, 5));
    assert_non_null(mls_index_map_get(&tree.secrets, 2));
    assert_ok(take(t, &tree, &key, 7, 0));
    assert_null(mls_index_map_get(&tree.secrets, 11));
    mls_secret_tree_clear(&tree);
}

static void take__of_a_used_generation_is_a_replay(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_message_key_t key;
    start(t, &tree);
    assert_ok(take(t, &tree, &key, 1, 4));
    assert_status(take(t, &tree, &key, 1, 4), MLS_ERR_GENERATION);
    assert_rule(t, "F13", MLS_ERR_GENERATION);
    assert_ok(take(t, &tree, &key, 1, 2)); /* skipped before, and kept */
    assert_status(take(t, &tree, &key, 1, 2), MLS_ERR_GENERATION);
    assert_rule(t, "F13", MLS_ERR_GENERATION);
    mls_secret_tree_clear(&tree);
}

static void step__without_taking_it_changes_nothing(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    mls_message_key_t first, key;
    start(t, &tree);
    assert_ok(step_to(t, &tree, &step, 3, 50));
    first = step.key;
    mls_ratchet_step_clear(&step);
    assert_int_equal(tree.senders.count, 0);
    assert_int_equal(tree.secrets.count, 1);
    assert_int_equal(tree.num_skipped, 0);
    assert_int_equal(tree.gone.count, 0);
    assert_ok(take(t, &tree, &key, 3, 50));
    assert_true(same_key(&key, &first));
    const mls_sender_ratchets_t before = *(mls_sender_ratchets_t *)mls_index_map_get(&tree.senders, 3);
    assert_ok(step_to(t, &tree, &step, 3, 7));
    mls_ratchet_step_clear(&step);
    assert_ok(step_to(t, &tree, &step, 3, 90));
    mls_ratchet_step_clear(&step);
    assert_memory_equal(mls_index_map_get(&tree.senders, 3), &before, sizeof before);
    assert_int_equal(tree.num_skipped, 50);
    mls_secret_tree_clear(&tree);
}

static void take__that_keeps_lets_the_key_be_asked_for_again(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    mls_message_key_t first;
    start(t, &tree);
    for (int i = 0; i < 3; i++) {
        assert_ok(step_to(t, &tree, &step, 3, 2));
        if (i == 0)
            first = step.key;
        assert_true(same_key(&step.key, &first));
        mls_secret_tree_take(&tree, &step, true);
    }
    assert_ok(take(t, &tree, &first, 3, 0));
    mls_secret_tree_clear(&tree);
}

static void step__beyond_the_forward_jump_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    mls_message_key_t key;
    start(t, &tree);
    assert_ok(take(t, &tree, &key, 0, 9)); /* the next is 10 */
    assert_status(step_to(t, &tree, &step, 0, 10 + 1001), MLS_ERR_LIMIT);
    assert_rule(t, "F14", MLS_ERR_LIMIT);
    assert_status(step_to(t, &tree, &step, 0, UINT32_MAX), MLS_ERR_LIMIT);
    assert_ok(step_to(t, &tree, &step, 0, 10 + 1000));
    mls_ratchet_step_clear(&step);
    mls_secret_tree_clear(&tree);
}

static void step__keeps_no_more_skipped_keys_than_allowed(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = { .forward_jump = 100, .num_skipped = 3, .num_skipped_total = 5 };
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    start(t, &tree);
    for (uint32_t leaf = 0; leaf < 2; leaf++) {
        assert_ok(step_within(t, &tree, &step, &limits, leaf, 10));
        mls_secret_tree_take(&tree, &step, false);
    }
    assert_int_equal(tree.num_skipped, 5); /* 3 of the first, and 2 of the second: the newest */
    assert_status(step_within(t, &tree, &step, &limits, 0, 6), MLS_ERR_GENERATION);
    assert_ok(step_within(t, &tree, &step, &limits, 0, 7));
    mls_ratchet_step_clear(&step);
    assert_status(step_within(t, &tree, &step, &limits, 1, 7), MLS_ERR_GENERATION);
    assert_ok(step_within(t, &tree, &step, &limits, 1, 8));
    mls_ratchet_step_clear(&step);
    /* A further jump makes room for its own by dropping the oldest. */
    assert_ok(step_within(t, &tree, &step, &limits, 0, 12));
    mls_secret_tree_take(&tree, &step, false);
    assert_status(step_within(t, &tree, &step, &limits, 0, 7), MLS_ERR_GENERATION);
    assert_ok(step_within(t, &tree, &step, &limits, 0, 11));
    mls_ratchet_step_clear(&step);
    assert_int_equal(tree.num_skipped, 5);
    mls_secret_tree_clear(&tree);
}

static void step__of_ones_own_keeps_nothing_and_has_no_limit(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = { .forward_jump = 10 };
    const mls_ratchet_request_t request = {
        .leaf = 2, .kind = MLS_RATCHET_APPLICATION, .generation = 5000, .is_own = true
    };
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    mls_message_key_t key;
    start(t, &tree);
    assert_ok(mls_secret_tree_step(&tree, &step, t->crypto, &limits, &request));
    mls_secret_tree_take(&tree, &step, false);
    assert_int_equal(tree.num_skipped, 0);
    assert_status(take(t, &tree, &key, 2, 4999), MLS_ERR_GENERATION);
    assert_ok(take(t, &tree, &key, 2, 5001));
    mls_secret_tree_clear(&tree);
}

static void step__of_a_leaf_beyond_the_tree_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_secret_tree_t tree;
    mls_ratchet_step_t step;
    start(t, &tree);
    assert_status(step_to(t, &tree, &step, NUM_LEAVES, 0), MLS_ERR_GENERATION);
    assert_status(step_to(t, &tree, &step, UINT32_MAX, 0), MLS_ERR_GENERATION);
    mls_secret_tree_clear(&tree);
}

/* Against a model that only remembers which generations were taken. */
static void tree__gives_each_key_once_under_random_use(void **state)
{
    test_context_t *t = *state;
    enum { NUM_GENERATIONS = 64 };
    bool taken[NUM_LEAVES][NUM_GENERATIONS] = { { false } };
    mls_message_key_t keys[NUM_LEAVES][NUM_GENERATIONS], key;
    mls_secret_tree_t tree, reference;
    start_pair(t, &tree, &reference);
    for (uint32_t leaf = 0; leaf < NUM_LEAVES; leaf++)
        for (uint32_t g = 0; g < NUM_GENERATIONS; g++)
            assert_ok(take(t, &reference, &keys[leaf][g], leaf, g));
    for (int i = 0; i < 2000; i++) {
        const uint32_t leaf = test_random(t, NUM_LEAVES), g = test_random(t, NUM_GENERATIONS);
        assert_status(take(t, &tree, &key, leaf, g), taken[leaf][g] ? MLS_ERR_GENERATION : MLS_OK);
        if (!taken[leaf][g])
            assert_true(same_key(&key, &keys[leaf][g]));
        taken[leaf][g] = true;
    }
    mls_secret_tree_clear(&tree);
    mls_secret_tree_clear(&reference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys__are_the_same_in_any_order),
        TEST(keys__differ_by_leaf_kind_and_generation),
        TEST(take__consumes_the_way_down),
        TEST(take__of_a_used_generation_is_a_replay),
        TEST(step__without_taking_it_changes_nothing),
        TEST(take__that_keeps_lets_the_key_be_asked_for_again),
        TEST(step__beyond_the_forward_jump_is_refused),
        TEST(step__keeps_no_more_skipped_keys_than_allowed),
        TEST(step__of_ones_own_keeps_nothing_and_has_no_limit),
        TEST(step__of_a_leaf_beyond_the_tree_is_refused),
        TEST(tree__gives_each_key_once_under_random_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
