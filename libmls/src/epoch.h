/* epoch.h -- what a member holds of one epoch, apart from the public tree. */
#ifndef MLS_EPOCH_H
#define MLS_EPOCH_H

#include "exporter_tree.h"
#include "framing.h"
#include "key_schedule.h"
#include "secret_tree.h"
#include "treekem.h"

/* A proposal of this epoch that waits for a Commit. Views point into `bytes`. */
typedef struct mls_pending_proposal {
    mls_bytes_t bytes; /* the encoded AuthenticatedContent */
    mls_secret_t ref;  /* its ProposalRef */
    mls_authenticated_content_t content;
    mls_proposal_t proposal;
    mls_hpke_private_t leaf_private_key;   /* of an own Update */
    mls_signature_key_t new_signature_key; /* of an own Update; empty if the leaf keeps the one it has */
} mls_pending_proposal_t;

/* The group that this one was reinitialised or branched from, while its first Commit waits: the PSK of that
 * Commit (RFC 9420, Sections 11.2 and 11.3). */
typedef struct mls_origin {
    uint8_t usage; /* MLS_PSK_USAGE_REINIT, MLS_PSK_USAGE_BRANCH; 0: a group that follows on no other */
    mls_bytes_t group_id;
    uint64_t epoch;
    mls_secret_t psk;
} mls_origin_t;

struct mls_pending_commit; /* group.h */

typedef struct mls_epoch {
    mls_bytes_t context_bytes; /* the encoded GroupContext */
    mls_group_context_t context;
    mls_secret_t interim_transcript_hash;
    mls_secret_t confirmation_tag;
    mls_epoch_secrets_t secrets;
    mls_secret_tree_t secret_tree;
    uint32_t own_leaf;
    mls_signature_key_t signature_key;
    mls_private_keys_t private_keys;
    uint32_t sent[2];    /* the next generation to send with, by mls_ratchet_kind_t */
    mls_origin_t origin; /* epoch 0 only */
    mls_bytes_t reinit;  /* the ReInit that began this epoch, encoded: it is the group's last */
    mls_exporter_tree_t exporter_tree;
    mls_pending_proposal_t **proposals;
    size_t num_proposals;
    struct mls_pending_commit **commits;
    size_t num_commits;
    bool is_dirty;        /* the fields differ from what was saved */
    bool lists_are_dirty; /* so do the pending proposals or Commits */
} mls_epoch_t;

MLS_MUST_USE mls_status_t mls_epoch_new(mls_epoch_t **out);
/* Pending Commits must be gone before. NULL is fine. */
void mls_epoch_free(mls_epoch_t *epoch);
/* Wipes what is only needed to act in the epoch, or to leave it by a Commit; late application messages can
 * still be read. */
void mls_epoch_retire(mls_epoch_t *epoch);
/* Wipes all secrets: nothing of the epoch can be read any more. */
void mls_epoch_end(mls_epoch_t *epoch);

/* Encodes a GroupContext into the epoch. */
MLS_MUST_USE mls_status_t mls_epoch_set_context(mls_epoch_t *epoch, const mls_group_context_t *context);

/* Makes the secret tree, of that many leaves, and the exporter tree; the secrets they grow from go with it.
 */
MLS_MUST_USE mls_status_t mls_epoch_plant_trees(mls_epoch_t *epoch, const mls_suite_t *suite,
                                                uint32_t num_leaves);

/* Makes the pending form of an authenticated content that holds a proposal. */
MLS_MUST_USE mls_status_t mls_pending_proposal_new(mls_pending_proposal_t **out, mls_crypto_t *crypto,
                                                   const mls_suite_t *suite,
                                                   mls_view_t authenticated_content);
void mls_pending_proposal_free(mls_pending_proposal_t *proposal);
/* Takes the proposal over, on success only. */
MLS_MUST_USE mls_status_t mls_epoch_add_proposal(mls_epoch_t *epoch, mls_pending_proposal_t *proposal);
/* NULL: no proposal of that reference. */
mls_pending_proposal_t *mls_epoch_find_proposal(const mls_epoch_t *epoch, mls_view_t ref);

#endif
