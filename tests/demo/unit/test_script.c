/* What a script reads and waits for: lines that come in pieces, events that come before they are waited for.
 */
#define _POSIX_C_SOURCE 200809L

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lines.h"
#include "waits.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---- lines ---- */

typedef struct input {
    int writing;
    chat_lines_t *lines;
} input_t;

static void open_input(input_t *input)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    input->writing = ends[1];
    input->lines = chat_lines_new(ends[0]);
    assert_non_null(input->lines);
}

static void type(const input_t *input, const char *text)
{
    assert_int_equal(write(input->writing, text, strlen(text)), strlen(text));
}

static void assert_line(const input_t *input, const char *expected)
{
    const char *line = NULL;

    assert_int_equal(chat_lines_next(input->lines, &line), CHAT_LINES_LINE);
    assert_string_equal(line, expected);
}

static void assert_no_line(const input_t *input, chat_lines_result_t expected)
{
    const char *line = "not set";

    assert_int_equal(chat_lines_next(input->lines, &line), expected);
    assert_null(line);
}

static void lines__come_in_pieces(void **state)
{
    input_t input;

    (void)state;
    open_input(&input);
    assert_no_line(&input, CHAT_LINES_LATER);
    type(&input, "on");
    assert_no_line(&input, CHAT_LINES_LATER);
    type(&input, "e\ntwo\n\nthr");
    assert_line(&input, "one");
    assert_true(chat_lines_has_line(input.lines));
    assert_line(&input, "two");
    assert_line(&input, "");
    assert_false(chat_lines_has_line(input.lines));
    assert_no_line(&input, CHAT_LINES_LATER);
    close(input.writing);
    assert_line(&input, "thr"); /* the last one needs no line feed */
    assert_no_line(&input, CHAT_LINES_END);
    chat_lines_free(input.lines);
}

static void a_line_that_is_too_long__ends_the_input(void **state)
{
    static char half[CHAT_LINE_MAX / 2 + 1];
    input_t input;

    (void)state;
    memset(half, 'x', sizeof half - 1);
    open_input(&input);
    type(&input, half);
    assert_no_line(&input, CHAT_LINES_LATER);
    type(&input, half);
    assert_no_line(&input, CHAT_LINES_LATER);
    assert_no_line(&input, CHAT_LINES_END);
    close(input.writing);
    chat_lines_free(input.lines);
}

/* ---- waits ---- */

static int set_up_waits(void **state)
{
    *state = chat_waits_new();
    return *state == NULL;
}

static int tear_down_waits(void **state)
{
    chat_waits_free(*state);
    return 0;
}

static void wait_for(chat_waits_t *waits, const char *event, const char *field, uint64_t until)
{
    char copy[64];
    char *fields[] = { copy, NULL };

    strcpy(copy, field);
    assert_true(chat_waits_event(waits, event, field[0] == '\0' ? fields + 1 : fields, until));
}

static void wait__ends_with_an_event_that_comes_later(void **state)
{
    (void)state;
    wait_for(*state, "joined", "", 100);
    assert_int_equal(chat_waits_check(*state, 1), CHAT_WAITS_BUSY);
    chat_waits_note(*state, "joinedx room=\"a\"");
    assert_int_equal(chat_waits_check(*state, 2), CHAT_WAITS_BUSY);
    chat_waits_note(*state, "joined room=\"a\"");
    assert_int_equal(chat_waits_check(*state, 3), CHAT_WAITS_ENDED);
    assert_int_equal(chat_waits_check(*state, 4), CHAT_WAITS_IDLE);
}

static void wait__ends_with_an_event_that_came_before(void **state)
{
    chat_waits_note(*state, "message text=\"1\"");
    chat_waits_note(*state, "message text=\"2\"");
    wait_for(*state, "message", "text=\"2\"", 100);
    assert_int_equal(chat_waits_check(*state, 1), CHAT_WAITS_ENDED);
}

static void wait__is_not_ended_twice_by_one_event(void **state)
{
    chat_waits_note(*state, "message text=\"1\"");
    wait_for(*state, "message", "", 100);
    assert_int_equal(chat_waits_check(*state, 1), CHAT_WAITS_ENDED);
    wait_for(*state, "message", "", 100);
    assert_int_equal(chat_waits_check(*state, 1), CHAT_WAITS_BUSY);
}

static void wait__times_out(void **state)
{
    wait_for(*state, "never", "", 100);
    assert_int_equal(chat_waits_check(*state, 99), CHAT_WAITS_BUSY);
    assert_int_equal(chat_waits_check(*state, 100), CHAT_WAITS_TIMEOUT);
    assert_int_equal(chat_waits_check(*state, 101), CHAT_WAITS_IDLE);
}

static void sleep__ends_in_time(void **state)
{
    chat_waits_sleep(*state, 100);
    assert_true(chat_waits_is_busy(*state));
    assert_int_equal(chat_waits_check(*state, 99), CHAT_WAITS_BUSY);
    assert_int_equal(chat_waits_check(*state, 100), CHAT_WAITS_ENDED);
    assert_false(chat_waits_is_busy(*state));
}

static void many_lines__drop_the_oldest(void **state)
{
    chat_waits_note(*state, "first");
    for (int i = 0; i < 1000; i++)
        chat_waits_note(*state, "noise");
    chat_waits_note(*state, "last");
    wait_for(*state, "first", "", 1);
    assert_int_equal(chat_waits_check(*state, 0), CHAT_WAITS_BUSY);
    wait_for(*state, "last", "", 1);
    assert_int_equal(chat_waits_check(*state, 0), CHAT_WAITS_ENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__come_in_pieces),
        cmocka_unit_test(a_line_that_is_too_long__ends_the_input),
        cmocka_unit_test_setup_teardown(wait__ends_with_an_event_that_comes_later, set_up_waits,
                                        tear_down_waits),
        cmocka_unit_test_setup_teardown(wait__ends_with_an_event_that_came_before, set_up_waits,
                                        tear_down_waits),
        cmocka_unit_test_setup_teardown(wait__is_not_ended_twice_by_one_event, set_up_waits, tear_down_waits),
        cmocka_unit_test_setup_teardown(wait__times_out, set_up_waits, tear_down_waits),
        cmocka_unit_test_setup_teardown(sleep__ends_in_time, set_up_waits, tear_down_waits),
        cmocka_unit_test_setup_teardown(many_lines__drop_the_oldest, set_up_waits, tear_down_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
