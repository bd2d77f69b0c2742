/* What a group asks of its members by its GroupContext (RFC 9420, Sections 7.3, 11.1, 12.1.7 and 13.4). */
#include "forge_welcome.h"

enum { OWN = TEST_OWN_TYPE };

/* ---- groups that ask for something --------------------------------------------------------------- */

/* required_capabilities of one type each, of those that are not 0. */
static mls_extension_t required(test_context_t *t, uint16_t extension, uint16_t proposal, uint16_t credential)
{
    uint16_t types[] = { extension, proposal, credential };
    const mls_required_capabilities_t list = { .extensions = { &types[0], extension != 0 },
                                               .proposals = { &types[1], proposal != 0 },
                                               .credentials = { &types[2], credential != 0 } };
    mls_bytes_t data = { 0 };
    assert_ok(mls_required_capabilities_encode(&data, &list));
    return (mls_extension_t){ MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
}

static mls_extension_t own_extension(void)
{
    return (mls_extension_t){ OWN, mls_view_text("data") };
}

static void change_extensions(test_room_t *room, mls_extension_t item)
{
    const mls_extensions_t list = { &item, 1 };
    const mls_proposal_spec_t change = test_extensions(&list);
    test_deliver(room, 0, test_commit(room, 0, &change, 1, NULL));
}

/* A room whose GroupContext has that extension. */
static test_room_t *room_with(test_context_t *t, mls_extension_t item)
{
    test_room_t *room = test_room(t, 3, NULL);
    change_extensions(room, item);
    return room;
}

/* ---- leaves that do not have it ------------------------------------------------------------------ */

static void refuse_add(test_room_t *room, const char *rule)
{
    test_key_package_t kp;
    const mls_proposal_t add = forge_good_add(room->t, &kp); /* supports nothing but what everybody does */
    assert_message_breaks(room, rule, MLS_ERR_INVALID, forge_proposal(room, &add));
    assert_message_breaks(room, rule, MLS_ERR_INVALID, forge_commit_with(room, &add, 1));
}

static void support_nothing(mls_leaf_node_t *leaf)
{
    leaf->capabilities.extensions.bytes = leaf->capabilities.proposals.bytes = (mls_view_t){ 0 };
    leaf->extensions = (mls_view_t){ 0 }; /* a GREASE one, perhaps */
}

static void refuse_update(test_room_t *room, const char *rule)
{
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    support_nothing(&leaf);
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, rule, MLS_ERR_INVALID, forge_proposal(room, &update));
}

static void refuse_path(test_room_t *room, const char *rule)
{
    forged_commit_t f;
    forge_commit(&f, room);
    assert_taken(room, f.genuine);
    support_nothing(&f.commit.path.leaf);
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, rule, MLS_ERR_INVALID, forge_commit_seal(&f));
}

static void rule_L2__leaf_without_a_required_extension_is_refused(void **state)
{
    test_room_t *room = room_with(*state, required(*state, OWN, 0, 0));
    refuse_add(room, "L2");
    refuse_update(room, "L2");
    refuse_path(room, "L2");
    test_room_free(room);
}

static void rule_L2__leaf_without_a_required_proposal_is_refused(void **state)
{
    test_room_t *room = room_with(*state, required(*state, 0, OWN, 0));
    refuse_add(room, "L2");
    refuse_update(room, "L2");
    refuse_path(room, "L2");
    test_room_free(room);
}

static void rule_L11_P2_M18__leaf_without_an_extension_of_the_group_is_refused(void **state)
{
    test_room_t *room = room_with(*state, own_extension());
    refuse_add(room, "L11");
    refuse_update(room, "L11");
    refuse_path(room, "L11");
    test_room_free(room);
}

static void refuse_in_tree(test_context_t *t, mls_extension_t item, const char *rule)
{
    const mls_extensions_t list = { &item, 1 };
    forged_welcome_t f;
    forge_welcome(&f, flat_room_with(t, 3, &list), false);
    support_nothing(&f.nodes[4].leaf);
    forge_welcome_sign_leaf(&f, 2);
    assert_welcome_breaks(&f, rule, MLS_ERR_INVALID);
}

static void rule_L2_W9__leaf_of_a_tree_without_what_is_required_is_refused(void **state)
{
    refuse_in_tree(*state, required(*state, OWN, 0, 0), "L2");
    refuse_in_tree(*state, required(*state, 0, OWN, 0), "L2");
}

static void rule_L11_W9__leaf_of_a_tree_without_an_extension_of_the_group_is_refused(void **state)
{
    refuse_in_tree(*state, own_extension(), "L11");
}

/* Who is invited sees it before it looks at the tree, and so also where it has no tree yet. */
static void refuse_group(test_context_t *t, mls_extension_t item)
{
    const mls_extensions_t list = { &item, 1 };
    mls_bytes_t encoded = { 0 };
    forged_welcome_t f;
    forge_welcome(&f, flat_room(t, 2, NULL), false);
    assert_ok(mls_extensions_encode(&encoded, &list));
    f.context.extensions = test_keep(t, &encoded);
    f.without_tree = true;
    assert_welcome_breaks(&f, "W16", MLS_ERR_INVALID);
}

static void rule_W16__group_with_an_extension_that_is_not_supported_is_not_joined(void **state)
{
    refuse_group(*state, (mls_extension_t){ 0xf00e, mls_view_text("?") });
    refuse_group(*state, required(*state, 0xf00e, 0, 0));
    refuse_group(*state, required(*state, 0, 0, 0xf00e));
}

/* RFC 9420, Section 12.4.3: those of the GroupInfo itself are another matter. */
static void rule_W25__unknown_extensions_of_a_group_info_are_ignored(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 2, NULL), false);
    f.extensions[f.num_extensions++] = (mls_extension_t){ 0xf00e, mls_view_text("?") };
    f.extensions[f.num_extensions++] = (mls_extension_t){ 0x0a0a, mls_view_text("") };
    assert_ok(forge_join(&f, forge_welcome_seal(&f), NULL));
    forge_welcome_end(&f);
}

/* ---- asking for more ----------------------------------------------------------------------------- */

static mls_proposal_t change_to(test_context_t *t, mls_extension_t item)
{
    const mls_extensions_t list = { &item, 1 };
    return forge_extensions(t, &list);
}

static void rule_P8__extensions_that_a_member_does_not_support_are_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    const mls_extension_t items[] = { { 0xf00e, mls_view_text("?") },
                                      required(*state, 0xf00e, 0, 0),
                                      required(*state, 0, 0xf00e, 0),
                                      required(*state, 0, 0, 0xf00e) };
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        const mls_proposal_t change = change_to(*state, items[i]);
        assert_message_breaks(room, "P8", MLS_ERR_INVALID, forge_commit_with(room, &change, 1));
    }
    change_extensions(room, own_extension());
    test_assert_agreed(room);
    test_room_free(room);
}

/* RFC 9420, Section 12.1.7: those who are added count, those who are removed do not. */
static void rule_P8__only_members_of_the_new_epoch_count(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    mls_extension_t item = own_extension();
    const mls_extensions_t list = { &item, 1 };
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    const mls_view_t lacking = test_key_package_sign(t, &kp);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD, .key_package = lacking };
    test_deliver(room, 0, test_commit(room, 0, &add, 1, NULL)); /* leaf 3 does not support it */
    const mls_proposal_t alone = change_to(t, item);
    assert_message_breaks(room, "P8", MLS_ERR_INVALID, forge_commit_with(room, &alone, 1));
    const mls_proposal_spec_t together[] = { test_extensions(&list), test_remove(3) };
    test_deliver(room, 0, test_commit(room, 0, together, 2, NULL));
    test_assert_agreed(room);
    test_room_free(room);
}

/* RFC 9420, Section 12.3: the new extensions count for the other proposals of the list already. */
static void rule_Q14_L2__add_is_held_against_the_extensions_of_its_commit(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    test_key_package_t kp;
    const mls_proposal_t add = forge_good_add(t, &kp);
    const mls_proposal_t ask[] = { add, change_to(t, required(t, OWN, 0, 0)) };
    const mls_proposal_t have[] = { add, change_to(t, own_extension()) };
    assert_message_breaks(room, "L2", MLS_ERR_INVALID, forge_commit_with(room, ask, 2));
    assert_message_breaks(room, "L11", MLS_ERR_INVALID, forge_commit_with(room, have, 2));
    test_room_free(room);
}

static void rule_L10_P8__extension_twice_in_a_group_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_extension_t items[] = { own_extension(), own_extension() };
    const mls_extensions_t list = { items, 2 };
    const mls_proposal_t twice = forge_extensions(*state, &list);
    assert_message_breaks(room, "L10", MLS_ERR_INVALID, forge_proposal(room, &twice));
    assert_message_breaks(room, "L10", MLS_ERR_INVALID, forge_commit_with(room, &twice, 1));
    test_room_free(room);
}

/* Every member would be held against it, now and whenever somebody is added. */
static void rule_L13_P8__long_requirements_are_refused(void **state)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    test_room_t *room = test_room(*state, 3, NULL);
    uint16_t *types = test_alloc(*state, (limits.num_capabilities + 1) * sizeof *types);
    for (size_t i = 0; i <= limits.num_capabilities; i++)
        types[i] = OWN;
    for (size_t which = 0; which < 3; which++) {
        const mls_u16_list_t list = { types, limits.num_capabilities + 1 };
        const mls_required_capabilities_t asked = { .extensions = which == 0 ? list : (mls_u16_list_t){ 0 },
                                                    .proposals = which == 1 ? list : (mls_u16_list_t){ 0 },
                                                    .credentials =
                                                        which == 2 ? list : (mls_u16_list_t){ 0 } };
        mls_bytes_t data = { 0 };
        assert_ok(mls_required_capabilities_encode(&data, &asked));
        const mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(*state, &data) };
        const mls_proposal_t change = change_to(*state, item);
        assert_message_breaks(room, "L13", MLS_ERR_LIMIT, forge_proposal(room, &change));
        assert_message_breaks(room, "L13", MLS_ERR_LIMIT, forge_commit_with(room, &change, 1));
    }
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_L2__leaf_without_a_required_extension_is_refused),
        TEST(rule_L2__leaf_without_a_required_proposal_is_refused),
        TEST(rule_L11_P2_M18__leaf_without_an_extension_of_the_group_is_refused),
        TEST(rule_L2_W9__leaf_of_a_tree_without_what_is_required_is_refused),
        TEST(rule_L11_W9__leaf_of_a_tree_without_an_extension_of_the_group_is_refused),
        TEST(rule_W16__group_with_an_extension_that_is_not_supported_is_not_joined),
        TEST(rule_W25__unknown_extensions_of_a_group_info_are_ignored),
        TEST(rule_P8__extensions_that_a_member_does_not_support_are_refused),
        TEST(rule_P8__only_members_of_the_new_epoch_count),
        TEST(rule_Q14_L2__add_is_held_against_the_extensions_of_its_commit),
        TEST(rule_L10_P8__extension_twice_in_a_group_is_refused),
        TEST(rule_L13_P8__long_requirements_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
