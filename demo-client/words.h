/* words.h -- a line of input as words. */
#ifndef CHAT_WORDS_H
#define CHAT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define CHAT_WORDS_MAX 8

typedef struct chat_words {
    char *buffer;
    char *words[CHAT_WORDS_MAX + 1]; /* NULL after the last */
    size_t num;
} chat_words_t;

/* Splits at spaces that are not between double quotes; the quotes stay. What is beyond the last word that
 * fits is left out. False: out of memory. */
bool chat_words_split(chat_words_t *words, const char *line);
void chat_words_clear(chat_words_t *words);

/* What follows the first `num` words of `line`, without the spaces before it: for texts that hold spaces. */
const char *chat_words_rest(const char *line, size_t num);

#endif
