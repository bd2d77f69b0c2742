/* SelfRemove (draft-ietf-mls-extensions). */
#include "group_support.h"

static uint16_t with_self_remove[] = { MLS_PROPOSAL_SELF_REMOVE };
static const mls_proposal_spec_t self_remove = { .type = MLS_PROPOSAL_SELF_REMOVE };

/* A room whose members all know SelfRemove. */
static test_room_t *capable_room(test_context_t *t, size_t count)
{
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .external_commits = true,
                                        .private_handshake_only = true };
    t->capabilities.proposals = (mls_u16_list_t){ with_self_remove, 1 };
    return test_room(t, count, &config);
}

static void receive_all(test_room_t *room, mls_view_t message, size_t but)
{
    for (size_t i = 0; i < room->count; i++)
        if (i != but)
            assert_ok(test_receive(room, i, message, NULL));
}

static void self_remove__takes_its_sender_out(void **state)
{
    test_room_t *room = capable_room(*state, 4);
    mls_received_t *received;
    mls_proposal_info_t info;
    const mls_view_t proposal = test_propose(room, 2, &self_remove);
    receive_all(room, proposal, 2);
    const mls_view_t commit = test_commit(room, 1, NULL, 0, NULL);
    assert_ok(test_receive(room, 2, commit, &received));
    assert_true(mls_staged_commit_removes_self(mls_received_commit(received)));
    assert_ok(mls_staged_commit_proposal(mls_received_commit(received), &info, 0));
    assert_int_equal(info.leaf_index, 2);
    mls_received_free(received);
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    assert_true(mls_group_is_removed(test_group(room, 2)));
    assert_int_equal(mls_group_num_members(test_group(room, 0)), 3);
    test_room_free(room);
}

static void self_remove__is_sent_once_in_an_epoch(void **state)
{
    test_room_t *room = capable_room(*state, 3);
    mls_bytes_t message;
    (void)test_propose(room, 2, &self_remove);
    assert_refused(room, 2, MLS_ERR_STATE,
                   mls_group_propose(test_group(room, 2), &message, &self_remove, NULL));
    test_room_free(room);
}

/* Whoever joins takes pending SelfRemoves along: the members that leave need not begin again. */
static void rule_X4_B16__self_removes_go_with_an_external_commit(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = capable_room(t, 4);
    const mls_group_info_options_t how = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t info;
    mls_key_package_t *key_package = test_own_key_package(t);
    mls_pending_commit_t *commit;
    const mls_view_t leaving[] = { test_propose(room, 1, &self_remove), test_propose(room, 2, &self_remove),
                                   test_propose(room, 3, &self_remove) };
    for (size_t i = 0; i < 3; i++)
        for (size_t member = 0; member < 4; member++)
            if (member != i + 1)
                assert_ok(test_receive(room, member, leaving[i], NULL));
    assert_ok(mls_group_info(test_group(room, 0), &info, &how));
    const mls_external_join_t options = { .group_info = test_keep(t, &info),
                                          .key_package = key_package,
                                          .self_removes = leaving,
                                          .num_self_removes = 2 };
    assert_ok(mls_group_join_external(&room->members[4].group, &commit, t->crypto, &room->config, &options));
    room->count = 5;
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(commit)));
    test_restart(room, 4);
    test_deliver(room, 0, test_keep(t, &copy));
    test_assert_agreed(room);
    assert_int_equal(mls_group_num_members(test_group(room, 4)), 3);
    assert_true(mls_group_is_removed(test_group(room, 1)) && mls_group_is_removed(test_group(room, 2)));
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void self_remove__of_a_stranger_does_not_go_with_an_external_commit(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = capable_room(t, 3);
    const mls_group_info_options_t how = { .with_tree = true, .with_external_pub = true };
    const mls_proposal_spec_t remove = test_remove(1);
    const mls_handshake_options_t public_message = { .as_public_message = true };
    mls_bytes_t info, message;
    mls_key_package_t *key_package = test_own_key_package(t);
    mls_pending_commit_t *commit;
    mls_group_t *group;
    mls_view_t leaving[1] = { test_propose(room, 2, &self_remove) };
    mls_external_join_t options = { .key_package = key_package,
                                    .self_removes = leaving,
                                    .num_self_removes = 1 };
    assert_ok(mls_group_info(test_group(room, 0), &info, &how));
    options.group_info = test_keep(t, &info);

    const mls_view_t good = leaving[0];
    leaving[0] = test_flip(t, good, 8 * (good.len - 40)); /* in the signature */
    assert_status(mls_group_join_external(&group, &commit, t->crypto, &room->config, &options),
                  MLS_ERR_SIGNATURE);
    assert_rule(t, "F7", MLS_ERR_SIGNATURE);
    test_group(room, 0)->config.private_handshake_only = false;
    assert_ok(mls_group_propose(test_group(room, 0), &message, &remove, &public_message));
    leaving[0] = test_keep(t, &message);
    assert_status(mls_group_join_external(&group, &commit, t->crypto, &room->config, &options),
                  MLS_ERR_ARGUMENT);
    leaving[0] = good;
    test_deliver(room, 0, test_update(room, 1)); /* now it is of an epoch that is over */
    assert_ok(mls_group_info(test_group(room, 0), &info, &how));
    options.group_info = test_keep(t, &info);
    assert_status(mls_group_join_external(&group, &commit, t->crypto, &room->config, &options),
                  MLS_ERR_EPOCH);
    assert_rule(t, "F2", MLS_ERR_EPOCH);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void rule_Q11__self_remove_needs_members_that_know_it(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = capable_room(t, 2);
    mls_bytes_t message;
    t->capabilities.proposals = (mls_u16_list_t){ 0 };
    test_add_member(room, 0, true);
    assert_refused(room, 1, MLS_ERR_INVALID,
                   mls_group_propose(test_group(room, 1), &message, &self_remove, NULL));
    assert_rule(t, "Q11", MLS_ERR_INVALID);
    test_room_free(room);
}

/* Who does not know it is removed by the same Commit: those who process it all know it. */
static void self_remove__does_not_need_those_who_go(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = capable_room(t, 3);
    const mls_proposal_spec_t remove = test_remove(3);
    t->capabilities.proposals = (mls_u16_list_t){ 0 };
    test_add_member(room, 0, true);
    test_group(room, 2)->config.num_custom_proposals = 0;
    mls_tree_leaf_t *strange = mls_tree_leaf(&test_group(room, 2)->view, 3);
    assert_non_null(strange);
    /* Member 2 asks as if everybody knew it. */
    test_group(room, 2)->tree->nodes[6] = mls_tree_leaf(&test_group(room, 2)->view, 0);
    const mls_view_t proposal = test_propose(room, 2, &self_remove);
    test_group(room, 2)->tree->nodes[6] = strange;
    receive_all(room, proposal, 2);
    test_deliver(room, 0, test_commit(room, 0, &remove, 1, NULL));
    assert_int_equal(mls_group_num_members(test_group(room, 0)), 2);
    test_assert_agreed(room);
    test_room_free(room);
}

static void rule_R2__self_remove_comes_as_public_message(void **state)
{
    test_room_t *room = capable_room(*state, 3);
    mls_group_t *group = test_group(room, 2);
    mls_bytes_t body = { 0 }, signature = { 0 }, message = { 0 };
    assert_ok(mls_proposal_spec_encode(group->crypto, group->suite, &body, &self_remove));
    mls_authenticated_content_t content = {
        .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
        .content = mls_group_framed(group, MLS_CONTENT_PROPOSAL, mls_bytes_view(&body), mls_view(NULL, 0))
    };
    assert_ok(mls_group_sign(group, &content, &signature));
    assert_ok(mls_group_protect(group, &message, &content));
    assert_refused(room, 0, MLS_ERR_INVALID, test_receive(room, 0, mls_bytes_view(&message), NULL));
    assert_rule((test_context_t *)*state, "R2", MLS_ERR_INVALID);
    mls_bytes_clear(&body);
    mls_bytes_clear(&signature);
    mls_bytes_clear(&message);
    test_room_free(room);
}

static void rule_R1__self_remove_is_committed_by_reference(void **state)
{
    test_room_t *room = capable_room(*state, 3);
    const mls_commit_options_t options = { .proposals = &self_remove, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    /* By value it would be the committer's own: the first rule that it breaks is that one. */
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule((test_context_t *)*state, "Q3", MLS_ERR_INVALID);
    mls_listed_proposal_t item = { .sender = { MLS_SENDER_MEMBER, 1 },
                                   .proposal = { .type = MLS_PROPOSAL_SELF_REMOVE } };
    const mls_proposal_list_t list = { &item, 1 };
    const mls_sender_t committer = { MLS_SENDER_MEMBER, 0 };
    assert_status(mls_proposal_list_check(&list, room->t->crypto, &room->config, &committer),
                  MLS_ERR_INVALID);
    assert_rule((test_context_t *)*state, "R1", MLS_ERR_INVALID);
    item.by_reference = true;
    assert_ok(mls_proposal_list_check(&list, room->t->crypto, &room->config, &committer));
    test_room_free(room);
}

static void rule_Q4__self_remove_and_remove_of_one_leaf_do_not_stand_together(void **state)
{
    test_room_t *room = capable_room(*state, 4);
    const mls_proposal_spec_t remove = test_remove(2);
    const mls_commit_options_t options = { .proposals = &remove, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    receive_all(room, test_propose(room, 2, &self_remove), 2);
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options)); /* the Remove goes alone */
    assert_int_equal(mls_staged_commit_num_proposals(pending->staged), 1);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(self_remove__takes_its_sender_out),
        TEST(self_remove__is_sent_once_in_an_epoch),
        TEST(rule_X4_B16__self_removes_go_with_an_external_commit),
        TEST(self_remove__of_a_stranger_does_not_go_with_an_external_commit),
        TEST(rule_Q11__self_remove_needs_members_that_know_it),
        TEST(self_remove__does_not_need_those_who_go),
        TEST(rule_R2__self_remove_comes_as_public_message),
        TEST(rule_R1__self_remove_is_committed_by_reference),
        TEST(rule_Q4__self_remove_and_remove_of_one_leaf_do_not_stand_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
