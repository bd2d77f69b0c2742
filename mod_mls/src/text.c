#include "text.h"

#include <stdlib.h>

static bool reserve(mod_mls_text_t *text, size_t n)
{
    if (text->status != MLS_OK)
        return false;
    if (text->cap - text->len > n)
        return true;
    if (n > SIZE_MAX / 4 || text->len > SIZE_MAX / 8) {
        text->status = MLS_ERR_NOMEM;
        return false;
    }
    size_t cap = 2 * (text->len + n) + 64;
    char *data = malloc(cap); /* no realloc: the text may be a user's */
    if (data == NULL) {
        text->status = MLS_ERR_NOMEM;
        return false;
    }
    if (text->len > 0)
        memcpy(data, text->data, text->len);
    if (text->data != NULL)
        mls_wipe(text->data, text->cap);
    free(text->data);
    text->data = data;
    text->cap = cap;
    return true;
}

void mod_mls_text_add_bytes(mod_mls_text_t *text, const void *data, size_t len)
{
    if (!reserve(text, len))
        return;
    if (len > 0)
        memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void mod_mls_text_add(mod_mls_text_t *text, const char *string)
{
    mod_mls_text_add_bytes(text, string, strlen(string));
}

void mod_mls_text_add_char(mod_mls_text_t *text, char c)
{
    mod_mls_text_add_bytes(text, &c, 1);
}

void mod_mls_text_add_u64(mod_mls_text_t *text, uint64_t value)
{
    char digits[20];
    size_t n = sizeof digits;

    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    mod_mls_text_add_bytes(text, digits + n, sizeof digits - n);
}

void mod_mls_text_add_hex(mod_mls_text_t *text, mls_view_t bytes)
{
    char pair[3];

    for (size_t i = 0; i < bytes.len; i++) {
        mod_mls_hex(pair, mls_view(bytes.data + i, 1));
        mod_mls_text_add_bytes(text, pair, 2);
    }
}

void mod_mls_text_clear(mod_mls_text_t *text)
{
    if (text->data != NULL)
        mls_wipe(text->data, text->cap);
    free(text->data);
    *text = (mod_mls_text_t){ 0 };
}

void mod_mls_hex(char *out, mls_view_t bytes)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

bool mod_mls_unhex(uint8_t *out, size_t len, const char *hex)
{
    if (hex == NULL || strlen(hex) != 2 * len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* How many bytes the sequence that begins with `first` has, and the least code point that needs so many. */
static size_t utf8_sequence(uint8_t first, uint32_t *code, uint32_t *least)
{
    if (first < 0x80) {
        *code = first, *least = 0;
        return 1;
    }
    if ((first & 0xe0) == 0xc0) {
        *code = first & 0x1f, *least = 0x80;
        return 2;
    }
    if ((first & 0xf0) == 0xe0) {
        *code = first & 0x0f, *least = 0x800;
        return 3;
    }
    if ((first & 0xf8) == 0xf0) {
        *code = first & 0x07, *least = 0x10000;
        return 4;
    }
    return 0;
}

bool mod_mls_utf8_is_valid(mls_view_t bytes)
{
    for (size_t i = 0; i < bytes.len;) {
        uint32_t code, least;
        size_t n = utf8_sequence(bytes.data[i], &code, &least);
        if (n == 0 || n > bytes.len - i)
            return false;
        for (size_t k = 1; k < n; k++) {
            if ((bytes.data[i + k] & 0xc0) != 0x80)
                return false;
            code = code << 6 | (bytes.data[i + k] & 0x3f);
        }
        if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
            return false;
        i += n;
    }
    return true;
}

char *mod_mls_strndup(mls_view_t bytes)
{
    char *copy = malloc(bytes.len + 1);

    if (copy == NULL)
        return NULL;
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    copy[bytes.len] = '\0';
    return copy;
}

char *mod_mls_strdup(const char *string)
{
    return mod_mls_strndup(mls_view_text(string));
}

bool mod_mls_view_is(mls_view_t view, const char *string)
{
    return mls_view_equal(view, mls_view_text(string));
}
