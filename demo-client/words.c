#define _POSIX_C_SOURCE 200809L

#include "words.h"

#include <stdlib.h>
#include <string.h>

static char *skip_spaces(char *at)
{
    return at + strspn(at, " \t\r");
}

static char *skip_word(char *at)
{
    bool is_quoted = false;

    while (*at != '\0' && (is_quoted || strchr(" \t\r", *at) == NULL)) {
        if (*at == '\\' && is_quoted && at[1] != '\0')
            at++;
        else if (*at == '"')
            is_quoted = !is_quoted;
        at++;
    }
    return at;
}

bool chat_words_split(chat_words_t *words, const char *line)
{
    char *at;

    *words = (chat_words_t){ .buffer = strdup(line) };
    if (words->buffer == NULL)
        return false;
    at = skip_spaces(words->buffer);
    while (*at != '\0' && words->num < CHAT_WORDS_MAX) {
        words->words[words->num++] = at;
        at = skip_word(at);
        if (*at != '\0')
            *at++ = '\0';
        at = skip_spaces(at);
    }
    return true;
}

void chat_words_clear(chat_words_t *words)
{
    free(words->buffer);
    *words = (chat_words_t){ 0 };
}

const char *chat_words_rest(const char *line, size_t num)
{
    const char *at = line + strspn(line, " \t\r");

    for (size_t i = 0; i < num; i++) {
        at += strcspn(at, " \t\r");
        at += strspn(at, " \t\r");
    }
    return at;
}
