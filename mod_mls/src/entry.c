#include "entry.h"
#include "discovery.h"
#include "iq.h"
#include "jid.h"
#include "stanza.h"

#define NS_OWNER "http://jabber.org/protocol/muc#owner"

enum { MAX_NICKS = 9 };

/* ---- failing ------------------------------------------------------------------------------------- */

/* Who wished to leave and is not let in any more has left. */
static mls_status_t finish_leaving(mod_mls_t *mls, mod_mls_room_t *room)
{
    const mod_mls_event_t left = { .type = MOD_MLS_EVENT_LEFT, .room = room->jid };
    mls_status_t status = mod_mls_room_end(mls, room, MOD_MLS_ROOM_LEFT);

    room->step = MOD_MLS_STEP_OUTSIDE;
    return status != MLS_OK ? status : mod_mls_emit(mls, &left, 0);
}

/* Something on the way in failed. A room being created is given up; any other is tried again later. */
static mls_status_t fail(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_error_t code)
{
    const bool was_told = room->unsafe == code;
    mls_status_t status = MLS_OK;

    if (room->state == MOD_MLS_ROOM_LEAVING && code == MOD_MLS_ERROR_ROOM_FORBIDDEN)
        return finish_leaving(mls, room);
    if (room->state == MOD_MLS_ROOM_REMOVED) /* shut out as well: there is nothing more to settle it by */
        return mod_mls_room_end(mls, room, MOD_MLS_ROOM_REMOVED);
    room->step = MOD_MLS_STEP_WAITING;
    room->retry_at = mls->now + mls->settings.retry_ms;
    room->unsafe = code;
    if (!was_told)
        status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, code, MLS_OK, NULL);
    if (status != MLS_OK || room->state != MOD_MLS_ROOM_CREATING)
        return status;
    if ((status = mod_mls_part(mls, room->jid, room->nick)) != MLS_OK)
        return status;
    return mod_mls_room_delete(mls, room);
}

/* The room is there, but not as it must be: nothing is sent until it is. */
static mls_status_t unsafe(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_error_t code)
{
    const bool was_told = room->unsafe == code;

    if (room->state == MOD_MLS_ROOM_CREATING)
        return fail(mls, room, code);
    room->unsafe = code;
    room->step = MOD_MLS_STEP_WAITING;
    room->retry_at = mls->now + mls->settings.retry_ms;
    return was_told ? MLS_OK : mod_mls_tell(mls, MOD_MLS_EVENT_ROOM_UNSAFE, room->jid, code, MLS_OK, NULL);
}

static mod_mls_error_t error_of_condition(const char *condition)
{
    static const char *const unreachable[] = { "remote-server-not-found", "remote-server-timeout",
                                               "service-unavailable", "gone", "timeout" };

    for (size_t i = 0; i < sizeof unreachable / sizeof unreachable[0]; i++) {
        if (strcmp(condition, unreachable[i]) == 0)
            return MOD_MLS_ERROR_NO_ROOM_SERVICE;
    }
    return MOD_MLS_ERROR_ROOM_FORBIDDEN;
}

/* ---- the configuration is verified by disco ------------------------------------------------------- */

static mod_mls_error_t first_fault(const mod_mls_xml_node_t *query)
{
    if (!mod_mls_has_feature(query, MOD_MLS_NS_MAM))
        return MOD_MLS_ERROR_ROOM_NO_ARCHIVE;
    if (!mod_mls_has_feature(query, "muc_membersonly"))
        return MOD_MLS_ERROR_ROOM_NOT_PRIVATE;
    if (!mod_mls_has_feature(query, "muc_persistent"))
        return MOD_MLS_ERROR_ROOM_NOT_PERSISTENT;
    return MOD_MLS_OK;
}

static mls_status_t on_disco(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room = mod_mls_room_by_id(mls, reply->room);
    const mod_mls_xml_node_t *query = mod_mls_xml_child(reply->iq, "query", MOD_MLS_NS_DISCO);
    const mod_mls_event_t verified = { .type = MOD_MLS_EVENT_ROOM_VERIFIED,
                                       .room = room == NULL ? NULL : room->jid };

    if (room == NULL || room->step != MOD_MLS_STEP_ASKING)
        return MLS_OK;
    if (!reply->is_result)
        return fail(mls, room, error_of_condition(reply->condition));
    mod_mls_error_t fault = first_fault(query);
    if (fault != MOD_MLS_OK)
        return unsafe(mls, room, fault);
    const bool is_news = !room->was_verified || room->unsafe != MOD_MLS_OK;
    room->unsafe = MOD_MLS_OK;
    room->was_verified = true;
    room->step = MOD_MLS_STEP_CONFIGURED;
    mls_status_t status = is_news ? mod_mls_emit(mls, &verified, 0) : MLS_OK;
    return status != MLS_OK ? status : mod_mls_room_configured(mls, room);
}

static mls_status_t ask_disco(mod_mls_t *mls, mod_mls_room_t *room)
{
    mod_mls_request_t request;
    mls_status_t status = mod_mls_iq_begin(mls, &request, "get", room->jid);

    if (status != MLS_OK)
        return status;
    room->step = MOD_MLS_STEP_ASKING;
    mod_mls_xml_leaf(&request.xml, "query", MOD_MLS_NS_DISCO, NULL);
    return mod_mls_iq_send(mls, &request, on_disco, room->id, 0, NULL);
}

/* ---- the form: fetched, filled where it offers something, submitted ------------------------------- */

/* What a room for MLS wants. ejabberd refuses a form for one field it does not know, Prosody says yes to
 * what it ignores, and member invitations have two names: so only what the form offers is filled, and only
 * disco is believed. */
static const char *wanted_value(const char *field, bool everybody_may_add)
{
    const char *const invites = everybody_may_add ? "1" : "0";
    const struct {
        const char *field, *value;
    } wanted[] = {
        { "muc#roomconfig_membersonly", "1" },
        { "muc#roomconfig_persistentroom", "1" },
        { "muc#roomconfig_publicroom", "0" },
        { "muc#roomconfig_whois", "anyone" },
        { "muc#roomconfig_changesubject", "0" },
        { "muc#roomconfig_allowinvites", invites },
        { "{http://prosody.im/protocol/muc}roomconfig_allowmemberinvites", invites },
        { "muc#roomconfig_enablearchiving", "1" },
        { "mam", "1" },
        { "allow_subscription", "0" }, /* a subscriber who is removed would go on receiving */
    };

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        if (strcmp(field, wanted[i].field) == 0)
            return wanted[i].value;
    }
    return NULL;
}

static void fill_form(mod_mls_xml_writer_t *xml, const mod_mls_xml_node_t *form, bool everybody_may_add)
{
    mod_mls_xml_open(xml, "x", MOD_MLS_NS_DATA);
    mod_mls_xml_put(xml, "type", "submit");
    mod_mls_xml_open(xml, "field", NULL);
    mod_mls_xml_put(xml, "var", "FORM_TYPE");
    mod_mls_xml_put(xml, "type", "hidden");
    mod_mls_xml_leaf(xml, "value", NULL, "http://jabber.org/protocol/muc#roomconfig");
    mod_mls_xml_close(xml);
    for (const mod_mls_xml_node_t *field = mod_mls_xml_child(form, "field", MOD_MLS_NS_DATA); field != NULL;
         field = mod_mls_xml_next(field, "field", MOD_MLS_NS_DATA)) {
        const char *name = mod_mls_xml_attribute(field, "var");
        const char *value = name == NULL ? NULL : wanted_value(name, everybody_may_add);
        if (value == NULL)
            continue;
        mod_mls_xml_open(xml, "field", NULL);
        mod_mls_xml_put(xml, "var", name);
        mod_mls_xml_leaf(xml, "value", NULL, value);
        mod_mls_xml_close(xml);
    }
    mod_mls_xml_close(xml);
}

static bool everybody_may_add(const mod_mls_room_t *room)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    bool everybody = mls_decode(&policy, sizeof policy, mod_mls_codec_xmpp_room,
                                mls_bytes_view(&room->options), &arena) == MLS_OK &&
                     policy.may_add == MOD_MLS_EVERYBODY;

    mls_arena_clear(&arena);
    return everybody;
}

static mls_status_t on_submitted(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room = mod_mls_room_by_id(mls, reply->room);

    if (room == NULL || room->step != MOD_MLS_STEP_ASKING)
        return MLS_OK;
    return reply->is_result ? ask_disco(mls, room) : fail(mls, room, error_of_condition(reply->condition));
}

static mls_status_t on_form(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room = mod_mls_room_by_id(mls, reply->room);
    const mod_mls_xml_node_t *query = mod_mls_xml_child(reply->iq, "query", NS_OWNER);
    mod_mls_request_t request;
    mls_status_t status;

    if (room == NULL || room->step != MOD_MLS_STEP_ASKING)
        return MLS_OK;
    if (!reply->is_result) {
        bool not_owner =
            strcmp(reply->condition, "forbidden") == 0 || strcmp(reply->condition, "not-allowed") == 0;
        return fail(mls, room, not_owner ? MOD_MLS_ERROR_ROOM_EXISTS : error_of_condition(reply->condition));
    }
    if ((status = mod_mls_iq_begin(mls, &request, "set", room->jid)) != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "query", NS_OWNER);
    fill_form(&request.xml, mod_mls_xml_child(query, "x", MOD_MLS_NS_DATA), everybody_may_add(room));
    return mod_mls_iq_send(mls, &request, on_submitted, room->id, 0, NULL);
}

static mls_status_t ask_form(mod_mls_t *mls, mod_mls_room_t *room)
{
    mod_mls_request_t request;
    mls_status_t status = mod_mls_iq_begin(mls, &request, "get", room->jid);

    if (status != MLS_OK)
        return status;
    room->step = MOD_MLS_STEP_ASKING;
    mod_mls_xml_leaf(&request.xml, "query", NS_OWNER, NULL);
    return mod_mls_iq_send(mls, &request, on_form, room->id, 0, NULL);
}

/* ---- presence ------------------------------------------------------------------------------------ */

static bool has_status(const mod_mls_xml_node_t *x, const char *code)
{
    const mod_mls_xml_node_t *n = mod_mls_xml_child(x, "status", MOD_MLS_NS_MUC_USER);

    while (n != NULL && !mod_mls_xml_attribute_is(n, "code", code))
        n = mod_mls_xml_next(n, "status", MOD_MLS_NS_MUC_USER);
    return n != NULL;
}

static mls_status_t enter(mod_mls_t *mls, mod_mls_room_t *room)
{
    room->step = MOD_MLS_STEP_ENTERING;
    room->retry_at = mls->now + mls->settings.iq_timeout_ms;
    return mod_mls_join(mls, room->jid, room->nick);
}

/* XEP-0045 §7.2.8: another account has the nick. */
static mls_status_t enter_with_next_nick(mod_mls_t *mls, mod_mls_room_t *room)
{
    mod_mls_text_t nick = { 0 };
    mls_status_t status;

    room->num_nicks++;
    mod_mls_text_add(&nick, mls->nick);
    mod_mls_text_add_char(&nick, '-');
    mod_mls_text_add_u64(&nick, room->num_nicks + 1);
    status = nick.status != MLS_OK ? nick.status : mod_mls_set_string(&room->nick, nick.data);
    mod_mls_text_clear(&nick);
    return status != MLS_OK ? status : enter(mls, room);
}

static mls_status_t on_error(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_xml_node_t *presence)
{
    const char *condition = mod_mls_error_condition(presence);

    if (room->step != MOD_MLS_STEP_ENTERING)
        return MLS_OK;
    if (strcmp(condition, "conflict") == 0 && room->num_nicks < MAX_NICKS)
        return enter_with_next_nick(mls, room);
    /* Prosody tells of a room that its owner has not configured yet in this way. */
    if (strcmp(condition, "item-not-found") == 0)
        return fail(mls, room, MOD_MLS_ERROR_NO_ROOM_SERVICE);
    return fail(mls, room, error_of_condition(condition));
}

static void on_inside(mod_mls_room_t *room, const mod_mls_xml_node_t *x)
{
    const mod_mls_xml_node_t *item = mod_mls_xml_child(x, "item", MOD_MLS_NS_MUC_USER);

    room->is_owner = mod_mls_xml_attribute_is(item, "affiliation", "owner") ||
                     mod_mls_xml_attribute_is(item, "affiliation", "admin");
    if (room->step == MOD_MLS_STEP_ENTERING)
        room->step = MOD_MLS_STEP_INSIDE;
}

mls_status_t mod_mls_entry_presence(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_xml_node_t *presence)
{
    const mod_mls_xml_node_t *x = mod_mls_xml_child(presence, "x", MOD_MLS_NS_MUC_USER);

    if (mod_mls_xml_attribute_is(presence, "type", "error"))
        return on_error(mls, room, presence);
    if (!has_status(x, "110"))
        return MLS_OK;
    if (!mod_mls_xml_attribute_is(presence, "type", "unavailable")) {
        on_inside(room, x);
        return MLS_OK;
    }
    /* Out of the MUC, for whatever reason; who is still in the group goes back in. */
    room->step = MOD_MLS_STEP_WAITING;
    room->retry_at = mls->now + mls->settings.second_look_ms;
    room->is_synced = false;
    return MLS_OK;
}

void mod_mls_entry_room_message(mod_mls_room_t *room, const mod_mls_xml_node_t *message)
{
    static const char *const changed[] = { "104", "170", "171", "172", "173" }; /* XEP-0045 §10.2 */
    const mod_mls_xml_node_t *x = mod_mls_xml_child(message, "x", MOD_MLS_NS_MUC_USER);

    for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++) {
        if (has_status(x, changed[i]) && room->state != MOD_MLS_ROOM_CREATING &&
            (room->step == MOD_MLS_STEP_CONFIGURED ||
             (room->step == MOD_MLS_STEP_WAITING && room->unsafe != MOD_MLS_OK)))
            room->step = MOD_MLS_STEP_INSIDE;
    }
}

mls_status_t mod_mls_entry_drive(mod_mls_t *mls, mod_mls_room_t *room)
{
    if (!mls->is_connected || !mod_mls_room_wants_in(room))
        return MLS_OK;
    switch (room->step) {
    case MOD_MLS_STEP_OUTSIDE:
        return enter(mls, room);
    case MOD_MLS_STEP_ENTERING:
        return mls->now < room->retry_at ? MLS_OK : fail(mls, room, MOD_MLS_ERROR_NO_ROOM_SERVICE);
    case MOD_MLS_STEP_INSIDE:
        return room->state == MOD_MLS_ROOM_CREATING ? ask_form(mls, room) : ask_disco(mls, room);
    case MOD_MLS_STEP_WAITING:
        return mls->now < room->retry_at ? MLS_OK : enter(mls, room);
    case MOD_MLS_STEP_ASKING:
    case MOD_MLS_STEP_CONFIGURED:
        break;
    }
    return MLS_OK;
}
