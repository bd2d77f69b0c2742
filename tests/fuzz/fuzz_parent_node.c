/* fuzz_parent_node.c -- ParentNode (RFC 9420, Section 7.1). */
#include "roundtrip.h"
#include "tree_node.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    mls_parent_node_t object;
    fuzz_roundtrip(&object, sizeof object, mls_codec_parent_node, NULL, mls_view(data, len));
    return 0;
}
