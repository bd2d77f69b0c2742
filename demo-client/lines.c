#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct chat_lines {
    int fd;
    bool is_ended;
    size_t begin; /* of what has not been handed out */
    size_t end;
    char buffer[CHAT_LINE_MAX + 1];
};

chat_lines_t *chat_lines_new(int fd)
{
    chat_lines_t *lines = calloc(1, sizeof *lines);

    if (lines != NULL)
        lines->fd = fd;
    return lines;
}

void chat_lines_free(chat_lines_t *lines)
{
    if (lines == NULL)
        return;
    close(lines->fd);
    free(lines);
}

int chat_lines_fd(const chat_lines_t *lines)
{
    return lines->fd;
}

static char *find_line_feed(const chat_lines_t *lines)
{
    return memchr(lines->buffer + lines->begin, '\n', lines->end - lines->begin);
}

bool chat_lines_has_line(const chat_lines_t *lines)
{
    return find_line_feed(lines) != NULL;
}

static void make_room(chat_lines_t *lines)
{
    memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
}

/* One read(). False: nothing came, because nothing was there or because the input has ended. */
static bool read_more(chat_lines_t *lines)
{
    ssize_t got;

    make_room(lines);
    if (lines->is_ended || lines->end == CHAT_LINE_MAX) {
        lines->is_ended = true;
        return false;
    }
    got = read(lines->fd, lines->buffer + lines->end, CHAT_LINE_MAX - lines->end);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return false;
    if (got <= 0) {
        lines->is_ended = true;
        return false;
    }
    lines->end += (size_t)got;
    return true;
}

static const char *take_line(chat_lines_t *lines, char *line_feed)
{
    char *line = lines->buffer + lines->begin;

    *line_feed = '\0';
    lines->begin = (size_t)(line_feed - lines->buffer) + 1;
    return line;
}

/* A last line that has no line feed counts too. */
static chat_lines_result_t take_rest(chat_lines_t *lines, const char **line)
{
    if (lines->begin == lines->end || lines->end - lines->begin >= CHAT_LINE_MAX)
        return CHAT_LINES_END;
    lines->buffer[lines->end] = '\0';
    *line = lines->buffer + lines->begin;
    lines->begin = lines->end;
    return CHAT_LINES_LINE;
}

chat_lines_result_t chat_lines_next(chat_lines_t *lines, const char **line)
{
    char *line_feed = find_line_feed(lines);

    *line = NULL;
    if (line_feed == NULL && read_more(lines))
        line_feed = find_line_feed(lines);
    if (line_feed != NULL) {
        *line = take_line(lines, line_feed);
        return CHAT_LINES_LINE;
    }
    return lines->is_ended ? take_rest(lines, line) : CHAT_LINES_LATER;
}
