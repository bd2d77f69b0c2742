#include "tree_model.h"
#include "tree_node.h"

static void leaf__is_its_encoding(void **state)
{
    test_context_t *t = *state;
    const mls_view_t encoded = test_random_leaf(t, 1);
    mls_leaf_node_t fields;
    mls_tree_leaf_t *leaf = test_tree_leaf(encoded);
    assert_ok(mls_leaf_node_decode(&fields, encoded));
    assert_view_equal(mls_tree_leaf_encoded(leaf), encoded);
    assert_view_equal(mls_tree_leaf_encryption_key(leaf), fields.encryption_key);
    assert_view_equal(mls_tree_leaf_signature_key(leaf), fields.signature_key);
    assert_view_equal(mls_tree_leaf_decode(leaf).credential.body, mls_view_text("somebody"));
    mls_tree_leaf_release(leaf);
    mls_tree_leaf_release(NULL);
}

static void leaf__lives_until_its_last_reference(void **state)
{
    test_context_t *t = *state;
    const mls_view_t encoded = test_random_leaf(t, 1);
    mls_tree_leaf_t *leaf = test_tree_leaf(encoded);
    leaf->refs++;
    mls_tree_leaf_release(leaf);
    assert_view_equal(mls_tree_leaf_encoded(leaf), encoded);
    mls_tree_leaf_release(leaf);
}

static void leaf__refuses_what_is_none(void **state)
{
    test_context_t *t = *state;
    const mls_view_t encoded = test_random_leaf(t, 1);
    mls_tree_leaf_t *leaf;
    for (size_t len = 0; len < encoded.len; len++) {
        assert_status(mls_tree_leaf_new(&leaf, mls_view(encoded.data, len)), MLS_ERR_MALFORMED);
        assert_null(leaf);
    }
}

static void leaf__refuses_keys_longer_than_of_any_suite(void **state)
{
    test_context_t *t = *state;
    mls_leaf_node_t fields;
    mls_tree_leaf_t *leaf;
    mls_bytes_t encoded;
    assert_ok(mls_leaf_node_decode(&fields, test_random_leaf(t, 1)));
    fields.tbs = (mls_view_t){ 0 };
    fields.encryption_key = test_random_bytes(t, MLS_MAX_KEM_PUBLIC_LEN + 1);
    assert_ok(mls_encode(&encoded, mls_codec_leaf_node, &fields));
    assert_status(mls_tree_leaf_new(&leaf, test_keep(t, &encoded)), MLS_ERR_MALFORMED);
}

static mls_tree_parent_t *new_parent(test_context_t *t)
{
    mls_tree_parent_t *parent;
    assert_ok(mls_tree_parent_new(&parent, test_random_bytes(t, 32), test_random_bytes(t, 32)));
    assert_ok(mls_index_list_push(&parent->unmerged_leaves, 3));
    assert_ok(mls_index_list_push(&parent->unmerged_leaves, 0x01020304));
    return parent;
}

static void parent__round_trips(void **state)
{
    test_context_t *t = *state;
    mls_tree_parent_t *parent = new_parent(t), *decoded;
    mls_parent_node_t wire;
    mls_bytes_t encoded;
    assert_ok(mls_tree_parent_encode(&encoded, parent));
    const mls_view_t bytes = test_keep(t, &encoded);
    assert_view_hex(t, mls_view(bytes.data + 66, bytes.len - 66), "08 00000003 01020304");
    assert_ok(mls_decode(&wire, sizeof wire, mls_codec_parent_node, bytes, NULL));
    assert_ok(mls_tree_parent_from(&decoded, t->crypto, &wire));
    assert_ok(mls_tree_parent_encode(&encoded, decoded));
    assert_view_equal(test_keep(t, &encoded), bytes);
    mls_tree_parent_release(decoded);
    mls_tree_parent_release(parent);
}

static void parent__that_is_copied_is_independent(void **state)
{
    test_context_t *t = *state;
    mls_tree_parent_t *parent = new_parent(t), *copy;
    assert_ok(mls_tree_parent_copy(&copy, parent));
    assert_ok(mls_index_list_insert(&copy->unmerged_leaves, 1));
    assert_int_equal(parent->unmerged_leaves.count, 2);
    assert_int_equal(copy->unmerged_leaves.count, 3);
    assert_view_equal(mls_tree_parent_encryption_key(copy), mls_tree_parent_encryption_key(parent));
    mls_tree_parent_release(parent);
    assert_int_equal(mls_tree_parent_hash_field(copy).len, 32);
    mls_tree_parent_release(copy);
    mls_tree_parent_release(NULL);
}

static void parent__refuses_fields_longer_than_of_any_suite(void **state)
{
    test_context_t *t = *state;
    mls_tree_parent_t *parent;
    const mls_view_t bytes = test_random_bytes(t, MLS_MAX_KEM_PUBLIC_LEN + 1);
    assert_status(mls_tree_parent_new(&parent, bytes, mls_view(NULL, 0)), MLS_ERR_MALFORMED);
    assert_status(
        mls_tree_parent_new(&parent, mls_view(bytes.data, 32), mls_view(bytes.data, MLS_MAX_HASH_LEN + 1)),
        MLS_ERR_MALFORMED);
    assert_null(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leaf__is_its_encoding),
        TEST(leaf__lives_until_its_last_reference),
        TEST(leaf__refuses_what_is_none),
        TEST(leaf__refuses_keys_longer_than_of_any_suite),
        TEST(parent__round_trips),
        TEST(parent__that_is_copied_is_independent),
        TEST(parent__refuses_fields_longer_than_of_any_suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
