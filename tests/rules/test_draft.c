/* Components and SelfRemove (draft-ietf-mls-extensions). */
#include "app_data.h"
#include "bytes.h"
#include "forge.h"

enum { TOPIC = 0x8001, SCORE = 0x8002 };

/* Takes what does not begin with "!". */
static mls_status_t take_update(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    (void)arg;
    for (size_t i = 0; i < change->num_updates; i++)
        if (change->updates[i].len > 0 && change->updates[i].data[0] == '!')
            return MLS_ERR_REJECTED;
    return change->is_removal ? MLS_OK : mls_bytes_copy(new_data, change->updates[change->num_updates - 1]);
}

static mls_status_t take_ephemeral(void *arg, uint16_t component_id, mls_view_t data)
{
    (void)arg;
    return component_id == TOPIC && data.len > 0 ? MLS_OK : MLS_ERR_REJECTED;
}

static test_room_t *component_room(test_context_t *t)
{
    static uint16_t proposals[] = { MLS_PROPOSAL_APP_DATA_UPDATE, MLS_PROPOSAL_APP_EPHEMERAL,
                                    MLS_PROPOSAL_SELF_REMOVE };
    static uint16_t extensions[] = { MLS_EXTENSION_APP_DATA_DICTIONARY };
    const mls_group_config_t config = {
        .keep_handshake_keys = true, .components = { .update = take_update, .ephemeral = take_ephemeral }
    };
    t->capabilities.proposals = (mls_u16_list_t){ proposals, 3 };
    t->capabilities.extensions = (mls_u16_list_t){ extensions, 1 };
    return test_room(t, 3, &config);
}

static mls_proposal_t forge_update_of(uint16_t component_id, const char *text)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                             .component_id = component_id,
                             .op = MLS_APP_DATA_OP_UPDATE,
                             .data = mls_view_text(text) };
}

static mls_proposal_t forge_removal_of(uint16_t component_id)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                             .component_id = component_id,
                             .op = MLS_APP_DATA_OP_REMOVE };
}

static void refuse(test_room_t *room, const mls_proposal_t *proposals, size_t count, const char *rule,
                   mls_status_t status)
{
    assert_message_breaks(room, rule, status, forge_commit_with(room, proposals, count));
}

/* A Commit of this update is made by libmls, and taken. */
static void set_topic(test_room_t *room, const char *text)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                       .component_id = TOPIC,
                                       .data = mls_view_text(text) };
    mls_view_t data;
    test_deliver(room, 0, test_commit(room, FORGER, &spec, 1, NULL));
    test_assert_agreed(room);
    assert_ok(mls_app_data_find(&data, mls_group_extensions(test_group(room, VICTIM)), TOPIC));
    assert_view_equal(data, mls_view_text(text));
}

static void rule_A1__update_that_its_component_does_not_take_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    const mls_proposal_t bad = forge_update_of(TOPIC, "!");
    const mls_proposal_t ephemeral = { .type = MLS_PROPOSAL_APP_EPHEMERAL,
                                       .component_id = SCORE,
                                       .data = mls_view_text("x") };
    refuse(room, &bad, 1, "A1", MLS_ERR_REJECTED);
    refuse(room, &ephemeral, 1, "A1", MLS_ERR_REJECTED);
    assert_message_breaks(room, "A1", MLS_ERR_REJECTED, forge_proposal(room, &ephemeral));
    set_topic(room, "tea");
    test_room_free(room);
}

static void rule_A2__component_that_is_updated_and_removed_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    const mls_proposal_t both[] = { forge_update_of(TOPIC, "x"), forge_update_of(SCORE, "1"),
                                    forge_removal_of(TOPIC) };
    const mls_proposal_t twice[] = { forge_removal_of(TOPIC), forge_removal_of(TOPIC) };
    set_topic(room, "tea");
    refuse(room, both, 3, "A2", MLS_ERR_INVALID);
    refuse(room, twice, 2, "A2", MLS_ERR_INVALID);
    set_topic(room, "coffee");
    test_room_free(room);
}

static void rule_A3__removal_of_what_is_not_there_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    const mls_proposal_t removal = forge_removal_of(TOPIC);
    refuse(room, &removal, 1, "A3", MLS_ERR_INVALID);
    set_topic(room, "tea");
    const mls_proposal_t other = forge_removal_of(SCORE);
    refuse(room, &other, 1, "A3", MLS_ERR_INVALID);
    test_room_free(room);
}

static mls_proposal_t forge_dictionary(test_context_t *t, const char *hex)
{
    const mls_extension_t item = { MLS_EXTENSION_APP_DATA_DICTIONARY, test_hex(t, hex) };
    mls_extension_t *items = test_alloc(t, sizeof item);
    *items = item;
    const mls_extensions_t list = { items, 1 };
    return forge_extensions(t, &list);
}

static void rule_A4__dictionary_out_of_order_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    static const char *const bad[] = { "06 8002 00 8001 00", "06 8001 00 8001 00" };
    for (size_t i = 0; i < 2; i++) {
        const mls_proposal_t proposal = forge_dictionary(*state, bad[i]);
        assert_message_breaks(room, "A4", MLS_ERR_INVALID, forge_proposal(room, &proposal));
        refuse(room, &proposal, 1, "A4", MLS_ERR_INVALID);
    }
    const mls_proposal_t good = forge_dictionary(*state, "06 8001 00 8002 00");
    assert_taken(room, forge_proposal(room, &good));
    test_room_free(room);
}

static void rule_A5__dictionary_that_changes_otherwise_is_refused(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = component_room(t);
    uint16_t type = MLS_PROPOSAL_APP_DATA_UPDATE;
    const mls_required_capabilities_t required = { .proposals = { &type, 1 } };
    mls_bytes_t data = { 0 };
    assert_ok(mls_required_capabilities_encode(&data, &required));
    mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t require = test_extensions(&list);
    test_deliver(room, 0, test_commit(room, FORGER, &require, 1, NULL));
    const mls_proposal_t sneaked = forge_dictionary(t, "06 8001 03 746561");
    assert_message_breaks(room, "A5", MLS_ERR_INVALID, forge_proposal(room, &sneaked));
    refuse(room, &sneaked, 1, "A5", MLS_ERR_INVALID);
    set_topic(room, "tea");
    const mls_proposal_t dropped = forge_extensions(t, &list);
    refuse(room, &dropped, 1, "A5", MLS_ERR_INVALID);
    test_room_free(room);
}

static void rule_R2__self_remove_in_a_private_message_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    const mls_proposal_t self_remove = { .type = MLS_PROPOSAL_SELF_REMOVE };
    assert_message_breaks(room, "R2", MLS_ERR_INVALID, forge_proposal(room, &self_remove));
    test_room_free(room);
}

static void rule_Q3_R1__committer_that_goes_by_itself_is_refused(void **state)
{
    test_room_t *room = component_room(*state);
    const mls_proposal_t self_remove = { .type = MLS_PROPOSAL_SELF_REMOVE };
    refuse(room, &self_remove, 1, "Q3", MLS_ERR_INVALID);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_A1__update_that_its_component_does_not_take_is_refused),
        TEST(rule_A2__component_that_is_updated_and_removed_is_refused),
        TEST(rule_A3__removal_of_what_is_not_there_is_refused),
        TEST(rule_A4__dictionary_out_of_order_is_refused),
        TEST(rule_A5__dictionary_that_changes_otherwise_is_refused),
        TEST(rule_R2__self_remove_in_a_private_message_is_refused),
        TEST(rule_Q3_R1__committer_that_goes_by_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
