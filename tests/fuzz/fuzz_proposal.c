/* fuzz_proposal.c -- Proposal (RFC 9420, Section 12.1). */
#include "proposal.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_proposal_t *proposal = object;
    proposal->encoded = (mls_view_t){ 0 };
    proposal->key_package_encoded = (mls_view_t){ 0 };
    proposal->key_package.tbs = (mls_view_t){ 0 };
    proposal->leaf_encoded = (mls_view_t){ 0 };
    proposal->leaf.tbs = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_proposal_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_proposal, forget, mls_view(data, len));
    return 0;
}
