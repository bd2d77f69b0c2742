/* Evidence of received messages (architecture draft, Section 3.2.2.5). */
#include "evidence.h"
#include "group_support.h"
#include "mls/join.h"
#include "mls/outside.h"

/* A message, received by member 0, as evidence. */
static mls_view_t evidence_of(test_room_t *room, mls_view_t message)
{
    mls_received_t *received;
    mls_bytes_t evidence;
    assert_ok(test_receive(room, 0, message, &received));
    assert_ok(mls_received_evidence(received, &evidence));
    mls_received_free(received);
    return test_keep(room->t, &evidence);
}

static mls_view_t key_of(test_room_t *room, size_t member)
{
    return mls_signature_public_view(&test_group(room, member)->epoch->signature_key);
}

/* No bit can be changed without the whole being refused, nor can anything be cut off or put on. */
static void assert_sealed(test_context_t *t, mls_view_t evidence, mls_view_t key)
{
    mls_evidence_t info;
    const mls_evidence_t empty = { 0 };
    for (size_t bit = 0; bit < 8 * evidence.len; bit++) {
        mls_status_t status = mls_evidence_verify(&info, t->crypto, test_flip(t, evidence, bit), key);
        assert_true(status == MLS_ERR_SENDER || mls_status_is_input(status));
        assert_memory_equal(&info, &empty, sizeof info);
    }
    for (size_t len = 0; len < evidence.len; len++)
        assert_true(
            mls_status_is_input(mls_evidence_verify(&info, t->crypto, mls_view(evidence.data, len), key)));
    uint8_t *longer = test_alloc(t, evidence.len + 1);
    memcpy(longer, evidence.data, evidence.len);
    assert_status(mls_evidence_verify(&info, t->crypto, mls_view(longer, evidence.len + 1), key),
                  MLS_ERR_MALFORMED);
}

/* ---- members ------------------------------------------------------------------------------------- */

static void application_message__is_proved(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    mls_evidence_t info;
    const mls_view_t evidence = evidence_of(room, test_encrypt(room, 2, "something nasty"));
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 2)));
    assert_view_equal(info.content, mls_view_text("something nasty"));
    assert_view_equal(info.authenticated_data, mls_view_text("aad"));
    assert_view_equal(info.group_id, mls_view_text("a room"));
    assert_int_equal(info.epoch, 2);
    assert_int_equal(info.sender_type, MLS_SENDER_MEMBER);
    assert_int_equal(info.sender, 2);
    assert_int_equal(info.content_type, MLS_CONTENT_APPLICATION);
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    assert_int_equal(info.cipher_suite, t->suite->id);
    assert_view_equal(info.leaf.identity, mls_view_text("member"));
    assert_view_equal(info.group_context, mls_bytes_view(&test_group(room, 0)->epoch->context_bytes));
    assert_status(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 1)), MLS_ERR_SENDER);
    assert_status(mls_evidence_verify(&info, t->crypto, evidence, mls_view(NULL, 0)), MLS_ERR_SENDER);
    assert_sealed(t, evidence, key_of(room, 2));
    test_room_free(room);
}

static void handshake_messages__are_proved(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    const mls_proposal_spec_t remove = test_remove(1);
    const mls_handshake_options_t in_public = { .as_public_message = true };
    mls_evidence_t info;
    mls_proposal_t proposal;
    mls_bytes_t message = { 0 };

    mls_view_t evidence = evidence_of(room, test_propose(room, 2, &remove));
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 2)));
    assert_int_equal(info.content_type, MLS_CONTENT_PROPOSAL);
    assert_ok(mls_proposal_decode(&proposal, info.content));
    assert_int_equal(proposal.removed, 1);
    assert_sealed(t, evidence, key_of(room, 2));

    assert_ok(mls_group_propose(test_group(room, 1), &message, &remove, &in_public));
    evidence = evidence_of(room, test_keep(t, &message));
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 1)));
    assert_int_equal(info.wire_format, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    assert_sealed(t, evidence, key_of(room, 1));

    evidence = evidence_of(room, test_update(room, 2));
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 2)));
    assert_int_equal(info.content_type, MLS_CONTENT_COMMIT);
    assert_sealed(t, evidence, key_of(room, 2));
    test_room_free(room);
}

static void evidence__holds_in_every_suite(void **state)
{
    test_context_t *t = *state;
    const mls_suite_t *usual = t->suite;
    uint16_t suites[16];
    const size_t count = mls_crypto_suites(suites, 16);
    for (size_t i = 0; i < count; i++) {
        mls_evidence_t info;
        t->suite = mls_suite_find(suites[i]);
        test_room_t *room = test_room(t, 2, NULL);
        const mls_view_t evidence = evidence_of(room, test_encrypt(room, 1, "hello"));
        assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key_of(room, 1)));
        assert_int_equal(info.cipher_suite, suites[i]);
        for (int n = 0; n < 40; n++) {
            const size_t bit = test_random(t, 8 * (uint32_t)evidence.len);
            assert_int_not_equal(
                mls_evidence_verify(&info, t->crypto, test_flip(t, evidence, bit), key_of(room, 1)), MLS_OK);
        }
        test_room_free(room);
    }
    t->suite = usual;
}

/* ---- from outside -------------------------------------------------------------------------------- */

static void external_commit__is_proved(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_commits = true };
    const mls_group_info_options_t with_all = { .with_tree = true, .with_external_pub = true };
    test_room_t *room = test_room(t, 2, &config);
    mls_key_package_t *key_package = test_own_key_package(t);
    mls_bytes_t info_message = { 0 };
    mls_pending_commit_t *pending;
    mls_evidence_t info;
    assert_ok(mls_group_info(test_group(room, 0), &info_message, &with_all));
    const mls_external_join_t options = { .group_info = mls_bytes_view(&info_message),
                                          .key_package = key_package };
    assert_ok(mls_group_join_external(&room->members[2].group, &pending, t->crypto, &config, &options));
    const mls_view_t evidence = evidence_of(room, mls_pending_commit_message(pending)),
                     key = mls_signature_public_view(&key_package->signature_key);
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key));
    assert_int_equal(info.sender_type, MLS_SENDER_NEW_MEMBER_COMMIT);
    assert_int_equal(info.sender, UINT32_MAX);
    assert_view_equal(info.leaf.identity, mls_view_text("member"));
    assert_sealed(t, evidence, key);
    mls_bytes_clear(&info_message);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void newcomer_s_proposal__is_proved(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .keep_handshake_keys = true, .new_member_proposals = true };
    test_room_t *room = test_room(t, 2, &config);
    mls_key_package_t *key_package = test_own_key_package(t);
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = 1 };
    mls_bytes_t message = { 0 };
    mls_evidence_t info;
    assert_ok(mls_propose_to_join(&message, key_package, &options));
    const mls_view_t evidence = evidence_of(room, test_keep(t, &message)),
                     key = mls_signature_public_view(&key_package->signature_key);
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, key));
    assert_int_equal(info.sender_type, MLS_SENDER_NEW_MEMBER_PROPOSAL);
    assert_int_equal(info.cipher_suite, t->suite->id);
    assert_int_equal(info.group_context.len, 0);
    assert_sealed(t, evidence, key);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void external_sender_s_proposal__is_proved(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .keep_handshake_keys = true, .external_proposals = true };
    test_room_t *room = test_room(t, 2, &config);
    mls_bytes_t private_key = { 0 }, public_key = { 0 }, data = { 0 }, message = { 0 };
    mls_evidence_t info;
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    const mls_external_sender_t sender = { mls_bytes_view(&public_key),
                                           { MLS_CREDENTIAL_BASIC, mls_view_text("warden") } };
    assert_ok(mls_external_senders_encode(&data, &sender, 1));
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&data) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list), remove = test_remove(1);
    test_deliver(room, 0, test_commit(room, 0, &change, 1, NULL));
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = 2 };
    assert_ok(mls_propose_external(&message, t->crypto, t->suite->id, mls_bytes_view(&private_key), 0,
                                   &remove, &options));
    const mls_view_t evidence = evidence_of(room, test_keep(t, &message));
    assert_ok(mls_evidence_verify(&info, t->crypto, evidence, mls_bytes_view(&public_key)));
    assert_int_equal(info.sender_type, MLS_SENDER_EXTERNAL);
    assert_int_equal(info.sender, 0);
    assert_int_equal(info.leaf.leaf_index, UINT32_MAX);
    assert_int_equal(info.leaf.encoded.len, 0);
    assert_sealed(t, evidence, mls_bytes_view(&public_key));
    mls_bytes_clear(&data);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
    test_room_free(room);
}

/* ---- when it can be asked for -------------------------------------------------------------------- */

static void evidence__is_there_as_long_as_the_epoch_is_known(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_received_t *message, *commit;
    mls_bytes_t evidence;
    mls_evidence_t info;
    assert_ok(test_receive(room, 0, test_encrypt(room, 2, "hello"), &message));
    assert_ok(test_receive(room, 0, test_update(room, 2), &commit));
    assert_ok(mls_group_merge(test_group(room, 0), commit, false, TEST_NOW));
    assert_status(mls_received_evidence(commit, &evidence), MLS_ERR_STATE); /* it is used up */
    assert_int_equal(evidence.len, 0);
    mls_received_free(commit);
    assert_ok(mls_received_evidence(message, &evidence)); /* of the epoch before */
    assert_ok(mls_evidence_verify(&info, room->t->crypto, mls_bytes_view(&evidence), key_of(room, 2)));
    mls_bytes_clear(&evidence);
    mls_group_expire(test_group(room, 0), TEST_NOW + 48 * 3600);
    assert_status(mls_received_evidence(message, &evidence), MLS_ERR_STATE);
    mls_received_free(message);
    test_room_free(room);
}

/* Two Commits fought for the epoch: what was said after the one that lost is not proved with the other's
 * context. */
static void evidence__is_not_made_with_the_context_of_another_epoch(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_view_t lost = test_update(room, 1), won = test_update(room, 2);
    mls_received_t *message;
    mls_bytes_t evidence;
    test_merge(room, 0, lost, true);
    test_merge(room, 2, lost, true);
    assert_ok(test_receive(room, 0, test_encrypt(room, 2, "hello"), &message));
    assert_ok(mls_group_go_back(test_group(room, 0), 2));
    assert_status(mls_received_evidence(message, &evidence), MLS_ERR_STATE);
    test_merge(room, 0, won, true);
    assert_int_equal(mls_group_epoch(test_group(room, 0)), mls_received_epoch(message));
    assert_status(mls_received_evidence(message, &evidence), MLS_ERR_STATE);
    mls_received_free(message);
    test_room_free(room);
}

static void own_messages__are_no_evidence(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_received_t *received;
    mls_bytes_t evidence;
    assert_ok(test_receive(room, 0, test_encrypt(room, 0, "hello"), &received));
    assert_status(mls_received_evidence(received, &evidence), MLS_ERR_STATE);
    mls_received_free(received);
    assert_ok(test_receive(room, 0, test_update(room, 0), &received));
    assert_status(mls_received_evidence(received, &evidence), MLS_ERR_STATE);
    mls_received_free(received);
    test_room_free(room);
}

/* ---- what cannot be ------------------------------------------------------------------------------ */

/* Member 1 signs whatever it likes; that is no message that could have been received. */
static mls_status_t read_forged(test_room_t *room, mls_evidence_data_t *data)
{
    const mls_group_t *group = test_group(room, 1);
    mls_bytes_t signature = { 0 }, evidence = { 0 };
    mls_evidence_t info;
    assert_ok(mls_framed_content_sign(group->crypto, group->suite, &signature, &data->signed_content,
                                      &group->epoch->signature_key, data->context_encoded));
    data->signed_content.auth.signature = mls_bytes_view(&signature);
    assert_ok(mls_evidence_encode(&evidence, data));
    mls_status_t status = mls_evidence_read(&info, group->crypto, mls_bytes_view(&evidence));
    mls_bytes_clear(&signature);
    mls_bytes_clear(&evidence);
    return status;
}

static mls_evidence_data_t honest(test_room_t *room)
{
    static const uint8_t body[] = { 2, 'h', 'i' };
    const mls_group_t *group = test_group(room, 1);
    return (mls_evidence_data_t){
        .signed_content = { .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
                            .content = mls_group_framed(group, MLS_CONTENT_APPLICATION,
                                                        mls_view(body, sizeof body), mls_view(NULL, 0)) },
        .context_encoded = mls_bytes_view(&group->epoch->context_bytes),
        .leaf_encoded = mls_tree_leaf_encoded(mls_tree_leaf(&group->view, 1)),
    };
}

static void evidence__of_what_cannot_be_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_evidence_data_t data = honest(room);
    assert_ok(read_forged(room, &data));
    data.signed_content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE; /* application data in public */
    assert_status(read_forged(room, &data), MLS_ERR_INVALID);
    data = honest(room);
    data.signed_content.content.epoch++; /* not that of the context */
    assert_status(read_forged(room, &data), MLS_ERR_INVALID);
    data = honest(room);
    data.signed_content.content.group_id = mls_view_text("another room");
    assert_status(read_forged(room, &data), MLS_ERR_INVALID);
    data = honest(room);
    data.leaf_encoded = mls_tree_leaf_encoded(mls_tree_leaf(&test_group(room, 0)->view, 0)); /* of another */
    assert_status(read_forged(room, &data), MLS_ERR_SIGNATURE);
    data = honest(room);
    data.signed_content.content.sender = (mls_sender_t){ .type = MLS_SENDER_NEW_MEMBER_COMMIT };
    assert_status(read_forged(room, &data), MLS_ERR_INVALID);
    data.signed_content.content.sender = (mls_sender_t){ .type = MLS_SENDER_EXTERNAL };
    data.signature_key = key_of(room, 1);
    assert_status(read_forged(room, &data), MLS_ERR_INVALID);
    test_room_free(room);
}

/* A leaf that was signed for another place: member 1's path leaf, shown as that of leaf 0. */
static void leaf__stands_where_it_was_signed_for(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    test_deliver(room, 0, test_update(room, 1));
    mls_evidence_data_t data = honest(room);
    assert_ok(read_forged(room, &data));
    data.signed_content.content.sender.index = 0;
    assert_status(read_forged(room, &data), MLS_ERR_SIGNATURE);
    test_room_free(room);
}

static void later_version__is_not_supported(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 2, NULL);
    mls_evidence_t info;
    const mls_view_t evidence = evidence_of(room, test_encrypt(room, 1, "hello"));
    assert_status(mls_evidence_read(&info, t->crypto, test_flip(t, evidence, 8 * 5 + 1)),
                  MLS_ERR_UNSUPPORTED);
    assert_status(mls_evidence_read(&info, t->crypto, test_flip(t, evidence, 0)), MLS_ERR_MALFORMED);
    const mls_view_t huge = { evidence.data, ((size_t)32 << 20) + 1 }; /* its length is looked at first */
    assert_status(mls_evidence_read(&info, t->crypto, huge), MLS_ERR_LIMIT);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(application_message__is_proved),
        TEST(handshake_messages__are_proved),
        TEST(evidence__holds_in_every_suite),
        TEST(external_commit__is_proved),
        TEST(newcomer_s_proposal__is_proved),
        TEST(external_sender_s_proposal__is_proved),
        TEST(evidence__is_there_as_long_as_the_epoch_is_known),
        TEST(evidence__is_not_made_with_the_context_of_another_epoch),
        TEST(own_messages__are_no_evidence),
        TEST(evidence__of_what_cannot_be_is_refused),
        TEST(leaf__stands_where_it_was_signed_for),
        TEST(later_version__is_not_supported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
