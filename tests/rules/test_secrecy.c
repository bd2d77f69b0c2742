/* What keeps secrets secret, and is no matter of what others send: fresh randomness, keys that are used once,
 * and keys that are gone once they were used (RFC 9420, Sections 6.3.1, 7.5, 8.4, 9.1 and 9.2). */
#include "forge.h"
#include "mls/commit.h"
#include "mls/subgroup.h"
#include "private_message.h"

/* ---- keys are used once -------------------------------------------------------------------------- */

static mls_sender_data_t sender_data_of(test_room_t *room, mls_view_t message)
{
    test_context_t *t = room->t;
    mls_message_t decoded;
    mls_sender_data_t out;
    assert_ok(mls_message_decode(NULL, &decoded, message, message.len, &t->arena));
    assert_ok(mls_private_message_sender(t->crypto, t->suite, &out, &decoded.private_message,
                                         &test_group(room, VICTIM)->epoch->secrets.sender_data_secret));
    return out;
}

static void rule_F12__reuse_guard_is_fresh_for_each_message(void **state)
{
    enum { NUM_MESSAGES = 40 };
    mls_sender_data_t sent[NUM_MESSAGES];
    test_room_t *room = test_room(*state, 2, NULL);
    for (size_t i = 0; i < NUM_MESSAGES; i++) {
        sent[i] = sender_data_of(room, test_encrypt(room, FORGER, "the same"));
        for (size_t j = 0; j < i; j++)
            assert_memory_not_equal(sent[i].reuse_guard, sent[j].reuse_guard, sizeof sent[i].reuse_guard);
    }
    test_room_free(room);
}

static void rule_F12__nothing_is_encrypted_without_randomness(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 2, NULL);
    mls_bytes_t message;
    t->random_fails = true;
    assert_refused(
        room, VICTIM, MLS_ERR_CRYPTO,
        mls_group_encrypt(test_group(room, VICTIM), &message, mls_view_text("x"), mls_view(NULL, 0), true));
    t->random_fails = false;
    test_room_free(room);
}

/* "a client MUST keep persistent state as to where in the key schedule it is": Section 6.3.1. */
static void rule_F12__generation_is_used_once(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(sender_data_of(room, test_encrypt(room, FORGER, "hello")).generation, i);
        assert_int_equal(sender_data_of(room, test_update(room, FORGER)).generation, i);
        if (i % 2 == 1)
            test_restart(room, FORGER);
    }
    test_room_free(room);
}

/* ---- used keys are gone -------------------------------------------------------------------------- */

static mls_group_t *load_copy(test_room_t *room, size_t member, memory_store_t *memory)
{
    const mls_store_t store = memory_store(memory);
    mls_group_t *copy;
    test_dump(test_group(room, member), memory);
    assert_ok(mls_group_load(&copy, room->t->crypto, &room->config, &store, mls_view_text("a room")));
    return copy;
}

static mls_status_t ask_for_key(const test_room_t *room, mls_group_t *group, uint32_t leaf,
                                uint32_t generation)
{
    const mls_ratchet_request_t request = { .leaf = leaf,
                                            .kind = MLS_RATCHET_APPLICATION,
                                            .generation = generation };
    mls_ratchet_step_t step;
    mls_status_t status = mls_secret_tree_step(&group->epoch->secret_tree, &step, room->t->crypto,
                                               &group->config.limits, &request);
    if (status == MLS_OK)
        mls_ratchet_step_clear(&step);
    return status;
}

/* Whoever gets hold of a member's state cannot read what it has read. */
static void rule_F13_F17__state_opens_nothing_that_was_received(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    memory_store_t memory = { 0 };
    mls_view_t messages[3];
    for (size_t i = 0; i < 3; i++)
        messages[i] = test_encrypt(room, FORGER, "hello");
    assert_taken(room, messages[2]);
    assert_taken(room, messages[0]);
    mls_group_t *stolen = load_copy(room, VICTIM, &memory);
    assert_status(ask_for_key(room, stolen, FORGER, 2), MLS_ERR_GENERATION);
    assert_rule(room->t, "F13", MLS_ERR_GENERATION);
    assert_status(ask_for_key(room, stolen, FORGER, 0), MLS_ERR_GENERATION);
    assert_rule(room->t, "F13", MLS_ERR_GENERATION);
    assert_ok(ask_for_key(room, stolen, FORGER, 1)); /* this one may still come */
    mls_group_free(stolen);
    memory_store_clear(&memory);
    test_room_free(room);
}

static void rule_F13_F17__state_opens_nothing_that_was_sent(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    memory_store_t memory = { 0 };
    (void)test_encrypt(room, FORGER, "one");
    (void)test_encrypt(room, FORGER, "two");
    mls_group_t *stolen = load_copy(room, FORGER, &memory);
    for (uint32_t generation = 0; generation < 2; generation++) {
        assert_status(ask_for_key(room, stolen, FORGER, generation), MLS_ERR_GENERATION);
        assert_rule(room->t, "F13", MLS_ERR_GENERATION);
    }
    mls_group_free(stolen);
    memory_store_clear(&memory);
    test_room_free(room);
}

/* All but the resumption PSK, which is kept on purpose, and what late messages are opened with. */
static void assert_epoch_gone(test_room_t *room, size_t member, bool late_messages)
{
    const mls_epoch_secrets_t old = test_group(room, member)->epoch->secrets;
    const mls_secret_t *gone[] = { &old.exporter_secret, &old.external_secret,     &old.confirmation_key,
                                   &old.membership_key,  &old.epoch_authenticator, &old.init_secret };
    memory_store_t memory = { 0 };
    test_deliver(room, 0, test_update(room, FORGER));
    test_dump(test_group(room, member), &memory);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
        assert_true(gone[i]->len > 0);
        assert_false(forge_holds(&memory, mls_secret_view(gone[i])));
    }
    assert_int_equal(forge_holds(&memory, mls_secret_view(&old.sender_data_secret)), late_messages);
    memory_store_clear(&memory);
}

static void rule_F17__secrets_of_an_epoch_are_gone_when_it_is_over(void **state)
{
    for (int late_messages = 0; late_messages <= 1; late_messages++) {
        mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
        config.limits.num_past_epochs = (uint32_t)late_messages;
        test_room_t *room = test_room(*state, 3, &config);
        assert_epoch_gone(room, VICTIM, late_messages);
        assert_epoch_gone(room, FORGER, late_messages);
        test_room_free(room);
    }
}

/* Of nodes that a Commit has given other keys; the committer's leaf is one of them. */
static void rule_M19__private_keys_of_replaced_nodes_are_gone(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    test_deliver(room, 0, test_update(room, FORGER));
    for (size_t member = VICTIM; member <= FORGER; member++) {
        const mls_private_keys_t old = test_group(room, member)->epoch->private_keys;
        const mls_node_index_t own_leaf = mls_node_of_leaf((uint32_t)member);
        memory_store_t memory = { 0 };
        assert_int_equal(old.count, 3);
        test_deliver(room, 0, test_update(room, FORGER));
        test_dump(test_group(room, member), &memory);
        for (size_t i = 0; i < old.count; i++) {
            const bool is_kept = member == VICTIM && mls_node_equal(old.items[i].node, own_leaf);
            const mls_view_t key = mls_hpke_private_view(&old.items[i].key);
            assert_int_equal(forge_holds(&memory, key), is_kept);
        }
        memory_store_clear(&memory);
    }
    test_room_free(room);
}

/* The Update of leaf 1 blanks nodes 1 and 3; the path of leaf 4 has neither of them. */
static void rule_M19__private_keys_of_blanked_nodes_are_gone(void **state)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    test_room_t *room = test_room(*state, 5, NULL);
    memory_store_t memory = { 0 };
    test_deliver(room, 0, test_update(room, FORGER));
    const mls_private_keys_t old = test_group(room, VICTIM)->epoch->private_keys;
    assert_int_equal(old.count, 4); /* of its leaf and of nodes 1, 3 and 7 */
    const mls_view_t proposal = test_propose(room, FORGER, &update);
    for (size_t i = 0; i < room->count; i++)
        if (i != FORGER)
            assert_ok(test_receive(room, i, proposal, NULL));
    test_deliver(room, 0, test_update(room, 4));
    test_dump(test_group(room, VICTIM), &memory);
    for (size_t i = 0; i < old.count; i++)
        assert_int_equal(forge_holds(&memory, mls_hpke_private_view(&old.items[i].key)),
                         old.items[i].node.n == 2 * VICTIM);
    memory_store_clear(&memory);
    test_room_free(room);
}

/* ---- PSKs ---------------------------------------------------------------------------------------- */

static mls_status_t any_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    *secret = mls_view_text(id->id.data[0] == 'a' ? "a secret" : "another secret");
    return MLS_OK;
}

static mls_proposal_spec_t psk_spec(const char *id)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text(id) } };
}

static void rule_S2__nonce_of_a_psk_is_fresh(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = any_psk };
    test_room_t *room = test_room(*state, 2, &config);
    const mls_proposal_spec_t psk = psk_spec("a");
    assert_taken(room, test_propose(room, FORGER, &psk));
    assert_taken(room, test_propose(room, FORGER, &psk));
    mls_pending_proposal_t **pending = test_group(room, VICTIM)->epoch->proposals;
    const mls_view_t one = pending[0]->proposal.psk.nonce, other = pending[1]->proposal.psk.nonce;
    assert_int_equal(one.len, room->t->suite->hash->len);
    assert_int_equal(other.len, room->t->suite->hash->len);
    assert_view_not_equal(one, other);
    test_room_free(room);
}

/* The nonce of the PSK by which a branch holds to its origin. */
static mls_view_t branch_nonce(test_room_t *room)
{
    mls_key_package_t *own = test_own_key_package(room->t), *other = test_own_key_package(room->t);
    const mls_view_t message = mls_key_package_message(other);
    const mls_subgroup_options_t options = { .key_package = own,
                                             .key_packages = &message,
                                             .num_key_packages = 1,
                                             .group_id = mls_view_text("branch") };
    mls_group_t *group;
    mls_pending_commit_t *pending;
    assert_ok(mls_group_branch(&group, &pending, test_group(room, VICTIM), &room->config, &options));
    const mls_joiner_material_t *joiner = &pending->staged->joiner;
    assert_int_equal(joiner->num_psks, 1);
    const mls_view_t nonce = forge_copy(room->t, joiner->psk_ids[0].nonce);
    mls_group_free(group);
    mls_key_package_free(own);
    mls_key_package_free(other);
    return nonce;
}

static void rule_S2__nonce_of_a_branch_is_fresh(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    const mls_view_t one = branch_nonce(room), other = branch_nonce(room);
    assert_int_equal(one.len, room->t->suite->hash->len);
    assert_int_equal(other.len, room->t->suite->hash->len);
    assert_view_not_equal(one, other);
    test_room_free(room);
}

/* The secret depends on the order; so does what who joins makes of the Welcome. */
static void rule_S1__psks_have_one_order_for_members_and_joiners(void **state)
{
    const mls_group_config_t config = { .keep_handshake_keys = true, .psk = any_psk };
    test_room_t *room = test_room(*state, 2, &config);
    for (int turn = 0; turn < 2; turn++) {
        mls_key_package_t *kp = test_own_key_package(*state);
        const mls_proposal_spec_t specs[] = { psk_spec(turn == 0 ? "a" : "b"), test_add(kp),
                                              psk_spec(turn == 0 ? "b" : "a") };
        test_deliver(room, 0, test_commit(room, FORGER, specs, 3, NULL));
        test_join(room, kp);
        test_assert_agreed(room);
        mls_key_package_free(kp);
    }
    test_room_free(room);
}

static mls_proposal_spec_t resumption_spec(uint64_t epoch)
{
    return (mls_proposal_spec_t){
        .type = MLS_PROPOSAL_PSK,
        .psk = { .is_resumption = true, .id = mls_view_text("a room"), .psk_epoch = epoch }
    };
}

static void rule_S3_M4__no_more_resumption_psks_are_kept_than_allowed(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_resumption_psks = 2;
    test_room_t *room = test_room(*state, 2, &config);
    for (int i = 0; i < 4; i++)
        test_deliver(room, 0, test_update(room, FORGER));
    mls_group_t *group = test_group(room, FORGER);
    const uint64_t epoch = mls_group_epoch(group);
    mls_pending_commit_t *pending;
    for (uint64_t age = 1; age <= 4; age++) {
        const mls_proposal_spec_t psk = resumption_spec(epoch - age);
        const mls_commit_options_t options = { .proposals = &psk, .num_proposals = 1 };
        if (age <= 2) {
            assert_ok(mls_group_commit(group, &pending, &options));
            mls_group_discard_pending(group, pending);
        } else {
            assert_breaks(room, FORGER, "M4", MLS_ERR_NOT_FOUND, mls_group_commit(group, &pending, &options));
        }
    }
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_F12__reuse_guard_is_fresh_for_each_message),
        TEST(rule_F12__nothing_is_encrypted_without_randomness),
        TEST(rule_F12__generation_is_used_once),
        TEST(rule_F13_F17__state_opens_nothing_that_was_received),
        TEST(rule_F13_F17__state_opens_nothing_that_was_sent),
        TEST(rule_F17__secrets_of_an_epoch_are_gone_when_it_is_over),
        TEST(rule_M19__private_keys_of_replaced_nodes_are_gone),
        TEST(rule_M19__private_keys_of_blanked_nodes_are_gone),
        TEST(rule_S2__nonce_of_a_psk_is_fresh),
        TEST(rule_S2__nonce_of_a_branch_is_fresh),
        TEST(rule_S1__psks_have_one_order_for_members_and_joiners),
        TEST(rule_S3_M4__no_more_resumption_psks_are_kept_than_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
