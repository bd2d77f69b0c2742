/* Joining by external Commits, and proposals from outside. */
#include "group_support.h"

static mls_view_t group_info(test_room_t *room, size_t member)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t info = { 0 };
    assert_ok(mls_group_info(test_group(room, member), &info, &options));
    return test_keep(room->t, &info);
}

static test_room_t *open_room(void **state, size_t count)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_commits = true };
    return test_room(*state, count, &config);
}

/* Makes the next member of the room join; its Commit is not delivered yet. */
static mls_view_t start_joining(test_room_t *room, const mls_external_join_t *extra)
{
    mls_key_package_t *key_package = test_own_key_package(room->t);
    mls_external_join_t options = extra == NULL ? (mls_external_join_t){ 0 } : *extra;
    mls_pending_commit_t *commit;
    mls_bytes_t message = { 0 };
    options.key_package = key_package;
    if (options.group_info.len == 0)
        options.group_info = group_info(room, 0);
    assert_ok(mls_group_join_external(&room->members[room->count].group, &commit, room->t->crypto,
                                      &room->config, &options));
    assert_ok(mls_bytes_copy(&message, mls_pending_commit_message(commit)));
    mls_key_package_free(key_package);
    room->count++;
    return test_keep(room->t, &message);
}

static void outsider__joins_by_its_own_commit(void **state)
{
    test_room_t *room = open_room(state, 3);
    mls_received_t *received;
    const mls_view_t commit = start_joining(room, NULL);
    assert_ok(test_receive(room, 0, commit, &received));
    assert_int_equal(mls_received_sender_type(received), MLS_SENDER_NEW_MEMBER_COMMIT);
    assert_true(mls_staged_commit_is_external(mls_received_commit(received)));
    assert_int_equal(mls_staged_commit_committer(mls_received_commit(received)), 3);
    mls_received_free(received);
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    assert_int_equal(mls_group_own_leaf(test_group(room, 3)), 3);
    test_deliver(room, 0, test_update(room, 3));
    test_deliver(room, 0, test_update(room, 1));
    assert_ok(test_receive(room, 2, test_encrypt(room, 3, "hello"), NULL));
    test_assert_agreed(room);
    test_room_free(room);
}

static void joining__survives_a_restart(void **state)
{
    test_room_t *room = open_room(state, 5);
    const mls_view_t commit = start_joining(room, NULL);
    test_restart(room, 5);
    test_deliver(room, 0, commit);
    test_restart(room, 5);
    test_assert_agreed(room);
    test_room_free(room);
}

static void joining__takes_nothing_but_its_commit(void **state)
{
    test_room_t *room = open_room(state, 3);
    mls_bytes_t message = { 0 };
    mls_pending_commit_t *pending;
    (void)start_joining(room, NULL);
    assert_refused(room, 3, MLS_ERR_EPOCH, test_receive(room, 3, test_encrypt(room, 0, "early"), NULL));
    assert_refused(room, 3, MLS_ERR_EPOCH, test_receive(room, 3, test_update(room, 0), NULL));
    assert_refused(
        room, 3, MLS_ERR_STATE,
        mls_group_encrypt(test_group(room, 3), &message, mls_view_text("x"), mls_view(NULL, 0), true));
    assert_refused(room, 3, MLS_ERR_STATE, mls_group_commit(test_group(room, 3), &pending, NULL));
    test_room_free(room);
}

static void resync__replaces_the_former_leaf(void **state)
{
    test_room_t *room = open_room(state, 4);
    const mls_external_join_t options = { .resync = true, .former_leaf = 2 };
    const mls_view_t commit = start_joining(room, &options);
    test_deliver(room, 0, commit);
    assert_true(mls_group_is_removed(test_group(room, 2)));
    assert_int_equal(mls_group_own_leaf(test_group(room, 4)), 2);
    assert_int_equal(mls_group_num_members(test_group(room, 0)), 4);
    test_assert_agreed(room);
    test_room_free(room);
}

static mls_status_t set_unlisted_extension(void *arg, mls_leaf_draft_t *draft)
{
    (void)arg;
    return mls_leaf_draft_set_extension(draft, 0xf777, mls_view_text("not among the capabilities"));
}

/* Or who is joining would wait for ever. */
static void joining__makes_no_commit_that_members_refuse(void **state)
{
    test_room_t *room = open_room(state, 3);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_external_join_t options = { .group_info = group_info(room, 0),
                                          .key_package = key_package,
                                          .leaf_hook = { set_unlisted_extension, NULL } };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    assert_status(mls_group_join_external(&group, &commit, room->t->crypto, &room->config, &options),
                  MLS_ERR_INVALID);
    assert_rule((test_context_t *)*state, "L5", MLS_ERR_INVALID);
    assert_null(group);
    assert_null(commit);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static mls_status_t lend_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    *secret = id->is_resumption ? mls_secret_view(arg) : mls_view(NULL, 0);
    return id->is_resumption ? MLS_OK : MLS_ERR_NOT_FOUND;
}

/* Who is joining has no secret of the epoch that it joins from; its host may have kept one. */
static void resumption_psk__of_the_epoch_joined_from_is_the_hosts(void **state)
{
    test_room_t *room = open_room(state, 4);
    mls_secret_t psk = test_group(room, 2)->epoch->secrets.resumption_psk;
    const mls_psk_id_t id = { true, mls_group_id(test_group(room, 2)), mls_group_epoch(test_group(room, 2)) };
    const mls_external_join_t options = { .resync = true, .former_leaf = 2, .psks = &id, .num_psks = 1 };
    room->config.psk = lend_psk;
    room->config.psk_arg = &psk;
    test_deliver(room, 0, start_joining(room, &options));
    test_assert_agreed(room);
    mls_secret_wipe(&psk);
    test_room_free(room);
}

static void closed_group__refuses_external_commits(void **state)
{
    test_room_t *room = open_room(state, 3);
    const mls_view_t commit = start_joining(room, NULL);
    test_group(room, 0)->config.external_commits = false;
    assert_refused(room, 0, MLS_ERR_REJECTED, test_receive(room, 0, commit, NULL));
    assert_rule((test_context_t *)*state, "X9", MLS_ERR_REJECTED);
    test_room_free(room);
}

static void group_info_without_external_pub__does_not_let_in(void **state)
{
    test_room_t *room = open_room(state, 3);
    const mls_group_info_options_t without = { .with_tree = true };
    mls_key_package_t *key_package = test_own_key_package(*state);
    mls_bytes_t info = { 0 };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    assert_ok(mls_group_info(test_group(room, 0), &info, &without));
    const mls_external_join_t options = { .group_info = mls_bytes_view(&info), .key_package = key_package };
    assert_status(mls_group_join_external(&group, &commit, room->t->crypto, &room->config, &options),
                  MLS_ERR_NOT_FOUND);
    assert_rule((test_context_t *)*state, "X10", MLS_ERR_NOT_FOUND);
    mls_bytes_clear(&info);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* A tree that is full grows for the joiner. */
static void outsiders__join_one_after_the_other(void **state)
{
    test_room_t *room = open_room(state, 1);
    while (room->count < 12) {
        const mls_view_t commit = start_joining(room, NULL);
        test_deliver(room, 0, commit);
        test_assert_agreed(room);
        if (test_random(*state, 2) == 0)
            test_deliver(room, 0, test_update(room, test_random(*state, (uint32_t)room->count)));
    }
    test_assert_agreed(room);
    test_room_free(room);
}

/* ---- proposals from outside ---------------------------------------------------------------------- */

static mls_outside_options_t outside(test_room_t *room)
{
    return (mls_outside_options_t){ .group_id = mls_group_id(test_group(room, 0)),
                                    .epoch = mls_group_epoch(test_group(room, 0)) };
}

static void newcomer__asks_to_be_added(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .new_member_proposals = true };
    test_room_t *room = test_room(*state, 2, &config);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_outside_options_t options = outside(room);
    mls_bytes_t message = { 0 };
    mls_received_t *received;
    mls_proposal_info_t info;
    mls_pending_commit_t *pending;

    assert_ok(mls_propose_to_join(&message, key_package, &options));
    for (size_t i = 0; i < 2; i++) {
        assert_ok(test_receive(room, i, mls_bytes_view(&message), &received));
        assert_int_equal(mls_received_sender_type(received), MLS_SENDER_NEW_MEMBER_PROPOSAL);
        assert_ok(mls_received_proposal(received, &info));
        assert_int_equal(info.type, MLS_PROPOSAL_ADD);
        mls_received_free(received);
    }
    test_restart(room, 1);
    test_deliver(room, 0, test_commit(room, 1, NULL, 0, &pending));
    test_join(room, key_package);
    test_assert_agreed(room);
    mls_bytes_clear(&message);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static mls_status_t ask_to_join(test_room_t *room, size_t member)
{
    const mls_outside_options_t options = outside(room);
    mls_key_package_t *key_package = test_own_key_package(room->t);
    mls_bytes_t message = { 0 };
    assert_ok(mls_propose_to_join(&message, key_package, &options));
    mls_status_t status = test_receive(room, member, mls_bytes_view(&message), NULL);
    mls_bytes_clear(&message);
    mls_key_package_free(key_package);
    return status;
}

static void newcomers__leave_room_for_the_proposals_of_members(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true,
                                  .new_member_proposals = true,
                                  .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_pending = 6;
    test_room_t *room = test_room(*state, 3, &config);
    const mls_proposal_spec_t remove = test_remove(2);
    for (size_t i = 0; i < 3; i++)
        assert_ok(ask_to_join(room, 0));
    assert_refused(room, 0, MLS_ERR_LIMIT, ask_to_join(room, 0));
    assert_rule((test_context_t *)*state, "P11", MLS_ERR_LIMIT);
    assert_ok(test_receive(room, 0, test_propose(room, 1, &remove), NULL));
    assert_refused(room, 0, MLS_ERR_LIMIT, ask_to_join(room, 0));
    test_room_free(room);
}

/* A room whose external sender 0 has that key. */
static test_room_t *watched_room(void **state, mls_view_t signature_key)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_proposals = true };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_external_sender_t sender = { signature_key, { MLS_CREDENTIAL_BASIC, mls_view_text("warden") } };
    mls_bytes_t data = { 0 };
    assert_ok(mls_external_senders_encode(&data, &sender, 1));
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&data) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    test_deliver(room, 0, test_commit(room, 0, &change, 1, NULL));
    mls_bytes_clear(&data);
    return room;
}

static void external_sender__removes_a_member(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t private_key = { 0 }, public_key = { 0 }, message = { 0 };
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    test_room_t *room = watched_room(state, mls_bytes_view(&public_key));
    const mls_outside_options_t options = outside(room);
    const mls_proposal_spec_t remove = test_remove(2);

    assert_ok(mls_propose_external(&message, t->crypto, t->suite->id, mls_bytes_view(&private_key), 0,
                                   &remove, &options));
    for (size_t i = 0; i < 3; i++)
        assert_ok(test_receive(room, i, mls_bytes_view(&message), NULL));
    test_deliver(room, 0, test_update(room, 1));
    assert_true(mls_group_is_removed(test_group(room, 2)));
    test_assert_agreed(room);
    mls_bytes_clear(&message);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
    test_room_free(room);
}

static void unknown_external_sender__is_refused(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t private_key = { 0 }, public_key = { 0 }, message = { 0 };
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    test_room_t *room = watched_room(state, mls_bytes_view(&public_key));
    const mls_outside_options_t options = outside(room);
    const mls_proposal_spec_t remove = test_remove(2);

    assert_ok(mls_propose_external(&message, t->crypto, t->suite->id, mls_bytes_view(&private_key), 1,
                                   &remove, &options));
    assert_refused(room, 0, MLS_ERR_SENDER, test_receive(room, 0, mls_bytes_view(&message), NULL));
    assert_rule(t, "P9", MLS_ERR_SENDER);
    mls_bytes_clear(&message);
    private_key.data[0] ^= 1;
    assert_ok(mls_propose_external(&message, t->crypto, t->suite->id, mls_bytes_view(&private_key), 0,
                                   &remove, &options));
    assert_refused(room, 0, MLS_ERR_SIGNATURE, test_receive(room, 0, mls_bytes_view(&message), NULL));
    assert_rule(t, "F7", MLS_ERR_SIGNATURE);
    mls_bytes_clear(&message);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(outsider__joins_by_its_own_commit),
        TEST(joining__survives_a_restart),
        TEST(joining__takes_nothing_but_its_commit),
        TEST(resync__replaces_the_former_leaf),
        TEST(joining__makes_no_commit_that_members_refuse),
        TEST(resumption_psk__of_the_epoch_joined_from_is_the_hosts),
        TEST(closed_group__refuses_external_commits),
        TEST(group_info_without_external_pub__does_not_let_in),
        TEST(outsiders__join_one_after_the_other),
        TEST(newcomer__asks_to_be_added),
        TEST(newcomers__leave_room_for_the_proposals_of_members),
        TEST(external_sender__removes_a_member),
        TEST(unknown_external_sender__is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
