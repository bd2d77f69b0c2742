#include "tree_node.h"
#include "bytes.h"
#include "codec_check.h"

#include <stdlib.h>

/* ---- leaves -------------------------------------------------------------------------------------- */

mls_status_t mls_tree_leaf_new(mls_tree_leaf_t **out, mls_view_t encoded)
{
    mls_leaf_node_t node;
    mls_status_t status;

    *out = NULL;
    if ((status = mls_leaf_node_decode(&node, encoded)) != MLS_OK)
        return status;
    if (encoded.len > UINT32_MAX || node.encryption_key.len > MLS_MAX_KEM_PUBLIC_LEN ||
        node.signature_key.len > MLS_MAX_KEM_PUBLIC_LEN)
        return MLS_ERR_MALFORMED;
    mls_tree_leaf_t *leaf = malloc(sizeof *leaf + encoded.len);
    if (leaf == NULL)
        return MLS_ERR_NOMEM;
    memcpy(leaf->encoded, encoded.data, encoded.len);
    leaf->refs = 1;
    leaf->len = (uint32_t)encoded.len;
    *out = leaf;
    return MLS_OK;
}

void mls_tree_leaf_release(mls_tree_leaf_t *leaf)
{
    if (leaf != NULL && --leaf->refs == 0)
        free(leaf);
}

mls_view_t mls_tree_leaf_encoded(const mls_tree_leaf_t *leaf)
{
    return mls_view(leaf->encoded, leaf->len);
}

/* An `opaque key<V>` of a leaf, which was decoded before: its length takes one or two bytes, as no key is
 * long. */
static mls_view_t key_at(const uint8_t *p)
{
    return p[0] < 64 ? mls_view(p + 1, p[0]) : mls_view(p + 2, (size_t)(p[0] & 0x3f) << 8 | p[1]);
}

/* The keys come first in a LeafNode, one after the other. */
mls_view_t mls_tree_leaf_encryption_key(const mls_tree_leaf_t *leaf)
{
    return key_at(leaf->encoded);
}

mls_view_t mls_tree_leaf_signature_key(const mls_tree_leaf_t *leaf)
{
    const mls_view_t encryption_key = mls_tree_leaf_encryption_key(leaf);
    return key_at(encryption_key.data + encryption_key.len);
}

mls_leaf_node_t mls_tree_leaf_decode(const mls_tree_leaf_t *leaf)
{
    mls_leaf_node_t node;
    if (mls_leaf_node_decode(&node, mls_tree_leaf_encoded(leaf)) != MLS_OK)
        node = (mls_leaf_node_t){ 0 }; /* cannot be: it was decoded when it was made */
    return node;
}

/* ---- parents ------------------------------------------------------------------------------------- */

mls_status_t mls_tree_parent_new(mls_tree_parent_t **out, mls_view_t encryption_key, mls_view_t parent_hash)
{
    *out = NULL;
    if (encryption_key.len > MLS_MAX_KEM_PUBLIC_LEN || parent_hash.len > MLS_MAX_HASH_LEN)
        return MLS_ERR_MALFORMED;
    mls_tree_parent_t *parent = calloc(1, sizeof *parent + encryption_key.len + parent_hash.len);
    if (parent == NULL)
        return MLS_ERR_NOMEM;
    parent->refs = 1;
    parent->encryption_key_len = (uint16_t)encryption_key.len;
    parent->parent_hash_len = (uint16_t)parent_hash.len;
    if (encryption_key.len > 0)
        memcpy(parent->bytes, encryption_key.data, encryption_key.len);
    if (parent_hash.len > 0)
        memcpy(parent->bytes + encryption_key.len, parent_hash.data, parent_hash.len);
    *out = parent;
    return MLS_OK;
}

mls_status_t mls_tree_parent_copy(mls_tree_parent_t **out, const mls_tree_parent_t *parent)
{
    mls_status_t status =
        mls_tree_parent_new(out, mls_tree_parent_encryption_key(parent), mls_tree_parent_hash_field(parent));
    if (status == MLS_OK &&
        (status = mls_index_list_copy(&(*out)->unmerged_leaves, &parent->unmerged_leaves)) != MLS_OK) {
        mls_tree_parent_release(*out);
        *out = NULL;
    }
    return status;
}

void mls_tree_parent_release(mls_tree_parent_t *parent)
{
    if (parent == NULL || --parent->refs > 0)
        return;
    mls_index_list_clear(&parent->unmerged_leaves);
    free(parent);
}

mls_view_t mls_tree_parent_encryption_key(const mls_tree_parent_t *parent)
{
    return mls_view(parent->bytes, parent->encryption_key_len);
}

mls_view_t mls_tree_parent_hash_field(const mls_tree_parent_t *parent)
{
    return mls_view(parent->bytes + parent->encryption_key_len, parent->parent_hash_len);
}

/* ---- wire form ----------------------------------------------------------------------------------- */

void mls_codec_parent_node(mls_codec_t *codec, void *object)
{
    mls_parent_node_t *node = object;
    mls_codec_opaque(codec, &node->encryption_key);
    mls_codec_opaque(codec, &node->parent_hash);
    mls_codec_opaque(codec, &node->unmerged_leaves);
    (void)mls_codec_check(codec, MLS_RULE_E5, node->unmerged_leaves.len % 4 == 0);
}

size_t mls_tree_parent_encoded_len(const mls_tree_parent_t *parent)
{
    const size_t prefixes = 3 * 4;
    return prefixes + parent->encryption_key_len + parent->parent_hash_len +
           4 * (size_t)parent->unmerged_leaves.count;
}

mls_status_t mls_tree_parent_encode(mls_bytes_t *out, const mls_tree_parent_t *parent)
{
    mls_bytes_t leaves = { 0 };
    const mls_index_list_t *list = &parent->unmerged_leaves;
    mls_status_t status = mls_bytes_alloc(&leaves, 4 * (size_t)list->count);

    *out = (mls_bytes_t){ 0 };
    if (status != MLS_OK)
        return status;
    for (size_t i = 0; i < list->count; i++) {
        leaves.data[4 * i] = (uint8_t)(list->items[i] >> 24);
        leaves.data[4 * i + 1] = (uint8_t)(list->items[i] >> 16);
        leaves.data[4 * i + 2] = (uint8_t)(list->items[i] >> 8);
        leaves.data[4 * i + 3] = (uint8_t)list->items[i];
    }
    const mls_parent_node_t node = { mls_tree_parent_encryption_key(parent),
                                     mls_tree_parent_hash_field(parent), mls_bytes_view(&leaves) };
    status = mls_encode_expecting(out, mls_tree_parent_encoded_len(parent), mls_codec_parent_node, &node);
    mls_bytes_clear(&leaves);
    return status;
}

static mls_status_t read_unmerged(mls_index_list_t *list, mls_crypto_t *crypto, mls_view_t encoded)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < encoded.len; i += 4) {
        const uint8_t *p = encoded.data + i;
        const uint32_t leaf = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        status =
            mls_check(crypto, MLS_RULE_W11_SORTED, list->count == 0 || list->items[list->count - 1] < leaf);
        if (status == MLS_OK)
            status = mls_index_list_push(list, leaf);
    }
    return status;
}

mls_status_t mls_tree_parent_from(mls_tree_parent_t **out, mls_crypto_t *crypto,
                                  const mls_parent_node_t *node)
{
    mls_status_t status;

    *out = NULL;
    if ((status = mls_check(crypto, MLS_RULE_E7, node->encryption_key.len <= MLS_MAX_KEM_PUBLIC_LEN)) !=
            MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_W8, node->parent_hash.len <= MLS_MAX_HASH_LEN)) != MLS_OK)
        return status;
    status = mls_tree_parent_new(out, node->encryption_key, node->parent_hash);
    if (status == MLS_OK &&
        (status = read_unmerged(&(*out)->unmerged_leaves, crypto, node->unmerged_leaves)) != MLS_OK) {
        mls_tree_parent_release(*out);
        *out = NULL;
    }
    return status;
}
