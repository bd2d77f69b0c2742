/* proposal.h -- what can be proposed, what was proposed, and what waits for a Commit (RFC 9420,
 * Section 12.1). */
#ifndef MLS_PROPOSAL_PUBLIC_H
#define MLS_PROPOSAL_PUBLIC_H

#include "group.h"
#include "message.h"

/* RFC 9420, Section 17.4 */
typedef enum mls_proposal_type {
    MLS_PROPOSAL_ADD = 1,
    MLS_PROPOSAL_UPDATE = 2,
    MLS_PROPOSAL_REMOVE = 3,
    MLS_PROPOSAL_PSK = 4,
    MLS_PROPOSAL_REINIT = 5,
    MLS_PROPOSAL_EXTERNAL_INIT = 6,
    MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS = 7
} mls_proposal_type_t;

/* A proposal to make. */
typedef struct mls_proposal_spec {
    mls_proposal_type_t type;
    mls_view_t key_package;             /* ADD: an MLSMessage or KeyPackage, validated again here */
    uint32_t removed;                   /* REMOVE: leaf index */
    mls_psk_id_t psk;                   /* PSK; the nonce is made here */
    const mls_extensions_t *extensions; /* GROUP_CONTEXT_EXTENSIONS: the whole new list */
    mls_leaf_hook_t leaf_hook;          /* UPDATE: a fresh encryption key in the own leaf */
} mls_proposal_spec_t;

typedef struct mls_handshake_options {
    mls_view_t authenticated_data;
    bool as_public_message; /* signed and tagged, but not encrypted (RFC 9420, Section 6.2) */
} mls_handshake_options_t;

/* Makes a Proposal as an MLSMessage in `*out`, which the caller clears, and keeps it as pending. Uses up one
 * generation of the handshake ratchet: save before it leaves. MLS_ERR_INVALID and the like if nobody could
 * take it, MLS_ERR_STATE, MLS_ERR_LIMIT. */
MLS_API MLS_MUST_USE mls_status_t mls_group_propose(mls_group_t *group, mls_bytes_t *out,
                                                    const mls_proposal_spec_t *proposal,
                                                    const mls_handshake_options_t *options);

/* A proposal, as received or as part of a Commit. Views end with what it was asked of. */
typedef struct mls_proposal_info {
    uint16_t type; /* mls_proposal_type_t, or another registered type */
    mls_sender_type_t sender_type;
    uint32_t sender; /* leaf index of who proposed it; an external sender's number */
    bool by_reference;
    uint32_t leaf_index;    /* REMOVE: removed; UPDATE: the sender; ADD in a staged Commit: where it went */
    mls_view_t key_package; /* ADD: the encoded KeyPackage */
    mls_leaf_info_t leaf;   /* ADD, UPDATE: the new leaf */
    mls_view_t extensions;  /* GROUP_CONTEXT_EXTENSIONS: the encoded new list */
    mls_view_t encoded;     /* the whole Proposal */
} mls_proposal_info_t;

/* The proposals that wait for a Commit in this epoch, in the order they came: the n-th.
 * MLS_ERR_NOT_FOUND beyond them. */
MLS_API MLS_MUST_USE mls_status_t mls_group_pending_proposal(const mls_group_t *group,
                                                             mls_proposal_info_t *out, size_t n);
/* Forgets the n-th, as if it had not come. MLS_ERR_STATE while an own pending Commit refers to it. */
MLS_API MLS_MUST_USE mls_status_t mls_group_drop_proposal(mls_group_t *group, size_t n);

#endif
