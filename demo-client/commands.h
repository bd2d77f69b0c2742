/* commands.h -- what a person or a script can tell the client to do. */
#ifndef CHAT_COMMANDS_H
#define CHAT_COMMANDS_H

#include "chat.h"

/* Which words can stand after a command; for completion. */
typedef enum chat_argument {
    CHAT_ARGUMENT_NONE,
    CHAT_ARGUMENT_ROOM,
    CHAT_ARGUMENT_ACCOUNT,
    CHAT_ARGUMENT_COMMAND
} chat_argument_t;

/* The name of command number `index` with its slash, and what may follow it; NULL: there are no more. */
const char *chat_command_name(size_t index, chat_argument_t *argument);

/* Whether a line is a command and not a text. */
bool chat_command_is_command(const char *line);

/* Does what a line says: a command, or a text for the current room. A line that begins with two slashes is a
 * text that begins with one. */
void chat_command_run(chat_t *chat, const char *line);

#endif
