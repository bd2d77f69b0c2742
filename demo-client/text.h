/* text.h -- writing foreign text so that it cannot act on the terminal or pretend to be something else. */
#ifndef CHAT_TEXT_H
#define CHAT_TEXT_H

#include <stdarg.h>
#include <stdio.h>

typedef enum chat_text_form {
    CHAT_TEXT_SHOWN, /* for people: only what is dangerous is escaped; lines after the first are indented */
    CHAT_TEXT_QUOTED /* for programs: in double quotes, on one line, and it can be read back exactly */
} chat_text_form_t;

/* Writes UTF-8 `text` to `out`. Escaped, as `\u{202E}`, are control characters, what changes the direction
 * of writing, and what is invisible; bytes that are not UTF-8 become `\x9F`. CHAT_TEXT_QUOTED also escapes
 * `"` and `\`, and writes a line feed as `\n`. NULL is written as the empty text. */
void chat_text_put(FILE *out, const char *text, chat_text_form_t form);

/* Writes `format`, in which each `%s` stands for a foreign text, written as CHAT_TEXT_SHOWN, and `%%` for a
 * percent sign. There is nothing else: make numbers text first. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void chat_text_print(FILE *out, const char *format, ...);

/* The same with the arguments in a list. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 0)))
#endif
void chat_text_vprint(FILE *out, const char *format, va_list arguments);

#endif
