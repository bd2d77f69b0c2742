#include "leaf_node.h"
#include "support.h"

/* ---- signature ----------------------------------------------------------------------------------- */

static mls_status_t verify(test_context_t *t, mls_view_t encoded, const char *group_id, uint32_t leaf_index)
{
    const mls_leaf_place_t place = { mls_view_text(group_id), leaf_index };
    mls_leaf_node_t leaf;
    assert_ok(mls_leaf_node_decode(&leaf, encoded));
    return mls_leaf_node_verify(t->crypto, t->suite, &leaf, &place);
}

static void signature__of_an_update_holds_at_its_place_only(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    const mls_leaf_place_t place = { mls_view_text("group"), 3 };
    test_key_package_fill(t, &kp);
    kp.leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    const mls_view_t encoded = test_leaf_sign(t, &kp, &place);
    assert_ok(verify(t, encoded, "group", 3));
    assert_status(verify(t, encoded, "group", 4), MLS_ERR_SIGNATURE);
    assert_rule(t, "L1", MLS_ERR_SIGNATURE);
    assert_status(verify(t, encoded, "other", 3), MLS_ERR_SIGNATURE);
    assert_rule(t, "L1", MLS_ERR_SIGNATURE);
}

static void signature__of_a_key_package_holds_everywhere(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    const mls_view_t encoded = test_leaf_sign(t, &kp, NULL);
    assert_ok(verify(t, encoded, "group", 3));
    assert_ok(verify(t, encoded, "other", 4));
}

/* What a bit stands for does not matter: either the shape breaks, or the length of the key, or the signature.
 */
static void signature__covers_every_bit(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    const mls_leaf_place_t place = { mls_view_text("group"), 0 };
    mls_leaf_node_t leaf;
    test_key_package_fill(t, &kp);
    kp.leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    kp.leaf.parent_hash = test_random_bytes(t, 32);
    const mls_view_t encoded = test_leaf_sign(t, &kp, &place);
    for (size_t bit = 0; bit < 8 * encoded.len; bit++) {
        const mls_view_t changed = test_flip(t, encoded, bit);
        if (mls_leaf_node_decode(&leaf, changed) == MLS_OK)
            assert_status(mls_leaf_node_verify(t->crypto, t->suite, &leaf, &place),
                          leaf.signature_key.len == t->suite->signature->public_len ? MLS_ERR_SIGNATURE
                                                                                    : MLS_ERR_INVALID);
    }
}

static void decode__refuses_an_unknown_source(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_leaf_node_t leaf;
    test_key_package_fill(t, &kp);
    kp.leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    const mls_view_t encoded = test_leaf_sign(t, &kp, NULL);
    assert_ok(mls_leaf_node_decode(&leaf, encoded));
    const size_t at = leaf.tbs.len - 2; /* before the empty extensions */
    assert_int_equal(encoded.data[at], MLS_LEAF_NODE_SOURCE_UPDATE);
    assert_status(mls_leaf_node_decode(&leaf, test_flip(t, encoded, 8 * at + 2)), MLS_ERR_MALFORMED); /* 6 */
    assert_status(mls_leaf_node_decode(&leaf, test_flip(t, encoded, 8 * at + 1)), MLS_ERR_MALFORMED); /* 0 */
}

/* ---- the rules of Section 7.3 -------------------------------------------------------------------- */

typedef struct forgery {
    const char *rule;
    mls_status_t status;
    void (*forge)(test_context_t *t, test_key_package_t *kp);
} forgery_t;

static void shorten_signature_key(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.signature_key.len--;
}

static void shorten_encryption_key(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.encryption_key.len--;
}

static void come_from_update(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
}

static void lack_version(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.versions.bytes = test_hex(t, "00020100");
}

static void lack_suite(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.cipher_suites.bytes = test_hex(t, "0a0a7777");
}

static void lack_own_credential(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.credentials.bytes = test_hex(t, "0002");
}

static void list_too_much(test_context_t *t, test_key_package_t *kp)
{
    uint8_t *bytes = test_alloc(t, 2 * 257);
    memset(bytes, 0xf0, 2 * 257);
    kp->leaf.capabilities.proposals.bytes = mls_view(bytes, 2 * 257);
}

static void list_default_extension(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f0010003");
}

static void list_default_proposal(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.proposals.bytes = test_hex(t, "f0010007");
}

static void have_extension_twice(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f001");
    kp->leaf.extensions = test_hex(t, "f00100f00100");
}

static void have_unlisted_extension(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f002");
    kp->leaf.extensions = test_hex(t, "f00100");
}

static void live_too_long(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_after++;
}

static void live_backwards(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_after = kp->leaf.not_before - 1;
}

static void be_born_later(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_before = TEST_NOT_BEFORE + 2;
}

static void be_expired(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_after = TEST_NOT_BEFORE;
}

static const forgery_t forgeries[] = {
    { "E7", MLS_ERR_INVALID, shorten_signature_key },
    { "E7", MLS_ERR_INVALID, shorten_encryption_key },
    { "L6", MLS_ERR_INVALID, come_from_update },
    { "L12", MLS_ERR_INVALID, lack_version },
    { "L12", MLS_ERR_INVALID, lack_suite },
    { "L5_CREDENTIAL", MLS_ERR_INVALID, lack_own_credential },
    { "L13", MLS_ERR_LIMIT, list_too_much },
    { "L9", MLS_ERR_INVALID, list_default_extension },
    { "L9", MLS_ERR_INVALID, list_default_proposal },
    { "L10", MLS_ERR_INVALID, have_extension_twice },
    { "L5", MLS_ERR_INVALID, have_unlisted_extension },
    { "L4_LENGTH", MLS_ERR_INVALID, live_too_long },
    { "L4_LENGTH", MLS_ERR_INVALID, live_backwards },
    { "L4", MLS_ERR_INVALID, be_born_later },
    { "L4", MLS_ERR_INVALID, be_expired },
};

static mls_status_t check_leaf_of(test_context_t *t, const mls_leaf_node_t *leaf, uint64_t now,
                                  uint64_t max_lifetime)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_leaf_rules_t rules = { .limits = &limits,
                                     .max_lifetime = max_lifetime,
                                     .now = now,
                                     .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE };
    return mls_leaf_node_check(t->crypto, t->suite, leaf, &rules);
}

static mls_status_t check_leaf(test_context_t *t, const mls_leaf_node_t *leaf, uint64_t now)
{
    return check_leaf_of(t, leaf, now, TEST_NOT_AFTER - TEST_NOT_BEFORE);
}

static void check__refuses_each_forgery_by_its_rule(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        test_key_package_t kp;
        test_key_package_fill(t, &kp);
        assert_ok(check_leaf(t, &kp.leaf, TEST_NOT_BEFORE + 1));
        forgeries[i].forge(t, &kp);
        assert_status(check_leaf(t, &kp.leaf, TEST_NOT_BEFORE + 1), forgeries[i].status);
        assert_rule(t, forgeries[i].rule, forgeries[i].status);
    }
}

static void check__counts_both_ends_of_the_lifetime_in(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    assert_ok(check_leaf(t, &kp.leaf, TEST_NOT_BEFORE));
    assert_ok(check_leaf(t, &kp.leaf, TEST_NOT_AFTER));
    assert_status(check_leaf(t, &kp.leaf, TEST_NOT_BEFORE - 1), MLS_ERR_INVALID);
    assert_status(check_leaf(t, &kp.leaf, (uint64_t)TEST_NOT_AFTER + 1), MLS_ERR_INVALID);
    assert_ok(check_leaf(t, &kp.leaf, 0)); /* no clock */
}

static void check__refuses_a_lifetime_that_ends_before_it_begins(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    kp.leaf.not_after = kp.leaf.not_before;
    assert_ok(check_leaf_of(t, &kp.leaf, 0, UINT64_MAX));
    kp.leaf.not_after--;
    assert_status(check_leaf_of(t, &kp.leaf, 0, UINT64_MAX), MLS_ERR_INVALID);
    assert_rule(t, "L4_LENGTH", MLS_ERR_INVALID);
}

/* ---- what a group asks for ----------------------------------------------------------------------- */

static mls_status_t check_group(test_context_t *t, const char *extensions)
{
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    kp.leaf.capabilities.extensions.bytes = test_hex(t, "f001");
    kp.leaf.capabilities.proposals.bytes = test_hex(t, "f002");
    return mls_leaf_node_check_extensions(t->crypto, &kp.leaf, test_hex(t, extensions));
}

static void check_extensions__wants_the_required_capabilities(void **state)
{
    test_context_t *t = *state;
    static const char *const missing[] = { "0003 05 02f0030000", "0003 05 0002f00300", "0003 05 0000020002" };
    assert_ok(check_group(t, ""));
    /* required_capabilities of one own and one default value in each list */
    assert_ok(check_group(t, "0003 0d 04f0010001 04f0020001 020001"));
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++) {
        assert_status(check_group(t, missing[i]), MLS_ERR_INVALID);
        assert_rule(t, "L2", MLS_ERR_INVALID);
    }
}

static void check_extensions__wants_support_of_each_extension(void **state)
{
    test_context_t *t = *state;
    assert_ok(check_group(t, "f00100 000500"));
    assert_status(check_group(t, "f00100 f00300"), MLS_ERR_INVALID);
    assert_rule(t, "L11", MLS_ERR_INVALID);
}

/* ---- the hook ------------------------------------------------------------------------------------ */

static mls_status_t set_two(void *arg, mls_leaf_draft_t *draft)
{
    assert_view_equal(draft->identity, mls_view_text("alice"));
    assert_view_equal(draft->group_id, mls_view_text("group"));
    mls_status_t status = mls_leaf_draft_set_extension(draft, 0xf001, mls_view_text("new"));
    if (status == MLS_OK)
        status = mls_leaf_draft_set_extension(draft, 0xf003, mls_view(arg, 1));
    return status;
}

static mls_status_t say_no(void *arg, mls_leaf_draft_t *draft)
{
    (void)arg;
    assert_ok(mls_leaf_draft_set_extension(draft, 0xf001, mls_view_text("new")));
    return MLS_ERR_REJECTED;
}

static void hook__replaces_and_adds_extensions(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_bytes_t extensions = { 0 };
    uint8_t byte = 9;
    const mls_leaf_hook_t hook = { set_two, &byte };
    test_key_package_fill(t, &kp);
    kp.leaf.extensions = test_hex(t, "f001026f6c f0020161");
    assert_ok(mls_leaf_node_run_hook(&hook, &kp.leaf, &extensions, t->suite->id, mls_view(NULL, 0),
                                     mls_view_text("group")));
    assert_view_hex(t, kp.leaf.extensions, "f0020161 f001036e6577 f0030109");
    mls_bytes_clear(&extensions);
}

static void hook__that_says_no_leaves_the_leaf_alone(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_bytes_t extensions = { 0 };
    const mls_leaf_hook_t hook = { say_no, NULL };
    test_key_package_fill(t, &kp);
    const mls_view_t before = kp.leaf.extensions = test_hex(t, "f0020161");
    assert_status(mls_leaf_node_run_hook(&hook, &kp.leaf, &extensions, t->suite->id, mls_view(NULL, 0),
                                         mls_view(NULL, 0)),
                  MLS_ERR_REJECTED);
    assert_ptr_equal(kp.leaf.extensions.data, before.data);
    assert_null(extensions.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(signature__of_an_update_holds_at_its_place_only),
        TEST(signature__of_a_key_package_holds_everywhere),
        TEST(signature__covers_every_bit),
        TEST(decode__refuses_an_unknown_source),
        TEST(check__refuses_each_forgery_by_its_rule),
        TEST(check__counts_both_ends_of_the_lifetime_in),
        TEST(check__refuses_a_lifetime_that_ends_before_it_begins),
        TEST(check_extensions__wants_the_required_capabilities),
        TEST(check_extensions__wants_support_of_each_extension),
        TEST(hook__replaces_and_adds_extensions),
        TEST(hook__that_says_no_leaves_the_leaf_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
