/* tree_node.h -- what stands at a place of the ratchet tree (RFC 9420, Sections 7.1 and 7.2).
 *
 * Nodes are counted by reference and never change once they can be seen from two places, so that a staged
 * Commit, the tree and its history share them. A leaf is one block of memory: its encoding. */
#ifndef MLS_TREE_NODE_H
#define MLS_TREE_NODE_H

#include "index_list.h"
#include "leaf_node.h"

typedef struct mls_tree_leaf {
    uint32_t refs;
    uint32_t len; /* bytes of `encoded` */
    uint8_t encoded[];
} mls_tree_leaf_t;

/* struct {
 *     HPKEPublicKey encryption_key;
 *     opaque parent_hash<V>;
 *     uint32 unmerged_leaves<V>;
 * } ParentNode;                                                       RFC 9420, Section 7.1 */
typedef struct mls_tree_parent {
    uint32_t refs;
    uint16_t encryption_key_len;
    uint16_t parent_hash_len;
    mls_index_list_t unmerged_leaves; /* ascending */
    uint8_t bytes[];                  /* encryption_key, parent_hash */
} mls_tree_parent_t;

/* Makes a leaf of an encoded LeafNode, whose shape is checked. MLS_ERR_MALFORMED, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mls_tree_leaf_new(mls_tree_leaf_t **out, mls_view_t encoded);
MLS_MUST_USE mls_status_t mls_tree_parent_new(mls_tree_parent_t **out, mls_view_t encryption_key,
                                              mls_view_t parent_hash);
/* A parent of one's own with the same content, to be changed. */
MLS_MUST_USE mls_status_t mls_tree_parent_copy(mls_tree_parent_t **out, const mls_tree_parent_t *parent);

/* Give one reference back; NULL is fine. */
void mls_tree_leaf_release(mls_tree_leaf_t *leaf);
void mls_tree_parent_release(mls_tree_parent_t *parent);

mls_view_t mls_tree_leaf_encoded(const mls_tree_leaf_t *leaf);
mls_view_t mls_tree_leaf_encryption_key(const mls_tree_leaf_t *leaf);
mls_view_t mls_tree_leaf_signature_key(const mls_tree_leaf_t *leaf);
/* The fields; views end with the leaf. It was decoded before, so this cannot fail. */
mls_leaf_node_t mls_tree_leaf_decode(const mls_tree_leaf_t *leaf);

mls_view_t mls_tree_parent_encryption_key(const mls_tree_parent_t *parent);
mls_view_t mls_tree_parent_hash_field(const mls_tree_parent_t *parent);

/* The wire form of ParentNode. */
typedef struct mls_parent_node {
    mls_view_t encryption_key, parent_hash;
    mls_view_t unmerged_leaves; /* encoded uint32 values */
} mls_parent_node_t;

void mls_codec_parent_node(mls_codec_t *codec, void *object);
/* It is not longer than that, in bytes. */
size_t mls_tree_parent_encoded_len(const mls_tree_parent_t *parent);
/* Encodes a parent node; the caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_tree_parent_encode(mls_bytes_t *out, const mls_tree_parent_t *parent);
/* MLS_ERR_MALFORMED: unmerged leaves that are not sorted (rule W11_SORTED). */
MLS_MUST_USE mls_status_t mls_tree_parent_from(mls_tree_parent_t **out, mls_crypto_t *crypto,
                                               const mls_parent_node_t *node);

#endif
