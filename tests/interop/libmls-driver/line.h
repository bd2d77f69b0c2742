/* line.h -- one command of the line protocol (../README.md): words with a space between them. */
#ifndef INTEROP_LINE_H
#define INTEROP_LINE_H

#include <mls/mls.h>

#include <stdbool.h>
#include <stdio.h>

enum { LINE_MAX_WORDS = 256 };

typedef struct line {
    char *text;      /* of getline(); the words are in it */
    size_t capacity; /* bytes */
    char *words[LINE_MAX_WORDS];
    size_t num_words;
    size_t at; /* the next word to be taken */
} line_t;

/* Reads the next line. False at the end of the input, or with more words than there is room for. A zeroed
 * line is empty; the caller clears it in the end. */
bool line_read(line_t *line, FILE *in);
void line_clear(line_t *line);

/* These take the next word; false: there is none, or it is no such thing. */
bool line_word(line_t *line, const char **word);
bool line_number(line_t *line, unsigned long max, unsigned long *number);
/* Bytes in hexadecimal, "-" for none. They lie in the line, and end with it. */
bool line_bytes(line_t *line, mls_view_t *bytes);

/* Whether the next word is this one; only then it is taken. */
bool line_has(line_t *line, const char *word);
bool line_at_end(const line_t *line);

/* Writes a space and the bytes in hexadecimal, "-" for none. */
void line_put_bytes(FILE *out, mls_view_t bytes);

#endif
