/* editor.h -- the line that a person types, edited while the network goes on.
 *
 * libedit in its unbuffered mode: each call of chat_editor_read() takes the keys that are there and returns.
 * What is printed meanwhile goes above the line: chat_editor_hide(), print to stdout, chat_editor_show().
 * The history lives in memory only, since it holds what was said. */
#ifndef CHAT_EDITOR_H
#define CHAT_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT_COMPLETIONS_MAX 64

typedef struct chat_editor chat_editor_t;

/* Fills `words` with at most CHAT_COMPLETIONS_MAX words that could stand where the last word of `line`
 * stands, and returns their number; the editor picks those that begin like it. They must stay valid until the
 * next call. */
typedef size_t (*chat_complete_t)(void *arg, const char *line, const char *words[]);

typedef enum chat_editor_result {
    CHAT_EDITOR_MORE, /* the line is not complete */
    CHAT_EDITOR_LINE, /* Enter */
    CHAT_EDITOR_END   /* Ctrl-D on an empty line, or the terminal is gone */
} chat_editor_result_t;

/* Takes the terminal that stdin and stdout are on. NULL: libedit cannot use it. */
chat_editor_t *chat_editor_new(chat_complete_t complete, void *arg, bool has_colour);
/* Gives the terminal back as it was. */
void chat_editor_free(chat_editor_t *editor);

/* What stands before the line, without the space between them; copied, must be safe for the terminal
 * (text.h). */
void chat_editor_set_prompt(chat_editor_t *editor, const char *prompt);

/* Handles one key; call when stdin is readable. `*line` is the complete line and valid until the next call,
 * during which it is also in the history. */
chat_editor_result_t chat_editor_read(chat_editor_t *editor, const char **line);

/* Takes the line that chat_editor_read() returned off the screen: it will be shown as a message. Only before
 * anything else is printed. */
void chat_editor_erase_last(chat_editor_t *editor);

/* Takes the line that is being typed off the screen, and puts it back. */
void chat_editor_hide(chat_editor_t *editor);
void chat_editor_show(chat_editor_t *editor);

/* The terminal has a new size. */
void chat_editor_resize(chat_editor_t *editor);

#endif
