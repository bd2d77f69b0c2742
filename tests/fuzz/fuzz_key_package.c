/* fuzz_key_package.c -- KeyPackage (RFC 9420, Section 10). */
#include "key_package.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_key_package_data_t *key_package = object;
    key_package->tbs = (mls_view_t){ 0 };
    key_package->leaf_encoded = (mls_view_t){ 0 };
    key_package->leaf.tbs = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_key_package_data_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_key_package_data, forget, mls_view(data, len));
    return 0;
}
