#include "text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static const char CONTINUATION[] = "\n      | "; /* a message cannot forge the line of another one */

typedef struct range {
    uint32_t first;
    uint32_t last;
} range_t;

/* Code points that hide or reorder what stands around them. The joiners U+200C and U+200D are left alone:
 * several scripts and most emoji need them. */
static const range_t DANGEROUS[] = {
    { 0x00, 0x1F },       /* C0 controls */
    { 0x7F, 0x9F },       /* DEL and C1 controls */
    { 0xAD, 0xAD },       /* soft hyphen */
    { 0x61C, 0x61C },     /* Arabic letter mark */
    { 0x200B, 0x200B },   /* zero width space */
    { 0x200E, 0x200F },   /* direction marks */
    { 0x2028, 0x202E },   /* separators, embeddings and overrides of direction */
    { 0x2060, 0x206F },   /* invisible operators, isolates of direction */
    { 0xFEFF, 0xFEFF },   /* zero width no-break space */
    { 0xFFF9, 0xFFFB },   /* interlinear annotation */
    { 0xE0000, 0xE0FFF }, /* tags */
};

static bool is_dangerous(uint32_t code_point)
{
    for (size_t i = 0; i < sizeof DANGEROUS / sizeof *DANGEROUS; i++)
        if (code_point >= DANGEROUS[i].first && code_point <= DANGEROUS[i].last)
            return true;
    return false;
}

/* The length that the first byte of a sequence announces and the bits it carries; 0: no first byte. */
static size_t sequence_len(unsigned char first, uint32_t *bits)
{
    if (first < 0x80) {
        *bits = first;
        return 1;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        *bits = first & 0x1FU;
        return 2;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        *bits = first & 0x0FU;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        *bits = first & 0x07U;
        return 4;
    }
    return 0;
}

/* Decodes one code point of UTF-8 (RFC 3629); returns its length in bytes, 0 if there is none here. */
static size_t decode(const unsigned char *text, uint32_t *code_point)
{
    size_t len = sequence_len(text[0], code_point);

    for (size_t i = 1; i < len; i++) {
        if ((text[i] & 0xC0U) != 0x80)
            return 0;
        *code_point = *code_point << 6 | (text[i] & 0x3FU);
    }
    if ((len == 3 && *code_point < 0x800) || (len == 4 && *code_point < 0x10000))
        return 0; /* longer than needed */
    if ((*code_point >= 0xD800 && *code_point <= 0xDFFF) || *code_point > 0x10FFFF)
        return 0;
    return len;
}

static void put_code_point(FILE *out, const unsigned char *bytes, size_t len, uint32_t code_point,
                           chat_text_form_t form)
{
    bool is_quoted = form == CHAT_TEXT_QUOTED;

    if (code_point == '\n')
        fputs(is_quoted ? "\\n" : CONTINUATION, out);
    else if (is_quoted && (code_point == '"' || code_point == '\\'))
        fprintf(out, "\\%c", (int)code_point);
    else if (is_dangerous(code_point))
        fprintf(out, "\\u{%04X}", (unsigned)code_point);
    else
        fwrite(bytes, 1, len, out);
}

void chat_text_put(FILE *out, const char *text, chat_text_form_t form)
{
    const unsigned char *at = (const unsigned char *)(text == NULL ? "" : text);

    if (form == CHAT_TEXT_QUOTED)
        fputc('"', out);
    while (*at != '\0') {
        uint32_t code_point = 0;
        size_t len = decode(at, &code_point);

        if (len == 0) {
            fprintf(out, "\\x%02X", (unsigned)*at);
            len = 1;
        } else {
            put_code_point(out, at, len, code_point, form);
        }
        at += len;
    }
    if (form == CHAT_TEXT_QUOTED)
        fputc('"', out);
}

void chat_text_vprint(FILE *out, const char *format, va_list arguments)
{
    for (const char *at = format; *at != '\0'; at++) {
        if (at[0] == '%' && at[1] == 's')
            chat_text_put(out, va_arg(arguments, const char *), CHAT_TEXT_SHOWN);
        else
            fputc(*at, out);
        if (at[0] == '%')
            at++; /* `%s` or `%%` */
    }
}

void chat_text_print(FILE *out, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    chat_text_vprint(out, format, arguments);
    va_end(arguments);
}
