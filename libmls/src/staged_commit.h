/* staged_commit.h -- what a Commit makes of a group, beside the group: nothing of it is changed yet
 * (RFC 9420, Sections 12.4 and 14). */
#ifndef MLS_STAGED_COMMIT_H
#define MLS_STAGED_COMMIT_H

#include "proposal_apply.h"

/* The secrets that joiners of the new epoch are given. */
typedef struct mls_joiner_material {
    mls_secret_t joiner_secret;
    mls_secret_t psk_secret;
    mls_pre_shared_key_id_t *psk_ids; /* views into the Commit's proposals */
    size_t num_psks;
} mls_joiner_material_t;

struct mls_staged_commit {
    unsigned refs; /* an own Commit's belongs to what is pending and to each time that it is received */
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    mls_bytes_t content; /* the encoded AuthenticatedContent of the Commit: views point into it */
    mls_arena_t arena;   /* vectors of the decoded Commit */
    mls_authenticated_content_t authenticated;
    mls_commit_t commit;
    mls_bytes_t *referenced; /* copies of the proposals that it refers to */
    size_t num_referenced;
    mls_proposal_list_t proposals;
    mls_bytes_t extensions; /* of the new GroupContext, encoded */
    uint64_t epoch_before;
    mls_secret_t
        tag_before; /* the confirmation tag of the epoch before: tells it from others of its number */
    uint32_t committer;
    bool is_external; /* by a new member */
    bool is_readable;
    bool removes_self;
    bool is_used; /* merged */
    mls_tree_overlay_t overlay;
    mls_epoch_t *next; /* NULL where it is not readable or removes the own leaf */
    mls_joiner_material_t joiner;
};

MLS_MUST_USE mls_status_t mls_staged_commit_new(mls_staged_commit_t **out, mls_crypto_t *crypto,
                                                const mls_suite_t *suite, mls_ratchet_tree_t *tree,
                                                const mls_epoch_t *before);
/* Gives up one reference. */
void mls_staged_commit_free(mls_staged_commit_t *staged);

/* Gives the Commit its bytes: takes a copy of the authenticated content and decodes it. */
MLS_MUST_USE mls_status_t mls_staged_commit_set_content(mls_staged_commit_t *staged,
                                                        const mls_authenticated_content_t *content);
/* Makes what the Commit says independent of the pending proposals that it refers to. */
MLS_MUST_USE mls_status_t mls_staged_commit_detach(mls_staged_commit_t *staged);

/* The encoded GroupContext of the new epoch with that transcript hash; the provisional one has the hash of
 * the epoch before (RFC 9420, Section 12.4.1). The tree hashes must be computed. The caller clears it. */
MLS_MUST_USE mls_status_t mls_staged_commit_context(const mls_staged_commit_t *staged, mls_bytes_t *out,
                                                    const mls_epoch_t *before,
                                                    mls_view_t confirmed_transcript_hash);

/* The PSKs that the Commit names, in its order, as psk_secret (RFC 9420, Section 8.4): rule M4. */
typedef struct mls_psk_source {
    const mls_group_config_t *config;
    mls_view_t group_id;
    /* Resumption PSKs of this group: the secret of an epoch, NULL if it is not kept. */
    const mls_secret_t *(*resumption)(const void *arg, uint64_t epoch);
    const void *resumption_arg;
    const mls_origin_t *origin; /* of the epoch; NULL: none */
} mls_psk_source_t;
MLS_MUST_USE mls_status_t mls_staged_commit_psks(mls_staged_commit_t *staged, const mls_psk_source_t *source);

/* The secret of one PSK from that source. `*secret` is borrowed. MLS_ERR_NOT_FOUND. */
MLS_MUST_USE mls_status_t mls_psk_find(const mls_psk_source_t *source, const mls_pre_shared_key_id_t *id,
                                       mls_view_t *secret);

/* Makes the new epoch from the one before: transcript hashes, key schedule and secret tree. The private keys
 * and the signature key are the caller's to set. `*confirmation_tag` is the one the Commit has to carry. */
MLS_MUST_USE mls_status_t mls_staged_commit_enter(mls_staged_commit_t *staged, mls_secret_t *confirmation_tag,
                                                  const mls_epoch_t *before, const mls_secret_t *init_secret,
                                                  const mls_secret_t *commit_secret,
                                                  mls_view_t content_encoded, uint16_t wire_format,
                                                  mls_view_t signature);

#endif
