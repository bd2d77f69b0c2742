/* Choosing version and cipher suite (RFC 9420, Section 7.2). */
#include "mls/negotiate.h"
#include "support.h"

enum { NOW = TEST_NOT_BEFORE + 3600, MAX_INVITEES = 4 };

/* Clients, each with one KeyPackage or more. */
typedef struct party {
    test_context_t *t;
    mls_key_package_info_t infos[MAX_INVITEES][3];
    mls_invitee_t invitees[MAX_INVITEES];
    size_t count;
} party_t;

/* One more KeyPackage of client `who`, for `suite`; it lists these suites. */
static void offer(party_t *p, size_t who, uint16_t suite, uint16_t *suites, size_t num_suites)
{
    const mls_key_package_params_t params = { .cipher_suite = suite,
                                              .identity = mls_view_text("somebody"),
                                              .capabilities = { .cipher_suites = { suites, num_suites } },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER,
                                              .grease = true };
    mls_invitee_t *invitee = &p->invitees[who];
    mls_bytes_t message = { 0 };
    mls_key_package_t *kp;
    assert_ok(mls_key_package_new(&kp, p->t->crypto, &params));
    assert_ok(mls_bytes_copy(&message, mls_key_package_message(kp)));
    assert_ok(mls_key_package_read(&p->infos[who][invitee->num_key_packages++], p->t->crypto,
                                   test_keep(p->t, &message), NOW, NULL));
    invitee->key_packages = p->infos[who];
    p->count = who + 1;
    mls_key_package_free(kp);
}

static party_t *party(void **state)
{
    party_t *p = test_alloc(*state, sizeof *p);
    p->t = *state;
    if (mls_suite_find(7) == NULL)
        skip(); /* one suite alone leaves no choice */
    return p;
}

static mls_status_t negotiate(const party_t *p, mls_negotiated_t *out, size_t *lacking, uint16_t *suites,
                              size_t num_suites)
{
    const mls_negotiation_policy_t policy = { .cipher_suites = { suites, num_suites } };
    return mls_negotiate(out, lacking, &policy, p->invitees, p->count);
}

static uint16_t all[] = { 7, 2, 1 }, two_and_one[] = { 1, 2 }, one[] = { 1 }, two[] = { 2 };

static void rule_N1__first_of_the_policy_that_all_have_is_taken(void **state)
{
    party_t *p = party(state);
    mls_negotiated_t chosen;
    size_t lacking, number;
    offer(p, 0, 1, all, 3);
    offer(p, 0, 2, all, 3);
    offer(p, 1, 2, two_and_one, 2);
    assert_ok(negotiate(p, &chosen, &lacking, all, 3));
    assert_int_equal(chosen.version, 1);
    assert_int_equal(chosen.cipher_suite, 2);
    assert_int_equal(lacking, SIZE_MAX);
    assert_ok(mls_negotiated_key_package(&number, &chosen, &p->invitees[0]));
    assert_int_equal(number, 1);
    assert_ok(mls_negotiated_key_package(&number, &chosen, &p->invitees[1]));
    assert_int_equal(number, 0);
    assert_ok(negotiate(p, &chosen, NULL, two_and_one, 2)); /* another creator likes 1 better */
    assert_int_equal(chosen.cipher_suite, 1);
}

/* Of bob, whoever is in between hands out the KeyPackage for 1 only. That he can do 2, he has signed. */
static void rule_N1__choice_is_not_pushed_down_by_what_is_held_back(void **state)
{
    party_t *p = party(state);
    mls_negotiated_t chosen;
    size_t number;
    offer(p, 0, 2, two_and_one, 2);
    offer(p, 1, 1, two_and_one, 2);
    assert_ok(negotiate(p, &chosen, NULL, all, 3));
    assert_int_equal(chosen.cipher_suite, 2);
    assert_ok(mls_negotiated_key_package(&number, &chosen, &p->invitees[0]));
    assert_status(mls_negotiated_key_package(&number, &chosen, &p->invitees[1]), MLS_ERR_NOT_FOUND);
}

static void negotiate__takes_nothing_below_the_policy(void **state)
{
    party_t *p = party(state);
    mls_negotiated_t chosen = { 9, 9 };
    size_t lacking;
    offer(p, 0, 2, two, 1);
    offer(p, 1, 1, one, 1);
    offer(p, 2, 2, two, 1);
    assert_status(negotiate(p, &chosen, &lacking, two, 1), MLS_ERR_UNSUPPORTED);
    assert_int_equal(lacking, 1);
    assert_int_equal(chosen.cipher_suite, 0);
    assert_status(negotiate(p, &chosen, &lacking, two_and_one, 2), MLS_ERR_UNSUPPORTED);
    assert_int_equal(lacking, 1); /* with 2, one client goes along; with 1, none */
    assert_status(negotiate(p, &chosen, &lacking, NULL, 0), MLS_ERR_ARGUMENT);
}

static void negotiate__takes_versions_of_the_policy_only(void **state)
{
    party_t *p = party(state);
    uint16_t versions[] = { 2, 1 };
    mls_negotiation_policy_t policy = { .versions = { versions, 1 }, .cipher_suites = { one, 1 } };
    mls_negotiated_t chosen;
    size_t lacking = 0;
    offer(p, 0, 1, one, 1);
    assert_status(mls_negotiate(&chosen, &lacking, &policy, p->invitees, 1), MLS_ERR_UNSUPPORTED);
    assert_int_equal(lacking, SIZE_MAX);
    policy.versions.count = 2;
    assert_ok(mls_negotiate(&chosen, &lacking, &policy, p->invitees, 1));
    assert_int_equal(chosen.version, 1);
}

static void rule_G4__what_this_build_has_not_is_passed_over(void **state)
{
    party_t *p = party(state);
    static uint16_t unknown[] = { 0x0a0a, 0xf001, 1 };
    mls_negotiated_t chosen;
    size_t lacking = 0;
    offer(p, 0, 1, unknown, 3);
    assert_ok(negotiate(p, &chosen, NULL, unknown, 3));
    assert_int_equal(chosen.cipher_suite, 1);
    assert_status(negotiate(p, &chosen, &lacking, unknown, 2), MLS_ERR_UNSUPPORTED);
    assert_int_equal(lacking, SIZE_MAX);
}

static void negotiate__asks_for_a_key_package_of_each(void **state)
{
    party_t *p = party(state);
    mls_negotiated_t chosen;
    assert_ok(negotiate(p, &chosen, NULL, all, 3)); /* nobody is invited */
    assert_int_equal(chosen.cipher_suite, 7);
    offer(p, 1, 1, all, 3);
    assert_status(negotiate(p, &chosen, NULL, all, 3), MLS_ERR_ARGUMENT);
}

static void leaf__supports_what_it_lists_and_what_all_have(void **state)
{
    party_t *p = party(state);
    static uint16_t suites[] = { 1, 0x0a0a };
    offer(p, 0, 1, suites, 2);
    const mls_leaf_info_t *leaf = &p->infos[0][0].leaf, nothing = { 0 };
    assert_true(mls_leaf_supports(leaf, MLS_CAPABILITY_VERSION, 1));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_VERSION, 2));
    assert_true(mls_leaf_supports(leaf, MLS_CAPABILITY_CIPHER_SUITE, 1));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_CIPHER_SUITE, 2));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_CIPHER_SUITE, 0x0a0a));
    assert_true(mls_leaf_supports(leaf, MLS_CAPABILITY_EXTENSION, MLS_EXTENSION_EXTERNAL_PUB));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_EXTENSION, 0xf001));
    assert_true(mls_leaf_supports(leaf, MLS_CAPABILITY_PROPOSAL, 7));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_PROPOSAL, 0xf001));
    assert_true(mls_leaf_supports(leaf, MLS_CAPABILITY_CREDENTIAL, MLS_CREDENTIAL_BASIC));
    assert_false(mls_leaf_supports(leaf, MLS_CAPABILITY_CREDENTIAL, MLS_CREDENTIAL_X509));
    assert_false(mls_leaf_supports(&nothing, MLS_CAPABILITY_VERSION, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_N1__first_of_the_policy_that_all_have_is_taken),
        TEST(rule_N1__choice_is_not_pushed_down_by_what_is_held_back),
        TEST(negotiate__takes_nothing_below_the_policy),
        TEST(negotiate__takes_versions_of_the_policy_only),
        TEST(rule_G4__what_this_build_has_not_is_passed_over),
        TEST(negotiate__asks_for_a_key_package_of_each),
        TEST(leaf__supports_what_it_lists_and_what_all_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
