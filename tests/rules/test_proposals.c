/* Proposals, by themselves and in the list of a Commit (RFC 9420, Sections 12.1 and 12.2). */
#include "forge.h"

enum { OWN = TEST_OWN_TYPE, UNKNOWN = 0xf00e };

/* The Proposal is refused by itself, and in a Commit by value. */
static void refuse_proposal(test_room_t *room, const mls_proposal_t *proposal, const char *rule,
                            mls_status_t status)
{
    assert_message_breaks(room, rule, status, forge_proposal(room, proposal));
    assert_message_breaks(room, rule, status, forge_commit_with(room, proposal, 1));
}

static void refuse_list(void **state, const mls_proposal_t *list, size_t count, const char *rule)
{
    test_room_t *room = test_room(*state, 4, NULL);
    assert_message_breaks(room, rule, MLS_ERR_INVALID, forge_commit_with(room, list, count));
    test_room_free(room);
}

/* ---- single proposals ---------------------------------------------------------------------------- */

static void rule_P4_Q1_B1__removal_of_nobody_is_refused(void **state)
{
    static const uint32_t nobody[] = { 3, 4, 17, 0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xffffffff };
    test_room_t *room = test_room(*state, 3, NULL);
    for (size_t i = 0; i < sizeof nobody / sizeof *nobody; i++) {
        const mls_proposal_t remove = forge_remove(nobody[i]);
        refuse_proposal(room, &remove, "P4", MLS_ERR_INVALID);
    }
    const mls_proposal_t good = forge_remove(2);
    assert_taken(room, forge_proposal(room, &good));
    test_room_free(room);
}

static void rule_P5_S2_Q1__psk_with_a_nonce_of_another_length_is_refused(void **state)
{
    const size_t good_len = test_suite()->hash->len, lens[] = { 0, 1, good_len - 1, good_len + 1 };
    test_room_t *room = test_room(*state, 3, NULL);
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        mls_proposal_t psk = forge_psk(*state, "psk");
        psk.psk.nonce = test_random_bytes(*state, lens[i]);
        refuse_proposal(room, &psk, "P5", MLS_ERR_INVALID);
    }
    const mls_proposal_t good = forge_psk(*state, "psk");
    assert_taken(room, forge_proposal(room, &good));
    test_room_free(room);
}

/* RFC 9420, Sections 11.2 and 11.3: those stand in the first Commit of a new group, and nowhere else. */
static void rule_P5_Q1_B10__psk_of_a_reinitialisation_or_branch_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    for (uint8_t usage = MLS_PSK_USAGE_REINIT; usage <= MLS_PSK_USAGE_BRANCH; usage++) {
        mls_proposal_t psk = forge_psk(*state, "a room");
        psk.psk.type = MLS_PSK_RESUMPTION;
        psk.psk.usage = usage;
        refuse_proposal(room, &psk, "P5", MLS_ERR_INVALID);
    }
    test_room_free(room);
}

static void rule_P6_Q1_B10__reinit_to_an_earlier_version_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_proposal_t reinit = { .type = MLS_PROPOSAL_REINIT,
                              .group_id = mls_view_text("next"),
                              .cipher_suite = 1 };
    refuse_proposal(room, &reinit, "P6", MLS_ERR_INVALID);
    reinit.version = MLS_VERSION_MLS10;
    assert_taken(room, forge_proposal(room, &reinit));
    test_room_free(room);
}

static void rule_P7__external_init_of_a_member_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_proposal_t init = { .type = MLS_PROPOSAL_EXTERNAL_INIT, .kem_output = test_public_key(*state) };
    assert_message_breaks(room, "P7", MLS_ERR_SENDER, forge_proposal(room, &init));
    test_room_free(room);
}

static void rule_E6_G2__proposal_of_an_unknown_type_is_unsupported(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    static const uint16_t types[] = { 0, UNKNOWN, 0x0a0a, 0xffff };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const mls_proposal_t unknown = { .type = types[i] };
        refuse_proposal(room, &unknown, "E6_PROPOSAL", MLS_ERR_UNSUPPORTED);
    }
    test_room_free(room);
}

static void rule_P11_B2__no_more_proposals_are_kept_than_allowed(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_pending = 3;
    test_room_t *room = test_room(*state, 3, &config);
    for (int i = 0; i < 3; i++) {
        const mls_proposal_t psk = forge_psk(*state, "psk");
        assert_taken(room, forge_proposal(room, &psk));
    }
    const mls_proposal_t one_more = forge_psk(*state, "psk");
    assert_message_breaks(room, "P11", MLS_ERR_LIMIT, forge_proposal(room, &one_more));
    test_room_free(room);
}

/* ---- who is updated or removed ------------------------------------------------------------------- */

static void rule_Q2__update_of_the_committer_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, "Q2", MLS_ERR_INVALID, forge_commit_with(room, &update, 1));
    test_room_free(room);
}

/* The reference to the n-th proposal that is pending at the victim. */
static mls_view_t pending_ref(test_room_t *room, size_t n)
{
    return mls_secret_view(&test_group(room, VICTIM)->epoch->proposals[n]->ref);
}

static void rule_Q2__pending_update_of_the_committer_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    forged_commit_t f;
    forge_commit(&f, room);
    assert_taken(room, test_propose(room, FORGER, &update));
    forge_reference(&f, pending_ref(room, 0));
    assert_message_breaks(room, "Q2", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_Q3_M13__committer_that_removes_itself_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_t by_value = forge_remove(FORGER);
    const mls_proposal_spec_t by_reference = test_remove(FORGER);
    forged_commit_t f;
    assert_message_breaks(room, "Q3", MLS_ERR_INVALID, forge_commit_with(room, &by_value, 1));
    forge_commit(&f, room);
    assert_taken(room, test_propose(room, 2, &by_reference));
    forge_reference(&f, pending_ref(room, 0));
    assert_message_breaks(room, "Q3", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

/* Rule Q3 refuses it first; here the leaf is gone from the tree already. */
static void rule_M13__leaf_of_who_is_no_member_any_more_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    mls_group_t *group = test_group(room, VICTIM);
    const mls_leaf_node_t fields = forge_leaf(room, FORGER);
    const mls_view_t encoded = forge_leaf_sign(room, FORGER, &fields), none = { 0 };
    const mls_sender_t committer = { MLS_SENDER_MEMBER, FORGER };
    mls_tree_overlay_t overlay;
    mls_leaf_node_t leaf;
    assert_ok(mls_leaf_node_decode(&leaf, encoded));
    assert_ok(mls_tree_overlay_init(&overlay, group->tree));
    const mls_apply_t where = mls_group_apply(group, &overlay, &committer, 0);
    assert_ok(mls_check_successor(&where, MLS_LEAF_IN_UPDATE, FORGER, &leaf, encoded, none, false));
    assert_ok(mls_tree_remove(&overlay, FORGER));
    assert_breaks(room, VICTIM, "M13", MLS_ERR_SENDER,
                  mls_check_successor(&where, MLS_LEAF_IN_UPDATE, FORGER, &leaf, encoded, none, false));
    mls_tree_overlay_clear(&overlay);
    test_room_free(room);
}

static void rule_Q4__leaf_that_is_removed_twice_is_refused(void **state)
{
    const mls_proposal_t list[] = { forge_remove(2), forge_remove(3), forge_remove(2) };
    refuse_list(state, list, 3, "Q4");
}

static void rule_Q4_B16__leaf_that_is_updated_and_removed_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_proposal_t remove = forge_remove(2);
    forged_commit_t f;
    forge_commit(&f, room);
    forge_list(&f, &remove, 1);
    assert_taken(room, test_propose(room, 2, &update));
    forge_reference(&f, pending_ref(room, 0));
    assert_message_breaks(room, "Q4", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_Q4__leaf_that_is_updated_twice_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    forged_commit_t f;
    forge_commit(&f, room);
    for (size_t i = 0; i < 2; i++) {
        assert_taken(room, test_propose(room, 2, &update));
        forge_reference(&f, pending_ref(room, i));
    }
    assert_message_breaks(room, "Q4", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

/* ---- who is added -------------------------------------------------------------------------------- */

static void rule_Q5__client_that_is_added_twice_is_refused(void **state)
{
    test_key_package_t kp;
    mls_proposal_t list[2];
    list[0] = forge_good_add(*state, &kp);
    assert_ok(mls_hpke_generate(((test_context_t *)*state)->crypto, ((test_context_t *)*state)->suite,
                                &kp.encryption_private_key, &kp.encryption_key));
    list[1] = forge_add(*state, &kp); /* another KeyPackage with the same signature key */
    refuse_list(state, list, 2, "Q5");
}

/* A KeyPackage of a member: with its signature key, and a fresh encryption key. */
static mls_proposal_t add_of_member(test_room_t *room, uint32_t leaf, test_key_package_t *kp)
{
    test_key_package_fill(room->t, kp);
    kp->signature_key = test_group(room, leaf)->epoch->signature_key;
    return forge_add(room->t, kp);
}

static void rule_Q6__member_that_is_added_again_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    test_key_package_t kp;
    const mls_proposal_t add = add_of_member(room, 2, &kp);
    assert_message_breaks(room, "Q6", MLS_ERR_INVALID, forge_commit_with(room, &add, 1));
    test_room_free(room);
}

/* RFC 9420, Section 12.2: unless the same Commit removes it. */
static void rule_Q6__member_that_is_removed_can_be_added_again(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    test_key_package_t kp;
    const mls_proposal_t add = add_of_member(room, 2, &kp);
    mls_bytes_t message = { 0 };
    assert_ok(mls_bytes_copy(&message, add.key_package_encoded));
    const mls_proposal_spec_t list[] = {
        { .type = MLS_PROPOSAL_ADD, .key_package = mls_bytes_view(&message) }, test_remove(2)
    };
    test_deliver(room, 0, test_commit(room, FORGER, list, 2, NULL));
    test_assert_agreed(room);
    mls_bytes_clear(&message);
    test_room_free(room);
}

/* ---- the list as a whole ------------------------------------------------------------------------- */

/* By the name alone: another nonce makes it no other PSK. */
static void rule_Q7__psk_that_is_named_twice_is_refused(void **state)
{
    const mls_proposal_t list[] = { forge_psk(*state, "a"), forge_psk(*state, "b"), forge_psk(*state, "a") };
    refuse_list(state, list, 3, "Q7");
}

static void rule_Q8__two_lists_of_extensions_are_refused(void **state)
{
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS },
                                    { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS } };
    refuse_list(state, list, 2, "Q8");
}

static void rule_Q9_B10__reinit_that_does_not_stand_alone_is_refused(void **state)
{
    const mls_proposal_t reinit = {
        .type = MLS_PROPOSAL_REINIT, .group_id = mls_view_text("next"), .version = 1, .cipher_suite = 1
    };
    const mls_proposal_t with_other[] = { reinit, forge_remove(2) }, twice[] = { reinit, reinit };
    refuse_list(state, with_other, 2, "Q9");
    refuse_list(state, twice, 2, "Q9");
}

static void rule_Q10_P7__external_init_in_a_commit_of_a_member_is_refused(void **state)
{
    const mls_proposal_t list[] = { { .type = MLS_PROPOSAL_EXTERNAL_INIT,
                                      .kem_output = test_public_key(*state) } };
    refuse_list(state, list, 1, "Q10");
}

static void rule_Q13_B2__list_that_is_too_long_is_refused(void **state)
{
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_proposals = 2;
    test_room_t *room = test_room(*state, 4, &config);
    const mls_proposal_t list[] = { forge_psk(*state, "a"), forge_psk(*state, "b"), forge_psk(*state, "c") };
    assert_message_breaks(room, "Q13", MLS_ERR_LIMIT, forge_commit_with(room, list, 3));
    assert_message_breaks(room, "M4", MLS_ERR_NOT_FOUND, forge_commit_with(room, list, 2));
    test_room_free(room);
}

/* ---- types of the host --------------------------------------------------------------------------- */

static mls_status_t judge(void *arg, const struct mls_proposal_info *proposal)
{
    (void)proposal;
    return *(bool *)arg ? MLS_OK : MLS_ERR_REJECTED;
}

/* Every member lists the type; a newcomer of the second test does not. */
static test_room_t *custom_room(test_context_t *t, bool *verdict)
{
    static const mls_custom_proposal_t types[] = { { .type = OWN }, { .type = UNKNOWN } };
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .custom_proposals = types,
                                        .num_custom_proposals = 2,
                                        .judge = judge,
                                        .judge_arg = verdict };
    return test_room(t, 3, &config);
}

static void rule_Q11__type_that_a_member_does_not_support_is_refused(void **state)
{
    bool verdict = true;
    test_room_t *room = custom_room(*state, &verdict);
    const mls_proposal_t unsupported = { .type = UNKNOWN, .data = mls_view_text("x") };
    const mls_proposal_spec_t supported = { .type = OWN, .data = mls_view_text("x") };
    assert_message_breaks(room, "Q11", MLS_ERR_INVALID, forge_commit_with(room, &unsupported, 1));
    test_deliver(room, 0, test_commit(room, FORGER, &supported, 1, NULL));
    test_assert_agreed(room);
    test_room_free(room);
}

/* RFC 9420, Section 12.2: members that come or go with the Commit need not support it. */
static void rule_Q11__who_comes_or_goes_need_not_support_the_type(void **state)
{
    test_context_t *t = *state;
    bool verdict = true;
    test_room_t *room = custom_room(t, &verdict);
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    const mls_proposal_spec_t custom = { .type = OWN, .data = mls_view_text("x") };
    const mls_proposal_spec_t coming[] = {
        custom, { .type = MLS_PROPOSAL_ADD, .key_package = test_key_package_sign(t, &kp) }
    };
    const mls_proposal_spec_t going[] = { custom, test_remove(3) };
    const mls_proposal_t forged = { .type = OWN, .data = mls_view_text("x") };
    test_deliver(room, 0, test_commit(room, FORGER, coming, 2, NULL));
    assert_message_breaks(room, "Q11", MLS_ERR_INVALID, forge_commit_with(room, &forged, 1));
    test_deliver(room, 0, test_commit(room, FORGER, going, 2, NULL));
    test_assert_agreed(room);
    test_room_free(room);
}

static void rule_Q11_Q1__proposal_that_the_application_does_not_want_is_refused(void **state)
{
    bool verdict = true;
    test_room_t *room = custom_room(*state, &verdict);
    const mls_proposal_t custom = { .type = OWN, .data = mls_view_text("x") };
    verdict = false;
    refuse_proposal(room, &custom, "Q11_JUDGED", MLS_ERR_REJECTED);
    verdict = true;
    assert_taken(room, forge_proposal(room, &custom));
    test_room_free(room);
}

/* ---- references ---------------------------------------------------------------------------------- */

static void rule_M5__unknown_reference_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    forge_reference(&f, forge_hash(*state));
    assert_message_breaks(room, "M5", MLS_ERR_NOT_FOUND, forge_commit_seal(&f));
    forge_commit(&f, room);
    forge_reference(&f, mls_view(NULL, 0));
    assert_message_breaks(room, "M5", MLS_ERR_NOT_FOUND, forge_commit_seal(&f));
    test_room_free(room);
}

/* Proposals do not outlive their epoch, not even where it can be gone back to. */
static void rule_M5__reference_to_a_proposal_of_another_epoch_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    const mls_proposal_spec_t remove = test_remove(3);
    forged_commit_t f;
    assert_taken(room, test_propose(room, 2, &remove));
    const mls_view_t ref = forge_copy(*state, pending_ref(room, 0));
    const mls_view_t commit = test_update(room, FORGER);
    test_merge(room, VICTIM, commit, true);
    test_merge(room, FORGER, commit, false);
    forge_commit(&f, room);
    forge_reference(&f, ref);
    assert_message_breaks(room, "M5", MLS_ERR_NOT_FOUND, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_M5_Q4__reference_that_stands_twice_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    assert_taken(room, test_propose(room, 2, &(mls_proposal_spec_t){ .type = MLS_PROPOSAL_UPDATE }));
    forge_reference(&f, pending_ref(room, 0));
    forge_reference(&f, pending_ref(room, 0));
    assert_message_breaks(room, "M5_TWICE", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_P4_Q1_B1__removal_of_nobody_is_refused),
        TEST(rule_P5_S2_Q1__psk_with_a_nonce_of_another_length_is_refused),
        TEST(rule_P5_Q1_B10__psk_of_a_reinitialisation_or_branch_is_refused),
        TEST(rule_P6_Q1_B10__reinit_to_an_earlier_version_is_refused),
        TEST(rule_P7__external_init_of_a_member_is_refused),
        TEST(rule_E6_G2__proposal_of_an_unknown_type_is_unsupported),
        TEST(rule_P11_B2__no_more_proposals_are_kept_than_allowed),
        TEST(rule_Q2__update_of_the_committer_is_refused),
        TEST(rule_Q2__pending_update_of_the_committer_is_refused),
        TEST(rule_Q3_M13__committer_that_removes_itself_is_refused),
        TEST(rule_M13__leaf_of_who_is_no_member_any_more_is_refused),
        TEST(rule_Q4__leaf_that_is_removed_twice_is_refused),
        TEST(rule_Q4_B16__leaf_that_is_updated_and_removed_is_refused),
        TEST(rule_Q4__leaf_that_is_updated_twice_is_refused),
        TEST(rule_Q5__client_that_is_added_twice_is_refused),
        TEST(rule_Q6__member_that_is_added_again_is_refused),
        TEST(rule_Q6__member_that_is_removed_can_be_added_again),
        TEST(rule_Q7__psk_that_is_named_twice_is_refused),
        TEST(rule_Q8__two_lists_of_extensions_are_refused),
        TEST(rule_Q9_B10__reinit_that_does_not_stand_alone_is_refused),
        TEST(rule_Q10_P7__external_init_in_a_commit_of_a_member_is_refused),
        TEST(rule_Q13_B2__list_that_is_too_long_is_refused),
        TEST(rule_Q11__type_that_a_member_does_not_support_is_refused),
        TEST(rule_Q11__who_comes_or_goes_need_not_support_the_type),
        TEST(rule_Q11_Q1__proposal_that_the_application_does_not_want_is_refused),
        TEST(rule_M5__unknown_reference_is_refused),
        TEST(rule_M5__reference_to_a_proposal_of_another_epoch_is_refused),
        TEST(rule_M5_Q4__reference_that_stands_twice_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
