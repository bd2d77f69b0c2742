/* Credentials of every type, and when the Authentication Service is asked about them (RFC 9420,
 * Section 5.3.1). */
#include "group_support.h"
#include "mls/join.h"
#include "mls/outside.h"

enum { CUSTOM = 0xf00d, OTHER_CUSTOM = 0xf00e };

/* ---- an Authentication Service that writes down what it is asked ---------------------------------- */

typedef struct question {
    mls_leaf_purpose_t purpose;
    uint32_t leaf_index;
    uint16_t credential_type;
    char identity[16], predecessor[16]; /* of the predecessor: empty if there is none */
    bool has_predecessor;
} question_t;

typedef struct service {
    question_t questions[64];
    size_t count;
    const char *unwanted; /* an identity, or NULL */
} service_t;

static void copy_text(char out[16], mls_view_t text)
{
    assert_in_range(text.len, 0, 15);
    memcpy(out, text.data, text.len);
}

static mls_status_t judge(void *arg, const mls_leaf_candidate_t *candidate)
{
    service_t *service = arg;
    question_t *question = &service->questions[service->count++];
    assert_in_range(service->count, 1, 64);
    *question = (question_t){ .purpose = candidate->purpose,
                              .leaf_index = candidate->leaf.leaf_index,
                              .credential_type = candidate->leaf.credential_type,
                              .has_predecessor = candidate->predecessor != NULL };
    assert_true(candidate->leaf.signature_key.len > 0);
    copy_text(question->identity, candidate->leaf.identity);
    if (candidate->predecessor != NULL)
        copy_text(question->predecessor, candidate->predecessor->identity);
    return service->unwanted != NULL && strcmp(question->identity, service->unwanted) == 0 ? MLS_ERR_REJECTED
                                                                                           : MLS_OK;
}

static void assert_asked(service_t *service, mls_leaf_purpose_t purpose, uint32_t leaf_index,
                         const char *identity, const char *predecessor)
{
    for (size_t i = 0; i < service->count; i++) {
        const question_t *question = &service->questions[i];
        if (question->purpose != purpose || question->leaf_index != leaf_index ||
            strcmp(question->identity, identity) != 0)
            continue;
        assert_int_equal(question->has_predecessor, predecessor != NULL);
        assert_string_equal(question->predecessor, predecessor == NULL ? "" : predecessor);
        return;
    }
    fail_msg("nobody asked about %s", identity);
}

static mls_group_config_t watched_by(service_t *service)
{
    return (mls_group_config_t){ .keep_handshake_keys = true,
                                 .external_commits = true,
                                 .external_proposals = true,
                                 .authentication = { .validate = judge, .arg = service } };
}

/* ---- key packages -------------------------------------------------------------------------------- */

static mls_key_package_t *package_of(test_context_t *t, uint16_t type, const char *name)
{
    static uint16_t types[] = { MLS_CREDENTIAL_BASIC, CUSTOM };
    const mls_credential_t credential = { type, mls_view_text(name) };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .credential = &credential,
                                              .capabilities = { .credentials = { types, 2 } },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    mls_key_package_t *key_package;
    assert_ok(mls_key_package_new(&key_package, t->crypto, &params));
    return key_package;
}

/* A room whose only member is alice. */
static test_room_t *room_of_alice(test_context_t *t, const mls_group_config_t *config,
                                  const mls_extensions_t *extensions)
{
    test_room_t *room = test_alloc(t, sizeof *room);
    mls_key_package_t *alice = package_of(t, MLS_CREDENTIAL_BASIC, "alice");
    *room = (test_room_t){ .t = t, .config = *config, .count = 1 };
    assert_ok(mls_group_create(&room->members[0].group, t->crypto, config, alice, mls_view_text("a room"),
                               extensions));
    mls_key_package_free(alice);
    return room;
}

static void add(test_room_t *room, mls_key_package_t *key_package)
{
    const mls_proposal_spec_t add = test_add(key_package);
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL));
    test_join(room, key_package);
    mls_key_package_free(key_package);
}

/* ---- who is asked, and when ---------------------------------------------------------------------- */

static void rule_C1__every_way_into_the_tree_is_asked_about(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = watched_by(&service);
    test_room_t *room = room_of_alice(*state, &config, NULL);
    mls_key_package_t *bob = package_of(*state, CUSTOM, "bob");
    const mls_proposal_spec_t add = test_add(bob), update = { .type = MLS_PROPOSAL_UPDATE };
    assert_asked(&service, MLS_LEAF_IN_ADD, 0, "alice", NULL);

    service.count = 0;
    const mls_view_t commit = test_commit(room, 0, &add, 1, NULL);
    assert_asked(&service, MLS_LEAF_IN_ADD, UINT32_MAX, "bob", NULL);
    test_deliver(room, 0, commit);
    service.count = 0;
    test_join(room, bob);
    mls_key_package_free(bob);
    assert_asked(&service, MLS_LEAF_IN_TREE, 0, "alice", NULL);
    assert_asked(&service, MLS_LEAF_IN_TREE, 1, "bob", NULL);
    assert_int_equal(service.questions[1].credential_type, CUSTOM);

    const mls_view_t proposal = test_propose(room, 1, &update);
    service.count = 0;
    assert_ok(test_receive(room, 0, proposal, NULL));
    assert_asked(&service, MLS_LEAF_IN_UPDATE, 1, "bob", "bob");
    const mls_view_t path = test_update(room, 0);
    service.count = 0;
    test_deliver(room, 0, path);
    assert_asked(&service, MLS_LEAF_IN_COMMIT, 0, "alice", "alice");
    assert_asked(&service, MLS_LEAF_IN_UPDATE, 1, "bob", "bob"); /* again, with the tree as it is then */
    test_assert_agreed(room);
    test_room_free(room);
}

/* By an external Commit of a client that is new, and of one that was there before. */
static mls_view_t join_from_outside(test_room_t *room, const char *name, bool resync, uint32_t former_leaf)
{
    const mls_group_info_options_t with_all = { .with_tree = true, .with_external_pub = true };
    mls_key_package_t *key_package = package_of(room->t, CUSTOM, name);
    mls_bytes_t info = { 0 }, message = { 0 };
    mls_pending_commit_t *commit;
    assert_ok(mls_group_info(test_group(room, 0), &info, &with_all));
    const mls_external_join_t options = { .group_info = mls_bytes_view(&info),
                                          .key_package = key_package,
                                          .resync = resync,
                                          .former_leaf = former_leaf };
    assert_ok(mls_group_join_external(&room->members[room->count++].group, &commit, room->t->crypto,
                                      &room->config, &options));
    assert_ok(mls_bytes_copy(&message, mls_pending_commit_message(commit)));
    mls_bytes_clear(&info);
    mls_key_package_free(key_package);
    return test_keep(room->t, &message);
}

static void rule_C1__who_joins_from_outside_is_asked_about(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = watched_by(&service);
    test_room_t *room = room_of_alice(*state, &config, NULL);
    service.count = 0;
    mls_view_t commit = join_from_outside(room, "bob", false, 0);
    assert_asked(&service, MLS_LEAF_IN_TREE, 0, "alice", NULL);
    service.count = 0;
    test_merge(room, 0, commit, false);
    assert_asked(&service, MLS_LEAF_IN_COMMIT, 1, "bob", NULL);
    test_merge(room, 1, commit, false);

    commit = join_from_outside(room, "bob again", true, 1);
    service.count = 0;
    test_merge(room, 0, commit, false);
    assert_asked(&service, MLS_LEAF_IN_COMMIT, 1, "bob again", "bob");
    test_merge(room, 2, commit, false);
    commit = join_from_outside(room, "eve", true, 1);
    service.unwanted = "eve";
    assert_refused(room, 0, MLS_ERR_REJECTED, test_receive(room, 0, commit, NULL));
    assert_rule(room->t, "C1", MLS_ERR_REJECTED);
    test_room_free(room);
}

static void rule_C1__a_tree_with_an_unwanted_leaf_is_not_joined(void **state)
{
    service_t service = { 0 };
    const mls_group_config_t config = watched_by(&service);
    test_room_t *room = room_of_alice(*state, &config, NULL);
    mls_key_package_t *bob = package_of(*state, CUSTOM, "bob");
    const mls_proposal_spec_t add_bob = test_add(bob);
    mls_welcome_t *welcome;
    mls_group_t *group;
    test_deliver(room, 0, test_commit(room, 0, &add_bob, 1, NULL));
    assert_ok(mls_welcome_open(&welcome, room->t->crypto, &config, bob, room->welcome));
    service.unwanted = "alice";
    assert_status(mls_group_join(&group, NULL, room->t->crypto, &config, welcome, mls_view(NULL, 0)),
                  MLS_ERR_REJECTED);
    assert_rule(room->t, "C1", MLS_ERR_REJECTED);
    assert_null(group);
    mls_welcome_free(welcome);
    mls_key_package_free(bob);
    test_room_free(room);
}

/* ---- external senders ---------------------------------------------------------------------------- */

static size_t key_len(const test_context_t *t)
{
    return t->suite->signature->public_len;
}

/* The extension external_senders with one sender of each name. */
static mls_view_t senders(test_context_t *t, const char *const *names, size_t count, size_t key_len)
{
    mls_external_sender_t *items = test_alloc(t, (count + 1) * sizeof *items);
    mls_bytes_t data = { 0 };
    for (size_t i = 0; i < count; i++)
        items[i] = (mls_external_sender_t){ mls_view(test_alloc(t, key_len), key_len),
                                            { CUSTOM, mls_view_text(names[i]) } };
    assert_ok(mls_external_senders_encode(&data, items, count));
    return test_keep(t, &data);
}

static void rule_C1__external_senders_are_asked_about_when_they_are_new(void **state)
{
    test_context_t *t = *state;
    service_t service = { 0 };
    const mls_group_config_t config = watched_by(&service);
    static const char *const names[] = { "warden", "guard" };
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, senders(t, names, 1, key_len(t)) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    test_room_t *room = room_of_alice(t, &config, &list);
    mls_external_sender_t sender;
    assert_asked(&service, MLS_LEAF_IN_EXTERNAL_SENDERS, UINT32_MAX, "warden", NULL);
    assert_ok(mls_external_senders_at(&sender, mls_group_extensions(test_group(room, 0)), 0));
    assert_int_equal(sender.credential.type, CUSTOM);
    assert_view_equal(sender.credential.body, mls_view_text("warden"));
    assert_status(mls_external_senders_at(&sender, mls_group_extensions(test_group(room, 0)), 1),
                  MLS_ERR_NOT_FOUND);

    service.count = 0;
    add(room, package_of(t, CUSTOM, "bob"));
    assert_asked(&service, MLS_LEAF_IN_EXTERNAL_SENDERS, UINT32_MAX, "warden", NULL); /* by bob, who joins */

    item.data = senders(t, names, 2, key_len(t));
    service.count = 0;
    const mls_view_t commit = test_commit(room, 0, &change, 1, NULL);
    assert_asked(&service, MLS_LEAF_IN_EXTERNAL_SENDERS, UINT32_MAX, "guard", NULL);
    for (size_t i = 0; i < service.count; i++)
        assert_string_not_equal(service.questions[i].identity, "warden");
    service.unwanted = "guard";
    assert_refused(room, 1, MLS_ERR_REJECTED, test_receive(room, 1, commit, NULL));
    assert_rule(t, "C1", MLS_ERR_REJECTED);
    mls_bytes_t message = { 0 };
    assert_refused(room, 0, MLS_ERR_REJECTED,
                   mls_group_propose(test_group(room, 0), &message, &change, NULL));
    test_room_free(room);
}

static void rule_E7__external_sender_has_a_key_of_the_suite(void **state)
{
    test_context_t *t = *state;
    static const char *const names[] = { "warden" };
    const mls_group_config_t config = { 0 };
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, senders(t, names, 1, key_len(t) + 1) };
    const mls_extensions_t list = { &item, 1 };
    mls_key_package_t *alice = package_of(t, MLS_CREDENTIAL_BASIC, "alice");
    mls_group_t *group;
    assert_status(mls_group_create(&group, t->crypto, &config, alice, mls_view_text("a room"), &list),
                  MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    item.data = test_hex(t, "0a0b"); /* no list at all */
    assert_status(mls_group_create(&group, t->crypto, &config, alice, mls_view_text("a room"), &list),
                  MLS_ERR_MALFORMED);
    mls_key_package_free(alice);
}

static void rule_L13__external_senders_are_few(void **state)
{
    test_context_t *t = *state;
    static const char *const names[] = { "warden", "guard", "watch" };
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT };
    mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, senders(t, names, 3, key_len(t)) };
    const mls_extensions_t list = { &item, 1 };
    mls_key_package_t *alice = package_of(t, MLS_CREDENTIAL_BASIC, "alice");
    mls_group_t *group;
    config.limits.num_external_senders = 2;
    assert_status(mls_group_create(&group, t->crypto, &config, alice, mls_view_text("a room"), &list),
                  MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    config.limits.num_external_senders = 3;
    assert_ok(mls_group_create(&group, t->crypto, &config, alice, mls_view_text("a room"), &list));
    mls_group_free(group);
    mls_key_package_free(alice);
}

/* ---- custom types -------------------------------------------------------------------------------- */

static void custom_credential__is_a_member_like_any_other(void **state)
{
    test_context_t *t = *state;
    service_t service = { 0 };
    const mls_group_config_t config = watched_by(&service);
    test_room_t *room = room_of_alice(t, &config, NULL);
    mls_received_t *received;
    add(room, package_of(t, CUSTOM, "bob"));
    add(room, package_of(t, CUSTOM, ""));
    assert_ok(test_receive(room, 0, test_encrypt(room, 1, "hello"), &received));
    assert_int_equal(mls_received_sender_leaf(received)->credential_type, CUSTOM);
    assert_view_equal(mls_received_sender_leaf(received)->identity, mls_view_text("bob"));
    mls_received_free(received);
    test_restart(room, 1);
    test_deliver(room, 0, test_update(room, 2));
    test_assert_agreed(room);
    test_room_free(room);
}

/* Alice lists basic and another type only: she could not tell who bob is. */
static void rule_L3__a_type_that_a_member_does_not_know_is_refused(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .keep_handshake_keys = true };
    test_room_t *room = room_of_alice(t, &config, NULL);
    mls_key_package_t *bob = package_of(t, OTHER_CUSTOM, "bob");
    const mls_proposal_spec_t add_bob = test_add(bob);
    const mls_commit_options_t options = { .proposals = &add_bob, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(t, "L3", MLS_ERR_INVALID);
    mls_key_package_free(bob);
    test_room_free(room);
}

static void rule_L2__a_required_credential_type_is_listed_by_all(void **state)
{
    test_context_t *t = *state;
    uint16_t types[] = { OTHER_CUSTOM };
    const mls_required_capabilities_t required = { .credentials = { types, 1 } };
    const mls_group_config_t config = { 0 };
    mls_bytes_t data = { 0 };
    mls_group_t *group;
    mls_key_package_t *alice = package_of(t, MLS_CREDENTIAL_BASIC, "alice"),
                      *carol = package_of(t, OTHER_CUSTOM, "carol");
    assert_ok(mls_required_capabilities_encode(&data, &required));
    mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
    const mls_extensions_t list = { &item, 1 };
    assert_status(mls_group_create(&group, t->crypto, &config, alice, mls_view_text("a room"), &list),
                  MLS_ERR_INVALID);
    assert_rule(t, "L2", MLS_ERR_INVALID);
    assert_ok(mls_group_create(&group, t->crypto, &config, carol, mls_view_text("a room"), &list));
    mls_group_free(group);
    mls_key_package_free(alice);
    mls_key_package_free(carol);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_C1__every_way_into_the_tree_is_asked_about),
        TEST(rule_C1__who_joins_from_outside_is_asked_about),
        TEST(rule_C1__a_tree_with_an_unwanted_leaf_is_not_joined),
        TEST(rule_C1__external_senders_are_asked_about_when_they_are_new),
        TEST(rule_E7__external_sender_has_a_key_of_the_suite),
        TEST(rule_L13__external_senders_are_few),
        TEST(custom_credential__is_a_member_like_any_other),
        TEST(rule_L3__a_type_that_a_member_does_not_know_is_refused),
        TEST(rule_L2__a_required_credential_type_is_listed_by_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
