#include "order.h"
#include "apply.h"
#include "commit.h"
#include "message.h"
#include "staged.h"

#include <stdlib.h>

enum { MAX_UNSETTLED = 16, MAX_VOIDS = 256 };

/* What became of a Commit at its place. */
typedef enum verdict {
    VERDICT_VALID,
    VERDICT_VOID,
    VERDICT_SKIPPED, /* it refers to something that does not stand before it; a later occurrence may count */
    VERDICT_OUT_OF_STEP, /* valid for whoever can read it; not for this client */
    VERDICT_IGNORED
} verdict_t;

void mod_mls_order_begin(mod_mls_room_t *room)
{
    room->reader.walk_epoch = mls_group_earliest_epoch(room->group);
    room->reader.num_taken = 0;
    room->reader.is_stopped = false;
}

/* ---- judging a Commit ---------------------------------------------------------------------------- */

static bool is_known_void(const mod_mls_room_t *room, const mod_mls_item_t *item)
{
    for (size_t i = 0; i < room->num_voids; i++) {
        if (memcmp(room->voids[i], item->hash, sizeof item->hash) == 0)
            return true;
    }
    return false;
}

/* Remembered until the epoch ends, so that it is told once; nothing of it reaches the disk before. */
static mls_status_t note_void(mod_mls_room_t *room, const mod_mls_item_t *item)
{
    if (room->num_voids >= MAX_VOIDS)
        return MLS_OK;
    void *bigger = realloc(room->voids, (room->num_voids + 1) * sizeof *room->voids);
    if (bigger == NULL)
        return MLS_ERR_NOMEM;
    room->voids = bigger;
    memcpy(room->voids[room->num_voids++], item->hash, sizeof item->hash);
    return MLS_OK;
}

static mls_status_t tell_void(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_error_t code,
                              mls_status_t cause, const char *rule)
{
    mod_mls_log(mls, MOD_MLS_LOG_WARNING, "void Commit in %s: %s", room->jid,
                rule == NULL ? mls_status_text(cause) : rule);
    return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, code, cause, NULL);
}

/* The verdict on a Commit of the current epoch, with what it was staged into; the caller frees it. */
static mls_status_t judge(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                          verdict_t *verdict, mls_received_t **received)
{
    const char *rule = NULL;
    mls_status_t status =
        mls_group_receive(room->group, received, mls_bytes_view(&item->message), mls->now / 1000);

    *verdict = VERDICT_VOID;
    if (status == MLS_ERR_NOT_FOUND) {
        *verdict = VERDICT_SKIPPED;
        return MLS_OK;
    }
    if (status == MLS_ERR_REJECTED)
        return tell_void(mls, room, MOD_MLS_ERROR_LEAF_BINDING, status, NULL);
    if (mls_status_is_input(status))
        return tell_void(mls, room, MOD_MLS_ERROR_COMMIT_VOID, status, NULL);
    if (status != MLS_OK)
        return status;
    if (mls_received_type(*received) == MLS_RECEIVED_OWN_UNKNOWN) {
        /* An own Commit whose secrets are gone: by an old copy of the state, or by going back. The others can
         * follow it. */
        *verdict = VERDICT_OUT_OF_STEP;
        return mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_STATE_COPY, MLS_OK, NULL);
    }
    if (mls_received_commit(*received) == NULL)
        return MLS_OK; /* says it is a Commit and is none */
    status = mod_mls_staged_judge(mls, room, *received, &rule);
    if (status == MLS_ERR_REJECTED)
        return tell_void(mls, room, MOD_MLS_ERROR_COMMIT_NOT_ALLOWED, status, rule);
    if (status == MLS_OK)
        *verdict = mls_staged_commit_is_readable(mls_received_commit(*received)) ? VERDICT_VALID
                                                                                 : VERDICT_OUT_OF_STEP;
    return status;
}

/* Others may be in the new epoch; this client keeps its state, applies nothing for that epoch, and says so.
 */
static mls_status_t fall_out_of_step(mod_mls_t *mls, mod_mls_room_t *room)
{
    room->state = MOD_MLS_ROOM_OUT_OF_STEP;
    room->reader.is_stopped = true;
    mls_status_t status = mod_mls_room_save(mls, room);
    return status != MLS_OK
               ? status
               : mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_OUT_OF_STEP, MLS_OK, NULL);
}

static mls_status_t act(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item, verdict_t verdict,
                        mls_received_t *received)
{
    mls_status_t status;

    switch (verdict) {
    case VERDICT_VALID:
        if ((status = mod_mls_commit_apply(mls, room, received, item)) == MLS_OK)
            room->reader.walk_epoch++;
        return status;
    case VERDICT_OUT_OF_STEP:
        return fall_out_of_step(mls, room);
    case VERDICT_VOID:
        return note_void(room, item);
    case VERDICT_SKIPPED:
    case VERDICT_IGNORED:
        break;
    }
    return MLS_OK;
}

/* ---- a Commit before the one that was applied ------------------------------------------------------ */

static const mod_mls_epoch_row_t *find_epoch(const mod_mls_epoch_rows_t *rows, uint64_t epoch)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i].epoch == epoch)
            return &rows->items[i];
    }
    return NULL;
}

static bool contains_hash(mls_view_t hashes, const uint8_t hash[MOD_MLS_SHA256_LEN])
{
    for (size_t at = 0; at + MOD_MLS_SHA256_LEN <= hashes.len; at += MOD_MLS_SHA256_LEN) {
        if (memcmp(hashes.data + at, hash, MOD_MLS_SHA256_LEN) == 0)
            return true;
    }
    return false;
}

static bool contains_leaf(mls_view_t removed, uint32_t leaf_index)
{
    for (size_t at = 0; at + 4 <= removed.len; at += 4) {
        const uint8_t *p = removed.data + at;
        if (((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]) == leaf_index)
            return true;
    }
    return false;
}

static mls_status_t go_back(mod_mls_t *mls, mod_mls_room_t *room, uint64_t epoch)
{
    mls_status_t status;

    if ((status = mls_group_go_back(room->group, epoch)) != MLS_OK ||
        (status = mod_mls_store_go_back(mls->store, room->id, epoch)) != MLS_OK)
        return status;
    room->num_voids = 0;
    room->sent_up_to = 0;
    room->commit_sent_at = 0;
    room->fill_epoch = 0;
    if (room->state == MOD_MLS_ROOM_REMOVED) /* the Commit that removed this device is gone back on */
        room->state = MOD_MLS_ROOM_READY;
    if ((status = mod_mls_room_save(mls, room)) != MLS_OK)
        return status;
    return mod_mls_room_save_group(mls, room);
}

/* As it was before going back. */
static mls_status_t undo_going_back(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status = mod_mls_store_back_to_mark(mls->store);
    if (status == MLS_OK && (status = mod_mls_room_reload_group(mls, room)) == MLS_OK &&
        mls_group_is_removed(room->group))
        room->state = MOD_MLS_ROOM_REMOVED;
    return status;
}

/* What could not be read on the branch that is left may well be of the one that is followed. What was shown
 * is known by the database. */
static void look_again_at_all(mod_mls_room_t *room)
{
    for (size_t i = 0; i < room->num_tail; i++)
        room->tail[i].is_final = false;
}

/* The archive shows a Commit before the one that was applied for this epoch. If it is valid, it is the
 * epoch's Commit: the client goes back and follows it, unless the applied one had removed its author; to
 * follow a removed member back is for the user to decide. */
static mls_status_t try_rival(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                              const mod_mls_epoch_row_t *applied)
{
    mls_received_t *received = NULL;
    verdict_t verdict = VERDICT_IGNORED;
    bool is_fork = false;
    mls_status_t status;

    if ((status = mod_mls_store_mark(mls->store)) != MLS_OK)
        return status;
    if ((status = go_back(mls, room, applied->epoch - 1)) == MLS_OK)
        status = judge(mls, room, item, &verdict, &received);
    if (status == MLS_OK && verdict == VERDICT_VALID)
        is_fork = contains_leaf(applied->removed, mls_received_sender(received));
    if (status == MLS_OK && (verdict == VERDICT_VALID || verdict == VERDICT_OUT_OF_STEP) && !is_fork) {
        look_again_at_all(room);
        if ((status = mod_mls_store_forget_mark(mls->store)) == MLS_OK &&
            (status = mod_mls_room_emit_epoch(mls, room, MOD_MLS_EVENT_WENT_BACK)) == MLS_OK)
            status = act(mls, room, item, verdict, received);
    } else if (status == MLS_OK && (status = undo_going_back(mls, room)) == MLS_OK) {
        mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, item->stanza_id);
        if (entry != NULL)
            entry->is_final = true; /* judged: not again in this session */
        if (is_fork) {
            room->reader.is_stopped = true;
            status = mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_FORK, MLS_OK, NULL);
        }
    }
    mls_received_free(received);
    return status;
}

/* ---- the walk ------------------------------------------------------------------------------------ */

/* A Commit at a place whose epoch has a Commit already. */
static mls_status_t take_where_applied(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                       const mod_mls_epoch_row_t *applied)
{
    const mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, item->stanza_id);

    if (memcmp(applied->commit_hash, item->hash, sizeof item->hash) == 0) {
        room->reader.walk_epoch++;
        if (strcmp(applied->stanza_id, item->stanza_id) == 0)
            return MLS_OK;
        return mod_mls_store_move_epoch(mls->store, room->id, applied->epoch, item->stanza_id);
    }
    if (contains_hash(applied->voids, item->hash) || (entry != NULL && entry->is_final))
        return MLS_OK;
    return try_rival(mls, room, item, applied);
}

static mls_status_t take_commit(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                uint64_t epoch)
{
    mls_arena_t arena = { 0 };
    mod_mls_epoch_rows_t rows;
    mls_received_t *received = NULL;
    verdict_t verdict = VERDICT_IGNORED;
    const uint64_t current = mls_group_epoch(room->group);
    mls_status_t status = MLS_OK;

    /* Only a Commit of the epoch at this place counts here; any other is void where it stands. */
    if (epoch != room->reader.walk_epoch || room->reader.is_stopped ||
        room->state == MOD_MLS_ROOM_OUT_OF_STEP)
        return MLS_OK;
    if (epoch < current || mls_group_is_removed(room->group)) {
        status = mod_mls_store_epochs(mls->store, &rows, room->id, &arena);
        const mod_mls_epoch_row_t *applied = status == MLS_OK ? find_epoch(&rows, epoch + 1) : NULL;
        if (applied != NULL)
            status = take_where_applied(mls, room, item, applied);
        mls_arena_clear(&arena);
        return status;
    }
    if (is_known_void(room, item))
        return MLS_OK;
    if (current - mls_group_earliest_epoch(room->group) >= MAX_UNSETTLED) {
        room->reader.is_stopped = true; /* wait until some are settled */
        return MLS_OK;
    }
    status = judge(mls, room, item, &verdict, &received);
    if (status == MLS_OK)
        status = act(mls, room, item, verdict, received);
    mls_received_free(received);
    return status;
}

static mls_status_t take_proposal(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                  uint64_t epoch, bool *is_final)
{
    mls_received_t *received = NULL;
    mls_status_t status;

    if (*is_final || epoch != room->reader.walk_epoch || epoch != mls_group_epoch(room->group) ||
        mls_group_is_removed(room->group))
        return MLS_OK;
    status = mls_group_receive(room->group, &received, mls_bytes_view(&item->message), mls->now / 1000);
    *is_final = true;
    if (mls_status_is_input(status) || status == MLS_ERR_NOT_FOUND || status == MLS_ERR_REJECTED)
        return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_COMMIT_VOID, status, NULL);
    if (status == MLS_OK && mls_received_type(received) == MLS_RECEIVED_PROPOSAL) {
        if ((status = mod_mls_hear_leaf(mls, room, mls_received_sender_leaf(received))) == MLS_OK)
            status = mod_mls_room_save_group(mls, room);
        if (mod_mls_has_leavers(room))
            mod_mls_commit_back_off(mls, room);
    }
    mls_received_free(received);
    return status;
}

static mls_status_t tell_broken(mod_mls_t *mls, const mod_mls_room_t *room)
{
    return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_MESSAGE_BROKEN, MLS_ERR_MALFORMED,
                        NULL);
}

/* A message of the group. What was looked at to the end is not looked at again, apart from Commits: each
 * occurrence of one has a place. */
static mls_status_t take_message(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                 bool *is_final)
{
    mls_arena_t arena = { 0 };
    mod_mls_message_row_t known;
    mls_message_info_t info;
    mls_status_t status = mls_message_inspect(&info, mls_bytes_view(&item->message));

    if (status != MLS_OK || info.wire_format != MLS_WIRE_FORMAT_PRIVATE_MESSAGE) {
        status = *is_final ? MLS_OK : tell_broken(mls, room);
        *is_final = true;
        return status;
    }
    if (!mls_view_equal(info.group_id, mls_bytes_view(&room->group_id))) {
        status = *is_final ? MLS_OK
                           : mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_OTHER_GROUP, item, 0);
        *is_final = true;
        return status;
    }
    if (info.content_type == MLS_CONTENT_COMMIT)
        return take_commit(mls, room, item, info.epoch);
    if (info.content_type == MLS_CONTENT_PROPOSAL)
        return take_proposal(mls, room, item, info.epoch, is_final);
    if (*is_final)
        return MLS_OK;
    status = mod_mls_store_message(mls->store, &known, room->id, item->stanza_id, &arena);
    mls_arena_clear(&arena);
    if (status != MLS_ERR_NOT_FOUND) {
        *is_final = true;
        return status;
    }
    return mod_mls_message_take(mls, room, is_final, item, room->reader.walk_epoch);
}

mls_status_t mod_mls_order_take(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item)
{
    mod_mls_tail_entry_t *entry = mod_mls_tail_get(mls, room, item->stanza_id);
    mls_status_t status = MLS_OK;

    if (entry == NULL)
        return MLS_ERR_NOMEM;
    entry->seen_in_read = room->reader.number;
    entry->place = ++room->reader.num_taken;
    bool is_final = entry->is_final;
    if (item->kind == MOD_MLS_PAYLOAD_MLS)
        status = take_message(mls, room, item, &is_final);
    else if (item->kind == MOD_MLS_PAYLOAD_BROKEN && !is_final)
        status =
            mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_MESSAGE_BROKEN, MLS_OK, NULL);
    if (item->kind != MOD_MLS_PAYLOAD_MLS)
        is_final = true;
    entry = mod_mls_tail_find(room, item->stanza_id);
    if (entry != NULL && is_final)
        entry->is_final = true;
    return status;
}

/* ---- settling ------------------------------------------------------------------------------------ */

/* Settles the epochs at the front that this read confirms, and that were applied long enough before it.
 * `*next_look`: when to look at the others again; 0: there are none. */
static mls_status_t settle(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_epoch_rows_t *rows,
                           uint64_t *next_look)
{
    uint64_t settled = 0;
    bool any = false, is_missing = false;

    *next_look = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const mod_mls_epoch_row_t *row = &rows->items[i];
        if (row->is_settled)
            continue;
        const mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, row->stanza_id);
        is_missing = is_missing || entry == NULL || entry->seen_in_read != room->reader.number;
        if (is_missing || room->reader.started_at < row->applied_at + mls->settings.settle_ms) {
            if (*next_look == 0)
                *next_look = is_missing ? mls->now + mls->settings.retry_ms
                                        : row->applied_at + mls->settings.settle_ms;
            continue;
        }
        if (*next_look == 0) {
            settled = row->epoch;
            any = true;
        }
    }
    if (is_missing) {
        mls_status_t told = mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid,
                                         MOD_MLS_ERROR_ARCHIVE_UNRELIABLE, MLS_OK, NULL);
        if (told != MLS_OK)
            return told;
    }
    if (!any)
        return MLS_OK;
    mls_group_settle(room->group, settled, mls->now / 1000);
    mls->has_new_epoch = true;
    const uint64_t keep = mls->settings.keep_text_ms;
    if (settled > mls_group_epoch(room->group)) /* the Commit that removed this device */
        return mod_mls_room_end(mls, room, MOD_MLS_ROOM_REMOVED);
    mls_status_t status =
        mod_mls_store_settle(mls->store, room->id, settled, mls->now < keep ? 0 : mls->now - keep);
    return status != MLS_OK ? status : mod_mls_room_save_group(mls, room);
}

static int compare_places(const void *a, const void *b)
{
    const mod_mls_tail_entry_t *x = a, *y = b;
    return (x->place > y->place) - (x->place < y->place);
}

/* Puts the tail into the archive's order: live stanzas may have been known before earlier ones were read.
 * Known ones that the archive does not have (any more) are forgotten after a while, with a warning. */
static mls_status_t sort_tail(mod_mls_t *mls, mod_mls_room_t *room)
{
    bool is_missing = false;
    size_t n = 0;

    for (size_t i = 0; i < room->num_tail; i++) {
        mod_mls_tail_entry_t *entry = &room->tail[i];
        const bool is_found = entry->seen_in_read == room->reader.number;
        if (!is_found && entry->first_seen + mls->settings.settle_ms <= room->reader.started_at) {
            is_missing = true;
            free(entry->stanza_id);
            continue;
        }
        if (!is_found)
            entry->place = UINT64_MAX;
        room->tail[n++] = *entry;
    }
    room->num_tail = n;
    if (n > 1)
        qsort(room->tail, n, sizeof *room->tail, compare_places);
    return is_missing ? mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_ARCHIVE_UNRELIABLE,
                                     MLS_OK, NULL)
                      : MLS_OK;
}

static bool is_unsettled_commit(const mod_mls_epoch_rows_t *rows, const char *stanza_id, uint64_t settled)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->items[i].epoch > settled && strcmp(rows->items[i].stanza_id, stanza_id) == 0)
            return true;
    }
    return false;
}

/* The anchor moves over what this read confirmed and what has been known long enough, up to the first Commit
 * that is not settled. */
static mls_status_t move_anchor(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_epoch_rows_t *rows)
{
    const uint64_t settled = mls_group_earliest_epoch(room->group);
    size_t count = 0;

    while (count < room->num_tail && room->tail[count].seen_in_read == room->reader.number &&
           room->tail[count].first_seen + mls->settings.settle_ms <= room->reader.started_at &&
           !is_unsettled_commit(rows, room->tail[count].stanza_id, settled))
        count++;
    if (count == 0)
        return MLS_OK;
    mls_status_t status = mod_mls_set_string(&room->anchor, room->tail[count - 1].stanza_id);
    mod_mls_tail_cut(room, count);
    return status != MLS_OK ? status : mod_mls_room_save(mls, room);
}

mls_status_t mod_mls_order_end(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_arena_t arena = { 0 };
    mod_mls_epoch_rows_t rows;
    uint64_t next_look;
    mls_status_t status;

    mls_group_expire(room->group, mls->now / 1000);
    if ((status = mod_mls_store_epochs(mls->store, &rows, room->id, &arena)) == MLS_OK &&
        (status = settle(mls, room, &rows, &next_look)) == MLS_OK && room->group != NULL &&
        (status = sort_tail(mls, room)) == MLS_OK && (status = move_anchor(mls, room, &rows)) == MLS_OK &&
        next_look != 0 && (room->read_at == 0 || next_look < room->read_at))
        room->read_at = next_look > mls->now ? next_look : mls->now + 1;
    mls_arena_clear(&arena);
    return status;
}
