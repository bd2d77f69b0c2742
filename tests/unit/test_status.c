#include "mls/status.h"
#include "support.h"

static void text__is_there_for_every_status(void **state)
{
    (void)state;
    static const mls_status_t all[] = {
        MLS_OK,
        MLS_ERR_ARGUMENT,
        MLS_ERR_STATE,
        MLS_ERR_NOT_FOUND,
        MLS_ERR_MALFORMED,
        MLS_ERR_UNSUPPORTED,
        MLS_ERR_GROUP,
        MLS_ERR_EPOCH,
        MLS_ERR_GENERATION,
        MLS_ERR_SENDER,
        MLS_ERR_DECRYPT,
        MLS_ERR_SIGNATURE,
        MLS_ERR_TAG,
        MLS_ERR_INVALID,
        MLS_ERR_LIMIT,
        MLS_ERR_REJECTED,
        MLS_ERR_NOMEM,
        MLS_ERR_CRYPTO,
        MLS_ERR_STORE,
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_true(strlen(mls_status_text(all[i])) > 0);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(mls_status_text(all[i]), mls_status_text(all[j]));
    }
    assert_non_null(mls_status_text((mls_status_t)9999));
}

static void is_input__blames_the_message_for_its_own_faults_only(void **state)
{
    (void)state;
    assert_true(mls_status_is_input(MLS_ERR_MALFORMED));
    assert_true(mls_status_is_input(MLS_ERR_LIMIT));
    assert_false(mls_status_is_input(MLS_OK));
    assert_false(mls_status_is_input(MLS_ERR_NOT_FOUND));
    assert_false(mls_status_is_input(MLS_ERR_REJECTED));
    assert_false(mls_status_is_input(MLS_ERR_NOMEM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__is_there_for_every_status),
        cmocka_unit_test(is_input__blames_the_message_for_its_own_faults_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
