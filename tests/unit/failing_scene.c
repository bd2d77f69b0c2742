#include "failing_scene.h"

/* ---- the room ------------------------------------------------------------------------------------ */

static mls_status_t take_update(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    (void)arg;
    return change->is_removal ? MLS_OK : mls_bytes_copy(new_data, change->updates[0]);
}

static mls_status_t take_ephemeral(void *arg, uint16_t component_id, mls_view_t data)
{
    (void)arg;
    (void)component_id;
    (void)data;
    return MLS_OK;
}

/* To who joins, also the resumption PSK of the room. */
static mls_status_t give_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    test_room_t *room = arg;
    *secret = id->is_resumption ? mls_secret_view(&test_group(room, 1)->epoch->secrets.resumption_psk)
                                : mls_view_text("an external secret");
    return MLS_OK;
}

static test_room_t *make_room(test_context_t *t)
{
    static uint16_t proposals[] = { CUSTOM, MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_APP_EPHEMERAL,
                                    MLS_PROPOSAL_SELF_REMOVE };
    static uint16_t extensions[] = { CUSTOM, MLS_EXTENSION_APP_DATA_DICTIONARY };
    static const mls_custom_proposal_t custom = { .type = CUSTOM };
    const mls_group_config_t config = {
        .external_commits = true,
        .external_proposals = true,
        .new_member_proposals = true,
        .custom_proposals = &custom,
        .num_custom_proposals = 1,
        .components = { .update = take_update, .ephemeral = take_ephemeral },
        .psk = give_psk,
        .padding = MLS_PADDING_PADME,
    };
    t->capabilities.proposals = (mls_u16_list_t){ proposals, 4 };
    t->capabilities.extensions = (mls_u16_list_t){ extensions, 2 };
    test_room_t *room = test_room(t, NUM_MEMBERS, &config);
    room->config.psk_arg = room;
    return room;
}

/* The status of a call whose result is bytes. */
mls_status_t scene_bytes_result(mls_status_t status, mls_bytes_t *out)
{
    assert_true(status == MLS_OK || out->len == 0);
    mls_bytes_clear(out);
    return status;
}

mls_status_t scene_group_result(mls_status_t status, mls_group_t *group)
{
    assert_int_equal(status != MLS_OK, group == NULL);
    mls_group_free(group);
    return status;
}

void scene_make_key_package(scene_t *s)
{
    s->key_package = test_own_key_package(s->t);
}

static void propose_to(scene_t *s, size_t from, const mls_proposal_spec_t *proposal, size_t to)
{
    assert_ok(test_receive(s->room, to, test_propose(s->room, from, proposal), NULL));
}

/* Member 0 hears proposals of several kinds; one of them is bad together with the Commit's own. */
void scene_prepare_commit(scene_t *s)
{
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE }, remove = test_remove(3);
    const mls_proposal_spec_t leave = { .type = MLS_PROPOSAL_SELF_REMOVE };
    const mls_proposal_spec_t topic = { .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                        .component_id = TOPIC,
                                        .data = mls_view_text("tea") };
    scene_make_key_package(s);
    propose_to(s, 2, &update, 0);
    propose_to(s, 1, &remove, 0);
    propose_to(s, 4, &leave, 0);
    propose_to(s, 1, &topic, 0);
}

mls_status_t scene_commit(scene_t *s)
{
    mls_extension_t item = { MLS_EXTENSION_APPLICATION_ID, mls_view_text("id") };
    const mls_extensions_t extensions = { &item, 1 };
    const mls_proposal_spec_t proposals[] = {
        test_add(s->key_package),
        test_remove(3), /* pending, too */
        test_extensions(&extensions),
        { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("psk") } },
        { .type = MLS_PROPOSAL_PSK,
          .psk = { .is_resumption = true,
                   .id = mls_group_id(test_group(s->room, 0)),
                   .psk_epoch = mls_group_epoch(test_group(s->room, 0)) } },
        { .type = MLS_PROPOSAL_APP_EPHEMERAL, .component_id = TOPIC, .data = mls_view_text("now") },
        { .type = CUSTOM, .data = mls_view_text("custom") }
    };
    const mls_commit_options_t options = { .proposals = proposals, .num_proposals = 7, .now = TEST_NOW };
    mls_status_t status = mls_group_commit(test_group(s->room, 0), &s->pending, &options);
    assert_int_equal(status != MLS_OK, s->pending == NULL);
    return status;
}

void scene_prepare_group_info(scene_t *s)
{
    scene_prepare_commit(s);
    assert_ok(scene_commit(s));
}

mls_status_t scene_make_group_info(scene_t *s)
{
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    return mls_pending_commit_group_info(s->pending, &options);
}

void scene_prepare_welcome(scene_t *s)
{
    scene_prepare_group_info(s);
    assert_ok(scene_make_group_info(s));
}

/* ---- running ------------------------------------------------------------------------------------- */

static void clear_scene(scene_t *s)
{
    mls_received_free(s->received);
    mls_welcome_free(s->welcome);
    test_room_free(s->room);
    mls_key_package_free(s->key_package);
    mls_key_package_free(s->own);
    memory_store_clear(&s->memory);
}

/* Runs the operation with each thing failing that it calls, until it gets through. Returns how many. */
static long run(const operation_t *operation, scene_t *s)
{
    memory_store_t before = { 0 }, after = { 0 };
    mls_status_t status;
    long n = 0;

    if (operation->prepare != NULL)
        operation->prepare(s);
    if (operation->member >= 0)
        test_dump(test_group(s->room, (size_t)operation->member), &before);
    s->t->crypto->config.random = failing_random;
    for (bool failed = true; failed;) {
        failing_set(++n);
        status = operation->run(s);
        failed = failing_has_failed();
        if (failed != (status != MLS_OK))
            fail_msg("%s: status %d, and call %ld %s", operation->name, status, n,
                     failed ? "has failed" : "was not made");
        if (!failed)
            break;
        if (status != MLS_ERR_NOMEM && status != MLS_ERR_CRYPTO)
            fail_msg("%s: status %d when call %ld failed", operation->name, status, n);
        if (operation->member < 0)
            continue;
        test_dump(test_group(s->room, (size_t)operation->member), &after);
        if (!memory_store_equal(&before, &after))
            fail_msg("%s: the state has changed when call %ld failed", operation->name, n);
        memory_store_clear(&after);
    }
    memory_store_clear(&before);
    return n - 1;
}

void scene_run_all(test_context_t *t, const operation_t *operations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        scene_t s = { .t = t };
        s.room = make_room(s.t);
        const long num_failures = run(&operations[i], &s);
        print_message("%-38s %4ld failures\n", operations[i].name, num_failures);
        assert_true(num_failures > 0);
        clear_scene(&s);
    }
}
