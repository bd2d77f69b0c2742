#include "tree_model.h"
#include "resolution.h"

#include <stdlib.h>

/* ---- leaves -------------------------------------------------------------------------------------- */

mls_view_t test_random_leaf(test_context_t *t, uint16_t credential_type)
{
    const bool is_x509 = credential_type == MLS_CREDENTIAL_X509; /* then no certificates are a list, too */
    const mls_leaf_node_t leaf = { .encryption_key = test_random_bytes(t, 32),
                                   .signature_key = test_random_bytes(t, 32),
                                   .credential = { credential_type,
                                                   mls_view_text(is_x509 ? "" : "somebody") },
                                   .capabilities = { .versions = { test_hex(t, "0001") },
                                                     .cipher_suites = { test_hex(t, "0001") },
                                                     .credentials = { test_hex(t, "000100020003") } },
                                   .source = MLS_LEAF_NODE_SOURCE_UPDATE,
                                   .signature = test_random_bytes(t, 64) };
    mls_bytes_t encoded;
    assert_ok(mls_encode(&encoded, mls_codec_leaf_node, &leaf));
    return test_keep(t, &encoded);
}

mls_tree_leaf_t *test_tree_leaf(mls_view_t encoded)
{
    mls_tree_leaf_t *leaf;
    assert_ok(mls_tree_leaf_new(&leaf, encoded));
    return leaf;
}

/* ---- the model ----------------------------------------------------------------------------------- */

static bool has_leaf(const model_t *model, uint32_t index)
{
    return index < model->num_leaves && model->nodes[2 * index].present;
}

uint32_t model_num_members(const model_t *model)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < model->num_leaves; i++)
        count += has_leaf(model, i);
    return count;
}

uint32_t model_random_member(test_context_t *t, const model_t *model)
{
    uint32_t nth = test_random(t, model_num_members(model)), index = 0;
    for (;; index++)
        if (has_leaf(model, index) && nth-- == 0)
            return index;
}

static uint32_t last_member(const model_t *model)
{
    uint32_t index = model->num_leaves - 1;
    while (!has_leaf(model, index))
        index--;
    return index;
}

static bool any_leaf_from(const model_t *model, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++)
        if (has_leaf(model, i))
            return true;
    return false;
}

static bool any_leaf_below(const model_t *model, mls_node_index_t node)
{
    const uint32_t first = mls_node_first_leaf(node);
    return any_leaf_from(model, first, first + mls_node_num_leaves(node));
}

static void blank_path(model_t *model, uint32_t index)
{
    mls_node_index_t node = mls_node_of_leaf(index);
    while (!mls_node_equal(node, mls_root(model->num_leaves))) {
        node = mls_node_parent(node);
        model->nodes[node.n] = (model_node_t){ .present = false };
    }
}

static void add_to_model(model_t *model, mls_view_t leaf)
{
    uint32_t index = 0;
    while (has_leaf(model, index))
        index++;
    if (index == model->num_leaves)
        model->num_leaves *= 2;
    model->nodes[2 * index] = (model_node_t){ .present = true, .leaf = leaf };
    for (mls_node_index_t node = mls_node_of_leaf(index);
         !mls_node_equal(node, mls_root(model->num_leaves));) {
        node = mls_node_parent(node);
        if (model->nodes[node.n].present)
            model->nodes[node.n].unmerged[index] = true;
    }
}

static void remove_from_model(model_t *model, uint32_t index)
{
    model->nodes[2 * index] = (model_node_t){ .present = false };
    blank_path(model, index);
    while (model->num_leaves > 1 && !any_leaf_from(model, model->num_leaves / 2, model->num_leaves))
        model->num_leaves /= 2;
}

/* ---- the same change to both --------------------------------------------------------------------- */

void model_add(model_t *model, mls_tree_overlay_t *overlay, mls_view_t leaf)
{
    uint32_t added;
    mls_tree_leaf_t *node = test_tree_leaf(leaf);
    add_to_model(model, leaf);
    assert_ok(mls_tree_add(overlay, &added, node, MODEL_MAX_LEAVES));
    assert_view_equal(model->nodes[2 * added].leaf, leaf);
    mls_tree_leaf_release(node);
}

void model_update(model_t *model, mls_tree_overlay_t *overlay, uint32_t index, mls_view_t leaf)
{
    mls_tree_leaf_t *node = test_tree_leaf(leaf);
    model->nodes[2 * index].leaf = leaf;
    blank_path(model, index);
    assert_ok(mls_tree_update(overlay, index, node));
    mls_tree_leaf_release(node);
}

void model_remove(model_t *model, mls_tree_overlay_t *overlay, uint32_t index)
{
    remove_from_model(model, index);
    assert_ok(mls_tree_remove(overlay, index));
}

static void set_parent(test_context_t *t, model_t *model, mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    mls_tree_parent_t *parent;
    model_node_t *target = &model->nodes[node.n];
    *target = (model_node_t){ .present = true,
                              .encryption_key = test_random_bytes(t, 32),
                              .parent_hash = test_random_bytes(t, 32) };
    assert_ok(mls_tree_parent_new(&parent, target->encryption_key, target->parent_hash));
    assert_ok(mls_tree_set_parent(overlay, node, parent));
    mls_tree_parent_release(parent);
}

void model_path(test_context_t *t, model_t *model, mls_tree_overlay_t *overlay, uint32_t index)
{
    mls_node_index_t node = mls_node_of_leaf(index);
    blank_path(model, index);
    assert_ok(mls_tree_blank_path(overlay, index));
    while (!mls_node_equal(node, mls_root(model->num_leaves))) {
        const mls_node_index_t copath = mls_node_sibling(node);
        node = mls_node_parent(node);
        if (any_leaf_below(model, copath))
            set_parent(t, model, overlay, node);
    }
}

void model_change(test_context_t *t, model_t *model, mls_tree_overlay_t *overlay)
{
    const uint32_t num_members = model_num_members(model);
    const uint16_t type = (uint16_t)(1 + test_random(t, 3));
    const uint32_t what = num_members == 0 ? 0 : test_random(t, 8);
    if (what < 3 && num_members < MODEL_MAX_LEAVES)
        model_add(model, overlay, test_random_leaf(t, type));
    else if (what == 3)
        model_update(model, overlay, model_random_member(t, model), test_random_leaf(t, type));
    else if (what == 4 && num_members > 1)
        model_remove(model, overlay, model_random_member(t, model));
    else if (what == 5 && num_members > 1)
        model_remove(model, overlay, last_member(model)); /* so that trees shrink, too */
    else
        model_path(t, model, overlay, model_random_member(t, model));
}

/* ---- encoding, resolution and hashes of the model ------------------------------------------------ */

/* Bytes that grow. */
typedef struct writer {
    uint8_t *data;
    size_t len;
} writer_t;

static void put(writer_t *w, mls_view_t bytes)
{
    w->data = realloc(w->data, w->len + bytes.len + 1);
    if (bytes.len > 0)
        memcpy(w->data + w->len, bytes.data, bytes.len);
    w->len += bytes.len;
}

static void put_uint(writer_t *w, uint32_t value, size_t len)
{
    for (size_t i = len; i-- > 0;) {
        const uint8_t byte = (uint8_t)(value >> (8 * i));
        put(w, mls_view(&byte, 1));
    }
}

static void put_opaque(writer_t *w, mls_view_t bytes)
{
    if (bytes.len < 64)
        put_uint(w, (uint32_t)bytes.len, 1);
    else if (bytes.len < 16384)
        put_uint(w, 0x4000 | (uint32_t)bytes.len, 2);
    else
        put_uint(w, 0x80000000 | (uint32_t)bytes.len, 4);
    put(w, bytes);
}

static mls_view_t keep(test_context_t *t, writer_t *w)
{
    mls_bytes_t bytes = { w->data, w->len };
    *w = (writer_t){ NULL, 0 };
    return test_keep(t, &bytes);
}

static void put_parent(writer_t *w, const model_node_t *node)
{
    writer_t unmerged = { NULL, 0 };
    put_opaque(w, node->encryption_key);
    put_opaque(w, node->parent_hash);
    for (uint32_t i = 0; i < MODEL_MAX_LEAVES; i++)
        if (node->unmerged[i])
            put_uint(&unmerged, i, 4);
    put_opaque(w, mls_view(unmerged.data, unmerged.len));
    free(unmerged.data);
}

mls_view_t model_encode(test_context_t *t, const model_t *model)
{
    writer_t nodes = { NULL, 0 }, whole = { NULL, 0 };
    uint32_t end = mls_num_nodes(model->num_leaves);
    while (end > 0 && !model->nodes[end - 1].present)
        end--;
    for (uint32_t n = 0; n < end; n++) {
        const model_node_t *node = &model->nodes[n];
        put_uint(&nodes, node->present, 1);
        if (!node->present)
            continue;
        put_uint(&nodes, n % 2 == 0 ? 1 : 2, 1);
        if (n % 2 == 0)
            put(&nodes, node->leaf);
        else
            put_parent(&nodes, node);
    }
    put_opaque(&whole, mls_view(nodes.data, nodes.len));
    free(nodes.data);
    return keep(t, &whole);
}

/* RFC 9420, Section 7.8 */
mls_view_t model_hash(test_context_t *t, const model_t *model, mls_node_index_t index)
{
    const model_node_t *node = &model->nodes[index.n];
    writer_t input = { NULL, 0 };
    if (mls_node_is_leaf(index)) {
        put_uint(&input, 1, 1);
        put_uint(&input, mls_leaf_of_node(index), 4);
        put_uint(&input, node->present, 1);
        put(&input, node->leaf);
    } else {
        put_uint(&input, 2, 1);
        put_uint(&input, node->present, 1);
        if (node->present)
            put_parent(&input, node);
        put_opaque(&input, model_hash(t, model, mls_node_left(index)));
        put_opaque(&input, model_hash(t, model, mls_node_right(index)));
    }
    const mls_view_t view = mls_view(input.data, input.len);
    uint8_t *hash = test_alloc(t, t->suite->hash->len);
    assert_ok(t->suite->hash->hash(t->crypto, t->suite->hash->variant, hash, &view, 1));
    free(input.data);
    return mls_view(hash, t->suite->hash->len);
}

/* RFC 9420, Section 4.1.1 */
static void resolve(const model_t *model, mls_index_list_t *out, mls_node_index_t node)
{
    if (model->nodes[node.n].present) {
        assert_ok(mls_index_list_push(out, node.n));
        for (uint32_t i = 0; i < MODEL_MAX_LEAVES; i++)
            if (!mls_node_is_leaf(node) && model->nodes[node.n].unmerged[i])
                assert_ok(mls_index_list_push(out, 2 * i));
    } else if (!mls_node_is_leaf(node)) {
        resolve(model, out, mls_node_left(node));
        resolve(model, out, mls_node_right(node));
    }
}

/* ---- comparing ----------------------------------------------------------------------------------- */

static void check_node(const model_t *model, const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    const model_node_t *expected = &model->nodes[node.n];
    assert_int_equal(mls_tree_is_blank(overlay, node), !expected->present);
    if (!expected->present)
        return;
    if (mls_node_is_leaf(node)) {
        const mls_tree_leaf_t *leaf = mls_tree_leaf(overlay, mls_leaf_of_node(node));
        assert_view_equal(mls_tree_leaf_encoded(leaf), expected->leaf);
        assert_true(mls_tree_has_key(overlay, mls_tree_leaf_signature_key(leaf), MLS_KEY_SIGNATURE));
        assert_false(mls_tree_has_key(overlay, mls_tree_leaf_signature_key(leaf), MLS_KEY_ENCRYPTION));
    } else {
        assert_view_equal(mls_tree_parent_hash_field(mls_tree_parent(overlay, node)), expected->parent_hash);
        assert_view_equal(mls_tree_encryption_key(overlay, node), expected->encryption_key);
    }
    assert_true(mls_tree_has_key(overlay, mls_tree_encryption_key(overlay, node), MLS_KEY_ENCRYPTION));
}

static void check_resolution(const model_t *model, const mls_tree_overlay_t *overlay, mls_node_index_t node)
{
    mls_index_list_t expected = { 0 }, actual = { 0 };
    resolve(model, &expected, node);
    assert_ok(mls_tree_resolution(overlay, &actual, node, false));
    assert_int_equal(actual.count, expected.count);
    for (size_t i = 0; i < actual.count; i++)
        assert_int_equal(actual.items[i], expected.items[i]);
    assert_int_equal(mls_tree_is_empty_below(overlay, node), expected.count == 0);
    mls_index_list_clear(&expected);
    mls_index_list_clear(&actual);
}

static void check_summary(const model_t *model, const mls_tree_overlay_t *overlay)
{
    uint32_t leaf = 0, num_seen = 0;
    assert_int_equal(overlay->summary.num_leaves, model->num_leaves);
    assert_int_equal(overlay->summary.num_members, model_num_members(model));
    for (; mls_tree_next_leaf(overlay, &leaf); leaf++, num_seen++)
        assert_true(has_leaf(model, leaf));
    assert_int_equal(num_seen, model_num_members(model));
    assert_null(mls_tree_leaf(overlay, model->num_leaves));
}

static void check_credentials(const model_t *model, const mls_tree_overlay_t *overlay)
{
    bool expected[4] = { false }, actual[4] = { false };
    uint16_t type;
    for (uint32_t i = 0; i < model->num_leaves; i++)
        if (has_leaf(model, i))
            expected[mls_tree_leaf_decode(mls_tree_leaf(overlay, i)).credential.type] = true;
    for (size_t n = 0; mls_tree_credential(overlay, &type, n); n++)
        actual[type] = true;
    assert_memory_equal(actual, expected, sizeof actual);
}

/* The index of the changes has their keys, and no others that were there in between. */
static void check_changed_keys(const mls_tree_overlay_t *overlay)
{
    uint32_t num_keys = 0;
    for (uint32_t i = 0; i < overlay->num_entries; i++)
        if (overlay->entries[i].place != 0 && overlay->entries[i].node != NULL)
            num_keys += mls_node_is_leaf((mls_node_index_t){ overlay->entries[i].place - 1 }) ? 2 : 1;
    assert_int_equal(overlay->keys.num_used, num_keys);
}

void model_check(test_context_t *t, const model_t *model, mls_tree_overlay_t *overlay)
{
    mls_bytes_t encoded;
    check_changed_keys(overlay);
    check_summary(model, overlay);
    check_credentials(model, overlay);
    assert_ok(mls_tree_hash_update(overlay));
    assert_view_equal(mls_tree_hash_root(overlay), model_hash(t, model, mls_root(model->num_leaves)));
    for (uint32_t n = 0; n < mls_num_nodes(model->num_leaves); n++) {
        const mls_node_index_t node = { n };
        check_node(model, overlay, node);
        check_resolution(model, overlay, node);
    }
    assert_ok(mls_tree_encode(&encoded, overlay));
    assert_view_equal(mls_bytes_view(&encoded), model_encode(t, model));
    mls_bytes_clear(&encoded);
}
