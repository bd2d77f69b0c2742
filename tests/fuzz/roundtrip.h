/* roundtrip.h -- the property of every decoder: what it accepts has one encoding, the one it was read from
 * (RFC 9420, Section 2.1). */
#ifndef TESTS_FUZZ_ROUNDTRIP_H
#define TESTS_FUZZ_ROUNDTRIP_H

#include "mls/codec.h"

/* Takes the kept encodings out of a decoded object, so that encoding visits every field again. */
typedef void fuzz_forget_fn(void *object);

/* Decodes `in` into `*object`. If it is accepted, its encoding must be `in`, with the kept encodings and,
 * where `forget` is not NULL, without; if it is refused, the object must be empty. Aborts if not. */
void fuzz_roundtrip(void *object, size_t size, mls_codec_fn *visit, fuzz_forget_fn *forget, mls_view_t in);

/* Aborts with that text unless it holds. Other than assert(), it is there in every build. */
void fuzz_require(bool holds, const char *text);

/* What libFuzzer and driver.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#endif
