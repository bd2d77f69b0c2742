#include "bytes.h"
#include "secret.h"

#include <stdlib.h>

void mls_wipe(void *data, size_t len)
{
    /* Which function it calls is read anew each time, a side effect (C11, Section 5.1.2.3): so no compiler
     * may take it for a memset() of what nobody reads again, and drop it. */
    static void *(*const volatile set)(void *, int, size_t) = memset;
    if (len > 0)
        set(data, 0, len);
}

bool mls_bytes_equal_ct(const uint8_t *a, const uint8_t *b, size_t len)
{
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference = (uint8_t)(difference | (a[i] ^ b[i]));
    return difference == 0;
}

mls_status_t mls_bytes_alloc(mls_bytes_t *out, size_t len)
{
    *out = (mls_bytes_t){ 0 };
    if (len == 0)
        return MLS_OK;
    if ((out->data = calloc(1, len)) == NULL)
        return MLS_ERR_NOMEM;
    out->len = len;
    return MLS_OK;
}

mls_status_t mls_bytes_alloc_unset(mls_bytes_t *out, size_t len)
{
    *out = (mls_bytes_t){ 0 };
    if (len == 0)
        return MLS_OK;
    if ((out->data = malloc(len)) == NULL)
        return MLS_ERR_NOMEM;
    out->len = len;
    return MLS_OK;
}

mls_status_t mls_bytes_copy(mls_bytes_t *out, mls_view_t in)
{
    mls_status_t status = mls_bytes_alloc_unset(out, in.len);
    if (status == MLS_OK && in.len > 0)
        memcpy(out->data, in.data, in.len);
    return status;
}

void mls_bytes_clear(mls_bytes_t *bytes)
{
    if (bytes->data != NULL)
        mls_wipe(bytes->data, bytes->len);
    free(bytes->data);
    *bytes = (mls_bytes_t){ 0 };
}

void mls_bytes_move(mls_bytes_t *to, mls_bytes_t *from)
{
    mls_bytes_clear(to);
    *to = *from;
    *from = (mls_bytes_t){ 0 };
}

mls_status_t mls_secret_set(mls_secret_t *secret, mls_view_t in)
{
    mls_secret_wipe(secret);
    if (in.len > sizeof secret->data)
        return MLS_ERR_ARGUMENT;
    if (in.len > 0)
        memcpy(secret->data, in.data, in.len);
    secret->len = in.len;
    return MLS_OK;
}

void mls_secret_move(mls_secret_t *to, mls_secret_t *from)
{
    *to = *from;
    mls_secret_wipe(from);
}
