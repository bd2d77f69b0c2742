#include "group_support.h"
#include "leaf_signatures.h"
#include "worker_support.h"

static void verify__knows_nothing_without_workers(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_leaf_signatures_t signatures;
    assert_ok(mls_leaf_signatures_verify(&signatures, test_group(room, 0)));
    for (uint32_t leaf = 0; leaf < 5; leaf++)
        assert_false(mls_leaf_signature_is_good(&signatures, leaf));
    mls_leaf_signatures_clear(&signatures);
    test_room_free(room);
}

static void verify__finds_all_leaves_good(void **state)
{
    test_workers_t counted = { 0 };
    test_room_t *room = test_room(*state, 20, NULL);
    mls_group_t *group = test_group(room, 0);
    mls_leaf_signatures_t signatures;
    const mls_proposal_spec_t remove = test_remove(2);
    test_deliver(room, 0, test_commit(room, 0, &remove, 1, NULL));
    test_lend_workers(*state, test_workers_side_by_side(&counted));
    assert_ok(mls_leaf_signatures_verify(&signatures, group));
    for (uint32_t leaf = 0; leaf < 32; leaf++)
        assert_int_equal(mls_leaf_signature_is_good(&signatures, leaf), leaf < 20 && leaf != 2);
    assert_int_equal(counted.num_tasks, 5);
    mls_leaf_signatures_clear(&signatures);
    test_room_free(room);
}

static void everything__is_the_same_with_workers(void **state)
{
    test_workers_t counted = { 0 };
    test_context_t *t = *state;
    test_lend_workers(t, test_workers_side_by_side(&counted));
    test_room_t *room = test_room(t, 12, NULL);
    test_assert_agreed(room);
    const size_t after_joining = counted.num_calls;
    assert_in_range(after_joining, 2, 64);
    test_deliver(room, 0, test_update(room, 3));
    test_assert_agreed(room);
    assert_true(counted.num_calls > after_joining);
    test_lend_workers(t, test_workers_out_of_bounds(&counted));
    test_add_member(room, 3, true);
    test_assert_agreed(room);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verify__knows_nothing_without_workers),
        TEST(verify__finds_all_leaves_good),
        TEST(everything__is_the_same_with_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
