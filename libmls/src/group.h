/* group.h -- the inside of mls_group_t. */
#ifndef MLS_SRC_GROUP_H
#define MLS_SRC_GROUP_H

#include "staged_commit.h"
#include "welcome.h"

/* An own Commit that waits. It can be staged again from what is kept here, so this is all that is stored. */
struct mls_pending_commit {
    struct mls_group *group;
    uint64_t epoch;
    mls_bytes_t message;                   /* the MLSMessage */
    mls_bytes_t content;                   /* the encoded AuthenticatedContent */
    mls_hpke_private_t leaf_private_key;   /* of the path's leaf; empty without path */
    mls_signature_key_t new_signature_key; /* of the path's leaf; empty if it keeps the one it had */
    mls_secret_t path_secret;     /* of the lowest node of the path; or the commit_secret if there is none */
    mls_bytes_t group_info;       /* the encrypted GroupInfo, once it is made */
    mls_hpke_info_t welcome_info; /* of it, the same for all joiners; len 0 until it is needed */
    mls_staged_commit_t *staged;  /* NULL after loading, until it is needed */
    mls_path_secrets_t path_secrets; /* for the joiners; with `staged` */
    mls_filtered_path_t path;
};

/* An epoch that is over: how to read its late messages and, while it is unsettled, how to go back. */
typedef struct mls_past_epoch {
    mls_epoch_t *epoch;
    mls_tree_overlay_t back; /* what the tree had where the next Commit changed it */
    uint64_t ended_at;       /* seconds */
    bool is_unsettled;
    bool is_dirty; /* not saved as it is */
} mls_past_epoch_t;

typedef struct mls_resumption_psk {
    uint64_t epoch;
    mls_secret_t secret;
} mls_resumption_psk_t;

/* Generations that were sent with in an epoch that was gone back from: should the same epoch come again, they
 * are not used again. */
typedef struct mls_used_generations {
    uint64_t epoch;
    mls_secret_t confirmation_tag; /* tells it from others of that number */
    uint32_t sent[2];
} mls_used_generations_t;

struct mls_group {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    mls_group_config_t config;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t view; /* the tree as it is: an overlay without changes */
    mls_epoch_t *epoch;
    mls_past_epoch_t *past; /* ascending, without gaps up to the current epoch */
    size_t num_past;
    mls_resumption_psk_t *resumption_psks; /* ascending by epoch */
    size_t num_resumption_psks;
    mls_used_generations_t *used_generations;
    size_t num_used_generations;
    bool is_removed;
    bool is_joining;              /* by an external Commit that has not come back yet */
    bool is_new;                  /* never saved */
    bool is_dirty;                /* the fields differ from what was saved */
    mls_index_list_t dirty_nodes; /* nodes of the tree that do; ascending */
    bool all_nodes_are_dirty;
    struct {
        uint64_t *items;
        size_t count;
    } gone_epochs; /* epochs whose entries are still in the store */
};

/* A group without an epoch, with the configuration completed by defaults. */
MLS_MUST_USE mls_status_t mls_group_new(mls_group_t **out, mls_crypto_t *crypto, const mls_suite_t *suite,
                                        const mls_group_config_t *config);
/* Takes the tree over. */
MLS_MUST_USE mls_status_t mls_group_set_tree(mls_group_t *group, mls_ratchet_tree_t *tree);

/* Whether the group can be acted in: a member's, and not reinitialised. */
bool mls_group_is_active(const mls_group_t *group);

/* Where proposals of the current epoch are checked and applied. */
mls_apply_t mls_group_apply(const mls_group_t *group, mls_tree_overlay_t *overlay,
                            const mls_sender_t *committer, uint64_t now);
mls_psk_source_t mls_group_psk_source(const mls_group_t *group);

/* The past epoch of that number, or NULL. */
mls_past_epoch_t *mls_group_past(const mls_group_t *group, uint64_t epoch);
/* The leaf at an index in an epoch, current or past; NULL: blank or beyond the tree. */
mls_tree_leaf_t *mls_group_leaf_in(const mls_group_t *group, uint64_t epoch, uint32_t leaf_index);

/* Signs a content of the own leaf for the current epoch; views in `*content` end with `*signature`, which the
 * caller clears. */
MLS_MUST_USE mls_status_t mls_group_sign(const mls_group_t *group, mls_authenticated_content_t *content,
                                         mls_bytes_t *signature);
/* Makes the MLSMessage of a signed content and uses up the generation; the last thing that can fail. */
MLS_MUST_USE mls_status_t mls_group_protect(mls_group_t *group, mls_bytes_t *out,
                                            const mls_authenticated_content_t *content);
/* The fields of a content of the own leaf. */
mls_framed_content_t mls_group_framed(const mls_group_t *group, mls_content_type_t type, mls_view_t body,
                                      mls_view_t authenticated_data);
/* Encodes what a specification asks for as a Proposal into `*out`, which the caller clears. Update: see
 * mls_group_propose(). */
MLS_MUST_USE mls_status_t mls_proposal_spec_encode(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_bytes_t *out, const mls_proposal_spec_t *spec);

/* The same for the PSK of the group that this one follows on. */
MLS_MUST_USE mls_status_t mls_origin_proposal_encode(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                     mls_bytes_t *out, const mls_origin_t *origin);

/* The rest of the configuration's defaults: limits, lifetime. */
mls_group_config_t mls_group_config_complete(const mls_group_config_t *config);

void mls_pending_commit_free(mls_pending_commit_t *pending);
/* RFC 9420, Section 12.4.3: makes and signs a GroupInfo, encoded without MLSMessage, for an epoch and a tree.
 * The caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_group_info_make(const mls_group_t *group, mls_bytes_t *out,
                                              const mls_epoch_t *epoch, const mls_tree_overlay_t *overlay,
                                              const mls_group_info_options_t *options);
/* Joining, by whatever way: reads the tree that the GroupInfo has or that was given, checks the signature of
 * the GroupInfo, the tree and every leaf; only that of `own_leaf`, a LeafNode which was signed here (empty:
 * none is), is not verified. group->epoch has the context. */
MLS_MUST_USE mls_status_t mls_group_take_tree(mls_group_t *group, const mls_group_info_t *info,
                                              mls_view_t ratchet_tree, mls_view_t own_leaf);
/* Makes sure that the pending Commit is staged: after loading it is staged again. */
MLS_MUST_USE mls_status_t mls_pending_commit_stage(mls_pending_commit_t *pending);
void mls_group_free_pending(mls_epoch_t *epoch);
/* Drops the n-th past epoch and remembers to erase it from the store. */
void mls_group_drop_past(mls_group_t *group, size_t n);

#endif
