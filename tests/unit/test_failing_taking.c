/* What a client joins, receives, stores and reads, with everything failing in turn: see
 * test_failing_making.c. */
#include "failing_scene.h"

/* ---- joining ------------------------------------------------------------------------------------- */

static void prepare_opening(scene_t *s)
{
    mls_bytes_t welcome;
    scene_prepare_welcome(s);
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
}

/* The Commit has a resumption PSK of this group, which a joiner gets from its host. */
static mls_status_t open_welcome(scene_t *s)
{
    mls_status_t status =
        mls_welcome_open(&s->welcome, s->t->crypto, &s->room->config, s->key_package, s->message);
    assert_int_equal(status != MLS_OK, s->welcome == NULL);
    return status;
}

static void prepare_joining(scene_t *s)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome;
    scene_make_key_package(s);
    const mls_proposal_spec_t add = test_add(s->key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .force_path = true };
    assert_ok(mls_group_commit(test_group(s->room, 0), &s->pending, &options));
    assert_ok(mls_pending_commit_group_info(s->pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
    assert_ok(open_welcome(s));
}

static mls_status_t join(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status =
        mls_group_join(&group, NULL, s->t->crypto, &s->room->config, s->welcome, mls_view(NULL, 0));
    return scene_group_result(status, group);
}

static void prepare_external_join(scene_t *s)
{
    const mls_group_info_options_t how = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t info;
    scene_make_key_package(s);
    assert_ok(mls_group_info(test_group(s->room, 0), &info, &how));
    s->message = test_keep(s->t, &info);
}

static mls_status_t join_externally(scene_t *s, mls_group_t **group)
{
    const mls_psk_id_t psk = { .id = mls_view_text("psk") };
    const mls_external_join_t options = {
        .group_info = s->message, .key_package = s->key_package, .psks = &psk, .num_psks = 1
    };
    mls_status_t status =
        mls_group_join_external(group, &s->pending, s->t->crypto, &s->room->config, &options);
    assert_int_equal(status != MLS_OK, *group == NULL);
    return status;
}

static mls_status_t external_join(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status = join_externally(s, &group);
    s->pending = NULL;
    return scene_group_result(status, group);
}

/* ---- receiving ----------------------------------------------------------------------------------- */

static mls_status_t receive(scene_t *s, size_t member)
{
    mls_received_t *received;
    mls_status_t status = mls_group_receive(test_group(s->room, member), &received, s->message, TEST_NOW);
    assert_int_equal(status != MLS_OK, received == NULL);
    mls_received_free(received);
    return status;
}

static mls_status_t receive_at_0(scene_t *s)
{
    return receive(s, 0);
}

static mls_status_t receive_at_1(scene_t *s)
{
    return receive(s, 1);
}

/* A Commit of member 0 that members 1 and 2 can follow. */
static void prepare_receiving(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    const mls_view_t updated = test_propose(s->room, 1, &update);
    mls_bytes_t copy = { 0 };
    for (size_t i = 0; i < NUM_MEMBERS; i++)
        if (i != 1)
            assert_ok(test_receive(s->room, i, updated, NULL));
    scene_make_key_package(s);
    assert_ok(scene_commit(s));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(s->pending)));
    s->message = test_keep(s->t, &copy);
}

/* The same, with the committer's state read from its store. */
static void prepare_restaging(scene_t *s)
{
    prepare_receiving(s);
    test_restart(s->room, 0);
    s->pending = mls_group_pending_commit(test_group(s->room, 0), 0);
}

static mls_status_t next_tree(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_pending_commit_ratchet_tree(s->pending, &out), &out);
}

static void prepare_external_commit(scene_t *s)
{
    mls_group_t *group;
    mls_bytes_t copy = { 0 };
    prepare_external_join(s);
    assert_ok(join_externally(s, &group));
    assert_ok(mls_bytes_copy(&copy, mls_pending_commit_message(s->pending)));
    s->message = test_keep(s->t, &copy);
    s->room->members[s->room->count++].group = group;
}

static mls_status_t receive_at_joiner(scene_t *s)
{
    return receive(s, NUM_MEMBERS);
}

static void prepare_application(scene_t *s)
{
    for (int i = 0; i < 3; i++)
        s->message = test_encrypt(s->room, 2, "a few are skipped");
}

static void prepare_late_application(scene_t *s)
{
    prepare_application(s);
    test_deliver(s->room, 0, test_update(s->room, 2));
}

static void prepare_proposal(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    s->message = test_propose(s->room, 2, &update);
}

static void prepare_public_proposal(scene_t *s)
{
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    s->message = test_propose(s->room, 2, &leave);
}

static void prepare_proposal_to_join(scene_t *s)
{
    const mls_outside_options_t options = { .group_id = mls_view_text("a room"), .epoch = NUM_MEMBERS - 1 };
    mls_bytes_t out;
    scene_make_key_package(s);
    assert_ok(mls_propose_to_join(&out, s->key_package, &options));
    s->message = test_keep(s->t, &out);
}

/* ---- from epoch to epoch ------------------------------------------------------------------------- */

static void prepare_merging(scene_t *s)
{
    prepare_receiving(s);
    assert_ok(test_receive(s->room, 1, s->message, &s->received));
}

static mls_status_t merge(scene_t *s)
{
    return mls_group_merge(test_group(s->room, 1), s->received, true, TEST_NOW);
}

static void prepare_entering(scene_t *s)
{
    prepare_external_commit(s);
    assert_ok(test_receive(s->room, NUM_MEMBERS, s->message, &s->received));
}

static mls_status_t enter(scene_t *s)
{
    return mls_group_merge(test_group(s->room, NUM_MEMBERS), s->received, true, TEST_NOW);
}

/* ---- evidence, of an application message and of a Commit ----------------------------------------- */

static void prepare_evidence(scene_t *s)
{
    assert_ok(test_receive(s->room, 1, test_encrypt(s->room, 2, "hello"), &s->received));
}

static mls_status_t make_evidence(scene_t *s)
{
    mls_bytes_t out;
    return scene_bytes_result(mls_received_evidence(s->received, &out), &out);
}

static void prepare_reading_evidence(scene_t *s)
{
    mls_bytes_t out;
    prepare_merging(s);
    assert_ok(mls_received_evidence(s->received, &out));
    s->message = test_keep(s->t, &out);
}

static mls_status_t read_evidence(scene_t *s)
{
    mls_evidence_t info;
    return mls_evidence_read(&info, s->t->crypto, s->message);
}

/* ---- and back ------------------------------------------------------------------------------------ */

static void prepare_going_back(scene_t *s)
{
    prepare_merging(s);
    assert_ok(merge(s));
    (void)test_encrypt(s->room, 1, "uses a generation");
}

static mls_status_t go_back(scene_t *s)
{
    mls_group_t *group = test_group(s->room, 1);
    return mls_group_go_back(group, mls_group_epoch(group) - 1);
}

/* ---- stores -------------------------------------------------------------------------------------- */

static mls_status_t save(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    return mls_group_save(test_group(s->room, 1), &store);
}

static void prepare_loading(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    prepare_going_back(s);
    (void)test_propose(s->room, 1, &update);
    (void)test_update(s->room, 1);
    assert_ok(save(s));
}

static mls_status_t load(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    mls_group_t *group;
    mls_status_t status =
        mls_group_load(&group, s->t->crypto, &s->room->config, &store, mls_view_text("a room"));
    return scene_group_result(status, group);
}

static void prepare_erasing(scene_t *s)
{
    assert_ok(save(s));
}

static mls_status_t erase(scene_t *s)
{
    const mls_store_t store = memory_store(&s->memory);
    return mls_group_erase(&store, mls_view_text("a room"));
}

/* ---- groups that follow -------------------------------------------------------------------------- */

static void make_key_packages(scene_t *s)
{
    scene_make_key_package(s);
    s->own = test_own_key_package(s->t);
}

static mls_status_t make_branch(scene_t *s, mls_group_t **group)
{
    const mls_view_t other = mls_key_package_message(s->key_package);
    const mls_subgroup_options_t options = { .key_package = s->own,
                                             .key_packages = &other,
                                             .num_key_packages = 1,
                                             .group_id = mls_view_text("branch") };
    return mls_group_branch(group, &s->pending, test_group(s->room, 0), &s->room->config, &options);
}

static mls_status_t branch(scene_t *s)
{
    mls_group_t *group;
    mls_status_t status = make_branch(s, &group);
    s->pending = NULL;
    return scene_group_result(status, group);
}

static const mls_group_t *find_origin(void *arg, mls_view_t group_id)
{
    test_room_t *room = arg;
    (void)group_id;
    return test_group(room, 1);
}

static void prepare_joining_branch(scene_t *s)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome;
    mls_group_t *group;
    make_key_packages(s);
    assert_ok(make_branch(s, &group));
    assert_ok(mls_pending_commit_group_info(s->pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(s->pending, &welcome, NULL, 0));
    s->message = test_keep(s->t, &welcome);
    s->room->config.find_group = find_origin;
    s->room->config.find_group_arg = s->room;
    s->pending = NULL;
    mls_group_free(group);
}

static mls_status_t join_branch(scene_t *s)
{
    mls_status_t status = open_welcome(s);
    if (status == MLS_OK)
        status = join(s);
    mls_welcome_free(s->welcome);
    s->welcome = NULL;
    return status;
}

/* ---- all of them --------------------------------------------------------------------------------- */

static const operation_t operations[] = {
    { "ratchet_tree of a Commit", prepare_restaging, next_tree, 0 },
    { "welcome_open", prepare_opening, open_welcome, -1 },
    { "join", prepare_joining, join, -1 },
    { "join_external", prepare_external_join, external_join, -1 },
    { "receive a Commit", prepare_receiving, receive_at_1, 1 },
    { "receive an own Commit", prepare_receiving, receive_at_0, 0 },
    { "receive an own Commit after loading", prepare_restaging, receive_at_0, 0 },
    { "group_info after loading", prepare_restaging, scene_make_group_info, 0 },
    { "receive an external Commit", prepare_external_commit, receive_at_1, 1 },
    { "receive an own external Commit", prepare_external_commit, receive_at_joiner, NUM_MEMBERS },
    { "receive an application message", prepare_application, receive_at_1, 1 },
    { "receive a late application message", prepare_late_application, receive_at_1, 1 },
    { "receive a Proposal", prepare_proposal, receive_at_1, 1 },
    { "receive a public Proposal", prepare_public_proposal, receive_at_1, 1 },
    { "receive a Proposal to join", prepare_proposal_to_join, receive_at_1, 1 },
    { "evidence", prepare_evidence, make_evidence, 1 },
    { "evidence of a Commit", prepare_merging, make_evidence, 1 },
    { "evidence_read", prepare_reading_evidence, read_evidence, -1 },
    { "merge", prepare_merging, merge, 1 },
    { "merge an own external Commit", prepare_entering, enter, NUM_MEMBERS },
    { "go_back", prepare_going_back, go_back, 1 },
    { "save", prepare_going_back, save, 1 },
    { "load", prepare_loading, load, -1 },
    { "erase", prepare_erasing, erase, 1 },
    { "branch", make_key_packages, branch, 0 },
    { "join a branch", prepare_joining_branch, join_branch, 1 },
};

static void what_is_taken_in__fails_cleanly(void **state)
{
    scene_run_all(*state, operations, sizeof operations / sizeof *operations);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_taken_in__fails_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
