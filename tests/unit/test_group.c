/* A group's life: created, joined, talked in, left. */
#include "group_support.h"

static void group__of_one_is_in_epoch_0(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    const mls_group_t *group = test_group(room, 0);
    mls_leaf_info_t leaf;
    assert_int_equal(mls_group_epoch(group), 0);
    assert_int_equal(mls_group_num_members(group), 1);
    assert_int_equal(mls_group_own_leaf(group), 0);
    assert_ok(mls_group_leaf(group, &leaf, 0));
    assert_view_equal(leaf.identity, mls_view_text("member"));
    assert_int_equal(leaf.source, MLS_LEAF_NODE_SOURCE_KEY_PACKAGE);
    assert_status(mls_group_leaf(group, &leaf, 1), MLS_ERR_NOT_FOUND);
    test_room_free(room);
}

static void group__grows_and_agrees_in_every_epoch(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    while (room->count < 20) {
        test_add_member(room, test_random(*state, (uint32_t)room->count), test_random(*state, 2) == 0);
        test_deliver(room, 0, test_update(room, test_random(*state, (uint32_t)room->count)));
        test_assert_agreed(room);
    }
    assert_int_equal(mls_group_num_members(test_group(room, 7)), 20);
    test_room_free(room);
}

static void rule_W23__all_who_are_added_join_by_the_welcome(void **state)
{
    enum { NUM = 17 };
    test_room_t *room = test_room(*state, 2, NULL);
    mls_key_package_t *key_packages[NUM];
    mls_proposal_spec_t adds[NUM];
    for (size_t i = 0; i < NUM; i++) {
        key_packages[i] = test_own_key_package(*state);
        adds[i] = test_add(key_packages[i]);
    }
    test_deliver(room, 0, test_commit(room, 1, adds, NUM, NULL));
    for (size_t i = 0; i < NUM; i++) {
        test_join(room, key_packages[i]);
        mls_key_package_free(key_packages[i]);
    }
    test_assert_agreed(room);
    test_deliver(room, 0, test_update(room, 9));
    test_assert_agreed(room);
    test_room_free(room);
}

static void message__is_read_by_all_others(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_view_t message = test_encrypt(room, 2, "hello");
    for (size_t i = 0; i < 4; i++) {
        mls_received_t *received;
        assert_ok(test_receive(room, i, message, &received));
        assert_int_equal(mls_received_type(received),
                         i == 2 ? MLS_RECEIVED_OWN_MESSAGE : MLS_RECEIVED_APPLICATION);
        assert_view_equal(mls_received_data(received), i == 2 ? mls_view(NULL, 0) : mls_view_text("hello"));
        assert_view_equal(mls_received_authenticated_data(received), mls_view_text("aad"));
        assert_int_equal(mls_received_sender(received), 2);
        assert_true(mls_received_sender_is_current(received));
        mls_received_free(received);
    }
    test_room_free(room);
}

static void exporter__is_equal_at_all_members(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const size_t too_long = 255 * room->t->suite->hash->len + 1;
    mls_bytes_t first = { 0 }, other = { 0 };
    assert_ok(mls_group_export(test_group(room, 0), &first, "label", mls_view_text("context"), 50));
    assert_ok(mls_group_export(test_group(room, 2), &other, "label", mls_view_text("context"), 50));
    assert_view_equal(mls_bytes_view(&first), mls_bytes_view(&other));
    mls_bytes_clear(&other);
    assert_ok(mls_group_export(test_group(room, 2), &other, "label", mls_view_text("another"), 50));
    assert_view_not_equal(mls_bytes_view(&first), mls_bytes_view(&other));
    mls_bytes_clear(&first);
    mls_bytes_clear(&other);
    assert_status(mls_group_export(test_group(room, 0), &other, "label", mls_view(NULL, 0), too_long),
                  MLS_ERR_ARGUMENT);
    test_room_free(room);
}

static void commit__tells_its_proposals_and_trees(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t proposals[] = { test_remove(2), test_add(key_package) };
    const mls_view_t commit = test_commit(room, 1, proposals, 2, NULL);
    mls_received_t *received;
    mls_proposal_info_t info;
    mls_leaf_info_t leaf;

    assert_ok(test_receive(room, 0, commit, &received));
    const mls_staged_commit_t *staged = mls_received_commit(received);
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_COMMIT);
    assert_view_equal(mls_received_authenticated_data(received), mls_view_text("said aloud"));
    assert_int_equal(mls_staged_commit_committer(staged), 1);
    assert_int_equal(mls_staged_commit_epoch(staged), 3);
    assert_int_equal(mls_staged_commit_num_proposals(staged), 2);
    assert_ok(mls_staged_commit_proposal(staged, &info, 0));
    assert_int_equal(info.type, MLS_PROPOSAL_REMOVE);
    assert_int_equal(info.leaf_index, 2);
    assert_int_equal(info.sender, 1);
    assert_ok(mls_staged_commit_proposal(staged, &info, 1));
    assert_int_equal(info.type, MLS_PROPOSAL_ADD);
    assert_int_equal(info.leaf_index, 2); /* the place that has become free */
    assert_ok(mls_staged_commit_leaf(staged, &leaf, 2));
    assert_view_equal(leaf.encoded, info.leaf.encoded);
    assert_ok(mls_staged_commit_path_leaf(staged, &leaf));
    assert_int_equal(leaf.source, MLS_LEAF_NODE_SOURCE_COMMIT);
    assert_status(mls_staged_commit_proposal(staged, &info, 2), MLS_ERR_NOT_FOUND);
    assert_int_equal(mls_group_epoch(test_group(room, 0)), 2); /* nothing has changed yet */
    mls_received_free(received);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void removed_member__reads_nothing_further(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_spec_t remove = test_remove(2);
    mls_received_t *received;
    const mls_view_t commit = test_commit(room, 0, &remove, 1, NULL);

    assert_ok(test_receive(room, 2, commit, &received));
    assert_true(mls_staged_commit_removes_self(mls_received_commit(received)));
    mls_received_free(received); /* it goes on as if it had not heard */
    test_merge(room, 0, commit, false);
    test_merge(room, 1, commit, false);
    assert_refused(room, 2, MLS_ERR_EPOCH, test_receive(room, 2, test_encrypt(room, 0, "secret"), NULL));

    test_merge(room, 2, commit, false);
    assert_true(mls_group_is_removed(test_group(room, 2)));
    assert_refused(room, 2, MLS_ERR_STATE, test_receive(room, 2, test_encrypt(room, 0, "secret"), NULL));
    mls_bytes_t message = { 0 };
    assert_status(
        mls_group_encrypt(test_group(room, 2), &message, mls_view_text("x"), mls_view(NULL, 0), true),
        MLS_ERR_STATE);
    test_room_free(room);
}

static void proposal__by_reference_is_committed_by_another(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t leave = test_remove(3), update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_view_t left = test_propose(room, 3, &leave), updated = test_propose(room, 1, &update);
    mls_proposal_info_t info;
    mls_leaf_info_t before, after;

    for (size_t i = 0; i < 4; i++) {
        if (i != 3)
            assert_ok(test_receive(room, i, left, NULL));
        if (i != 1)
            assert_ok(test_receive(room, i, updated, NULL));
    }
    assert_ok(mls_group_pending_proposal(test_group(room, 0), &info, 0));
    assert_int_equal(info.type, MLS_PROPOSAL_REMOVE);
    assert_ok(mls_group_leaf(test_group(room, 0), &before, 1));
    const mls_view_t key_before = before.encryption_key;
    const mls_view_t commit = test_update(room, 0); /* takes up what is pending */
    mls_received_t *received;
    assert_ok(test_receive(room, 2, commit, &received));
    assert_int_equal(mls_staged_commit_num_proposals(mls_received_commit(received)), 2);
    assert_ok(mls_staged_commit_leaf(mls_received_commit(received), &after, 1));
    assert_view_not_equal(after.encryption_key, key_before);
    mls_received_free(received);
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    assert_true(mls_group_is_removed(test_group(room, 3)));
    test_deliver(room, 0, test_update(room, 1)); /* the updated leaf can go on */
    test_assert_agreed(room);
    test_room_free(room);
}

static void rule_M17__pending_proposals_hold_application_messages_back(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_proposal_spec_t leave = test_remove(1);
    mls_bytes_t message = { 0 };
    assert_ok(test_receive(room, 0, test_propose(room, 1, &leave), NULL));
    assert_refused(
        room, 0, MLS_ERR_STATE,
        mls_group_encrypt(test_group(room, 0), &message, mls_view_text("x"), mls_view(NULL, 0), false));
    assert_rule((test_context_t *)*state, "M17", MLS_ERR_STATE);
    assert_ok(mls_group_encrypt(test_group(room, 0), &message, mls_view_text("x"), mls_view(NULL, 0), true));
    mls_bytes_clear(&message);
    assert_ok(mls_group_drop_proposal(test_group(room, 0), 0));
    assert_ok(mls_group_encrypt(test_group(room, 0), &message, mls_view_text("x"), mls_view(NULL, 0), false));
    mls_bytes_clear(&message);
    test_room_free(room);
}

static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    if (id->is_resumption || !mls_view_equal(id->id, mls_view_text("shared")))
        return MLS_ERR_NOT_FOUND;
    *secret = mls_view_text(arg);
    return MLS_OK;
}

static void psk__has_to_be_known_to_all(void **state)
{
    char secret[] = "a secret that all know";
    const mls_group_config_t config = { .psk = give_psk, .psk_arg = secret };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("shared") } };
    const mls_proposal_spec_t resumption = {
        .type = MLS_PROPOSAL_PSK,
        .psk = { .is_resumption = true, .id = mls_view_text("a room"), .psk_epoch = 1 }
    };
    const mls_proposal_spec_t unknown = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("other") } };
    const mls_commit_options_t options = { .proposals = &unknown, .num_proposals = 1 };
    mls_pending_commit_t *pending;

    test_deliver(room, 0, test_commit(room, 0, &psk, 1, NULL));
    test_assert_agreed(room);
    assert_refused(room, 0, MLS_ERR_NOT_FOUND, mls_group_commit(test_group(room, 0), &pending, &options));
    const mls_view_t resumed = test_commit(room, 0, &resumption, 1, NULL);
    test_merge(room, 0, resumed, false);
    test_merge(room, 1, resumed, false);
    /* The third joined in epoch 2 and never had the secret of epoch 1. */
    assert_refused(room, 2, MLS_ERR_NOT_FOUND, test_receive(room, 2, resumed, NULL));
    assert_rule((test_context_t *)*state, "M4", MLS_ERR_NOT_FOUND);
    test_room_free(room);
}

static void extensions__change_for_all(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    uint16_t basic[] = { MLS_CREDENTIAL_BASIC }, unheard_of[] = { 0xf123 };
    const mls_required_capabilities_t required = { .credentials = { basic, 1 } };
    const mls_required_capabilities_t too_much = { .extensions = { unheard_of, 1 } };
    mls_bytes_t good = { 0 }, bad = { 0 };
    assert_ok(mls_required_capabilities_encode(&good, &required));
    assert_ok(mls_required_capabilities_encode(&bad, &too_much));
    mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&good) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    const mls_commit_options_t options = { .proposals = &change, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    mls_view_t data;

    test_deliver(room, 0, test_commit(room, 2, &change, 1, NULL));
    test_assert_agreed(room);
    assert_ok(mls_extensions_find(&data, mls_group_extensions(test_group(room, 1)),
                                  MLS_EXTENSION_REQUIRED_CAPABILITIES));
    assert_view_equal(data, mls_bytes_view(&good));
    item.data = mls_bytes_view(&bad);
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule((test_context_t *)*state, "P8", MLS_ERR_INVALID);
    mls_bytes_clear(&good);
    mls_bytes_clear(&bad);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(group__of_one_is_in_epoch_0),
        TEST(group__grows_and_agrees_in_every_epoch),
        TEST(rule_W23__all_who_are_added_join_by_the_welcome),
        TEST(message__is_read_by_all_others),
        TEST(exporter__is_equal_at_all_members),
        TEST(commit__tells_its_proposals_and_trees),
        TEST(removed_member__reads_nothing_further),
        TEST(proposal__by_reference_is_committed_by_another),
        TEST(rule_M17__pending_proposals_hold_application_messages_back),
        TEST(psk__has_to_be_known_to_all),
        TEST(extensions__change_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
