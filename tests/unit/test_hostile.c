/* test_hostile.c -- what outsiders and members may send to make a client work for long, take much memory, or
 * be of no use to its group. Nothing here looks at a clock: the time of the whole program is bounded, and
 * each test is of a size that a slow way would not get through in that time. */
#include "group_support.h"
#include "tree_model.h"

/* ---- keys that nobody can encrypt to ------------------------------------------------------------- */

/* A KeyPackage whose leaf has an encryption key of small order: all zero, which no key pair has. */
static mls_view_t key_package_with_zero_key(test_context_t *t)
{
    test_key_package_t *kp = test_alloc(t, sizeof *kp);
    test_key_package_fill(t, kp);
    kp->leaf.encryption_key = test_zero_key(t);
    return test_key_package_sign(t, kp);
}

/* Members could not encrypt a path secret to such a leaf: no Commit with a path could be made any more. */
static void commit__does_not_add_a_leaf_with_a_key_of_small_order(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    const mls_view_t key_package = key_package_with_zero_key(t);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD, .key_package = key_package };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_key_package_info_t info;
    mls_pending_commit_t *pending;
    assert_status(mls_key_package_read(&info, t->crypto, key_package, TEST_NOW, NULL), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    assert_refused(room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(room, 0), &pending, &options));
    assert_rule(t, "E7", MLS_ERR_INVALID);
    test_room_free(room);
}

/* ---- equal keys ---------------------------------------------------------------------------------- */

/* A tree that is joined is indexed by its keys before any signature or hash of it is looked at. */
static void tree__of_equal_keys_is_refused_at_the_first(void **state)
{
    test_context_t *t = *state;
    enum { NUM_LEAVES = 1 << 18 };
    mls_ratchet_tree_t *tree;
    mls_tree_leaf_t *leaf = test_tree_leaf(test_random_leaf(t, 1));
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_ratchet_tree_reserve(tree, NUM_LEAVES));
    leaf->refs = NUM_LEAVES;
    for (uint32_t i = 0; i < NUM_LEAVES; i++)
        assert_ok(mls_ratchet_tree_put(tree, mls_node_of_leaf(i), leaf));
    assert_status(mls_ratchet_tree_finish(tree, NUM_LEAVES), MLS_ERR_INVALID);
    assert_rule(t, "L8", MLS_ERR_INVALID);
    mls_ratchet_tree_free(tree);
}

/* ---- long lists ---------------------------------------------------------------------------------- */

/* A required_capabilities extension with one more type than a list may have; all of them any leaf supports,
 * for one type stands there again and again. */
static mls_extension_t long_required_capabilities(test_context_t *t)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    uint16_t *types = test_alloc(t, (limits.num_capabilities + 1) * sizeof *types);
    mls_bytes_t data;
    for (size_t i = 0; i <= limits.num_capabilities; i++)
        types[i] = MLS_EXTENSION_EXTERNAL_SENDERS;
    const mls_required_capabilities_t required = { .extensions = { types, limits.num_capabilities + 1 } };
    assert_ok(mls_required_capabilities_encode(&data, &required));
    return (mls_extension_t){ MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
}

/* Every member would be held against it, now and whenever somebody is added. */
static void required_capabilities__are_bounded_for_all_who_could_take_them(void **state)
{
    test_context_t *t = *state;
    mls_group_config_t config = { .keep_handshake_keys = true, .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_capabilities++;
    test_room_t *room = test_room(t, 2, &config);
    mls_extension_t extension = long_required_capabilities(t);
    const mls_extensions_t extensions = { &extension, 1 };
    const mls_proposal_spec_t spec = test_extensions(&extensions);
    const mls_view_t commit = test_commit(room, 0, &spec, 1, NULL), proposal = test_propose(room, 0, &spec);
    test_group(room, 1)->config.limits = MLS_LIMITS_DEFAULT;
    assert_refused(room, 1, MLS_ERR_LIMIT, test_receive(room, 1, proposal, NULL));
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    assert_refused(room, 1, MLS_ERR_LIMIT, test_receive(room, 1, commit, NULL));
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    test_room_free(room);
}

static void required_capabilities__are_bounded_for_who_joins(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t as_usual = { 0 };
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT };
    config.limits.num_capabilities++;
    test_room_t *room = test_room(t, 1, &config);
    mls_extension_t extension = long_required_capabilities(t);
    const mls_extensions_t extensions = { &extension, 1 };
    const mls_proposal_spec_t change = test_extensions(&extensions);
    mls_key_package_t *key_package = test_own_key_package(t);
    const mls_proposal_spec_t add = test_add(key_package);
    mls_welcome_t *welcome;
    mls_group_t *group;
    test_deliver(room, 0, test_commit(room, 0, &change, 1, NULL));
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL));
    assert_ok(mls_welcome_open(&welcome, t->crypto, &as_usual, key_package, room->welcome));
    assert_status(mls_group_join(&group, NULL, t->crypto, &as_usual, welcome, mls_view(NULL, 0)),
                  MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    assert_null(group);
    mls_welcome_free(welcome);
    mls_key_package_free(key_package);
    test_room_free(room);
}

static void required_capabilities__are_bounded_for_who_creates(void **state)
{
    test_context_t *t = *state;
    mls_extension_t extension = long_required_capabilities(t);
    const mls_extensions_t extensions = { &extension, 1 };
    mls_key_package_t *key_package = test_own_key_package(t);
    mls_group_t *group;
    assert_status(mls_group_create(&group, t->crypto, NULL, key_package, mls_view_text("id"), &extensions),
                  MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
    assert_null(group);
    mls_key_package_free(key_package);
}

/* Whoever looks for an extension finds the first of its type: of two, two readers may take different ones. */
static void welcome__with_an_extension_twice_is_not_opened(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 1, NULL);
    mls_key_package_t *key_package = test_own_key_package(t);
    const mls_proposal_spec_t add = test_add(key_package);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = TEST_NOW };
    mls_extension_t items[] = { { 0xf001, mls_view_text("a") }, { 0xf001, mls_view_text("b") } };
    const mls_extensions_t extensions = { items, 2 };
    const mls_group_info_options_t info = { .extensions = &extensions, .with_tree = true };
    mls_pending_commit_t *pending;
    mls_bytes_t message;
    mls_welcome_t *welcome;
    assert_ok(mls_group_commit(test_group(room, 0), &pending, &options));
    assert_ok(mls_pending_commit_group_info(pending, &info));
    assert_ok(mls_pending_commit_welcome(pending, &message, NULL, 0));
    assert_status(mls_welcome_open(&welcome, t->crypto, &room->config, key_package, test_keep(t, &message)),
                  MLS_ERR_INVALID);
    assert_rule(t, "L10", MLS_ERR_INVALID);
    assert_null(welcome);
    mls_key_package_free(key_package);
    test_room_free(room);
}

/* ---- damaged stores ------------------------------------------------------------------------------ */

/* Saves a member's group, as a test has changed it, and asserts that it does not come up again. */
static void assert_is_not_loaded(test_room_t *room, size_t member)
{
    memory_store_t memory = { 0 };
    const mls_store_t store = memory_store(&memory);
    mls_group_t *loaded;
    test_dump(test_group(room, member), &memory);
    assert_status(mls_group_load(&loaded, room->t->crypto, &room->config, &store, mls_view_text("a room")),
                  MLS_ERR_STORE);
    assert_null(loaded);
    memory_store_clear(&memory);
}

/* With as many keys as there is room for, all of other nodes, the next own path would have none. */
static void load__refuses_private_keys_of_nodes_that_are_not_above_the_own_leaf(void **state)
{
    test_room_t *room = test_room(*state, 33, NULL);
    mls_private_keys_t *keys = &test_group(room, 32)->epoch->private_keys;
    for (keys->count = 0; keys->count < sizeof keys->items / sizeof *keys->items; keys->count++)
        keys->items[keys->count].node = mls_node_of_leaf((uint32_t)keys->count);
    for (size_t i = 0; i < keys->count; i++)
        keys->items[i].key = keys->items[0].key;
    assert_is_not_loaded(room, 32);
    test_room_free(room);
}

static void load__refuses_two_private_keys_of_a_node(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_private_keys_t *keys = &test_group(room, 1)->epoch->private_keys;
    keys->items[keys->count] = keys->items[0];
    keys->count++;
    assert_is_not_loaded(room, 1);
    test_room_free(room);
}

static void load__refuses_a_private_key_beyond_every_tree(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_private_keys_t *keys = &test_group(room, 1)->epoch->private_keys;
    keys->items[keys->count] = keys->items[0];
    keys->items[keys->count++].node.n = UINT32_MAX;
    assert_is_not_loaded(room, 1);
    test_room_free(room);
}

/* The way from a leaf that is not in the tree never meets the root. */
static void load__refuses_to_go_back_to_an_own_leaf_that_is_not_there(void **state)
{
    static const uint32_t not_there[] = { 3, 4, 1000, UINT32_MAX }; /* the first is blank */
    test_room_t *room = test_room(*state, 3, NULL);
    test_merge(room, 1, test_update(room, 0), true);
    mls_past_epoch_t *past = &test_group(room, 1)->past[test_group(room, 1)->num_past - 1];
    for (size_t i = 0; i < sizeof not_there / sizeof *not_there; i++) {
        past->epoch->own_leaf = not_there[i];
        assert_is_not_loaded(room, 1);
    }
    past->epoch->own_leaf = 1;
    test_restart(room, 1);
    test_room_free(room);
}

static void load__refuses_to_go_back_to_counts_that_cannot_be(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    test_merge(room, 1, test_update(room, 0), true);
    mls_tree_summary_t *summary = &test_group(room, 1)->past[test_group(room, 1)->num_past - 1].back.summary;
    const mls_tree_summary_t good = *summary;
    summary->first_blank = good.end + 1;
    assert_is_not_loaded(room, 1);
    *summary = good;
    summary->num_members = good.end + 1;
    assert_is_not_loaded(room, 1);
    *summary = good;
    summary->num_members = 0;
    assert_is_not_loaded(room, 1);
    *summary = good;
    test_restart(room, 1);
    test_room_free(room);
}

/* The GroupContext has the tree hash: no node is anything else than it was. */
static void load__refuses_a_tree_that_is_not_that_of_the_epoch(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    mls_tree_leaf_t *leaf = mls_tree_leaf(&test_group(room, 1)->view, 0);
    leaf->encoded[leaf->len - 1] ^= 1; /* of the signature, which is not verified again */
    assert_is_not_loaded(room, 1);
    leaf->encoded[leaf->len - 1] ^= 1;
    test_restart(room, 1);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commit__does_not_add_a_leaf_with_a_key_of_small_order),
        TEST(required_capabilities__are_bounded_for_all_who_could_take_them),
        TEST(required_capabilities__are_bounded_for_who_joins),
        TEST(required_capabilities__are_bounded_for_who_creates),
        TEST(welcome__with_an_extension_twice_is_not_opened),
        TEST(tree__of_equal_keys_is_refused_at_the_first),
        TEST(load__refuses_private_keys_of_nodes_that_are_not_above_the_own_leaf),
        TEST(load__refuses_two_private_keys_of_a_node),
        TEST(load__refuses_a_private_key_beyond_every_tree),
        TEST(load__refuses_to_go_back_to_an_own_leaf_that_is_not_there),
        TEST(load__refuses_to_go_back_to_counts_that_cannot_be),
        TEST(load__refuses_a_tree_that_is_not_that_of_the_epoch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
