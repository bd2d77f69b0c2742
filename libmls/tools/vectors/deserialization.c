/* deserialization.c -- headers of vectors with variable length (RFC 9420, Section 2.1.2). */
#include "vectors.h"

#include <stdlib.h>

static void codec_opaque(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

static void verify(vector_case_t *c)
{
    const mls_view_t header = vector_bytes(c, c->json, "vlbytes_header");
    const size_t len = (size_t)vector_number(c, c->json, "length");
    mls_view_t content;
    if (!vector_good(c))
        return;
    /* A length beyond the input is malformed, so the content has to be there; it is never looked at, and the
     * largest one costs addresses, no memory. */
    uint8_t *bytes = malloc(header.len + len);
    if (!vector_check(c, "length", bytes != NULL, "no memory"))
        return;
    memcpy(bytes, header.data, header.len);
    const mls_status_t status =
        mls_decode(&content, sizeof content, codec_opaque, mls_view(bytes, header.len + len), NULL);
    if (vector_ok(c, "vlbytes_header", status))
        vector_check(c, "length", content.len == len, "differs");
    free(bytes);
}

static const char *const fields[] = { "vlbytes_header", "length", NULL };
const vector_kind_t vector_deserialization = { "vector deserialization", fields, verify };
