/* Going from epoch to epoch, and back. */
#include "group_rows.h"
#include "group_support.h"

static mls_view_t authenticator(test_room_t *room, size_t member)
{
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, mls_group_epoch_authenticator(test_group(room, member))));
    return test_keep(room->t, &copy);
}

static void group__goes_back_to_the_byte(void **state)
{
    test_room_t *room = test_room(*state, 9, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t proposals[] = { test_remove(3), test_add(key_package) };
    memory_store_t before = { 0 };
    const mls_view_t commit = test_commit(room, 0, proposals, 2, NULL);

    mls_group_settle(test_group(room, 5), mls_group_epoch(test_group(room, 5)), TEST_NOW);
    mls_group_expire(test_group(room, 5), TEST_NOW + 25 * 3600);
    test_dump(test_group(room, 5), &before);
    test_merge(room, 5, commit, true);
    assert_int_equal(mls_group_earliest_epoch(test_group(room, 5)), 8);
    assert_ok(mls_group_go_back(test_group(room, 5), 8));
    /* What was sent in the epoch that is gone is remembered; nothing was. Compare the rest by going on. */
    memory_store_clear(&before);
    test_restart(room, 5);
    test_deliver(room, 0, commit);
    test_join(room, key_package);
    test_assert_agreed(room);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void rival_commit__is_followed_after_going_back(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_view_t lost = test_update(room, 1), won = test_update(room, 2);
    const mls_view_t second =
        (test_merge(room, 3, lost, true), test_merge(room, 1, lost, true), test_update(room, 1));

    test_merge(room, 3, second, true); /* two epochs on the wrong way */
    assert_int_equal(mls_group_epoch(test_group(room, 3)), 5);
    test_restart(room, 3);
    assert_ok(mls_group_go_back(test_group(room, 3), 3));
    test_restart(room, 3);
    assert_ok(mls_group_go_back(test_group(room, 1), 3));
    test_deliver(room, 0, won);
    test_assert_agreed(room);
    test_deliver(room, 0, test_update(room, 3));
    test_assert_agreed(room);
    test_room_free(room);
}

/* The same epoch again means the same keys: generations that were used must not be used again. */
static void rule_F12__generations_are_not_used_again_in_an_epoch_that_comes_back(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t commit = test_update(room, 0);
    mls_received_t *received;

    test_merge(room, 0, commit, true);
    test_merge(room, 1, commit, true);
    test_merge(room, 2, commit, true);
    const mls_view_t first = test_encrypt(room, 0, "one"), second = test_encrypt(room, 0, "two");
    assert_ok(test_receive(room, 1, first, NULL));
    assert_ok(test_receive(room, 1, second, NULL));
    assert_ok(mls_group_go_back(test_group(room, 0), 2));
    test_restart(room, 0);
    test_merge(room, 0, commit, true);
    test_restart(room, 0);
    test_assert_agreed(room);
    assert_ok(test_receive(room, 1, test_encrypt(room, 0, "three"), &received));
    assert_int_equal(mls_received_generation(received), 2);
    mls_received_free(received);
    test_room_free(room);
}

/* Settling what is settled already must not forget what an epoch that can still come was used with. */
static void rule_F12__used_generations_are_remembered_until_their_epoch_is_settled(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t commit = test_update(room, 0);
    mls_received_t *received;

    test_merge(room, 1, commit, true);
    const mls_view_t first = test_encrypt(room, 1, "one");
    assert_ok(mls_group_go_back(test_group(room, 1), 2));
    mls_group_settle(test_group(room, 1), 2, TEST_NOW);
    test_restart(room, 1);
    test_merge(room, 1, commit, true);
    const mls_view_t second = test_encrypt(room, 1, "two");
    test_merge(room, 0, commit, true);
    assert_ok(test_receive(room, 0, first, NULL));
    assert_ok(test_receive(room, 0, second, &received));
    assert_int_equal(mls_received_generation(received), 1);
    mls_received_free(received);
    mls_group_settle(test_group(room, 1), 3, TEST_NOW);
    assert_int_equal(test_group(room, 1)->num_used_generations, 0);
    test_room_free(room);
}

/* A host may hear that a Commit is final before its group has come to it again. */
static void rule_F12__used_generations_are_remembered_by_who_is_not_there_yet(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t commit = test_update(room, 0);
    mls_received_t *received;

    test_merge(room, 1, commit, true);
    const mls_view_t first = test_encrypt(room, 1, "one");
    assert_ok(mls_group_go_back(test_group(room, 1), 2));
    mls_group_settle(test_group(room, 1), 3, TEST_NOW);
    test_restart(room, 1);
    test_merge(room, 1, commit, true);
    const mls_view_t second = test_encrypt(room, 1, "two");
    test_merge(room, 0, commit, true);
    assert_ok(test_receive(room, 0, first, NULL));
    assert_ok(test_receive(room, 0, second, &received));
    assert_int_equal(mls_received_generation(received), 1);
    mls_received_free(received);
    test_room_free(room);
}

/* Those that the way forward pushed out are there again on the way back. */
static void resumption_psks__survive_a_detour(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_resumption_psks = 2;
    test_room_t *room = test_room(*state, 2, &config);
    for (int i = 0; i < 3; i++)
        test_deliver(room, 0, test_update(room, 0));
    mls_group_settle(test_group(room, 1), mls_group_epoch(test_group(room, 1)), TEST_NOW);
    const uint64_t epoch = mls_group_epoch(test_group(room, 1));
    const size_t before = test_group(room, 1)->num_resumption_psks;
    assert_int_equal(before, 2);
    for (int i = 0; i < 3; i++) {
        const mls_view_t commit = test_update(room, 0);
        test_merge(room, 0, commit, true);
        test_merge(room, 1, commit, true);
    }
    test_restart(room, 1);
    assert_ok(mls_group_go_back(test_group(room, 1), epoch));
    assert_int_equal(test_group(room, 1)->num_resumption_psks, before);
    assert_int_equal(test_group(room, 1)->resumption_psks[1].epoch, epoch - 1);
    test_room_free(room);
}

/* What a staged Commit says is its own, also when its epoch is gone. */
static void staged_commit__outlives_its_epoch(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    mls_extension_t items[] = { { MLS_EXTENSION_APPLICATION_ID, mls_view_text("data") } };
    const mls_extensions_t list = { items, 1 };
    const mls_proposal_spec_t extensions = test_extensions(&list);
    config.limits.num_past_epochs = 0;
    test_room_t *room = test_room(*state, 3, &config);
    mls_received_t *received;
    test_deliver(room, 0, test_commit(room, 0, &extensions, 1, NULL));
    const mls_view_t lost = test_update(room, 0), won = test_update(room, 2);
    assert_ok(test_receive(room, 1, lost, &received));
    test_merge(room, 1, won, false);
    mls_view_t data;
    assert_ok(mls_extensions_find(&data, mls_staged_commit_extensions(mls_received_commit(received)),
                                  MLS_EXTENSION_APPLICATION_ID));
    assert_view_equal(data, mls_view_text("data"));
    mls_received_free(received);
    test_room_free(room);
}

/* Reads nothing any more: then it holds nothing, either, in memory or in the store. */
static void removed_member__keeps_no_secrets_once_that_is_settled(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_spec_t remove = test_remove(2);
    const mls_store_t store = memory_store(&room->members[2].memory);
    assert_ok(test_receive(room, 2, test_encrypt(room, 1, "derives keys"), NULL));
    assert_ok(mls_group_save(test_group(room, 2), &store));
    test_merge(room, 2, test_commit(room, 0, &remove, 1, NULL), true);
    assert_ok(mls_group_save(test_group(room, 2), &store));
    mls_group_settle(test_group(room, 2), mls_group_epoch(test_group(room, 2)) + 1, TEST_NOW);
    const mls_epoch_t *epoch = test_group(room, 2)->epoch;
    assert_int_equal(epoch->secrets.sender_data_secret.len, 0);
    assert_int_equal(epoch->secret_tree.senders.count, 0);
    assert_int_equal(epoch->secret_tree.secrets.count, 0);
    assert_ok(mls_group_save(test_group(room, 2), &store));
    test_restart(room, 2);
    const mls_row_key_t prefix = mls_row_prefix(mls_view_text("a room"));
    for (size_t i = 0; i < room->members[2].memory.count; i++) {
        mls_row_place_t place;
        assert_true(mls_row_place(&place, &prefix, mls_bytes_view(&room->members[2].memory.entries[i].key)));
        assert_true(place.epoch != 2 || (place.kind != MLS_ROW_RATCHETS && place.kind != MLS_ROW_SECRET));
    }
    test_room_free(room);
}

static void rule_F17__settling_destroys_skipped_handshake_keys(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = false };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 4, &config);
    (void)test_propose(room, 1, &update); /* is late for member 0 */
    const mls_view_t commit = test_update(room, 1);
    test_merge(room, 0, commit, true);
    const mls_past_epoch_t *past = mls_group_past(test_group(room, 0), 3);
    const mls_sender_ratchets_t *sender = mls_index_map_get(&past->epoch->secret_tree.senders, 1);
    assert_int_equal(sender->ratchets[MLS_RATCHET_HANDSHAKE].num_skipped, 1);
    mls_group_settle(test_group(room, 0), 4, TEST_NOW);
    assert_int_equal(sender->ratchets[MLS_RATCHET_HANDSHAKE].num_skipped, 0);
    assert_int_equal(past->epoch->secret_tree.num_skipped, 0);
    test_room_free(room);
}

static void own_pending_commit__survives_a_restart(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    mls_received_t *received;
    const mls_view_t commit = test_commit(room, 1, &add, 1, NULL);

    test_restart(room, 1);
    mls_pending_commit_t *pending = mls_group_pending_commit(test_group(room, 1), 0);
    assert_non_null(pending);
    assert_view_equal(mls_pending_commit_message(pending), commit);
    assert_ok(test_receive(room, 1, commit, &received));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_COMMIT);
    mls_received_free(received);
    test_deliver(room, 0, commit);
    test_join(room, key_package);
    test_assert_agreed(room);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void welcome__can_be_made_after_a_restart(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .force_path = true };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_pending_commit_t *pending;
    mls_bytes_t welcome = { 0 };

    assert_ok(mls_group_commit(test_group(room, 1), &pending, &options));
    assert_ok(mls_pending_commit_group_info(pending, &with_tree));
    test_restart(room, 1);
    pending = mls_group_pending_commit(test_group(room, 1), 0);
    assert_status(mls_pending_commit_group_info(pending, &with_tree), MLS_ERR_STATE); /* once only */
    assert_ok(mls_pending_commit_welcome(pending, &welcome, NULL, 0));
    room->welcome = test_keep(*state, &welcome);
    assert_ok(mls_bytes_copy(&welcome, mls_pending_commit_message(pending)));
    test_deliver(room, 0, test_keep(*state, &welcome));
    test_join(room, key_package);
    test_assert_agreed(room);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void two_pending_commits__of_one_epoch_are_both_known(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t first = test_update(room, 1), second = test_update(room, 1);
    mls_received_t *received;
    assert_ok(test_receive(room, 1, first, &received));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_COMMIT);
    mls_received_free(received);
    test_deliver(room, 0, second);
    test_assert_agreed(room);
    test_room_free(room);
}

static void own_commit_of_a_copied_state__is_unknown(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_store_t store = memory_store(&room->members[1].memory);
    mls_group_t *copy;
    mls_received_t *received;
    mls_pending_commit_t *pending;
    mls_bytes_t message = { 0 };

    assert_ok(mls_group_save(test_group(room, 1), &store));
    assert_ok(mls_group_load(&copy, room->t->crypto, &room->config, &store, mls_view_text("a room")));
    assert_ok(mls_group_commit(copy, &pending, NULL));
    assert_ok(test_receive(room, 1, mls_pending_commit_message(pending), &received));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_UNKNOWN);
    mls_received_free(received);
    assert_ok(mls_group_encrypt(copy, &message, mls_view_text("x"), mls_view(NULL, 0), true));
    assert_ok(test_receive(room, 1, mls_bytes_view(&message), &received));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_UNKNOWN);
    mls_received_free(received);
    mls_bytes_clear(&message);
    mls_group_free(copy);
    test_room_free(room);
}

static void settled_epoch__cannot_be_gone_back_to(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t commit = test_update(room, 0);
    test_merge(room, 1, commit, true);
    assert_int_equal(mls_group_earliest_epoch(test_group(room, 1)), 2);
    mls_group_settle(test_group(room, 1), 3, TEST_NOW);
    assert_int_equal(mls_group_earliest_epoch(test_group(room, 1)), 3);
    assert_refused(room, 1, MLS_ERR_NOT_FOUND, mls_group_go_back(test_group(room, 1), 2));
    test_room_free(room);
}

static void rule_M21__settling_destroys_what_leads_back(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_secret_t init_secret = test_group(room, 1)->epoch->secrets.init_secret;
    const mls_private_keys_t keys = test_group(room, 1)->epoch->private_keys;
    test_merge(room, 1, test_update(room, 0), true);
    mls_group_settle(test_group(room, 1), 3, TEST_NOW);
    test_restart(room, 1);
    const memory_store_t *memory = &room->members[1].memory;
    for (size_t i = 0; i < memory->count; i++) {
        const mls_bytes_t *value = &memory->entries[i].value;
        for (size_t at = 0; at + 32 <= value->len; at++) {
            assert_memory_not_equal(value->data + at, init_secret.data, 32);
            for (size_t k = 0; k < keys.count; k++)
                if (keys.items[k].node.n != 2) /* the own leaf's key is that of this epoch, too */
                    assert_memory_not_equal(value->data + at, keys.items[k].key.data, 32);
        }
    }
    test_room_free(room);
}

static void removal__can_be_gone_back_on_until_it_is_settled(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_spec_t remove = test_remove(2);
    const mls_view_t commit = test_commit(room, 0, &remove, 1, NULL), rival = test_update(room, 1);
    test_merge(room, 2, commit, true);
    assert_true(mls_group_is_removed(test_group(room, 2)));
    test_restart(room, 2);
    assert_true(mls_group_is_removed(test_group(room, 2)));
    assert_ok(mls_group_go_back(test_group(room, 2), 2));
    test_deliver(room, 0, rival);
    test_assert_agreed(room);

    const mls_view_t again = test_commit(room, 0, &remove, 1, NULL);
    test_merge(room, 2, again, true);
    mls_group_settle(test_group(room, 2), mls_group_epoch(test_group(room, 2)) + 1, TEST_NOW);
    assert_refused(room, 2, MLS_ERR_NOT_FOUND, mls_group_go_back(test_group(room, 2), 3));
    test_room_free(room);
}

static void merging__needs_room_among_the_unsettled(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_received_t *received;
    for (uint32_t i = 0; i < 16; i++) {
        const mls_view_t commit = test_update(room, 0);
        test_merge(room, 0, commit, false);
        test_merge(room, 1, commit, true);
    }
    const mls_view_t commit = test_update(room, 0);
    assert_ok(test_receive(room, 1, commit, &received));
    assert_refused(room, 1, MLS_ERR_STATE, mls_group_merge(test_group(room, 1), received, true, TEST_NOW));
    mls_group_settle(test_group(room, 1), mls_group_epoch(test_group(room, 1)), TEST_NOW);
    assert_ok(mls_group_merge(test_group(room, 1), received, true, TEST_NOW));
    mls_received_free(received);
    test_merge(room, 0, commit, false);
    test_assert_agreed(room);
    test_room_free(room);
}

/* Random Commits, rivals, restarts and steps back: members that follow the same order agree. */
static void members__agree_after_any_detour(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 6, NULL);
    for (int round = 0; round < 40; round++) {
        const size_t a = test_random(t, 6), b = (a + 1 + test_random(t, 5)) % 6;
        const mls_view_t lost = test_update(room, a), won = test_update(room, b);
        for (size_t i = 0; i < 6; i++) {
            const uint64_t epoch = mls_group_epoch(test_group(room, i));
            if (test_random(t, 2) == 0) {
                test_merge(room, i, lost, true);
                if (test_random(t, 3) == 0)
                    (void)test_encrypt(room, i, "lost");
                if (test_random(t, 2) == 0)
                    test_restart(room, i);
                assert_ok(mls_group_go_back(test_group(room, i), epoch));
            }
            test_merge(room, i, won, test_random(t, 2) == 0);
            if (test_random(t, 2) == 0)
                test_restart(room, i);
            if (test_random(t, 2) == 0)
                mls_group_settle(test_group(room, i), mls_group_epoch(test_group(room, i)), TEST_NOW);
            if (round % 8 == 7)
                mls_group_settle(test_group(room, i), mls_group_epoch(test_group(room, i)), TEST_NOW);
        }
        test_assert_agreed(room);
        assert_view_equal(authenticator(room, a), authenticator(room, b));
    }
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(group__goes_back_to_the_byte),
        TEST(rival_commit__is_followed_after_going_back),
        TEST(rule_F12__generations_are_not_used_again_in_an_epoch_that_comes_back),
        TEST(rule_F12__used_generations_are_remembered_until_their_epoch_is_settled),
        TEST(rule_F12__used_generations_are_remembered_by_who_is_not_there_yet),
        TEST(resumption_psks__survive_a_detour),
        TEST(staged_commit__outlives_its_epoch),
        TEST(removed_member__keeps_no_secrets_once_that_is_settled),
        TEST(rule_F17__settling_destroys_skipped_handshake_keys),
        TEST(own_pending_commit__survives_a_restart),
        TEST(welcome__can_be_made_after_a_restart),
        TEST(two_pending_commits__of_one_epoch_are_both_known),
        TEST(own_commit_of_a_copied_state__is_unknown),
        TEST(settled_epoch__cannot_be_gone_back_to),
        TEST(rule_M21__settling_destroys_what_leads_back),
        TEST(removal__can_be_gone_back_on_until_it_is_settled),
        TEST(merging__needs_room_among_the_unsettled),
        TEST(members__agree_after_any_detour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
