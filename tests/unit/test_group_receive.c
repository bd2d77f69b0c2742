/* What a group takes, and what it refuses and leaves the state as it was. The refusals by a rule of RFC 9420
 * are in tests/rules. */
#include "framing.h"
#include "group_support.h"
#include "private_message.h"
#include "welcome.h"

static void flipped_bit__is_refused_wherever_it_is(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t messages[] = { test_encrypt(room, 0, "hello"), test_update(room, 0) };
    for (size_t m = 0; m < 2; m++) {
        for (size_t bit = 0; bit < 8 * messages[m].len; bit += 1 + test_random(*state, 13)) {
            memory_store_t before = { 0 };
            test_dump(test_group(room, 1), &before);
            mls_status_t status = test_receive(room, 1, test_flip(*state, messages[m], bit), NULL);
            assert_true(mls_status_is_input(status) || status == MLS_ERR_ARGUMENT);
            test_assert_unchanged(test_group(room, 1), &before);
        }
        assert_ok(test_receive(room, 1, messages[m], NULL)); /* the right one is still good */
    }
    test_room_free(room);
}

static void late_message__is_read_for_a_while(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t late = test_encrypt(room, 0, "late"), later = test_encrypt(room, 0, "later");
    mls_received_t *received;
    test_deliver(room, 0, test_update(room, 1));
    assert_ok(test_receive(room, 2, late, &received));
    assert_view_equal(mls_received_data(received), mls_view_text("late"));
    assert_int_equal(mls_received_epoch(received), 2);
    mls_received_free(received);
    assert_refused(room, 2, MLS_ERR_EPOCH,
                   mls_group_receive(test_group(room, 2), &received, later, TEST_NOW + 25 * 3600));
    mls_group_expire(test_group(room, 2), TEST_NOW + 25 * 3600);
    assert_refused(room, 2, MLS_ERR_EPOCH, test_receive(room, 2, later, NULL));
    test_room_free(room);
}

/* The leaf that sent it may have been given to somebody else since: the sender is looked up in its epoch. */
static void late_message_of_a_removed_member__names_the_old_leaf(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t late = test_encrypt(room, 2, "late");
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t replace[] = { test_remove(2), test_add(key_package) };
    mls_leaf_info_t before, now;
    mls_received_t *received;

    assert_ok(mls_group_leaf(test_group(room, 0), &before, 2));
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, before.signature_key));
    const mls_view_t old_key = test_keep(*state, &copy);
    test_deliver(room, 0, test_commit(room, 0, replace, 2, NULL));
    assert_ok(mls_group_leaf(test_group(room, 1), &now, 2));
    assert_view_not_equal(now.signature_key, old_key);
    assert_ok(test_receive(room, 1, late, &received));
    assert_view_equal(mls_received_sender_leaf(received)->signature_key, old_key);
    assert_false(mls_received_sender_is_current(received));
    mls_received_free(received);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* ---- Welcomes ------------------------------------------------------------------------------------ */

static void welcome_for_another__is_not_found(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    mls_key_package_t *invited = test_own_key_package(*state), *stranger = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(invited);
    mls_welcome_t *welcome;
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL));
    assert_status(mls_welcome_open(&welcome, room->t->crypto, NULL, stranger, room->welcome),
                  MLS_ERR_NOT_FOUND);
    assert_rule((test_context_t *)*state, "W1", MLS_ERR_NOT_FOUND);
    assert_null(welcome);
    test_join(room, invited);
    mls_key_package_free(invited);
    mls_key_package_free(stranger);
    test_room_free(room);
}

static void welcome_with_a_flipped_bit__is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_key_package_t *invited = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(invited);
    (void)test_commit(room, 0, &add, 1, NULL);
    for (size_t bit = 0; bit < 8 * room->welcome.len; bit += 1 + test_random(*state, 29)) {
        mls_welcome_t *welcome;
        mls_status_t status =
            mls_welcome_open(&welcome, room->t->crypto, NULL, invited, test_flip(*state, room->welcome, bit));
        assert_true(mls_status_is_input(status) || status == MLS_ERR_ARGUMENT || status == MLS_ERR_NOT_FOUND);
        assert_null(welcome);
    }
    mls_key_package_free(invited);
    test_room_free(room);
}

/* ---- PublicMessage ------------------------------------------------------------------------------- */

static mls_view_t public_proposal(test_room_t *room, size_t sender, uint32_t removed)
{
    const mls_proposal_spec_t remove = test_remove(removed);
    const mls_handshake_options_t options = { .as_public_message = true };
    mls_bytes_t message = { 0 };
    assert_ok(mls_group_propose(test_group(room, sender), &message, &remove, &options));
    return test_keep(room->t, &message);
}

static void public_message__is_taken_unless_policy_forbids_it(void **state)
{
    const mls_group_config_t strict = { .private_handshake_only = true };
    test_room_t *room = test_room(*state, 2, NULL), *closed = test_room(*state, 2, &strict);
    assert_ok(test_receive(room, 1, public_proposal(room, 0, 1), NULL));
    test_group(closed, 0)->config.private_handshake_only = false; /* one that does not keep to it */
    assert_refused(closed, 1, MLS_ERR_REJECTED, test_receive(closed, 1, public_proposal(closed, 0, 1), NULL));
    assert_rule((test_context_t *)*state, "F16", MLS_ERR_REJECTED);
    test_room_free(room);
    test_room_free(closed);
}

/* A PublicMessage taken apart, changed by a test, and put together again. */
typedef struct forgery {
    mls_arena_t arena;
    mls_message_t message;
} forgery_t;

static void take_apart(forgery_t *forgery, mls_view_t message)
{
    *forgery = (forgery_t){ 0 };
    assert_ok(mls_message_decode(NULL, &forgery->message, message, message.len, &forgery->arena));
    forgery->message.public_message.content.content_encoded = (mls_view_t){ 0 };
}

static mls_view_t put_together(test_room_t *room, forgery_t *forgery)
{
    mls_bytes_t message = { 0 };
    assert_ok(mls_encode(&message, mls_codec_message, &forgery->message));
    mls_arena_clear(&forgery->arena);
    return test_keep(room->t, &message);
}

static void public_message_of_an_outsider__is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    static const struct {
        uint8_t type;
        const char *rule;
        mls_status_t status;
    } cases[] = {
        { MLS_SENDER_EXTERNAL, "P10", MLS_ERR_REJECTED },
        { MLS_SENDER_NEW_MEMBER_PROPOSAL, "P10", MLS_ERR_REJECTED },
        { MLS_SENDER_NEW_MEMBER_COMMIT, "F5", MLS_ERR_SENDER }, /* what it sends is a Proposal */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        forgery_t forgery;
        take_apart(&forgery, public_proposal(room, 0, 1));
        forgery.message.public_message.content.content.sender = (mls_sender_t){ cases[i].type, 0 };
        assert_refused(room, 1, cases[i].status, test_receive(room, 1, put_together(room, &forgery), NULL));
        assert_rule((test_context_t *)*state, cases[i].rule, cases[i].status);
    }
    test_room_free(room);
}

/* ---- insiders ------------------------------------------------------------------------------------ */

/* Encrypts a content with the keys that any member can derive, for a leaf of its choice. */
static mls_view_t insider_seal(test_room_t *room, const mls_authenticated_content_t *content, uint32_t leaf,
                               uint32_t generation)
{
    mls_group_t *mallory = test_group(room, 1);
    const mls_ratchet_request_t request = {
        .leaf = leaf, .kind = MLS_RATCHET_APPLICATION, .generation = generation, .is_own = true
    };
    mls_ratchet_step_t step;
    mls_bytes_t message = { 0 };
    assert_ok(mls_secret_tree_step(&mallory->epoch->secret_tree, &step, room->t->crypto,
                                   &mallory->config.limits, &request));
    const mls_private_message_key_t with = { .leaf_index = leaf,
                                             .generation = generation,
                                             .key = &step.key,
                                             .sender_data_secret =
                                                 &mallory->epoch->secrets.sender_data_secret,
                                             .config = &mallory->config };
    assert_ok(mls_private_message_seal(room->t->crypto, room->t->suite, &message, content, &with));
    mls_ratchet_step_clear(&step);
    return test_keep(room->t, &message);
}

/* Anybody can name a generation that another member has used: that alone is no sign of a second state. */
static void forged_own_commit__raises_no_alarm(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = false };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 3, &config);
    const mls_view_t garbage = test_random_bytes(*state, 64), tag = test_random_bytes(*state, 32);
    mls_received_t *received;
    (void)test_propose(room, 2, &update); /* uses generation 0 */
    mls_authenticated_content_t content = { .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
                                            .content =
                                                mls_group_framed(test_group(room, 1), MLS_CONTENT_COMMIT,
                                                                 mls_view("\0\0", 2), mls_view(NULL, 0)),
                                            .auth = { garbage, tag } };
    assert_ok(test_receive(room, 2, insider_seal(room, &content, 2, 0), &received));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_MESSAGE);
    mls_received_free(received);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flipped_bit__is_refused_wherever_it_is),
        TEST(late_message__is_read_for_a_while),
        TEST(late_message_of_a_removed_member__names_the_old_leaf),
        TEST(welcome_for_another__is_not_found),
        TEST(welcome_with_a_flipped_bit__is_refused),
        TEST(public_message__is_taken_unless_policy_forbids_it),
        TEST(public_message_of_an_outsider__is_refused),
        TEST(forged_own_commit__raises_no_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
