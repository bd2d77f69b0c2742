/* The ratchet tree that comes with a Welcome (RFC 9420, Sections 7.9.2, 12.4.3.1 and 12.4.3.3). */
#include "bytes.h"
#include "forge_welcome.h"
#include "mls/join.h"
#include "tree_model.h"

/* A Welcome to a room of three, whose fourth leaf is the invited one's. The forger has just committed: its
 * leaf, node 1 and the root, node 3, hold each other by parent hashes. */
static void start(forged_welcome_t *f, void **state)
{
    forge_welcome(f, test_room(*state, 3, NULL), true);
    assert_true(f->nodes[1].present && f->nodes[3].present && !f->nodes[5].present);
}

static mls_view_t indexes(test_context_t *t, const uint32_t *leaves, size_t count)
{
    uint8_t *bytes = test_alloc(t, 4 * count);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < 4; j++)
            bytes[4 * i + j] = (uint8_t)(leaves[i] >> (24 - 8 * j));
    return mls_view(bytes, 4 * count);
}
#define INDEXES(t, ...)                                                                                      \
    indexes(t, (const uint32_t[]){ __VA_ARGS__ },                                                            \
            sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

/* ---- good trees ---------------------------------------------------------------------------------- */

/* Blank leaves, blank nodes and unmerged leaves, wherever they come about. */
static void rule_W8_W9_W10_W11_W12_B7__good_trees_are_taken(void **state)
{
    for (size_t count = 2; count <= 9; count++) {
        test_room_t *room = test_room(*state, count, NULL);
        for (uint32_t removed = 2; removed < count; removed += 3) {
            const mls_proposal_spec_t removal = test_remove(removed);
            test_deliver(room, 0, test_commit(room, FORGER, &removal, 1, NULL));
            mls_group_free(room->members[removed].group);
            room->members[removed].group = NULL;
        }
        for (int with_path = 0; with_path <= 1; with_path++) {
            forged_welcome_t f;
            forge_welcome(&f, room, with_path);
            assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
            mls_key_package_free(f.key_package);
            test_add_member(room, VICTIM, false);
            test_deliver(room, 0, test_update(room, FORGER));
        }
        test_room_free(room);
    }
}

/* ---- parent hashes ------------------------------------------------------------------------------- */

static void rule_W8_B7__leaf_with_another_parent_hash_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[2].leaf.parent_hash = test_flip(*state, f.nodes[2].leaf.parent_hash, 0);
    forge_welcome_sign_leaf(&f, FORGER);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

static void rule_W8_B7__parent_with_another_parent_hash_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[1].parent.parent_hash = test_flip(*state, f.nodes[1].parent.parent_hash, 0);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

static void rule_W8_B7__parent_hash_that_is_missing_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[1].parent.parent_hash = mls_view(NULL, 0);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
    start(&f, state);
    f.nodes[2].leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    f.nodes[2].leaf.parent_hash = mls_view(NULL, 0);
    forge_welcome_sign_leaf(&f, FORGER);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

/* The first parent is good: the root, which nobody holds by its hash any more, is not. */
static void rule_W8_B7__parent_with_another_key_is_refused(void **state)
{
    const uint32_t parents[] = { 1, 3 };
    for (size_t i = 0; i < 2; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.nodes[parents[i]].parent.encryption_key = test_public_key(*state);
        assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
    }
}

static void rule_W8_B7__other_leaf_below_the_sibling_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[4].leaf.encryption_key = test_public_key(*state);
    forge_welcome_sign_leaf(&f, 2);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

static void rule_W8_B7__parent_that_nobody_has_set_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[5].present = true;
    f.nodes[5].parent.encryption_key = test_public_key(*state);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

static void rule_W8_B2__parent_hash_beyond_all_lengths_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[1].parent.parent_hash = test_random_bytes(*state, MLS_MAX_HASH_LEN + 1);
    assert_welcome_breaks(&f, "W8", MLS_ERR_INVALID);
}

/* ---- unmerged leaves ----------------------------------------------------------------------------- */

static void rule_W10_B1__unmerged_leaf_that_is_not_below_is_refused(void **state)
{
    const uint32_t leaves[] = { 2, 4, 1u << 30, 1u << 31, UINT32_MAX };
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.nodes[1].parent.unmerged_leaves = INDEXES(*state, leaves[i]);
        assert_welcome_breaks(&f, "W10", MLS_ERR_INVALID);
    }
}

static void rule_W10__unmerged_leaf_that_is_blank_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, test_room(*state, 5, NULL), true);
    assert_true(f.nodes[7].present && f.num_nodes == 11);
    f.nodes[7].parent.unmerged_leaves = INDEXES(*state, 7);
    assert_welcome_breaks(&f, "W10", MLS_ERR_INVALID);
}

static void rule_W11__unmerged_leaf_that_a_node_between_has_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[3].parent.unmerged_leaves = INDEXES(*state, 0);
    assert_welcome_breaks(&f, "W11", MLS_ERR_INVALID);
}

static void rule_W11_B8__unmerged_leaves_out_of_order_are_refused(void **state)
{
    const uint32_t orders[][2] = { { 2, 0 }, { 2, 2 } };
    for (size_t i = 0; i < 2; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.nodes[3].parent.unmerged_leaves = INDEXES(*state, orders[i][0], orders[i][1]);
        assert_welcome_breaks(&f, "W11_SORTED", MLS_ERR_MALFORMED);
    }
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static void rule_W12__key_of_two_parents_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[3].parent.encryption_key = f.nodes[1].parent.encryption_key;
    assert_welcome_breaks(&f, "W12", MLS_ERR_INVALID);
}

static void rule_W12_L8__key_of_a_leaf_and_a_parent_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[1].parent.encryption_key = f.nodes[0].leaf.encryption_key;
    assert_welcome_breaks(&f, "W12", MLS_ERR_INVALID);
    start(&f, state);
    f.nodes[1].parent.encryption_key = f.nodes[4].leaf.encryption_key;
    assert_welcome_breaks(&f, "L8", MLS_ERR_INVALID);
}

static void rule_E7__parent_without_a_key_of_the_suite_is_refused(void **state)
{
    const mls_view_t none[] = { mls_view(NULL, 0), test_random_bytes(*state, 7), test_zero_key(*state) };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        forged_welcome_t f;
        start(&f, state);
        f.nodes[3].parent.encryption_key = none[i];
        assert_welcome_breaks(&f, "E7", MLS_ERR_INVALID);
    }
}

static void rule_E7_B2__parent_with_a_key_beyond_all_lengths_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.nodes[3].parent.encryption_key = test_random_bytes(*state, 1000);
    assert_welcome_breaks(&f, "E7", MLS_ERR_INVALID);
}

/* ---- the shape ----------------------------------------------------------------------------------- */

static mls_view_t join_parts(test_context_t *t, const mls_view_t *parts, size_t count)
{
    mls_view_t joined = mls_view(NULL, 0);
    for (size_t i = 0; i < count; i++)
        joined = forge_splice(t, joined, joined.len, 0, parts[i]);
    return joined;
}

static void codec_opaque(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* The extension_data of nodes, each with the octet that it is there, or the octet that it is not. */
static mls_view_t tree_of(test_context_t *t, const mls_view_t *nodes, size_t count)
{
    mls_bytes_t tree = { 0 };
    const mls_view_t joined = join_parts(t, nodes, count);
    assert_ok(mls_encode(&tree, codec_opaque, &joined));
    return test_keep(t, &tree);
}

static mls_view_t leaf_node(const forged_welcome_t *f, uint32_t n)
{
    const mls_view_t parts[] = { test_hex(f->room->t, "01 01"), f->nodes[n].leaf_encoded };
    return join_parts(f->room->t, parts, 2);
}

static mls_view_t parent_node(const forged_welcome_t *f, uint32_t n)
{
    mls_bytes_t parent = { 0 };
    assert_ok(mls_encode(&parent, mls_codec_parent_node, &f->nodes[n].parent));
    const mls_view_t parts[] = { test_hex(f->room->t, "01 02"), test_keep(f->room->t, &parent) };
    return join_parts(f->room->t, parts, 2);
}

static void rule_W19_B8__node_at_a_place_of_the_other_kind_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    const mls_view_t leaf_at_1[] = { leaf_node(&f, 0), leaf_node(&f, 2), leaf_node(&f, 4) };
    f.tree = tree_of(*state, leaf_at_1, 3);
    assert_welcome_breaks(&f, "W19", MLS_ERR_MALFORMED);
    start(&f, state);
    const mls_view_t parent_at_0 = parent_node(&f, 1);
    f.tree = tree_of(*state, &parent_at_0, 1);
    assert_welcome_breaks(&f, "W19", MLS_ERR_MALFORMED);
}

static void rule_W19_B8__blank_nodes_at_the_end_are_refused(void **state)
{
    const mls_view_t blank = test_hex(*state, "00");
    for (size_t num_blanks = 1; num_blanks <= 2; num_blanks++) {
        forged_welcome_t f;
        forge_welcome(&f, flat_room(*state, 2, NULL), false);
        const mls_view_t nodes[] = {
            leaf_node(&f, 0), blank, leaf_node(&f, 2), blank, leaf_node(&f, 4), blank, blank
        };
        f.tree = tree_of(*state, nodes, 5 + num_blanks);
        assert_welcome_breaks(&f, "W19_LAST", MLS_ERR_MALFORMED);
    }
}

static void rule_W19_B8__parent_at_the_end_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    const mls_view_t nodes[] = { leaf_node(&f, 0), parent_node(&f, 1) };
    f.tree = tree_of(*state, nodes, 2);
    assert_welcome_breaks(&f, "W19_LAST", MLS_ERR_MALFORMED);
}

static void rule_W19_B3__empty_tree_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.tree = test_hex(*state, "00");
    assert_welcome_breaks(&f, "W19_LAST", MLS_ERR_MALFORMED);
}

/* RFC 9420, Section 12.4.3.3: what is sent ends with the last node that is not blank. */
static void rule_W22__tree_that_is_sent_ends_with_a_leaf(void **state)
{
    test_room_t *room = test_room(*state, 5, NULL);
    mls_bytes_t tree = { 0 };
    mls_view_t nodes = { 0 };
    assert_ok(mls_group_ratchet_tree(test_group(room, VICTIM), &tree));
    assert_ok(mls_decode(&nodes, sizeof nodes, codec_opaque, mls_bytes_view(&tree), NULL));
    const mls_tree_leaf_t *last = mls_tree_leaf(&test_group(room, VICTIM)->view, 4);
    const mls_view_t encoded = mls_tree_leaf_encoded(last);
    assert_view_equal(mls_view(nodes.data + nodes.len - encoded.len, encoded.len), encoded);
    mls_bytes_clear(&tree);
    test_room_free(room);
}

/* ---- the size ------------------------------------------------------------------------------------ */

static void rule_W19_B1_B2__tree_with_too_many_leaves_is_refused(void **state)
{
    forged_welcome_t f;
    start(&f, state);
    f.config.limits = MLS_LIMITS_DEFAULT;
    f.config.limits.num_leaves = 4;
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    f.config.limits.num_leaves = 2;
    assert_welcome_breaks(&f, "W19_SIZE", MLS_ERR_LIMIT);
}

static void rule_W19_B2__tree_that_is_too_long_is_refused(void **state)
{
    forged_welcome_t f;
    mls_welcome_t *welcome;
    mls_group_t *group;
    mls_bytes_t tree = { 0 };
    start(&f, state);
    f.without_tree = true;
    mls_crypto_t *crypto = f.room->t->crypto;
    assert_ok(mls_tree_encode(&tree, &f.pending->staged->overlay));
    assert_ok(mls_welcome_open(&welcome, crypto, &f.config, f.key_package, forge_welcome_seal(&f)));
    f.config.limits = MLS_LIMITS_DEFAULT;
    f.config.limits.tree_len = tree.len - 1;
    assert_status(mls_group_join(&group, NULL, crypto, &f.config, welcome, mls_bytes_view(&tree)),
                  MLS_ERR_LIMIT);
    assert_rule(f.room->t, "W19_SIZE", MLS_ERR_LIMIT);
    assert_null(group);
    f.config.limits.tree_len = tree.len;
    assert_ok(mls_group_join(&group, NULL, crypto, &f.config, welcome, mls_bytes_view(&tree)));
    mls_group_free(group);
    mls_welcome_free(welcome);
    mls_bytes_clear(&tree);
    forge_welcome_end(&f);
}

static void rule_W19_B1_B2__tree_does_not_grow_beyond_its_limit(void **state)
{
    test_room_t *room = test_room(*state, 4, NULL);
    mls_key_package_t *key_package = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_view_t commit = test_commit(room, FORGER, &add, 1, NULL);
    test_group(room, VICTIM)->config.limits.num_leaves = 4;
    assert_message_breaks(room, "W19_SIZE", MLS_ERR_LIMIT, commit);
    test_group(room, VICTIM)->config.limits.num_leaves = 8;
    assert_taken(room, commit);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* Before anything else is looked at in any leaf: each list is held against all the types in use. */
static void rule_L13_B2__list_of_credential_types_in_a_tree_is_bounded_first(void **state)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const size_t len = 2 * (limits.num_capabilities + 1);
    uint8_t *types = test_alloc(*state, len);
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 3, NULL), false);
    for (size_t i = 1; i < len; i += 2)
        types[i] = MLS_CREDENTIAL_BASIC;
    f.nodes[4].leaf.capabilities.credentials.bytes = mls_view(types, len);
    forge_welcome_sign_leaf(&f, 2);
    f.nodes[0].leaf.capabilities.versions.bytes = mls_view(NULL, 0); /* rule L12, of an earlier leaf */
    forge_welcome_sign_leaf(&f, 0);
    assert_welcome_breaks(&f, "L13", MLS_ERR_LIMIT);
}

/* ---- many types of credentials ------------------------------------------------------------------- */

static void rule_L13_B2__tree_with_too_many_types_of_credentials_is_refused(void **state)
{
    test_context_t *t = *state;
    for (uint32_t num_types = MLS_MAX_CREDENTIAL_TYPES; num_types <= MLS_MAX_CREDENTIAL_TYPES + 1;
         num_types++) {
        mls_ratchet_tree_t *tree;
        assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
        assert_ok(mls_ratchet_tree_reserve(tree, 512));
        for (uint32_t i = 0; i < num_types; i++)
            assert_ok(mls_ratchet_tree_put(tree, mls_node_of_leaf(i),
                                           test_tree_leaf(test_random_leaf(t, (uint16_t)(i + 1)))));
        const mls_status_t status = mls_ratchet_tree_finish(tree, 512);
        assert_status(status, num_types <= MLS_MAX_CREDENTIAL_TYPES ? MLS_OK : MLS_ERR_LIMIT);
        mls_ratchet_tree_free(tree);
    }
    assert_rule(t, "L13", MLS_ERR_LIMIT);
}

static void rule_L13_B2__tree_does_not_take_one_type_of_credentials_more(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    mls_status_t status = MLS_OK;
    uint32_t added, type = 0;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    while (status == MLS_OK && type <= MLS_MAX_CREDENTIAL_TYPES) {
        mls_tree_leaf_t *leaf = test_tree_leaf(test_random_leaf(t, (uint16_t)++type));
        status = mls_tree_add(&overlay, &added, leaf, 1 << 16);
        mls_tree_leaf_release(leaf);
    }
    assert_int_equal(type, MLS_MAX_CREDENTIAL_TYPES + 1);
    assert_status(status, MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_W8_W9_W10_W11_W12_B7__good_trees_are_taken),
        TEST(rule_W8_B7__leaf_with_another_parent_hash_is_refused),
        TEST(rule_W8_B7__parent_with_another_parent_hash_is_refused),
        TEST(rule_W8_B7__parent_hash_that_is_missing_is_refused),
        TEST(rule_W8_B7__parent_with_another_key_is_refused),
        TEST(rule_W8_B7__other_leaf_below_the_sibling_is_refused),
        TEST(rule_W8_B7__parent_that_nobody_has_set_is_refused),
        TEST(rule_W8_B2__parent_hash_beyond_all_lengths_is_refused),
        TEST(rule_W10_B1__unmerged_leaf_that_is_not_below_is_refused),
        TEST(rule_W10__unmerged_leaf_that_is_blank_is_refused),
        TEST(rule_W11__unmerged_leaf_that_a_node_between_has_is_refused),
        TEST(rule_W11_B8__unmerged_leaves_out_of_order_are_refused),
        TEST(rule_W12__key_of_two_parents_is_refused),
        TEST(rule_W12_L8__key_of_a_leaf_and_a_parent_is_refused),
        TEST(rule_E7__parent_without_a_key_of_the_suite_is_refused),
        TEST(rule_E7_B2__parent_with_a_key_beyond_all_lengths_is_refused),
        TEST(rule_W19_B8__node_at_a_place_of_the_other_kind_is_refused),
        TEST(rule_W19_B8__blank_nodes_at_the_end_are_refused),
        TEST(rule_W19_B8__parent_at_the_end_is_refused),
        TEST(rule_W19_B3__empty_tree_is_refused),
        TEST(rule_W22__tree_that_is_sent_ends_with_a_leaf),
        TEST(rule_W19_B1_B2__tree_with_too_many_leaves_is_refused),
        TEST(rule_W19_B2__tree_that_is_too_long_is_refused),
        TEST(rule_W19_B1_B2__tree_does_not_grow_beyond_its_limit),
        TEST(rule_L13_B2__list_of_credential_types_in_a_tree_is_bounded_first),
        TEST(rule_L13_B2__tree_with_too_many_types_of_credentials_is_refused),
        TEST(rule_L13_B2__tree_does_not_take_one_type_of_credentials_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
