#define _POSIX_C_SOURCE 200809L

#include "loop.h"

#include "commands.h"

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* libstrophe does not give its socket away, so it waits for the network and the keyboard is looked at in
 * between: this long may pass until a key shows. */
#define TURN_MS 20
#define PROMPT_MS 1000 /* what changes without an event shows at least this often */
#define END_MS 3000    /* for the server to close the stream */

#ifndef SIGWINCH
#define SIGWINCH 28 /* not in POSIX before 2024 */
#endif

static void fill_signals(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGHUP);
    sigaddset(signals, SIGWINCH);
}

void chat_loop_block_signals(void)
{
    sigset_t signals;

    fill_signals(&signals);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Blocked signals are taken one by one here: no handler, and no variable that one would have to set. */
static void take_signals(chat_t *chat)
{
    const struct timespec at_once = { 0 };
    sigset_t signals;
    int number;

    fill_signals(&signals);
    while ((number = sigtimedwait(&signals, NULL, &at_once)) > 0) {
        if (number != SIGWINCH)
            chat->is_ending = true;
        else if (chat->editor != NULL)
            chat_editor_resize(chat->editor);
    }
}

static bool is_readable(int fd)
{
    struct pollfd input = { .fd = fd, .events = POLLIN };

    return poll(&input, 1, 0) > 0;
}

static void read_keys(chat_t *chat)
{
    const char *line = NULL;

    while (!chat->is_ending && is_readable(STDIN_FILENO))
        switch (chat_editor_read(chat->editor, &line)) {
        case CHAT_EDITOR_LINE:
            if (!chat_command_is_command(line))
                chat_editor_erase_last(chat->editor); /* it comes back as a message */
            chat_command_run(chat, line);
            break;
        case CHAT_EDITOR_END:
            chat->is_ending = true;
            break;
        case CHAT_EDITOR_MORE:
            break;
        }
}

static bool may_go_on(chat_t *chat)
{
    switch (chat_waits_check(chat->waits, chat_clock_ms())) {
    case CHAT_WAITS_IDLE:
        return true;
    case CHAT_WAITS_BUSY:
        break;
    case CHAT_WAITS_ENDED:
        CHAT_OUTPUT_REPORT(&chat->output, "done", { "command", "/wait" });
        return true;
    case CHAT_WAITS_TIMEOUT:
        CHAT_OUTPUT_REPORT(&chat->output, "failed", { "command", "/wait" }, { "reason", "timeout" });
        chat->exit_status = CHAT_EXIT_WAIT;
        chat->is_ending = true;
        break;
    }
    return false;
}

/* One line a turn: what it causes comes before the next one. */
static void read_script(chat_t *chat)
{
    const char *line = NULL;

    if (!chat->is_ready || !may_go_on(chat))
        return;
    if (!chat_lines_has_line(chat->lines) && !is_readable(chat_lines_fd(chat->lines)))
        return;
    switch (chat_lines_next(chat->lines, &line)) {
    case CHAT_LINES_LINE:
        if (line[0] != '#')
            chat_command_run(chat, line);
        break;
    case CHAT_LINES_END:
        chat->is_ending = true;
        break;
    case CHAT_LINES_LATER:
        break;
    }
}

static void refresh_prompt(chat_t *chat)
{
    if (chat->prompt_at > chat_clock_ms())
        return;
    chat->prompt_at = chat_clock_ms() + PROMPT_MS;
    chat_update_prompt(chat);
}

static void connect_now(chat_t *chat)
{
    mls_status_t status;

    chat->connect_at = 0;
    status = mod_mls_strophe_connect(chat->strophe);
    if (status != MLS_OK)
        chat_on_disconnected(chat, MOD_MLS_STROPHE_END_UNREACHABLE);
}

/* The stream is closed properly, so that what was sent arrives; a server that does not answer is left. */
static void end(chat_t *chat)
{
    uint64_t until = chat_clock_ms() + END_MS;

    mod_mls_strophe_disconnect(chat->strophe);
    while (!chat->is_over && mod_mls_strophe_is_connected(chat->strophe) && chat_clock_ms() < until)
        mod_mls_strophe_run(chat->strophe, TURN_MS);
}

void chat_loop_run(chat_t *chat)
{
    connect_now(chat);
    while (!chat->is_over && !chat->is_ending) {
        if (chat->connect_at != 0 && chat->connect_at <= chat_clock_ms())
            connect_now(chat);
        mod_mls_strophe_run(chat->strophe, TURN_MS);
        refresh_prompt(chat);
        take_signals(chat);
        if (chat->editor != NULL)
            read_keys(chat);
        else
            read_script(chat);
    }
    if (!chat->is_over)
        end(chat);
}
