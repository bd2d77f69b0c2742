/* key_index.h -- finds the node that has a public key, in constant time whatever the size of the tree.
 *
 * RFC 9420, Section 7.3 wants keys to be unique in the group; nobody scans for that. The index holds no keys,
 * only references to nodes: whoever keeps the nodes gives the key of a reference through a function. The
 * places are chosen by a keyed hash, so that nobody can make keys that collide. */
#ifndef MLS_KEY_INDEX_H
#define MLS_KEY_INDEX_H

#include "suite.h"
#include "tree_math.h"

typedef enum mls_key_kind { MLS_KEY_ENCRYPTION = 0, MLS_KEY_SIGNATURE = 1 } mls_key_kind_t;

typedef struct mls_key_index {
    uint8_t hash_key[16];
    uint32_t *slots; /* 0: free, else reference + 1 */
    uint32_t num_slots, num_used;
} mls_key_index_t;

/* The key that the node has; an empty view if it has none. */
typedef mls_view_t mls_key_of_fn(const void *nodes, mls_node_index_t node, mls_key_kind_t kind);

MLS_MUST_USE mls_status_t mls_key_index_init(mls_key_index_t *index, mls_crypto_t *crypto);
void mls_key_index_clear(mls_key_index_t *index);

/* Makes room, so that that many insertions cannot fail. */
MLS_MUST_USE mls_status_t mls_key_index_reserve(mls_key_index_t *index, uint32_t num_more,
                                                mls_key_of_fn *key_of, const void *nodes);
/* Within what was reserved. The node must have the key. */
void mls_key_index_insert(mls_key_index_t *index, mls_view_t key, mls_node_index_t node, mls_key_kind_t kind);
/* Takes the reference out, while the node still has the key; nothing if it is not in. */
void mls_key_index_remove(mls_key_index_t *index, mls_view_t key, mls_node_index_t node, mls_key_kind_t kind,
                          mls_key_of_fn *key_of, const void *nodes);

/* Steps through the nodes that have the key: `*at` starts at 0. False at the end. */
bool mls_key_index_find(const mls_key_index_t *index, mls_node_index_t *node, uint32_t *at, mls_view_t key,
                        mls_key_kind_t kind, mls_key_of_fn *key_of, const void *nodes);

#endif
