/* fuzz_evidence.c -- evidence that somebody shows: its form, and the checks as far as it gets without the
 * signature. */
#include "evidence.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_evidence_data_t *data = object;
    data->signed_content.content_encoded = (mls_view_t){ 0 };
    data->context_encoded = (mls_view_t){ 0 };
    data->leaf_encoded = (mls_view_t){ 0 };
    data->leaf.tbs = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_evidence_data_t object;
    mls_evidence_t info;
    const mls_evidence_t empty = { 0 };
    mls_crypto_t *crypto;
    fuzz_roundtrip(&object, sizeof object, mls_codec_evidence, forget, mls_view(data, len));
    fuzz_require(mls_crypto_new(&crypto, NULL) == MLS_OK, "a crypto context can be made");
    const mls_status_t status = mls_evidence_read(&info, crypto, mls_view(data, len));
    if (status != MLS_OK) {
        fuzz_require(mls_status_is_input(status), "the input is blamed");
        fuzz_require(memcmp(&info, &empty, sizeof info) == 0, "what is refused leaves nothing");
    }
    mls_crypto_free(crypto);
    return 0;
}
