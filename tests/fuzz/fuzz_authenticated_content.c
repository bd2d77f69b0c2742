/* fuzz_authenticated_content.c -- AuthenticatedContent (RFC 9420, Section 6). */
#include "framing.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_authenticated_content_t *content = object;
    content->content_encoded = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_authenticated_content_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_authenticated_content, forget, mls_view(data, len));
    return 0;
}
