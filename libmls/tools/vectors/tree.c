#include "tree.h"
#include "tree_codec.h"

bool vector_tree_read(vector_case_t *c, vector_tree_t *out, const char *field)
{
    const mls_view_t encoded = vector_bytes(c, c->json, field);
    *out = (vector_tree_t){ 0 };
    return vector_good(c) &&
           vector_ok(c, field,
                     mls_tree_decode(&out->tree, c->crypto, c->suite, encoded, VECTOR_MAX_LEAVES)) &&
           vector_ok(c, field, mls_tree_overlay_init(&out->overlay, out->tree));
}

void vector_tree_clear(vector_tree_t *tree)
{
    mls_tree_overlay_clear(&tree->overlay);
    mls_ratchet_tree_free(tree->tree);
    *tree = (vector_tree_t){ 0 };
}

bool vector_tree_equal(vector_case_t *c, const vector_tree_t *tree, const char *field)
{
    mls_bytes_t encoded = { 0 };
    const bool equal = vector_ok(c, field, mls_tree_encode(&encoded, &tree->overlay)) &&
                       vector_equal(c, c->json, field, mls_bytes_view(&encoded));
    mls_bytes_clear(&encoded);
    return equal;
}
