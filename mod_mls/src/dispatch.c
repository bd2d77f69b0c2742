#include "dispatch.h"
#include "archive.h"
#include "entry.h"
#include "iq.h"
#include "jid.h"
#include "lookup.h"
#include "message.h"
#include "publish.h"
#include "stanza.h"
#include "timestamp.h"
#include "welcome.h"
#include "xml_reader.h"

#define NS_PUBSUB_EVENT MOD_MLS_NS_PUBSUB "#event"
#define NS_CARBONS "urn:xmpp:carbons:2"
#define NS_FORWARD "urn:xmpp:forward:0"

/* ---- room messages ------------------------------------------------------------------------------- */

/* Somebody wrote into a room with MLS without MLS. */
static mls_status_t take_unencrypted(mod_mls_t *mls, const mod_mls_room_t *room,
                                     const mod_mls_xml_node_t *message)
{
    const mod_mls_xml_node_t *delay = mod_mls_xml_child(message, "delay", "urn:xmpp:delay");
    const char *stanza_id = mod_mls_stanza_id(message, room->jid);
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_UNENCRYPTED, .room = room->jid };

    event.u.message =
        (mod_mls_message_t){ .nick = mod_mls_jid_resource(mod_mls_xml_attribute(message, "from")),
                             .text = mod_mls_xml_text(mod_mls_xml_child(message, "body", NULL)),
                             .origin_id = "",
                             .stanza_id = stanza_id == NULL ? "" : stanza_id,
                             .received_at = mls->now };
    uint64_t stamp;
    if (mod_mls_timestamp_read(&stamp, mod_mls_xml_attribute(delay, "stamp")))
        event.u.message.received_at = stamp;
    return mod_mls_emit(mls, &event, 0);
}

/* A room that this device is not in any more. */
static mls_status_t take_as_outsider(mod_mls_t *mls, const mod_mls_room_t *room, const mod_mls_item_t *item)
{
    mls_message_info_t info;

    if (item->kind != MOD_MLS_PAYLOAD_MLS ||
        mls_message_inspect(&info, mls_bytes_view(&item->message)) != MLS_OK ||
        info.wire_format != MLS_WIRE_FORMAT_PRIVATE_MESSAGE || info.content_type != MLS_CONTENT_APPLICATION)
        return MLS_OK;
    return mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_NOT_MEMBER, item, info.epoch);
}

static mls_status_t take_room_message(mod_mls_t *mls, mod_mls_answer_t *answer, mod_mls_room_t *room,
                                      const mod_mls_xml_node_t *message)
{
    mod_mls_item_t item;
    mls_status_t status = MLS_OK;

    if (mod_mls_jid_resource(mod_mls_xml_attribute(message, "from")) == NULL) {
        mod_mls_entry_room_message(room, message); /* the room speaks itself: nothing of it is MLS */
        return MLS_OK;
    }
    if ((status = mod_mls_item_read(&item, mls->crypto, message, room->jid)) != MLS_OK)
        return status;
    item.received_at = mls->now;
    item.is_live = true;
    if (item.kind != MOD_MLS_PAYLOAD_NONE) {
        *answer = MOD_MLS_CONSUME;
        status =
            room->group != NULL ? mod_mls_archive_live(mls, room, &item) : take_as_outsider(mls, room, &item);
    } else if (mod_mls_xml_child(message, "body", NULL) != NULL && room->state != MOD_MLS_ROOM_INVITED) {
        *answer = MOD_MLS_CONSUME;
        status = take_unencrypted(mls, room, message);
    }
    mod_mls_item_clear(&item);
    return status;
}

/* The room did not take a message of ours; nothing is given up for that, since it may yet appear. */
static mls_status_t take_room_error(mod_mls_t *mls, mod_mls_answer_t *answer, mod_mls_room_t *room,
                                    const mod_mls_xml_node_t *message)
{
    if (mod_mls_xml_child(message, "mls", MOD_MLS_NAMESPACE) != NULL)
        *answer = MOD_MLS_CONSUME;
    if (strcmp(mod_mls_error_condition(message), "not-acceptable") == 0 &&
        room->step == MOD_MLS_STEP_CONFIGURED) { /* XEP-0045 §7.4: not an occupant (any more) */
        room->step = MOD_MLS_STEP_OUTSIDE;
        room->is_synced = false;
        room->sent_up_to = 0;
        room->commit_sent_at = 0;
    } else if (room->group != NULL) {
        mod_mls_archive_read_at(room, mls->now + mls->settings.second_look_ms);
    }
    return MLS_OK;
}

/* ---- other messages ------------------------------------------------------------------------------ */

static mls_status_t take_pubsub_event(mod_mls_t *mls, mod_mls_answer_t *answer,
                                      const mod_mls_xml_node_t *message)
{
    const mod_mls_xml_node_t *event = mod_mls_xml_child(message, "event", NS_PUBSUB_EVENT);
    const mod_mls_xml_node_t *items = mod_mls_xml_child(event, "items", NS_PUBSUB_EVENT);
    const char *node = mod_mls_xml_attribute(items, "node");
    char *account;
    mls_status_t status = MLS_OK;

    if (node == NULL || strncmp(node, MOD_MLS_NAMESPACE ":", sizeof MOD_MLS_NAMESPACE) != 0)
        return MLS_OK;
    *answer = MOD_MLS_CONSUME;
    if (strcmp(node, MOD_MLS_NODE_DEVICES) != 0)
        return MLS_OK;
    const char *from = mod_mls_xml_attribute(message, "from");
    mls_arena_t arena = { 0 };
    const mls_view_t bare = mod_mls_jid_bare(from == NULL ? mls->account : from);
    account = mls_arena_alloc(&arena, bare.len + 1);
    if (account == NULL) {
        status = MLS_ERR_NOMEM;
    } else {
        memcpy(account, bare.data, bare.len);
        status = mod_mls_note_devices(mls, account, items);
    }
    mls_arena_clear(&arena);
    return status;
}

/* A message that another device of the account received (XEP-0280); only the own account may say so. */
static const mod_mls_xml_node_t *unwrap_carbon(const mod_mls_t *mls, const mod_mls_xml_node_t *message)
{
    const mod_mls_xml_node_t *received = mod_mls_xml_child(message, "received", NS_CARBONS);
    const mod_mls_xml_node_t *inner =
        mod_mls_xml_child(mod_mls_xml_child(received, "forwarded", NS_FORWARD), "message", NULL);
    const char *from = mod_mls_xml_attribute(message, "from");

    return inner != NULL && (from == NULL || strcmp(from, mls->account) == 0) ? inner : message;
}

static mls_status_t take_message(mod_mls_t *mls, mod_mls_answer_t *answer, const mod_mls_xml_node_t *message)
{
    const char *from = mod_mls_xml_attribute(message, "from");
    mod_mls_room_t *room = mod_mls_room_of(mls, from);
    bool taken;
    mls_status_t status = mod_mls_archive_result(mls, &taken, message);

    if (status != MLS_OK || taken) {
        *answer = MOD_MLS_CONSUME;
        return status;
    }
    if (room != NULL && mod_mls_xml_attribute_is(message, "type", "error"))
        return take_room_error(mls, answer, room, message);
    if (room != NULL && mod_mls_xml_attribute_is(message, "type", "groupchat"))
        return take_room_message(mls, answer, room, message);
    if (mod_mls_xml_attribute_is(message, "type", "error") ||
        mod_mls_xml_attribute_is(message, "type", "groupchat"))
        return MLS_OK;
    message = unwrap_carbon(mls, message);
    if (mod_mls_xml_child(message, "welcome", MOD_MLS_NAMESPACE) != NULL) {
        *answer = MOD_MLS_CONSUME;
        return mod_mls_welcome_take(mls, message, false);
    }
    if (room != NULL)
        mod_mls_entry_room_message(room, message);
    return take_pubsub_event(mls, answer, message);
}

/* ---- all stanzas --------------------------------------------------------------------------------- */

static mls_status_t take(mod_mls_t *mls, mod_mls_answer_t *answer, const mod_mls_xml_node_t *stanza)
{
    bool taken;
    mls_status_t status;

    if (strcmp(stanza->name, "message") == 0)
        return take_message(mls, answer, stanza);
    if (strcmp(stanza->name, "presence") == 0) {
        mod_mls_room_t *room = mod_mls_room_of(mls, mod_mls_xml_attribute(stanza, "from"));
        return room == NULL ? MLS_OK : mod_mls_entry_presence(mls, room, stanza);
    }
    if (strcmp(stanza->name, "iq") != 0)
        return MLS_OK;
    status = mod_mls_iq_take(mls, &taken, stanza);
    if (taken)
        *answer = MOD_MLS_CONSUME;
    return status;
}

mls_status_t mod_mls_dispatch(mod_mls_t *mls, mod_mls_answer_t *answer, const char *stanza, size_t len)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    mls_status_t status = mod_mls_xml_read(&node, &arena, stanza, len);

    *answer = MOD_MLS_PASS;
    if (status == MLS_OK) {
        status = take(mls, answer, node);
    } else if (mls_status_is_input(status)) {
        *answer = MOD_MLS_CONSUME;
        status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, NULL, MOD_MLS_ERROR_STANZA_BROKEN, status, NULL);
    }
    mls_arena_clear(&arena);
    return status;
}
