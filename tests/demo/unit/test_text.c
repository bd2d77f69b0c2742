/* Foreign text cannot act on the terminal, and what is quoted is one line that can be read back. */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "text.h"

#include <stdlib.h>
#include <string.h>

static void assert_put(const char *text, chat_text_form_t form, const char *expected)
{
    char written[256] = "";
    FILE *out = fmemopen(written, sizeof written, "w");

    assert_non_null(out);
    chat_text_put(out, text, form);
    fclose(out);
    assert_string_equal(written, expected);
}

static void plain_text__is_left_alone(void **state)
{
    (void)state;
    assert_put("Grüße, \"世界\" \\ 🌻 👩‍🌾", CHAT_TEXT_SHOWN,
               "Grüße, \"世界\" \\ 🌻 👩‍🌾");
    assert_put("", CHAT_TEXT_SHOWN, "");
    assert_put(NULL, CHAT_TEXT_QUOTED, "\"\"");
}

static void controls__are_escaped(void **state)
{
    (void)state;
    assert_put("\033[2J\a\r\t\x7f", CHAT_TEXT_SHOWN, "\\u{001B}[2J\\u{0007}\\u{000D}\\u{0009}\\u{007F}");
    assert_put("\xC2\x9B"
               "31m",
               CHAT_TEXT_SHOWN, "\\u{009B}31m"); /* CSI in one character */
}

static void direction_and_invisible__are_escaped(void **state)
{
    (void)state;
    assert_put("a\u202Eb\u2066c\u200Fd", CHAT_TEXT_SHOWN, "a\\u{202E}b\\u{2066}c\\u{200F}d");
    assert_put("a\u200Bb\uFEFFc\U000E0041", CHAT_TEXT_SHOWN, "a\\u{200B}b\\u{FEFF}c\\u{E0041}");
    assert_put("a\u2028b", CHAT_TEXT_SHOWN, "a\\u{2028}b");
}

static void line_feed__cannot_forge_a_line(void **state)
{
    (void)state;
    assert_put("a\nbob: b", CHAT_TEXT_SHOWN, "a\n      | bob: b");
    assert_put("a\nb \"c\" \\d", CHAT_TEXT_QUOTED, "\"a\\nb \\\"c\\\" \\\\d\"");
}

static void bytes_that_are_not_utf8__are_escaped(void **state)
{
    (void)state;
    assert_put("\xFF", CHAT_TEXT_SHOWN, "\\xFF");
    assert_put("\xC0\xAF", CHAT_TEXT_SHOWN, "\\xC0\\xAF"); /* longer than needed */
    assert_put("\xE0\x80\xAF", CHAT_TEXT_SHOWN, "\\xE0\\x80\\xAF");
    assert_put("\xED\xA0\x80", CHAT_TEXT_SHOWN, "\\xED\\xA0\\x80");          /* a surrogate */
    assert_put("\xF4\x90\x80\x80", CHAT_TEXT_SHOWN, "\\xF4\\x90\\x80\\x80"); /* beyond U+10FFFF */
    assert_put("a\xE2\x82", CHAT_TEXT_SHOWN, "a\\xE2\\x82");                 /* cut off */
}

static void print__escapes_arguments_only(void **state)
{
    char written[64] = "";
    FILE *out = fmemopen(written, sizeof written, "w");

    (void)state;
    assert_non_null(out);
    chat_text_print(out, "%s: 100%% %s", "a\033", "%s");
    fclose(out);
    assert_string_equal(written, "a\\u{001B}: 100% %s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text__is_left_alone),
        cmocka_unit_test(controls__are_escaped),
        cmocka_unit_test(direction_and_invisible__are_escaped),
        cmocka_unit_test(line_feed__cannot_forge_a_line),
        cmocka_unit_test(bytes_that_are_not_utf8__are_escaped),
        cmocka_unit_test(print__escapes_arguments_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
