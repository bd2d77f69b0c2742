/* waits.h -- what a script waits for: an event, or time to pass. */
#ifndef CHAT_WAITS_H
#define CHAT_WAITS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct chat_waits chat_waits_t;

typedef enum chat_waits_state {
    CHAT_WAITS_IDLE,   /* the script may go on */
    CHAT_WAITS_BUSY,   /* not yet */
    CHAT_WAITS_ENDED,  /* the event has come, or the time has passed; told once, then idle */
    CHAT_WAITS_TIMEOUT /* the event has not come in time; told once, then idle */
} chat_waits_state_t;

/* NULL: out of memory. */
chat_waits_t *chat_waits_new(void);
void chat_waits_free(chat_waits_t *waits);

/* Remembers a line of the script output, for a wait that begins later too: the script cannot know whether
 * an event comes before or after the line that waits for it. Each line ends one wait at most, and a wait that
 * has ended drops what came before its line. */
void chat_waits_note(chat_waits_t *waits, const char *line);

/* Begins to wait for a line that begins with the word `event` and holds each of the words in `fields`, which
 * look like `room="team@…"`; times are monotonic milliseconds. False: out of memory. */
bool chat_waits_event(chat_waits_t *waits, const char *event, char *const fields[], uint64_t until);
void chat_waits_sleep(chat_waits_t *waits, uint64_t until);

/* Whether something was begun of which chat_waits_check() has not told the end. */
bool chat_waits_is_busy(const chat_waits_t *waits);

chat_waits_state_t chat_waits_check(chat_waits_t *waits, uint64_t now);

#endif
