/* Groups that follow on others: reinitialisation and branches. */
#include "group_support.h"
#include "subgroup.h"

static const uint16_t new_suite = MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519;

/* Members with names of their own: "a", "b", … in the order of their leaves. */
static const char *const names[] = { "a", "b", "c", "d", "e", "f" };

typedef struct old_room {
    test_room_t *room;
    mls_key_package_t *key_packages[6]; /* for the group that follows */
    mls_view_t messages[6];
    size_t count;
} old_room_t;

static void join_room(test_room_t *room, const char *name)
{
    mls_key_package_t *key_package = test_key_package_of(room->t, name, room->t->suite->id);
    const mls_proposal_spec_t add = test_add(key_package);
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL));
    test_join(room, key_package);
    mls_key_package_free(key_package);
}

static const mls_group_t *answer_origin(void *arg, mls_view_t group_id)
{
    const mls_group_t *group = arg;
    return mls_view_equal(mls_group_id(group), group_id) ? group : NULL;
}

static old_room_t *make_old_room(test_context_t *t, size_t count, uint16_t next_suite)
{
    old_room_t *old = test_alloc(t, sizeof *old);
    test_room_t *room = old->room = test_alloc(t, sizeof *room);
    mls_key_package_t *key_package = test_key_package_of(t, names[0], t->suite->id);
    room->t = t;
    assert_ok(mls_group_create(&room->members[0].group, t->crypto, &room->config, key_package,
                               mls_view_text("old"), NULL));
    mls_key_package_free(key_package);
    for (room->count = 1; room->count < count;)
        join_room(room, names[room->count]);
    for (old->count = 0; old->count < count; old->count++) {
        old->key_packages[old->count] = test_key_package_of(t, names[old->count], next_suite);
        old->messages[old->count] = mls_key_package_message(old->key_packages[old->count]);
    }
    return old;
}

static void free_old_room(old_room_t *old)
{
    for (size_t i = 0; i < old->count; i++)
        mls_key_package_free(old->key_packages[i]);
    test_room_free(old->room);
}

static mls_proposal_spec_t test_reinit(const mls_extensions_t *extensions)
{
    return (mls_proposal_spec_t){
        .type = MLS_PROPOSAL_REINIT,
        .reinit = { .group_id = mls_view_text("new"), .cipher_suite = new_suite, .extensions = extensions }
    };
}

/* Brings the old room to its end. */
static void end_room(old_room_t *old)
{
    const mls_proposal_spec_t reinit = test_reinit(NULL);
    test_deliver(old->room, 0, test_commit(old->room, 0, &reinit, 1, NULL));
}

static mls_view_t make_welcome(test_context_t *t, mls_pending_commit_t *commit)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome = { 0 };
    assert_ok(mls_pending_commit_group_info(commit, &with_tree));
    assert_ok(mls_pending_commit_welcome(commit, &welcome, NULL, 0));
    return test_keep(t, &welcome);
}

static void merge_own(mls_group_t *group, mls_pending_commit_t *commit)
{
    mls_received_t *received;
    assert_ok(mls_group_receive(group, &received, mls_pending_commit_message(commit), TEST_NOW));
    assert_int_equal(mls_received_type(received), MLS_RECEIVED_OWN_COMMIT);
    assert_ok(mls_group_merge(group, received, false, TEST_NOW));
    mls_received_free(received);
}

/* Opens and joins as member n of the old room. */
static mls_status_t join_next(old_room_t *old, size_t n, mls_view_t welcome, mls_group_t **out)
{
    test_context_t *t = old->room->t;
    const mls_group_config_t config = { .find_group = answer_origin,
                                        .find_group_arg = test_group(old->room, n) };
    mls_welcome_t *opened;
    mls_status_t status = mls_welcome_open(&opened, t->crypto, &config, old->key_packages[n], welcome);
    *out = NULL;
    if (status == MLS_OK)
        status = mls_group_join(out, NULL, t->crypto, &config, opened, mls_view(NULL, 0));
    mls_welcome_free(opened);
    return status;
}

/* What the n-th member needs to make the group that follows, with those from `first` to `end`. */
static mls_subgroup_options_t subgroup_of(old_room_t *old, size_t n, size_t first, size_t end)
{
    mls_view_t *others = test_alloc(old->room->t, old->count * sizeof *others);
    mls_subgroup_options_t options = { .key_package = old->key_packages[n],
                                       .key_packages = others,
                                       .group_id = mls_view_text("branch"),
                                       .now = TEST_NOW };
    for (size_t i = first; i < end; i++)
        if (i != n)
            others[options.num_key_packages++] = old->messages[i];
    return options;
}

/* ---- reinitialisation ---------------------------------------------------------------------------- */

static void reinit__takes_everybody_to_the_group_it_names(void **state)
{
    old_room_t *old = make_old_room(*state, 4, new_suite);
    mls_extension_t item = { MLS_EXTENSION_APPLICATION_ID, mls_view_text("x") };
    const mls_extensions_t extensions = { &item, 1 };
    const mls_proposal_spec_t reinit = test_reinit(&extensions);
    mls_group_t *maker, *joiner;
    mls_pending_commit_t *commit;
    const mls_view_t proposal = test_propose(old->room, 1, &reinit);
    for (size_t i = 0; i < 4; i++)
        if (i != 1)
            assert_ok(test_receive(old->room, i, proposal, NULL));
    test_deliver(old->room, 0, test_commit(old->room, 0, NULL, 0, NULL));
    test_assert_agreed(old->room);
    test_restart(old->room, 2);

    const mls_subgroup_options_t options = subgroup_of(old, 2, 0, 4);
    assert_ok(
        mls_group_reinitialize(&maker, &commit, test_group(old->room, 2), &old->room->config, &options));
    const mls_view_t welcome = make_welcome(*state, commit);
    merge_own(maker, commit);
    assert_view_equal(mls_group_id(maker), mls_view_text("new"));
    assert_int_equal(mls_group_cipher_suite(maker), new_suite);
    assert_int_equal(mls_group_num_members(maker), 4);
    for (size_t i = 0; i < 4; i++) {
        if (i == 2)
            continue;
        assert_ok(join_next(old, i, welcome, &joiner));
        assert_view_equal(mls_group_epoch_authenticator(joiner), mls_group_epoch_authenticator(maker));
        assert_view_equal(mls_group_extensions(joiner), mls_group_extensions(maker));
        mls_group_free(joiner);
    }
    mls_group_free(maker);
    free_old_room(old);
}

/* The new group is saved before its first Commit is merged: the PSK must come back with it. */
static void reinit__survives_a_restart_half_way(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, new_suite);
    memory_store_t memory = { 0 };
    const mls_store_t store = memory_store(&memory);
    mls_group_t *maker, *joiner;
    mls_pending_commit_t *commit;
    end_room(old);
    const mls_subgroup_options_t options = subgroup_of(old, 0, 0, 3);
    assert_ok(
        mls_group_reinitialize(&maker, &commit, test_group(old->room, 0), &old->room->config, &options));
    assert_ok(mls_group_save(maker, &store));
    mls_group_free(maker);
    assert_ok(mls_group_load(&maker, t->crypto, &old->room->config, &store, mls_view_text("new")));
    commit = mls_group_pending_commit(maker, 0);
    const mls_view_t welcome = make_welcome(t, commit);
    merge_own(maker, commit);
    assert_ok(join_next(old, 1, welcome, &joiner));
    assert_view_equal(mls_group_epoch_authenticator(joiner), mls_group_epoch_authenticator(maker));
    mls_group_free(joiner);
    mls_group_free(maker);
    memory_store_clear(&memory);
    free_old_room(old);
}

static void rule_M15__nothing_follows_a_reinit(void **state)
{
    old_room_t *old = make_old_room(*state, 3, new_suite);
    test_room_t *room = old->room;
    const mls_proposal_spec_t reinit = test_reinit(NULL), remove = test_remove(2);
    mls_reinit_info_t info;
    mls_pending_commit_t *pending;
    mls_bytes_t message;
    assert_status(mls_group_reinit(test_group(room, 0), &info), MLS_ERR_NOT_FOUND);
    test_deliver(room, 0, test_commit(room, 0, &reinit, 1, NULL));
    assert_ok(mls_group_reinit(test_group(room, 1), &info));
    assert_int_equal(info.cipher_suite, new_suite);
    assert_status(
        mls_group_encrypt(test_group(room, 1), &message, mls_view_text("x"), mls_view(NULL, 0), true),
        MLS_ERR_STATE);
    assert_status(mls_group_propose(test_group(room, 1), &message, &remove, NULL), MLS_ERR_STATE);
    assert_status(mls_group_commit(test_group(room, 1), &pending, NULL), MLS_ERR_STATE);
    assert_status(mls_group_info(test_group(room, 1), &message, NULL), MLS_ERR_STATE);

    mls_bytes_clear(&test_group(room, 0)->epoch->reinit); /* one that does not care */
    assert_refused(room, 1, MLS_ERR_INVALID, test_receive(room, 1, test_encrypt(room, 0, "x"), NULL));
    assert_rule((test_context_t *)*state, "M15", MLS_ERR_INVALID);
    assert_refused(room, 1, MLS_ERR_INVALID, test_receive(room, 1, test_update(room, 0), NULL));
    assert_rule((test_context_t *)*state, "M15", MLS_ERR_INVALID);
    free_old_room(old);
}

static void rule_W17__reinit_without_a_member_is_not_made(void **state)
{
    old_room_t *old = make_old_room(*state, 4, new_suite);
    mls_group_t *group;
    mls_pending_commit_t *commit;
    end_room(old);
    const mls_subgroup_options_t options = subgroup_of(old, 0, 0, 3);
    assert_status(
        mls_group_reinitialize(&group, &commit, test_group(old->room, 0), &old->room->config, &options),
        MLS_ERR_INVALID);
    assert_rule((test_context_t *)*state, "W17_MEMBERS", MLS_ERR_INVALID);
    assert_null(group);
    free_old_room(old);
}

/* A group made by hand that begins with the PSK of the old one. */
typedef struct forged_group {
    const char *group_id;
    uint8_t usage;
    size_t end; /* members 1 to end - 1 of the old room are added */
    const char *stranger;
} forged_group_t;

static mls_view_t forge_welcome(old_room_t *old, const forged_group_t *forged)
{
    test_context_t *t = old->room->t;
    mls_proposal_spec_t *adds = test_alloc(t, 8 * sizeof *adds);
    mls_commit_options_t options = { .proposals = adds, .now = TEST_NOW };
    mls_key_package_t *stranger = NULL;
    mls_group_t *group;
    mls_pending_commit_t *commit;
    assert_ok(mls_group_create(&group, t->crypto, &old->room->config, old->key_packages[0],
                               mls_view_text(forged->group_id), NULL));
    mls_origin_t *origin = &group->epoch->origin;
    origin->usage = forged->usage;
    origin->epoch = mls_group_epoch(test_group(old->room, 0));
    origin->psk = test_group(old->room, 0)->epoch->secrets.resumption_psk;
    assert_ok(mls_bytes_copy(&origin->group_id, mls_view_text("old")));
    for (size_t i = 1; i < forged->end; i++)
        adds[options.num_proposals++] = test_add(old->key_packages[i]);
    if (forged->stranger != NULL) {
        stranger = test_key_package_of(t, forged->stranger, mls_group_cipher_suite(group));
        adds[options.num_proposals++] = test_add(stranger);
    }
    assert_ok(mls_group_commit(group, &commit, &options));
    const mls_view_t welcome = make_welcome(t, commit);
    mls_key_package_free(stranger);
    mls_group_free(group);
    return welcome;
}

static void assert_not_joined(old_room_t *old, const forged_group_t *forged, const char *rule)
{
    mls_group_t *joined;
    assert_status(join_next(old, 1, forge_welcome(old, forged), &joined), MLS_ERR_INVALID);
    assert_rule(old->room->t, rule, MLS_ERR_INVALID);
    assert_null(joined);
}

static void rule_W17__reinit_to_something_else_is_not_joined(void **state)
{
    old_room_t *old = make_old_room(*state, 3, new_suite);
    const forged_group_t other = { "other", MLS_PSK_USAGE_REINIT, .end = 3 };
    const forged_group_t good = { "new", MLS_PSK_USAGE_REINIT, .end = 3 };
    const forged_group_t smaller = { "new", MLS_PSK_USAGE_REINIT, .end = 2 };
    mls_group_t *joined;
    assert_not_joined(old, &good, "W17_REINIT"); /* nobody has asked for it */
    free_old_room(old);

    old = make_old_room(*state, 3, new_suite);
    end_room(old);
    assert_not_joined(old, &other, "W17_REINIT");
    free_old_room(old);

    old = make_old_room(*state, 3, new_suite);
    end_room(old);
    assert_not_joined(old, &smaller, "W17_MEMBERS");
    free_old_room(old);

    old = make_old_room(*state, 3, new_suite);
    end_room(old);
    assert_ok(join_next(old, 1, forge_welcome(old, &good), &joined));
    mls_group_free(joined);
    free_old_room(old);
}

static void rule_W17__successor_begins_in_epoch_1(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    const mls_group_t *group = test_group(old->room, 0);
    const mls_pre_shared_key_id_t psk = { .type = MLS_PSK_RESUMPTION,
                                          .usage = MLS_PSK_USAGE_BRANCH,
                                          .psk_epoch = mls_group_epoch(group) };
    assert_int_equal(mls_group_epoch(group), 2);
    assert_status(mls_subgroup_check(group, &group->view, group, &psk), MLS_ERR_INVALID);
    assert_rule(t, "W17_EPOCH", MLS_ERR_INVALID);
    free_old_room(old);
}

static void rule_W3__welcome_on_an_unknown_group_is_refused(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    const forged_group_t branch = { "branch", MLS_PSK_USAGE_BRANCH, .end = 2 };
    const mls_group_config_t config = { 0 };
    const mls_view_t message = forge_welcome(old, &branch);
    mls_welcome_t *welcome;
    assert_status(mls_welcome_open(&welcome, t->crypto, &config, old->key_packages[1], message),
                  MLS_ERR_NOT_FOUND);
    assert_rule(t, "W3", MLS_ERR_NOT_FOUND);
    free_old_room(old);
}

/* Who was removed has wiped the secrets of the epoch that the group stands in. What is left of them, nothing,
 * is known to everybody: here to one who has never been in the group. */
static void rule_W3__ended_epoch_has_no_psk(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    const mls_proposal_spec_t remove = test_remove(1);
    const forged_group_t branch = { "branch", MLS_PSK_USAGE_BRANCH, .end = 2 };
    mls_group_t *joined;
    mls_group_t *const maker = test_group(old->room, 0);
    const mls_view_t commit = test_commit(old->room, 0, &remove, 1, NULL);
    test_merge(old->room, 1, commit, false);
    assert_true(mls_group_is_removed(test_group(old->room, 1)));
    const mls_secret_t psk = maker->epoch->secrets.resumption_psk;
    mls_secret_wipe(&maker->epoch->secrets.resumption_psk);
    const mls_view_t welcome = forge_welcome(old, &branch);
    maker->epoch->secrets.resumption_psk = psk;
    assert_status(join_next(old, 1, welcome, &joined), MLS_ERR_NOT_FOUND);
    assert_rule(t, "W3", MLS_ERR_NOT_FOUND);
    free_old_room(old);
}

/* A branch that its maker has not entered yet holds the PSK of the group before it. That is not its own, and
 * known to members of that group who are none of the branch. */
static void rule_W2__psk_of_a_branch_is_its_origins_own(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    mls_group_t *branch;
    mls_pending_commit_t *commit;
    const mls_subgroup_options_t options = subgroup_of(old, 1, 0, 3);
    assert_ok(mls_group_branch(&branch, &commit, test_group(old->room, 1), &old->room->config, &options));

    const mls_group_config_t config = { .find_group = answer_origin, .find_group_arg = branch };
    const mls_psk_source_t source = mls_group_psk_source(branch);
    mls_key_package_t *maker = test_own_key_package(t), *joiner = test_own_key_package(t);
    mls_group_t *forged;
    mls_welcome_t *opened;
    assert_ok(mls_group_create(&forged, t->crypto, &config, maker, mls_view_text("forged"), NULL));
    mls_origin_t *origin = &forged->epoch->origin;
    *origin = (mls_origin_t){ .usage = MLS_PSK_USAGE_BRANCH, .psk = source.origin->psk };
    assert_ok(mls_bytes_copy(&origin->group_id, mls_group_id(branch)));
    const mls_proposal_spec_t add = test_add(joiner);
    const mls_commit_options_t how = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    assert_ok(mls_group_commit(forged, &commit, &how));
    assert_status(mls_welcome_open(&opened, t->crypto, &config, joiner, make_welcome(t, commit)),
                  MLS_ERR_DECRYPT);
    mls_group_free(forged);
    mls_group_free(branch);
    mls_key_package_free(maker);
    mls_key_package_free(joiner);
    free_old_room(old);
}

static void rule_P5__psk_of_a_reinit_stands_nowhere_else(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_epoch_t *epoch = test_group(room, 0)->epoch;
    mls_pending_commit_t *pending;
    epoch->origin = (mls_origin_t){ .usage = MLS_PSK_USAGE_REINIT, .psk = epoch->secrets.resumption_psk };
    assert_status(mls_group_commit(test_group(room, 0), &pending, NULL), MLS_ERR_INVALID);
    assert_rule((test_context_t *)*state, "P5", MLS_ERR_INVALID);
    test_room_free(room);
}

/* ---- branches ------------------------------------------------------------------------------------ */

static void branch__is_a_group_of_some(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 5, t->suite->id);
    const mls_subgroup_options_t options = subgroup_of(old, 3, 2, 5);
    mls_group_t *maker, *joiner;
    mls_pending_commit_t *commit;
    assert_ok(mls_group_branch(&maker, &commit, test_group(old->room, 3), &old->room->config, &options));
    const mls_view_t welcome = make_welcome(t, commit);
    merge_own(maker, commit);
    assert_int_equal(mls_group_num_members(maker), 3);
    test_deliver(old->room, 0, test_update(old->room, 1)); /* the old group goes on meanwhile */
    assert_ok(join_next(old, 2, welcome, &joiner));
    assert_view_equal(mls_group_epoch_authenticator(joiner), mls_group_epoch_authenticator(maker));
    mls_group_free(joiner);
    mls_group_free(maker);
    test_assert_agreed(old->room);
    free_old_room(old);
}

static void rule_W17__branch_has_no_strangers(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    const forged_group_t forged = { "branch", MLS_PSK_USAGE_BRANCH, .end = 2, .stranger = "mallory" };
    mls_key_package_t *stranger = test_key_package_of(t, "mallory", t->suite->id);
    const mls_view_t others[] = { old->messages[1], mls_key_package_message(stranger) };
    const mls_subgroup_options_t options = { .key_package = old->key_packages[2],
                                             .key_packages = others,
                                             .num_key_packages = 2,
                                             .group_id = mls_view_text("branch") };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    assert_status(mls_group_branch(&group, &commit, test_group(old->room, 2), &old->room->config, &options),
                  MLS_ERR_INVALID);
    assert_rule(t, "W17_MEMBERS", MLS_ERR_INVALID);
    assert_not_joined(old, &forged, "W17_MEMBERS");
    mls_key_package_free(stranger);
    free_old_room(old);
}

static void rule_W17__branch_has_the_suite_of_its_origin(void **state)
{
    if (test_suite()->id == new_suite)
        skip(); /* a build without OpenSSL has no other */
    old_room_t *old = make_old_room(*state, 3, new_suite);
    const forged_group_t forged = { "branch", MLS_PSK_USAGE_BRANCH, .end = 2 };
    assert_not_joined(old, &forged, "W17_BRANCH");
    free_old_room(old);
}

/* The host knows better than the credential who is who. */
static mls_status_t identify_by_first_letter(void *arg, mls_bytes_t *out, const mls_leaf_info_t *leaf)
{
    (void)arg;
    return mls_bytes_copy(out, mls_view(leaf->identity.data, 1));
}

static void branch__matches_members_as_the_host_says(void **state)
{
    test_context_t *t = *state;
    old_room_t *old = make_old_room(t, 3, t->suite->id);
    mls_key_package_t *renamed = test_key_package_of(t, "b of another name", t->suite->id);
    const mls_view_t others[] = { mls_key_package_message(renamed) };
    const mls_subgroup_options_t options = { .key_package = old->key_packages[2],
                                             .key_packages = others,
                                             .num_key_packages = 1,
                                             .group_id = mls_view_text("branch") };
    const mls_group_config_t config = { .authentication = { .identify = identify_by_first_letter } };
    mls_group_t *group;
    mls_pending_commit_t *commit;
    assert_ok(mls_group_branch(&group, &commit, test_group(old->room, 2), &config, &options));
    mls_group_free(group);
    mls_key_package_free(renamed);
    free_old_room(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reinit__takes_everybody_to_the_group_it_names),
        TEST(reinit__survives_a_restart_half_way),
        TEST(rule_M15__nothing_follows_a_reinit),
        TEST(rule_W17__reinit_without_a_member_is_not_made),
        TEST(rule_W17__reinit_to_something_else_is_not_joined),
        TEST(rule_W17__successor_begins_in_epoch_1),
        TEST(rule_W3__welcome_on_an_unknown_group_is_refused),
        TEST(rule_W3__ended_epoch_has_no_psk),
        TEST(rule_W2__psk_of_a_branch_is_its_origins_own),
        TEST(rule_P5__psk_of_a_reinit_stands_nowhere_else),
        TEST(branch__is_a_group_of_some),
        TEST(rule_W17__branch_has_no_strangers),
        TEST(rule_W17__branch_has_the_suite_of_its_origin),
        TEST(branch__matches_members_as_the_host_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
