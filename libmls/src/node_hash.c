#include "node_hash.h"
#include "bytes.h"

enum { NODE_TYPE_LEAF = 1, NODE_TYPE_PARENT = 2 };

/* struct {
 *     NodeType node_type = leaf;
 *     uint32 leaf_index;
 *     optional<LeafNode> leaf_node;
 * } TreeHashInput, case leaf;                                         RFC 9420, Section 7.8 */
mls_status_t mls_leaf_node_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                uint32_t leaf_index, const mls_tree_leaf_t *leaf)
{
    const uint8_t head[] = { NODE_TYPE_LEAF,
                             (uint8_t)(leaf_index >> 24),
                             (uint8_t)(leaf_index >> 16),
                             (uint8_t)(leaf_index >> 8),
                             (uint8_t)leaf_index,
                             leaf == NULL ? 0 : 1 };
    const mls_view_t parts[] = { mls_view(head, sizeof head),
                                 leaf == NULL ? mls_view(NULL, 0) : mls_tree_leaf_encoded(leaf) };
    return suite->hash->hash(crypto, suite->hash->variant, out, parts, 2);
}

/* The unmerged leaves of `from` that are not in `without`. */
static mls_status_t difference(mls_index_list_t *out, const mls_index_list_t *from,
                               const mls_index_list_t *without)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < from->count; i++)
        if (!mls_index_list_contains(without, from->items[i]))
            status = mls_index_list_push(out, from->items[i]);
    return status;
}

static mls_status_t encode_without(mls_bytes_t *out, const mls_tree_parent_t *parent,
                                   const mls_index_list_t *without)
{
    mls_status_t status;
    mls_tree_parent_t *reduced;

    if (without == NULL || without->count == 0 || parent->unmerged_leaves.count == 0)
        return mls_tree_parent_encode(out, parent);
    if ((status = mls_tree_parent_new(&reduced, mls_tree_parent_encryption_key(parent),
                                      mls_tree_parent_hash_field(parent))) != MLS_OK)
        return status;
    if ((status = difference(&reduced->unmerged_leaves, &parent->unmerged_leaves, without)) == MLS_OK)
        status = mls_tree_parent_encode(out, reduced);
    mls_tree_parent_release(reduced);
    return status;
}

/* struct {
 *     NodeType node_type = parent;
 *     optional<ParentNode> parent_node;
 *     opaque left_hash<V>;
 *     opaque right_hash<V>;
 * } TreeHashInput, case parent; */
mls_status_t mls_parent_node_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                  const mls_tree_parent_t *parent, const uint8_t *left_hash,
                                  const uint8_t *right_hash, const mls_index_list_t *without)
{
    /* A hash is at most 64 bytes: its length takes one byte below 64, two at 64. */
    const size_t len = suite->hash->len;
    const uint8_t len_bytes[] = { 0x40, (uint8_t)len };
    const mls_view_t prefix = len < 64 ? mls_view(len_bytes + 1, 1) : mls_view(len_bytes, 2);
    const uint8_t head[] = { NODE_TYPE_PARENT, parent == NULL ? 0 : 1 };
    mls_bytes_t encoded = { 0 };
    mls_status_t status = parent == NULL ? MLS_OK : encode_without(&encoded, parent, without);

    if (status == MLS_OK) {
        const mls_view_t parts[] = {
            mls_view(head, sizeof head), mls_bytes_view(&encoded), prefix, mls_view(left_hash, len), prefix,
            mls_view(right_hash, len)
        };
        status = suite->hash->hash(crypto, suite->hash->variant, out, parts, 6);
    }
    mls_bytes_clear(&encoded);
    return status;
}

/* struct {
 *     HPKEPublicKey encryption_key;
 *     opaque parent_hash<V>;
 *     opaque original_sibling_tree_hash<V>;
 * } ParentHashInput;                                                  RFC 9420, Section 7.9 */
typedef struct parent_hash_input {
    mls_view_t encryption_key, parent_hash, original_sibling_tree_hash;
} parent_hash_input_t;

static void codec_parent_hash_input(mls_codec_t *codec, void *object)
{
    parent_hash_input_t *input = object;
    mls_codec_opaque(codec, &input->encryption_key);
    mls_codec_opaque(codec, &input->parent_hash);
    mls_codec_opaque(codec, &input->original_sibling_tree_hash);
}

mls_status_t mls_parent_hash(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                             mls_view_t encryption_key, mls_view_t parent_hash,
                             const uint8_t *original_sibling_tree_hash)
{
    const parent_hash_input_t input = { encryption_key, parent_hash,
                                        mls_view(original_sibling_tree_hash, suite->hash->len) };
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, codec_parent_hash_input, &input);
    if (status == MLS_OK) {
        const mls_view_t view = mls_bytes_view(&encoded);
        status = suite->hash->hash(crypto, suite->hash->variant, out, &view, 1);
    }
    mls_bytes_clear(&encoded);
    return status;
}
