/* output.h -- what goes to standard output: sentences for a person, or one line per event for a program. */
#ifndef CHAT_OUTPUT_H
#define CHAT_OUTPUT_H

#include "editor.h"
#include "waits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef enum chat_tone {
    CHAT_TONE_PLAIN,   /* answers to commands */
    CHAT_TONE_MESSAGE, /* what people say */
    CHAT_TONE_OWN,     /* what this user says */
    CHAT_TONE_EVENT,   /* what happens in a room */
    CHAT_TONE_GOOD,
    CHAT_TONE_WARNING,
    CHAT_TONE_ERROR
} chat_tone_t;

typedef struct chat_output {
    bool is_script;        /* lines for a program, and no sentences */
    bool has_colour;       /* of a person's terminal */
    bool has_utf8;         /* the terminal shows more than ASCII */
    chat_editor_t *editor; /* NULL: nobody types on this terminal */
    chat_waits_t *waits;   /* NULL: nothing waits for events */
} chat_output_t;

/* Looks at standard output and the environment (NO_COLOR, TERM, the locale). */
void chat_output_init(chat_output_t *output, bool is_script);

/* One line for a person: a time, then `format` as chat_text_print(). Nothing in a script. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void chat_output_say(chat_output_t *output, chat_tone_t tone, const char *format, ...);

/* A field of a line for a program; where `value` is NULL the field is left out. */
typedef struct chat_field {
    const char *name;
    const char *value;
} chat_field_t;

/* One line for a program: `event name="value" …`. Nothing for a person. */
void chat_output_report(chat_output_t *output, const char *event, const chat_field_t fields[],
                        size_t num_fields);

#define CHAT_OUTPUT_REPORT(output, event, ...)                                                               \
    chat_output_report((output), (event), (const chat_field_t[]){ __VA_ARGS__ },                             \
                       sizeof((const chat_field_t[]){ __VA_ARGS__ }) / sizeof(chat_field_t))

/* A number as text, for both. */
typedef struct chat_number {
    char text[24];
} chat_number_t;
chat_number_t chat_number(unsigned long long value);

#endif
