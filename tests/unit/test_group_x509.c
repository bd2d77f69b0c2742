/* Groups whose members have X.509 credentials (RFC 9420, Sections 5.3 and 7.3). */
#include "group_support.h"
#include "mls/join.h"
#include "mls/outside.h"
#include "x509_support.h"

/* A root that all trust, and the moment they look at. */
typedef struct service {
    mls_x509_trust_t *trust;
    uint64_t now;
    size_t num_asked;
} service_t;

static mls_status_t judge(void *arg, const mls_leaf_candidate_t *candidate)
{
    service_t *service = arg;
    service->num_asked++;
    return mls_x509_verify(service->trust, &candidate->leaf, service->now, NULL);
}

/* A room of people with certificates. */
typedef struct society {
    test_room_t *room;
    test_pki_t *pki;
    const test_certified_t *root;
    service_t service;
} society_t;

static const test_certified_t *certify(society_t *s, const char *name)
{
    const test_certificate_spec_t spec = { .name = name, .issuer = s->root };
    return test_certify(s->pki, s->room->t->suite->id, &spec);
}

/* A KeyPackage with `num_more` certificates behind the first. */
static mls_key_package_t *package_of(society_t *s, const test_certified_t *certified, size_t num_more)
{
    static uint16_t types[] = { MLS_CREDENTIAL_BASIC, MLS_CREDENTIAL_X509 };
    test_context_t *t = s->room->t;
    mls_view_t chain[9] = { certified->der };
    for (size_t i = 1; i <= num_more; i++)
        chain[i] = s->root->der;
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(t, chain, 1 + num_more) };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .credential = &credential,
                                              .signature_private_key = certified->private_key,
                                              .capabilities = { .credentials = { types, 2 } },
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    mls_key_package_t *key_package;
    assert_ok(mls_key_package_new(&key_package, t->crypto, &params));
    return key_package;
}

static void add(society_t *s, const char *name)
{
    mls_key_package_t *key_package = package_of(s, certify(s, name), 1);
    const mls_proposal_spec_t add = test_add(key_package);
    test_deliver(s->room, 0, test_commit(s->room, 0, &add, 1, NULL));
    test_join(s->room, key_package);
    mls_key_package_free(key_package);
}

static society_t *society(test_context_t *t, size_t count)
{
    const test_certificate_spec_t of_root = { .name = "root", .is_ca = true };
    society_t *s = test_alloc(t, sizeof *s);
    s->pki = test_pki(t);
    s->room = test_alloc(t, sizeof *s->room);
    s->room->t = t;
    s->root = test_certify(s->pki, t->suite->id, &of_root);
    s->service.now = TEST_NOW;
    assert_ok(mls_x509_trust_new(&s->service.trust));
    assert_ok(mls_x509_trust_add(s->service.trust, s->root->der));
    s->room->config = (mls_group_config_t){ .keep_handshake_keys = true,
                                            .external_commits = true,
                                            .authentication = { .validate = judge, .arg = &s->service } };
    mls_key_package_t *first = package_of(s, certify(s, "alice"), 0);
    assert_ok(mls_group_create(&s->room->members[0].group, t->crypto, &s->room->config, first,
                               mls_view_text("a room"), NULL));
    mls_key_package_free(first);
    s->room->count = 1;
    while (s->room->count < count)
        add(s, "somebody");
    return s;
}

static void society_free(society_t *s)
{
    test_room_free(s->room);
    test_pki_free(s->pki);
    mls_x509_trust_free(s->service.trust);
}

/* ---- life ---------------------------------------------------------------------------------------- */

static void members__have_certificates_in_every_suite(void **state)
{
    test_context_t *t = *state;
    const mls_suite_t *usual = t->suite;
    for (uint16_t suite = 1; suite <= 7; suite++) {
        t->suite = mls_suite_find(suite);
        society_t *s = society(t, 3);
        mls_received_t *received;
        assert_true(s->service.num_asked > 0);
        test_restart(s->room, 1);
        assert_ok(test_receive(s->room, 0, test_encrypt(s->room, 1, "hello"), &received));
        assert_int_equal(mls_received_sender_leaf(received)->credential_type, MLS_CREDENTIAL_X509);
        mls_received_free(received);
        test_deliver(s->room, 0, test_update(s->room, 2));
        test_assert_agreed(s->room);
        society_free(s);
    }
    t->suite = usual;
}

/* The old one has expired; the Update or Commit that brings the new one is taken all the same (RFC 9420,
 * Section 5.3.2). */
static void certificate__is_renewed_with_its_key(void **state)
{
    society_t *s = society(*state, 3);
    for (int by_update = 0; by_update < 2; by_update++) {
        const test_certificate_spec_t spec = { .name = "alice",
                                               .issuer = s->root,
                                               .not_after = TEST_NOT_AFTER + 100 * (2 + by_update) };
        const test_certified_t *renewed = test_certify(s->pki, s->room->t->suite->id, &spec);
        const mls_credential_t credential = { MLS_CREDENTIAL_X509,
                                              test_x509_body(s->room->t, &renewed->der, 1) };
        const mls_leaf_change_t change = { .signature_private_key = renewed->private_key,
                                           .credential = &credential };
        const mls_commit_options_t options = { .leaf_change = &change };
        const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = &change };
        mls_pending_commit_t *pending;
        mls_leaf_info_t leaf;
        s->service.now = 0;
        if (by_update) {
            const mls_view_t proposal = test_propose(s->room, 0, &update);
            for (size_t i = 1; i < 3; i++)
                assert_ok(test_receive(s->room, i, proposal, NULL));
            test_deliver(s->room, 0, test_update(s->room, 1));
        } else {
            mls_bytes_t message = { 0 };
            assert_ok(mls_group_commit(test_group(s->room, 0), &pending, &options));
            assert_ok(mls_bytes_copy(&message, mls_pending_commit_message(pending)));
            test_deliver(s->room, 0, test_keep(s->room->t, &message));
        }
        assert_ok(mls_group_leaf(test_group(s->room, 2), &leaf, 0));
        assert_view_equal(leaf.signature_key, renewed->public_key);
        assert_view_equal(leaf.identity, credential.body);
        test_assert_agreed(s->room);
    }
    society_free(s);
}

static void authentication__refuses_who_is_not_trusted(void **state)
{
    society_t *s = society(*state, 2), *others = society(*state, 1);
    mls_key_package_t *stranger = package_of(others, certify(others, "stranger"), 1);
    const mls_proposal_spec_t add = test_add(stranger);
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1 };
    const mls_authentication_t authentication = { .validate = judge, .arg = &s->service };
    mls_key_package_info_t info;
    mls_pending_commit_t *pending;
    assert_status(mls_key_package_read(&info, s->room->t->crypto, mls_key_package_message(stranger), TEST_NOW,
                                       &authentication),
                  MLS_ERR_REJECTED);
    assert_rule(s->room->t, "C1", MLS_ERR_REJECTED);
    assert_refused(s->room, 0, MLS_ERR_REJECTED,
                   mls_group_commit(test_group(s->room, 0), &pending, &options));
    mls_key_package_free(stranger);
    society_free(s);
    society_free(others);
}

/* ---- rule C3, whichever way a leaf comes --------------------------------------------------------- */

static void rule_C3__no_key_package_for_another_key(void **state)
{
    test_context_t *t = *state;
    society_t *s = society(t, 2);
    const test_certified_t *bob = certify(s, "bob");
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(t, &bob->der, 1) };
    mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                        .credential = &credential,
                                        .not_before = TEST_NOT_BEFORE,
                                        .not_after = TEST_NOT_AFTER };
    test_key_package_t forged;
    mls_key_package_info_t info;
    mls_key_package_t *made;
    assert_status(mls_key_package_new(&made, t->crypto, &params), MLS_ERR_INVALID); /* with a fresh key */
    assert_rule(t, "C3", MLS_ERR_INVALID);

    test_key_package_fill(t, &forged);
    forged.leaf.credential = credential;
    forged.leaf.capabilities.credentials.bytes = test_hex(t, "00010002");
    const mls_view_t message = test_key_package_sign(t, &forged);
    assert_status(mls_key_package_read(&info, t->crypto, message, TEST_NOW, NULL), MLS_ERR_INVALID);
    assert_rule(t, "C3", MLS_ERR_INVALID);
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD, .key_package = message };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    assert_refused(s->room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(s->room, 0), &pending, &options));
    assert_rule(t, "C3", MLS_ERR_INVALID);
    society_free(s);
}

static void rule_C3__no_change_to_a_certificate_for_another_key(void **state)
{
    test_context_t *t = *state;
    society_t *s = society(t, 2);
    const test_certified_t *bob = certify(s, "bob");
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(t, &bob->der, 1) };
    const mls_leaf_change_t change = { .credential = &credential }; /* the key stays */
    const mls_commit_options_t options = { .leaf_change = &change };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = &change };
    mls_pending_commit_t *pending;
    mls_bytes_t message = { 0 };
    assert_refused(s->room, 0, MLS_ERR_INVALID, mls_group_commit(test_group(s->room, 0), &pending, &options));
    assert_rule(t, "C3", MLS_ERR_INVALID);
    assert_refused(s->room, 0, MLS_ERR_INVALID,
                   mls_group_propose(test_group(s->room, 0), &message, &update, NULL));
    assert_rule(t, "C3", MLS_ERR_INVALID);
    society_free(s);
}

/* One member takes longer chains than the other, so that it makes what the other refuses. */
static society_t *divided(test_context_t *t)
{
    society_t *s = society(t, 2);
    test_group(s->room, 0)->config.limits.num_certificates = 9;
    test_group(s->room, 1)->config.limits.num_certificates = 2;
    return s;
}

static void assert_too_long(society_t *s, mls_view_t message)
{
    assert_refused(s->room, 1, MLS_ERR_LIMIT, test_receive(s->room, 1, message, NULL));
    assert_rule(s->room->t, "C3_SIZE", MLS_ERR_LIMIT);
}

static void rule_C3_SIZE__an_add_is_checked_by_who_receives_it(void **state)
{
    society_t *s = divided(*state);
    mls_key_package_t *bob = package_of(s, certify(s, "bob"), 2);
    const mls_proposal_spec_t add = test_add(bob);
    assert_too_long(s, test_propose(s->room, 0, &add));
    assert_too_long(s, test_commit(s->room, 0, &add, 1, NULL));
    mls_key_package_free(bob);
    society_free(s);
}

static void rule_C3_SIZE__update_and_path_are_checked_by_who_receives_them(void **state)
{
    society_t *s = divided(*state);
    const test_certified_t *renewed = certify(s, "alice");
    const mls_view_t chain[] = { renewed->der, s->root->der, s->root->der };
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(s->room->t, chain, 3) };
    const mls_leaf_change_t change = { .signature_private_key = renewed->private_key,
                                       .credential = &credential };
    const mls_proposal_spec_t update = { .type = MLS_PROPOSAL_UPDATE, .leaf_change = &change };
    const mls_commit_options_t options = { .leaf_change = &change };
    mls_pending_commit_t *pending;
    assert_too_long(s, test_propose(s->room, 0, &update));
    assert_ok(mls_group_commit(test_group(s->room, 0), &pending, &options));
    assert_too_long(s, mls_pending_commit_message(pending));
    society_free(s);
}

static void rule_C3_SIZE__a_tree_is_checked_by_who_joins(void **state)
{
    society_t *s = society(*state, 1);
    const mls_group_info_options_t with_all = { .with_tree = true, .with_external_pub = true };
    mls_group_config_t strict = s->room->config;
    mls_key_package_t *bob = package_of(s, certify(s, "bob"), 2),
                      *carol = package_of(s, certify(s, "carol"), 0);
    const mls_proposal_spec_t adds[] = { test_add(bob), test_add(carol) };
    mls_welcome_t *welcome;
    mls_group_t *group;
    mls_pending_commit_t *pending;
    mls_bytes_t info = { 0 };
    strict.limits = MLS_LIMITS_DEFAULT;
    strict.limits.num_certificates = 2;
    test_deliver(s->room, 0, test_commit(s->room, 0, adds, 2, NULL));
    assert_ok(mls_welcome_open(&welcome, s->room->t->crypto, &strict, carol, s->room->welcome));
    assert_status(mls_group_join(&group, NULL, s->room->t->crypto, &strict, welcome, mls_view(NULL, 0)),
                  MLS_ERR_LIMIT);
    assert_rule(s->room->t, "C3_SIZE", MLS_ERR_LIMIT);
    mls_welcome_free(welcome);

    assert_ok(mls_group_info(test_group(s->room, 0), &info, &with_all));
    const mls_external_join_t options = { .group_info = mls_bytes_view(&info), .key_package = carol };
    assert_status(mls_group_join_external(&group, &pending, s->room->t->crypto, &strict, &options),
                  MLS_ERR_LIMIT);
    assert_rule(s->room->t, "C3_SIZE", MLS_ERR_LIMIT);
    mls_bytes_clear(&info);
    mls_key_package_free(bob);
    mls_key_package_free(carol);
    society_free(s);
}

static void rule_C3_SIZE__an_external_commit_is_checked_by_who_receives_it(void **state)
{
    society_t *s = divided(*state);
    const mls_group_info_options_t with_all = { .with_tree = true, .with_external_pub = true };
    mls_key_package_t *bob = package_of(s, certify(s, "bob"), 2);
    mls_pending_commit_t *pending;
    mls_bytes_t info = { 0 };
    assert_ok(mls_group_info(test_group(s->room, 0), &info, &with_all));
    const mls_external_join_t options = { .group_info = mls_bytes_view(&info), .key_package = bob };
    assert_ok(mls_group_join_external(&s->room->members[2].group, &pending, s->room->t->crypto,
                                      &s->room->config, &options));
    assert_too_long(s, mls_pending_commit_message(pending));
    test_merge(s->room, 0, mls_pending_commit_message(pending), false);
    mls_bytes_clear(&info);
    mls_key_package_free(bob);
    society_free(s);
}

static void rule_C3__external_sender_has_the_key_of_its_certificate(void **state)
{
    test_context_t *t = *state;
    society_t *s = society(t, 2);
    const test_certified_t *warden = certify(s, "warden"), *other = certify(s, "other");
    mls_external_sender_t sender = { warden->public_key,
                                     { MLS_CREDENTIAL_X509, test_x509_body(t, &warden->der, 1) } };
    for (int wrong = 0; wrong < 2; wrong++) {
        mls_bytes_t data = { 0 };
        sender.signature_key = wrong ? other->public_key : warden->public_key;
        assert_ok(mls_external_senders_encode(&data, &sender, 1));
        mls_extension_t item = { MLS_EXTENSION_EXTERNAL_SENDERS, mls_bytes_view(&data) };
        const mls_extensions_t list = { &item, 1 };
        const mls_proposal_spec_t change = test_extensions(&list);
        const mls_commit_options_t options = { .proposals = &change, .num_proposals = 1 };
        mls_pending_commit_t *pending;
        assert_status(mls_group_commit(test_group(s->room, 0), &pending, &options),
                      wrong ? MLS_ERR_INVALID : MLS_OK);
        mls_bytes_clear(&data);
    }
    assert_rule(t, "C3", MLS_ERR_INVALID);
    society_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(members__have_certificates_in_every_suite),
        TEST(certificate__is_renewed_with_its_key),
        TEST(authentication__refuses_who_is_not_trusted),
        TEST(rule_C3__no_key_package_for_another_key),
        TEST(rule_C3__no_change_to_a_certificate_for_another_key),
        TEST(rule_C3_SIZE__an_add_is_checked_by_who_receives_it),
        TEST(rule_C3_SIZE__update_and_path_are_checked_by_who_receives_them),
        TEST(rule_C3_SIZE__a_tree_is_checked_by_who_joins),
        TEST(rule_C3_SIZE__an_external_commit_is_checked_by_who_receives_it),
        TEST(rule_C3__external_sender_has_the_key_of_its_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
