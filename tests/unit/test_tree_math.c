#include "support.h"
#include "tree_math.h"

enum { MAX_TEST_LEAVES = 128 };

/* The model: nodes by level and position. Those of level k are 2^(k+1) apart and begin at 2^k - 1
 * (RFC 9420, Appendix C). */
static uint32_t index_of(uint32_t level, uint32_t position)
{
    return ((1u << level) - 1) + position * (2u << level);
}

static void for_each_node(uint32_t num_leaves,
                          void (*check)(uint32_t num_leaves, uint32_t level, uint32_t position))
{
    for (uint32_t level = 0; num_leaves >> level > 0; level++)
        for (uint32_t position = 0; position < num_leaves >> level; position++)
            check(num_leaves, level, position);
}

static void check_level(uint32_t num_leaves, uint32_t level, uint32_t position)
{
    const mls_node_index_t node = { index_of(level, position) };
    assert_true(node.n < mls_num_nodes(num_leaves));
    assert_int_equal(mls_node_level(node), level);
    assert_int_equal(mls_node_is_leaf(node), level == 0);
    assert_int_equal(mls_node_num_leaves(node), 1u << level);
    assert_int_equal(mls_node_first_leaf(node), position << level);
    if (level == 0)
        assert_true(mls_leaf_of_node(node) == position && mls_node_equal(mls_node_of_leaf(position), node));
}

static void check_relatives(uint32_t num_leaves, uint32_t level, uint32_t position)
{
    const mls_node_index_t node = { index_of(level, position) };
    if (level > 0) {
        assert_int_equal(mls_node_left(node).n, index_of(level - 1, 2 * position));
        assert_int_equal(mls_node_right(node).n, index_of(level - 1, 2 * position + 1));
    }
    if (num_leaves >> level == 1) {
        assert_int_equal(mls_root(num_leaves).n, node.n);
    } else {
        assert_int_equal(mls_node_parent(node).n, index_of(level + 1, position / 2));
        assert_int_equal(mls_node_sibling(node).n, index_of(level, position ^ 1));
    }
}

static void check_coverage(uint32_t num_leaves, uint32_t level, uint32_t position)
{
    const mls_node_index_t node = { index_of(level, position) };
    for (uint32_t leaf = 0; leaf < num_leaves; leaf++) {
        const bool covers = leaf >> level == position;
        assert_int_equal(mls_node_covers(node, leaf), covers);
        if (covers && level > 0)
            assert_int_equal(mls_node_child_towards(node, leaf).n, index_of(level - 1, leaf >> (level - 1)));
    }
}

static void nodes__are_those_of_the_model(void **state)
{
    (void)state;
    for (uint32_t num_leaves = 1; num_leaves <= MAX_TEST_LEAVES; num_leaves *= 2) {
        assert_int_equal(mls_num_nodes(num_leaves), 2 * num_leaves - 1);
        for_each_node(num_leaves, check_level);
        for_each_node(num_leaves, check_relatives);
        for_each_node(num_leaves, check_coverage);
    }
    assert_int_equal(mls_num_nodes(0), 0);
}

static void common_ancestor__is_the_lowest_node_above_both(void **state)
{
    (void)state;
    for (uint32_t a = 0; a < MAX_TEST_LEAVES; a++) {
        for (uint32_t b = 0; b < MAX_TEST_LEAVES; b++) {
            mls_node_index_t node = mls_node_of_leaf(a);
            while (!mls_node_covers(node, b))
                node = mls_node_parent(node);
            assert_int_equal(mls_common_ancestor(a, b).n, node.n);
        }
    }
}

static void nodes__of_the_largest_tree_do_not_overflow(void **state)
{
    (void)state;
    const mls_node_index_t root = mls_root(MLS_MAX_LEAVES);
    const mls_node_index_t last = mls_node_of_leaf(MLS_MAX_LEAVES - 1);
    mls_node_index_t node = last;
    uint32_t num_steps = 0;
    for (; !mls_node_equal(node, root); node = mls_node_parent(node))
        num_steps++;
    assert_int_equal(num_steps, MLS_MAX_LEVELS - 1);
    assert_int_equal(last.n, mls_num_nodes(MLS_MAX_LEAVES) - 1);
    assert_int_equal(mls_common_ancestor(0, MLS_MAX_LEAVES - 1).n, root.n);
    assert_true(mls_node_covers(root, MLS_MAX_LEAVES - 1));
    assert_false(mls_node_covers(root, MLS_MAX_LEAVES));
    assert_false(mls_node_covers(root, UINT32_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes__are_those_of_the_model),
        cmocka_unit_test(common_ancestor__is_the_lowest_node_above_both),
        cmocka_unit_test(nodes__of_the_largest_tree_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
