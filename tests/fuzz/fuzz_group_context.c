/* fuzz_group_context.c -- GroupContext (RFC 9420, Section 8.1). */
#include "group_context.h"
#include "roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_group_context_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_group_context, NULL, mls_view(data, len));
    return 0;
}
