/* Who may do what: every rule has a Commit that breaks it, and one beside it that does not. */
#include "mod_mls/mod_mls.h"
#include "policy.h"
#include "text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { MAX = 80 };

/* A room with leaves 0 (alice, admin), 1 (bob), 2 (carol), 3 (carol's second device), and a Commit by one. */
typedef struct scene {
    mod_mls_xmpp_room_t room;
    mls_view_t admins[2];
    mod_mls_policy_leaf_t leaves[4];
    mod_mls_policy_proposal_t proposals[MAX];
    mod_mls_join_request_t requests[2];
    mod_mls_endorsement_t endorsements[1];
    mod_mls_policy_commit_t commit;
    mls_bytes_t before, after, required;
} scene_t;

static const uint8_t keys[10][MOD_MLS_DEVICE_KEY_LEN] = { { 0 }, { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 } };

static mls_view_t key(size_t n)
{
    return mls_view(keys[n], MOD_MLS_DEVICE_KEY_LEN);
}

static mls_bytes_t extensions_with(const scene_t *s, const mod_mls_xmpp_room_t *room)
{
    mls_bytes_t data, out;
    uint8_t buffer[2048];
    assert_int_equal(mls_encode(&data, mod_mls_codec_xmpp_room, room), MLS_OK);
    assert_true(data.len < 1000 && s->required.len < 64);
    /* what is inside of Extension extensions<V> */
    size_t n = 0;
    buffer[n++] = 0, buffer[n++] = MLS_EXTENSION_REQUIRED_CAPABILITIES;
    buffer[n++] = (uint8_t)s->required.len;
    memcpy(buffer + n, s->required.data, s->required.len), n += s->required.len;
    buffer[n++] = 0xf4, buffer[n++] = 0xd1;
    buffer[n++] = (uint8_t)(0x40 | data.len >> 8), buffer[n++] = (uint8_t)data.len;
    if (data.len < 64)
        n -= 2, buffer[n++] = (uint8_t)data.len;
    memcpy(buffer + n, data.data, data.len), n += data.len;
    assert_int_equal(mls_bytes_copy(&out, mls_view(buffer, n)), MLS_OK);
    mls_bytes_clear(&data);
    return out;
}

static scene_t *begin(void)
{
    static scene_t s;
    uint16_t types[] = { 0xf4d0, 0xf4d1 };
    const mls_required_capabilities_t required = { .extensions = { types, 2 } };
    s = (scene_t){ 0 };
    s.admins[0] = mls_view_text("alice@x");
    s.room = (mod_mls_xmpp_room_t){ .room = mls_view_text("team@rooms.x"),
                                    .kind = MOD_MLS_KIND_ROOM,
                                    .may_add = MOD_MLS_ADMINS,
                                    .may_remove = MOD_MLS_ADMINS,
                                    .may_change = MOD_MLS_ADMINS,
                                    .admins = { s.admins, 1 } };
    s.leaves[0] = (mod_mls_policy_leaf_t){ 0, mls_view_text("alice@x"), key(0), { 0 }, 10 };
    s.leaves[1] = (mod_mls_policy_leaf_t){ 1, mls_view_text("bob@x"), key(1), { 1 }, 10 };
    s.leaves[2] = (mod_mls_policy_leaf_t){ 2, mls_view_text("carol@x"), key(2), { 2 }, 10 };
    s.leaves[3] = (mod_mls_policy_leaf_t){ 4, mls_view_text("carol@x"), key(3), { 3 }, 10 };
    assert_int_equal(mls_required_capabilities_encode(&s.required, &required), MLS_OK);
    s.before = extensions_with(&s, &s.room);
    s.commit = (mod_mls_policy_commit_t){ .group_id = mls_view_text("group"),
                                          .extensions = mls_bytes_view(&s.before),
                                          .room = &s.room,
                                          .leaves = s.leaves,
                                          .num_leaves = 4,
                                          .proposals = s.proposals,
                                          .join_requests = s.requests };
    return &s;
}

static mod_mls_policy_proposal_t *propose(scene_t *s, uint16_t type, uint32_t sender)
{
    mod_mls_policy_proposal_t *p = &s->proposals[s->commit.num_proposals++];
    p->type = type;
    p->sender = sender;
    return p;
}

static mod_mls_policy_proposal_t *add(scene_t *s, uint32_t sender, const char *account, size_t device)
{
    mod_mls_policy_proposal_t *p = propose(s, MLS_PROPOSAL_ADD, sender);
    p->added = (mod_mls_policy_leaf_t){ 0, mls_view_text(account), key(device), { (uint8_t)device }, 20 };
    p->key_package = mls_view_text("key package");
    return p;
}

static void remove_leaf(scene_t *s, uint32_t sender, uint32_t leaf_index)
{
    propose(s, MLS_PROPOSAL_REMOVE, sender)->removed = leaf_index;
}

static void change(scene_t *s, uint32_t sender, const mod_mls_xmpp_room_t *room)
{
    s->after = extensions_with(s, room);
    propose(s, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, sender)->extensions = mls_bytes_view(&s->after);
}

/* carol's second device asks to be let in. */
static void request(scene_t *s, const char *account, size_t device)
{
    s->requests[s->commit.num_join_requests++] =
        (mod_mls_join_request_t){ .room = s->room.room,
                                  .group_id = mls_view_text("group"),
                                  .account = mls_view_text(account),
                                  .device_key = key(device),
                                  .key_package_encoded = mls_view_text("key package") };
}

static void endorse(scene_t *s, mod_mls_policy_proposal_t *p, size_t endorser)
{
    s->endorsements[0] = (mod_mls_endorsement_t){ .endorser = key(endorser) };
    p->endorsements = (mod_mls_endorsements_t){ s->endorsements, 1 };
}

/* NULL: valid; else the rule that is broken begins like this. */
static void verdict(scene_t *s, const char *rule)
{
    const char *broken;
    mls_status_t status = mod_mls_policy_judge(&broken, &s->commit);
    if (rule == NULL) {
        assert_null(broken);
        assert_int_equal(status, MLS_OK);
    } else {
        assert_int_equal(status, MLS_ERR_REJECTED);
        assert_string_equal(broken, rule);
    }
    mls_bytes_clear(&s->before), mls_bytes_clear(&s->after), mls_bytes_clear(&s->required);
}

#define ADDER "who may become a device of an account"

static void policy__admin_may_add(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 0, "dave@x", 5);
    verdict(s, NULL);
}

static void policy__member_may_not_add(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 1, "dave@x", 5);
    verdict(s, ADDER);
}

static void policy__everybody_may_add_if_the_room_says_so(void **state)
{
    (void)state;
    scene_t *s = begin();
    s->room.may_add = MOD_MLS_EVERYBODY;
    add(s, 1, "dave@x", 5);
    verdict(s, NULL);
}

static void policy__own_account_may_add_its_device(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 1, "bob@x", 5); /* (i) */
    verdict(s, NULL);
}

static void policy__adder_may_not_add_a_device_to_anothers_account(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 0, "bob@x", 5); /* even an admin */
    verdict(s, ADDER);
}

static void policy__endorsed_device_needs_its_join_request(void **state)
{
    (void)state;
    scene_t *s = begin();
    endorse(s, add(s, 1, "carol@x", 5), 2);
    verdict(s, ADDER);
    s = begin();
    endorse(s, add(s, 1, "carol@x", 5), 2);
    request(s, "carol@x", 5); /* (ii) */
    verdict(s, NULL);
}

static void policy__endorsement_by_another_account_is_none(void **state)
{
    (void)state;
    scene_t *s = begin();
    endorse(s, add(s, 1, "carol@x", 5), 1);
    request(s, "carol@x", 5);
    verdict(s, ADDER);
}

static void policy__join_request_must_be_for_this_key_package(void **state)
{
    (void)state;
    scene_t *s = begin();
    endorse(s, add(s, 1, "carol@x", 5), 2);
    request(s, "carol@x", 5);
    s->requests[0].key_package_encoded = mls_view_text("another");
    verdict(s, ADDER);
}

static void policy__same_device_may_come_back(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 1, 2);
    add(s, 1, "carol@x", 2);
    request(s, "carol@x", 2); /* (iii), by anybody */
    verdict(s, NULL);
}

static void policy__same_device_comes_back_with_a_newer_leaf_only(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 0, 2);
    add(s, 0, "carol@x", 2)->added.serial = 10;
    request(s, "carol@x", 2);
    verdict(s, ADDER);
}

static void policy__removing_to_let_come_back_needs_the_request(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 1, 2);
    add(s, 1, "carol@x", 2);
    verdict(s, "who may remove");
}

static void policy__account_may_be_started_anew_by_an_admin(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 0, 2);
    remove_leaf(s, 0, 4);
    add(s, 0, "carol@x", 5); /* (iv) */
    verdict(s, NULL);
    s = begin();
    remove_leaf(s, 0, 2); /* one device stays: it is no new start */
    add(s, 0, "carol@x", 5);
    verdict(s, ADDER);
}

static void policy__admin_account_started_anew_is_no_admin_any_more(void **state)
{
    (void)state;
    scene_t *s = begin();
    s->admins[1] = mls_view_text("bob@x");
    s->room.admins.count = 2;
    remove_leaf(s, 0, 1);
    add(s, 0, "bob@x", 5);
    verdict(s, ADDER);
    s = begin();
    s->admins[1] = mls_view_text("bob@x");
    mod_mls_xmpp_room_t after = s->room; /* alice alone */
    s->room.admins.count = 2;
    remove_leaf(s, 0, 1);
    add(s, 0, "bob@x", 5);
    change(s, 0, &after);
    verdict(s, NULL);
}

static void policy__one_leaf_per_device(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 0, "dave@x", 1); /* bob's key */
    verdict(s, "one leaf per device key");
    s = begin();
    add(s, 0, "dave@x", 5);
    add(s, 0, "erin@x", 5);
    verdict(s, "one leaf per device key");
}

static void policy__revoked_device_stays_out(void **state)
{
    (void)state;
    scene_t *s = begin();
    uint8_t id[MOD_MLS_DEVICE_ID_LEN] = { 5 };
    mls_view_t revoked = mls_view(id, sizeof id);
    s->room.revoked = (mod_mls_views_t){ &revoked, 1 };
    add(s, 0, "dave@x", 5);
    verdict(s, "a revoked device stays out");
}

static void policy__at_most_64_adds(void **state)
{
    (void)state;
    static uint8_t many[65][MOD_MLS_DEVICE_KEY_LEN];
    for (size_t n = 64; n <= 65; n++) {
        scene_t *s = begin();
        for (size_t i = 0; i < n; i++) {
            many[i][1] = (uint8_t)(i + 1);
            add(s, 0, "dave@x", 5)->added.device_key = mls_view(many[i], MOD_MLS_DEVICE_KEY_LEN);
        }
        verdict(s, n == 64 ? NULL : "at most 64 Adds a Commit");
    }
}

static void policy__max_leaves(void **state)
{
    (void)state;
    scene_t *s = begin();
    s->room.max_leaves = 4;
    add(s, 0, "dave@x", 5);
    verdict(s, "max_leaves");
    s = begin();
    s->room.max_leaves = 4;
    add(s, 0, "dave@x", 5);
    remove_leaf(s, 0, 1);
    verdict(s, NULL);
}

static void policy__member_may_not_remove(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 1, 2);
    verdict(s, "who may remove");
}

static void policy__own_account_may_remove_its_devices(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 2, 4); /* carol, her other device */
    verdict(s, NULL);
}

static void policy__leaver_needs_no_right(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 1, 1); /* bob's own proposal, committed by whomever */
    verdict(s, NULL);
}

static void policy__a_room_keeps_an_admin(void **state)
{
    (void)state;
    scene_t *s = begin();
    remove_leaf(s, 0, 0);
    verdict(s, "a room keeps an admin");
    s = begin();
    mod_mls_xmpp_room_t after = s->room;
    after.may_add = after.may_remove = after.may_change = MOD_MLS_EVERYBODY;
    after.admins.count = 0;
    remove_leaf(s, 0, 0);
    change(s, 0, &after);
    verdict(s, NULL);
}

static void policy__member_may_not_change(void **state)
{
    (void)state;
    scene_t *s = begin();
    mod_mls_xmpp_room_t after = s->room;
    after.name = mls_view_text("mine");
    change(s, 1, &after);
    verdict(s, "who may change the policy");
}

/* RFC 9420 applies the new extensions first; the rights are those of before. */
static void policy__judged_by_what_was_before(void **state)
{
    (void)state;
    scene_t *s = begin();
    mod_mls_xmpp_room_t after = s->room;
    mls_view_t mallory = mls_view_text("bob@x");
    after.admins = (mod_mls_views_t){ &mallory, 1 };
    change(s, 1, &after);
    remove_leaf(s, 1, 0);
    verdict(s, "who may change the policy");
}

static void policy__room_kind_and_replaces_never_change(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        scene_t *s = begin();
        mod_mls_xmpp_room_t after = s->room;
        if (i == 0)
            after.room = mls_view_text("other@rooms.x");
        if (i == 1)
            after.kind = MOD_MLS_KIND_ONE_TO_ONE;
        if (i == 2)
            after.replaces = mls_view_text("g");
        change(s, 0, &after);
        verdict(s, "room, kind and replaces never change");
    }
}

static void policy__required_capabilities_never_change(void **state)
{
    (void)state;
    scene_t *s = begin();
    propose(s, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, 0)->extensions = mls_view(NULL, 0);
    verdict(s, "required_capabilities and xmpp_room, nothing else");
    s = begin();
    uint16_t fewer[] = { 0xf4d0 };
    const mls_required_capabilities_t required = { .extensions = { fewer, 1 } };
    mls_bytes_t kept = s->required;
    assert_int_equal(mls_required_capabilities_encode(&s->required, &required), MLS_OK);
    change(s, 0, &s->room);
    mls_bytes_clear(&kept);
    verdict(s, "required_capabilities and xmpp_room, nothing else");
}

static void policy__other_proposals_are_void(void **state)
{
    static const uint16_t types[] = { MLS_PROPOSAL_UPDATE,        MLS_PROPOSAL_PSK, MLS_PROPOSAL_REINIT,
                                      MLS_PROPOSAL_EXTERNAL_INIT, 0x0a0a,           0xf000 };
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        scene_t *s = begin();
        propose(s, types[i], 0);
        verdict(s, "only Add, Remove and GroupContextExtensions");
    }
}

static void policy__sender_must_be_a_member(void **state)
{
    (void)state;
    scene_t *s = begin();
    add(s, 3, "dave@x", 5); /* a blank leaf */
    verdict(s, "a proposal comes from a member");
}

static void policy__one_to_one_has_two_accounts(void **state)
{
    (void)state;
    scene_t *s = begin();
    s->room.kind = MOD_MLS_KIND_ONE_TO_ONE;
    s->room.may_add = MOD_MLS_EVERYBODY;
    s->commit.num_leaves = 2;
    add(s, 0, "dave@x", 5);
    verdict(s, "a one-to-one room has two accounts");
    s = begin();
    s->room.kind = MOD_MLS_KIND_ONE_TO_ONE;
    s->commit.num_leaves = 2;
    remove_leaf(s, 1, 1);
    verdict(s, "a one-to-one room has two accounts");
    s = begin();
    s->room.kind = MOD_MLS_KIND_ONE_TO_ONE;
    s->commit.num_leaves = 1;
    add(s, 0, "dave@x", 5);
    verdict(s, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(policy__admin_may_add),
        cmocka_unit_test(policy__member_may_not_add),
        cmocka_unit_test(policy__everybody_may_add_if_the_room_says_so),
        cmocka_unit_test(policy__own_account_may_add_its_device),
        cmocka_unit_test(policy__adder_may_not_add_a_device_to_anothers_account),
        cmocka_unit_test(policy__endorsed_device_needs_its_join_request),
        cmocka_unit_test(policy__endorsement_by_another_account_is_none),
        cmocka_unit_test(policy__join_request_must_be_for_this_key_package),
        cmocka_unit_test(policy__same_device_may_come_back),
        cmocka_unit_test(policy__same_device_comes_back_with_a_newer_leaf_only),
        cmocka_unit_test(policy__removing_to_let_come_back_needs_the_request),
        cmocka_unit_test(policy__account_may_be_started_anew_by_an_admin),
        cmocka_unit_test(policy__admin_account_started_anew_is_no_admin_any_more),
        cmocka_unit_test(policy__one_leaf_per_device),
        cmocka_unit_test(policy__revoked_device_stays_out),
        cmocka_unit_test(policy__at_most_64_adds),
        cmocka_unit_test(policy__max_leaves),
        cmocka_unit_test(policy__member_may_not_remove),
        cmocka_unit_test(policy__own_account_may_remove_its_devices),
        cmocka_unit_test(policy__leaver_needs_no_right),
        cmocka_unit_test(policy__a_room_keeps_an_admin),
        cmocka_unit_test(policy__member_may_not_change),
        cmocka_unit_test(policy__judged_by_what_was_before),
        cmocka_unit_test(policy__room_kind_and_replaces_never_change),
        cmocka_unit_test(policy__required_capabilities_never_change),
        cmocka_unit_test(policy__other_proposals_are_void),
        cmocka_unit_test(policy__sender_must_be_a_member),
        cmocka_unit_test(policy__one_to_one_has_two_accounts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
