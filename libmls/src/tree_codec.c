#include "tree_codec.h"
#include "bytes.h"
#include "codec_check.h"

enum { NODE_TYPE_LEAF = 1, NODE_TYPE_PARENT = 2 };

/* ---- reading ------------------------------------------------------------------------------------- */

/* Whether they are keys of this suite is looked at with the other rules of leaves. */
static mls_status_t check_key_lengths(const mls_ratchet_tree_t *tree, const mls_leaf_node_t *leaf)
{
    return mls_check(tree->crypto, MLS_RULE_E7,
                     leaf->encryption_key.len <= MLS_MAX_KEM_PUBLIC_LEN &&
                         leaf->signature_key.len <= MLS_MAX_KEM_PUBLIC_LEN);
}

static mls_status_t read_leaf(mls_ratchet_tree_t *tree, mls_codec_t *codec, mls_node_index_t node)
{
    mls_leaf_node_t scratch = { 0 };
    mls_view_t encoded = { 0 };
    mls_tree_leaf_t *leaf;

    mls_codec_encoded(codec, &encoded, mls_codec_leaf_node, &scratch);
    if (codec->status != MLS_OK)
        return mls_codec_verdict(tree->crypto, codec);
    mls_status_t status = check_key_lengths(tree, &scratch);
    if (status == MLS_OK)
        status = mls_tree_leaf_new(&leaf, encoded);
    return status == MLS_OK ? mls_ratchet_tree_put(tree, node, leaf) : status;
}

static mls_status_t read_parent(mls_ratchet_tree_t *tree, mls_codec_t *codec, mls_node_index_t node)
{
    mls_parent_node_t wire = { 0 };
    mls_tree_parent_t *parent;

    mls_codec_parent_node(codec, &wire);
    if (codec->status != MLS_OK)
        return mls_codec_verdict(tree->crypto, codec);
    mls_status_t status = mls_tree_parent_from(&parent, tree->crypto, &wire);
    return status == MLS_OK ? mls_ratchet_tree_put(tree, node, parent) : status;
}

/* struct {
 *     NodeType node_type;
 *     select (Node.node_type) {
 *         case leaf:   LeafNode leaf_node;
 *         case parent: ParentNode parent_node;
 *     };
 * } Node; */
static mls_status_t read_node(mls_ratchet_tree_t *tree, mls_codec_t *codec, mls_node_index_t node)
{
    uint8_t type = 0;
    const bool is_leaf = mls_node_is_leaf(node);

    mls_codec_u8(codec, &type);
    if (codec->status != MLS_OK)
        return mls_codec_verdict(tree->crypto, codec);
    mls_status_t status =
        mls_check(tree->crypto, MLS_RULE_W19, type == (is_leaf ? NODE_TYPE_LEAF : NODE_TYPE_PARENT));
    if (status != MLS_OK)
        return status;
    return is_leaf ? read_leaf(tree, codec, node) : read_parent(tree, codec, node);
}

/* Makes room for a node index: the tree doubles as the input goes on, so that a few bytes never take much
 * memory. */
static mls_status_t make_room(mls_ratchet_tree_t *tree, uint32_t n, uint32_t max_leaves)
{
    uint32_t capacity = tree->capacity;
    while (n >= mls_num_nodes(capacity))
        capacity *= 2;
    mls_status_t status = mls_check(tree->crypto, MLS_RULE_W19_SIZE, capacity <= max_leaves);
    return status == MLS_OK ? mls_ratchet_tree_reserve(tree, capacity) : status;
}

/* The rightmost node that is not blank is a leaf in every good tree: a parent stands left of leaves below it.
 */
static mls_status_t read_nodes(mls_ratchet_tree_t *tree, mls_codec_t *codec, uint32_t max_leaves)
{
    mls_status_t status = MLS_OK;
    bool ends_with_leaf = false;

    for (uint32_t n = 0; status == MLS_OK && codec->in < codec->end; n++) {
        uint8_t present = 0;
        mls_codec_u8(codec, &present);
        if ((status = mls_check(tree->crypto, MLS_RULE_E3, present <= 1)) != MLS_OK)
            return status;
        if ((status = make_room(tree, n, max_leaves)) == MLS_OK && present == 1)
            status = read_node(tree, codec, (mls_node_index_t){ n });
        ends_with_leaf = present == 1 && mls_node_is_leaf((mls_node_index_t){ n });
    }
    return status == MLS_OK ? mls_check(tree->crypto, MLS_RULE_W19_LAST, ends_with_leaf) : status;
}

static void codec_whole(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

mls_status_t mls_tree_decode(mls_ratchet_tree_t **out, mls_crypto_t *crypto, const mls_suite_t *suite,
                             mls_view_t encoded, uint32_t max_leaves)
{
    mls_view_t nodes;
    mls_status_t status;
    mls_ratchet_tree_t *tree = NULL;

    *out = NULL;
    if ((status = mls_decode_input(crypto, &nodes, sizeof nodes, codec_whole, encoded, NULL)) != MLS_OK)
        return status;
    if ((status = mls_ratchet_tree_new(&tree, crypto, suite)) != MLS_OK)
        return status;
    mls_codec_t codec = { .op = MLS_CODEC_DECODE, .in = nodes.data, .end = nodes.data + nodes.len };
    if ((status = read_nodes(tree, &codec, max_leaves)) != MLS_OK ||
        (status = mls_ratchet_tree_finish(tree, tree->capacity)) != MLS_OK) {
        mls_ratchet_tree_free(tree);
        return status;
    }
    *out = tree;
    return MLS_OK;
}

/* ---- writing ------------------------------------------------------------------------------------- */

static void write_parent(mls_codec_t *codec, const mls_tree_parent_t *parent)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_tree_parent_encode(&encoded, parent);
    mls_view_t view = mls_bytes_view(&encoded);
    if (status != MLS_OK)
        mls_codec_fail(codec, status);
    mls_codec_fixed(codec, &view, view.len);
    mls_bytes_clear(&encoded);
}

static void write_node(mls_codec_t *codec, const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    uint8_t present = mls_tree_is_blank(overlay, node) ? 0 : 1;
    uint8_t type = mls_node_is_leaf(node) ? NODE_TYPE_LEAF : NODE_TYPE_PARENT;
    mls_codec_u8(codec, &present);
    if (present == 0)
        return;
    mls_codec_u8(codec, &type);
    if (mls_node_is_leaf(node)) {
        mls_view_t encoded = mls_tree_leaf_encoded(mls_tree_leaf(overlay, mls_leaf_of_node(node)));
        mls_codec_fixed(codec, &encoded, encoded.len);
    } else {
        write_parent(codec, mls_tree_parent(overlay, node));
    }
}

/* Trailing blanks are left out: the rightmost non-blank node of a good tree is a leaf. */
static void write_nodes(mls_codec_t *codec, void *object)
{
    const mls_tree_overlay_t *overlay = object;
    const uint32_t end = mls_num_nodes(overlay->summary.end);
    for (uint32_t n = 0; n < end; n++)
        write_node(codec, overlay, (mls_node_index_t){ n });
}

/* The tree is not longer than that. */
static size_t expected_len(const mls_tree_overlay_t *overlay)
{
    const uint32_t end = mls_num_nodes(overlay->summary.end);
    size_t len = 2 * (size_t)end;
    for (uint32_t n = 0; n < end; n++) {
        const mls_node_index_t node = { n };
        if (mls_tree_is_blank(overlay, node))
            continue;
        len += mls_node_is_leaf(node)
                   ? mls_tree_leaf_encoded(mls_tree_leaf(overlay, mls_leaf_of_node(node))).len
                   : mls_tree_parent_encoded_len(mls_tree_parent(overlay, node));
    }
    return len;
}

mls_status_t mls_tree_encode(mls_bytes_t *out, const mls_tree_overlay_t *overlay)
{
    mls_bytes_t nodes = { 0 };
    mls_status_t status = mls_encode_expecting(&nodes, expected_len(overlay), write_nodes, overlay);
    const mls_view_t view = mls_bytes_view(&nodes);
    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = mls_encode_expecting(out, view.len + 4, codec_whole, &view);
    mls_bytes_clear(&nodes);
    return status;
}
