/* bytes.h -- borrowed and owned runs of bytes. */
#ifndef MLS_BYTES_H
#define MLS_BYTES_H

#include "status.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Borrowed: valid as long as the owner says, never freed through the view. {NULL, 0} is the empty view. */
typedef struct mls_view {
    const uint8_t *data;
    size_t len; /* bytes */
} mls_view_t;

/* Owned: a zeroed one is empty and may be cleared. */
typedef struct mls_bytes {
    uint8_t *data;
    size_t len; /* bytes */
} mls_bytes_t;

/* A view of `len` bytes; `data` may be NULL where `len` is 0. */
static inline mls_view_t mls_view(const void *data, size_t len)
{
    return (mls_view_t){ (const uint8_t *)data, len };
}

/* A view of a string, without the zero byte at its end. NULL is the empty one. */
static inline mls_view_t mls_view_text(const char *text)
{
    return mls_view(text, text == NULL ? 0 : strlen(text));
}

/* A view of owned bytes: ends when they are cleared. */
static inline mls_view_t mls_bytes_view(const mls_bytes_t *bytes)
{
    return mls_view(bytes->data, bytes->len);
}

/* Compares two public values; takes time that depends on them. Secrets: mls_bytes_equal_ct. */
static inline bool mls_view_equal(mls_view_t a, mls_view_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Compares `len` bytes in time that depends on `len` only. */
MLS_API MLS_MUST_USE bool mls_bytes_equal_ct(const uint8_t *a, const uint8_t *b, size_t len);

/* Copies `in` into `*out`, which the caller clears; what it held before is not freed. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_bytes_copy(mls_bytes_t *out, mls_view_t in);

/* Wipes and frees what `*bytes` owns and makes it empty. */
MLS_API void mls_bytes_clear(mls_bytes_t *bytes);

/* Overwrites `len` bytes so that no compiler leaves it out. */
MLS_API void mls_wipe(void *data, size_t len);

#endif
