/* fuzz_leaf_node.c -- LeafNode (RFC 9420, Section 7.2). */
#include "leaf_node.h"
#include "roundtrip.h"

static void forget(void *object)
{
    mls_leaf_node_t *leaf = object;
    leaf->tbs = (mls_view_t){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_leaf_node_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_leaf_node, forget, mls_view(data, len));
    return 0;
}
