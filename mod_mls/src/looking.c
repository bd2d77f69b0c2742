/* looking.c -- rooms, members and devices as the user sees them. Changes nothing. */
#include "jid.h"
#include "room.h"
#include "session.h"

#include <stdlib.h>

static const char *keep_view(mls_arena_t *arena, mls_view_t view)
{
    char *copy = mls_arena_alloc(arena, view.len + 1);

    if (copy != NULL && view.len > 0)
        memcpy(copy, view.data, view.len);
    return copy == NULL ? "" : copy;
}

/* Whether this device is in the room's group; a group that removed it may be kept for a while. */
static bool has_group(const mod_mls_room_t *room)
{
    return room->group != NULL && !mls_group_is_removed(room->group);
}

/* ---- rooms --------------------------------------------------------------------------------------- */

static mod_mls_room_state_t shown_state(const mod_mls_t *mls, const mod_mls_room_t *room)
{
    if (room->state != MOD_MLS_ROOM_READY)
        return room->state;
    if (room->unsafe != MOD_MLS_OK && mls->is_connected)
        return MOD_MLS_ROOM_UNSAFE;
    return mod_mls_room_is_live(mls, room) ? MOD_MLS_ROOM_READY : MOD_MLS_ROOM_CATCHING_UP;
}

static bool is_admin(const mod_mls_room_t *room, mls_view_t account)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    bool admin = has_group(room) && mod_mls_room_policy(room, &policy, &arena) == MLS_OK &&
                 mod_mls_policy_is_admin(&policy, account);

    mls_arena_clear(&arena);
    return admin;
}

void mod_mls_rooms(mod_mls_t *mls, void (*visit)(void *arg, const mod_mls_room_info_t *room), void *arg)
{
    for (const mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        mod_mls_room_info_t info = { .room = room->jid,
                                     .name = room->name,
                                     .state = shown_state(mls, room),
                                     .cipher_suite = !has_group(room) ? 0 : room->cipher_suite,
                                     .is_admin = is_admin(room, mls_view_text(mls->account)),
                                     .inviter = room->state == MOD_MLS_ROOM_INVITED ? room->inviter : NULL };
        uint64_t num_outgoing = 0;
        if (has_group(room)) {
            info.epoch = mls_group_epoch(room->group);
            info.is_settled = mls_group_earliest_epoch(room->group) == info.epoch;
            info.num_members = mls_group_num_members(room->group);
            if (mod_mls_store_count_outgoing(mls->store, &num_outgoing, room->id) == MLS_OK)
                info.num_outgoing = (size_t)num_outgoing;
        }
        visit(arg, &info);
    }
}

mls_status_t mod_mls_room_epoch(mod_mls_t *mls, mod_mls_epoch_info_t *out, const char *jid)
{
    const mod_mls_room_t *room = mod_mls_room_find(mls, jid);
    char code[MOD_MLS_CODE_SIZE], hex[2 * 64 + 1] = "";

    *out = (mod_mls_epoch_info_t){ 0 };
    if (room == NULL || !has_group(room))
        return MLS_ERR_NOT_FOUND;
    mls_arena_clear(&mls->result_arena);
    const mls_view_t authenticator = mls_group_epoch_authenticator(room->group);
    if (authenticator.len <= 64)
        mod_mls_hex(hex, authenticator);
    mod_mls_room_code(code, authenticator);
    out->epoch = mls_group_epoch(room->group);
    out->num_members = mls_group_num_members(room->group);
    out->authenticator = keep_view(&mls->result_arena, mls_view_text(hex));
    out->code = keep_view(&mls->result_arena, mls_view_text(code));
    return MLS_OK;
}

/* ---- members ------------------------------------------------------------------------------------- */

static mls_status_t describe_member(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_member_t *out,
                                    const mls_leaf_info_t *leaf, mls_arena_t *arena)
{
    mod_mls_xmpp_device_t device;
    char id[MOD_MLS_DEVICE_ID_SIZE];
    bool was_heard;
    mls_status_t status;

    if ((status = mod_mls_leaf_device(&device, arena, leaf)) != MLS_OK ||
        (status = mod_mls_device_id(id, mls->crypto, device.device_key)) != MLS_OK ||
        (status = mod_mls_store_was_heard(mls->store, &was_heard, room->id, device.device_key)) != MLS_OK)
        return status;
    *out = (mod_mls_member_t){ .account = keep_view(arena, leaf->identity),
                               .device_id = keep_view(arena, mls_view_text(id)),
                               .leaf_index = leaf->leaf_index,
                               .is_own = leaf->leaf_index == mls_group_own_leaf(room->group),
                               .is_admin = is_admin(room, leaf->identity),
                               .updated = device.serial };
    out->has_joined = out->is_own || was_heard || leaf->source != MLS_LEAF_NODE_SOURCE_KEY_PACKAGE;
    return MLS_OK;
}

mls_status_t mod_mls_room_members(mod_mls_t *mls, const char *jid,
                                  void (*visit)(void *arg, const mod_mls_member_t *member), void *arg)
{
    const mod_mls_room_t *room = mod_mls_room_find(mls, jid);
    mls_leaf_info_t leaf;
    mls_status_t status = MLS_OK;

    if (room == NULL || !has_group(room))
        return MLS_ERR_NOT_FOUND;
    for (uint32_t i = 0; status == MLS_OK && mls_group_next_leaf(room->group, &leaf, i) == MLS_OK;
         i = leaf.leaf_index + 1) {
        mls_arena_t arena = { 0 };
        mod_mls_member_t member;
        status = describe_member(mls, room, &member, &leaf, &arena);
        if (status == MLS_OK)
            visit(arg, &member);
        mls_arena_clear(&arena);
    }
    return status;
}

/* ---- devices ------------------------------------------------------------------------------------- */

static mls_status_t visit_device(mod_mls_t *mls, const char *account, const mod_mls_peer_row_t *peer,
                                 void (*visit)(void *arg, const mod_mls_device_t *device), void *arg)
{
    const mls_view_t key = mls_view(peer->device_key, sizeof peer->device_key);
    char id[MOD_MLS_DEVICE_ID_SIZE], fingerprint[MOD_MLS_FINGERPRINT_SIZE];
    mls_status_t status;

    if ((status = mod_mls_device_id(id, mls->crypto, key)) != MLS_OK ||
        (status = mod_mls_device_fingerprint(fingerprint, mls->crypto, key)) != MLS_OK)
        return status;
    const mod_mls_device_t device = { .account = account,
                                      .device_id = id,
                                      .fingerprint = fingerprint,
                                      .label = peer->label,
                                      .created = peer->created,
                                      .is_own = memcmp(key.data, mls->self.key.public_key, key.len) == 0,
                                      .is_verified = peer->is_verified };
    visit(arg, &device);
    return MLS_OK;
}

static bool is_listed(const mod_mls_peer_rows_t *peers, const uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN])
{
    for (size_t i = 0; i < peers->count; i++) {
        if (memcmp(peers->items[i].device_key, device_key, MOD_MLS_DEVICE_KEY_LEN) == 0)
            return true;
    }
    return false;
}

/* Devices that are in rooms but not in the list that was read: added to `peers`, whose array has room. */
static void add_from_rooms(mod_mls_t *mls, mod_mls_peer_rows_t *peers, size_t max, const char *account)
{
    for (const mod_mls_room_t *room = mls->rooms; room != NULL; room = room->next) {
        mls_leaf_info_t leaf;
        for (uint32_t i = 0; has_group(room) && mls_group_next_leaf(room->group, &leaf, i) == MLS_OK;
             i = leaf.leaf_index + 1) {
            mod_mls_peer_row_t row = { .account = account, .label = "" };
            if (mod_mls_view_is(leaf.identity, account) && peers->count < max &&
                mod_mls_leaf_device_key(row.device_key, &leaf) == MLS_OK && !is_listed(peers, row.device_key))
                peers->items[peers->count++] = row;
        }
    }
}

/* All devices of an account that are known. */
static mls_status_t known_devices(mod_mls_t *mls, mod_mls_peer_rows_t *out, const char *account,
                                  mls_arena_t *arena)
{
    enum { MAX = 256 };
    mod_mls_peer_rows_t stored;
    mls_status_t status = mod_mls_store_peers(mls->store, &stored, account, arena);

    *out = (mod_mls_peer_rows_t){ mls_arena_alloc(arena, (stored.count + MAX) * sizeof *out->items),
                                  stored.count };
    if (status != MLS_OK || out->items == NULL)
        return status != MLS_OK ? status : MLS_ERR_NOMEM;
    if (stored.count > 0)
        memcpy(out->items, stored.items, stored.count * sizeof *out->items);
    add_from_rooms(mls, out, stored.count + MAX, account);
    if (strcmp(account, mls->account) == 0 && !is_listed(out, mls->self.key.public_key)) {
        mod_mls_peer_row_t own = { .account = account,
                                   .label = mls->self.label,
                                   .created = mls->self.created };
        memcpy(own.device_key, mls->self.key.public_key, sizeof own.device_key);
        if (out->count < stored.count + MAX)
            out->items[out->count++] = own;
    }
    return out->count == 0 ? MLS_ERR_NOT_FOUND : MLS_OK;
}

mls_status_t mod_mls_devices(mod_mls_t *mls, const char *account,
                             void (*visit)(void *arg, const mod_mls_device_t *device), void *arg)
{
    mls_arena_t arena = { 0 };
    mod_mls_peer_rows_t peers;
    mls_status_t status = known_devices(mls, &peers, account, &arena);

    for (size_t i = 0; status == MLS_OK && i < peers.count; i++)
        status = visit_device(mls, account, &peers.items[i], visit, arg);
    mls_arena_clear(&arena);
    return status;
}

void mod_mls_own_device(mod_mls_t *mls, mod_mls_device_t *out)
{
    const mls_view_t key = mls_view(mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN);
    char fingerprint[MOD_MLS_FINGERPRINT_SIZE] = "";

    mls_arena_clear(&mls->result_arena);
    if (mod_mls_device_fingerprint(fingerprint, mls->crypto, key) != MLS_OK)
        fingerprint[0] = '\0';
    *out = (mod_mls_device_t){ .account = mls->account,
                               .device_id = mls->self.key.id,
                               .fingerprint = keep_view(&mls->result_arena, mls_view_text(fingerprint)),
                               .label = mls->self.label,
                               .created = mls->self.created,
                               .is_own = true,
                               .is_verified = true };
}

static mls_status_t verify(mod_mls_t *mls, const char *account, const char *device_id, bool verified)
{
    mls_arena_t arena = { 0 };
    mod_mls_peer_rows_t peers;
    char id[MOD_MLS_DEVICE_ID_SIZE];
    bool found = false;
    mls_status_t status = known_devices(mls, &peers, account, &arena);

    for (size_t i = 0; status == MLS_OK && i < peers.count; i++) {
        mod_mls_peer_row_t *peer = &peers.items[i];
        status = mod_mls_device_id(id, mls->crypto, mls_view(peer->device_key, sizeof peer->device_key));
        if (status != MLS_OK || strcmp(id, device_id) != 0)
            continue;
        found = true;
        peer->is_verified = verified;
        status = mod_mls_store_put_peer(mls->store, peer);
    }
    mls_arena_clear(&arena);
    return status == MLS_OK && !found ? MLS_ERR_NOT_FOUND : status;
}

mls_status_t mod_mls_device_verify(mod_mls_t *mls, const char *account, const char *device_id, bool verified)
{
    mls_status_t status = mod_mls_enter(mls);
    return status != MLS_OK ? status : mod_mls_leave(mls, verify(mls, account, device_id, verified));
}
