/* KeyPackages (RFC 9420, Section 10), as they are downloaded and as they come in an Add. */
#include "forge.h"
#include "worker_support.h"

/* What is wrong with a KeyPackage; leaf and package are signed afterwards. */
typedef void fault_fn(test_context_t *t, test_key_package_t *kp);

static void refuse_download(test_context_t *t, mls_view_t message, const char *rule, mls_status_t status)
{
    const mls_key_package_info_t empty = { 0 };
    mls_key_package_info_t info;
    t->rule[0] = '\0';
    assert_status(mls_key_package_read(&info, t->crypto, message, TEST_NOW, NULL), status);
    assert_rule(t, rule, status);
    assert_memory_equal(&info, &empty, sizeof empty);
}

static mls_proposal_t add_of(mls_view_t message)
{
    return (mls_proposal_t){ .type = MLS_PROPOSAL_ADD,
                             .key_package_encoded = mls_view(message.data + 4, message.len - 4) };
}

/* By who would add it, by who hears of it, and by who sees it committed. */
static void refuse_message(test_context_t *t, mls_view_t message, const char *rule, mls_status_t status)
{
    test_room_t *room = test_room(t, 2, NULL);
    const mls_proposal_t add = add_of(message);
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_ADD, .key_package = message };
    const mls_commit_options_t options = { .proposals = &spec, .num_proposals = 1, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    mls_bytes_t proposed;
    assert_breaks(room, VICTIM, rule, status, mls_group_commit(test_group(room, VICTIM), &pending, &options));
    assert_breaks(room, VICTIM, rule, status,
                  mls_group_propose(test_group(room, VICTIM), &proposed, &spec, NULL));
    assert_message_breaks(room, rule, status, forge_proposal(room, &add));
    assert_message_breaks(room, rule, status, forge_commit_with(room, &add, 1));
    test_room_free(room);
}

static void refuse(void **state, fault_fn *fault, const char *rule, mls_status_t status)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    assert_ok(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), TEST_NOW, NULL));
    fault(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    refuse_download(t, message, rule, status);
    refuse_message(t, message, rule, status);
}

static void be_of_version_2(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.version = 2;
}

static void rule_K1__version_that_is_not_that_of_the_message_is_refused(void **state)
{
    refuse(state, be_of_version_2, "K1", MLS_ERR_UNSUPPORTED);
}

/* Good in itself, and for a group of that suite. */
static void rule_K2_P2_B10__suite_of_another_group_is_refused(void **state)
{
    test_context_t *t = *state;
    uint16_t suites[2];
    mls_key_package_info_t info;
    if (mls_crypto_suites(suites, 2) < 2)
        skip(); /* a build of one suite has no other */
    mls_key_package_t *kp = test_key_package_of(t, "alice", suites[suites[0] == t->suite->id]);
    assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), TEST_NOW, NULL));
    refuse_message(t, mls_key_package_message(kp), "K2", MLS_ERR_INVALID);
    mls_key_package_free(kp);
}

static void have_the_leaf_of_a_commit(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    kp->leaf.parent_hash = forge_hash(t);
}

static void rule_K3_P2__leaf_that_is_not_made_for_it_is_refused(void **state)
{
    refuse(state, have_the_leaf_of_a_commit, "L6", MLS_ERR_INVALID);
}

/* All is signed but for one bit, wherever it stands. */
static void rule_K4_P2__signature_of_something_else_is_refused(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    kp.leaf.capabilities.extensions.bytes = test_hex(t, "f002");
    kp.data.extensions = test_hex(t, "f00202aabb");
    const mls_view_t good = test_key_package_sign(t, &kp);
    refuse_message(t, forge_replace(t, good, "f00202aabb", "f00202aabc"), "K4", MLS_ERR_SIGNATURE);
    refuse_download(t, forge_replace(t, good, "f00202aabb", "f00202aabc"), "K4", MLS_ERR_SIGNATURE);
    refuse_download(t, test_flip(t, good, 8 * good.len - 1), "K4", MLS_ERR_SIGNATURE);
}

/* Whoever of the host's threads looks at it. */
static void rule_K4_P2__signature_is_refused_by_workers_too(void **state)
{
    test_context_t *t = *state;
    test_workers_t counted = { 0 };
    test_room_t *room = test_room(t, 2, NULL);
    mls_proposal_spec_t adds[8];
    const mls_commit_options_t options = { .proposals = adds, .num_proposals = 8, .now = TEST_NOW };
    mls_pending_commit_t *pending;
    for (size_t i = 0; i < 8; i++) {
        test_key_package_t kp;
        test_key_package_fill(t, &kp);
        adds[i] =
            (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD, .key_package = test_key_package_sign(t, &kp) };
    }
    adds[5].key_package = test_flip(t, adds[5].key_package, 8 * adds[5].key_package.len - 1);
    test_lend_workers(t, test_workers_side_by_side(&counted));
    assert_breaks(room, VICTIM, "K4", MLS_ERR_SIGNATURE,
                  mls_group_commit(test_group(room, VICTIM), &pending, &options));
    assert_int_equal(counted.num_tasks, 4);
    test_room_free(room);
}

static void use_one_key_twice(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.init_key = kp->leaf.encryption_key;
}

static void rule_K5_P2__init_key_that_is_the_encryption_key_is_refused(void **state)
{
    refuse(state, use_one_key_twice, "K5", MLS_ERR_INVALID);
}

static void have_unlisted_extension(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f002");
    kp->data.extensions = test_hex(t, "f00300");
}

static void have_extension_twice(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f002");
    kp->data.extensions = test_hex(t, "f00200 f0020101");
}

static void rule_K6__extension_that_is_not_listed_is_refused(void **state)
{
    refuse(state, have_unlisted_extension, "K6", MLS_ERR_INVALID);
}

static void rule_K6_L10_B9__extension_twice_is_refused(void **state)
{
    refuse(state, have_extension_twice, "L10", MLS_ERR_INVALID);
}

static void have_short_init_key(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.init_key.len--;
}

/* Of small order: anybody could read a Welcome that is encrypted to it. */
static void have_zero_init_key(test_context_t *t, test_key_package_t *kp)
{
    kp->data.init_key = test_zero_key(t);
}

static void rule_K7_E7__init_key_that_is_none_is_refused(void **state)
{
    refuse(state, have_short_init_key, "E7", MLS_ERR_INVALID);
    refuse(state, have_zero_init_key, "E7", MLS_ERR_INVALID);
}

/* RFC 9420, Section 10: what is unknown in it does no harm (Section 13.4). */
static void rule_K9__unknown_extensions_and_capabilities_are_ignored(void **state)
{
    test_context_t *t = *state;
    test_room_t *room = test_room(t, 2, NULL);
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    kp.leaf.capabilities.versions.bytes = test_hex(t, "0001 0002 7777");
    kp.leaf.capabilities.cipher_suites.bytes = test_hex(t, "f0f0 0001000200030004000500060007");
    kp.leaf.capabilities.extensions.bytes = test_hex(t, "7777 7778");
    kp.leaf.capabilities.proposals.bytes = test_hex(t, "7777");
    kp.leaf.capabilities.credentials.bytes = test_hex(t, "7777 0001");
    kp.leaf.extensions = test_hex(t, "7777 03 616263");
    kp.data.extensions = test_hex(t, "7778 00");
    const mls_view_t message = test_key_package_sign(t, &kp);
    const mls_proposal_t add = add_of(message);
    assert_ok(mls_key_package_read(&info, t->crypto, message, TEST_NOW, NULL));
    assert_taken(room, forge_proposal(room, &add));
    test_merge(room, VICTIM, test_update(room, VICTIM), false); /* and commits it */
    assert_int_equal(mls_group_num_members(test_group(room, VICTIM)), 3);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_K1__version_that_is_not_that_of_the_message_is_refused),
        TEST(rule_K2_P2_B10__suite_of_another_group_is_refused),
        TEST(rule_K3_P2__leaf_that_is_not_made_for_it_is_refused),
        TEST(rule_K4_P2__signature_of_something_else_is_refused),
        TEST(rule_K4_P2__signature_is_refused_by_workers_too),
        TEST(rule_K5_P2__init_key_that_is_the_encryption_key_is_refused),
        TEST(rule_K6__extension_that_is_not_listed_is_refused),
        TEST(rule_K6_L10_B9__extension_twice_is_refused),
        TEST(rule_K7_E7__init_key_that_is_none_is_refused),
        TEST(rule_K9__unknown_extensions_and_capabilities_are_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
