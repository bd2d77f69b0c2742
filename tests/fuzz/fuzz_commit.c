/* fuzz_commit.c -- Commit, with UpdatePath (RFC 9420, Section 12.4). */
#include "proposal.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_commit_t *commit = object;
    commit->path.leaf_encoded = (mls_view_t){ 0 };
    commit->path.leaf.tbs = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_commit_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_commit, forget, mls_view(data, len));
    return 0;
}
