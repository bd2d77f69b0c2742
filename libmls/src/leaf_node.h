/* leaf_node.h -- LeafNode: what a member shows of itself in the tree (RFC 9420, Sections 7.2 and 7.3). */
#ifndef MLS_LEAF_NODE_H
#define MLS_LEAF_NODE_H

#include "credential.h"

/* struct {
 *     HPKEPublicKey encryption_key;
 *     SignaturePublicKey signature_key;
 *     Credential credential;
 *     Capabilities capabilities;
 *     LeafNodeSource leaf_node_source;
 *     select (LeafNode.leaf_node_source) {
 *         case key_package: Lifetime lifetime;
 *         case update:      struct{};
 *         case commit:      opaque parent_hash<V>;
 *     };
 *     Extension extensions<V>;
 *     opaque signature<V>;
 * } LeafNode;                                                         RFC 9420, Section 7.2 */
typedef struct mls_leaf_node {
    mls_view_t tbs; /* all but the signature, as decoded */
    mls_view_t encryption_key;
    mls_view_t signature_key;
    mls_credential_t credential;
    mls_leaf_capabilities_t capabilities;
    uint8_t source; /* mls_leaf_node_source_t */
    uint64_t not_before, not_after;
    mls_view_t parent_hash;
    mls_view_t extensions;
    mls_view_t signature;
} mls_leaf_node_t;

void mls_codec_leaf_node(mls_codec_t *codec, void *object);
MLS_MUST_USE mls_status_t mls_leaf_node_decode(mls_leaf_node_t *out, mls_view_t encoded);

/* Where a leaf node stands or shall stand; group_id and index count for source update and commit only. */
typedef struct mls_leaf_place {
    mls_view_t group_id;
    uint32_t leaf_index;
} mls_leaf_place_t;

/* Signs the leaf's fields (the signature field is ignored) and encodes it into `*out`. */
MLS_MUST_USE mls_status_t mls_leaf_node_sign(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                             const mls_leaf_node_t *leaf, const mls_signature_key_t *key,
                                             const mls_leaf_place_t *place);
/* RFC 9420, Section 7.2: rule L1. */
MLS_MUST_USE mls_status_t mls_leaf_node_verify(mls_crypto_t *crypto, const mls_suite_t *suite,
                                               const mls_leaf_node_t *leaf, const mls_leaf_place_t *place);

/* The rules of RFC 9420, Section 7.3 that a leaf keeps or breaks by itself: its keys, lists, lifetime length
 * and source. `max_lifetime` in seconds; `now` 0 leaves the clock out. */
typedef struct mls_leaf_rules {
    const mls_limits_t *limits;
    uint64_t max_lifetime;
    uint64_t now;
    mls_leaf_node_source_t source;
    bool any_source; /* in a tree that is joined */
} mls_leaf_rules_t;
MLS_MUST_USE mls_status_t mls_leaf_node_check(mls_crypto_t *crypto, const mls_suite_t *suite,
                                              const mls_leaf_node_t *leaf, const mls_leaf_rules_t *rules);

/* Whether the leaf supports what a GroupContext with these extensions asks of every member: rules L2, L11. */
MLS_MUST_USE mls_status_t mls_leaf_node_check_extensions(mls_crypto_t *crypto, const mls_leaf_node_t *leaf,
                                                         mls_view_t group_context_extensions);
/* Whether its capabilities name the extension, or need not. */
bool mls_leaf_node_lists_extension(const mls_leaf_node_t *leaf, uint16_t type);
/* Whether a group with this member may use it: as far as the member is concerned. */
bool mls_leaf_node_supports_extension(const mls_leaf_node_t *leaf, uint16_t type);
bool mls_leaf_node_supports_proposal(const mls_leaf_node_t *leaf, uint16_t type);
bool mls_leaf_node_supports_credential(const mls_leaf_node_t *leaf, uint16_t type);

/* The public form of a leaf. `encoded` is the whole LeafNode. */
void mls_leaf_node_info(mls_leaf_info_t *out, const mls_leaf_node_t *leaf, mls_view_t encoded,
                        uint32_t leaf_index);

/* Runs the host's hook on a leaf that is to be made: sets leaf->extensions to a list in `*extensions`, which
 * the caller clears. */
MLS_MUST_USE mls_status_t mls_leaf_node_run_hook(const mls_leaf_hook_t *hook, mls_leaf_node_t *leaf,
                                                 mls_bytes_t *extensions, uint16_t cipher_suite,
                                                 mls_view_t init_key, mls_view_t group_id);

#endif
