/* RFC 4648, Section 4, as strictly as the binding asks. */
#include "base64.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void rejects(const char *base64)
{
    mls_bytes_t out;
    assert_int_equal(mod_mls_base64_decode(&out, base64), MLS_ERR_MALFORMED);
    assert_null(out.data);
}

static void base64__knows_the_rfcs_examples(void **state)
{
    static const char *const pairs[][2] = { { "f", "Zg==" },         { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },       { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" } };
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        mod_mls_text_t text = { 0 };
        mls_bytes_t bytes;
        mod_mls_text_add_base64(&text, mls_view_text(pairs[i][0]));
        assert_string_equal(text.data, pairs[i][1]);
        assert_int_equal(mod_mls_base64_decode(&bytes, text.data), MLS_OK);
        assert_true(mod_mls_view_is(mls_bytes_view(&bytes), pairs[i][0]));
        mod_mls_text_clear(&text);
        mls_bytes_clear(&bytes);
    }
}

static void base64__strips_xml_space(void **state)
{
    mls_bytes_t bytes;
    (void)state;
    assert_int_equal(mod_mls_base64_decode(&bytes, " Z\tm\r\n9 v "), MLS_OK);
    assert_true(mod_mls_view_is(mls_bytes_view(&bytes), "foo"));
    mls_bytes_clear(&bytes);
}

static void base64__rejects_missing_or_misplaced_padding(void **state)
{
    (void)state;
    rejects("Zg");
    rejects("Zg=");
    rejects("Z===");
    rejects("====");
    rejects("=Zg=");
    rejects("Zg==Zg==");
    rejects("Zm9v=");
    rejects("Z=g=");
}

static void base64__rejects_spare_bits(void **state)
{
    (void)state;
    rejects("Zh==");
    rejects("Zm9=");
}

static void base64__rejects_foreign_characters(void **state)
{
    (void)state;
    rejects("Zm9-");
    rejects("Zm9_");
    rejects("Zm\v9");
    rejects("Zm9v\xc2\xa0");
}

static void base64__rejects_nothing(void **state)
{
    (void)state;
    rejects("");
    rejects(" \n");
    rejects(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64__knows_the_rfcs_examples),
        cmocka_unit_test(base64__strips_xml_space),
        cmocka_unit_test(base64__rejects_missing_or_misplaced_padding),
        cmocka_unit_test(base64__rejects_spare_bits),
        cmocka_unit_test(base64__rejects_foreign_characters),
        cmocka_unit_test(base64__rejects_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
