/* fuzz_message.c -- MLSMessage with everything that it may carry (RFC 9420, Section 6), and what
 * mls_message_inspect() says of it. */
#include "mls/message.h"
#include "roundtrip.h"
#include "welcome.h"

static void forget(void *object)
{
    mls_message_t *message = object;
    message->public_message.content.content_encoded = (mls_view_t){ 0 };
    message->group_info.tbs = (mls_view_t){ 0 };
    message->group_info.context_encoded = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_view_t in = mls_view(data, len);
    mls_message_t object;
    mls_message_info_t info;

    fuzz_roundtrip(&object, sizeof object, mls_codec_message, forget, in);
    if (mls_message_inspect(&info, in) == MLS_OK)
        fuzz_require(info.wire_format == object.wire_format, "inspecting and decoding agree");
    return 0;
}
