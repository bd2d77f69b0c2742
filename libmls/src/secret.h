/* secret.h -- secrets of up to one hash, by value (RFC 9420, Section 8: KDF.Nh bytes).
 *
 * A zeroed secret is empty. Whoever holds one wipes it on every way out. */
#ifndef MLS_SECRET_H
#define MLS_SECRET_H

#include "mls/bytes.h"

enum { MLS_MAX_HASH_LEN = 64 };

typedef struct mls_secret {
    size_t len; /* bytes in use */
    uint8_t data[MLS_MAX_HASH_LEN];
} mls_secret_t;

static inline void mls_secret_wipe(mls_secret_t *secret)
{
    mls_wipe(secret, sizeof *secret);
}

static inline mls_view_t mls_secret_view(const mls_secret_t *secret)
{
    return mls_view(secret->data, secret->len);
}

/* Takes a copy of `in`; MLS_ERR_ARGUMENT if it is longer than any hash. */
MLS_MUST_USE mls_status_t mls_secret_set(mls_secret_t *secret, mls_view_t in);

/* Makes `*to` the secret and `*from` empty. */
void mls_secret_move(mls_secret_t *to, mls_secret_t *from);

#endif
