/* Making Commits. Those that break a rule are forged in tests/rules. */
#include "group_support.h"

static mls_status_t put_extension(void *arg, mls_leaf_draft_t *draft)
{
    (void)arg;
    assert_int_equal(draft->source, MLS_LEAF_NODE_SOURCE_COMMIT);
    assert_int_equal(draft->encryption_key.len, mls_suite_find(draft->cipher_suite)->dh->public_len);
    assert_true(draft->group_id.len > 0);
    return mls_leaf_draft_set_extension(draft, MLS_EXTENSION_APPLICATION_ID, draft->encryption_key);
}

static void leaf_hook__sets_what_is_signed(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_commit_options_t options = { .leaf_hook = { put_extension, NULL } };
    mls_pending_commit_t *pending;
    mls_leaf_info_t leaf;
    mls_view_t data;
    mls_bytes_t copy = { 0 };
    assert_ok(mls_group_commit(test_group(room, 1), &pending, &options));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(pending)));
    test_deliver(room, 0, test_keep(*state, &copy));
    assert_ok(mls_group_leaf(test_group(room, 2), &leaf, 1));
    assert_ok(mls_extensions_find(&data, leaf.extensions, MLS_EXTENSION_APPLICATION_ID));
    assert_view_equal(data, leaf.encryption_key);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaf_hook__sets_what_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
