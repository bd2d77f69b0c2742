#include "outbox.h"
#include "commit.h"
#include "envelope.h"
#include "message.h"
#include "stanza.h"

mls_status_t mod_mls_outbox_add(mod_mls_t *mls, mod_mls_room_t *room, const char *text)
{
    char origin_id[33];
    mod_mls_message_row_t row = { .room = room->id,
                                  .account = mls->account,
                                  .origin_id = origin_id,
                                  .stanza_id = "",
                                  .epoch = mls_group_epoch(room->group),
                                  .text = text,
                                  .sent_at = mls->now,
                                  .received_at = mls->now,
                                  .flags = MOD_MLS_MESSAGE_OWN | MOD_MLS_MESSAGE_SENDING };
    mls_status_t status;

    memcpy(row.device_key, mls->self.key.public_key, sizeof row.device_key);
    if ((status = mod_mls_random_id(mls, origin_id)) != MLS_OK ||
        (status = mod_mls_store_add_outgoing(mls->store, room->id, MOD_MLS_OUTGOING_TEXT, origin_id, text,
                                             mls->now)) != MLS_OK ||
        (status = mod_mls_store_add_message(mls->store, &row)) != MLS_OK)
        return status;
    return mls->settings.replace ? MLS_OK : mod_mls_message_show(mls, &row, false);
}

static mls_status_t encrypt(mod_mls_t *mls, mod_mls_room_t *room, mls_bytes_t *out,
                            const mod_mls_outgoing_row_t *row)
{
    mod_mls_text_t envelope = { 0 };
    mls_bytes_t authenticated_data = { 0 };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if ((status = mod_mls_envelope_write(&envelope, row->text, row->created)) == MLS_OK &&
        (status = mod_mls_room_authenticated_data(mls, room, &authenticated_data, row->origin_id)) == MLS_OK)
        status = mls_group_encrypt(room->group, out, mls_view(envelope.data, envelope.len),
                                   mls_bytes_view(&authenticated_data), true);
    mls_bytes_clear(&authenticated_data);
    mod_mls_text_clear(&envelope);
    return status;
}

/* The proposal to remove the own leaf (RFC 9420, Section 12.1.3): somebody else commits it. */
static mls_status_t propose_leave(mod_mls_t *mls, mod_mls_room_t *room, mls_bytes_t *out,
                                  const mod_mls_outgoing_row_t *row)
{
    const mls_proposal_spec_t remove = { .type = MLS_PROPOSAL_REMOVE,
                                         .removed = mls_group_own_leaf(room->group) };
    mls_bytes_t authenticated_data = { 0 };
    mls_status_t status = mod_mls_room_authenticated_data(mls, room, &authenticated_data, row->origin_id);
    const mls_handshake_options_t options = { .authenticated_data = mls_bytes_view(&authenticated_data) };

    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = mls_group_propose(room->group, out, &remove, &options);
    mls_bytes_clear(&authenticated_data);
    return status;
}

static mls_status_t send_row(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_outgoing_row_t *row)
{
    const uint64_t epoch = mls_group_epoch(room->group);
    const bool is_text = row->kind == MOD_MLS_OUTGOING_TEXT;
    mod_mls_xml_writer_t xml;
    mls_bytes_t fresh = { 0 };
    mls_view_t message = row->message;
    mls_status_t status = MLS_OK;

    if (message.len == 0 || row->epoch != epoch) {
        status = is_text ? encrypt(mls, room, &fresh, row) : propose_leave(mls, room, &fresh, row);
        message = mls_bytes_view(&fresh);
        /* The used generation is stored before the bytes leave: it never comes back. */
        if (status == MLS_OK && (status = mod_mls_room_save_group(mls, room)) == MLS_OK)
            status = mod_mls_store_set_outgoing(mls->store, row->id, epoch, message);
    }
    if (status == MLS_OK &&
        (status = mod_mls_stanza_group(&xml, room->jid, row->origin_id, message, is_text)) == MLS_OK)
        status = mod_mls_send(mls, &xml);
    mls_bytes_clear(&fresh);
    return status;
}

/* Whether a row is to be sent now: not yet in this session, or made for an epoch that has ended. */
static bool is_due(const mod_mls_room_t *room, const mod_mls_outgoing_row_t *row)
{
    return row->id > room->sent_up_to || row->message.len == 0 || row->epoch != mls_group_epoch(room->group);
}

mls_status_t mod_mls_outbox_drive(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_arena_t arena = { 0 };
    mod_mls_outgoing_rows_t rows;
    bool holds_back = false;
    mls_status_t status;

    /* Texts wait behind an own Commit that removes somebody, or answers what others proposed; and while a
     * read is under way, since it may bring a new epoch. */
    if ((status = mod_mls_store_own_commit_holds_back(mls->store, &holds_back, room->id,
                                                      mls_group_epoch(room->group))) != MLS_OK ||
        holds_back || room->reader.is_active || mod_mls_has_leavers(room))
        return status;
    status = mod_mls_store_outgoing(mls->store, &rows, room->id, &arena);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        if (!is_due(room, &rows.items[i]))
            continue;
        status = send_row(mls, room, &rows.items[i]);
        if (rows.items[i].id > room->sent_up_to)
            room->sent_up_to = rows.items[i].id;
    }
    mls_arena_clear(&arena);
    return status;
}
