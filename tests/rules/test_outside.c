/* Proposals of those who are no members (RFC 9420, Section 12.1.8). */
#include "forge.h"
#include "mls/outside.h"

/* A room whose external sender 0 has a key of the test. */
typedef struct watched {
    test_room_t *room;
    mls_signature_key_t key;
} watched_t;

static void start(watched_t *w, void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .external_proposals = true,
                                        .new_member_proposals = true };
    w->room = test_room(t, 3, &config);
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &w->key));
    const mls_external_sender_t sender = { .signature_key = mls_signature_public_view(&w->key),
                                           .credential = { MLS_CREDENTIAL_BASIC, mls_view_text("warden") } };
    mls_bytes_t data = { 0 };
    assert_ok(mls_external_senders_encode(&data, &sender, 1));
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&data) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    test_deliver(w->room, 0, test_commit(w->room, 0, &change, 1, NULL));
    mls_bytes_clear(&data);
}

/* A Proposal of a sender who is no member, signed with that key. */
static mls_view_t propose(test_room_t *room, const mls_proposal_t *proposal, mls_sender_t sender,
                          const mls_signature_key_t *key)
{
    test_context_t *t = room->t;
    mls_authenticated_content_t content =
        forge_content(room, MLS_CONTENT_PROPOSAL, forge_proposal_body(t, proposal));
    mls_bytes_t signature = { 0 };
    content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    content.content.sender = sender;
    assert_ok(mls_framed_content_sign(t->crypto, t->suite, &signature, &content, key, mls_view(NULL, 0)));
    content.auth.signature = test_keep(t, &signature);
    return forge_public(room, &content);
}

static mls_view_t propose_external(watched_t *w, const mls_proposal_t *proposal, uint32_t number)
{
    return propose(w->room, proposal, (mls_sender_t){ MLS_SENDER_EXTERNAL, number }, &w->key);
}

static void rule_P9_B3__external_sender_that_is_not_named_is_refused(void **state)
{
    static const uint32_t numbers[] = { 1, 2, 0x7fffffff, 0x80000000, 0xffffffff };
    watched_t w;
    start(&w, state);
    const mls_proposal_t remove = forge_remove(2);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_message_breaks(w.room, "P9", MLS_ERR_SENDER, propose_external(&w, &remove, numbers[i]));
    assert_taken(w.room, propose_external(&w, &remove, 0));
    test_room_free(w.room);
}

static void rule_P9_B3__external_sender_is_refused_where_none_is_named(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .external_proposals = true };
    test_room_t *room = test_room(t, 3, &config);
    mls_signature_key_t key;
    const mls_proposal_t remove = forge_remove(2);
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &key));
    assert_message_breaks(room, "P9", MLS_ERR_SENDER,
                          propose(room, &remove, (mls_sender_t){ MLS_SENDER_EXTERNAL, 0 }, &key));
    test_room_free(room);
}

static void rule_P9_F5__external_sender_may_not_propose_everything(void **state)
{
    watched_t w;
    test_key_package_t kp;
    start(&w, state);
    const mls_leaf_node_t leaf = forge_leaf(w.room, FORGER);
    const mls_proposal_t refused[] = { forge_update(w.room, &leaf), { .type = 0x000a } }; /* SelfRemove */
    const mls_proposal_t init = { .type = MLS_PROPOSAL_EXTERNAL_INIT, .kem_output = test_public_key(*state) };
    const mls_proposal_t taken[] = {
        forge_good_add(*state, &kp),
        forge_remove(2),
        forge_psk(*state, "psk"),
        { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS },
        { .type = MLS_PROPOSAL_REINIT, .group_id = mls_view_text("next"), .version = 1, .cipher_suite = 1 }
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_message_breaks(w.room, "P9", MLS_ERR_SENDER, propose_external(&w, &refused[i], 0));
    assert_message_breaks(w.room, "P7", MLS_ERR_SENDER, propose_external(&w, &init, 0));
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        assert_taken(w.room, propose_external(&w, &taken[i], 0));
    test_room_free(w.room);
}

static void rule_P9_F7__proposal_of_an_external_sender_is_signed_by_it(void **state)
{
    watched_t w;
    start(&w, state);
    const mls_proposal_t remove = forge_remove(2);
    assert_ok(mls_signature_key_generate(w.room->t->crypto, w.room->t->suite, &w.key));
    assert_message_breaks(w.room, "F7", MLS_ERR_SIGNATURE, propose_external(&w, &remove, 0));
    test_room_free(w.room);
}

/* ---- newcomers ----------------------------------------------------------------------------------- */

static const mls_sender_t newcomer = { .type = MLS_SENDER_NEW_MEMBER_PROPOSAL };

static void rule_P9_F5__newcomer_may_propose_nothing_but_its_add(void **state)
{
    watched_t w;
    test_key_package_t kp;
    start(&w, state);
    const mls_proposal_t remove = forge_remove(2), add = forge_good_add(*state, &kp);
    assert_message_breaks(w.room, "P9", MLS_ERR_SENDER, propose(w.room, &remove, newcomer, &w.key));
    assert_taken(w.room, propose(w.room, &add, newcomer, &kp.signature_key));
    test_room_free(w.room);
}

static void rule_P9_F7__add_of_a_newcomer_is_signed_by_its_leaf(void **state)
{
    watched_t w;
    test_key_package_t kp;
    start(&w, state);
    const mls_proposal_t add = forge_good_add(*state, &kp);
    assert_message_breaks(w.room, "F7", MLS_ERR_SIGNATURE, propose(w.room, &add, newcomer, &w.key));
    test_room_free(w.room);
}

static void rule_E7_P9_B3__add_of_a_newcomer_with_a_key_that_is_none_is_refused(void **state)
{
    watched_t w;
    test_key_package_t kp;
    start(&w, state);
    test_key_package_fill(*state, &kp);
    kp.leaf.signature_key = test_random_bytes(*state, 7);
    const mls_proposal_t add = forge_add(*state, &kp);
    assert_message_breaks(w.room, "E7", MLS_ERR_INVALID, propose(w.room, &add, newcomer, &w.key));
    test_room_free(w.room);
}

/* ---- policy -------------------------------------------------------------------------------------- */

static void rule_P10__proposals_from_outside_are_refused_where_policy_forbids_them(void **state)
{
    watched_t w;
    test_key_package_t kp;
    start(&w, state);
    const mls_proposal_t remove = forge_remove(2), add = forge_good_add(*state, &kp);
    const mls_view_t external = propose_external(&w, &remove, 0);
    const mls_view_t own = propose(w.room, &add, newcomer, &kp.signature_key);
    mls_group_config_t *config = &test_group(w.room, VICTIM)->config;
    config->external_proposals = false;
    assert_message_breaks(w.room, "P10", MLS_ERR_REJECTED, external);
    assert_taken(w.room, own);
    config->external_proposals = true;
    config->new_member_proposals = false;
    assert_message_breaks(w.room, "P10", MLS_ERR_REJECTED, own);
    assert_taken(w.room, external);
    test_room_free(w.room);
}

/* An Update whose sender is no member never becomes pending; if one did, no Commit could take it up. */
static void rule_P9_P3__update_of_who_is_no_member_is_not_applied(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    mls_group_t *group = test_group(room, VICTIM);
    const mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    const mls_proposal_t update = forge_update(room, &leaf);
    const mls_sender_t committer = { MLS_SENDER_MEMBER, 2 };
    mls_listed_proposal_t item = { .sender = { MLS_SENDER_EXTERNAL, FORGER }, .by_reference = true };
    mls_proposal_list_t list = { &item, 1 };
    mls_tree_overlay_t overlay;
    mls_bytes_t extensions = { 0 };
    assert_ok(mls_proposal_decode(&item.proposal, forge_proposal_body(t, &update)));
    assert_ok(mls_tree_overlay_init(&overlay, group->tree));
    const mls_apply_t where = mls_group_apply(group, &overlay, &committer, 0);
    assert_breaks(room, VICTIM, "P9", MLS_ERR_SENDER, mls_proposal_list_apply(&list, &extensions, &where));
    item.sender.type = MLS_SENDER_MEMBER;
    assert_ok(mls_proposal_list_apply(&list, &extensions, &where));
    mls_bytes_clear(&extensions);
    mls_tree_overlay_clear(&overlay);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_P9_B3__external_sender_that_is_not_named_is_refused),
        TEST(rule_P9_B3__external_sender_is_refused_where_none_is_named),
        TEST(rule_P9_F5__external_sender_may_not_propose_everything),
        TEST(rule_P9_F7__proposal_of_an_external_sender_is_signed_by_it),
        TEST(rule_P9_F5__newcomer_may_propose_nothing_but_its_add),
        TEST(rule_P9_F7__add_of_a_newcomer_is_signed_by_its_leaf),
        TEST(rule_E7_P9_B3__add_of_a_newcomer_with_a_key_that_is_none_is_refused),
        TEST(rule_P10__proposals_from_outside_are_refused_where_policy_forbids_them),
        TEST(rule_P9_P3__update_of_who_is_no_member_is_not_applied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
