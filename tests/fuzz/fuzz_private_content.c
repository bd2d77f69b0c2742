/* fuzz_private_content.c -- what comes out of a PrivateMessage (RFC 9420, Section 6.3.1). The first byte is
 * the content type. */
#include "private_message.h"
#include "roundtrip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_private_content_t object;
    if (len == 0)
        return 0;
    fuzz_roundtrip(&object, sizeof object, mls_private_content_visitor(data[0]), NULL,
                   mls_view(data + 1, len - 1));
    return 0;
}
