/* room_group.c -- what the binding asks of a room's group, and looking at it. */
#include "room.h"

#include <stdlib.h>

mls_group_config_t mod_mls_group_config(mod_mls_t *mls)
{
    mls_group_config_t config = {
        .limits = MLS_LIMITS_DEFAULT,
        .authentication = { .validate = mod_mls_leaf_validate, .arg = mls->crypto },
        .private_handshake_only = true,
        .keep_handshake_keys = true,
        .padding = MLS_PADDING_PADME,
        .padding_limit = 16000,
        .max_lifetime = 7862400, /* 91 days */
    };

    config.limits.forward_jump = 4096;
    config.limits.num_past_epochs = 3;
    return config;
}

mod_mls_leaf_signer_t mod_mls_own_signer(mod_mls_t *mls)
{
    return (mod_mls_leaf_signer_t){
        .crypto = mls->crypto, .key = &mls->self.key, .serial = &mls->self.serial, .now = mls->now
    };
}

mls_status_t mod_mls_room_policy(const mod_mls_room_t *room, mod_mls_xmpp_room_t *out, mls_arena_t *arena)
{
    return mod_mls_policy_room(out, arena, mls_group_extensions(room->group));
}

mls_status_t mod_mls_room_take_name(mod_mls_room_t *room)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    mls_status_t status = mod_mls_room_policy(room, &policy, &arena);

    if (status == MLS_OK) {
        char *name = mod_mls_strndup(policy.name);
        status = name == NULL ? MLS_ERR_NOMEM : mod_mls_set_string(&room->name, name);
        free(name);
    }
    mls_arena_clear(&arena);
    return status;
}

bool mod_mls_room_allows(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_right_t right)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_room_t policy;
    bool allows = mod_mls_room_policy(room, &policy, &arena) == MLS_OK &&
                  mod_mls_policy_allows(&policy, right, mls_view_text(mls->account));

    mls_arena_clear(&arena);
    return allows;
}

size_t mod_mls_room_num_leaves_of(const mod_mls_room_t *room, mls_view_t account)
{
    mls_leaf_info_t leaf;
    size_t count = 0;

    for (uint32_t i = 0; mls_group_next_leaf(room->group, &leaf, i) == MLS_OK; i = leaf.leaf_index + 1)
        count += mls_view_equal(leaf.identity, account);
    return count;
}

mls_status_t mod_mls_leaf_device_key(uint8_t out[MOD_MLS_DEVICE_KEY_LEN], const mls_leaf_info_t *leaf)
{
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_device_t device;
    mls_status_t status = mod_mls_leaf_device(&device, &arena, leaf);

    memset(out, 0, MOD_MLS_DEVICE_KEY_LEN);
    if (status == MLS_OK)
        memcpy(out, device.device_key.data, MOD_MLS_DEVICE_KEY_LEN);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mod_mls_room_anchor(mod_mls_t *mls, const mod_mls_room_t *room, uint8_t out[MOD_MLS_SHA256_LEN],
                                 uint64_t epoch)
{
    mls_arena_t arena = { 0 };
    mod_mls_epoch_rows_t rows;
    mls_status_t status = mod_mls_store_epochs(mls->store, &rows, room->id, &arena);
    bool found = false;

    memset(out, 0, MOD_MLS_SHA256_LEN);
    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        if (rows.items[i].epoch == epoch) {
            memcpy(out, rows.items[i].commit_hash, MOD_MLS_SHA256_LEN);
            found = true;
        }
    }
    mls_arena_clear(&arena);
    return status == MLS_OK && !found ? MLS_ERR_NOT_FOUND : status;
}

mls_status_t mod_mls_room_authenticated_data(mod_mls_t *mls, const mod_mls_room_t *room, mls_bytes_t *out,
                                             const char *origin_id)
{
    uint8_t anchor[MOD_MLS_SHA256_LEN];
    mod_mls_authenticated_data_t data = { .room = mls_view_text(room->jid),
                                          .anchor = mls_view(anchor, MOD_MLS_ANCHOR_LEN),
                                          .origin_id = mls_view_text(origin_id) };
    mls_status_t status = mod_mls_room_anchor(mls, room, anchor, mls_group_epoch(room->group));

    *out = (mls_bytes_t){ 0 };
    return status != MLS_OK ? status : mls_encode(out, mod_mls_codec_authenticated_data, &data);
}

/* ---- events -------------------------------------------------------------------------------------- */

void mod_mls_room_code(char out[MOD_MLS_CODE_SIZE], mls_view_t epoch_authenticator)
{
    uint8_t pairs[24] = { 0 };

    memcpy(pairs, epoch_authenticator.data,
           epoch_authenticator.len < sizeof pairs ? epoch_authenticator.len : sizeof pairs);
    for (size_t i = 0; i < 12; i++) {
        const unsigned group = (unsigned)(pairs[2 * i] << 8 | pairs[2 * i + 1]) % 1000;
        out[4 * i] = (char)('0' + group / 100);
        out[4 * i + 1] = (char)('0' + group / 10 % 10);
        out[4 * i + 2] = (char)('0' + group % 10);
        out[4 * i + 3] = i == 11 ? '\0' : ' ';
    }
}

mls_status_t mod_mls_room_emit_epoch(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_event_type_t type)
{
    mod_mls_event_t event = { .type = type, .room = room->jid };
    const mls_view_t authenticator = mls_group_epoch_authenticator(room->group);
    char code[MOD_MLS_CODE_SIZE], hex[2 * 64 + 1] = "";

    if (authenticator.len <= 64)
        mod_mls_hex(hex, authenticator);
    mod_mls_room_code(code, authenticator);
    event.u.epoch = (mod_mls_epoch_info_t){ .epoch = mls_group_epoch(room->group),
                                            .authenticator = hex,
                                            .code = code,
                                            .num_members = mls_group_num_members(room->group) };
    return mod_mls_emit(mls, &event, 0);
}

mls_status_t mod_mls_room_emit_member(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_event_type_t type,
                                      const mls_leaf_info_t *leaf, mls_view_t by, uint64_t epoch)
{
    mod_mls_event_t event = { .type = type, .room = room->jid };
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    char id[MOD_MLS_DEVICE_ID_SIZE];
    mls_status_t status;

    if ((status = mod_mls_leaf_device_key(device_key, leaf)) != MLS_OK ||
        (status = mod_mls_device_id(id, mls->crypto, mls_view(device_key, sizeof device_key))) != MLS_OK)
        return status;
    char *account = mod_mls_strndup(leaf->identity), *author = by.len == 0 ? NULL : mod_mls_strndup(by);
    event.u.member =
        (mod_mls_member_info_t){ .account = account, .device_id = id, .by = author, .epoch = epoch };
    status = account == NULL || (by.len > 0 && author == NULL) ? MLS_ERR_NOMEM : mod_mls_emit(mls, &event, 0);
    free(account);
    free(author);
    return status;
}
