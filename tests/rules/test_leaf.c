/* LeafNodes (RFC 9420, Sections 5.3 and 7.3), wherever they come from: the KeyPackage of an Add, an Update,
 * the path of a Commit, and the tree of a group that is joined. */
#include "refused_leaf.h"
#include "worker_support.h"

/* ---- capabilities and extensions ----------------------------------------------------------------- */

static void have_unlisted_extension(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.extensions.bytes = test_hex(t, "f002");
    leaf->extensions = test_hex(t, "f00300");
}

static void not_list_own_credential(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.credentials.bytes = test_hex(t, "0002");
}

static void list_a_default_extension(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.extensions.bytes = test_hex(t, "f0020005");
}

static void list_a_default_proposal(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.proposals.bytes = test_hex(t, "0007");
}

static void have_an_extension_twice(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.extensions.bytes = test_hex(t, "f002f003");
    leaf->extensions = test_hex(t, "f00200 f00300 f00200");
}

static void lack_the_version(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.versions.bytes = test_hex(t, "0002");
}

static void lack_the_suite(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->capabilities.cipher_suites.bytes = test_hex(t, "0a0a 7777");
}

static void have_a_long_list(test_context_t *t, mls_leaf_node_t *leaf)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const size_t len = 2 * (limits.num_capabilities + 1);
    uint8_t *types = test_alloc(t, len);
    memset(types, 0xfa, len);
    leaf->capabilities.proposals.bytes = mls_view(types, len);
}

static void have_many_extensions(test_context_t *t, mls_leaf_node_t *leaf)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const size_t num = limits.num_extensions + 1;
    uint8_t *types = test_alloc(t, 2 * num), *extensions = test_alloc(t, 3 * num);
    for (size_t i = 0; i < num; i++) {
        types[2 * i] = extensions[3 * i] = 0xf1;
        types[2 * i + 1] = extensions[3 * i + 1] = (uint8_t)i;
    }
    leaf->capabilities.extensions.bytes = mls_view(types, 2 * num);
    leaf->extensions = mls_view(extensions, 3 * num);
}

REFUSED_EVERYWHERE(L5, extension_not_listed, have_unlisted_extension, "L5", MLS_ERR_INVALID)
REFUSED_IN_AN_ADD(L5, credential_not_listed, not_list_own_credential, "L5_CREDENTIAL", MLS_ERR_INVALID)
REFUSED_IN_AN_UPDATE(L5, credential_not_listed, not_list_own_credential, "L5_CREDENTIAL", MLS_ERR_INVALID)
REFUSED_IN_A_COMMIT(L5, credential_not_listed, not_list_own_credential, "L5_CREDENTIAL", MLS_ERR_INVALID)
/* A type in use in the tree, and so one that all have to know. */
REFUSED_IN_A_TREE(L5_L3, credential_not_listed, not_list_own_credential, "L3", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L9_B9, default_extension_listed, list_a_default_extension, "L9", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L9_B9, default_proposal_listed, list_a_default_proposal, "L9", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L10_B9, extension_twice, have_an_extension_twice, "L10", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L12_B10, version_missing, lack_the_version, "L12", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L12, suite_missing, lack_the_suite, "L12", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L13, long_list, have_a_long_list, "L13", MLS_ERR_LIMIT)
REFUSED_EVERYWHERE(L13, many_extensions, have_many_extensions, "L13", MLS_ERR_LIMIT)

/* ---- credentials --------------------------------------------------------------------------------- */

/* Of a type that the others do not know. */
static void have_unknown_credential(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->credential = (mls_credential_t){ 0xf00c, mls_view_text("alice") };
    leaf->capabilities.credentials.bytes = test_hex(t, "0001f00c");
}

/* Of a type that is not that of the others, whose type it does not know. */
static void know_no_basic_credentials(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->credential = (mls_credential_t){ 0xf00c, mls_view_text("alice") };
    leaf->capabilities.credentials.bytes = test_hex(t, "f00c");
}

REFUSED_EVERYWHERE(L3, credential_unknown_to_others, have_unknown_credential, "L3", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(L3, credentials_of_others_unknown, know_no_basic_credentials, "L3", MLS_ERR_INVALID)

/* ---- keys ---------------------------------------------------------------------------------------- */

static void have_a_short_key(test_context_t *t, mls_leaf_node_t *leaf)
{
    (void)t;
    leaf->encryption_key.len--;
}

/* Of small order: what is encrypted to it anybody can read. */
static void have_a_zero_key(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->encryption_key = test_zero_key(t);
}

static void have_a_long_signature_key(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->signature_key = test_random_bytes(t, t->suite->signature->public_len + 1);
}

REFUSED_EVERYWHERE(E7, short_key, have_a_short_key, "E7", MLS_ERR_INVALID)
REFUSED_EVERYWHERE(E7, key_of_small_order, have_a_zero_key, "E7", MLS_ERR_INVALID)
REFUSED_IN_AN_ADD(E7, long_signature_key, have_a_long_signature_key, "E7", MLS_ERR_INVALID)
REFUSED_IN_AN_UPDATE(E7, long_signature_key, have_a_long_signature_key, "E7", MLS_ERR_INVALID)
REFUSED_IN_A_COMMIT(E7, long_signature_key, have_a_long_signature_key, "E7", MLS_ERR_INVALID)

/* Longer than any key: such a leaf does not come into a tree at all. */
static void rule_E7_B2__key_beyond_all_lengths_in_a_tree_is_refused(void **state)
{
    test_context_t *t = *state;
    forged_welcome_t f;
    forge_welcome(&f, flat_room(t, 3, NULL), false);
    f.nodes[4].leaf.encryption_key = test_random_bytes(t, 1000);
    forge_welcome_sign_leaf(&f, 2);
    assert_welcome_breaks(&f, "E7", MLS_ERR_INVALID);
}

/* The encryption key of member 2, in a leaf of another. */
static mls_view_t key_of(test_room_t *room, uint32_t leaf, bool signature_key)
{
    mls_leaf_info_t info;
    assert_ok(mls_group_leaf(test_group(room, VICTIM), &info, leaf));
    return forge_copy(room->t, signature_key ? info.signature_key : info.encryption_key);
}

static void rule_L8__encryption_key_of_a_member_in_an_add_is_refused(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    kp.leaf.encryption_key = key_of(room, 2, false);
    const mls_proposal_t add = forge_add(t, &kp);
    assert_message_breaks(room, "L8", MLS_ERR_INVALID, forge_commit_with(room, &add, 1));
    test_room_free(room);
}

static void rule_L8_Q12__encryption_key_in_two_adds_is_refused(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    test_key_package_t first, second;
    mls_proposal_t adds[2];
    adds[0] = forge_good_add(t, &first);
    test_key_package_fill(t, &second);
    second.leaf.encryption_key = first.leaf.encryption_key;
    adds[1] = forge_add(t, &second);
    assert_message_breaks(room, "L8", MLS_ERR_INVALID, forge_commit_with(room, adds, 2));
    test_room_free(room);
}

static void rule_L8__encryption_key_of_a_parent_in_an_update_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    leaf.encryption_key =
        forge_copy(*state, mls_tree_encryption_key(&test_group(room, VICTIM)->view, (mls_node_index_t){ 1 }));
    assert_true(leaf.encryption_key.len > 0);
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, "L8", MLS_ERR_INVALID, forge_proposal(room, &update));
    test_room_free(room);
}

static void rule_L8_M7__encryption_key_of_another_in_a_commit_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.leaf.encryption_key = key_of(room, 2, false);
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, "L8", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_L8__encryption_key_twice_in_a_tree_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 3, NULL), false);
    f.nodes[2].leaf.encryption_key = f.nodes[4].leaf.encryption_key;
    forge_welcome_sign_leaf(&f, FORGER);
    assert_welcome_breaks(&f, "L8", MLS_ERR_INVALID);
}

/* A member that has the signature key of another: both are in it together. */
static mls_view_t sign_as(test_room_t *room, uint32_t signer, uint32_t place, mls_leaf_node_t *leaf)
{
    const mls_group_t *group = test_group(room, signer);
    const mls_leaf_place_t at = { mls_group_id(group), place };
    mls_bytes_t encoded = { 0 };
    leaf->signature_key = key_of(room, signer, true);
    leaf->tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(room->t->crypto, room->t->suite, &encoded, leaf,
                                 &group->epoch->signature_key, &at));
    return test_keep(room->t, &encoded);
}

static void rule_L7__signature_key_of_another_in_an_update_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    const mls_proposal_t update = { .type = MLS_PROPOSAL_UPDATE,
                                    .leaf_encoded = sign_as(room, 2, FORGER, &leaf) };
    assert_message_breaks(room, "L7", MLS_ERR_INVALID, forge_proposal(room, &update));
    test_room_free(room);
}

static void rule_L7_M7__signature_key_of_another_in_a_commit_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.leaf_encoded = sign_as(room, 2, FORGER, &f.commit.path.leaf);
    assert_message_breaks(room, "L7", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_L7__signature_key_twice_in_a_tree_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 3, NULL), false);
    f.nodes[2].leaf_encoded = sign_as(f.room, 2, FORGER, &f.nodes[2].leaf);
    assert_welcome_breaks(&f, "L7", MLS_ERR_INVALID);
}

/* ---- the lifetime -------------------------------------------------------------------------------- */

static void live_too_long(test_context_t *t, mls_leaf_node_t *leaf)
{
    (void)t;
    leaf->not_after += 2 * 24 * 3600;
}

static void end_before_it_begins(test_context_t *t, mls_leaf_node_t *leaf)
{
    (void)t;
    leaf->not_after = leaf->not_before - 1;
}

REFUSED_IN_AN_ADD(L4, lifetime_that_is_too_long, live_too_long, "L4_LENGTH", MLS_ERR_INVALID)
REFUSED_IN_A_TREE(L4, lifetime_that_is_too_long, live_too_long, "L4_LENGTH", MLS_ERR_INVALID)
REFUSED_IN_AN_ADD(L4, lifetime_backwards, end_before_it_begins, "L4_LENGTH", MLS_ERR_INVALID)
REFUSED_IN_A_TREE(L4, lifetime_backwards, end_before_it_begins, "L4_LENGTH", MLS_ERR_INVALID)

/* RFC 9420, Section 7.3: who sends a leaf sees that now is in its lifetime. */
static void rule_L4_K8__expired_key_package_is_not_added(void **state)
{
    test_room_t *room = test_room(*state, 2, NULL);
    mls_key_package_t *kp = test_own_key_package(*state);
    const mls_proposal_spec_t add = test_add(kp);
    const uint64_t times[] = { TEST_NOT_BEFORE - 1, TEST_NOT_AFTER + 1 };
    mls_pending_commit_t *pending;
    mls_key_package_info_t info;
    for (size_t i = 0; i < 2; i++) {
        const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1, .now = times[i] };
        assert_breaks(room, VICTIM, "L4", MLS_ERR_INVALID,
                      mls_group_commit(test_group(room, VICTIM), &pending, &options));
        assert_null(pending);
        assert_status(mls_key_package_read(&info, room->t->crypto, add.key_package, times[i], NULL),
                      MLS_ERR_INVALID);
        assert_rule(room->t, "L4", MLS_ERR_INVALID);
    }
    const mls_commit_options_t good = { .proposals = &add, .num_proposals = 1, .now = TEST_NOT_AFTER };
    assert_ok(mls_group_commit(test_group(room, VICTIM), &pending, &good));
    mls_key_package_free(kp);
    test_room_free(room);
}

/* ---- the source ---------------------------------------------------------------------------------- */

static void come_from_a_key_package(test_context_t *t, mls_leaf_node_t *leaf)
{
    (void)t;
    leaf->source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE;
    leaf->not_before = TEST_NOT_BEFORE;
    leaf->not_after = TEST_NOT_AFTER;
}

static void come_from_an_update(test_context_t *t, mls_leaf_node_t *leaf)
{
    (void)t;
    leaf->source = MLS_LEAF_NODE_SOURCE_UPDATE;
}

static void come_from_a_commit(test_context_t *t, mls_leaf_node_t *leaf)
{
    leaf->source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf->parent_hash = forge_hash(t);
}

REFUSED_IN_AN_ADD(L6_K3, leaf_of_an_update, come_from_an_update, "L6", MLS_ERR_INVALID)
REFUSED_IN_AN_ADD(L6_K3, leaf_of_a_commit, come_from_a_commit, "L6", MLS_ERR_INVALID)
REFUSED_IN_AN_UPDATE(L6_P3, leaf_of_a_key_package, come_from_a_key_package, "L6", MLS_ERR_INVALID)
REFUSED_IN_AN_UPDATE(L6_P3, leaf_of_a_commit, come_from_a_commit, "L6", MLS_ERR_INVALID)
REFUSED_IN_A_COMMIT(L6_M7, leaf_of_a_key_package, come_from_a_key_package, "L6", MLS_ERR_INVALID)
REFUSED_IN_A_COMMIT(L6_M7, leaf_of_an_update, come_from_an_update, "L6", MLS_ERR_INVALID)

static void rule_L6_P3__update_that_keeps_its_key_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_leaf_node_t leaf = forge_leaf(room, FORGER);
    leaf.encryption_key = key_of(room, FORGER, false);
    const mls_proposal_t update = forge_update(room, &leaf);
    assert_message_breaks(room, "L6_KEY", MLS_ERR_INVALID, forge_proposal(room, &update));
    test_room_free(room);
}

static void rule_L6_M7__path_that_keeps_the_key_of_its_leaf_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.leaf.encryption_key = key_of(room, FORGER, false);
    forge_path_leaf_sign(&f);
    assert_message_breaks(room, "L6_KEY", MLS_ERR_INVALID, forge_commit_seal(&f));
    test_room_free(room);
}

/* ---- the signature ------------------------------------------------------------------------------- */

static void rule_L1__add_of_a_leaf_that_another_has_signed_is_refused(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 3, NULL);
    test_key_package_t kp, other;
    test_key_package_fill(t, &kp);
    test_key_package_fill(t, &other);
    kp.leaf.signature_key = other.leaf.signature_key;
    const mls_proposal_t add = forge_add(t, &kp);
    assert_message_breaks(room, "L1", MLS_ERR_SIGNATURE, forge_proposal(room, &add));
    test_room_free(room);
}

/* Signs a leaf of the forger with its key, but for another place or another group. */
static mls_view_t sign_elsewhere(test_room_t *room, mls_leaf_node_t leaf, const char *group_id,
                                 uint32_t index)
{
    const mls_leaf_place_t place = { mls_view_text(group_id), index };
    mls_bytes_t encoded = { 0 };
    leaf.tbs = (mls_view_t){ 0 };
    assert_ok(mls_leaf_node_sign(room->t->crypto, room->t->suite, &encoded, &leaf,
                                 &test_group(room, FORGER)->epoch->signature_key, &place));
    return test_keep(room->t, &encoded);
}

static void rule_L1_P3__update_signed_for_elsewhere_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_proposal_t update = { .type = MLS_PROPOSAL_UPDATE };
    update.leaf_encoded = sign_elsewhere(room, forge_leaf(room, FORGER), "a room", 2);
    assert_message_breaks(room, "L1", MLS_ERR_SIGNATURE, forge_proposal(room, &update));
    update.leaf_encoded = sign_elsewhere(room, forge_leaf(room, FORGER), "b room", FORGER);
    assert_message_breaks(room, "L1", MLS_ERR_SIGNATURE, forge_proposal(room, &update));
    update.leaf_encoded = sign_elsewhere(room, forge_leaf(room, FORGER), "a room", FORGER);
    assert_taken(room, forge_proposal(room, &update));
    test_room_free(room);
}

static void rule_L1_M7__path_leaf_signed_for_elsewhere_is_refused(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    forged_commit_t f;
    forge_commit(&f, room);
    f.commit.path.leaf_encoded = sign_elsewhere(room, f.commit.path.leaf, "a room", 2);
    assert_message_breaks(room, "L1", MLS_ERR_SIGNATURE, forge_commit_seal(&f));
    f.commit.path.leaf_encoded = sign_elsewhere(room, f.commit.path.leaf, "b room", FORGER);
    assert_message_breaks(room, "L1", MLS_ERR_SIGNATURE, forge_commit_seal(&f));
    test_room_free(room);
}

static void rule_L1_W9__leaf_of_a_tree_signed_for_elsewhere_is_refused(void **state)
{
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 3, NULL), false);
    f.nodes[2].leaf_encoded = sign_elsewhere(f.room, forge_leaf(f.room, FORGER), "a room", 2);
    assert_welcome_breaks(&f, "L1", MLS_ERR_SIGNATURE);
}

/* Whoever of the host's threads looks at it. */
static void rule_L1_W9__leaf_of_a_tree_is_refused_by_workers_too(void **state)
{
    test_workers_t counted = { 0 };
    forged_welcome_t f;
    forge_welcome(&f, flat_room(*state, 17, NULL), false);
    test_lend_workers(*state, test_workers_side_by_side(&counted));
    f.nodes[2].leaf_encoded = sign_elsewhere(f.room, forge_leaf(f.room, FORGER), "a room", 2);
    assert_welcome_breaks(&f, "L1", MLS_ERR_SIGNATURE);
    assert_true(counted.num_tasks > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TESTS_EVERYWHERE(L5, extension_not_listed),
        TEST(rule_L5__credential_not_listed_in_an_add_is_refused),
        TEST(rule_L5__credential_not_listed_in_an_update_is_refused),
        TEST(rule_L5__credential_not_listed_in_a_commit_is_refused),
        TEST(rule_L5_L3__credential_not_listed_in_a_tree_is_refused),
        TESTS_EVERYWHERE(L9_B9, default_extension_listed),
        TESTS_EVERYWHERE(L9_B9, default_proposal_listed),
        TESTS_EVERYWHERE(L10_B9, extension_twice),
        TESTS_EVERYWHERE(L12_B10, version_missing),
        TESTS_EVERYWHERE(L12, suite_missing),
        TESTS_EVERYWHERE(L13, long_list),
        TESTS_EVERYWHERE(L13, many_extensions),
        TESTS_EVERYWHERE(L3, credential_unknown_to_others),
        TESTS_EVERYWHERE(L3, credentials_of_others_unknown),
        TESTS_EVERYWHERE(E7, short_key),
        TESTS_EVERYWHERE(E7, key_of_small_order),
        TEST(rule_E7__long_signature_key_in_an_add_is_refused),
        TEST(rule_E7__long_signature_key_in_an_update_is_refused),
        TEST(rule_E7__long_signature_key_in_a_commit_is_refused),
        TEST(rule_E7_B2__key_beyond_all_lengths_in_a_tree_is_refused),
        TEST(rule_L8__encryption_key_of_a_member_in_an_add_is_refused),
        TEST(rule_L8_Q12__encryption_key_in_two_adds_is_refused),
        TEST(rule_L8__encryption_key_of_a_parent_in_an_update_is_refused),
        TEST(rule_L8_M7__encryption_key_of_another_in_a_commit_is_refused),
        TEST(rule_L8__encryption_key_twice_in_a_tree_is_refused),
        TEST(rule_L7__signature_key_of_another_in_an_update_is_refused),
        TEST(rule_L7_M7__signature_key_of_another_in_a_commit_is_refused),
        TEST(rule_L7__signature_key_twice_in_a_tree_is_refused),
        TEST(rule_L4__lifetime_that_is_too_long_in_an_add_is_refused),
        TEST(rule_L4__lifetime_that_is_too_long_in_a_tree_is_refused),
        TEST(rule_L4__lifetime_backwards_in_an_add_is_refused),
        TEST(rule_L4__lifetime_backwards_in_a_tree_is_refused),
        TEST(rule_L4_K8__expired_key_package_is_not_added),
        TEST(rule_L6_K3__leaf_of_an_update_in_an_add_is_refused),
        TEST(rule_L6_K3__leaf_of_a_commit_in_an_add_is_refused),
        TEST(rule_L6_P3__leaf_of_a_key_package_in_an_update_is_refused),
        TEST(rule_L6_P3__leaf_of_a_commit_in_an_update_is_refused),
        TEST(rule_L6_M7__leaf_of_a_key_package_in_a_commit_is_refused),
        TEST(rule_L6_M7__leaf_of_an_update_in_a_commit_is_refused),
        TEST(rule_L6_P3__update_that_keeps_its_key_is_refused),
        TEST(rule_L6_M7__path_that_keeps_the_key_of_its_leaf_is_refused),
        TEST(rule_L1__add_of_a_leaf_that_another_has_signed_is_refused),
        TEST(rule_L1_P3__update_signed_for_elsewhere_is_refused),
        TEST(rule_L1_M7__path_leaf_signed_for_elsewhere_is_refused),
        TEST(rule_L1_W9__leaf_of_a_tree_is_refused_by_workers_too),
        TEST(rule_L1_W9__leaf_of_a_tree_signed_for_elsewhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
