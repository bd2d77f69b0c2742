#define _POSIX_C_SOURCE 200809L

#include "chat.h"

#include "narrate.h"
#include "report.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define RETRY_FIRST_MS 2000
#define RETRY_MAX_MS 60000

uint64_t chat_clock_ms(void)
{
    struct timespec now = { 0 };

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1; /* never 0, which means "not" */
}

/* ---- rooms ------------------------------------------------------------------------------------ */

typedef struct room_search {
    chat_t *chat;
    const char *name;
    chat_name_t *room;
    mod_mls_room_state_t state;
    uint64_t epoch;
    bool is_found;
} room_search_t;

static void compare_room(void *arg, const mod_mls_room_info_t *info)
{
    room_search_t *search = arg;
    chat_name_t buffer;
    const char *short_name = chat_name_short(&buffer, info->room, search->chat->options.account);

    if (strcmp(search->name, info->room) != 0 && strcmp(search->name, short_name) != 0)
        return;
    if (search->is_found && strcmp(search->name, info->room) != 0)
        return; /* a full name goes before a short one that is the same */
    snprintf(search->room->text, sizeof search->room->text, "%s", info->room);
    search->state = info->state;
    search->epoch = info->epoch;
    search->is_found = true;
}

const char *chat_find_room(chat_t *chat, chat_name_t *room, const char *name)
{
    room_search_t search = { .chat = chat, .name = name, .room = room };

    mod_mls_rooms(chat_core(chat), compare_room, &search);
    return search.is_found ? room->text : NULL;
}

static void choose_room(void *arg, const mod_mls_room_info_t *info)
{
    chat_t *chat = arg;
    bool is_member = info->state == MOD_MLS_ROOM_CATCHING_UP || info->state == MOD_MLS_ROOM_READY ||
                     info->state == MOD_MLS_ROOM_UNSAFE || info->state == MOD_MLS_ROOM_OUT_OF_STEP;

    if (is_member && chat->room.text[0] == '\0')
        snprintf(chat->room.text, sizeof chat->room.text, "%s", info->room);
}

void chat_choose_room(chat_t *chat)
{
    mod_mls_rooms(chat_core(chat), choose_room, chat);
}

void chat_set_room(chat_t *chat, const char *room)
{
    snprintf(chat->room.text, sizeof chat->room.text, "%s", room);
    chat_update_prompt(chat);
}

/* ---- the prompt ------------------------------------------------------------------------------- */

/* "team [lock]3" where all is well, else "team [catching-up]". */
static void put_room_state(FILE *out, chat_t *chat)
{
    chat_name_t found, buffer;
    room_search_t search = { .chat = chat, .name = chat->room.text, .room = &found };

    chat_text_print(out, "%s", chat_name_short(&buffer, chat->room.text, chat->options.account));
    mod_mls_rooms(chat_core(chat), compare_room, &search);
    if (!search.is_found)
        fputs(" [not there]", out);
    else if (search.state == MOD_MLS_ROOM_READY)
        fprintf(out, " %s%llu",
                chat->output.has_utf8 ? "\xF0\x9F\x94\x92" : "mls:", (unsigned long long)search.epoch);
    else
        fprintf(out, " [%s]", mod_mls_room_state_name(search.state));
}

void chat_update_prompt(chat_t *chat)
{
    char prompt[128] = "";
    FILE *out;

    if (chat->editor == NULL || chat->strophe == NULL)
        return;
    out = fmemopen(prompt, sizeof prompt - 1, "w"); /* what is too long is cut */
    if (out == NULL)
        return;
    if (!mod_mls_strophe_is_connected(chat->strophe))
        fputs("(offline) ", out);
    if (chat->progress[0] != '\0')
        fprintf(out, "(%s) ", chat->progress);
    if (chat->room.text[0] != '\0')
        put_room_state(out, chat);
    fputs(">", out);
    fclose(out);
    chat_editor_set_prompt(chat->editor, prompt);
}

static void note_progress(chat_t *chat, const mod_mls_progress_t *progress)
{
    if (progress->total != 0 && progress->done >= progress->total)
        chat->progress[0] = '\0';
    else if (progress->total != 0)
        snprintf(chat->progress, sizeof chat->progress, "%.40s %llu/%llu", progress->what,
                 (unsigned long long)progress->done, (unsigned long long)progress->total);
    else
        snprintf(chat->progress, sizeof chat->progress, "%.40s", progress->what);
}

/* ---- events ----------------------------------------------------------------------------------- */

static void note_event(chat_t *chat, const mod_mls_event_t *event)
{
    bool is_unpublishable =
        event->type == MOD_MLS_EVENT_ERROR &&
        (event->u.error.code == MOD_MLS_ERROR_NO_PEP || event->u.error.code == MOD_MLS_ERROR_PUBLISH);

    if (event->type == MOD_MLS_EVENT_READY || is_unpublishable)
        chat->is_ready = true;
    if (event->type == MOD_MLS_EVENT_PROGRESS)
        note_progress(chat, &event->u.progress);
    if (event->type == MOD_MLS_EVENT_JOINED && chat->room.text[0] == '\0')
        snprintf(chat->room.text, sizeof chat->room.text, "%s", event->room);
}

/* The loop updates the prompt afterwards: mod_mls must not be asked anything from here. */
void chat_on_event(void *arg, const mod_mls_event_t *event)
{
    chat_t *chat = arg;

    chat->prompt_at = 0;
    note_event(chat, event);
    chat_report_event(&chat->output, event);
    chat_narrate_event(&chat->output, event, chat->options.account);
}

void chat_on_log(void *arg, mod_mls_log_level_t level, const char *text)
{
    chat_t *chat = arg;

    if (!chat->options.is_verbose)
        return;
    if (chat->editor != NULL)
        chat_editor_hide(chat->editor);
    fprintf(stderr, "%s ",
            level == MOD_MLS_LOG_DEBUG  ? "debug"
            : level == MOD_MLS_LOG_INFO ? "info"
                                        : "warning");
    chat_text_put(stderr, text, CHAT_TEXT_SHOWN);
    fputc('\n', stderr);
    if (chat->editor != NULL)
        chat_editor_show(chat->editor);
}

void chat_on_connected(void *arg, const char *full_jid)
{
    chat_t *chat = arg;

    chat->prompt_at = 0;
    chat->retry_delay_ms = 0;
    chat->has_been_connected = true;
    CHAT_OUTPUT_REPORT(&chat->output, "connected", { "jid", full_jid });
    chat_output_say(&chat->output, CHAT_TONE_GOOD, "Connected as %s.", chat->options.account);
}

static chat_exit_t exit_status_of(mod_mls_strophe_end_t end)
{
    switch (end) {
    case MOD_MLS_STROPHE_END_PASSWORD:
        return CHAT_EXIT_PASSWORD;
    case MOD_MLS_STROPHE_END_CERTIFICATE:
    case MOD_MLS_STROPHE_END_NO_TLS:
        return CHAT_EXIT_CERTIFICATE;
    case MOD_MLS_STROPHE_END_WANTED:
        return CHAT_EXIT_OK;
    case MOD_MLS_STROPHE_END_LOST:
    case MOD_MLS_STROPHE_END_UNREACHABLE:
    case MOD_MLS_STROPHE_END_HOST_UNKNOWN:
    case MOD_MLS_STROPHE_END_REPLACED:
        break;
    }
    return CHAT_EXIT_CONNECTION;
}

/* A connection that was never there and cannot be reached is not tried for ever: the address may be wrong. */
static bool is_worth_retrying(const chat_t *chat, mod_mls_strophe_end_t end)
{
    return !chat->is_ending && mod_mls_strophe_end_is_passing(end) &&
           (chat->has_been_connected || end != MOD_MLS_STROPHE_END_UNREACHABLE);
}

static void plan_retry(chat_t *chat)
{
    uint64_t delay = chat->retry_delay_ms == 0 ? RETRY_FIRST_MS : chat->retry_delay_ms * 2;

    chat->retry_delay_ms = delay < RETRY_MAX_MS ? delay : RETRY_MAX_MS;
    chat->connect_at = chat_clock_ms() + chat->retry_delay_ms;
}

void chat_on_disconnected(void *arg, mod_mls_strophe_end_t end)
{
    chat_t *chat = arg;
    bool is_retried = is_worth_retrying(chat, end);

    chat->prompt_at = 0;
    chat->progress[0] = '\0';
    CHAT_OUTPUT_REPORT(&chat->output, "disconnected", { "reason", mod_mls_strophe_end_name(end) },
                       { "retry", is_retried ? "1" : "0" }, { "text", mod_mls_strophe_end_text(end) });
    if (end != MOD_MLS_STROPHE_END_WANTED)
        chat_output_say(&chat->output, CHAT_TONE_ERROR, "%s%s", mod_mls_strophe_end_text(end),
                        is_retried ? " Trying again soon." : "");
    if (is_retried) {
        plan_retry(chat);
        return;
    }
    chat->is_over = true;
    if (chat->exit_status == CHAT_EXIT_OK)
        chat->exit_status = exit_status_of(end);
}

void chat_on_clear_text(void *arg, const char *from, const char *text)
{
    chat_t *chat = arg;

    CHAT_OUTPUT_REPORT(&chat->output, "clear-text", { "from", from }, { "text", text });
    chat_output_say(&chat->output, CHAT_TONE_WARNING, "NOT ENCRYPTED, sender unproven: <%s> %s", from, text);
}
