/* tree.h -- ratchet trees in test vectors. */
#ifndef MLS_VECTORS_TREE_H
#define MLS_VECTORS_TREE_H

#include "tree_hash.h"
#include "vectors.h"

enum { VECTOR_MAX_LEAVES = 1 << 16 };

/* A decoded tree, and an overlay to look at it and to change it. */
typedef struct vector_tree {
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
} vector_tree_t;

/* Decodes a field; the caller clears `*out`, also on failure. */
bool vector_tree_read(vector_case_t *c, vector_tree_t *out, const char *field);
void vector_tree_clear(vector_tree_t *tree);
/* Compares the encoding of the tree as the overlay shows it with a field. */
bool vector_tree_equal(vector_case_t *c, const vector_tree_t *tree, const char *field);

#endif
