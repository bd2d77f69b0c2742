/* proposal_list.h -- the proposals of one Commit, and whether they may stand together (RFC 9420,
 * Section 12.2). */
#ifndef MLS_PROPOSAL_LIST_H
#define MLS_PROPOSAL_LIST_H

#include "epoch.h"
#include "mls/group_config.h"

typedef struct mls_listed_proposal {
    mls_proposal_t proposal; /* views as long as the Commit, or the pending proposal, lives */
    mls_sender_t sender;     /* by value: the committer */
    bool by_reference;
    mls_view_t ref;                        /* by reference */
    uint32_t leaf_index;                   /* Add: where it went; else that of mls_listed_proposal_target() */
    const mls_pending_proposal_t *pending; /* by reference: while the list is made */
    bool is_verified;                      /* Add: the signatures of the KeyPackage are good (rules L1, K4) */
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

size_t mls_proposal_list_count(const mls_proposal_list_t *list, uint16_t type);
/* Whether the Commit needs a path (RFC 9420, Section 12.4). */
bool mls_proposal_list_needs_path(const mls_proposal_list_t *list, const mls_group_config_t *config);
/* Whether it removes that leaf, by Remove or SelfRemove. */
bool mls_proposal_list_removes(const mls_proposal_list_t *list, uint32_t leaf);

/* The leaf that an Update, Remove or SelfRemove is about; false for other types. */
bool mls_listed_proposal_target(const mls_listed_proposal_t *item, uint32_t *leaf);

/* Orders the numbers of the AppDataUpdates by component, and inside one as they stand in the Commit.
 * `*order`, of `*count` numbers, is in `arena`. */
MLS_MUST_USE mls_status_t mls_proposal_list_app_data(const mls_proposal_list_t *list, mls_arena_t *arena,
                                                     size_t **order, size_t *count);

/* The rules on the list as a whole: of a member's Commit, and of an external one. */
MLS_MUST_USE mls_status_t mls_proposal_list_check(const mls_proposal_list_t *list, mls_crypto_t *crypto,
                                                  const mls_group_config_t *config,
                                                  const mls_sender_t *committer);

#endif
