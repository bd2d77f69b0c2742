#include "welcome.h"
#include "iq.h"
#include "jid.h"
#include "key_packages.h"
#include "message.h"
#include "publish.h"
#include "siblings.h"
#include "stanza.h"

#include <stdlib.h>

enum { MAX_WAITING = 100, MAX_WAITING_OF_ONE = 3 };

/* A Welcome opened, and the group behind it validated; nothing is stored yet. */
typedef struct opened {
    mls_arena_t arena;
    mod_mls_key_package_row_t key_package_row;
    mls_key_package_t *key_package;
    mls_welcome_t *welcome;
    mls_group_t *group;
    uint8_t commit_hash[MOD_MLS_SHA256_LEN];
    mls_leaf_info_t signer;
    uint8_t signer_key[MOD_MLS_DEVICE_KEY_LEN];
} opened_t;

static void clear_opened(opened_t *opened)
{
    mls_group_free(opened->group);
    mls_welcome_free(opened->welcome);
    mls_key_package_free(opened->key_package);
    mls_arena_clear(&opened->arena);
    *opened = (opened_t){ 0 };
}

/* ---- opening ------------------------------------------------------------------------------------- */

typedef struct search {
    mod_mls_t *mls;
    opened_t *opened;
    bool found;
} search_t;

static mls_status_t look_for_key_package(void *arg, mls_view_t ref)
{
    search_t *search = arg;
    mls_status_t status = mod_mls_store_key_package(search->mls->store, &search->opened->key_package_row, ref,
                                                    &search->opened->arena);

    search->found = status == MLS_OK;
    if (search->found)
        return MLS_ERR_STATE; /* ends the walk */
    return status == MLS_ERR_NOT_FOUND ? MLS_OK : status;
}

/* The own key package that the Welcome is for. */
static mls_status_t find_key_package(mod_mls_t *mls, opened_t *opened, mls_view_t message)
{
    search_t search = { mls, opened, false };
    mls_status_t status = mls_welcome_recipients(message, look_for_key_package, &search);

    if (search.found)
        return mls_key_package_load(&opened->key_package, mls->crypto, opened->key_package_row.saved);
    return status != MLS_OK ? status : MLS_ERR_NOT_FOUND;
}

/* The group must say that it is this room's, in a version that is understood, and which Commit began it. */
static mls_status_t check_extensions(opened_t *opened, const char *jid, mod_mls_error_t *error)
{
    mod_mls_xmpp_room_t policy;
    mod_mls_xmpp_anchor_t anchor;
    mls_view_t data;
    mls_status_t status =
        mod_mls_policy_room(&policy, &opened->arena, mls_welcome_group_context_extensions(opened->welcome));

    if (status == MLS_OK && !mod_mls_view_is(policy.room, jid)) {
        *error = MOD_MLS_ERROR_WELCOME_WRONG_ROOM;
        return MLS_ERR_INVALID;
    }
    if (status != MLS_OK ||
        (status = mls_extensions_find(&data, mls_welcome_group_info_extensions(opened->welcome),
                                      MOD_MLS_EXTENSION_ANCHOR)) != MLS_OK ||
        (status = mls_decode(&anchor, sizeof anchor, mod_mls_codec_xmpp_anchor, data, NULL)) != MLS_OK)
        return status;
    memcpy(opened->commit_hash, anchor.commit.data, sizeof opened->commit_hash);
    return MLS_OK;
}

/* Opens a Welcome and validates the whole group, down to every leaf. Nothing is fetched and nobody is told: a
 * stranger may have sent it. */
static mls_status_t open_welcome(mod_mls_t *mls, opened_t *opened, const char *jid, mls_view_t message,
                                 mod_mls_error_t *error)
{
    const mls_group_config_t config = mod_mls_group_config(mls);
    uint32_t signer;
    mls_status_t status;

    *opened = (opened_t){ 0 };
    *error = MOD_MLS_ERROR_WELCOME_UNUSABLE;
    if ((status = find_key_package(mls, opened, message)) != MLS_OK) {
        if (status == MLS_ERR_NOT_FOUND)
            *error = MOD_MLS_ERROR_WELCOME_NOT_FOR_US;
        return status;
    }
    if ((status = mls_welcome_open(&opened->welcome, mls->crypto, &config, opened->key_package, message)) !=
            MLS_OK ||
        (status = check_extensions(opened, jid, error)) != MLS_OK ||
        (status = mls_group_join(&opened->group, &signer, mls->crypto, &config, opened->welcome,
                                 mls_view(NULL, 0))) != MLS_OK ||
        (status = mls_group_leaf(opened->group, &opened->signer, signer)) != MLS_OK)
        return status;
    return mod_mls_leaf_device_key(opened->signer_key, &opened->signer);
}

/* ---- Welcomes that come in ------------------------------------------------------------------------ */

static bool is_bad_input(mls_status_t status)
{
    return mls_status_is_input(status) || status == MLS_ERR_NOT_FOUND || status == MLS_ERR_REJECTED ||
           status == MLS_ERR_ARGUMENT;
}

static bool too_many_waiting(const mod_mls_t *mls, mls_view_t from)
{
    size_t all = 0, of_one = 0;

    for (const mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        all += room->state == MOD_MLS_ROOM_INVITED;
        of_one += room->state == MOD_MLS_ROOM_INVITED && mod_mls_view_is(from, room->from);
    }
    return all >= MAX_WAITING || of_one >= MAX_WAITING_OF_ONE;
}

static bool is_known_group(const mod_mls_t *mls, const opened_t *opened)
{
    for (const mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        if (room->group_id.len > 0 && room->state != MOD_MLS_ROOM_REMOVED &&
            mls_view_equal(mls_bytes_view(&room->group_id), mls_welcome_group_id(opened->welcome)))
            return true;
    }
    return false;
}

/* A room that is held is not taken over by a Welcome; one that only waits for the user, by a newer Welcome of
 * the same device. */
static bool may_take_place(const mod_mls_room_t *room, const opened_t *opened)
{
    if (room == NULL || room->state == MOD_MLS_ROOM_LEFT || room->state == MOD_MLS_ROOM_REMOVED)
        return true;
    return room->state == MOD_MLS_ROOM_INVITED &&
           mls_view_equal(mls_bytes_view(&room->inviter_key),
                          mls_view(opened->signer_key, MOD_MLS_DEVICE_KEY_LEN));
}

static mls_status_t store_invitation(mod_mls_t *mls, mod_mls_room_t *room, const opened_t *opened,
                                     mls_view_t from, mls_view_t message)
{
    mod_mls_xmpp_room_t policy;
    mls_arena_t arena = { 0 };
    mls_status_t status = mod_mls_policy_room(&policy, &arena, mls_group_extensions(opened->group));
    char *name = mod_mls_strndup(policy.name), *inviter = mod_mls_strndup(opened->signer.identity),
         *sender = mod_mls_strndup(from);

    mls_bytes_clear(&room->welcome);
    mls_bytes_clear(&room->inviter_key);
    room->state = MOD_MLS_ROOM_INVITED;
    room->received_at = mls->now;
    /* A key package that others know already is left behind by a Commit at once. */
    const mod_mls_key_package_state_t state = opened->key_package_row.state;
    room->update_due =
        state == MOD_MLS_KEY_PACKAGE_USED || state == MOD_MLS_KEY_PACKAGE_RETIRED ? mls->now : 0;
    if (status == MLS_OK && (name == NULL || inviter == NULL || sender == NULL))
        status = MLS_ERR_NOMEM;
    if (status == MLS_OK && (status = mod_mls_set_string(&room->name, name)) == MLS_OK &&
        (status = mod_mls_set_string(&room->inviter, inviter)) == MLS_OK &&
        (status = mod_mls_set_string(&room->from, sender)) == MLS_OK &&
        (status = mls_bytes_copy(&room->welcome, message)) == MLS_OK &&
        (status = mls_bytes_copy(&room->inviter_key, mls_view(opened->signer_key, MOD_MLS_DEVICE_KEY_LEN))) ==
            MLS_OK)
        status = mod_mls_room_save(mls, room);
    free(name);
    free(inviter);
    free(sender);
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t tell_invitation(mod_mls_t *mls, const mod_mls_room_t *room)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_INVITATION, .room = room->jid };

    event.u.invitation = (mod_mls_invitation_t){
        .inviter = room->inviter, .from = room->from, .name = room->name, .received_at = room->received_at
    };
    return mod_mls_emit(mls, &event, 0);
}

static mls_status_t take_opened(mod_mls_t *mls, const opened_t *opened, const char *jid, mls_view_t from,
                                mls_view_t message)
{
    mod_mls_room_t *room = mod_mls_room_find(mls, jid);
    mls_status_t status = MLS_OK;

    if (!may_take_place(room, opened) || is_known_group(mls, opened))
        return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, jid, MOD_MLS_ERROR_WELCOME_KNOWN_GROUP, MLS_OK, NULL);
    if (room == NULL && too_many_waiting(mls, from))
        return mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, jid, MOD_MLS_ERROR_BUSY, MLS_OK, NULL);
    if (room == NULL)
        status = mod_mls_room_add(mls, &room, jid, MOD_MLS_ROOM_INVITED);
    else if (room->group != NULL && room->state == MOD_MLS_ROOM_REMOVED)
        status = mod_mls_room_end(mls, room, MOD_MLS_ROOM_REMOVED); /* whoever invites anew knows of it */
    if (status != MLS_OK || (status = store_invitation(mls, room, opened, from, message)) != MLS_OK ||
        (status = mod_mls_key_package_used(mls, opened->key_package_row.ref)) != MLS_OK)
        return status;
    mod_mls_publish_again(mls);
    return tell_invitation(mls, room);
}

/* Whether the same Welcome is held already: it comes by the archive and as an offline message. */
static bool is_duplicate(mod_mls_t *mls, const char *jid, mls_view_t message)
{
    const mod_mls_room_t *room = mod_mls_room_find(mls, jid);
    return room != NULL && mls_view_equal(mls_bytes_view(&room->welcome), message);
}

/* Every device of the account gets the Welcomes for all of them, and finds them in the archive later. */
static mls_status_t tell_not_for_us(mod_mls_t *mls, const char *jid, bool is_from_archive)
{
    bool has_siblings;
    mls_status_t status = mod_mls_has_siblings(mls, &has_siblings);

    if (status != MLS_OK || has_siblings || is_from_archive)
        return status;
    return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, jid, MOD_MLS_ERROR_WELCOME_NOT_FOR_US, MLS_ERR_NOT_FOUND,
                        NULL);
}

mls_status_t mod_mls_welcome_take(mod_mls_t *mls, const mod_mls_xml_node_t *message, bool is_from_archive)
{
    const mod_mls_xml_node_t *element = mod_mls_xml_child(message, "welcome", MOD_MLS_NAMESPACE);
    const char *jid = mod_mls_xml_attribute(element, "room");
    const mls_view_t from = mod_mls_jid_bare(mod_mls_xml_attribute(message, "from"));
    mls_message_info_t info;
    mls_bytes_t bytes = { 0 };
    opened_t opened = { 0 };
    mod_mls_error_t error = MOD_MLS_ERROR_MESSAGE_BROKEN;
    mls_status_t status = MLS_ERR_MALFORMED;

    if (jid != NULL && mod_mls_jid_is_bare(mls_view_text(jid)) && mod_mls_jid_is_bare(from) &&
        (status = mod_mls_element_bytes(&bytes, element)) == MLS_OK &&
        (status = mls_message_inspect(&info, mls_bytes_view(&bytes))) == MLS_OK &&
        info.wire_format != MLS_WIRE_FORMAT_WELCOME)
        status = MLS_ERR_MALFORMED;
    const bool is_known = status == MLS_OK && is_duplicate(mls, jid, mls_bytes_view(&bytes));
    if (status == MLS_OK && !is_known)
        status = open_welcome(mls, &opened, jid, mls_bytes_view(&bytes), &error);
    if (is_bad_input(status))
        status = error == MOD_MLS_ERROR_WELCOME_NOT_FOR_US
                     ? tell_not_for_us(mls, jid, is_from_archive)
                     : mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, jid, error, status, NULL);
    else if (status == MLS_OK && !is_known)
        status = take_opened(mls, &opened, jid, from, mls_bytes_view(&bytes));
    clear_opened(&opened);
    mls_bytes_clear(&bytes);
    return status;
}

/* ---- accepting ----------------------------------------------------------------------------------- */

/* The group is stored from here on; the epoch it begins in cannot be gone back on. */
static mls_status_t take_group(mod_mls_t *mls, mod_mls_room_t *room, opened_t *opened)
{
    mod_mls_epoch_row_t epoch = { .stanza_id = "", .applied_at = mls->now, .is_settled = true };
    const bool at_once = opened->key_package_row.is_last_resort || room->update_due != 0;
    bool is_new;
    mls_status_t status;

    room->group = opened->group;
    opened->group = NULL;
    room->cipher_suite = mls_group_cipher_suite(room->group);
    /* Every joiner commits once: it confirms the joining, and ends what the init key protects. */
    room->update_due =
        mls->now + 1 + (at_once ? 0 : mod_mls_random_below(mls, mls->settings.join_commit_delay_ms));
    room->state = MOD_MLS_ROOM_JOINING;
    epoch.epoch = mls_group_epoch(room->group);
    memcpy(epoch.commit_hash, opened->commit_hash, sizeof epoch.commit_hash);
    mls_bytes_clear(&room->group_id);
    if ((status = mls_bytes_copy(&room->group_id, mls_group_id(room->group))) != MLS_OK ||
        (status = mod_mls_room_save_group(mls, room)) != MLS_OK ||
        (status = mod_mls_store_put_epoch(mls->store, room->id, &epoch)) != MLS_OK ||
        (status = mod_mls_store_hear(mls->store, &is_new, room->id,
                                     mls_view(opened->signer_key, MOD_MLS_DEVICE_KEY_LEN))) != MLS_OK)
        return status;
    return mod_mls_room_save(mls, room);
}

mls_status_t mod_mls_welcome_accept(mod_mls_t *mls, mod_mls_room_t *room)
{
    opened_t opened = { 0 };
    mod_mls_error_t error;
    mls_status_t status = open_welcome(mls, &opened, room->jid, mls_bytes_view(&room->welcome), &error);

    if (status == MLS_OK && is_known_group(mls, &opened)) {
        status = MLS_ERR_STATE;
        error = MOD_MLS_ERROR_WELCOME_KNOWN_GROUP;
    }
    if (is_bad_input(status) || status == MLS_ERR_STATE) { /* its key package may have expired meanwhile */
        mls_status_t told = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, error, status, NULL);
        if (told == MLS_OK)
            told = mod_mls_room_delete(mls, room);
        status = told;
    } else if (status == MLS_OK) {
        status = take_group(mls, room, &opened);
    }
    clear_opened(&opened);
    return status;
}

/* ---- Welcomes that go out ------------------------------------------------------------------------- */

/* The server has taken everything that was sent before the ping: those Welcomes are out. */
static mls_status_t on_ping(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mls_arena_t arena = { 0 };
    mod_mls_welcome_rows_t rows;
    mls_status_t status = MLS_OK;

    mls->welcomes_are_out = false;
    if (reply->iq == NULL)
        return MLS_OK; /* sent again at the next connection */
    status = mod_mls_store_welcomes(mls->store, &rows, &arena);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        if (rows.items[i].id <= reply->number)
            status = mod_mls_store_drop_welcome(mls->store, rows.items[i].id);
    }
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t send_welcome(mod_mls_t *mls, const mod_mls_welcome_row_t *row)
{
    const mod_mls_room_t *room = mod_mls_room_by_id(mls, row->room);
    mod_mls_xml_writer_t xml;
    char origin_id[33];
    mls_status_t status = mod_mls_random_id(mls, origin_id);

    if (room == NULL || status != MLS_OK)
        return status;
    status = mod_mls_stanza_welcome(&xml, row->account, origin_id, room->jid, row->after, row->message);
    return status != MLS_OK ? status : mod_mls_send(mls, &xml);
}

static mls_status_t ping(mod_mls_t *mls, int64_t last_id)
{
    mod_mls_request_t request;
    mls_status_t status = mod_mls_iq_begin(mls, &request, "get", mls->account);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_leaf(&request.xml, "ping", "urn:xmpp:ping", NULL);
    mls->welcomes_are_out = true;
    return mod_mls_iq_send(mls, &request, on_ping, 0, last_id, NULL);
}

mls_status_t mod_mls_welcome_drive(mod_mls_t *mls)
{
    mls_arena_t arena = { 0 };
    mod_mls_welcome_rows_t rows;
    mls_status_t status;

    if (!mls->is_connected || mls->welcomes_are_out)
        return MLS_OK;
    status = mod_mls_store_welcomes(mls->store, &rows, &arena);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++)
        status = send_welcome(mls, &rows.items[i]);
    if (status == MLS_OK && rows.count > 0)
        status = ping(mls, rows.items[rows.count - 1].id);
    mls_arena_clear(&arena);
    return status;
}
