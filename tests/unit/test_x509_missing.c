/* test_x509_missing.c -- X.509 in a build that knows nothing of it: here mls_x509_engine() finds none. */
#include "mls/x509.h"
#include "suite.h"
#include "support.h"

const mls_x509_engine_t *__wrap_mls_x509_engine(void);

const mls_x509_engine_t *__wrap_mls_x509_engine(void)
{
    return NULL;
}

static mls_status_t any_name(void *arg, mls_x509_name_type_t type, mls_view_t name)
{
    (void)arg;
    (void)type;
    (void)name;
    return MLS_OK;
}

static void rule_C3__certificates_are_not_supported_without_an_engine(void **state)
{
    test_context_t *t = *state;
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, { 0 } };
    const mls_key_package_params_t params = { .cipher_suite = t->suite->id,
                                              .credential = &credential,
                                              .not_before = TEST_NOT_BEFORE,
                                              .not_after = TEST_NOT_AFTER };
    mls_key_package_t *key_package;
    assert_status(mls_key_package_new(&key_package, t->crypto, &params), MLS_ERR_UNSUPPORTED);
    assert_rule(t, "C3", MLS_ERR_UNSUPPORTED);
    assert_null(key_package);
}

static void x509__has_no_trust_and_no_names_without_an_engine(void **state)
{
    const mls_leaf_info_t leaf = { .credential_type = MLS_CREDENTIAL_X509 };
    mls_x509_trust_t *trust;
    (void)state;
    assert_status(mls_x509_trust_new(&trust), MLS_ERR_UNSUPPORTED);
    assert_null(trust);
    mls_x509_trust_free(trust);
    assert_status(mls_x509_verify(trust, &leaf, 0, NULL), MLS_ERR_UNSUPPORTED);
    assert_status(mls_x509_names(leaf.identity, any_name, NULL), MLS_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rule_C3__certificates_are_not_supported_without_an_engine),
        TEST(x509__has_no_trust_and_no_names_without_an_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
