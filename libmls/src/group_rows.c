#include "group_rows.h"
#include "bytes.h"

/* ---- keys ---------------------------------------------------------------------------------------- */

static void append(mls_row_key_t *key, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        key->data[key->len++] = (uint8_t)(value >> (8 * (n - 1 - i)));
}

mls_row_key_t mls_row_prefix(mls_view_t group_id)
{
    mls_row_key_t key = { .len = 1 + 32, .data = { 'g' } };
    mls_sodium_digest(key.data + 1, group_id);
    return key;
}

static mls_row_key_t with_kind(const mls_row_key_t *prefix, mls_row_kind_t kind)
{
    mls_row_key_t key = *prefix;
    append(&key, (uint64_t)kind, 1);
    return key;
}

mls_row_key_t mls_row_key_group(const mls_row_key_t *prefix)
{
    return with_kind(prefix, MLS_ROW_GROUP);
}

mls_row_key_t mls_row_key_node(const mls_row_key_t *prefix, uint32_t node)
{
    mls_row_key_t key = with_kind(prefix, MLS_ROW_NODE);
    append(&key, node, 4);
    return key;
}

mls_row_key_t mls_row_key_epoch(const mls_row_key_t *prefix, mls_row_kind_t kind, uint64_t epoch)
{
    mls_row_key_t key = with_kind(prefix, kind);
    append(&key, epoch, 8);
    return key;
}

mls_row_key_t mls_row_key_in_epoch(const mls_row_key_t *prefix, mls_row_kind_t kind, uint64_t epoch,
                                   uint32_t index)
{
    mls_row_key_t key = mls_row_key_epoch(prefix, kind, epoch);
    append(&key, index, 4);
    return key;
}

static uint64_t read_uint(const uint8_t *p, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | p[i];
    return value;
}

bool mls_row_place(mls_row_place_t *out, const mls_row_key_t *prefix, mls_view_t key)
{
    *out = (mls_row_place_t){ 0 };
    if (key.len <= prefix->len)
        return false;
    const uint8_t *p = key.data + prefix->len + 1;
    const size_t left = key.len - prefix->len - 1;
    out->kind = (mls_row_kind_t)key.data[prefix->len];
    switch (out->kind) {
    case MLS_ROW_GROUP:
        return left == 0;
    case MLS_ROW_NODE:
        out->index = (uint32_t)read_uint(p, left == 4 ? 4 : 0);
        return left == 4;
    case MLS_ROW_EPOCH:
    case MLS_ROW_LISTS:
    case MLS_ROW_PAST:
        out->epoch = read_uint(p, left == 8 ? 8 : 0);
        return left == 8;
    case MLS_ROW_RATCHETS:
    case MLS_ROW_SECRET:
        if (left != 12)
            return false;
        out->epoch = read_uint(p, 8);
        out->index = (uint32_t)read_uint(p + 8, 4);
        return true;
    }
    return false;
}

/* ---- pieces -------------------------------------------------------------------------------------- */

static void codec_u64(mls_codec_t *codec, void *object)
{
    mls_codec_u64(codec, object);
}

static void codec_secret(mls_codec_t *codec, mls_secret_t *secret)
{
    mls_codec_opaque_copy(codec, secret->data, &secret->len, sizeof secret->data);
}

static void codec_hpke_private(mls_codec_t *codec, mls_hpke_private_t *key)
{
    mls_codec_opaque_copy(codec, key->data, &key->len, sizeof key->data);
}

static void codec_flag(mls_codec_t *codec, uint8_t *flag)
{
    mls_codec_u8(codec, flag);
    if (*flag > 1)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
}

/* ---- the group ----------------------------------------------------------------------------------- */

static void codec_resumption_psk(mls_codec_t *codec, void *object)
{
    mls_resumption_psk_t *psk = object;
    mls_codec_u64(codec, &psk->epoch);
    codec_secret(codec, &psk->secret);
}

static void codec_used_generations_1(mls_codec_t *codec, void *object)
{
    mls_used_generations_t *used = object;
    codec_secret(codec, &used->confirmation_tag);
    mls_codec_u32(codec, &used->sent[0]);
    mls_codec_u32(codec, &used->sent[1]);
}

static void codec_used_generations(mls_codec_t *codec, void *object)
{
    mls_used_generations_t *used = object;
    mls_codec_u64(codec, &used->epoch);
    codec_used_generations_1(codec, object);
}

/* They are kept for long enough: no group goes back as many epochs as this. */
static void read_used_generations_1(mls_codec_t *codec, mls_group_row_t *row)
{
    MLS_CODEC_VECTOR(codec, &row->used_generations, codec_used_generations_1);
    for (size_t i = 0; i < row->used_generations.count; i++)
        row->used_generations.items[i].epoch = row->epoch + 1000;
}

void mls_codec_group_row(mls_codec_t *codec, void *object)
{
    mls_group_row_t *row = object;
    mls_codec_u16(codec, &row->version);
    if (row->version < MLS_STORE_VERSION_1 || row->version > MLS_STORE_VERSION)
        mls_codec_fail(codec, MLS_ERR_UNSUPPORTED);
    mls_codec_opaque(codec, &row->group_id);
    mls_codec_u16(codec, &row->cipher_suite);
    mls_codec_u64(codec, &row->epoch);
    mls_codec_u32(codec, &row->num_leaves);
    mls_codec_u8(codec, &row->state);
    if (row->state > MLS_ROW_JOINING)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    MLS_CODEC_VECTOR(codec, &row->past, codec_u64);
    MLS_CODEC_VECTOR(codec, &row->resumption_psks, codec_resumption_psk);
    if (row->version == MLS_STORE_VERSION_1)
        read_used_generations_1(codec, row);
    else
        MLS_CODEC_VECTOR(codec, &row->used_generations, codec_used_generations);
}

/* ---- an epoch ------------------------------------------------------------------------------------ */

static void codec_epoch_secrets(mls_codec_t *codec, mls_epoch_secrets_t *secrets)
{
    codec_secret(codec, &secrets->sender_data_secret);
    codec_secret(codec, &secrets->exporter_secret);
    codec_secret(codec, &secrets->external_secret);
    codec_secret(codec, &secrets->confirmation_key);
    codec_secret(codec, &secrets->membership_key);
    codec_secret(codec, &secrets->resumption_psk);
    codec_secret(codec, &secrets->epoch_authenticator);
    codec_secret(codec, &secrets->init_secret);
}

static void codec_private_keys(mls_codec_t *codec, mls_private_keys_t *keys)
{
    uint8_t count = (uint8_t)keys->count;
    mls_codec_u8(codec, &count);
    if (count > sizeof keys->items / sizeof *keys->items) {
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
        return;
    }
    keys->count = count;
    for (size_t i = 0; i < keys->count; i++) {
        mls_codec_u32(codec, &keys->items[i].node.n);
        codec_hpke_private(codec, &keys->items[i].key);
    }
}

static void codec_exporter_node(mls_codec_t *codec, void *object)
{
    mls_exporter_node_t *node = object;
    mls_codec_u8(codec, &node->depth);
    if (node->depth > MLS_EXPORTER_TREE_DEPTH)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    mls_codec_u16(codec, &node->prefix);
    codec_secret(codec, &node->secret);
}

/* What version 3 has added. */
static void codec_origin_and_end(mls_codec_t *codec, mls_epoch_row_t *row)
{
    mls_origin_t *origin = &row->epoch->origin;
    mls_codec_u8(codec, &origin->usage);
    mls_codec_opaque(codec, &row->origin_group_id);
    mls_codec_u64(codec, &origin->epoch);
    codec_secret(codec, &origin->psk);
    mls_codec_opaque(codec, &row->reinit);
    MLS_CODEC_VECTOR(codec, &row->exporter_tree, codec_exporter_node);
}

void mls_codec_epoch_row(mls_codec_t *codec, void *object)
{
    mls_epoch_row_t *row = object;
    mls_epoch_t *epoch = row->epoch;
    mls_codec_opaque(codec, &row->context);
    codec_secret(codec, &epoch->interim_transcript_hash);
    codec_secret(codec, &epoch->confirmation_tag);
    codec_epoch_secrets(codec, &epoch->secrets);
    mls_codec_u32(codec, &epoch->own_leaf);
    mls_codec_opaque(codec, &row->signature_private_key);
    codec_private_keys(codec, &epoch->private_keys);
    mls_codec_u32(codec, &epoch->sent[0]);
    mls_codec_u32(codec, &epoch->sent[1]);
    mls_codec_u32(codec, &row->secret_tree_leaves);
    if (row->version > MLS_STORE_VERSION_2)
        codec_origin_and_end(codec, row);
}

/* ---- what is pending ----------------------------------------------------------------------------- */

static void codec_row_proposal_2(mls_codec_t *codec, void *object)
{
    mls_row_proposal_t *proposal = object;
    mls_codec_opaque(codec, &proposal->content);
    mls_codec_opaque(codec, &proposal->leaf_private_key);
}

static void codec_row_proposal(mls_codec_t *codec, void *object)
{
    mls_row_proposal_t *proposal = object;
    codec_row_proposal_2(codec, object);
    mls_codec_opaque(codec, &proposal->new_signature_key);
}

static void codec_row_commit_2(mls_codec_t *codec, void *object)
{
    mls_row_commit_t *commit = object;
    mls_codec_opaque(codec, &commit->message);
    mls_codec_opaque(codec, &commit->content);
    mls_codec_opaque(codec, &commit->leaf_private_key);
    mls_codec_opaque(codec, &commit->path_secret);
    mls_codec_opaque(codec, &commit->group_info);
}

static void codec_row_commit(mls_codec_t *codec, void *object)
{
    mls_row_commit_t *commit = object;
    codec_row_commit_2(codec, object);
    mls_codec_opaque(codec, &commit->new_signature_key);
}

void mls_codec_lists_row_2(mls_codec_t *codec, void *object)
{
    mls_lists_row_t *row = object;
    MLS_CODEC_VECTOR(codec, &row->proposals, codec_row_proposal_2);
    MLS_CODEC_VECTOR(codec, &row->commits, codec_row_commit_2);
}

void mls_codec_lists_row(mls_codec_t *codec, void *object)
{
    mls_lists_row_t *row = object;
    MLS_CODEC_VECTOR(codec, &row->proposals, codec_row_proposal);
    MLS_CODEC_VECTOR(codec, &row->commits, codec_row_commit);
}

/* ---- the way back -------------------------------------------------------------------------------- */

static void codec_credential_count(mls_codec_t *codec, void *object)
{
    mls_credential_count_t *count = object;
    mls_codec_u16(codec, &count->type);
    mls_codec_u32(codec, &count->num_leaves);
}

static void codec_change(mls_codec_t *codec, void *object)
{
    mls_row_change_t *change = object;
    mls_codec_u32(codec, &change->node);
    codec_flag(codec, &change->changed);
    mls_codec_opaque(codec, &change->content);
    mls_codec_opaque(codec, &change->hash);
}

void mls_codec_past_row(mls_codec_t *codec, void *object)
{
    mls_past_row_t *row = object;
    mls_codec_u64(codec, &row->ended_at);
    codec_flag(codec, &row->is_unsettled);
    mls_codec_u32(codec, &row->summary.num_leaves);
    mls_codec_u32(codec, &row->summary.num_members);
    mls_codec_u32(codec, &row->summary.first_blank);
    mls_codec_u32(codec, &row->summary.end);
    MLS_CODEC_VECTOR(codec, &row->credentials, codec_credential_count);
    MLS_CODEC_VECTOR_MAX(codec, &row->changes, codec_change, mls_num_nodes(MLS_MAX_LEAVES));
}

/* ---- ratchets ------------------------------------------------------------------------------------ */

static void codec_bytes(mls_codec_t *codec, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        mls_codec_u8(codec, &bytes[i]);
}

static void codec_skipped(mls_codec_t *codec, void *object)
{
    mls_skipped_key_t *skipped = object;
    mls_codec_u32(codec, &skipped->generation);
    codec_bytes(codec, skipped->key.key, sizeof skipped->key.key);
    codec_bytes(codec, skipped->key.nonce, sizeof skipped->key.nonce);
}

void mls_codec_ratchets_row(mls_codec_t *codec, void *object)
{
    mls_ratchets_row_t *row = object;
    for (size_t i = 0; i < 2; i++) {
        mls_codec_opaque(codec, &row->ratchets[i].secret);
        mls_codec_u32(codec, &row->ratchets[i].generation);
        MLS_CODEC_VECTOR(codec, &row->ratchets[i].skipped, codec_skipped);
    }
}

/* ---- nodes --------------------------------------------------------------------------------------- */

mls_status_t mls_row_node_encode(mls_bytes_t *out, const void *node, bool is_leaf)
{
    *out = (mls_bytes_t){ 0 };
    if (node == NULL)
        return MLS_OK;
    return is_leaf ? mls_bytes_copy(out, mls_tree_leaf_encoded(node)) : mls_tree_parent_encode(out, node);
}

mls_status_t mls_row_node_decode(void **out, mls_crypto_t *crypto, mls_view_t content, bool is_leaf)
{
    mls_tree_leaf_t *leaf = NULL;
    mls_tree_parent_t *parent = NULL;
    mls_parent_node_t wire;
    mls_status_t status;

    if (is_leaf) {
        status = mls_tree_leaf_new(&leaf, content);
        *out = leaf;
        return status;
    }
    if ((status = mls_decode(&wire, sizeof wire, mls_codec_parent_node, content, NULL)) == MLS_OK)
        status = mls_tree_parent_from(&parent, crypto, &wire);
    *out = parent;
    return status;
}
