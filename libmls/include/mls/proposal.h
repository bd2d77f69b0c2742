/* proposal.h -- what can be proposed, what was proposed, and what waits for a Commit (RFC 9420,
 * Section 12.1). */
#ifndef MLS_PROPOSAL_PUBLIC_H
#define MLS_PROPOSAL_PUBLIC_H

#include "group.h"
#include "message.h"

/* Types of proposals (RFC 9420, Section 17.4); those of draft-ietf-mls-extensions are in app_data.h. */
enum {
    MLS_PROPOSAL_ADD = 1,
    MLS_PROPOSAL_UPDATE = 2,
    MLS_PROPOSAL_REMOVE = 3,
    MLS_PROPOSAL_PSK = 4,
    MLS_PROPOSAL_REINIT = 5,
    MLS_PROPOSAL_EXTERNAL_INIT = 6,
    MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS = 7
};

/* The parameters of the group that takes the place of a reinitialised one (RFC 9420, Section 12.1.5). */
typedef struct mls_reinit {
    mls_view_t group_id;
    uint16_t version;      /* 0: mls10 */
    uint16_t cipher_suite; /* need not be one of this build */
    const mls_extensions_t *extensions;
} mls_reinit_t;

/* What changes in the own leaf beside its encryption key (RFC 9420, Sections 7.5 and 12.1.2). All zero:
 * nothing. Members ask the Authentication Service whether the new leaf may succeed the old one. */
typedef struct mls_leaf_change {
    /* A new signature key, in the form of mls_crypto_signature_key_pair(); empty: the one it has. It counts
     * from the next epoch on: the message that announces it is signed with the old one. */
    mls_view_t signature_private_key;
    const mls_credential_t *credential;     /* NULL: the one it has */
    const mls_capabilities_t *capabilities; /* NULL: those it has; as in mls_key_package_params_t */
    bool grease;                            /* of new capabilities (RFC 9420, Section 13.5) */
} mls_leaf_change_t;

/* A proposal to make. */
typedef struct mls_proposal_spec {
    uint16_t type;
    mls_view_t key_package;               /* ADD: an MLSMessage or KeyPackage, validated again here */
    uint32_t removed;                     /* REMOVE: leaf index */
    mls_psk_id_t psk;                     /* PSK; the nonce is made here */
    mls_reinit_t reinit;                  /* REINIT */
    const mls_extensions_t *extensions;   /* GROUP_CONTEXT_EXTENSIONS: the whole new list */
    mls_leaf_hook_t leaf_hook;            /* UPDATE: a fresh encryption key in the own leaf */
    const mls_leaf_change_t *leaf_change; /* UPDATE: and more that changes; NULL: nothing */
    uint16_t component_id;                /* APP_DATA_UPDATE, APP_EPHEMERAL */
    bool is_removal;                      /* APP_DATA_UPDATE: the component's data are removed */
    mls_view_t data; /* APP_DATA_UPDATE: the update; APP_EPHEMERAL; custom types: the body */
} mls_proposal_spec_t;

/* How a Proposal or Commit is sent. All zero: encrypted, with nothing beside it. */
typedef struct mls_handshake_options {
    mls_view_t authenticated_data; /* authenticated, not encrypted */
    bool as_public_message;        /* signed and tagged, but not encrypted (RFC 9420, Section 6.2) */
} mls_handshake_options_t;

/* Makes a Proposal as an MLSMessage in `*out`, which the caller clears, and keeps it as pending; `options`
 * may be NULL. A SelfRemove is always a PublicMessage. Uses up one generation of the handshake ratchet,
 * unless it is a PublicMessage: save the group before it leaves. MLS_ERR_ARGUMENT: not a proposal that
 * members make, or a PublicMessage where `private_handshake_only`. MLS_ERR_STATE: removed, joining, at its
 * end; or an own SelfRemove is pending. MLS_ERR_LIMIT: too many are pending, or were sent in this epoch.
 * MLS_ERR_INVALID and its like: members would refuse it. MLS_ERR_REJECTED, or what a callback said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_propose(mls_group_t *group, mls_bytes_t *out,
                                                    const mls_proposal_spec_t *proposal,
                                                    const mls_handshake_options_t *options);

/* A proposal, as received or as part of a Commit. Views end with what it was asked of. */
typedef struct mls_proposal_info {
    uint16_t type; /* MLS_PROPOSAL_…, or a custom type */
    mls_sender_type_t sender_type;
    uint32_t sender; /* leaf index of who proposed it; an external sender's number */
    bool by_reference;
    uint32_t leaf_index; /* REMOVE, SELF_REMOVE: removed; UPDATE: the sender; ADD in a staged Commit: where it
                            went */
    mls_view_t key_package; /* ADD: the encoded KeyPackage */
    mls_leaf_info_t leaf;   /* ADD, UPDATE: the new leaf */
    mls_psk_id_t psk;       /* PSK */
    mls_view_t group_id;    /* REINIT, as are the two below */
    uint16_t version, cipher_suite;
    mls_view_t extensions; /* GROUP_CONTEXT_EXTENSIONS, REINIT: the encoded new list */
    uint16_t component_id; /* APP_DATA_UPDATE, APP_EPHEMERAL */
    bool is_removal;       /* APP_DATA_UPDATE */
    mls_view_t data;       /* APP_DATA_UPDATE, APP_EPHEMERAL; custom types: the body */
    mls_view_t encoded;    /* the whole Proposal */
} mls_proposal_info_t;

/* The proposals that wait for a Commit in this epoch, in the order they came: the n-th, from 0 on.
 * MLS_ERR_NOT_FOUND beyond them. */
MLS_API MLS_MUST_USE mls_status_t mls_group_pending_proposal(const mls_group_t *group,
                                                             mls_proposal_info_t *out, size_t n);
/* Forgets the n-th, as if it had not come. MLS_ERR_NOT_FOUND: there is none. MLS_ERR_STATE while an own
 * pending Commit refers to it. */
MLS_API MLS_MUST_USE mls_status_t mls_group_drop_proposal(mls_group_t *group, size_t n);

#endif
