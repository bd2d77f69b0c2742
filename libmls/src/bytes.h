/* bytes.h -- what libmls itself needs beside mls/bytes.h. */
#ifndef MLS_SRC_BYTES_H
#define MLS_SRC_BYTES_H

#include "mls/bytes.h"

/* `len` zeroed bytes; the caller clears them. */
MLS_MUST_USE mls_status_t mls_bytes_alloc(mls_bytes_t *out, size_t len);

/* The same, but what is in them is nothing before the caller has written it: for all of it, at once. */
MLS_MUST_USE mls_status_t mls_bytes_alloc_unset(mls_bytes_t *out, size_t len);

/* Clears `*to`, then makes it what `*from` was; `*from` is empty afterwards. */
void mls_bytes_move(mls_bytes_t *to, mls_bytes_t *from);

#endif
