#include "group_support.h"

mls_key_package_t *test_own_key_package(test_context_t *t)
{
    return test_key_package_of(t, "member", t->suite->id);
}

mls_key_package_t *test_key_package_of(test_context_t *t, const char *identity, uint16_t cipher_suite)
{
    static uint16_t types[] = { TEST_OWN_TYPE };
    const mls_capabilities_t usual = { .extensions = { types, 1 }, .proposals = { types, 1 } };
    const bool is_usual = t->capabilities.extensions.count + t->capabilities.proposals.count == 0;
    const mls_key_package_params_t params = { .cipher_suite = cipher_suite,
                                              .identity = mls_view_text(identity),
                                              .capabilities = is_usual ? usual : t->capabilities,
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER,
                                              .grease = true };
    mls_key_package_t *key_package;
    assert_ok(mls_key_package_new(&key_package, t->crypto, &params));
    return key_package;
}

/* ---- rooms --------------------------------------------------------------------------------------- */

test_room_t *test_room(test_context_t *t, size_t count, const mls_group_config_t *config)
{
    test_room_t *room = test_alloc(t, sizeof *room);
    mls_key_package_t *key_package = test_own_key_package(t);
    room->t = t;
    room->config = config != NULL ? *config : (mls_group_config_t){ .keep_handshake_keys = true };
    assert_ok(mls_group_create(&room->members[0].group, t->crypto, &room->config, key_package,
                               mls_view_text("a room"), NULL));
    mls_key_package_free(key_package);
    room->count = 1;
    while (room->count < count)
        test_add_member(room, 0, true);
    return room;
}

void test_room_free(test_room_t *room)
{
    for (size_t i = 0; i < TEST_MAX_MEMBERS; i++) {
        mls_group_free(room->members[i].group);
        room->members[i].group = NULL;
        memory_store_clear(&room->members[i].memory);
    }
}

mls_group_t *test_group(test_room_t *room, size_t member)
{
    return room->members[member].group;
}

void test_assert_agreed(test_room_t *room)
{
    const mls_group_t *first = NULL;
    for (size_t i = 0; i < room->count; i++) {
        const mls_group_t *group = room->members[i].group;
        if (group == NULL || mls_group_is_removed(group))
            continue;
        first = first == NULL ? group : first;
        assert_int_equal(mls_group_epoch(group), mls_group_epoch(first));
        assert_view_equal(mls_group_epoch_authenticator(group), mls_group_epoch_authenticator(first));
    }
}

/* ---- sending ------------------------------------------------------------------------------------- */

mls_proposal_spec_t test_add(const mls_key_package_t *key_package)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                  .key_package = mls_key_package_message(key_package) };
}

mls_proposal_spec_t test_remove(uint32_t leaf)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REMOVE, .removed = leaf };
}

mls_proposal_spec_t test_extensions(const mls_extensions_t *extensions)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, .extensions = extensions };
}

static mls_view_t keep_view(test_context_t *t, mls_view_t view)
{
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, view));
    return test_keep(t, &copy);
}

static void make_welcome(test_room_t *room, mls_pending_commit_t *pending)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t welcome = { 0 };
    size_t num_added;
    assert_ok(mls_pending_commit_num_added(pending, &num_added));
    if (num_added == 0)
        return;
    assert_ok(mls_pending_commit_group_info(pending, &with_tree));
    assert_ok(mls_pending_commit_welcome(pending, &welcome, NULL, 0));
    room->welcome = test_keep(room->t, &welcome);
}

mls_view_t test_commit(test_room_t *room, size_t committer, const mls_proposal_spec_t *proposals,
                       size_t count, mls_pending_commit_t **pending)
{
    const mls_commit_options_t options = { .proposals = proposals,
                                           .num_proposals = count,
                                           .now = TEST_NOW,
                                           .handshake = { .authenticated_data =
                                                              mls_view_text("said aloud") } };
    mls_pending_commit_t *made;
    assert_ok(mls_group_commit(test_group(room, committer), &made, &options));
    make_welcome(room, made);
    if (pending != NULL)
        *pending = made;
    return keep_view(room->t, mls_pending_commit_message(made));
}

mls_view_t test_update(test_room_t *room, size_t committer)
{
    return test_commit(room, committer, NULL, 0, NULL);
}

mls_view_t test_encrypt(test_room_t *room, size_t sender, const char *text)
{
    mls_bytes_t message = { 0 };
    assert_ok(mls_group_encrypt(test_group(room, sender), &message, mls_view_text(text), mls_view_text("aad"),
                                true));
    return test_keep(room->t, &message);
}

mls_view_t test_propose(test_room_t *room, size_t sender, const mls_proposal_spec_t *proposal)
{
    mls_bytes_t message = { 0 };
    assert_ok(mls_group_propose(test_group(room, sender), &message, proposal, NULL));
    return test_keep(room->t, &message);
}

/* ---- receiving ----------------------------------------------------------------------------------- */

mls_status_t test_receive(test_room_t *room, size_t member, mls_view_t message, mls_received_t **received)
{
    mls_received_t *result;
    mls_status_t status = mls_group_receive(test_group(room, member), &result, message, TEST_NOW);
    if (received != NULL)
        *received = result;
    else
        mls_received_free(result);
    return status;
}

void test_merge(test_room_t *room, size_t member, mls_view_t commit, bool keep_previous)
{
    mls_received_t *received;
    assert_ok(test_receive(room, member, commit, &received));
    assert_true(mls_staged_commit_is_readable(mls_received_commit(received)));
    assert_ok(mls_group_merge(test_group(room, member), received, keep_previous, TEST_NOW));
    mls_received_free(received);
}

void test_deliver(test_room_t *room, size_t first, mls_view_t commit)
{
    for (size_t i = first; i < room->count; i++)
        if (room->members[i].group != NULL && !mls_group_is_removed(room->members[i].group))
            test_merge(room, i, commit, false);
}

void test_join(test_room_t *room, const mls_key_package_t *key_package)
{
    mls_welcome_t *welcome;
    assert_ok(mls_welcome_open(&welcome, room->t->crypto, &room->config, key_package, room->welcome));
    assert_ok(mls_group_join(&room->members[room->count].group, NULL, room->t->crypto, &room->config, welcome,
                             mls_view(NULL, 0)));
    mls_welcome_free(welcome);
    room->count++;
}

void test_add_member(test_room_t *room, size_t committer, bool with_path)
{
    mls_key_package_t *key_package = test_own_key_package(room->t);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = {
        .proposals = &add, .num_proposals = 1, .force_path = with_path, .now = TEST_NOW
    };
    mls_pending_commit_t *pending;
    assert_ok(mls_group_commit(test_group(room, committer), &pending, &options));
    make_welcome(room, pending);
    test_deliver(room, 0, keep_view(room->t, mls_pending_commit_message(pending)));
    test_join(room, key_package);
    mls_key_package_free(key_package);
    test_assert_agreed(room);
}

/* ---- state --------------------------------------------------------------------------------------- */

void test_dump(const mls_group_t *group, memory_store_t *out)
{
    const mls_store_t store = memory_store(out);
    assert_ok(mls_group_save_all(group, &store));
}

void test_assert_unchanged(const mls_group_t *group, memory_store_t *before)
{
    memory_store_t after = { 0 };
    test_dump(group, &after);
    assert_true(memory_store_equal(before, &after));
    memory_store_clear(&after);
    memory_store_clear(before);
}

void test_restart(test_room_t *room, size_t member)
{
    test_member_t *m = &room->members[member];
    const mls_store_t store = memory_store(&m->memory);
    memory_store_t before = { 0 };
    assert_ok(mls_group_save(m->group, &store));
    test_dump(m->group, &before);
    assert_true(memory_store_equal(&before, &m->memory)); /* writing what has changed is writing all */
    const mls_view_t group_id = keep_view(room->t, mls_group_id(m->group));
    mls_group_free(m->group);
    assert_ok(mls_group_load(&m->group, room->t->crypto, &room->config, &store, group_id));
    test_assert_unchanged(m->group, &before);
}
