#include "lookup.h"
#include "device_list.h"
#include "iq.h"
#include "publish.h"
#include "stanza.h"

#include <limits.h>
#include <stdlib.h>

#define NS_ADMIN "http://jabber.org/protocol/muc#admin"

enum { MAX_TRIES = 6, LEAST_LIFETIME = 24 * 3600 /* seconds */ };

/* ---- lookups ------------------------------------------------------------------------------------- */

mod_mls_lookup_t *mod_mls_lookup_find(const mod_mls_room_t *room, int64_t intent)
{
    mod_mls_lookup_t *lookup = room->lookups;

    while (lookup != NULL && lookup->intent != intent)
        lookup = lookup->next;
    return lookup;
}

void mod_mls_lookup_drop(mod_mls_room_t *room, int64_t intent)
{
    for (mod_mls_lookup_t **at = &room->lookups; *at != NULL; at = &(*at)->next) {
        mod_mls_lookup_t *lookup = *at;
        if (lookup->intent != intent)
            continue;
        *at = lookup->next;
        mod_mls_lookup_free(lookup);
        return;
    }
}

static void clear_devices(mod_mls_lookup_t *lookup)
{
    for (size_t i = 0; i < lookup->num_devices; i++) {
        mls_bytes_clear(&lookup->devices[i].key_package);
        mls_bytes_clear(&lookup->devices[i].index);
    }
    free(lookup->devices);
    lookup->devices = NULL;
    lookup->num_devices = 0;
}

void mod_mls_lookup_postpone(mod_mls_t *mls, mod_mls_lookup_t *lookup)
{
    clear_devices(lookup);
    lookup->step = MOD_MLS_LOOKUP_WAITING;
    lookup->retry_at = mls->now + mls->settings.retry_ms;
}

/* The wish stays and is tried again; the user is told once. */
static mls_status_t wait(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_lookup_t *lookup,
                         mod_mls_error_t code)
{
    const bool was_told = lookup->was_told;

    mod_mls_lookup_postpone(mls, lookup);
    lookup->was_told = true;
    return was_told ? MLS_OK
                    : mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, code, MLS_OK, lookup->account);
}

/* There is nobody to add: the wish ends. */
static mls_status_t give_up(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_lookup_t *lookup,
                            mod_mls_error_t code)
{
    mls_status_t status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, code, MLS_OK, lookup->account);

    if (status == MLS_OK)
        status = mod_mls_store_drop_intent(mls->store, lookup->intent);
    mod_mls_lookup_drop(room, lookup->intent);
    return status;
}

/* The room and the lookup that a reply is about; false if they are gone. */
static bool find_lookup(mod_mls_t *mls, const mod_mls_reply_t *reply, mod_mls_room_t **room,
                        mod_mls_lookup_t **lookup)
{
    *room = mod_mls_room_by_id(mls, reply->room);
    *lookup = *room == NULL ? NULL : mod_mls_lookup_find(*room, reply->number);
    return *lookup != NULL && (*lookup)->step == MOD_MLS_LOOKUP_ASKING;
}

static mls_status_t ask_items(mod_mls_t *mls, const mod_mls_room_t *room, const mod_mls_lookup_t *lookup,
                              const char *node, const char *item_id, mod_mls_reply_fn *answer,
                              const char *text)
{
    mod_mls_request_t request;
    mls_status_t status = mod_mls_iq_begin(mls, &request, "get", lookup->account);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "pubsub", MOD_MLS_NS_PUBSUB);
    mod_mls_xml_open(&request.xml, "items", NULL);
    mod_mls_xml_put(&request.xml, "node", node);
    if (item_id != NULL) {
        mod_mls_xml_open(&request.xml, "item", NULL);
        mod_mls_xml_put(&request.xml, "id", item_id);
    }
    return mod_mls_iq_send(mls, &request, answer, room->id, lookup->intent, text);
}

static const mod_mls_xml_node_t *items_of(const mod_mls_reply_t *reply)
{
    return mod_mls_xml_child(mod_mls_xml_child(reply->iq, "pubsub", MOD_MLS_NS_PUBSUB), "items", NULL);
}

/* The content of the item with this id: an item under another id was not asked for. */
static const mod_mls_xml_node_t *content_of(const mod_mls_reply_t *reply, const char *item_id,
                                            const char *name)
{
    const mod_mls_xml_node_t *item = mod_mls_xml_child(items_of(reply), "item", NULL);

    while (item != NULL && !mod_mls_xml_attribute_is(item, "id", item_id))
        item = mod_mls_xml_next(item, "item", NULL);
    return mod_mls_xml_child(item, name, MOD_MLS_NAMESPACE);
}

/* ---- a place in the MUC -------------------------------------------------------------------------- */

static mls_status_t on_affiliation(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room;
    mod_mls_lookup_t *lookup;

    if (!find_lookup(mls, reply, &room, &lookup))
        return MLS_OK;
    if (!reply->is_result)
        return wait(mls, room, lookup, MOD_MLS_ERROR_ROOM_FORBIDDEN);
    lookup->step = MOD_MLS_LOOKUP_READY;
    return MLS_OK;
}

static bool is_admin_account(const mod_mls_room_t *room, const char *account)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    bool is_admin = mod_mls_room_policy(room, &policy, &arena) == MLS_OK &&
                    mod_mls_policy_is_admin(&policy, mls_view_text(account));

    mls_arena_clear(&arena);
    return is_admin;
}

/* One item an IQ: Prosody acts on the first alone, and answers that all is done. */
static mls_status_t grant_membership(mod_mls_t *mls, const mod_mls_room_t *room,
                                     const mod_mls_lookup_t *lookup)
{
    mod_mls_request_t request;
    mls_status_t status = mod_mls_iq_begin(mls, &request, "set", room->jid);

    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "query", NS_ADMIN);
    mod_mls_xml_open(&request.xml, "item", NULL);
    mod_mls_xml_put(&request.xml, "affiliation",
                    is_admin_account(room, lookup->account) ? "admin" : "member");
    mod_mls_xml_put(&request.xml, "jid", lookup->account);
    return mod_mls_iq_send(mls, &request, on_affiliation, room->id, lookup->intent, NULL);
}

/* XEP-0045 §7.8.2: where members may invite, the invitation makes a member. */
static mls_status_t invite_mediated(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_lookup_t *lookup)
{
    mod_mls_xml_writer_t xml = { 0 };

    mod_mls_xml_open(&xml, "message", NULL);
    mod_mls_xml_put(&xml, "to", room->jid);
    mod_mls_xml_open(&xml, "x", MOD_MLS_NS_MUC_USER);
    mod_mls_xml_open(&xml, "invite", NULL);
    mod_mls_xml_put(&xml, "to", lookup->account);
    lookup->step = MOD_MLS_LOOKUP_READY;
    return mod_mls_send(mls, &xml);
}

/* Once every device has answered, with or without a package. */
static mls_status_t finish_devices(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_lookup_t *lookup)
{
    size_t num_ready = 0;

    for (size_t i = 0; i < lookup->num_devices; i++) {
        if (lookup->devices[i].num_tries < MAX_TRIES && lookup->devices[i].key_package.len == 0)
            return MLS_OK; /* still asking */
        num_ready += lookup->devices[i].key_package.len > 0;
    }
    if (num_ready == 0)
        return wait(mls, room, lookup, MOD_MLS_ERROR_NO_KEY_PACKAGES);
    return room->is_owner ? grant_membership(mls, room, lookup) : invite_mediated(mls, room, lookup);
}

/* ---- key packages -------------------------------------------------------------------------------- */

static mod_mls_reply_fn on_package;

static mod_mls_lookup_device_t *find_device(mod_mls_t *mls, const mod_mls_lookup_t *lookup, const char *id)
{
    char other[MOD_MLS_DEVICE_ID_SIZE];

    for (size_t i = 0; i < lookup->num_devices; i++) {
        const mls_view_t key = mls_view(lookup->devices[i].device_key, MOD_MLS_DEVICE_KEY_LEN);
        if (mod_mls_device_id(other, mls->crypto, key) == MLS_OK && strncmp(other, id, 32) == 0)
            return &lookup->devices[i];
    }
    return NULL;
}

static bool was_tried(const mod_mls_lookup_device_t *device, mls_view_t ref)
{
    for (unsigned i = 0; i < device->num_tries; i++) {
        if (ref.len <= 64 && memcmp(device->tried[i], ref.data, ref.len) == 0)
            return true;
    }
    return false;
}

/* A random entry that was not tried; the last resort only when nothing else is left. NULL: none. */
static const mod_mls_key_package_entry_t *pick(mod_mls_t *mls, const mod_mls_room_t *room,
                                               const mod_mls_lookup_device_t *device,
                                               const mod_mls_key_package_index_t *index)
{
    const mod_mls_key_package_entry_t *picked = NULL, *last_resort = NULL;
    uint64_t num = 0;

    for (size_t i = 0; i < index->entries.count; i++) {
        const mod_mls_key_package_entry_t *entry = &index->entries.items[i];
        if (entry->cipher_suite != room->cipher_suite || was_tried(device, entry->ref) ||
            entry->not_after < mls->now / 1000 + LEAST_LIFETIME)
            continue;
        if (entry->last_resort)
            last_resort = entry;
        else if (mod_mls_random_below(mls, ++num) == 0) /* each with the same chance */
            picked = entry;
    }
    return picked != NULL && device->num_tries + 1 < MAX_TRIES ? picked : last_resort;
}

static mls_status_t ask_package(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_lookup_t *lookup,
                                mod_mls_lookup_device_t *device)
{
    mls_arena_t arena = { 0 };
    mod_mls_key_package_index_t index;
    mls_status_t status = mls_decode(&index, sizeof index, mod_mls_codec_key_package_index,
                                     mls_bytes_view(&device->index), &arena);
    const mod_mls_key_package_entry_t *entry = status == MLS_OK ? pick(mls, room, device, &index) : NULL;

    if (entry == NULL || device->num_tries >= MAX_TRIES) {
        device->num_tries = MAX_TRIES;
        mls_arena_clear(&arena);
        return finish_devices(mls, room, lookup);
    }
    char text[MOD_MLS_DEVICE_ID_SIZE + 2 * 64 + 1], node[MOD_MLS_KEY_PACKAGE_NODE_SIZE];
    memset(device->tried[device->num_tries], 0, 64);
    memcpy(device->tried[device->num_tries++], entry->ref.data, entry->ref.len);
    /* The reply brings back: device id, blank, item id. */
    status = mod_mls_device_id(text, mls->crypto, mls_view(device->device_key, MOD_MLS_DEVICE_KEY_LEN));
    mod_mls_key_package_node(node, text);
    text[MOD_MLS_DEVICE_ID_SIZE - 1] = ' ';
    mod_mls_hex(text + MOD_MLS_DEVICE_ID_SIZE, entry->ref);
    if (status == MLS_OK)
        status = ask_items(mls, room, lookup, node, text + MOD_MLS_DEVICE_ID_SIZE, on_package, text);
    mls_arena_clear(&arena);
    return status;
}

/* The package must be the one that was asked for, of this account and device, and live a day longer. */
static mls_status_t check_package(mod_mls_t *mls, const mod_mls_lookup_t *lookup,
                                  const mod_mls_lookup_device_t *device, const char *item_id,
                                  mls_view_t message)
{
    const mls_authentication_t authentication = { .validate = mod_mls_leaf_validate, .arg = mls->crypto };
    mls_key_package_info_t info;
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    char ref[2 * 64 + 1];
    mls_status_t status = mls_key_package_read(&info, mls->crypto, message, mls->now / 1000, &authentication);

    if (status != MLS_OK || (status = mod_mls_leaf_device_key(device_key, &info.leaf)) != MLS_OK)
        return status;
    mod_mls_hex(ref, mls_view(info.ref, info.ref_len));
    if (strcmp(ref, item_id) != 0 || !mod_mls_view_is(info.leaf.identity, lookup->account) ||
        memcmp(device_key, device->device_key, sizeof device_key) != 0 ||
        info.leaf.not_after < mls->now / 1000 + LEAST_LIFETIME)
        return MLS_ERR_INVALID;
    return MLS_OK;
}

static mls_status_t on_package(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room;
    mod_mls_lookup_t *lookup;
    mls_bytes_t message = { 0 };

    if (!find_lookup(mls, reply, &room, &lookup) || reply->text == NULL)
        return MLS_OK;
    const char *item_id = reply->text + MOD_MLS_DEVICE_ID_SIZE;
    mod_mls_lookup_device_t *device = find_device(mls, lookup, reply->text);
    const mod_mls_xml_node_t *content = content_of(reply, item_id, "key-package");
    if (device == NULL)
        return MLS_OK;
    if (!reply->is_result || content == NULL) /* somebody was faster */
        return ask_package(mls, room, lookup, device);
    mls_status_t status = mod_mls_element_bytes(&message, content);
    if (status == MLS_OK)
        status = check_package(mls, lookup, device, item_id, mls_bytes_view(&message));
    if (status == MLS_OK) {
        device->key_package = message;
        return finish_devices(mls, room, lookup);
    }
    mls_bytes_clear(&message);
    if (!mls_status_is_input(status) && status != MLS_ERR_REJECTED && status != MLS_ERR_NOT_FOUND)
        return status;
    status = mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_KEY_PACKAGE_INVALID, status,
                          lookup->account);
    return status != MLS_OK ? status : ask_package(mls, room, lookup, device);
}

/* ---- the index of a device ------------------------------------------------------------------------ */

/* Readers refuse an index that is older than one they have seen. */
static mls_status_t note_index(mod_mls_t *mls, bool *is_current, const char *account,
                               const mod_mls_key_package_index_t *index)
{
    mls_arena_t arena = { 0 };
    mod_mls_peer_rows_t peers;
    mls_status_t status = mod_mls_store_peers(mls->store, &peers, account, &arena);

    *is_current = false;
    for (size_t i = 0; status == MLS_OK && i < peers.count; i++) {
        mod_mls_peer_row_t *peer = &peers.items[i];
        if (!mls_view_equal(mls_view(peer->device_key, sizeof peer->device_key), index->device_key) ||
            index->serial < peer->index_serial)
            continue;
        *is_current = true;
        if (index->serial > peer->index_serial) {
            peer->index_serial = index->serial;
            status = mod_mls_store_put_peer(mls->store, peer);
        }
    }
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t check_index(mod_mls_t *mls, const mod_mls_lookup_t *lookup,
                                const mod_mls_lookup_device_t *device, mls_view_t encoded)
{
    mls_arena_t arena = { 0 };
    mod_mls_key_package_index_t index;
    bool is_current = false;
    mls_status_t status = mls_decode(&index, sizeof index, mod_mls_codec_key_package_index, encoded, &arena);

    if (status == MLS_OK &&
        (!mod_mls_view_is(index.account, lookup->account) ||
         !mls_view_equal(index.device_key, mls_view(device->device_key, sizeof device->device_key))))
        status = MLS_ERR_INVALID;
    if (status == MLS_OK)
        status =
            mod_mls_device_verify_signature(mls->crypto, index.device_key, MOD_MLS_LABEL_INDEX,
                                            mod_mls_codec_key_package_index_tbs, &index, index.signature);
    if (status == MLS_OK && (status = note_index(mls, &is_current, lookup->account, &index)) == MLS_OK &&
        !is_current)
        status = MLS_ERR_INVALID;
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t on_index(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room;
    mod_mls_lookup_t *lookup;
    mls_bytes_t encoded = { 0 };

    if (!find_lookup(mls, reply, &room, &lookup) || reply->text == NULL)
        return MLS_OK;
    mod_mls_lookup_device_t *device = find_device(mls, lookup, reply->text);
    if (device == NULL)
        return MLS_OK;
    mls_status_t status = mod_mls_element_bytes(&encoded, content_of(reply, "index", "index"));
    if (status == MLS_OK)
        status = check_index(mls, lookup, device, mls_bytes_view(&encoded));
    if (status == MLS_OK) {
        device->index = encoded;
        return ask_package(mls, room, lookup, device);
    }
    mls_bytes_clear(&encoded);
    if (!mls_status_is_input(status))
        return status;
    device->num_tries = MAX_TRIES;
    return finish_devices(mls, room, lookup);
}

/* ---- the devices of the account ------------------------------------------------------------------- */

static mls_status_t tell_new_device(mod_mls_t *mls, const char *account,
                                    const mod_mls_listed_device_t *device)
{
    mod_mls_event_t event = { .type = MOD_MLS_EVENT_NEW_DEVICE };
    char fingerprint[MOD_MLS_FINGERPRINT_SIZE];
    mls_status_t status = mod_mls_device_fingerprint(fingerprint, mls->crypto, device->item.device_key);
    char *label = mod_mls_strndup(device->item.label);

    event.u.device = (mod_mls_device_t){ .account = account,
                                         .device_id = device->id,
                                         .fingerprint = fingerprint,
                                         .label = label,
                                         .created = device->item.created };
    if (status == MLS_OK)
        status = label == NULL ? MLS_ERR_NOMEM : mod_mls_emit(mls, &event, 0);
    free(label);
    return status;
}

/* Brings one device together with what is known of it. An older item than the one seen is ignored. */
static mls_status_t note_device(mod_mls_t *mls, const char *account, const mod_mls_peer_rows_t *peers,
                                mod_mls_listed_device_t *device)
{
    mod_mls_peer_row_t row = { .account = account };
    const mls_view_t key = device->item.device_key;
    mls_status_t status = MLS_OK;
    bool is_known = false;

    for (size_t i = 0; i < peers->count; i++) {
        if (mls_view_equal(mls_view(peers->items[i].device_key, MOD_MLS_DEVICE_KEY_LEN), key)) {
            row = peers->items[i];
            is_known = true;
        }
    }
    device->is_verified = row.is_verified;
    if (is_known && row.updated >= device->item.updated)
        return MLS_OK;
    char *label = mod_mls_strndup(device->item.label);
    if (label == NULL)
        return MLS_ERR_NOMEM;
    memcpy(row.device_key, key.data, key.len);
    row.label = label;
    row.created = device->item.created;
    row.updated = device->item.updated;
    status = mod_mls_store_put_peer(mls->store, &row);
    free(label);
    const bool is_own = mls_view_equal(key, mls_view(mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN));
    return status != MLS_OK || is_known || is_own ? status : tell_new_device(mls, account, device);
}

static mls_status_t read_and_note(mod_mls_t *mls, mod_mls_device_list_t *list, mls_arena_t *arena,
                                  const char *account, const mod_mls_xml_node_t *items)
{
    mod_mls_peer_rows_t peers;
    mls_status_t status;

    if ((status = mod_mls_device_list_read(list, arena, mls->crypto, items, account)) != MLS_OK ||
        (status = mod_mls_store_peers(mls->store, &peers, account, arena)) != MLS_OK)
        return status;
    for (size_t i = 0; i < list->count && status == MLS_OK; i++)
        status = note_device(mls, account, &peers, &list->items[i]);
    return status;
}

mls_status_t mod_mls_note_devices(mod_mls_t *mls, const char *account, const mod_mls_xml_node_t *items)
{
    mls_arena_t arena = { 0 };
    mod_mls_device_list_t list;
    mls_status_t status = read_and_note(mls, &list, &arena, account, items);

    mls_arena_clear(&arena);
    return status;
}

/* Asks for the indexes of the devices that belong to the chosen set. */
static mls_status_t ask_indexes(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_lookup_t *lookup,
                                const mod_mls_device_list_t *list)
{
    const unsigned chosen = mod_mls_device_list_choose(list);
    char node[MOD_MLS_KEY_PACKAGE_NODE_SIZE];
    mls_status_t status = MLS_OK;

    clear_devices(lookup);
    if ((lookup->devices = calloc(list->count + 1, sizeof *lookup->devices)) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < list->count && status == MLS_OK; i++) {
        const mod_mls_listed_device_t *device = &list->items[i];
        if (device->set != chosen || device->is_revoked)
            continue;
        memcpy(lookup->devices[lookup->num_devices++].device_key, device->item.device_key.data,
               MOD_MLS_DEVICE_KEY_LEN);
        mod_mls_key_package_node(node, device->id);
        status = ask_items(mls, room, lookup, node, "index", on_index, device->id);
    }
    return status;
}

static mod_mls_error_t error_of_devices(const char *condition)
{
    static const char *const unknown[] = { "service-unavailable", "remote-server-not-found",
                                           "remote-server-timeout", "gone", "jid-malformed" };

    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        if (strcmp(condition, unknown[i]) == 0)
            return MOD_MLS_ERROR_UNKNOWN_ACCOUNT;
    }
    return MOD_MLS_ERROR_NO_DEVICES;
}

static mls_status_t on_devices(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    mod_mls_room_t *room;
    mod_mls_lookup_t *lookup;
    mls_arena_t arena = { 0 };
    mod_mls_device_list_t list = { 0 };

    if (!find_lookup(mls, reply, &room, &lookup))
        return MLS_OK;
    if (strcmp(reply->condition, "timeout") == 0)
        return wait(mls, room, lookup, MOD_MLS_ERROR_TIMEOUT);
    if (!reply->is_result)
        return give_up(mls, room, lookup, error_of_devices(reply->condition));
    mls_status_t status = read_and_note(mls, &list, &arena, lookup->account, items_of(reply));
    if (status == MLS_OK && mod_mls_device_list_choose(&list) == UINT_MAX)
        status = give_up(mls, room, lookup, MOD_MLS_ERROR_NO_DEVICES);
    else if (status == MLS_OK)
        status = ask_indexes(mls, room, lookup, &list);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mod_mls_lookup_drive(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_intent_row_t *intent)
{
    mod_mls_lookup_t *lookup = mod_mls_lookup_find(room, intent->id);

    if (lookup != NULL && (lookup->step != MOD_MLS_LOOKUP_WAITING || mls->now < lookup->retry_at))
        return MLS_OK;
    if (lookup == NULL) {
        if ((lookup = calloc(1, sizeof *lookup)) == NULL)
            return MLS_ERR_NOMEM;
        lookup->intent = intent->id;
        lookup->next = room->lookups;
        room->lookups = lookup;
        if ((lookup->account = mod_mls_strdup(intent->account)) == NULL)
            return MLS_ERR_NOMEM;
    }
    lookup->step = MOD_MLS_LOOKUP_ASKING;
    return ask_items(mls, room, lookup, MOD_MLS_NODE_DEVICES, NULL, on_devices, NULL);
}
