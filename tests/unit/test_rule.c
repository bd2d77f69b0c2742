#include "rule.h"
#include "support.h"

static void rules__have_an_id_of_their_own_and_blame_no_accident(void **state)
{
    (void)state;
    for (int i = MLS_RULE_NONE + 1; i < MLS_NUM_RULES; i++) {
        const mls_status_t status = mls_rule_status((mls_rule_t)i);
        assert_true(strlen(mls_rule_section((mls_rule_t)i)) > 0);
        assert_true(mls_status_is_input(status) || status == MLS_ERR_REJECTED ||
                    status == MLS_ERR_NOT_FOUND || status == MLS_ERR_STATE);
        for (int j = 0; j < i; j++)
            assert_string_not_equal(mls_rule_id((mls_rule_t)i), mls_rule_id((mls_rule_t)j));
    }
}

static void check__tells_the_log_of_a_broken_rule_only(void **state)
{
    test_context_t *t = *state;
    assert_ok(mls_check(t->crypto, MLS_RULE_L7, true));
    assert_string_equal(t->rule, "");
    assert_status(mls_check(t->crypto, MLS_RULE_L7, false), MLS_ERR_INVALID);
    assert_rule(t, "L7", MLS_ERR_INVALID);
}

static void refuse__answers_the_status_of_the_caller(void **state)
{
    test_context_t *t = *state;
    assert_status(mls_refuse(t->crypto, MLS_RULE_M11, MLS_ERR_INVALID), MLS_ERR_INVALID);
    assert_rule(t, "M11", MLS_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rules__have_an_id_of_their_own_and_blame_no_accident),
        TEST(check__tells_the_log_of_a_broken_rule_only),
        TEST(refuse__answers_the_status_of_the_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
