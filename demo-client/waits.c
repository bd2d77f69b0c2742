#define _POSIX_C_SOURCE 200809L

#include "waits.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 512 /* remembered; the oldest goes first */
#define FIELDS_MAX 8

struct chat_waits {
    char *lines[LINES_MAX];
    size_t num_lines;
    char *event;              /* NULL: none is waited for */
    char *fields[FIELDS_MAX]; /* NULL after the last */
    uint64_t until;           /* of the event or the sleep; 0: nothing */
};

chat_waits_t *chat_waits_new(void)
{
    return calloc(1, sizeof(chat_waits_t));
}

static void drop_lines(chat_waits_t *waits, size_t num)
{
    for (size_t i = 0; i < num; i++)
        free(waits->lines[i]);
    memmove(waits->lines, waits->lines + num, (waits->num_lines - num) * sizeof *waits->lines);
    waits->num_lines -= num;
}

static void forget_event(chat_waits_t *waits)
{
    free(waits->event);
    waits->event = NULL;
    for (size_t i = 0; i < FIELDS_MAX; i++) {
        free(waits->fields[i]);
        waits->fields[i] = NULL;
    }
    waits->until = 0;
}

void chat_waits_free(chat_waits_t *waits)
{
    if (waits == NULL)
        return;
    forget_event(waits);
    drop_lines(waits, waits->num_lines);
    free(waits);
}

void chat_waits_note(chat_waits_t *waits, const char *line)
{
    char *copy = strdup(line);

    if (copy == NULL)
        return;
    if (waits->num_lines == LINES_MAX)
        drop_lines(waits, 1);
    waits->lines[waits->num_lines++] = copy;
}

bool chat_waits_event(chat_waits_t *waits, const char *event, char *const fields[], uint64_t until)
{
    bool is_copied = true;

    forget_event(waits);
    waits->event = strdup(event);
    for (size_t i = 0; i + 1 < FIELDS_MAX && fields[i] != NULL; i++) {
        waits->fields[i] = strdup(fields[i]);
        is_copied = is_copied && waits->fields[i] != NULL;
    }
    if (waits->event == NULL || !is_copied) {
        forget_event(waits);
        return false;
    }
    waits->until = until;
    return true;
}

void chat_waits_sleep(chat_waits_t *waits, uint64_t until)
{
    forget_event(waits);
    waits->until = until;
}

static bool is_match(const chat_waits_t *waits, const char *line)
{
    size_t len = strlen(waits->event);

    if (strncmp(line, waits->event, len) != 0 || (line[len] != ' ' && line[len] != '\0'))
        return false;
    for (size_t i = 0; i < FIELDS_MAX && waits->fields[i] != NULL; i++)
        if (strstr(line + len, waits->fields[i]) == NULL)
            return false;
    return true;
}

static bool has_come(chat_waits_t *waits)
{
    for (size_t i = 0; i < waits->num_lines; i++)
        if (is_match(waits, waits->lines[i])) {
            drop_lines(waits, i + 1);
            return true;
        }
    return false;
}

bool chat_waits_is_busy(const chat_waits_t *waits)
{
    return waits->until != 0;
}

chat_waits_state_t chat_waits_check(chat_waits_t *waits, uint64_t now)
{
    bool is_event = waits->event != NULL;

    if (!chat_waits_is_busy(waits))
        return CHAT_WAITS_IDLE;
    if (is_event && has_come(waits)) {
        forget_event(waits);
        return CHAT_WAITS_ENDED;
    }
    if (now < waits->until)
        return CHAT_WAITS_BUSY;
    forget_event(waits);
    return is_event ? CHAT_WAITS_TIMEOUT : CHAT_WAITS_ENDED;
}
