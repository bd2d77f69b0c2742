/* fuzz_group_secrets.c -- GroupSecrets (RFC 9420, Section 12.4.3.1). */
#include "roundtrip.h"
#include "welcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_group_secrets_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_group_secrets, NULL, mls_view(data, len));
    return 0;
}
