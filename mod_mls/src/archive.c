#include "archive.h"
#include "commit.h"
#include "iq.h"
#include "jid.h"
#include "message.h"
#include "order.h"
#include "stanza.h"
#include "timestamp.h"
#include "welcome.h"

#include <stdlib.h>

enum {
    PAGE = 50, /* the most that Prosody gives */
    MAX_PAGE = 256,
    MAX_LIVE = 500,       /* stanzas kept while a read is under way */
    MAX_LOCATES = 3,      /* reads for the Commit that a Welcome is about */
    MAX_UNREAD_TAIL = 200 /* live stanzas after which the anchor should move */
};

static mod_mls_reply_fn on_page;

void mod_mls_archive_read_at(mod_mls_room_t *room, uint64_t at)
{
    if (room->read_at == 0 || at < room->read_at)
        room->read_at = at == 0 ? 1 : at;
}

/* ---- asking -------------------------------------------------------------------------------------- */

/* `name` is "after" or "before"; `value` NULL: from the beginning, "" with "before": from the end. */
static mls_status_t ask_page(mod_mls_t *mls, mod_mls_room_t *room, const char *name, const char *value)
{
    mod_mls_request_t request;
    mls_status_t status;

    if ((status = mod_mls_random_id(mls, room->reader.query_id)) != MLS_OK ||
        (status = mod_mls_iq_begin(mls, &request, "set", room->jid)) != MLS_OK)
        return status;
    mod_mls_items_clear(&room->reader.page);
    mod_mls_xml_open(&request.xml, "query", MOD_MLS_NS_MAM);
    mod_mls_xml_put(&request.xml, "queryid", room->reader.query_id);
    mod_mls_write_rsm(&request.xml, name, value, PAGE);
    return mod_mls_iq_send(mls, &request, on_page, room->id, (int64_t)room->reader.number, value);
}

static mls_status_t begin_read(mod_mls_t *mls, mod_mls_room_t *room)
{
    const uint64_t number = room->reader.number + 1;

    mod_mls_items_clear(&room->reader.page);
    room->reader = (mod_mls_reader_t){ .is_active = true, .number = number, .started_at = mls->now };
    room->read_at = 0;
    if (room->state == MOD_MLS_ROOM_JOINING) {
        room->reader.is_locating = true;
        room->oldest_epoch = UINT64_MAX;
        return ask_page(mls, room, "before", "");
    }
    mod_mls_order_begin(room);
    return ask_page(mls, room, "after", room->anchor[0] == '\0' ? NULL : room->anchor);
}

mls_status_t mod_mls_archive_drive(mod_mls_t *mls, mod_mls_room_t *room)
{
    if (!mls->is_connected || room->group == NULL || room->step != MOD_MLS_STEP_CONFIGURED ||
        room->reader.is_active || room->read_at == 0 || mls->now < room->read_at)
        return MLS_OK;
    return begin_read(mls, room);
}

/* ---- results ------------------------------------------------------------------------------------- */

static mls_status_t take_room_result(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_xml_node_t *result)
{
    const mod_mls_xml_node_t *forwarded = mod_mls_xml_child(result, "forwarded", "urn:xmpp:forward:0");
    const mod_mls_xml_node_t *message = mod_mls_xml_child(forwarded, "message", NULL);
    const mod_mls_xml_node_t *delay = mod_mls_xml_child(forwarded, "delay", "urn:xmpp:delay");
    const char *id = mod_mls_xml_attribute(result, "id");
    mod_mls_item_t item;
    mls_status_t status;

    if (message == NULL || id == NULL || id[0] == '\0' || room->reader.page.count >= MAX_PAGE)
        return MLS_OK;
    if ((status = mod_mls_item_read(&item, mls->crypto, message, room->jid)) != MLS_OK)
        return status;
    if (!mod_mls_timestamp_read(&item.received_at, mod_mls_xml_attribute(delay, "stamp")))
        item.received_at = mls->now;
    if ((status = mod_mls_set_string(&item.stanza_id, id)) == MLS_OK)
        status = mod_mls_items_add(&room->reader.page, &item);
    mod_mls_item_clear(&item);
    return status;
}

/* A Welcome in the account's own archive. */
static mls_status_t take_own_result(mod_mls_t *mls, const mod_mls_xml_node_t *result)
{
    const mod_mls_xml_node_t *forwarded = mod_mls_xml_child(result, "forwarded", "urn:xmpp:forward:0");
    const mod_mls_xml_node_t *message = mod_mls_xml_child(forwarded, "message", NULL);
    const mod_mls_xml_node_t *welcome = mod_mls_xml_child(message, "welcome", MOD_MLS_NAMESPACE);
    const mls_view_t from = mod_mls_jid_bare(mod_mls_xml_attribute(message, "from"));

    if (welcome == NULL || mod_mls_view_is(from, mls->account))
        return MLS_OK; /* what was sent from here is in the archive too */
    return mod_mls_welcome_take(mls, message, true);
}

mls_status_t mod_mls_archive_result(mod_mls_t *mls, bool *taken, const mod_mls_xml_node_t *message)
{
    const mod_mls_xml_node_t *result = mod_mls_xml_child(message, "result", MOD_MLS_NS_MAM);
    const char *from = mod_mls_xml_attribute(message, "from");
    const char *query_id = mod_mls_xml_attribute(result, "queryid");

    *taken = true;
    if (result == NULL || query_id == NULL) {
        *taken = false;
        return MLS_OK;
    }
    /* Only from whom was asked, and under a query that is open (XEP-0313, Security Considerations). */
    for (mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        if (room->reader.is_active && strcmp(room->reader.query_id, query_id) == 0 && from != NULL &&
            strcmp(from, room->jid) == 0)
            return take_room_result(mls, room, result);
    }
    if (mls->archive_query[0] != '\0' && strcmp(mls->archive_query, query_id) == 0 &&
        (from == NULL || strcmp(from, mls->account) == 0))
        return take_own_result(mls, result);
    *taken = false;
    return MLS_OK;
}

/* ---- finding the Commit that a Welcome is about ---------------------------------------------------- */

static void note_oldest(mod_mls_room_t *room, const mod_mls_item_t *item)
{
    mls_message_info_t info;

    if (item->kind == MOD_MLS_PAYLOAD_MLS &&
        mls_message_inspect(&info, mls_bytes_view(&item->message)) == MLS_OK &&
        info.wire_format == MLS_WIRE_FORMAT_PRIVATE_MESSAGE &&
        mls_view_equal(info.group_id, mls_bytes_view(&room->group_id)) && info.epoch < room->oldest_epoch)
        room->oldest_epoch = info.epoch;
}

/* The room is joined; what follows the Commit is read now. */
static mls_status_t located(mod_mls_t *mls, mod_mls_room_t *room, const char *anchor)
{
    mls_status_t status = mod_mls_set_string(&room->anchor, anchor);

    room->reader.is_active = false;
    room->state = MOD_MLS_ROOM_READY;
    room->announce_joined = true;
    mod_mls_archive_read_at(room, mls->now);
    return status != MLS_OK ? status : mod_mls_room_save(mls, room);
}

/* The whole archive was read and the Commit is not in it. If all of it is younger, it has expired there; else
 * the Welcome is of a branch that the room does not know. */
static mls_status_t not_located(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status;

    room->reader.is_active = false;
    if (room->oldest_epoch != UINT64_MAX && room->oldest_epoch >= mls_group_epoch(room->group)) {
        status = mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_ARCHIVE_GAP, MLS_OK, NULL);
        return status != MLS_OK ? status : located(mls, room, "");
    }
    if (++room->num_locates < MAX_LOCATES) {
        mod_mls_archive_read_at(room, mls->now + mls->settings.second_look_ms);
        return MLS_OK;
    }
    if ((status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_WELCOME_NO_COMMIT, MLS_OK,
                               room->inviter)) != MLS_OK ||
        (status = mod_mls_part(mls, room->jid, room->nick)) != MLS_OK)
        return status;
    return mod_mls_room_end(mls, room, MOD_MLS_ROOM_LEFT);
}

static mls_status_t locate_in_page(mod_mls_t *mls, mod_mls_room_t *room, bool is_last)
{
    uint8_t hash[MOD_MLS_SHA256_LEN];
    mls_status_t status = mod_mls_room_anchor(mls, room, hash, mls_group_epoch(room->group));

    if (status != MLS_OK)
        return status;
    for (size_t i = room->reader.page.count; i-- > 0;) {
        const mod_mls_item_t *item = &room->reader.page.items[i];
        note_oldest(room, item);
        if (item->kind == MOD_MLS_PAYLOAD_MLS && memcmp(item->hash, hash, sizeof hash) == 0)
            return located(mls, room, item->stanza_id);
    }
    if (is_last || room->reader.page.count == 0)
        return not_located(mls, room);
    char *first = mod_mls_strdup(room->reader.page.items[0].stanza_id);
    status = first == NULL ? MLS_ERR_NOMEM : ask_page(mls, room, "before", first);
    free(first);
    return status;
}

/* ---- live stanzas -------------------------------------------------------------------------------- */

static bool is_own_commit(const mod_mls_room_t *room, const mod_mls_item_t *item)
{
    for (size_t n = 0;; n++) {
        const mls_pending_commit_t *pending = mls_group_pending_commit(room->group, n);
        if (pending == NULL)
            return false;
        if (mls_view_equal(mls_pending_commit_message(pending), mls_bytes_view(&item->message)))
            return true;
    }
}

/* A handshake counts where the archive has it. Its committer, and whoever wants to send, looks at once. */
static mls_status_t on_live_handshake(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item,
                                      bool is_commit)
{
    uint64_t num_outgoing, delay = mod_mls_random_below(mls, mls->settings.read_jitter_ms);
    mls_status_t status;

    if (item->stanza_id == NULL)
        return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_NOT_IN_ORDER, MLS_OK, NULL);
    if ((status = mod_mls_store_count_outgoing(mls->store, &num_outgoing, room->id)) != MLS_OK)
        return status;
    if (num_outgoing > 0 || is_own_commit(room, item))
        delay = 0;
    mod_mls_archive_read_at(room, mls->now + delay);
    if (!is_commit)
        return MLS_OK;
    room->num_looks = 0;
    return mod_mls_set_string(&room->awaited, item->stanza_id);
}

static mls_status_t on_live_message(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item)
{
    mod_mls_tail_entry_t *entry = NULL;
    mls_message_info_t info;
    bool is_final = false;
    mls_status_t status = mls_message_inspect(&info, mls_bytes_view(&item->message));

    if (item->stanza_id != NULL && (entry = mod_mls_tail_find(room, item->stanza_id)) != NULL &&
        entry->is_final)
        return MLS_OK;
    if (status != MLS_OK || info.wire_format != MLS_WIRE_FORMAT_PRIVATE_MESSAGE)
        return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_MESSAGE_BROKEN, status, NULL);
    if (!mls_view_equal(info.group_id, mls_bytes_view(&room->group_id)))
        return mod_mls_message_unreadable(mls, room, MOD_MLS_UNREADABLE_OTHER_GROUP, item, info.epoch);
    if (info.content_type != MLS_CONTENT_APPLICATION)
        return on_live_handshake(mls, room, item, info.content_type == MLS_CONTENT_COMMIT);
    if ((status = mod_mls_message_take(mls, room, &is_final, item, UINT64_MAX)) != MLS_OK ||
        item->stanza_id == NULL)
        return status;
    if (!is_final) /* of an epoch whose Commit did not come live */
        mod_mls_archive_read_at(room, mls->now + mls->settings.read_jitter_ms);
    if ((entry = mod_mls_tail_get(mls, room, item->stanza_id)) == NULL)
        return MLS_ERR_NOMEM;
    entry->is_final = is_final;
    if (room->num_tail > MAX_UNREAD_TAIL)
        mod_mls_archive_read_at(room, mls->now + mls->settings.read_jitter_ms);
    return MLS_OK;
}

static mls_status_t take_live(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_item_t *item)
{
    switch (item->kind) {
    case MOD_MLS_PAYLOAD_MLS:
        return on_live_message(mls, room, item);
    case MOD_MLS_PAYLOAD_BROKEN:
        return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_MESSAGE_BROKEN, MLS_OK, NULL);
    default:
        return MLS_OK; /* parts, join requests and their answers: recognised, not acted on yet */
    }
}

mls_status_t mod_mls_archive_live(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_item_t *item)
{
    mls_status_t status = MLS_OK;

    if (room->is_synced && !room->reader.is_active)
        status = take_live(mls, room, item);
    else if (room->live.count < MAX_LIVE) {
        item->is_live = false; /* it is shown later, when another stanza comes in */
        status = mod_mls_items_add(&room->live, item);
    } else /* too many to keep: the archive has them */
        mod_mls_archive_read_at(room, mls->now);
    mod_mls_item_clear(item);
    return status;
}

static mls_status_t take_buffered(mod_mls_t *mls, mod_mls_room_t *room)
{
    mod_mls_items_t live = room->live;
    mls_status_t status = MLS_OK;

    room->live = (mod_mls_items_t){ 0 };
    for (size_t i = 0; status == MLS_OK && i < live.count && room->group != NULL; i++) {
        const mod_mls_tail_entry_t *entry =
            live.items[i].stanza_id == NULL ? NULL : mod_mls_tail_find(room, live.items[i].stanza_id);
        if (entry == NULL || !entry->seen_in_read) /* the read had it already */
            status = take_live(mls, room, &live.items[i]);
    }
    mod_mls_items_clear(&live);
    return status;
}

/* ---- a read goes on, and ends --------------------------------------------------------------------- */

/* A live Commit that the archive does not show is looked for once more; then it is not in the order. */
static mls_status_t look_for_awaited(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status = MLS_OK;

    if (room->awaited == NULL)
        return MLS_OK;
    const mod_mls_tail_entry_t *entry = mod_mls_tail_find(room, room->awaited);
    const bool is_found = entry != NULL && entry->seen_in_read == room->reader.number;
    if (!is_found && ++room->num_looks < 2) {
        mod_mls_archive_read_at(room, mls->now + mls->settings.second_look_ms);
        return MLS_OK;
    }
    if (!is_found)
        status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_NOT_IN_ORDER, MLS_OK, NULL);
    free(room->awaited);
    room->awaited = NULL;
    return status;
}

static mls_status_t end_read(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status;

    room->reader.is_active = false;
    if (room->group == NULL)
        return MLS_OK;
    if ((status = look_for_awaited(mls, room)) != MLS_OK || (status = mod_mls_order_end(mls, room)) != MLS_OK)
        return status;
    if (room->group == NULL)
        return MLS_OK; /* it is settled that this device was removed */
    room->is_synced = true;
    if (room->announce_joined) {
        room->announce_joined = false;
        if ((status = mod_mls_room_emit_epoch(mls, room, MOD_MLS_EVENT_JOINED)) != MLS_OK)
            return status;
    }
    return take_buffered(mls, room);
}

static mls_status_t tell_reading(mod_mls_t *mls, const mod_mls_room_t *room, bool is_last)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_PROGRESS, .room = room->jid };
    const uint64_t pages = room->reader.num_pages;

    if (pages < 2)
        return MLS_OK;
    event.u.progress = (mod_mls_progress_t){ "reading the archive", pages, is_last ? pages : 0 };
    return mod_mls_emit(mls, &event, 0);
}

static mls_status_t walk_page(mod_mls_t *mls, mod_mls_room_t *room, bool is_last)
{
    mod_mls_items_t page = room->reader.page;
    char *last = NULL;
    mls_status_t status = MLS_OK;

    room->reader.page = (mod_mls_items_t){ 0 };
    room->reader.num_pages++;
    if (page.count > 0 && (last = mod_mls_strdup(page.items[page.count - 1].stanza_id)) == NULL)
        status = MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < page.count && room->group != NULL; i++)
        status = mod_mls_order_take(mls, room, &page.items[i]);
    if (status == MLS_OK)
        status = tell_reading(mls, room, is_last || last == NULL);
    if (status == MLS_OK && (is_last || last == NULL || room->group == NULL))
        status = end_read(mls, room);
    else if (status == MLS_OK)
        status = ask_page(mls, room, "after", last);
    mod_mls_items_clear(&page);
    free(last);
    return status;
}

/* The anchor is not in the archive any more: what is left of it is read from its beginning. */
static mls_status_t anchor_is_gone(mod_mls_t *mls, mod_mls_room_t *room)
{
    mls_status_t status;

    if ((status = mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid, MOD_MLS_ERROR_ARCHIVE_GAP, MLS_OK,
                               NULL)) != MLS_OK ||
        (status = mod_mls_set_string(&room->anchor, "")) != MLS_OK ||
        (status = mod_mls_room_save(mls, room)) != MLS_OK)
        return status;
    return ask_page(mls, room, "after", NULL);
}

static mls_status_t on_page(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room = mod_mls_room_by_id(mls, reply->room);
    const mod_mls_xml_node_t *fin = mod_mls_xml_child(reply->iq, "fin", MOD_MLS_NS_MAM);
    const bool is_last = mod_mls_xml_attribute_is(fin, "complete", "true");

    if (room == NULL || !room->reader.is_active || (uint64_t)reply->number != room->reader.number ||
        room->group == NULL)
        return MLS_OK;
    if (reply->is_result && fin != NULL)
        return room->reader.is_locating ? locate_in_page(mls, room, is_last) : walk_page(mls, room, is_last);
    if (strcmp(reply->condition, "item-not-found") == 0 && !room->reader.is_locating && reply->text != NULL &&
        room->anchor[0] != '\0')
        return anchor_is_gone(mls, room);
    /* An error discards nothing: it is asked again. */
    room->reader.is_active = false;
    mod_mls_items_clear(&room->reader.page);
    if (room->state == MOD_MLS_ROOM_REMOVED && strcmp(reply->condition, "forbidden") == 0)
        return mod_mls_room_end(mls, room, MOD_MLS_ROOM_REMOVED); /* nothing more to settle it by */
    mod_mls_archive_read_at(room, mls->now + mls->settings.retry_ms);
    return mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, room->jid,
                        strcmp(reply->condition, "forbidden") == 0 ? MOD_MLS_ERROR_ROOM_FORBIDDEN
                                                                   : MOD_MLS_ERROR_TIMEOUT,
                        MLS_OK, NULL);
}

/* ---- the account's own archive -------------------------------------------------------------------- */

static mls_status_t on_own_page(mod_mls_t *mls, const mod_mls_reply_t *reply);

static mls_status_t ask_own_page(mod_mls_t *mls)
{
    mod_mls_request_t request;
    char start[MOD_MLS_TIMESTAMP_SIZE];
    const bool is_first = mls->self.archive_id[0] == '\0';
    mls_status_t status;

    if ((status = mod_mls_random_id(mls, mls->archive_query)) != MLS_OK ||
        (status = mod_mls_iq_begin(mls, &request, "set", NULL)) != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "query", MOD_MLS_NS_MAM);
    mod_mls_xml_put(&request.xml, "queryid", mls->archive_query);
    if (is_first) { /* no Welcome for this device is older than it */
        mod_mls_timestamp_write(start, mls->self.created);
        mod_mls_xml_open(&request.xml, "x", MOD_MLS_NS_DATA);
        mod_mls_xml_put(&request.xml, "type", "submit");
        mod_mls_xml_open(&request.xml, "field", NULL);
        mod_mls_xml_put(&request.xml, "var", "FORM_TYPE");
        mod_mls_xml_put(&request.xml, "type", "hidden");
        mod_mls_xml_leaf(&request.xml, "value", NULL, MOD_MLS_NS_MAM);
        mod_mls_xml_close(&request.xml);
        mod_mls_xml_open(&request.xml, "field", NULL);
        mod_mls_xml_put(&request.xml, "var", "start");
        mod_mls_xml_leaf(&request.xml, "value", NULL, start);
        mod_mls_xml_close(&request.xml);
        mod_mls_xml_close(&request.xml);
    }
    mod_mls_write_rsm(&request.xml, "after", is_first ? NULL : mls->self.archive_id, PAGE);
    return mod_mls_iq_send(mls, &request, on_own_page, 0, is_first, NULL);
}

static mls_status_t set_archive_id(mod_mls_t *mls, const char *id)
{
    size_t len = strlen(id);
    char *copy = mls_arena_alloc(&mls->self_arena, len + 1);

    if (copy == NULL)
        return MLS_ERR_NOMEM;
    memcpy(copy, id, len);
    mls->self.archive_id = copy;
    return mod_mls_store_put_account(mls->store, &mls->self);
}

/* A server without such an archive, or one that has forgotten the place, hinders nothing: Welcomes also come
 * as ordinary messages. */
static mls_status_t on_own_page(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    const mod_mls_xml_node_t *fin = mod_mls_xml_child(reply->iq, "fin", MOD_MLS_NS_MAM);
    const mod_mls_xml_node_t *set = mod_mls_xml_child(fin, "set", MOD_MLS_NS_RSM);
    const char *last = mod_mls_xml_text(mod_mls_xml_child(set, "last", MOD_MLS_NS_RSM));
    mls_status_t status;

    mls->archive_query[0] = '\0';
    if (!reply->is_result) {
        if (strcmp(reply->condition, "item-not-found") != 0 || reply->number)
            return MLS_OK;
        return (status = set_archive_id(mls, "")) != MLS_OK ? status : ask_own_page(mls);
    }
    if (last[0] == '\0' || strcmp(last, mls->self.archive_id) == 0)
        return MLS_OK;
    if ((status = set_archive_id(mls, last)) != MLS_OK || mod_mls_xml_attribute_is(fin, "complete", "true"))
        return status;
    return ask_own_page(mls);
}

mls_status_t mod_mls_own_archive_drive(mod_mls_t *mls)
{
    if (!mls->is_connected || mls->archive_was_read)
        return MLS_OK;
    mls->archive_was_read = true;
    return ask_own_page(mls);
}
