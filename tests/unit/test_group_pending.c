/* What is pending: own Commits while others come first, come back, or are stored; and proposals that do not
 * go together, or that this member can do nothing with. */
#include "group_support.h"

/* ---- own Commits --------------------------------------------------------------------------------- */

static void own_commit_received_twice__is_merged_once(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t commit = test_update(room, 0);
    mls_received_t *first, *second;
    assert_ok(test_receive(room, 0, commit, &first));
    assert_ok(test_receive(room, 0, commit, &second));
    assert_ok(mls_group_merge(test_group(room, 0), first, true, TEST_NOW));
    assert_refused(room, 0, MLS_ERR_STATE, mls_group_merge(test_group(room, 0), second, true, TEST_NOW));
    assert_int_equal(mls_staged_commit_committer(mls_received_commit(second)), 0);
    mls_received_free(first);
    mls_received_free(second);
    test_merge(room, 1, commit, false);
    test_assert_agreed(room);
    test_room_free(room);
}

static void received_own_commit__outlives_what_is_pending(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_pending_commit_t *pending;
    mls_received_t *received;
    const mls_view_t commit = test_commit(room, 0, NULL, 0, &pending);
    assert_ok(test_receive(room, 0, commit, &received));
    mls_group_discard_pending(test_group(room, 0), pending);
    assert_true(mls_staged_commit_is_readable(mls_received_commit(received)));
    assert_ok(mls_group_merge(test_group(room, 0), received, false, TEST_NOW));
    mls_received_free(received);
    test_merge(room, 1, commit, false);
    test_assert_agreed(room);
    test_room_free(room);
}

static void commit_staged_in_another_branch__is_not_merged(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_view_t lost = test_update(room, 0), won = test_update(room, 2);
    mls_received_t *stale;
    test_merge(room, 1, lost, true);
    test_merge(room, 0, lost, true);
    assert_ok(test_receive(room, 1, test_update(room, 0), &stale));
    assert_ok(mls_group_go_back(test_group(room, 1), 3));
    test_merge(room, 1, won, true); /* epoch 4 again, but another one */
    assert_refused(room, 1, MLS_ERR_STATE, mls_group_merge(test_group(room, 1), stale, true, TEST_NOW));
    mls_received_free(stale);
    test_room_free(room);
}

/* Its overlay looks at a tree that has changed; and it would not be saved, so that it could be made twice,
 * under one key and nonce. */
static void group_info__is_not_made_for_an_epoch_that_is_past(void **state)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    mls_bytes_t tree;
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
    test_merge(room, 0, test_update(room, 1), true);
    assert_refused(room, 0, MLS_ERR_STATE, mls_pending_commit_group_info(pending, &with_tree));
    assert_refused(room, 0, MLS_ERR_STATE, mls_pending_commit_ratchet_tree(pending, &tree));
    assert_ok(mls_group_go_back(test_group(room, 0), 2));
    assert_ok(mls_pending_commit_group_info(mls_group_pending_commit(test_group(room, 0), 0), &with_tree));
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void who_was_added__is_known_after_a_restart(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    mls_bytes_t tree;
    size_t num_added;
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
    test_restart(room, 0);
    pending = mls_group_pending_commit(test_group(room, 0), 0);
    assert_ok(mls_pending_commit_num_added(pending, &num_added));
    assert_int_equal(num_added, 1);
    test_restart(room, 0);
    assert_ok(mls_pending_commit_ratchet_tree(mls_group_pending_commit(test_group(room, 0), 0), &tree));
    assert_true(tree.len > 0);
    mls_bytes_clear(&tree);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    *secret = mls_view_text("a secret of thirty-two bytes, ok");
    return id->id.len > 0 && id->id.data[0] == 'a' ? MLS_OK : MLS_ERR_NOT_FOUND;
}

/* A pending Commit is staged again from what it refers to: that cannot be dropped before it. */
static void proposal_of_a_pending_commit__is_not_dropped(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = give_psk };
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("a psk") } };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    test_room_t *room = test_room(*state, 2, &config);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    mls_bytes_t welcome = { 0 };
    assert_ok(test_receive(room, 0, test_propose(room, 1, &psk), NULL));
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
    test_restart(room, 0);
    assert_refused(room, 0, MLS_ERR_STATE, mls_group_drop_proposal(test_group(room, 0), 0));
    pending = mls_group_pending_commit(test_group(room, 0), 0);
    assert_ok(mls_pending_commit_group_info(pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(pending, &welcome, NULL, 0));
    room->welcome = test_keep(room->t, &welcome);
    assert_ok(mls_bytes_copy(&welcome, mls_pending_commit_message(pending)));
    test_deliver(room, 0, test_keep(room->t, &welcome));
    test_join(room, key_package);
    test_assert_agreed(room);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static mls_status_t put_unknown_extension(void *arg, mls_leaf_draft_t *draft)
{
    (void)arg;
    return mls_leaf_draft_set_extension(draft, 0x7777, mls_view_text("x"));
}

/* Members would refuse it: then the committer must not be alone in taking it. */
static void leaf_that_members_refuse__makes_no_commit(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_commit_options_t options = { .leaf_hook = { put_unknown_extension, NULL } };
    mls_pending_commit_t *pending;
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule((test_context_t *)*state, "L5", MLS_ERR_INVALID);
    assert_null(pending);
    test_room_free(room);
}

/* ---- proposals ----------------------------------------------------------------------------------- */

/* A Commit of member 0 that all take, with so many of the pending proposals. */
static void assert_commits(test_room_t *room, size_t num_proposals)
{
    mls_received_t *received;
    const mls_view_t commit = test_update(room, 0);
    assert_ok(test_receive(room, 0, commit, &received));
    assert_int_equal(mls_staged_commit_num_proposals(mls_received_commit(received)), num_proposals);
    mls_received_free(received);
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
}

static void psk_that_nobody_has__is_left_out(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = give_psk };
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("nobody's") } };
    test_room_t *room = test_room(*state, 3, &config);
    assert_ok(test_receive(room, 0, test_propose(room, 1, &psk), NULL));
    assert_commits(room, 0);
    test_room_free(room);
}

static mls_status_t count_and_judge(void *arg, const mls_leaf_candidate_t *candidate)
{
    size_t *num_calls = arg;
    ++*num_calls;
    return *num_calls >= 1000000 && candidate->purpose == MLS_LEAF_IN_UPDATE ? MLS_ERR_REJECTED : MLS_OK;
}

static void leaf_not_accepted_any_more__is_left_out(void **state)
{
    size_t num_calls = 0;
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .authentication = { .validate = count_and_judge, .arg = &num_calls }
    };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_view_t proposal = test_propose(room, 1, &update);
    assert_ok(test_receive(room, 0, proposal, NULL));
    num_calls = 1000000;
    assert_commits(room, 0);
    test_room_free(room);
}

static void propose_to_all(test_room_t *room, size_t sender, const mls_proposal_spec_t *spec)
{
    const mls_view_t proposal = test_propose(room, sender, spec);
    for (size_t i = 0; i < room->count; i++)
        if (i != sender)
            assert_ok(test_receive(room, i, proposal, NULL));
}

/* RFC 9420, Section 12.2: or who is to be removed could stay by updating all the time. */
static void remove__goes_before_updates_of_the_leaf(void **state)
{
    const mls_proposal_spec_t remove = test_remove(2), update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 3, NULL);
    propose_to_all(room, 2, &update);
    propose_to_all(room, 1, &remove);
    propose_to_all(room, 2, &update);
    test_deliver(room, 0, test_update(room, 0));
    assert_true(mls_group_is_removed(test_group(room, 2)));
    test_assert_agreed(room);
    test_room_free(room);
}

static mls_view_t copy_of(test_context_t *t, mls_view_t view)
{
    mls_bytes_t bytes = { 0 };
    assert_ok(mls_bytes_copy(&bytes, view));
    return test_keep(t, &bytes);
}

static void newest_update__goes_before_the_others_of_its_leaf(void **state)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 3, NULL);
    mls_proposal_info_t newest;
    mls_leaf_info_t leaf;
    propose_to_all(room, 2, &update);
    propose_to_all(room, 1, &update);
    propose_to_all(room, 2, &update);
    assert_ok(mls_group_pending_proposal(test_group(room, 0), &newest, 2));
    const mls_view_t key = copy_of(room->t, newest.leaf.encryption_key);
    assert_commits(room, 2);
    assert_ok(mls_group_leaf(test_group(room, 0), &leaf, 2));
    assert_view_equal(leaf.encryption_key, key);
    test_room_free(room);
}

/* A ReInit stands alone: it waits while there is anything else (RFC 9420, Section 12.2). */
static void reinit__waits_for_the_others(void **state)
{
    const mls_proposal_spec_t remove = test_remove(2);
    test_room_t *room = test_room(*state, 3, NULL);
    mls_group_t *group = test_group(room, 1);
    const mls_proposal_t reinit = { .type = MLS_PROPOSAL_REINIT,
                                    .group_id = mls_view_text("next"),
                                    .version = MLS_VERSION_MLS10,
                                    .cipher_suite = 1 };
    mls_bytes_t body = { 0 }, signature = { 0 }, message = { 0 };
    assert_ok(mls_encode(&body, mls_codec_proposal, &reinit));
    mls_authenticated_content_t content = {
        .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
        .content = mls_group_framed(group, MLS_CONTENT_PROPOSAL, mls_bytes_view(&body), mls_view(NULL, 0))
    };
    assert_ok(mls_group_sign(group, &content, &signature));
    assert_ok(mls_group_protect(group, &message, &content));
    assert_ok(test_receive(room, 0, test_keep(room->t, &message), NULL));
    propose_to_all(room, 1, &remove);
    const mls_view_t commit = test_update(room, 0);
    mls_received_t *received;
    mls_proposal_info_t info;
    assert_ok(test_receive(room, 0, commit, &received));
    assert_int_equal(mls_staged_commit_num_proposals(mls_received_commit(received)), 1);
    assert_ok(mls_staged_commit_proposal(mls_received_commit(received), &info, 0));
    assert_int_equal(info.type, MLS_PROPOSAL_REMOVE);
    mls_received_free(received);
    mls_bytes_clear(&body);
    mls_bytes_clear(&signature);
    test_room_free(room);
}

/* The Authentication Service is asked for each leaf that is looked at: so the work can be counted. */
static void proposals_that_do_not_go_together__cost_each_of_them_once(void **state)
{
    enum { NUM_ADDS = 60 };
    size_t num_calls = 0;
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .authentication = { .validate = count_and_judge, .arg = &num_calls }
    };
    test_room_t *room = test_room(*state, 3, &config);
    mls_key_package_t *key_package = NULL;
    for (size_t i = 0; i < NUM_ADDS; i++) {
        mls_key_package_free(key_package);
        key_package = test_own_key_package(*state);
        const mls_proposal_spec_t add = test_add(key_package);
        propose_to_all(room, 1, &add);
    }
    const mls_proposal_spec_t again = test_add(key_package);
    propose_to_all(room, 2, &again);
    num_calls = 0;
    mls_pending_commit_t *pending;
    size_t num_added;
    assert_ok(mls_group_commit(test_group(room, 0), &pending, NULL));
    assert_in_range(num_calls, NUM_ADDS, 4 * NUM_ADDS);
    assert_ok(mls_pending_commit_num_added(pending, &num_added));
    assert_int_equal(num_added, NUM_ADDS);
    mls_key_package_free(key_package);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(own_commit_received_twice__is_merged_once),
        TEST(received_own_commit__outlives_what_is_pending),
        TEST(commit_staged_in_another_branch__is_not_merged),
        TEST(group_info__is_not_made_for_an_epoch_that_is_past),
        TEST(who_was_added__is_known_after_a_restart),
        TEST(proposal_of_a_pending_commit__is_not_dropped),
        TEST(leaf_that_members_refuse__makes_no_commit),
        TEST(psk_that_nobody_has__is_left_out),
        TEST(leaf_not_accepted_any_more__is_left_out),
        TEST(remove__goes_before_updates_of_the_leaf),
        TEST(newest_update__goes_before_the_others_of_its_leaf),
        TEST(reinit__waits_for_the_others),
        TEST(proposals_that_do_not_go_together__cost_each_of_them_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
