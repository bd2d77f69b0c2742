#include "formats.h"
#include "jid.h"

enum {
    MAX_LABEL = 64,
    MAX_ENDORSEMENTS = 4,
    MAX_INDEX_ENTRIES = 63,
    MAX_ADMINS = 1024,
    MAX_REVOKED = 1024,
    MAX_ROOM_NAME = 256,
    MAX_URL = 2048,
    MAX_ORIGIN_ID = 64,
    MAX_JOIN_REQUESTS = 64,
    MAX_TREE_FILE = 67108864
};

/* ---- what several structs share ------------------------------------------------------------------ */

static void require(mls_codec_t *codec, bool condition)
{
    if (!condition)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
}

/* Whether all visits so far went well, so that what was decoded may be looked at. */
static bool is_well(const mls_codec_t *codec)
{
    return codec->status == MLS_OK;
}

static void codec_version(mls_codec_t *codec, uint8_t *version)
{
    mls_codec_u8(codec, version);
    require(codec, *version == 0);
}

static void codec_enum(mls_codec_t *codec, uint8_t *value, uint8_t first, uint8_t last)
{
    mls_codec_u8(codec, value);
    require(codec, !is_well(codec) || (*value >= first && *value <= last));
}

static void codec_jid(mls_codec_t *codec, mls_view_t *jid)
{
    mls_codec_opaque(codec, jid);
    require(codec, !is_well(codec) || mod_mls_jid_is_bare(*jid));
}

static void codec_jid_item(mls_codec_t *codec, void *object)
{
    codec_jid(codec, object);
}

static void codec_device_key(mls_codec_t *codec, mls_view_t *key)
{
    mls_codec_fixed(codec, key, MOD_MLS_DEVICE_KEY_LEN);
}

static void codec_two_keys(mls_codec_t *codec, mls_view_t *signer, mls_view_t *device_key)
{
    codec_device_key(codec, signer);
    codec_device_key(codec, device_key);
    require(codec, !is_well(codec) || !mls_view_equal(*signer, *device_key));
}

static void codec_signature(mls_codec_t *codec, mls_view_t *signature)
{
    mls_codec_fixed(codec, signature, MOD_MLS_SIGNATURE_LEN);
}

static void codec_limited(mls_codec_t *codec, mls_view_t *value, size_t least, size_t most)
{
    mls_codec_opaque(codec, value);
    require(codec, !is_well(codec) || (value->len >= least && value->len <= most));
}

static void codec_utf8(mls_codec_t *codec, mls_view_t *text, size_t most)
{
    codec_limited(codec, text, 0, most);
    require(codec, !is_well(codec) || mod_mls_utf8_is_valid(*text));
}

static void require_ascii(mls_codec_t *codec, mls_view_t text)
{
    for (size_t i = 0; is_well(codec) && i < text.len; i++)
        require(codec, text.data[i] > 0x20 && text.data[i] < 0x7f);
}

static int compare_bytes(mls_view_t a, mls_view_t b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.data, b.data, n);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* A set stands in ascending order of its bytes, so there is one encoding of it. */
static void require_ascending(mls_codec_t *codec, const mod_mls_views_t *views)
{
    for (size_t i = 1; is_well(codec) && i < views->count; i++)
        require(codec, compare_bytes(views->items[i - 1], views->items[i]) < 0);
}

/* ---- accounts and devices ------------------------------------------------------------------------ */

void mod_mls_codec_endorsement_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_endorsement_t *e = object;

    codec_version(codec, &e->version);
    codec_jid(codec, &e->account);
    codec_two_keys(codec, &e->endorser, &e->device_key);
    mls_codec_u64(codec, &e->created);
}

void mod_mls_codec_endorsement(mls_codec_t *codec, void *object)
{
    mod_mls_endorsement_t *e = object;

    mod_mls_codec_endorsement_tbs(codec, e);
    codec_signature(codec, &e->signature);
}

void mod_mls_codec_device_item_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_device_item_t *item = object;

    codec_version(codec, &item->version);
    codec_jid(codec, &item->account);
    codec_device_key(codec, &item->device_key);
    codec_utf8(codec, &item->label, MAX_LABEL);
    mls_codec_u64(codec, &item->created);
    mls_codec_u64(codec, &item->updated);
}

void mod_mls_codec_device_item(mls_codec_t *codec, void *object)
{
    mod_mls_device_item_t *item = object;

    mod_mls_codec_device_item_tbs(codec, item);
    codec_signature(codec, &item->signature);
}

void mod_mls_codec_revocation_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_revocation_t *r = object;

    codec_version(codec, &r->version);
    codec_jid(codec, &r->account);
    codec_two_keys(codec, &r->revoker, &r->device_key);
    codec_enum(codec, &r->reason, MOD_MLS_REVOCATION_LOST, MOD_MLS_REVOCATION_RETIRED);
    mls_codec_u64(codec, &r->created);
}

void mod_mls_codec_revocation(mls_codec_t *codec, void *object)
{
    mod_mls_revocation_t *r = object;

    mod_mls_codec_revocation_tbs(codec, r);
    codec_signature(codec, &r->signature);
}

/* ---- key packages -------------------------------------------------------------------------------- */

static void codec_entry(mls_codec_t *codec, void *object)
{
    mod_mls_key_package_entry_t *entry = object;

    mls_codec_u16(codec, &entry->cipher_suite);
    codec_limited(codec, &entry->ref, 1, 64); /* a hash of the suite */
    codec_enum(codec, &entry->last_resort, 0, 1);
    mls_codec_u64(codec, &entry->not_after);
}

/* No ref twice, and one last resort per suite at most. */
static void require_entry_set(mls_codec_t *codec, const mod_mls_key_package_index_t *index)
{
    require(codec, index->entries.count <= MAX_INDEX_ENTRIES);
    for (size_t i = 0; is_well(codec) && i < index->entries.count; i++) {
        const mod_mls_key_package_entry_t *a = &index->entries.items[i];
        for (size_t k = 0; k < i; k++) {
            const mod_mls_key_package_entry_t *b = &index->entries.items[k];
            require(codec, !mls_view_equal(a->ref, b->ref));
            require(codec, !a->last_resort || !b->last_resort || a->cipher_suite != b->cipher_suite);
        }
    }
}

void mod_mls_codec_key_package_index_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_key_package_index_t *index = object;

    codec_version(codec, &index->version);
    codec_jid(codec, &index->account);
    codec_device_key(codec, &index->device_key);
    mls_codec_u64(codec, &index->serial);
    MLS_CODEC_VECTOR(codec, &index->entries, codec_entry);
    require_entry_set(codec, index);
}

void mod_mls_codec_key_package_index(mls_codec_t *codec, void *object)
{
    mod_mls_key_package_index_t *index = object;

    mod_mls_codec_key_package_index_tbs(codec, index);
    codec_signature(codec, &index->signature);
}

/* ---- leaves -------------------------------------------------------------------------------------- */

void mod_mls_codec_xmpp_device(mls_codec_t *codec, void *object)
{
    mod_mls_xmpp_device_t *device = object;

    codec_version(codec, &device->version);
    codec_device_key(codec, &device->device_key);
    mls_codec_u64(codec, &device->serial);
    mls_codec_opaque(codec, &device->init_key_hash);
    require(codec, device->init_key_hash.len == 0 || device->init_key_hash.len == MOD_MLS_SHA256_LEN);
    MLS_CODEC_VECTOR(codec, &device->endorsements, mod_mls_codec_endorsement);
    require(codec, device->endorsements.count <= MAX_ENDORSEMENTS);
    codec_signature(codec, &device->signature);
}

void mod_mls_codec_xmpp_device_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_xmpp_device_tbs_t *tbs = object;

    codec_version(codec, &tbs->version);
    mls_codec_u16(codec, &tbs->cipher_suite);
    mls_codec_opaque(codec, &tbs->signature_key);
    mls_codec_opaque(codec, &tbs->encryption_key);
    codec_jid(codec, &tbs->account);
    codec_device_key(codec, &tbs->device_key);
    mls_codec_u64(codec, &tbs->serial);
    mls_codec_u8(codec, &tbs->leaf_node_source);
    switch (tbs->leaf_node_source) {
    case MLS_LEAF_NODE_SOURCE_KEY_PACKAGE:
        mls_codec_opaque(codec, &tbs->init_key_hash);
        break;
    case MLS_LEAF_NODE_SOURCE_UPDATE:
    case MLS_LEAF_NODE_SOURCE_COMMIT:
        mls_codec_opaque(codec, &tbs->group_id);
        break;
    default:
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    }
}

/* ---- rooms --------------------------------------------------------------------------------------- */

static void codec_extension(mls_codec_t *codec, void *object)
{
    mls_extension_t *extension = object;

    mls_codec_u16(codec, &extension->type);
    mls_codec_opaque(codec, &extension->data);
}

static void codec_device_id_item(mls_codec_t *codec, void *object)
{
    mls_codec_fixed(codec, object, MOD_MLS_DEVICE_ID_LEN);
}

/* Only a room where everybody may do everything can be without admins. */
static void require_admins(mls_codec_t *codec, const mod_mls_xmpp_room_t *room)
{
    require(codec, room->admins.count <= MAX_ADMINS);
    require(codec,
            room->admins.count > 0 || (room->may_add == 1 && room->may_remove == 1 && room->may_change == 1));
    require_ascending(codec, &room->admins);
}

void mod_mls_codec_xmpp_room(mls_codec_t *codec, void *object)
{
    mod_mls_xmpp_room_t *room = object;

    mls_codec_u8(codec, &room->version);
    if (room->version != 0)
        mls_codec_fail(codec, MLS_ERR_UNSUPPORTED);
    codec_jid(codec, &room->room);
    codec_enum(codec, &room->kind, MOD_MLS_KIND_ROOM, MOD_MLS_KIND_ONE_TO_ONE);
    codec_enum(codec, &room->may_add, 1, 2);
    codec_enum(codec, &room->may_remove, 1, 2);
    codec_enum(codec, &room->may_change, 1, 2);
    codec_enum(codec, &room->bridges, 0, 1);
    MLS_CODEC_VECTOR(codec, &room->admins, codec_jid_item);
    require_admins(codec, room);
    mls_codec_u32(codec, &room->idle_days);
    mls_codec_u32(codec, &room->max_leaves);
    MLS_CODEC_VECTOR(codec, &room->revoked, codec_device_id_item);
    require(codec, room->revoked.count <= MAX_REVOKED);
    require_ascending(codec, &room->revoked);
    mls_codec_opaque(codec, &room->replaces);
    codec_utf8(codec, &room->name, MAX_ROOM_NAME);
    MLS_CODEC_VECTOR(codec, &room->extensions, codec_extension);
}

void mod_mls_codec_xmpp_anchor(mls_codec_t *codec, void *object)
{
    mod_mls_xmpp_anchor_t *anchor = object;

    codec_version(codec, &anchor->version);
    mls_codec_fixed(codec, &anchor->commit, MOD_MLS_SHA256_LEN);
}

void mod_mls_codec_xmpp_tree(mls_codec_t *codec, void *object)
{
    mod_mls_xmpp_tree_t *tree = object;

    codec_version(codec, &tree->version);
    codec_limited(codec, &tree->url, 1, MAX_URL);
    require_ascii(codec, tree->url);
    mls_codec_fixed(codec, &tree->key, 32);
    mls_codec_fixed(codec, &tree->nonce, 12);
    mls_codec_fixed(codec, &tree->sha256, MOD_MLS_SHA256_LEN);
    mls_codec_u64(codec, &tree->size);
    require(codec, tree->size <= MAX_TREE_FILE);
}

/* ---- join requests ------------------------------------------------------------------------------- */

/* RFC 9420, Section 7.2, for a leaf of a KeyPackage. */
static void codec_leaf_shape(mls_codec_t *codec, mod_mls_key_package_shape_t *kp)
{
    mls_codec_opaque(codec, &kp->encryption_key);
    mls_codec_opaque(codec, &kp->signature_key);
    mls_codec_u16(codec, &kp->credential_type);
    require(codec, kp->credential_type == MLS_CREDENTIAL_BASIC || kp->credential_type == MLS_CREDENTIAL_X509);
    mls_codec_opaque(codec, &kp->credential);
    for (size_t i = 0; i < sizeof kp->capabilities / sizeof kp->capabilities[0]; i++)
        mls_codec_opaque(codec, &kp->capabilities[i]);
    mls_codec_u8(codec, &kp->leaf_node_source);
    require(codec, kp->leaf_node_source == MLS_LEAF_NODE_SOURCE_KEY_PACKAGE);
    mls_codec_u64(codec, &kp->not_before);
    mls_codec_u64(codec, &kp->not_after);
    mls_codec_opaque(codec, &kp->leaf_extensions);
    mls_codec_opaque(codec, &kp->leaf_signature);
}

/* RFC 9420, Section 10. */
static void codec_key_package_shape(mls_codec_t *codec, void *object)
{
    mod_mls_key_package_shape_t *kp = object;

    mls_codec_u16(codec, &kp->version);
    mls_codec_u16(codec, &kp->cipher_suite);
    mls_codec_opaque(codec, &kp->init_key);
    codec_leaf_shape(codec, kp);
    mls_codec_opaque(codec, &kp->extensions);
    mls_codec_opaque(codec, &kp->signature);
}

void mod_mls_codec_join_request_tbs(mls_codec_t *codec, void *object)
{
    mod_mls_join_request_t *request = object;

    codec_version(codec, &request->version);
    codec_jid(codec, &request->room);
    mls_codec_opaque(codec, &request->group_id);
    codec_jid(codec, &request->account);
    codec_device_key(codec, &request->device_key);
    codec_enum(codec, &request->reason, MOD_MLS_JOIN_NEW_DEVICE, MOD_MLS_JOIN_WELCOME_UNUSABLE);
    mls_codec_u64(codec, &request->epoch);
    mls_codec_opaque(codec, &request->commit);
    require(codec, request->commit.len ==
                       (request->reason == MOD_MLS_JOIN_OUT_OF_STEP ? (size_t)MOD_MLS_SHA256_LEN : 0));
    mls_codec_encoded(codec, &request->key_package_encoded, codec_key_package_shape, &request->key_package);
}

void mod_mls_codec_join_request(mls_codec_t *codec, void *object)
{
    mod_mls_join_request_t *request = object;

    mod_mls_codec_join_request_tbs(codec, request);
    codec_signature(codec, &request->signature);
}

void mod_mls_codec_authenticated_data(mls_codec_t *codec, void *object)
{
    mod_mls_authenticated_data_t *data = object;

    codec_version(codec, &data->version);
    codec_jid(codec, &data->room);
    mls_codec_fixed(codec, &data->anchor, MOD_MLS_ANCHOR_LEN);
    codec_limited(codec, &data->origin_id, 1, MAX_ORIGIN_ID);
    require_ascii(codec, data->origin_id);
    MLS_CODEC_VECTOR(codec, &data->join_requests, mod_mls_codec_join_request);
    require(codec, data->join_requests.count <= MAX_JOIN_REQUESTS);
}
