#include "roundtrip.h"

#include <stdio.h>
#include <stdlib.h>

void fuzz_require(bool holds, const char *text)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", text);
        abort();
    }
}

static bool is_zero(const void *object, size_t size)
{
    const uint8_t *bytes = object;
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void require_encoding(mls_codec_fn *visit, const void *object, mls_view_t expected)
{
    mls_bytes_t encoded = { 0 };
    fuzz_require(mls_encode(&encoded, visit, object) == MLS_OK, "what is accepted can be encoded");
    fuzz_require(mls_view_equal(mls_bytes_view(&encoded), expected),
                 "it encodes to the bytes it was read from");
    mls_bytes_clear(&encoded);
}

void fuzz_roundtrip(void *object, size_t size, mls_codec_fn *visit, fuzz_forget_fn *forget, mls_view_t in)
{
    mls_arena_t arena = { 0 };
    mls_status_t status = mls_decode(object, size, visit, in, &arena);

    if (status == MLS_OK) {
        require_encoding(visit, object, in);
        if (forget != NULL) {
            forget(object);
            require_encoding(visit, object, in);
        }
    } else {
        fuzz_require(mls_status_is_input(status), "the input is blamed");
        fuzz_require(is_zero(object, size), "what is refused leaves an empty object");
    }
    mls_arena_clear(&arena);
}
