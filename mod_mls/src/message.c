#include "message.h"
#include "envelope.h"

#include <stdlib.h>

/* So many messages that name another history make a warning. */
enum { MANY_OF_OTHER_BRANCH = 3 };

static const char *unreadable_text(mod_mls_unreadable_t reason)
{
    switch (reason) {
    case MOD_MLS_UNREADABLE_BEFORE_JOINING:
        return "This message was sent before this device was added.";
    case MOD_MLS_UNREADABLE_NOT_MEMBER:
        return "This message was sent after this device left the group.";
    case MOD_MLS_UNREADABLE_TOO_OLD:
        return "This message came too late: its keys are destroyed.";
    case MOD_MLS_UNREADABLE_REPLAYED:
        return "This message came before; this one is a copy.";
    case MOD_MLS_UNREADABLE_BROKEN:
        return "This message is damaged or forged.";
    case MOD_MLS_UNREADABLE_SENDER_REMOVED:
        return "This message was sent after its author was removed.";
    case MOD_MLS_UNREADABLE_OTHER_GROUP:
        return "This message belongs to another group in the same room.";
    case MOD_MLS_UNREADABLE_OTHER_ROOM:
        return "This message was made for another room.";
    case MOD_MLS_UNREADABLE_CONTENT:
        return "This version cannot show what this message holds.";
    case MOD_MLS_UNREADABLE_OUT_OF_STEP:
        return "This device cannot follow the group any more.";
    }
    return "This message cannot be read.";
}

static mls_status_t emit_unreadable(mod_mls_t *mls, const mod_mls_room_t *room,
                                    const mod_mls_unreadable_info_t *info, int64_t message_id)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_UNREADABLE, .room = room->jid };

    event.u.unreadable = *info;
    event.u.unreadable.text = unreadable_text(info->reason);
    return mod_mls_emit(mls, &event, message_id);
}

mls_status_t mod_mls_message_unreadable(mod_mls_t *mls, const mod_mls_room_t *room,
                                        mod_mls_unreadable_t reason, const mod_mls_item_t *item,
                                        uint64_t epoch)
{
    const mod_mls_unreadable_info_t info = { .reason = reason,
                                             .stanza_id = item->stanza_id == NULL ? "" : item->stanza_id,
                                             .epoch = epoch,
                                             .received_at = item->received_at };
    return emit_unreadable(mls, room, &info, 0);
}

/* ---- showing ------------------------------------------------------------------------------------- */

mls_status_t mod_mls_message_show(mod_mls_t *mls, const mod_mls_message_row_t *row, bool may_replace)
{
    const mod_mls_room_t *room = mod_mls_room_by_id(mls, row->room);
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_MESSAGE, .room = room == NULL ? NULL : room->jid };
    char device_id[MOD_MLS_DEVICE_ID_SIZE];
    mls_status_t status =
        mod_mls_device_id(device_id, mls->crypto, mls_view(row->device_key, sizeof row->device_key));

    if (status != MLS_OK || room == NULL)
        return status;
    if (row->reason != 0) {
        const mod_mls_unreadable_info_t info = { .reason = (mod_mls_unreadable_t)row->reason,
                                                 .account = row->account,
                                                 .stanza_id = row->stanza_id,
                                                 .epoch = row->epoch,
                                                 .received_at = row->received_at };
        return emit_unreadable(mls, room, &info, row->id);
    }
    event.u.message = (mod_mls_message_t){ .account = row->account,
                                           .device_id = device_id,
                                           .text = row->text,
                                           .origin_id = row->origin_id,
                                           .stanza_id = row->stanza_id,
                                           .sent_at = row->sent_at,
                                           .received_at = row->received_at,
                                           .epoch = row->epoch,
                                           .flags = row->flags };
    if (may_replace && mls->settings.replace)
        return mod_mls_replace(mls, &event.u.message, row->id);
    return mod_mls_emit(mls, &event, row->id);
}

mls_status_t mod_mls_hear_leaf(mod_mls_t *mls, const mod_mls_room_t *room, const mls_leaf_info_t *leaf)
{
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    bool is_new;
    mls_status_t status = mod_mls_leaf_device_key(device_key, leaf);

    if (status != MLS_OK ||
        (status = mod_mls_store_hear(mls->store, &is_new, room->id,
                                     mls_view(device_key, sizeof device_key))) != MLS_OK ||
        !is_new || leaf->source != MLS_LEAF_NODE_SOURCE_KEY_PACKAGE ||
        leaf->leaf_index == mls_group_own_leaf(room->group))
        return status;
    return mod_mls_room_emit_member(mls, room, MOD_MLS_EVENT_MEMBER_HEARD, leaf, mls_view(NULL, 0),
                                    mls_group_epoch(room->group));
}

/* ---- messages that were decrypted ----------------------------------------------------------------- */

/* Stores the message with its text, or with the reason why its content cannot be shown, and shows it. */
static mls_status_t store_and_show(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                   const mls_received_t *received, const mod_mls_authenticated_data_t *data,
                                   bool is_late)
{
    const mls_leaf_info_t *leaf = mls_received_sender_leaf(received);
    char *account = mod_mls_strndup(leaf->identity), *origin_id = mod_mls_strndup(data->origin_id),
         *text = NULL;
    mod_mls_message_row_t row = { .room = room->id,
                                  .account = account,
                                  .origin_id = origin_id,
                                  .stanza_id = item->stanza_id == NULL ? "" : item->stanza_id,
                                  .epoch = mls_received_epoch(received),
                                  .received_at = item->received_at,
                                  .flags = (item->is_live ? 0 : MOD_MLS_MESSAGE_FROM_ARCHIVE) |
                                           (is_late ? MOD_MLS_MESSAGE_LATE : 0u) };
    mls_status_t status =
        account == NULL || origin_id == NULL ? MLS_ERR_NOMEM : mod_mls_leaf_device_key(row.device_key, leaf);

    if (status == MLS_OK) {
        status = mod_mls_envelope_read(&text, &row.sent_at, mls_received_data(received));
        if (mls_status_is_input(status)) {
            row.reason = MOD_MLS_UNREADABLE_CONTENT;
            status = MLS_OK;
        }
    }
    row.text = text == NULL ? "" : text;
    if (status == MLS_OK && (status = mod_mls_store_add_message(mls->store, &row)) == MLS_OK)
        status = mod_mls_message_show(mls, &row, item->is_live);
    else if (status == MLS_ERR_STATE) /* the same message under another generation: known already */
        status = mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_REPLAYED, item, row.epoch);
    if (text != NULL)
        mls_wipe(text, strlen(text));
    free(text);
    free(account);
    free(origin_id);
    return status;
}

/* A message that stands after the Commit which ended its epoch counts only if the device is still there. */
static bool sender_is_gone(const mod_mls_room_t *room, const mls_received_t *received)
{
    uint8_t then[MOD_MLS_DEVICE_KEY_LEN], now[MOD_MLS_DEVICE_KEY_LEN];
    mls_leaf_info_t leaf;

    if (mls_received_sender_is_current(received))
        return false;
    return mls_group_leaf(room->group, &leaf, mls_received_sender(received)) != MLS_OK ||
           mod_mls_leaf_device_key(then, mls_received_sender_leaf(received)) != MLS_OK ||
           mod_mls_leaf_device_key(now, &leaf) != MLS_OK || memcmp(then, now, sizeof now) != 0;
}

/* Why a message that was decrypted is not shown; 0: it is. */
static mod_mls_unreadable_t objection(const mod_mls_room_t *room, const mls_received_t *received,
                                      const mod_mls_authenticated_data_t *data, bool is_late)
{
    if (data->room.len == 0 || data->join_requests.count > 0)
        return MOD_MLS_UNREADABLE_BROKEN;
    if (!mod_mls_view_is(data->room, room->jid))
        return MOD_MLS_UNREADABLE_OTHER_ROOM;
    return is_late && sender_is_gone(room, received) ? MOD_MLS_UNREADABLE_SENDER_REMOVED
                                                     : (mod_mls_unreadable_t)0;
}

/* What is not shown leaves no trace: its key is as unused as before. */
static mls_status_t turn_down(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                              mod_mls_unreadable_t reason, uint64_t epoch)
{
    mls_status_t status = mod_mls_room_reload_group(mls, room);
    return status != MLS_OK ? status : mod_mls_message_unreadable(mls, room, reason, item, epoch);
}

static mls_status_t take_decrypted(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                   const mls_received_t *received, uint64_t order_epoch)
{
    mls_arena_t arena = { 0 };
    mod_mls_authenticated_data_t data;
    const uint64_t epoch = mls_received_epoch(received);
    const bool is_late = epoch < order_epoch;
    mls_status_t status = mls_decode(&data, sizeof data, mod_mls_codec_authenticated_data,
                                     mls_received_authenticated_data(received), &arena);

    if (status == MLS_OK || mls_status_is_input(status)) {
        const mod_mls_unreadable_t reason = objection(room, received, &data, is_late);
        if (reason != 0)
            status = turn_down(mls, room, item, reason, epoch);
        else if ((status = mod_mls_hear_leaf(mls, room, mls_received_sender_leaf(received))) == MLS_OK &&
                 (status = store_and_show(mls, room, item, received, &data, is_late)) == MLS_OK)
            status = mod_mls_room_save_group(mls, room);
    }
    mls_arena_clear(&arena);
    return status;
}

/* ---- own messages coming back -------------------------------------------------------------------- */

static mls_status_t emit_delivered(mod_mls_t *mls, const mod_mls_room_t *room,
                                   const mod_mls_message_row_t *row)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_DELIVERED, .room = room->jid };

    event.u.message = (mod_mls_message_t){ .account = mls->account,
                                           .device_id = mls->self.key.id,
                                           .text = row->text[0] == '\0' ? NULL : row->text,
                                           .origin_id = row->origin_id,
                                           .stanza_id = row->stanza_id,
                                           .sent_at = row->sent_at,
                                           .received_at = row->received_at,
                                           .epoch = row->epoch,
                                           .flags = row->flags };
    return mod_mls_emit(mls, &event, 0);
}

/* Own bytes have their place in the archive. Only the very bytes count: members know which generations were
 * used, and could post something else under one of them. */
static mls_status_t take_own(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item, uint64_t epoch)
{
    mls_arena_t arena = { 0 };
    mod_mls_outgoing_rows_t rows;
    mod_mls_message_row_t message;
    mls_status_t status = mod_mls_store_outgoing(mls->store, &rows, room->id, &arena);

    for (size_t i = 0; status == MLS_OK && item->stanza_id != NULL && i < rows.count; i++) {
        const mod_mls_outgoing_row_t *row = &rows.items[i];
        if (row->kind != MOD_MLS_OUTGOING_TEXT ||
            !mls_view_equal(row->message, mls_bytes_view(&item->message)))
            continue;
        if ((status = mod_mls_store_message_archived(mls->store, &message, room->id, row->origin_id,
                                                     item->stanza_id, epoch, &arena)) == MLS_OK &&
            (status = mod_mls_store_drop_outgoing(mls->store, row->id)) == MLS_OK) {
            if (mls->settings.replace && item->is_live)
                status = mod_mls_message_show(mls, &message, true);
            else
                status = emit_delivered(mls, room, &message);
            /* Of an epoch that can be gone back on, the text may have to be sent again. */
            if (status == MLS_OK && epoch <= mls_group_earliest_epoch(room->group) &&
                mls->settings.keep_text_ms == 0)
                status = mod_mls_store_wipe_text(mls->store, message.id);
        }
        break;
    }
    mls_arena_clear(&arena);
    return status;
}

/* Signed by this device, under a generation that it has not used. Another member may have encrypted anew what
 * this device once signed; only what it never made tells of another copy of its state. */
static mls_status_t take_own_unknown(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                     const mls_message_info_t *info)
{
    mls_arena_t arena = { 0 };
    mod_mls_authenticated_data_t data;
    bool is_own = false;
    mls_status_t status =
        mls_decode(&data, sizeof data, mod_mls_codec_authenticated_data, info->authenticated_data, &arena);

    if (status == MLS_OK) {
        char *origin_id = mod_mls_strndup(data.origin_id);
        status = origin_id == NULL ? MLS_ERR_NOMEM
                                   : mod_mls_store_is_own_origin_id(mls->store, &is_own, room->id, origin_id);
        free(origin_id);
    }
    mls_arena_clear(&arena);
    if (status != MLS_OK && !mls_status_is_input(status))
        return status;
    if (is_own)
        return mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_REPLAYED, item, info->epoch);
    return mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_STATE_COPY, MLS_OK, NULL);
}

/* ---- messages that cannot be decrypted ------------------------------------------------------------ */

static bool is_before_joining(mod_mls_t *mls, const mod_mls_room_t *room, uint64_t epoch)
{
    mls_arena_t arena = { 0 };
    mod_mls_epoch_rows_t rows;
    bool before = mod_mls_store_epochs(mls->store, &rows, room->id, &arena) == MLS_OK && rows.count > 0 &&
                  epoch < rows.items[0].epoch;

    mls_arena_clear(&arena);
    return before;
}

static mod_mls_unreadable_t reason_of(mod_mls_t *mls, const mod_mls_room_t *room, mls_status_t cause,
                                      uint64_t epoch)
{
    switch (cause) {
    case MLS_ERR_GENERATION:
        return MOD_MLS_UNREADABLE_REPLAYED;
    case MLS_ERR_GROUP:
        return MOD_MLS_UNREADABLE_OTHER_GROUP;
    case MLS_ERR_EPOCH:
        return is_before_joining(mls, room, epoch) ? MOD_MLS_UNREADABLE_BEFORE_JOINING
                                                   : MOD_MLS_UNREADABLE_TOO_OLD;
    case MLS_ERR_STATE:
        return MOD_MLS_UNREADABLE_NOT_MEMBER;
    default:
        return MOD_MLS_UNREADABLE_BROKEN;
    }
}

/* Any occupant can post bytes that fail, so a failure by itself proves nothing; but several that name another
 * history than this client's are worth a word. */
static mls_status_t count_other_branch(mod_mls_t *mls, mod_mls_room_t *room, const mls_message_info_t *info)
{
    mls_arena_t arena = { 0 };
    mod_mls_authenticated_data_t data;
    uint8_t anchor[MOD_MLS_SHA256_LEN];
    mls_status_t status = MLS_OK;

    if (mls_decode(&data, sizeof data, mod_mls_codec_authenticated_data, info->authenticated_data, &arena) ==
            MLS_OK &&
        mod_mls_room_anchor(mls, room, anchor, info->epoch) == MLS_OK &&
        memcmp(anchor, data.anchor.data, MOD_MLS_ANCHOR_LEN) != 0 &&
        ++room->num_other_branch == MANY_OF_OTHER_BRANCH)
        status =
            mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_OTHER_BRANCH, MLS_OK, NULL);
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t hold(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item, uint64_t epoch)
{
    char name[2 * MOD_MLS_SHA256_LEN + 1];
    const mod_mls_held_row_t row = { .stanza_id = item->stanza_id == NULL ? name : item->stanza_id,
                                     .epoch = epoch,
                                     .received_at = item->received_at,
                                     .is_live = item->is_live,
                                     .message = mls_bytes_view(&item->message) };

    mod_mls_hex(name, mls_view(item->hash, sizeof item->hash));
    mls_status_t status = mod_mls_store_hold(mls->store, room->id, &row);
    return status == MLS_ERR_LIMIT ? MLS_OK : status; /* it is read again in the archive */
}

mls_status_t mod_mls_message_take(mod_mls_t *mls, mod_mls_room_t *room, bool *is_final,
                                  const mod_mls_item_t *item, uint64_t order_epoch)
{
    mls_message_info_t info;
    mls_received_t *received = NULL;
    const uint64_t current = mls_group_epoch(room->group);
    mls_status_t status = mls_message_inspect(&info, mls_bytes_view(&item->message));

    *is_final = true;
    if (status == MLS_OK && mls_group_is_removed(room->group) && info.epoch >= current)
        return mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_NOT_MEMBER, item, info.epoch);
    if (status == MLS_OK && info.epoch > current) {
        *is_final = false;
        return hold(mls, room, item, info.epoch);
    }
    if (status == MLS_OK)
        status = mls_group_receive(room->group, &received, mls_bytes_view(&item->message), mls->now / 1000);
    if (status != MLS_OK) {
        if (!mls_status_is_input(status) && status != MLS_ERR_STATE && status != MLS_ERR_REJECTED)
            return status;
        mls_status_t told =
            mod_mls_message_unreadable(mls, room, reason_of(mls, room, status, info.epoch), item, info.epoch);
        return told != MLS_OK ? told : count_other_branch(mls, room, &info);
    }
    switch (mls_received_type(received)) {
    case MLS_RECEIVED_APPLICATION:
        status = take_decrypted(mls, room, item, received, order_epoch == UINT64_MAX ? current : order_epoch);
        break;
    case MLS_RECEIVED_OWN_MESSAGE:
        status = take_own(mls, room, item, info.epoch);
        break;
    case MLS_RECEIVED_OWN_UNKNOWN:
        status = take_own_unknown(mls, room, item, &info);
        break;
    default: /* a handshake that claims to be an application message cannot get here */
        status = mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_BROKEN, item, info.epoch);
    }
    mls_received_free(received);
    return status;
}

mls_status_t mod_mls_message_release_held(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_arena_t arena = { 0 };
    mod_mls_held_rows_t rows;
    mls_status_t status =
        mod_mls_store_take_held(mls->store, &rows, room->id, mls_group_epoch(room->group), &arena);

    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        const mod_mls_held_row_t *row = &rows.items[i];
        char *stanza_id = mod_mls_strdup(row->stanza_id);
        const mod_mls_item_t item = { .kind = MOD_MLS_PAYLOAD_MLS,
                                      .stanza_id = stanza_id,
                                      .message = { (uint8_t *)(uintptr_t)row->message.data,
                                                   row->message.len },
                                      .received_at = row->received_at };
        bool is_final;
        status =
            stanza_id == NULL ? MLS_ERR_NOMEM : mod_mls_message_take(mls, room, &is_final, &item, UINT64_MAX);
        mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, row->stanza_id);
        if (entry != NULL)
            entry->is_final = true;
        free(stanza_id);
    }
    mls_arena_clear(&arena);
    return status;
}
