/* Components, their dictionary and their proposals (draft-ietf-mls-extensions); custom proposals. */
#include "app_data.h"
#include "group_support.h"

enum { TOPIC = 0x8001, SCORE = 0x8002, SECRET = 0x8003 };

/* ---- the dictionary ------------------------------------------------------------------------------ */

static mls_view_t dictionary(test_context_t *t, const mls_component_data_t *entries, size_t count)
{
    mls_bytes_t data = { 0 }, encoded = { 0 };
    assert_ok(mls_app_data_encode(&data, entries, count));
    mls_extension_t item = { MLS_EXTENSION_APP_DATA_DICTIONARY, mls_bytes_view(&data) };
    const mls_extensions_t list = { &item, 1 };
    assert_ok(mls_extensions_encode(&encoded, &list));
    mls_bytes_clear(&data);
    return test_keep(t, &encoded);
}

static void app_data__is_found_by_component(void **state)
{
    const mls_component_data_t entries[] = { { TOPIC, mls_view_text("tea") }, { SCORE, mls_view_text("7") } };
    const mls_view_t extensions = dictionary(*state, entries, 2);
    mls_view_t data;
    assert_ok(mls_app_data_find(&data, extensions, SCORE));
    assert_view_equal(data, mls_view_text("7"));
    assert_status(mls_app_data_find(&data, extensions, SECRET), MLS_ERR_NOT_FOUND);
    assert_status(mls_app_data_find(&data, mls_view(NULL, 0), SCORE), MLS_ERR_NOT_FOUND);
}

static void rule_A4__dictionary_is_sorted(void **state)
{
    test_context_t *t = *state;
    const mls_component_data_t descending[] = { { SCORE, { 0 } }, { TOPIC, { 0 } } };
    mls_app_data_dictionary_t read;
    mls_arena_t arena = { 0 };
    mls_bytes_t out;
    assert_status(mls_app_data_encode(&out, descending, 2), MLS_ERR_ARGUMENT);
    assert_status(mls_app_data_read(&read, &arena, t->crypto, test_hex(t, "0006 07 06 8002 00 8001 00")),
                  MLS_ERR_INVALID);
    assert_rule(t, "A4", MLS_ERR_INVALID);
    assert_status(mls_app_data_read(&read, &arena, t->crypto, test_hex(t, "0006 07 06 8001 00 8001 00")),
                  MLS_ERR_INVALID);
    assert_rule(t, "A4", MLS_ERR_INVALID);
    assert_ok(mls_app_data_read(&read, &arena, t->crypto, test_hex(t, "0006 07 06 8001 00 8002 00")));
    mls_arena_clear(&arena);
}

static void app_data__is_put_in_its_place(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t extensions = { 0 };
    assert_ok(mls_bytes_copy(&extensions, test_hex(t, "f001 00")));
    assert_ok(mls_app_data_put(&extensions, SCORE, mls_view_text("7")));
    assert_ok(mls_app_data_put(&extensions, SECRET, mls_view_text("s")));
    assert_ok(mls_app_data_put(&extensions, TOPIC, mls_view_text("tea")));
    assert_ok(mls_app_data_put(&extensions, SCORE, mls_view_text("8")));
    assert_view_hex(t, mls_bytes_view(&extensions), "f00100 0006 0f 0e 8001 03746561 8002 0138 8003 0173");
    mls_bytes_clear(&extensions);
}

/* ---- in a group ---------------------------------------------------------------------------------- */

/* Appends each update to the data; takes no data that begin with "!". */
static mls_status_t append_updates(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    char text[200];
    size_t len = change->data.len;
    (void)arg;
    if (change->component_id == SECRET)
        return MLS_ERR_REJECTED; /* not known here */
    if (len > 0)
        memcpy(text, change->data.data, len);
    for (size_t i = 0; i < change->num_updates; i++) {
        const mls_view_t update = change->updates[i];
        if (update.len > 0 && update.data[0] == '!')
            return MLS_ERR_REJECTED;
        assert_true(len + update.len < sizeof text);
        memcpy(text + len, update.data, update.len);
        len += update.len;
    }
    return change->is_removal ? MLS_OK : mls_bytes_copy(new_data, mls_view(text, len));
}

static mls_status_t judge_ephemeral(void *arg, uint16_t component_id, mls_view_t data)
{
    (void)arg;
    return component_id == TOPIC && data.len > 0 ? MLS_OK : MLS_ERR_REJECTED;
}

/* A component that is short of words for its refusal. */
static mls_status_t find_nothing(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    (void)arg;
    (void)new_data;
    (void)change;
    return MLS_ERR_NOT_FOUND;
}

static test_room_t *component_room(test_context_t *t, size_t count)
{
    static uint16_t proposals[] = { MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_APP_EPHEMERAL };
    static uint16_t extensions[] = { MLS_EXTENSION_APP_DATA_DICTIONARY };
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .components = { .update = append_updates, .ephemeral = judge_ephemeral }
    };
    t->capabilities.proposals = (mls_u16_list_t){ proposals, 2 };
    t->capabilities.extensions = (mls_u16_list_t){ extensions, 1 };
    return test_room(t, count, &config);
}

static mls_proposal_spec_t update(uint16_t component_id, const char *text)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                  .component_id = component_id,
                                  .data = mls_view_text(text) };
}

static mls_proposal_spec_t removal(uint16_t component_id)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                  .component_id = component_id,
                                  .is_removal = true };
}

static void assert_data(test_room_t *room, uint16_t component_id, const char *text)
{
    for (size_t i = 0; i < room->count; i++) {
        mls_view_t data;
        const mls_view_t extensions = mls_group_extensions(test_group(room, i));
        if (text == NULL) {
            assert_status(mls_app_data_find(&data, extensions, component_id), MLS_ERR_NOT_FOUND);
            continue;
        }
        assert_ok(mls_app_data_find(&data, extensions, component_id));
        assert_view_equal(data, mls_view_text(text));
    }
}

/* Nobody can tell before it is committed: it must not keep out what others have proposed. */
static void app_data_update_that_is_refused__is_left_out_alone(void **state)
{
    test_room_t *room = component_room(*state, 4);
    const mls_proposal_spec_t specs[] = { update(SECRET, "x"), update(TOPIC, "tea"), removal(SCORE),
                                          update(TOPIC, "!"), test_remove(3) };
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        const mls_view_t proposal = test_propose(room, 2, &specs[i]);
        for (size_t j = 0; j < 4; j++)
            if (j != 2)
                assert_ok(test_receive(room, j, proposal, NULL));
    }
    test_deliver(room, 0, test_update(room, 0));
    test_assert_agreed(room);
    assert_true(mls_group_is_removed(test_group(room, 3)));
    mls_view_t data;
    assert_ok(mls_app_data_find(&data, mls_group_extensions(test_group(room, 1)), TOPIC));
    assert_view_equal(data, mls_view_text("tea"));
    test_room_free(room);
}

static void app_data_update__may_be_refused_with_any_status(void **state)
{
    test_room_t *room = component_room(*state, 3);
    const mls_proposal_spec_t spec = update(TOPIC, "tea");
    mls_pending_commit_t *pending;
    test_group(room, 0)->config.components.update = find_nothing;
    assert_ok(test_receive(room, 0, test_propose(room, 2, &spec), NULL));
    test_deliver(room, 0, test_commit(room, 0, NULL, 0, &pending));
    test_assert_agreed(room);
    test_room_free(room);
}

static void app_data_update__changes_the_dictionary_of_all(void **state)
{
    test_room_t *room = component_room(*state, 3);
    const mls_proposal_spec_t two[] = { update(SCORE, "7"), update(TOPIC, "te"), update(TOPIC, "a") };
    const mls_proposal_spec_t other[] = { removal(SCORE), update(TOPIC, "time") };
    mls_pending_commit_t *pending;
    const mls_view_t commit = test_commit(room, 0, two, 3, &pending);
    assert_false(pending->staged->commit.has_path); /* the type needs none */
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    assert_data(room, TOPIC, "tea");
    assert_data(room, SCORE, "7");
    const mls_view_t proposal = test_propose(room, 2, &other[1]);
    assert_ok(test_receive(room, 0, proposal, NULL));
    assert_ok(test_receive(room, 1, proposal, NULL));
    test_deliver(room, 0, test_commit(room, 1, other, 1, NULL));
    assert_data(room, TOPIC, "teatime");
    assert_data(room, SCORE, NULL);
    test_add_member(room, 2, true);
    assert_data(room, TOPIC, "teatime");
    test_restart(room, 1);
    test_room_free(room);
}

static void assert_not_committed(test_room_t *room, const mls_proposal_spec_t *proposals, size_t count,
                                 const char *rule, mls_status_t status)
{
    const mls_commit_options_t options = { .proposals = proposals, .num_proposals = count };
    mls_pending_commit_t *pending;
    assert_refused(room, 0, status, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(room->t, rule, status);
}

static void rule_A1__component_has_to_take_its_update(void **state)
{
    test_room_t *room = component_room(*state, 2);
    const mls_proposal_spec_t unknown = update(SECRET, "x"), bad = update(TOPIC, "!");
    const mls_proposal_spec_t ephemeral = { .type = MLS_PROPOSAL_APP_EPHEMERAL, .component_id = SCORE };
    const mls_proposal_spec_t good = update(TOPIC, "x");
    assert_not_committed(room, &unknown, 1, "A1", MLS_ERR_REJECTED);
    assert_not_committed(room, &bad, 1, "A1", MLS_ERR_REJECTED);
    assert_not_committed(room, &ephemeral, 1, "A1", MLS_ERR_REJECTED);
    const mls_view_t commit = test_commit(room, 0, &good, 1, NULL);
    test_group(room, 1)->config.components = (mls_components_t){ 0 };
    assert_refused(room, 1, MLS_ERR_REJECTED, test_receive(room, 1, commit, NULL));
    assert_rule(room->t, "A1", MLS_ERR_REJECTED);
    test_room_free(room);
}

static void rule_A2__component_is_not_updated_and_removed_at_once(void **state)
{
    test_room_t *room = component_room(*state, 2);
    const mls_proposal_spec_t first = update(TOPIC, "x");
    const mls_proposal_spec_t both[] = { update(TOPIC, "y"), update(SCORE, "1"), removal(TOPIC) };
    const mls_proposal_spec_t twice[] = { removal(TOPIC), removal(TOPIC) };
    test_deliver(room, 0, test_commit(room, 0, &first, 1, NULL));
    assert_not_committed(room, both, 3, "A2", MLS_ERR_INVALID);
    assert_not_committed(room, twice, 2, "A2", MLS_ERR_INVALID);
    test_room_free(room);
}

static void rule_A3__what_is_not_there_is_not_removed(void **state)
{
    test_room_t *room = component_room(*state, 2);
    const mls_proposal_spec_t remove = removal(TOPIC);
    assert_not_committed(room, &remove, 1, "A3", MLS_ERR_INVALID);
    test_room_free(room);
}

static void rule_A5__required_app_data_update_is_the_only_way(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = component_room(t, 3);
    uint16_t type = MLS_PROPOSAL_APP_DATA_UPDATE;
    const mls_required_capabilities_t required = { .proposals = { &type, 1 } };
    mls_bytes_t data = { 0 }, other = { 0 };
    const mls_component_data_t entry = { TOPIC, mls_view_text("sneaked in") };
    assert_ok(mls_required_capabilities_encode(&data, &required));
    assert_ok(mls_app_data_encode(&other, &entry, 1));
    mls_extension_t items[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&data) },
                                { MLS_EXTENSION_APP_DATA_DICTIONARY, mls_bytes_view(&other) } };
    const mls_extensions_t one = { items, 1 }, two = { items, 2 };
    const mls_proposal_spec_t require = test_extensions(&one), sneak = test_extensions(&two);
    const mls_proposal_spec_t good = update(TOPIC, "tea");
    test_deliver(room, 0, test_commit(room, 0, &require, 1, NULL));
    assert_not_committed(room, &sneak, 1, "A5", MLS_ERR_INVALID);
    test_deliver(room, 0, test_commit(room, 0, &good, 1, NULL));
    assert_not_committed(room, &require, 1, "A5", MLS_ERR_INVALID); /* it would take the dictionary out */
    assert_data(room, TOPIC, "tea");
    mls_bytes_clear(&data);
    mls_bytes_clear(&other);
    test_room_free(room);
}

/* ---- custom proposals ---------------------------------------------------------------------------- */

static mls_status_t judge_polite(void *arg, const mls_proposal_info_t *proposal)
{
    (void)arg;
    return mls_view_equal(proposal->data, mls_view_text("please")) ? MLS_OK : MLS_ERR_REJECTED;
}

static test_room_t *custom_room(test_context_t *t, size_t count)
{
    static const mls_custom_proposal_t custom = { .type = TEST_OWN_TYPE, .needs_path = true };
    const mls_group_config_t config = { .keep_handshake_keys = true,
                                        .custom_proposals = &custom,
                                        .num_custom_proposals = 1,
                                        .judge = judge_polite };
    return test_room(t, count, &config);
}

static mls_proposal_spec_t custom(const char *text)
{
    return (mls_proposal_spec_t){ .type = TEST_OWN_TYPE, .data = mls_view_text(text) };
}

static void custom_proposal__is_committed_by_value_and_by_reference(void **state)
{
    test_room_t *room = custom_room(*state, 3);
    const mls_proposal_spec_t please = custom("please");
    mls_pending_commit_t *pending;
    mls_proposal_info_t info;
    const mls_view_t proposal = test_propose(room, 1, &please);
    assert_ok(test_receive(room, 0, proposal, NULL));
    assert_ok(test_receive(room, 2, proposal, NULL));
    const mls_view_t commit = test_commit(room, 0, &please, 1, &pending);
    assert_true(pending->staged->commit.has_path);
    assert_int_equal(mls_staged_commit_num_proposals(pending->staged), 2);
    assert_ok(mls_staged_commit_proposal(pending->staged, &info, 1));
    assert_int_equal(info.sender, 1);
    assert_view_equal(info.data, mls_view_text("please"));
    test_deliver(room, 0, commit);
    test_assert_agreed(room);
    test_room_free(room);
}

static void rule_Q11__custom_proposal_is_known_judged_and_supported(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = custom_room(t, 3);
    const mls_proposal_spec_t rude = custom("now"), please = custom("please");
    mls_bytes_t message;
    assert_not_committed(room, &rude, 1, "Q11_JUDGED", MLS_ERR_REJECTED);
    const mls_view_t commit = test_commit(room, 0, &please, 1, NULL);
    test_group(room, 1)->config.num_custom_proposals = 0;
    assert_refused(room, 1, MLS_ERR_UNSUPPORTED, test_receive(room, 1, commit, NULL));
    assert_rule(t, "E6_PROPOSAL", MLS_ERR_UNSUPPORTED);
    assert_refused(room, 1, MLS_ERR_UNSUPPORTED,
                   mls_group_propose(test_group(room, 1), &message, &please, NULL));
    assert_rule(t, "E6_PROPOSAL", MLS_ERR_UNSUPPORTED);
    test_room_free(room);

    room = custom_room(t, 2);
    t->capabilities.proposals = (mls_u16_list_t){ (uint16_t[]){ 0xf00f }, 1 };
    test_add_member(room, 0, true); /* one that does not know the type */
    assert_not_committed(room, &please, 1, "Q11", MLS_ERR_INVALID);
    test_room_free(room);
}

/* ---- the safe exporter --------------------------------------------------------------------------- */

static void safe_export__gives_the_same_to_all_and_once(void **state)
{
    test_room_t *room = component_room(*state, 3);
    mls_bytes_t secrets[3], again;
    for (size_t i = 0; i < 3; i++) {
        assert_ok(mls_group_safe_export(test_group(room, i), &secrets[i], TOPIC));
        assert_view_equal(mls_bytes_view(&secrets[i]), mls_bytes_view(&secrets[0]));
    }
    test_restart(room, 1); /* what was taken stays taken */
    assert_refused(room, 1, MLS_ERR_STATE, mls_group_safe_export(test_group(room, 1), &again, TOPIC));
    assert_ok(mls_group_safe_export(test_group(room, 1), &again, SCORE));
    assert_view_not_equal(mls_bytes_view(&again), mls_bytes_view(&secrets[0]));
    mls_bytes_clear(&again);
    test_deliver(room, 0, test_update(room, 0));
    assert_ok(mls_group_safe_export(test_group(room, 1), &again, TOPIC));
    assert_view_not_equal(mls_bytes_view(&again), mls_bytes_view(&secrets[0]));
    mls_bytes_clear(&again);
    for (size_t i = 0; i < 3; i++)
        mls_bytes_clear(&secrets[i]);
    test_room_free(room);
}

/* ---- last-resort KeyPackages --------------------------------------------------------------------- */

static void last_resort__is_seen_by_others(void **state)
{
    test_context_t *t = *state;
    static uint16_t types[] = { MLS_EXTENSION_LAST_RESORT };
    mls_extension_t old_form = { MLS_EXTENSION_LAST_RESORT, mls_view(NULL, 0) };
    mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                        .identity = mls_view_text("member"),
                                        .not_before = TEST_NOT_BEFORE,
                                        .not_after = TEST_NOT_AFTER,
                                        .grease = true,
                                        .last_resort = true };
    mls_key_package_t *key_package;
    mls_key_package_info_t info;
    for (int form = 0; form < 3; form++) {
        params.last_resort = form == 0;
        params.extensions = (mls_extensions_t){ &old_form, form == 1 };
        params.capabilities.extensions = (mls_u16_list_t){ types, form == 1 };
        assert_ok(mls_key_package_new(&key_package, t->crypto, &params));
        assert_ok(
            mls_key_package_read(&info, t->crypto, mls_key_package_message(key_package), TEST_NOW, NULL));
        assert_int_equal(info.last_resort, form < 2);
        mls_key_package_free(key_package);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(app_data__is_found_by_component),
        TEST(rule_A4__dictionary_is_sorted),
        TEST(app_data__is_put_in_its_place),
        TEST(app_data_update__changes_the_dictionary_of_all),
        TEST(app_data_update_that_is_refused__is_left_out_alone),
        TEST(app_data_update__may_be_refused_with_any_status),
        TEST(rule_A1__component_has_to_take_its_update),
        TEST(rule_A2__component_is_not_updated_and_removed_at_once),
        TEST(rule_A3__what_is_not_there_is_not_removed),
        TEST(rule_A5__required_app_data_update_is_the_only_way),
        TEST(custom_proposal__is_committed_by_value_and_by_reference),
        TEST(rule_Q11__custom_proposal_is_known_judged_and_supported),
        TEST(safe_export__gives_the_same_to_all_and_once),
        TEST(last_resort__is_seen_by_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
