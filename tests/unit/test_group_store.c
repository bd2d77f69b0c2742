/* Saving and loading groups. */
#include "bytes.h"
#include "group_rows.h"
#include "group_support.h"

static void save__writes_what_has_changed_only(void **state)
{
    test_room_t *room = test_room(*state, 33, NULL);
    memory_store_t *memory = &room->members[3].memory;
    const mls_store_t store = memory_store(memory);

    assert_ok(mls_group_save(test_group(room, 3), &store));
    memory->num_puts = 0;
    assert_ok(mls_group_save(test_group(room, 3), &store));
    assert_int_equal(memory->num_puts, 0);
    test_deliver(room, 0, test_update(room, 0));
    assert_ok(mls_group_save(test_group(room, 3), &store));
    assert_in_range(memory->num_puts, 1, 64);
    test_restart(room, 3); /* and that it is all there, this looks at */
    test_room_free(room);
}

static void failed_save__is_made_up_for_by_the_next(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    memory_store_t *memory = &room->members[1].memory;
    const mls_store_t store = memory_store(memory);
    assert_ok(mls_group_save(test_group(room, 1), &store));
    test_deliver(room, 0, test_update(room, 0));
    for (int n = 1; n < 200; n++) {
        memory_store_t before = { 0 };
        const mls_store_t copy = memory_store(&before);
        assert_ok(copy.begin(copy.arg));
        for (size_t i = 0; i < memory->count; i++)
            assert_ok(copy.put(copy.arg, mls_bytes_view(&memory->entries[i].key),
                               mls_bytes_view(&memory->entries[i].value)));
        assert_ok(copy.commit(copy.arg));
        memory->fails_after = n;
        mls_status_t status = mls_group_save(test_group(room, 1), &store);
        if (status == MLS_ERR_STORE)
            assert_true(memory_store_equal(&before, memory));
        memory_store_clear(&before);
        if (status == MLS_OK)
            break;
        assert_status(status, MLS_ERR_STORE);
    }
    memory->fails_after = 0;
    test_restart(room, 1);
    test_room_free(room);
}

static void load__of_an_unknown_group_finds_nothing(void **state)
{
    test_room_t *room = test_room(*state, 1, NULL);
    const mls_store_t store = memory_store(&room->members[0].memory);
    mls_group_t *group;
    assert_status(mls_group_load(&group, room->t->crypto, NULL, &store, mls_view_text("nowhere")),
                  MLS_ERR_NOT_FOUND);
    assert_null(group);
    test_room_free(room);
}

static void erase__leaves_nothing(void **state)
{
    test_room_t *room = test_room(*state, 5, NULL);
    const mls_store_t store = memory_store(&room->members[2].memory);
    assert_ok(mls_group_save(test_group(room, 2), &store));
    assert_ok(mls_group_erase(&store, mls_view_text("a room")));
    assert_int_equal(room->members[2].memory.count, 0);
    test_room_free(room);
}

/* All keys of libmls begin with 'g', as store.h promises. */
static void entries_of_the_host__are_left_alone(void **state)
{
    test_room_t *room = test_room(*state, 5, NULL);
    memory_store_t *memory = &room->members[2].memory;
    const mls_store_t store = memory_store(memory);
    mls_group_t *loaded;
    assert_ok(store.put(store.arg, mls_view_text("f"), mls_view_text("before")));
    assert_ok(store.put(store.arg, mls_view_text("h"), mls_view_text("after")));
    assert_ok(mls_group_save(test_group(room, 2), &store));
    test_deliver(room, 0, test_update(room, 0));
    assert_ok(mls_group_save(test_group(room, 2), &store));
    assert_ok(mls_group_load(&loaded, room->t->crypto, &room->config, &store, mls_view_text("a room")));
    mls_group_free(loaded);
    for (size_t i = 1; i + 1 < memory->count; i++)
        assert_int_equal(memory->entries[i].key.data[0], 'g');
    assert_ok(mls_group_erase(&store, mls_view_text("a room")));
    assert_int_equal(memory->count, 2);
    assert_view_equal(mls_bytes_view(&memory->entries[0].value), mls_view_text("before"));
    assert_view_equal(mls_bytes_view(&memory->entries[1].value), mls_view_text("after"));
    test_room_free(room);
}

/* Removed and added again, without mls_group_erase() between: nothing of the former life is in the way. */
static void group_joined_again__is_stored_over_the_former_one(void **state)
{
    test_room_t *room = test_room(*state, 6, NULL);
    memory_store_t *memory = &room->members[5].memory;
    const mls_store_t store = memory_store(memory);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    mls_group_t *loaded;
    assert_ok(mls_group_save(test_group(room, 5), &store));
    for (uint32_t leaf = 5; leaf > 0; leaf--) {
        const mls_proposal_spec_t remove = test_remove(leaf);
        test_deliver(room, 0, test_commit(room, 0, &remove, 1, NULL));
    }
    assert_ok(mls_group_save(test_group(room, 5), &store));
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL));
    test_join(room, key_package);
    assert_ok(mls_group_save(test_group(room, 6), &store));
    assert_ok(mls_group_load(&loaded, room->t->crypto, &room->config, &store, mls_view_text("a room")));
    assert_int_equal(mls_group_num_members(loaded), 2);
    mls_group_free(loaded);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* Takes what version 3 has added off the entries of epochs. */
static void downgrade_epochs(memory_store_t *memory, const mls_group_t *group)
{
    for (size_t i = 0; i < memory->count; i++) {
        memory_entry_t *entry = &memory->entries[i];
        if (entry->key.data[33] != 'e')
            continue;
        const uint64_t number = entry->key.data[entry->key.len - 1];
        const mls_past_epoch_t *past = mls_group_past(group, number);
        const mls_epoch_t *epoch = past == NULL ? group->epoch : past->epoch;
        const size_t origin_len = 1 + 1 + 8 + 1, reinit_len = 1, node_len = 1 + 2 + 1 + 32;
        assert_int_equal(epoch->context.epoch, number);
        entry->value.len -= origin_len + reinit_len + 1 + epoch->exporter_tree.count * node_len;
    }
}

/* And off those of what is pending; the only entries of that kind. */
static size_t downgrade_lists(memory_store_t *memory)
{
    size_t count = 0;
    for (size_t i = 0; i < memory->count; i++) {
        memory_entry_t *entry = &memory->entries[i];
        mls_lists_row_t row;
        mls_arena_t arena = { 0 };
        mls_bytes_t value = { 0 };
        if (entry->key.data[33] != 'l')
            continue;
        assert_ok(mls_decode(&row, sizeof row, mls_codec_lists_row, mls_bytes_view(&entry->value), &arena));
        assert_ok(mls_encode(&value, mls_codec_lists_row_2, &row));
        mls_bytes_move(&entry->value, &value);
        mls_arena_clear(&arena);
        count++;
    }
    return count;
}

static void store_of_version_2__is_read_and_written_anew(void **state)
{
    if (test_suite()->hash->len != 32)
        skip(); /* downgrade_epochs() knows that length only */
    test_room_t *room = test_room(*state, 3, NULL);
    memory_store_t *memory = &room->members[1].memory;
    const mls_store_t store = memory_store(memory);
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE };
    mls_bytes_t secret;
    (void)test_propose(room, 1, &update);
    test_merge(room, 1, test_update(room, 0), true);
    const mls_view_t commit = test_update(room, 1);
    assert_ok(mls_group_save(test_group(room, 1), &store));
    downgrade_epochs(memory, test_group(room, 1));
    assert_int_equal(downgrade_lists(memory), 2);
    memory->entries[0].value.data[1] = 2;

    for (int i = 0; i < 3; i++) { /* what is read is written whole, and that is read again */
        mls_group_free(room->members[1].group);
        assert_ok(mls_group_load(&room->members[1].group, room->t->crypto, &room->config, &store,
                                 mls_view_text("a room")));
        assert_int_equal(mls_group_epoch(test_group(room, 1)), 3);
        (void)test_encrypt(room, 1, "changes one entry");
        assert_ok(mls_group_save(test_group(room, 1), &store));
    }
    assert_status(mls_group_safe_export(test_group(room, 1), &secret, 0x8001), MLS_ERR_STATE);
    test_merge(room, 1, commit, false);
    test_room_free(room);
}

/* In version 1 it was not said which epoch used generations are of: they are there until that is settled. */
static void store_of_version_1__is_read(void **state)
{
    if (test_suite()->hash->len != 32)
        skip(); /* when that version was written there was no other */
    test_room_t *room = test_room(*state, 3, NULL);
    memory_store_t *memory = &room->members[1].memory;
    const mls_store_t store = memory_store(memory);
    const mls_view_t commit = test_update(room, 0);
    mls_bytes_t row = { 0 };
    test_merge(room, 1, commit, true);
    (void)test_encrypt(room, 1, "uses generation 0");
    assert_ok(mls_group_go_back(test_group(room, 1), 2));
    assert_ok(mls_group_save(test_group(room, 1), &store));

    mls_bytes_t *value = &memory->entries[0].value; /* the group's entry */
    const size_t used_len = 1 + 32 + 8, vector_at = value->len - 1 - 8 - used_len;
    assert_int_equal(value->data[1], 3);
    assert_int_equal(value->data[vector_at], 8 + used_len);
    assert_ok(mls_bytes_alloc(&row, value->len - 8));
    memcpy(row.data, value->data, vector_at);
    row.data[1] = 1;
    row.data[vector_at] = (uint8_t)used_len;
    memcpy(row.data + vector_at + 1, value->data + vector_at + 1 + 8, used_len);
    mls_bytes_clear(value);
    *value = row;
    downgrade_epochs(memory, test_group(room, 1));

    mls_group_free(room->members[1].group);
    assert_ok(mls_group_load(&room->members[1].group, room->t->crypto, &room->config, &store,
                             mls_view_text("a room")));
    test_merge(room, 1, commit, true);
    assert_int_equal(test_group(room, 1)->epoch->sent[MLS_RATCHET_APPLICATION], 1);
    test_room_free(room);
}

/* Damage makes loading fail, or the group comes up as something; it never does worse. */
static void damaged_store__fails_to_load(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 4, NULL);
    memory_store_t *memory = &room->members[1].memory;
    const mls_store_t store = memory_store(memory);
    test_merge(room, 1, test_update(room, 0), true);
    (void)test_update(room, 1);
    assert_ok(mls_group_save(test_group(room, 1), &store));
    for (int round = 0; round < 3000; round++) {
        memory_entry_t *entry = &memory->entries[test_random(t, (uint32_t)memory->count)];
        const size_t len = entry->value.len;
        const bool cut = test_random(t, 2) == 0;
        const uint32_t bit = test_random(t, (uint32_t)(8 * len));
        mls_group_t *group;
        if (cut)
            entry->value.len = test_random(t, (uint32_t)len);
        else
            entry->value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        mls_status_t status = mls_group_load(&group, t->crypto, NULL, &store, mls_view_text("a room"));
        assert_true(status == MLS_OK || status == MLS_ERR_STORE || status == MLS_ERR_NOT_FOUND);
        mls_group_free(group);
        if (cut)
            entry->value.len = len;
        else
            entry->value.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    test_room_free(room);
}

static void missing_entry__fails_to_load_or_is_needless(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 5, NULL);
    memory_store_t *memory = &room->members[1].memory;
    const mls_store_t store = memory_store(memory);
    assert_ok(mls_group_save(test_group(room, 1), &store));
    for (size_t i = 0; i < memory->count; i++) {
        const memory_entry_t entry = memory->entries[i];
        mls_group_t *group;
        memmove(memory->entries + i, memory->entries + i + 1, (memory->count - i - 1) * sizeof entry);
        memory->count--;
        mls_status_t status = mls_group_load(&group, t->crypto, NULL, &store, mls_view_text("a room"));
        assert_true(status == MLS_OK || status == MLS_ERR_STORE || status == MLS_ERR_NOT_FOUND);
        mls_group_free(group);
        memmove(memory->entries + i + 1, memory->entries + i, (memory->count - i) * sizeof entry);
        memory->entries[i] = entry;
        memory->count++;
    }
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(save__writes_what_has_changed_only),
        TEST(failed_save__is_made_up_for_by_the_next),
        TEST(load__of_an_unknown_group_finds_nothing),
        TEST(erase__leaves_nothing),
        TEST(entries_of_the_host__are_left_alone),
        TEST(group_joined_again__is_stored_over_the_former_one),
        TEST(store_of_version_2__is_read_and_written_anew),
        TEST(store_of_version_1__is_read),
        TEST(damaged_store__fails_to_load),
        TEST(missing_entry__fails_to_load_or_is_needless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
