/* member_check.h -- whether a leaf may become, or stay, that of a member: what RFC 9420, Section 7.3 asks of
 * it in the light of the group. */
#ifndef MLS_MEMBER_CHECK_H
#define MLS_MEMBER_CHECK_H

#include "epoch.h"
#include "mls/group_config.h"

/* Where proposals and the leaves in them are checked and applied. */
typedef struct mls_apply {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_group_config_t *config;
    const mls_epoch_t *epoch; /* before the Commit */
    mls_sender_t committer;
    uint64_t now; /* seconds; 0: no lifetime is held against the clock */
    mls_tree_overlay_t *overlay;
} mls_apply_t;

/* Asks the Authentication Service about a leaf: rule C1. */
MLS_MUST_USE mls_status_t mls_authenticate_leaf(const mls_apply_t *where, mls_leaf_purpose_t purpose,
                                                const mls_leaf_info_t *leaf,
                                                const mls_leaf_info_t *predecessor);

/* Rules of a leaf that takes the place of another one of the same member, by Update or path: L6_KEY, L7, L8,
 * L3 and those of the extensions; `encoded` is the LeafNode. Of one that was signed here, which nobody else
 * can have touched, rule L1 is left out: it takes longer than all the others. */
MLS_MUST_USE mls_status_t mls_check_successor(const mls_apply_t *where, mls_leaf_purpose_t purpose,
                                              uint32_t leaf_index, const mls_leaf_node_t *leaf,
                                              mls_view_t encoded, mls_view_t extensions, bool is_signed_here);

/* Rules of the leaf of an external Commit; `former` is the leaf that the Commit removes, or NULL: rule X2.
 * The rest as above. */
MLS_MUST_USE mls_status_t mls_check_joiner(const mls_apply_t *where, uint32_t leaf_index,
                                           const mls_leaf_node_t *leaf, mls_view_t encoded,
                                           mls_view_t extensions, const mls_leaf_info_t *former,
                                           bool is_signed_here);

/* Rules of a KeyPackage in an Add; `is_verified`: its signatures are known to be good. That the client is new
 * is another question: mls_check_new_client(). */
MLS_MUST_USE mls_status_t mls_check_added(const mls_apply_t *where, const mls_key_package_data_t *kp,
                                          mls_view_t extensions, bool is_verified);
/* Rules Q5, Q6 and L8: who has a signature key that stands in the tree is the same client, added by this
 * Commit or a member before it. */
MLS_MUST_USE mls_status_t mls_check_new_client(const mls_apply_t *where, const mls_leaf_node_t *leaf);

#endif
