/* text.h -- text that grows, and small helpers on UTF-8 and hex. */
#ifndef MOD_MLS_TEXT_H
#define MOD_MLS_TEXT_H

#include <mls/mls.h>

/* Grows by doubling; wiped when cleared. The first failure sticks, so that writers need no checks of their
 * own and ask for the status once, at the end. A zeroed one is empty and may be cleared. */
typedef struct mod_mls_text {
    char *data; /* ends with a zero byte; NULL while empty */
    size_t len; /* bytes, without the zero byte */
    size_t cap;
    mls_status_t status;
} mod_mls_text_t;

void mod_mls_text_add(mod_mls_text_t *text, const char *string);
void mod_mls_text_add_bytes(mod_mls_text_t *text, const void *data, size_t len);
void mod_mls_text_add_char(mod_mls_text_t *text, char c);
void mod_mls_text_add_u64(mod_mls_text_t *text, uint64_t value);
void mod_mls_text_add_hex(mod_mls_text_t *text, mls_view_t bytes); /* lower case */
void mod_mls_text_clear(mod_mls_text_t *text);

/* Writes `bytes` as lower-case hex and a zero byte; `out` has room for 2 * bytes.len + 1. */
void mod_mls_hex(char *out, mls_view_t bytes);

/* Reads exactly 2 * len lower-case hex digits. */
bool mod_mls_unhex(uint8_t *out, size_t len, const char *hex);

/* Whether the bytes are UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. */
bool mod_mls_utf8_is_valid(mls_view_t bytes);

/* A copy with a zero byte, which the caller frees; NULL without memory. */
char *mod_mls_strdup(const char *string);
char *mod_mls_strndup(mls_view_t bytes);

/* Compares a view with a string. */
bool mod_mls_view_is(mls_view_t view, const char *string);

#endif
