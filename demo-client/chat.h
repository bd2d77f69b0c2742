/* chat.h -- what the running client knows, and what events do to it. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "editor.h"
#include "exit_status.h"
#include "lines.h"
#include "names.h"
#include "options.h"
#include "output.h"
#include "waits.h"

#include <mod_mls/mod_mls_strophe.h>

typedef struct chat {
    chat_options_t options;
    chat_output_t output;
    mod_mls_strophe_t *strophe;
    chat_editor_t *editor; /* NULL: not on a terminal */
    chat_lines_t *lines;   /* NULL: on a terminal */
    chat_waits_t *waits;   /* NULL: on a terminal */
    chat_name_t room;      /* the current room's JID, or "" */
    uint64_t prompt_at;    /* monotonic milliseconds: when the prompt is to be brought up to date */
    char progress[96];     /* what long work is at, or "" */
    char *completions[CHAT_COMPLETIONS_MAX];
    bool is_ready; /* the device is published, or cannot be: a script's commands may begin */
    bool has_been_connected;
    bool is_ending; /* disconnect, then stop */
    bool is_over;   /* stop now */
    chat_exit_t exit_status;
    uint64_t connect_at; /* monotonic milliseconds; 0: not planned */
    uint64_t retry_delay_ms;
} chat_t;

static inline mod_mls_t *chat_core(chat_t *chat)
{
    return mod_mls_strophe_core(chat->strophe);
}

/* Monotonic milliseconds. */
uint64_t chat_clock_ms(void);

/* Finds the room that a user means by `name`, its short or its full name; the result is a copy in `*room`.
 * NULL: the account has no such room. */
const char *chat_find_room(chat_t *chat, chat_name_t *room, const char *name);

/* Makes the first room that can be written to the current one; for the start. */
void chat_choose_room(chat_t *chat);

/* Makes `room` (a JID) the one that typed text goes to. */
void chat_set_room(chat_t *chat, const char *room);

/* Brings the prompt up to date with the current room. */
void chat_update_prompt(chat_t *chat);

/* For mod_mls_host_t and mod_mls_strophe_config_t; `arg` is the chat_t. */
void chat_on_event(void *arg, const mod_mls_event_t *event);
void chat_on_log(void *arg, mod_mls_log_level_t level, const char *text);
void chat_on_connected(void *arg, const char *full_jid);
void chat_on_disconnected(void *arg, mod_mls_strophe_end_t end);
void chat_on_clear_text(void *arg, const char *from, const char *text);

#endif
