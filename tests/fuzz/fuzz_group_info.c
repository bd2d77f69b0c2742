/* fuzz_group_info.c -- GroupInfo (RFC 9420, Section 12.4.3). */
#include "roundtrip.h"
#include "welcome.h"

static void forget(void *object)
{
    mls_group_info_t *info = object;
    info->tbs = (mls_view_t){ 0 };
    info->context_encoded = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_group_info_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_group_info, forget, mls_view(data, len));
    return 0;
}
