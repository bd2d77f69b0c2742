/* proposal_list.h -- the proposals of one Commit: whether they may stand together, and what they do
 * (RFC 9420, Sections 12.2 and 12.3). */
#ifndef MLS_PROPOSAL_LIST_H
#define MLS_PROPOSAL_LIST_H

#include "epoch.h"

typedef struct mls_listed_proposal {
    mls_proposal_t proposal; /* views as long as the Commit, or the pending proposal, lives */
    mls_sender_t sender;     /* by value: the committer */
    bool by_reference;
    mls_view_t ref;                        /* by reference */
    uint32_t leaf_index;                   /* Add: where it went; Remove: removed; Update: the sender */
    const mls_pending_proposal_t *pending; /* by reference: while the list is made */
} mls_listed_proposal_t;

typedef struct mls_proposal_list {
    mls_listed_proposal_t *items;
    size_t count;
} mls_proposal_list_t;

void mls_proposal_list_clear(mls_proposal_list_t *list);
MLS_MUST_USE mls_status_t mls_proposal_list_push(mls_proposal_list_t *list,
                                                 const mls_listed_proposal_t *item);

/* Resolves the ProposalOrRefs of a Commit against the epoch: rules M5, M5_TWICE, Q13. */
MLS_MUST_USE mls_status_t mls_proposal_list_read(mls_proposal_list_t *list, mls_crypto_t *crypto,
                                                 const mls_limits_t *limits, const mls_epoch_t *epoch,
                                                 const mls_commit_t *commit, const mls_sender_t *committer);

/* Whether the Commit needs a path (RFC 9420, Section 12.4). */
bool mls_proposal_list_needs_path(const mls_proposal_list_t *list);
/* Whether it removes that leaf. */
bool mls_proposal_list_removes(const mls_proposal_list_t *list, uint32_t leaf);

/* Where proposals are applied. */
typedef struct mls_apply {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_group_config_t *config;
    const mls_epoch_t *epoch; /* before the Commit */
    mls_sender_t committer;
    uint64_t now; /* seconds; 0: no lifetime is held against the clock */
    mls_tree_overlay_t *overlay;
} mls_apply_t;

/* Checks the list as a whole, then each proposal in the order of RFC 9420, Section 12.3 while applying it to
 * the overlay. `*extensions` become those of the new GroupContext. */
MLS_MUST_USE mls_status_t mls_proposal_list_apply(mls_proposal_list_t *list, mls_view_t *extensions,
                                                  const mls_apply_t *where);

/* The same for the last one of a list whose others are applied. On failure the overlay is as it was, unless
 * memory was short. */
MLS_MUST_USE mls_status_t mls_proposal_list_apply_last(mls_proposal_list_t *list, mls_view_t *extensions,
                                                       const mls_apply_t *where);

/* Rules for one proposal by itself, before it becomes pending (RFC 9420, Section 12.1). */
MLS_MUST_USE mls_status_t mls_proposal_check(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                             const mls_apply_t *where);

/* Rules of the extensions of a GroupContext by themselves; `before` are those that they replace, or none. */
MLS_MUST_USE mls_status_t mls_check_context_extensions(const mls_apply_t *where, mls_view_t before,
                                                       mls_view_t extensions);

/* Asks the Authentication Service about a leaf: rule C1. */
MLS_MUST_USE mls_status_t mls_authenticate_leaf(const mls_apply_t *where, mls_leaf_purpose_t purpose,
                                                const mls_leaf_info_t *leaf,
                                                const mls_leaf_info_t *predecessor);

/* Rules of a leaf that takes the place of another one of the same member, by Update or path: L6_KEY, L7, L8,
 * L3 and those of the extensions; `encoded` is the LeafNode. */
MLS_MUST_USE mls_status_t mls_check_successor(const mls_apply_t *where, mls_leaf_purpose_t purpose,
                                              uint32_t leaf_index, const mls_leaf_node_t *leaf,
                                              mls_view_t encoded, mls_view_t extensions);

/* Rules of the leaf of an external Commit; `former` is the leaf that the Commit removes, or NULL: rule X2. */
MLS_MUST_USE mls_status_t mls_check_joiner(const mls_apply_t *where, uint32_t leaf_index,
                                           const mls_leaf_node_t *leaf, mls_view_t encoded,
                                           mls_view_t extensions, const mls_leaf_info_t *former);

#endif
