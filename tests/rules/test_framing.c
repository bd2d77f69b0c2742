/* Message framing (RFC 9420, Sections 6, 9 and 15): whose messages are taken, of which epoch, and once. */
#include "forge_private.h"

/* ---- which group, which epoch -------------------------------------------------------------------- */

static void rule_F1__message_of_another_group_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, test_hex(*state, "0003 00000000"));
    content.content.group_id = mls_view_text("b room");
    forge_sign(room, &content);
    assert_message_breaks(room, "F1", MLS_ERR_GROUP, forge_private(room, &content));
    assert_message_breaks(room, "F1", MLS_ERR_GROUP, forge_public(room, &content));
    assert_taken(room, test_encrypt(room, FORGER, "hello"));
    test_room_free(room);
}

static void rule_F2_M1_P1__message_of_a_future_epoch_is_refused(void **state)
{
    const mls_proposal_spec_t remove = test_remove(2);
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t commit = test_update(room, FORGER);
    test_merge(room, FORGER, commit, false);
    test_merge(room, 2, commit, false);
    assert_message_breaks(room, "F2", MLS_ERR_EPOCH, test_encrypt(room, FORGER, "early"));
    assert_message_breaks(room, "F2", MLS_ERR_EPOCH, test_propose(room, FORGER, &remove));
    assert_message_breaks(room, "F2", MLS_ERR_EPOCH, test_update(room, 2));
    assert_taken(room, commit);
    test_room_free(room);
}

/* The past epoch is kept, for late application messages: but for nothing else. */
static void rule_F2_M1_P1__handshake_of_a_past_epoch_is_refused(void **state)
{
    const mls_proposal_spec_t remove = test_remove(2);
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t first = test_update(room, 2), rival = test_update(room, FORGER);
    const mls_view_t proposal = test_propose(room, FORGER, &remove),
                     late = test_encrypt(room, FORGER, "late");
    test_merge(room, VICTIM, first, true);
    assert_message_breaks(room, "F2", MLS_ERR_EPOCH, rival);
    assert_message_breaks(room, "F2", MLS_ERR_EPOCH, proposal);
    assert_taken(room, late);
    test_room_free(room);
}

static void rule_F2__message_of_an_epoch_that_is_over_for_long_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t late = test_encrypt(room, FORGER, "late");
    mls_received_t *received;
    test_deliver(room, 0, test_update(room, 2));
    assert_breaks(room, VICTIM, "F2", MLS_ERR_EPOCH,
                  mls_group_receive(test_group(room, VICTIM), &received, late, TEST_NOW + 25 * 3600));
    assert_taken(room, late);
    test_room_free(room);
}

static void rule_F2__who_is_joining_reads_nothing(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_commits = true };
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    test_room_t *room = test_room(*state, 3, &config);
    mls_key_package_t *key_package = test_own_key_package(*state);
    mls_bytes_t info = { 0 };
    mls_pending_commit_t *pending;
    forged_commit_t f;
    assert_ok(mls_group_info(test_group(room, 0), &info, &options));
    const mls_external_join_t join = { .group_info = mls_bytes_view(&info), .key_package = key_package };
    assert_ok(mls_group_join_external(&room->members[3].group, &pending, room->t->crypto, &config, &join));
    forge_commit(&f, room);
    assert_breaks(room, 3, "F2", MLS_ERR_EPOCH, test_receive(room, 3, test_encrypt(room, 0, "early"), NULL));
    assert_breaks(room, 3, "F2", MLS_ERR_EPOCH, test_receive(room, 3, forge_commit_seal_public(&f), NULL));
    mls_bytes_clear(&info);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* ---- who sends ----------------------------------------------------------------------------------- */

static mls_authenticated_content_t public_removal(test_room_t *room)
{
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, test_hex(room->t, "0003 00000002"));
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    return content;
}

static void rule_F3_B1_B3__sender_that_is_no_member_is_refused(void **state)
{
    static const uint32_t nobody[] = { 3, 4, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff };
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = public_removal(room);
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        content.content.sender.index = nobody[i];
        forge_sign(room, &content);
        assert_message_breaks(room, "F3", MLS_ERR_SENDER, forge_public(room, &content));
    }
    content.content.sender.index = FORGER;
    forge_sign(room, &content);
    assert_taken(room, forge_public(room, &content));
    test_room_free(room);
}

static void rule_F11_B1_B3__sender_data_of_no_member_are_refused(void **state)
{
    static const uint32_t nobody[] = { 3, 4, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff };
    test_room_t *room = test_room(*state, 3, NULL);
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        forged_private_t f;
        forge_private_hello(&f, room, 0);
        f.claimed_leaf = nobody[i];
        assert_message_breaks(room, "F11", MLS_ERR_SENDER, forge_private_seal(&f));
    }
    forged_private_t good;
    forge_private_hello(&good, room, 0);
    assert_taken(room, forge_private_seal(&good));
    test_room_free(room);
}

static void rule_F4__application_data_in_the_clear_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_APPLICATION, forge_hello());
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    forge_sign(room, &content);
    assert_message_breaks(room, "F4", MLS_ERR_INVALID, forge_public(room, &content));
    test_room_free(room);
}

/* RFC 9420, Section 6.1: Commits of those who join, Proposals of all others who are no members. */
static void rule_F5__content_that_the_sender_may_not_send_is_refused(void **state)
{
    const mls_group_config_t open = { .external_commits = true,
                                      .external_proposals = true,
                                      .new_member_proposals = true };
    test_room_t *room = test_room(*state, 3, &open);
    mls_authenticated_content_t proposal = public_removal(room), commit = public_removal(room);
    commit.content.content_type = MLS_CONTENT_COMMIT;
    commit.content.body = test_hex(*state, "00 00");
    commit.auth.confirmation_tag = forge_hash(*state);
    proposal.content.sender = (mls_sender_t){ .type = MLS_SENDER_NEW_MEMBER_COMMIT };
    forge_sign(room, &proposal);
    assert_message_breaks(room, "F5", MLS_ERR_SENDER, forge_public(room, &proposal));
    commit.content.sender = (mls_sender_t){ MLS_SENDER_EXTERNAL, 0 };
    forge_sign(room, &commit);
    assert_message_breaks(room, "F5", MLS_ERR_SENDER, forge_public(room, &commit));
    commit.content.sender = (mls_sender_t){ .type = MLS_SENDER_NEW_MEMBER_PROPOSAL };
    forge_sign(room, &commit);
    assert_message_breaks(room, "F5", MLS_ERR_SENDER, forge_public(room, &commit));
    test_room_free(room);
}

static void rule_F16__public_message_is_refused_where_policy_forbids_it(void **state)
{
    const mls_group_config_t closed = { .private_handshake_only = true };
    test_room_t *room = test_room(*state, 3, &closed);
    mls_authenticated_content_t content = public_removal(room);
    forge_sign(room, &content);
    const mls_view_t message = forge_public(room, &content);
    assert_message_breaks(room, "F16", MLS_ERR_REJECTED, message);
    test_group(room, VICTIM)->config.private_handshake_only = false;
    assert_taken(room, message);
    test_room_free(room);
}

/* ---- tags and signatures ------------------------------------------------------------------------- */

static void rule_F6_M2_B6__membership_tag_is_compared_in_full(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_message_t message;
    mls_authenticated_content_t content = public_removal(room);
    forge_sign(room, &content);
    const mls_view_t good = forge_public(room, &content);
    assert_ok(mls_message_decode(NULL, &message, good, good.len, &((test_context_t *)*state)->arena));
    mls_view_t *tag = &message.public_message.membership_tag;
    for (size_t n = 0; n < FORGE_NUM_TAGS; n++) {
        mls_message_t changed = message;
        changed.public_message.content.content_encoded = (mls_view_t){ 0 };
        changed.public_message.membership_tag = forge_tag(*state, *tag, n);
        assert_message_breaks(room, "F6", MLS_ERR_TAG, forge_encode(room, &changed));
    }
    assert_taken(room, good);
    test_room_free(room);
}

/* The tag covers the signature, and who knows the membership key can make one: so both are looked at. */
static void rule_F7_P1_B17__signature_of_another_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = public_removal(room);
    mls_received_t *received;
    content.content.sender.index = 2; /* with the forger's key */
    forge_sign(room, &content);
    assert_message_breaks(room, "F7", MLS_ERR_SIGNATURE, forge_public(room, &content));
    assert_status(test_receive(room, VICTIM, forge_public(room, &content), &received), MLS_ERR_SIGNATURE);
    assert_null(received); /* nothing of it is shown */
    test_room_free(room);
}

static void rule_F7_F10_B17__private_message_for_another_leaf_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_APPLICATION, forge_hello());
    forged_private_t f;
    mls_received_t *received;
    content.content.sender.index = 2;
    forge_sign(room, &content);
    forge_private_fill(&f, room, &content, 2, 0);
    const mls_view_t forged = forge_private_seal(&f);
    assert_message_breaks(room, "F7", MLS_ERR_SIGNATURE, forged);
    assert_status(test_receive(room, VICTIM, forged, &received), MLS_ERR_SIGNATURE);
    assert_null(received);
    assert_taken(room, test_encrypt(room, 2, "the real one")); /* its key was not used up */
    test_room_free(room);
}

/* What is signed: wire format, content and, for members, the GroupContext (RFC 9420, Section 6.1). */
static void rule_F7_M2__signature_holds_for_its_wire_format_only(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = public_removal(room);
    forge_sign(room, &content);
    content.wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE;
    assert_message_breaks(room, "F7", MLS_ERR_SIGNATURE, forge_private(room, &content));
    forge_sign(room, &content);
    assert_message_breaks(room, "F7", MLS_ERR_SIGNATURE, forge_public(room, &content));
    assert_taken(room, forge_private(room, &content));
    test_room_free(room);
}

static void rule_F7_F10__signature_holds_in_its_group_context_only(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = forge_content(room, MLS_CONTENT_APPLICATION, forge_hello());
    mls_group_t *forger = test_group(room, FORGER);
    uint8_t *last = &forger->epoch->context_bytes.data[forger->epoch->context_bytes.len - 2];
    *last ^= 1; /* of the transcript hash */
    forge_sign(room, &content);
    *last ^= 1;
    assert_message_breaks(room, "F7", MLS_ERR_SIGNATURE, forge_private(room, &content));
    test_room_free(room);
}

/* ---- confirmation tags --------------------------------------------------------------------------- */

/* A Commit without the field ends too early; a Proposal that has it goes on where it should end. */
static void rule_F8__confirmation_tag_stands_in_commits_only(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_authenticated_content_t content = public_removal(room);
    forge_sign(room, &content);
    const mls_view_t proposal = forge_public(room, &content);
    const size_t tag_len = 1 + ((test_context_t *)*state)->suite->hash->len + (test_suite()->hash->len > 63);
    const mls_view_t tag = mls_view(proposal.data + proposal.len - tag_len, tag_len); /* any tag will do */
    assert_message_breaks(room, "E5", MLS_ERR_MALFORMED,
                          forge_splice(*state, proposal, proposal.len - tag_len, 0, tag));
    forged_private_t f;
    forge_private_fill(&f, room, &content, FORGER, 0);
    f.content_type =
        MLS_CONTENT_COMMIT; /* an empty Commit without path: two bytes, then the signature only */
    f.plaintext = forge_splice(*state, f.plaintext, 0, content.content.body.len, test_hex(*state, "00 00"));
    assert_message_breaks(room, "E4", MLS_ERR_MALFORMED, forge_private_seal(&f));
    assert_taken(room, proposal);
    test_room_free(room);
}

/* ---- decryption ---------------------------------------------------------------------------------- */

static mls_view_t with_private(test_room_t *room, mls_view_t bytes,
                               void (*change)(test_context_t *t, mls_private_message_t *m))
{
    test_context_t *t = room->t;
    mls_message_t message;
    assert_ok(mls_message_decode(NULL, &message, bytes, bytes.len, &t->arena));
    change(t, &message.private_message);
    return forge_encode(room, &message);
}

static void flip_end_of_ciphertext(test_context_t *t, mls_private_message_t *m)
{
    m->ciphertext = test_flip(t, m->ciphertext, 8 * m->ciphertext.len - 1);
}

static void change_authenticated_data(test_context_t *t, mls_private_message_t *m)
{
    m->authenticated_data = test_flip(t, m->authenticated_data, 0);
}

static void flip_sample(test_context_t *t, mls_private_message_t *m)
{
    m->ciphertext = test_flip(t, m->ciphertext, 0);
}

static void flip_sender_data(test_context_t *t, mls_private_message_t *m)
{
    m->encrypted_sender_data = test_flip(t, m->encrypted_sender_data, 3);
}

static void cut_sender_data(test_context_t *t, mls_private_message_t *m)
{
    (void)t;
    m->encrypted_sender_data.len = 3;
}

static void change_content_type(test_context_t *t, mls_private_message_t *m)
{
    (void)t;
    m->content_type = MLS_CONTENT_PROPOSAL;
}

static void rule_F9_B5__content_that_does_not_open_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    assert_message_breaks(room, "F9", MLS_ERR_DECRYPT, with_private(room, good, flip_end_of_ciphertext));
    assert_message_breaks(room, "F9", MLS_ERR_DECRYPT, with_private(room, good, change_authenticated_data));
    assert_taken(room, good); /* its key was not used up */
    test_room_free(room);
}

static void rule_F9__sender_data_that_do_not_open_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t good = test_encrypt(room, FORGER, "hello");
    assert_message_breaks(room, "F9_SENDER_DATA", MLS_ERR_DECRYPT, with_private(room, good, flip_sample));
    assert_message_breaks(room, "F9_SENDER_DATA", MLS_ERR_DECRYPT,
                          with_private(room, good, flip_sender_data));
    assert_message_breaks(room, "F9_SENDER_DATA", MLS_ERR_DECRYPT, with_private(room, good, cut_sender_data));
    assert_message_breaks(room, "F9_SENDER_DATA", MLS_ERR_DECRYPT,
                          with_private(room, good, change_content_type));
    assert_taken(room, good);
    test_room_free(room);
}

static void rule_F9__padding_that_is_not_zero_is_refused(void **state)
{
    static const char *const paddings[] = { "01", "0001", "0100", "000000000000000080" };
    test_room_t *room = test_room(*state, 2, NULL);
    forged_private_t f;
    for (size_t i = 0; i < sizeof paddings / sizeof *paddings; i++) {
        forge_private_hello(&f, room, 0);
        f.plaintext = forge_splice(*state, f.plaintext, f.plaintext.len, 0, test_hex(*state, paddings[i]));
        assert_message_breaks(room, "F9_PADDING", MLS_ERR_MALFORMED, forge_private_seal(&f));
    }
    forge_private_hello(&f, room, 0);
    f.plaintext = forge_splice(*state, f.plaintext, f.plaintext.len, 0, test_hex(*state, "00000000"));
    assert_taken(room, forge_private_seal(&f));
    test_room_free(room);
}

/* ---- generations --------------------------------------------------------------------------------- */

static void rule_F13_B5__generation_that_was_used_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t first = test_encrypt(room, FORGER, "one"), second = test_encrypt(room, FORGER, "two");
    assert_taken(room, second);
    assert_taken(room, first); /* late, but once */
    assert_message_breaks(room, "F13", MLS_ERR_GENERATION, first);
    assert_message_breaks(room, "F13", MLS_ERR_GENERATION, second);
    test_restart(room, VICTIM);
    assert_message_breaks(room, "F13", MLS_ERR_GENERATION, first);
    assert_taken(room, test_encrypt(room, FORGER, "three")); /* the ratchet is not lost by a replay */
    test_room_free(room);
}

/* What a sender's keys are derived from is gone when they were wiped with all of an epoch that is over. */
static void rule_F13__leaf_whose_secrets_are_gone_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t late = test_encrypt(room, FORGER, "late");
    mls_secret_tree_wipe(&test_group(room, VICTIM)->epoch->secret_tree);
    assert_message_breaks(room, "F13", MLS_ERR_GENERATION, late);
    test_room_free(room);
}

static void rule_F14_B4__generation_too_far_ahead_is_refused(void **state)
{
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT };
    config.limits.forward_jump = 5;
    test_room_t *room = test_room(*state, 2, &config);
    static const uint32_t far[] = { 6, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
    forged_private_t f;
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        forge_private_hello(&f, room, 0);
        f.claimed_generation = far[i];
        assert_message_breaks(room, "F14", MLS_ERR_LIMIT, forge_private_seal(&f));
    }
    forge_private_hello(&f, room, 5);
    assert_taken(room, forge_private_seal(&f));
    test_room_free(room);
}

/* Where handshake keys are kept, the bound counts from the first generation: it is the same for all members.
 */
static void rule_F14__handshake_generation_too_far_from_the_first_is_refused(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.forward_jump = 5;
    test_room_t *room = test_room(*state, 3, &config);
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, test_hex(*state, "0003 00000002"));
    forged_private_t f;
    forge_sign(room, &content);
    forge_private_fill(&f, room, &content, FORGER, 5);
    assert_message_breaks(room, "F14", MLS_ERR_LIMIT, forge_private_seal(&f));
    forge_private_fill(&f, room, &content, FORGER, 4);
    assert_taken(room, forge_private_seal(&f));
    test_room_free(room);
}

static void rule_F15__epoch_encrypts_no_more_than_its_bound(void **state)
{
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT };
    config.limits.messages_per_epoch = 3;
    test_room_t *room = test_room(*state, 2, &config);
    mls_bytes_t message = { 0 };
    for (int i = 0; i < 3; i++)
        assert_taken(room, test_encrypt(room, FORGER, "hello"));
    assert_breaks(room, FORGER, "F15", MLS_ERR_LIMIT,
                  mls_group_encrypt(test_group(room, FORGER), &message, mls_view_text("one more"),
                                    mls_view(NULL, 0), true));
    assert_int_equal(message.len, 0);
    test_deliver(room, 0, test_update(room, VICTIM));
    assert_taken(room, test_encrypt(room, FORGER, "in another epoch"));
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_F1__message_of_another_group_is_refused),
        TEST(rule_F2_M1_P1__message_of_a_future_epoch_is_refused),
        TEST(rule_F2_M1_P1__handshake_of_a_past_epoch_is_refused),
        TEST(rule_F2__message_of_an_epoch_that_is_over_for_long_is_refused),
        TEST(rule_F2__who_is_joining_reads_nothing),
        TEST(rule_F3_B1_B3__sender_that_is_no_member_is_refused),
        TEST(rule_F11_B1_B3__sender_data_of_no_member_are_refused),
        TEST(rule_F4__application_data_in_the_clear_are_refused),
        TEST(rule_F5__content_that_the_sender_may_not_send_is_refused),
        TEST(rule_F16__public_message_is_refused_where_policy_forbids_it),
        TEST(rule_F6_M2_B6__membership_tag_is_compared_in_full),
        TEST(rule_F7_P1_B17__signature_of_another_is_refused),
        TEST(rule_F7_F10_B17__private_message_for_another_leaf_is_refused),
        TEST(rule_F7_M2__signature_holds_for_its_wire_format_only),
        TEST(rule_F7_F10__signature_holds_in_its_group_context_only),
        TEST(rule_F8__confirmation_tag_stands_in_commits_only),
        TEST(rule_F9_B5__content_that_does_not_open_is_refused),
        TEST(rule_F9__sender_data_that_do_not_open_are_refused),
        TEST(rule_F9__padding_that_is_not_zero_is_refused),
        TEST(rule_F13_B5__generation_that_was_used_is_refused),
        TEST(rule_F13__leaf_whose_secrets_are_gone_is_refused),
        TEST(rule_F14_B4__generation_too_far_ahead_is_refused),
        TEST(rule_F14__handshake_generation_too_far_from_the_first_is_refused),
        TEST(rule_F15__epoch_encrypts_no_more_than_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
