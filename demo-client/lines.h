/* lines.h -- reads lines from a file or pipe without ever blocking the network. */
#ifndef CHAT_LINES_H
#define CHAT_LINES_H

#include <stdbool.h>

#define CHAT_LINE_MAX 65536 /* bytes in one line; a longer one ends the input */

typedef struct chat_lines chat_lines_t;

typedef enum chat_lines_result {
    CHAT_LINES_LINE,  /* a line was read */
    CHAT_LINES_LATER, /* nothing more for now: poll the descriptor */
    CHAT_LINES_END    /* end of the input, a line that is too long, or a read that failed */
} chat_lines_result_t;

/* Takes over `fd` and closes it in chat_lines_free(). NULL: out of memory. */
chat_lines_t *chat_lines_new(int fd);
void chat_lines_free(chat_lines_t *lines);

int chat_lines_fd(const chat_lines_t *lines);

/* Whether a whole line is waiting already, so that polling the descriptor could miss it. */
bool chat_lines_has_line(const chat_lines_t *lines);

/* Takes the next line, without its line feed. `*line` is valid until the next call. Reads from the descriptor
 * at most once, so call it when the descriptor is readable or when chat_lines_has_line(). */
chat_lines_result_t chat_lines_next(chat_lines_t *lines, const char **line);

#endif
