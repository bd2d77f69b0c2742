#include "tree_codec.h"
#include "tree_model.h"

#include <stdio.h>

enum { MAX_LEAVES = 1 << 10 };

static mls_status_t decode_within(test_context_t *t, mls_ratchet_tree_t **tree, mls_view_t encoded,
                                  uint32_t max_leaves)
{
    return mls_tree_decode(tree, t->crypto, t->suite, encoded, max_leaves);
}

/* A refused tree leaves nothing behind; the leak checker of the sanitizers sees the rest. */
static mls_status_t decode(test_context_t *t, mls_view_t encoded)
{
    mls_ratchet_tree_t *tree = (mls_ratchet_tree_t *)t;
    const mls_status_t status = decode_within(t, &tree, encoded, MAX_LEAVES);
    if (status != MLS_OK)
        assert_null(tree);
    mls_ratchet_tree_free(status == MLS_OK ? tree : NULL);
    return status;
}

/* A vector of the parts' bytes, at most 16,383. */
static mls_view_t vector_of(test_context_t *t, const mls_view_t *parts, size_t num_parts)
{
    size_t len = 0, at = 2;
    for (size_t i = 0; i < num_parts; i++)
        len += parts[i].len;
    uint8_t *bytes = test_alloc(t, len + 2);
    bytes[0] = (uint8_t)(0x40 | len >> 8);
    bytes[1] = (uint8_t)len;
    for (size_t i = 0; i < num_parts; at += parts[i++].len)
        if (parts[i].len > 0)
            memcpy(bytes + at, parts[i].data, parts[i].len);
    return len < 64 ? mls_view(bytes + 1, len + 1) : mls_view(bytes, len + 2);
}

/* A node with its presence octet and type. */
static mls_view_t node(test_context_t *t, uint8_t type, mls_view_t content)
{
    uint8_t *bytes = test_alloc(t, 2 + content.len);
    bytes[0] = 1;
    bytes[1] = type;
    memcpy(bytes + 2, content.data, content.len);
    return mls_view(bytes, 2 + content.len);
}

static mls_view_t leaf(test_context_t *t)
{
    return node(t, 1, test_random_leaf(t, 1));
}

/* A parent with those unmerged leaves, as hex with their length. */
static mls_view_t parent(test_context_t *t, const char *unmerged)
{
    char hex[400];
    snprintf(hex, sizeof hex,
             "20"
             "%064d"
             "00%s",
             1, unmerged);
    return node(t, 2, test_hex(t, hex));
}

static mls_view_t blank(test_context_t *t)
{
    return test_hex(t, "00");
}

/* ---- round trip ---------------------------------------------------------------------------------- */

static void decode__gives_the_tree_that_was_encoded(void **state)
{
    test_context_t *t = *state;
    for (int round = 0; round < 30; round++) {
        mls_ratchet_tree_t *tree, *decoded;
        mls_tree_overlay_t overlay;
        model_t *model = test_alloc(t, sizeof *model);
        model->num_leaves = 1;
        assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
        assert_ok(mls_tree_overlay_init(&overlay, tree));
        for (uint32_t n = 1 + test_random(t, 30); n > 0; n--)
            model_change(t, model, &overlay);
        mls_tree_overlay_clear(&overlay);
        assert_ok(decode_within(t, &decoded, model_encode(t, model), MAX_LEAVES));
        assert_ok(mls_tree_overlay_init(&overlay, decoded));
        model_check(t, model, &overlay);
        mls_tree_overlay_clear(&overlay);
        mls_ratchet_tree_free(decoded);
        mls_ratchet_tree_free(tree);
    }
}

static void decode__extends_to_a_power_of_two(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree;
    const mls_view_t parts[] = { leaf(t), blank(t), blank(t), blank(t), leaf(t) };
    assert_ok(decode_within(t, &tree, vector_of(t, parts, 5), 4));
    assert_int_equal(tree->summary.num_leaves, 4);
    assert_int_equal(tree->summary.num_members, 2);
    mls_ratchet_tree_free(tree);
}

/* ---- what is refused ----------------------------------------------------------------------------- */

static void decode__refuses_a_tree_that_is_too_large(void **state)
{
    test_context_t *t = *state;
    const mls_view_t parts[] = { leaf(t), blank(t), blank(t), blank(t), leaf(t) };
    mls_ratchet_tree_t *tree;
    assert_status(decode_within(t, &tree, vector_of(t, parts, 5), 2), MLS_ERR_LIMIT);
    assert_rule(t, "W19_SIZE", MLS_ERR_LIMIT);
}

static void decode__refuses_a_blank_node_at_the_end(void **state)
{
    test_context_t *t = *state;
    const mls_view_t parts[] = { leaf(t), blank(t) };
    assert_ok(decode(t, vector_of(t, parts, 1)));
    assert_status(decode(t, vector_of(t, parts, 2)), MLS_ERR_MALFORMED);
    assert_rule(t, "W19_LAST", MLS_ERR_MALFORMED);
    assert_status(decode(t, test_hex(t, "00")), MLS_ERR_MALFORMED);
    assert_rule(t, "W19_LAST", MLS_ERR_MALFORMED);
}

/* The last leaf of a good tree lies to the right of every parent that has something below it. */
static void decode__refuses_a_parent_at_the_end(void **state)
{
    test_context_t *t = *state;
    const mls_view_t parts[] = { leaf(t), parent(t, "00"), leaf(t), parent(t, "00") };
    assert_ok(decode(t, vector_of(t, parts, 3)));
    assert_status(decode(t, vector_of(t, parts, 2)), MLS_ERR_MALFORMED);
    assert_rule(t, "W19_LAST", MLS_ERR_MALFORMED);
    assert_status(decode(t, vector_of(t, parts, 4)), MLS_ERR_MALFORMED);
    assert_rule(t, "W19_LAST", MLS_ERR_MALFORMED);
}

static void decode__refuses_nodes_at_places_of_the_other_kind(void **state)
{
    test_context_t *t = *state;
    const mls_view_t leaf_at_1[] = { leaf(t), leaf(t), leaf(t) }, parent_at_0[] = { parent(t, "00") };
    assert_status(decode(t, vector_of(t, leaf_at_1, 3)), MLS_ERR_MALFORMED);
    assert_rule(t, "W19", MLS_ERR_MALFORMED);
    assert_status(decode(t, vector_of(t, parent_at_0, 1)), MLS_ERR_MALFORMED);
    assert_rule(t, "W19", MLS_ERR_MALFORMED);
}

static void decode__refuses_unmerged_leaves_out_of_order(void **state)
{
    test_context_t *t = *state;
    static const char *const bad[] = { "080000000100000000", "080000000100000001" };
    const mls_view_t good[] = { leaf(t), parent(t, "080000000000000001"), leaf(t) };
    assert_ok(decode(t, vector_of(t, good, 3)));
    for (size_t i = 0; i < 2; i++) {
        const mls_view_t parts[] = { leaf(t), parent(t, bad[i]), leaf(t) };
        assert_status(decode(t, vector_of(t, parts, 3)), MLS_ERR_MALFORMED);
        assert_rule(t, "W11_SORTED", MLS_ERR_MALFORMED);
    }
    const mls_view_t half[] = { leaf(t), parent(t, "03000000"), leaf(t) };
    assert_status(decode(t, vector_of(t, half, 3)), MLS_ERR_MALFORMED);
}

static void decode__refuses_other_presence_octets_and_node_types(void **state)
{
    test_context_t *t = *state;
    mls_view_t part = leaf(t);
    assert_status(decode(t, vector_of(t, (const mls_view_t[]){ test_flip(t, part, 1) }, 1)),
                  MLS_ERR_MALFORMED);
    assert_status(decode(t, vector_of(t, (const mls_view_t[]){ test_flip(t, part, 8) }, 1)),
                  MLS_ERR_MALFORMED);
    assert_status(decode(t, vector_of(t, (const mls_view_t[]){ test_flip(t, part, 9) }, 1)),
                  MLS_ERR_MALFORMED);
}

static void decode__refuses_every_truncation_and_trailing_bytes(void **state)
{
    test_context_t *t = *state;
    const mls_view_t parts[] = { leaf(t), parent(t, "0400000001"), leaf(t) };
    const mls_view_t whole = vector_of(t, parts, 3);
    assert_ok(decode(t, whole));
    for (size_t len = 0; len < whole.len; len++)
        assert_status(decode(t, mls_view(whole.data, len)), MLS_ERR_MALFORMED);
    uint8_t *longer = test_alloc(t, whole.len + 1);
    memcpy(longer, whole.data, whole.len);
    assert_status(decode(t, mls_view(longer, whole.len + 1)), MLS_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(decode__gives_the_tree_that_was_encoded),
        TEST(decode__extends_to_a_power_of_two),
        TEST(decode__refuses_a_tree_that_is_too_large),
        TEST(decode__refuses_a_blank_node_at_the_end),
        TEST(decode__refuses_a_parent_at_the_end),
        TEST(decode__refuses_nodes_at_places_of_the_other_kind),
        TEST(decode__refuses_unmerged_leaves_out_of_order),
        TEST(decode__refuses_other_presence_octets_and_node_types),
        TEST(decode__refuses_every_truncation_and_trailing_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
