#define _POSIX_C_SOURCE 200809L /* getline */
#include "line.h"

#include <stdlib.h>
#include <string.h>

bool line_read(line_t *line, FILE *in)
{
    line->num_words = 0;
    line->at = 0;
    if (getline(&line->text, &line->capacity, in) < 0)
        return false;
    for (char *word = strtok(line->text, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        if (line->num_words == LINE_MAX_WORDS)
            return false;
        line->words[line->num_words++] = word;
    }
    return true;
}

void line_clear(line_t *line)
{
    free(line->text);
    *line = (line_t){ 0 };
}

bool line_word(line_t *line, const char **word)
{
    *word = line_at_end(line) ? "" : line->words[line->at++];
    return **word != '\0';
}

bool line_number(line_t *line, unsigned long max, unsigned long *number)
{
    const char *word;
    char *end;
    *number = 0;
    if (!line_word(line, &word) || *word < '0' || *word > '9')
        return false;
    *number = strtoul(word, &end, 10);
    return *end == '\0' && *number <= max;
}

/* The value of a hexadecimal digit; 16 for anything else. */
static unsigned digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? 16 : (unsigned)(at - digits);
}

bool line_bytes(line_t *line, mls_view_t *bytes)
{
    *bytes = mls_view(NULL, 0);
    if (line_at_end(line))
        return false;
    char *word = line->words[line->at++];
    const size_t len = strlen(word) / 2;
    if (strcmp(word, "-") == 0)
        return true;
    if (strlen(word) % 2 != 0)
        return false;
    for (size_t i = 0; i < len; i++) { /* two digits become one byte in their place */
        const unsigned high = digit(word[2 * i]), low = digit(word[2 * i + 1]);
        if (high > 15 || low > 15)
            return false;
        word[i] = (char)(unsigned char)(high << 4 | low);
    }
    *bytes = mls_view(word, len);
    return true;
}

bool line_has(line_t *line, const char *word)
{
    if (line_at_end(line) || strcmp(line->words[line->at], word) != 0)
        return false;
    line->at++;
    return true;
}

bool line_at_end(const line_t *line)
{
    return line->at == line->num_words;
}

void line_put_bytes(FILE *out, mls_view_t bytes)
{
    fputs(bytes.len == 0 ? " -" : " ", out);
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(out, "%02x", bytes.data[i]);
}
