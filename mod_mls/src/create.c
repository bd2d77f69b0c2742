#include "create.h"
#include "key_packages.h"

enum { GROUP_ID_LEN = 32 };

static uint8_t who_or_admins(mod_mls_who_t who)
{
    return (uint8_t)(who == 0 ? MOD_MLS_ADMINS : who);
}

mls_status_t mod_mls_policy_from_options(mls_bytes_t *out, const char *room, const char *account,
                                         const mod_mls_room_options_t *options)
{
    static const mod_mls_room_options_t defaults;
    const mod_mls_room_options_t *o = options == NULL ? &defaults : options;
    mls_view_t admin = mls_view_text(account);
    const mod_mls_xmpp_room_t policy = {
        .room = mls_view_text(room),
        .kind = MOD_MLS_KIND_ROOM,
        .may_add = who_or_admins(o->may_add),
        .may_remove = who_or_admins(o->may_remove),
        .may_change = who_or_admins(o->may_change),
        .admins = { &admin, 1 },
        .name = mls_view_text(o->name == NULL ? "" : o->name),
    };

    return mls_encode(out, mod_mls_codec_xmpp_room, &policy);
}

/* GroupContext = { required_capabilities, xmpp_room }. */
static mls_status_t make(mod_mls_t *mls, mod_mls_room_t *room, mls_key_package_t *key_package,
                         mls_view_t group_id)
{
    uint16_t extension_types[] = { MOD_MLS_EXTENSION_DEVICE, MOD_MLS_EXTENSION_ROOM };
    uint16_t credential_types[] = { MLS_CREDENTIAL_BASIC };
    const mls_required_capabilities_t required = { .extensions = { extension_types, 2 },
                                                   .credentials = { credential_types, 1 } };
    const mls_group_config_t config = mod_mls_group_config(mls);
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_required_capabilities_encode(&encoded, &required);

    if (status == MLS_OK) {
        mls_extension_t items[] = { { MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&encoded) },
                                    { MOD_MLS_EXTENSION_ROOM, mls_bytes_view(&room->options) } };
        const mls_extensions_t extensions = { items, 2 };
        status = mls_group_create(&room->group, mls->crypto, &config, key_package, group_id, &extensions);
    }
    mls_bytes_clear(&encoded);
    return status;
}

mls_status_t mod_mls_group_make(mod_mls_t *mls, mod_mls_room_t *room)
{
    const mod_mls_epoch_row_t epoch = { .stanza_id = "", .applied_at = mls->now, .is_settled = true };
    mls_key_package_t *key_package = NULL;
    uint8_t group_id[GROUP_ID_LEN];
    mls_status_t status;

    if ((status = mls_crypto_random(mls->crypto, group_id, sizeof group_id)) == MLS_OK &&
        (status = mod_mls_key_package_make(mls, &key_package, room->cipher_suite)) == MLS_OK &&
        (status = make(mls, room, key_package, mls_view(group_id, sizeof group_id))) == MLS_OK &&
        (status = mls_bytes_copy(&room->group_id, mls_view(group_id, sizeof group_id))) == MLS_OK &&
        (status = mod_mls_room_save_group(mls, room)) == MLS_OK &&
        (status = mod_mls_store_put_epoch(mls->store, room->id, &epoch)) == MLS_OK &&
        (status = mod_mls_room_take_name(room)) == MLS_OK) {
        room->state = MOD_MLS_ROOM_READY;
        room->announce_joined = true;
        room->update_due = mls->now + mls->settings.update_ms;
        mls_bytes_clear(&room->options);
        status = mod_mls_room_save(mls, room);
    }
    mls_key_package_free(key_package);
    return status;
}
