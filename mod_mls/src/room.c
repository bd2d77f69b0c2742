#include "room.h"
#include "jid.h"

#include <stdlib.h>

/* ---- from and to the database -------------------------------------------------------------------- */

void mod_mls_lookup_free(mod_mls_lookup_t *lookup)
{
    if (lookup == NULL)
        return;
    for (size_t i = 0; i < lookup->num_devices; i++) {
        mls_bytes_clear(&lookup->devices[i].key_package);
        mls_bytes_clear(&lookup->devices[i].index);
    }
    free(lookup->devices);
    free(lookup->account);
    free(lookup);
}

void mod_mls_room_reset_session(mod_mls_room_t *room)
{
    while (room->lookups != NULL) {
        mod_mls_lookup_t *lookup = room->lookups;
        room->lookups = lookup->next;
        mod_mls_lookup_free(lookup);
    }
    mod_mls_items_clear(&room->reader.page);
    mod_mls_items_clear(&room->live);
    mod_mls_tail_cut(room, room->num_tail);
    free(room->awaited);
    room->awaited = NULL;
    uint64_t number = room->reader.number;
    room->reader = (mod_mls_reader_t){ .number = number };
    room->step = MOD_MLS_STEP_OUTSIDE;
    room->retry_at = room->read_at = room->commit_at = room->commit_sent_at = room->retry_commit_at = 0;
    room->fill_at = room->fill_epoch = room->overdue_since = 0;
    room->num_looks = room->num_nicks = 0;
    room->sent_up_to = 0;
    room->num_locates = 0;
    room->is_synced = room->is_owner = room->was_verified = false;
    room->unsafe = MOD_MLS_OK;
}

static void free_room(mod_mls_room_t *room)
{
    mod_mls_room_reset_session(room);
    mls_group_free(room->group);
    mls_bytes_clear(&room->group_id);
    mls_bytes_clear(&room->options);
    mls_bytes_clear(&room->welcome);
    mls_bytes_clear(&room->inviter_key);
    free(room->jid);
    free(room->name);
    free(room->anchor);
    free(room->inviter);
    free(room->from);
    free(room->nick);
    free(room->tail);
    free(room->voids);
    free(room);
}

void mod_mls_rooms_free(mod_mls_t *mls)
{
    while (mls->rooms != NULL) {
        mod_mls_room_t *room = mls->rooms;
        mls->rooms = room->next;
        free_room(room);
    }
}

static mls_status_t room_from_row(mod_mls_t *mls, mod_mls_room_t **out, const mod_mls_room_row_t *row)
{
    mls_status_t status;
    mod_mls_room_t *room = calloc(1, sizeof *room);

    *out = room;
    if (room == NULL)
        return MLS_ERR_NOMEM;
    room->id = row->id;
    room->state = (mod_mls_room_state_t)row->state;
    room->cipher_suite = row->cipher_suite;
    room->update_due = row->update_due;
    room->received_at = row->received_at;
    if ((status = mod_mls_set_string(&room->jid, row->jid)) != MLS_OK ||
        (status = mod_mls_set_string(&room->name, row->name)) != MLS_OK ||
        (status = mod_mls_set_string(&room->anchor, row->anchor)) != MLS_OK ||
        (status = mod_mls_set_string(&room->inviter, row->inviter)) != MLS_OK ||
        (status = mod_mls_set_string(&room->from, row->from)) != MLS_OK ||
        (status = mod_mls_set_string(&room->nick, mls->nick)) != MLS_OK ||
        (status = mls_bytes_copy(&room->group_id, row->group_id)) != MLS_OK ||
        (status = mls_bytes_copy(&room->options, row->options)) != MLS_OK ||
        (status = mls_bytes_copy(&room->welcome, row->welcome)) != MLS_OK ||
        (status = mls_bytes_copy(&room->inviter_key, row->inviter_key)) != MLS_OK)
        return status;
    return room->group_id.len == 0 ? MLS_OK : mod_mls_room_reload_group(mls, room);
}

mls_status_t mod_mls_rooms_load(mod_mls_t *mls)
{
    mls_arena_t arena = { 0 };
    mod_mls_room_rows_t rows;
    mod_mls_room_t **end = &mls->rooms;

    mod_mls_rooms_free(mls);
    mls_status_t status = mod_mls_store_rooms(mls->store, &rows, &arena);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        status = room_from_row(mls, end, &rows.items[i]);
        if (*end != NULL)
            end = &(*end)->next;
    }
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mod_mls_room_reload_group(mod_mls_t *mls, mod_mls_room_t *room)
{
    const mls_group_config_t config = mod_mls_group_config(mls);

    mls_group_free(room->group);
    room->group = NULL;
    return mls_group_load(&room->group, mls->crypto, &config, &mls->mls_store,
                          mls_bytes_view(&room->group_id));
}

mls_status_t mod_mls_room_save(mod_mls_t *mls, mod_mls_room_t *room)
{
    mod_mls_room_row_t row = {
        .id = room->id,
        .jid = room->jid,
        .state = (int)room->state,
        .group_id = mls_bytes_view(&room->group_id),
        .cipher_suite = room->cipher_suite,
        .name = room->name,
        .anchor = room->anchor,
        .update_due = room->update_due,
        .options = mls_bytes_view(&room->options),
        .welcome = mls_bytes_view(&room->welcome),
        .inviter_key = mls_bytes_view(&room->inviter_key),
        .inviter = room->inviter,
        .from = room->from,
        .received_at = room->received_at,
    };
    mls_status_t status = mod_mls_store_put_room(mls->store, &row);

    room->id = row.id;
    return status;
}

mls_status_t mod_mls_room_add(mod_mls_t *mls, mod_mls_room_t **out, const char *jid,
                              mod_mls_room_state_t state)
{
    const mod_mls_room_row_t row = {
        .jid = jid, .state = (int)state, .name = "", .anchor = "", .inviter = "", .from = ""
    };
    mod_mls_room_t **at = &mls->rooms, *room;
    mls_status_t status = room_from_row(mls, &room, &row);

    *out = NULL;
    if (status == MLS_OK)
        status = mod_mls_room_save(mls, room);
    if (status != MLS_OK) {
        if (room != NULL)
            free_room(room);
        return status;
    }
    while (*at != NULL && strcmp((*at)->jid, jid) < 0)
        at = &(*at)->next;
    room->next = *at;
    *at = *out = room;
    return MLS_OK;
}

mls_status_t mod_mls_room_save_group(mod_mls_t *mls, mod_mls_room_t *room)
{
    return mls_group_save(room->group, &mls->mls_store);
}

mls_status_t mod_mls_room_end(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_room_state_t state)
{
    mls_status_t status;

    if (room->group_id.len > 0 &&
        (status = mls_group_erase(&mls->mls_store, mls_bytes_view(&room->group_id))) != MLS_OK)
        return status;
    mls->has_new_epoch = true;
    mls_group_free(room->group);
    room->group = NULL;
    mls_bytes_clear(&room->group_id);
    mls_bytes_clear(&room->welcome);
    room->state = state;
    room->update_due = 0;
    room->announce_joined = false;
    mod_mls_room_reset_session(room);
    if ((status = mod_mls_set_string(&room->anchor, "")) != MLS_OK ||
        (status = mod_mls_store_clear_room(mls->store, room->id, false)) != MLS_OK)
        return status;
    return mod_mls_room_save(mls, room);
}

mls_status_t mod_mls_room_delete(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status = MLS_OK;
    mod_mls_room_t **at = &mls->rooms;

    if (room->group_id.len > 0)
        status = mls_group_erase(&mls->mls_store, mls_bytes_view(&room->group_id));
    if (status == MLS_OK)
        status = mod_mls_store_clear_room(mls->store, room->id, true);
    if (status != MLS_OK)
        return status;
    while (*at != room)
        at = &(*at)->next;
    *at = room->next;
    free_room(room);
    return MLS_OK;
}

mod_mls_room_t *mod_mls_room_find(mod_mls_t *mls, const char *jid)
{
    mod_mls_room_t *room = mls->rooms;

    while (room != NULL && strcmp(room->jid, jid) != 0)
        room = room->next;
    return room;
}

mod_mls_room_t *mod_mls_room_by_id(mod_mls_t *mls, int64_t id)
{
    mod_mls_room_t *room = mls->rooms;

    while (room != NULL && room->id != id)
        room = room->next;
    return room;
}

mod_mls_room_t *mod_mls_room_of(mod_mls_t *mls, const char *jid)
{
    const mls_view_t bare = mod_mls_jid_bare(jid);
    mod_mls_room_t *room = mls->rooms;

    while (room != NULL && !mod_mls_view_is(bare, room->jid))
        room = room->next;
    return room;
}

mod_mls_error_t mod_mls_room_fault(const mod_mls_room_t *room)
{
    switch (room->state) {
    case MOD_MLS_ROOM_READY:
        return MOD_MLS_OK;
    case MOD_MLS_ROOM_OUT_OF_STEP:
        return MOD_MLS_ERROR_OUT_OF_STEP;
    case MOD_MLS_ROOM_LEAVING:
    case MOD_MLS_ROOM_LEFT:
        return MOD_MLS_ERROR_HAS_LEFT;
    case MOD_MLS_ROOM_REMOVED:
        return MOD_MLS_ERROR_NOT_IN_GROUP;
    default:
        return MOD_MLS_ERROR_NOT_READY;
    }
}

bool mod_mls_room_wants_in(const mod_mls_room_t *room)
{
    return room->state == MOD_MLS_ROOM_CREATING || room->state == MOD_MLS_ROOM_JOINING ||
           room->state == MOD_MLS_ROOM_READY || room->state == MOD_MLS_ROOM_OUT_OF_STEP ||
           room->state == MOD_MLS_ROOM_LEAVING ||
           (room->state == MOD_MLS_ROOM_REMOVED && room->group != NULL); /* until that is settled */
}

bool mod_mls_room_is_live(const mod_mls_t *mls, const mod_mls_room_t *room)
{
    return mls->is_connected && room->group != NULL && room->is_synced && room->unsafe == MOD_MLS_OK &&
           room->step == MOD_MLS_STEP_CONFIGURED &&
           (room->state == MOD_MLS_ROOM_READY || room->state == MOD_MLS_ROOM_LEAVING);
}

/* ---- the tail ------------------------------------------------------------------------------------ */

mod_mls_tail_entry_t *mod_mls_tail_find(const mod_mls_room_t *room, const char *stanza_id)
{
    for (size_t i = room->num_tail; stanza_id != NULL && i > 0; i--) {
        if (strcmp(room->tail[i - 1].stanza_id, stanza_id) == 0)
            return &room->tail[i - 1];
    }
    return NULL;
}

mod_mls_tail_entry_t *mod_mls_tail_get(mod_mls_t *mls, mod_mls_room_t *room, const char *stanza_id)
{
    mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, stanza_id);

    if (entry != NULL)
        return entry;
    if (room->num_tail == room->cap_tail) {
        size_t cap = 2 * room->cap_tail + 16;
        mod_mls_tail_entry_t *bigger = realloc(room->tail, cap * sizeof *bigger);
        if (bigger == NULL)
            return NULL;
        room->tail = bigger;
        room->cap_tail = cap;
    }
    char *copy = mod_mls_strdup(stanza_id);
    if (copy == NULL)
        return NULL;
    room->tail[room->num_tail] = (mod_mls_tail_entry_t){ .stanza_id = copy, .first_seen = mls->now };
    return &room->tail[room->num_tail++];
}

void mod_mls_tail_cut(mod_mls_room_t *room, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(room->tail[i].stanza_id);
    if (count > 0)
        memmove(room->tail, room->tail + count, (room->num_tail - count) * sizeof *room->tail);
    room->num_tail -= count;
}
