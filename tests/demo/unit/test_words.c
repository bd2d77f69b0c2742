/* A line of input as words, and names with and without their domains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "names.h"
#include "words.h"

#include <string.h>

static void split__at_spaces_but_not_in_quotes(void **state)
{
    chat_words_t words;

    (void)state;
    assert_true(chat_words_split(&words, "  /wait message \t 5 text=\"a b \\\" c\"  x"));
    assert_int_equal(words.num, 5);
    assert_string_equal(words.words[0], "/wait");
    assert_string_equal(words.words[2], "5");
    assert_string_equal(words.words[3], "text=\"a b \\\" c\"");
    assert_string_equal(words.words[4], "x");
    assert_null(words.words[5]);
    chat_words_clear(&words);
}

static void split__of_nothing_is_nothing(void **state)
{
    chat_words_t words;

    (void)state;
    assert_true(chat_words_split(&words, " \t"));
    assert_int_equal(words.num, 0);
    assert_null(words.words[0]);
    chat_words_clear(&words);
}

static void split__leaves_out_what_does_not_fit(void **state)
{
    chat_words_t words;

    (void)state;
    assert_true(chat_words_split(&words, "1 2 3 4 5 6 7 8 9 10"));
    assert_int_equal(words.num, CHAT_WORDS_MAX);
    assert_null(words.words[CHAT_WORDS_MAX]);
    chat_words_clear(&words);
}

static void split__survives_an_open_quote(void **state)
{
    chat_words_t words;

    (void)state;
    assert_true(chat_words_split(&words, "a \"b c\\"));
    assert_int_equal(words.num, 2);
    assert_string_equal(words.words[1], "\"b c\\");
    chat_words_clear(&words);
}

static void rest__keeps_inner_spaces(void **state)
{
    (void)state;
    assert_string_equal(chat_words_rest("/create  team  My  Title ", 2), "My  Title ");
    assert_string_equal(chat_words_rest("/create team", 2), "");
}

static void short_name__only_for_the_own_server(void **state)
{
    chat_name_t buffer;
    const char *account = "alice@example.org";

    (void)state;
    assert_string_equal(chat_name_short(&buffer, "bob@example.org", account), "bob");
    assert_string_equal(chat_name_short(&buffer, "team@conference.example.org", account), "team");
    assert_string_equal(chat_name_short(&buffer, "bob@evil.example", account), "bob@evil.example");
    assert_string_equal(chat_name_short(&buffer, "bob@example.org.evil", account), "bob@example.org.evil");
    assert_string_equal(chat_name_short(&buffer, "example.org", account), "example.org");
    assert_string_equal(chat_name_short(&buffer, NULL, account), "somebody");
}

static void long_name__completes_what_has_no_domain(void **state)
{
    static char long_name[CHAT_NAME_MAX];
    chat_name_t buffer;
    const char *account = "alice@example.org";

    (void)state;
    assert_string_equal(chat_name_account(&buffer, "bob", account), "bob@example.org");
    assert_string_equal(chat_name_account(&buffer, "bob@example.net", account), "bob@example.net");
    assert_string_equal(chat_name_room(&buffer, "team", account), "team@conference.example.org");
    assert_null(chat_name_room(&buffer, "", account));
    memset(long_name, 'x', sizeof long_name - 1);
    assert_null(chat_name_account(&buffer, long_name, account));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split__at_spaces_but_not_in_quotes),
        cmocka_unit_test(split__of_nothing_is_nothing),
        cmocka_unit_test(split__leaves_out_what_does_not_fit),
        cmocka_unit_test(split__survives_an_open_quote),
        cmocka_unit_test(rest__keeps_inner_spaces),
        cmocka_unit_test(short_name__only_for_the_own_server),
        cmocka_unit_test(long_name__completes_what_has_no_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
