/* group.h -- a client's view of a group (RFC 9420, Sections 8 to 12).
 *
 * A mls_group_t holds the current epoch, and for a while the epochs before it: those that the host has not
 * settled yet can be gone back to, those after them still decrypt late messages. Nothing here sends: a call
 * makes bytes, the host stores the group, then sends.
 *
 * Life of a Commit. mls_group_commit() makes a pending Commit; the group stays as it is, apart from the used
 * generation of its handshake ratchet. mls_group_receive() stages a Commit, foreign or own; the host looks
 * at it and merges it with mls_group_merge() or frees it. Every failure leaves the group bit for bit as it
 * was.
 *
 * Storing. mls_group_save() writes what has changed since the last time. What is saved in a transaction that
 * does not get through is not saved: free the group and load it again. Store **before** the bytes of an own
 * message leave and **before** a decrypted message is shown as received. */
#ifndef MLS_GROUP_H
#define MLS_GROUP_H

#include "extension.h"
#include "key_package.h"
#include "limits.h"
#include "message.h"
#include "store.h"

typedef struct mls_group mls_group_t;

/* ---- how a group is kept ------------------------------------------------------------------------- */

typedef enum mls_padding {
    MLS_PADDING_NONE,
    MLS_PADDING_BLOCK, /* up to the next multiple of padding_block bytes */
    MLS_PADDING_PADME  /* Padmé: at most 12 % more */
} mls_padding_t;

/* Which shared secret a PreSharedKey proposal means (RFC 9420, Section 8.4). */
typedef struct mls_psk_id {
    bool is_resumption;
    mls_view_t id;      /* external: psk_id; resumption: psk_group_id */
    uint64_t psk_epoch; /* resumption */
} mls_psk_id_t;

typedef struct mls_group_config {
    mls_limits_t limits; /* all zero: MLS_LIMITS_DEFAULT */
    mls_authentication_t authentication;
    /* Gives the external PSK of that id, or the resumption PSK of another group; the bytes are copied by
     * libmls before anything else is called. MLS_ERR_NOT_FOUND if there is none. NULL: there is none. */
    mls_status_t (*psk)(void *arg, const mls_psk_id_t *id, mls_view_t *secret);
    void *psk_arg;
    /* Refuses Proposals and Commits that come as PublicMessage. */
    bool private_handshake_only;
    /* What is taken from outside the group (RFC 9420, Sections 12.1.8 and 12.4.3.2); nothing where all are
     * false. A new member's credential is for the Authentication Service to judge. */
    bool external_commits;     /* Commits by which somebody joins */
    bool external_proposals;   /* of the senders that the extension external_senders names */
    bool new_member_proposals; /* Adds by which somebody asks to be added */
    /* Whether the keys of received handshake messages are kept until their epoch is settled, so that the
     * verdict on a Commit never depends on what was decrypted before. Then a handshake generation of
     * limits.forward_jump or more is refused for everybody (MLS_ERR_LIMIT), and replays are told apart by
     * the host. False: each key is deleted when it is used (RFC 9420, Section 9.2). */
    bool keep_handshake_keys;
    mls_padding_t padding;
    size_t padding_block; /* MLS_PADDING_BLOCK: bytes */
    size_t padding_limit; /* contents from this many bytes on are not padded; 0: no limit */
    /* Lifetimes longer than this make a KeyPackage's leaf invalid; seconds; 0: 91 days. */
    uint64_t max_lifetime;
} mls_group_config_t;

typedef struct mls_group_info_options {
    const mls_extensions_t *extensions; /* of the GroupInfo, beside those below; NULL: none */
    bool with_tree;                     /* ratchet_tree */
    bool with_external_pub;             /* external_pub */
} mls_group_info_options_t;

/* ---- begin and end ------------------------------------------------------------------------------- */

/* Makes a group of one, in epoch 0, whose first leaf is that of `key_package`: it takes the private keys and
 * destroys the init key; free the key package afterwards, it is used up. `extensions` are the
 * GroupContext's. Views in `config` are not kept, pointers in it are.
 * MLS_ERR_INVALID (the leaf does not fit the extensions), MLS_ERR_ARGUMENT, MLS_ERR_NOMEM, MLS_ERR_CRYPTO. */
MLS_API MLS_MUST_USE mls_status_t mls_group_create(mls_group_t **out, mls_crypto_t *crypto,
                                                   const mls_group_config_t *config,
                                                   mls_key_package_t *key_package, mls_view_t group_id,
                                                   const mls_extensions_t *extensions);

/* An opened Welcome: its GroupInfo, before the tree is looked at (RFC 9420, Section 12.4.3.1). */
typedef struct mls_welcome mls_welcome_t;

/* Opens a Welcome (an MLSMessage) that was made for `key_package`, which must outlive the result. Checks
 * the secrets and the GroupInfo's form; its signature can only be checked with the tree, in
 * mls_group_join(). `config` gives limits and PSKs.
 * MLS_ERR_NOT_FOUND: not made for this key package. MLS_ERR_DECRYPT, MLS_ERR_MALFORMED,
 * MLS_ERR_UNSUPPORTED, MLS_ERR_INVALID, MLS_ERR_LIMIT, MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_welcome_open(mls_welcome_t **out, mls_crypto_t *crypto,
                                                   const mls_group_config_t *config,
                                                   const mls_key_package_t *key_package, mls_view_t message);
MLS_API void mls_welcome_free(mls_welcome_t *welcome);
MLS_API mls_view_t mls_welcome_group_id(const mls_welcome_t *welcome);
MLS_API uint64_t mls_welcome_epoch(const mls_welcome_t *welcome);
/* The encoded extensions of the GroupInfo and of its GroupContext. */
MLS_API mls_view_t mls_welcome_group_info_extensions(const mls_welcome_t *welcome);
MLS_API mls_view_t mls_welcome_group_context_extensions(const mls_welcome_t *welcome);
/* Whether the GroupInfo carries the ratchet tree; if not, the host has to bring it. */
MLS_API bool mls_welcome_has_tree(const mls_welcome_t *welcome);

/* Joins: validates the tree, every leaf in it and the GroupInfo. `ratchet_tree` is the extension_data of a
 * ratchet_tree extension, or empty where the GroupInfo has it. `*signer` (may be NULL) becomes the leaf index
 * of who made the Welcome. The key package stays the caller's: delete its init key when the group is saved.
 * MLS_ERR_SIGNATURE, MLS_ERR_TAG, MLS_ERR_INVALID, MLS_ERR_MALFORMED, MLS_ERR_LIMIT, MLS_ERR_NOT_FOUND (no
 * tree; the own leaf is not in it), or what the Authentication Service said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_join(mls_group_t **out, uint32_t *signer, mls_crypto_t *crypto,
                                                 const mls_group_config_t *config,
                                                 const mls_welcome_t *welcome, mls_view_t ratchet_tree);

/* An own Commit that waits for its place in the order. It belongs to the group. */
typedef struct mls_pending_commit mls_pending_commit_t;

typedef struct mls_external_join {
    mls_view_t group_info;          /* an MLSMessage, with external_pub */
    mls_view_t ratchet_tree;        /* as for mls_group_join(); empty where the GroupInfo has it */
    mls_key_package_t *key_package; /* gives the leaf and the signature key; its init key is not used */
    bool resync;                    /* the former leaf `former_leaf` of the same client is removed */
    uint32_t former_leaf;
    const mls_psk_id_t *psks;
    size_t num_psks;
    mls_view_t authenticated_data;
    mls_leaf_hook_t leaf_hook;
} mls_external_join_t;

/* Joins by an external Commit (RFC 9420, Section 12.4.3.2): `*commit` is to be sent to the group. Until it
 * comes back and is merged, the group is joining: it receives nothing but that Commit. If another Commit
 * comes first, free the group and begin anew with a newer GroupInfo. As mls_group_join(), and
 * MLS_ERR_NOT_FOUND: no external_pub. */
MLS_API MLS_MUST_USE mls_status_t mls_group_join_external(mls_group_t **out, mls_pending_commit_t **commit,
                                                          mls_crypto_t *crypto,
                                                          const mls_group_config_t *config,
                                                          const mls_external_join_t *options);

/* Makes a GroupInfo of the current epoch as MLSMessage, for whoever joins by an external Commit or proposes
 * from outside; `options` as for a Welcome's. The caller clears `*out`. MLS_ERR_STATE: removed. */
MLS_API MLS_MUST_USE mls_status_t mls_group_info(const mls_group_t *group, mls_bytes_t *out,
                                                 const mls_group_info_options_t *options);

/* Wipes all secrets and frees. What is in a store stays there. NULL is fine. */
MLS_API void mls_group_free(mls_group_t *group);

/* ---- storing ------------------------------------------------------------------------------------- */

/* Writes what has changed since the last save, in one transaction of the store. MLS_ERR_STORE,
 * MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_group_save(mls_group_t *group, const mls_store_t *store);

/* Reads a group back. No signature is verified again. MLS_ERR_NOT_FOUND: no such group in the store.
 * MLS_ERR_STORE: damaged, or of a later version of libmls. */
MLS_API MLS_MUST_USE mls_status_t mls_group_load(mls_group_t **out, mls_crypto_t *crypto,
                                                 const mls_group_config_t *config, const mls_store_t *store,
                                                 mls_view_t group_id);

/* Deletes all that the store has of a group, in one transaction. */
MLS_API MLS_MUST_USE mls_status_t mls_group_erase(const mls_store_t *store, mls_view_t group_id);

/* ---- the current epoch --------------------------------------------------------------------------- */

MLS_API mls_view_t mls_group_id(const mls_group_t *group);
MLS_API uint16_t mls_group_cipher_suite(const mls_group_t *group);
MLS_API uint64_t mls_group_epoch(const mls_group_t *group);
/* RFC 9420, Section 8.7: equal at all members of this epoch, and secret. Ends with the epoch. */
MLS_API mls_view_t mls_group_epoch_authenticator(const mls_group_t *group);
/* The encoded extensions of the GroupContext. */
MLS_API mls_view_t mls_group_extensions(const mls_group_t *group);
MLS_API uint32_t mls_group_own_leaf(const mls_group_t *group);
/* Non-blank leaves. */
MLS_API uint32_t mls_group_num_members(const mls_group_t *group);
/* Whether a Commit has removed the own leaf: such a group decrypts and sends nothing any more. */
MLS_API bool mls_group_is_removed(const mls_group_t *group);

/* The leaf at an index. MLS_ERR_NOT_FOUND: blank or beyond the tree. */
MLS_API MLS_MUST_USE mls_status_t mls_group_leaf(const mls_group_t *group, mls_leaf_info_t *out,
                                                 uint32_t leaf_index);
/* The first non-blank leaf at or after `leaf_index`. MLS_ERR_NOT_FOUND: none. */
MLS_API MLS_MUST_USE mls_status_t mls_group_next_leaf(const mls_group_t *group, mls_leaf_info_t *out,
                                                      uint32_t leaf_index);

/* The extension_data of a ratchet_tree extension, for whoever joins without it in the GroupInfo. The caller
 * clears it. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_group_ratchet_tree(const mls_group_t *group, mls_bytes_t *out);

/* MLS-Exporter(label, context, length) of this epoch (RFC 9420, Section 8.5). The caller clears `*out`.
 * MLS_ERR_ARGUMENT: `len` is beyond 255 hashes. */
MLS_API MLS_MUST_USE mls_status_t mls_group_export(mls_group_t *group, mls_bytes_t *out, const char *label,
                                                   mls_view_t context, size_t len);

/* ---- sending ------------------------------------------------------------------------------------- */

/* Encrypts `data` as an application message (RFC 9420, Section 15) into `*out`, an MLSMessage that the caller
 * clears; padding is the configuration's. `authenticated_data` is authenticated, not hidden; it may be empty.
 * Uses up one generation of the own application ratchet: save the group before `*out` leaves.
 * MLS_ERR_STATE: removed; or proposals are pending that must be committed first (RFC 9420, Section 12.4),
 * unless `despite_pending`. MLS_ERR_LIMIT: too many messages for one epoch. */
MLS_API MLS_MUST_USE mls_status_t mls_group_encrypt(mls_group_t *group, mls_bytes_t *out, mls_view_t data,
                                                    mls_view_t authenticated_data, bool despite_pending);

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

typedef struct mls_commit_options {
    mls_handshake_options_t handshake;
    const mls_proposal_spec_t *proposals; /* by value, in this order; UPDATE is not possible */
    size_t num_proposals;
    bool without_pending; /* leaves out the pending proposals of others, which otherwise go in by reference
                             where they are valid together with the ones above */
    bool force_path;      /* a path where the proposals need none (RFC 9420, Section 12.4) */
    mls_leaf_hook_t leaf_hook;
    uint64_t now; /* seconds: KeyPackages that are added must be in their lifetime; 0: not checked */
} mls_commit_options_t;

/* Makes a Commit for the current epoch. `*out` stays valid until it is discarded, its epoch is
 * settled or gone back from, a merge does not keep its epoch, or the group is freed; several may be pending
 * for one epoch. It is part of what mls_group_save() writes. Uses up one
 * generation of the handshake ratchet, which is not given back: save before the message leaves.
 * MLS_ERR_INVALID and the like if members would refuse it, MLS_ERR_STATE: removed, MLS_ERR_LIMIT. */
MLS_API MLS_MUST_USE mls_status_t mls_group_commit(mls_group_t *group, mls_pending_commit_t **out,
                                                   const mls_commit_options_t *options);

/* The Commit as MLSMessage. */
MLS_API mls_view_t mls_pending_commit_message(const mls_pending_commit_t *pending);
/* The epoch it was made in; it begins the next. */
MLS_API uint64_t mls_pending_commit_epoch(const mls_pending_commit_t *pending);
/* How many members it adds, and the KeyPackageRef of the n-th in the order of the Add proposals. These, and
 * what follows up to the Welcomes, look at the Commit's own epoch: MLS_ERR_STATE when it is over. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_num_added(mls_pending_commit_t *pending, size_t *count);
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_added_ref(mls_pending_commit_t *pending,
                                                               mls_bytes_t *out, size_t n);

/* Makes, signs and encrypts the GroupInfo of the epoch that the Commit begins; once per Commit, all Welcomes
 * share it. MLS_ERR_STATE: made already. MLS_ERR_ARGUMENT: more extensions than joiners take. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_group_info(mls_pending_commit_t *pending,
                                                                const mls_group_info_options_t *options);

/* A Welcome (an MLSMessage) with the secrets for some of the added members only: `added` are numbers of
 * added members as above; NULL: for all. The caller clears it. MLS_ERR_STATE: no GroupInfo yet, or nobody
 * was added. MLS_ERR_ARGUMENT: no such added member. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_welcome(mls_pending_commit_t *pending, mls_bytes_t *out,
                                                             const size_t *added, size_t num_added);

/* The ratchet tree of the new epoch, as in mls_group_ratchet_tree(). */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_ratchet_tree(mls_pending_commit_t *pending,
                                                                  mls_bytes_t *out);

/* The pending Commits of the group, oldest first: the n-th, NULL beyond them. */
MLS_API mls_pending_commit_t *mls_group_pending_commit(const mls_group_t *group, size_t n);
/* Gives a pending Commit up and frees it. Only when it can no longer take effect. */
MLS_API void mls_group_discard_pending(mls_group_t *group, mls_pending_commit_t *pending);

/* ---- from outside -------------------------------------------------------------------------------- */

/* What a proposal from outside says of the group, as a GroupInfo or a member tells it. */
typedef struct mls_outside_options {
    mls_view_t group_id;
    uint64_t epoch;
    mls_view_t authenticated_data;
} mls_outside_options_t;

/* An external sender: somebody who may propose without being a member. */
typedef struct mls_external_sender {
    mls_view_t signature_key;
    mls_view_t identity; /* of a basic credential */
} mls_external_sender_t;

/* Encodes the extension_data of external_senders (RFC 9420, Section 12.1.8.1). The caller clears `*out`. */
MLS_API MLS_MUST_USE mls_status_t mls_external_senders_encode(mls_bytes_t *out,
                                                              const mls_external_sender_t *senders,
                                                              size_t count);

/* A Proposal of the external sender with that number in external_senders: ADD, REMOVE, PSK or
 * GROUP_CONTEXT_EXTENSIONS. The caller clears `*out`, an MLSMessage. MLS_ERR_UNSUPPORTED, MLS_ERR_ARGUMENT.
 */
MLS_API MLS_MUST_USE mls_status_t mls_propose_external(
    mls_bytes_t *out, mls_crypto_t *crypto, uint16_t cipher_suite, mls_view_t signature_private_key,
    uint32_t sender_index, const mls_proposal_spec_t *proposal, const mls_outside_options_t *options);

/* A Proposal by which the owner of the key package asks to be added. The caller clears `*out`. */
MLS_API MLS_MUST_USE mls_status_t mls_propose_to_join(mls_bytes_t *out, const mls_key_package_t *key_package,
                                                      const mls_outside_options_t *options);

/* ---- receiving ----------------------------------------------------------------------------------- */

typedef enum mls_received_type {
    MLS_RECEIVED_APPLICATION,
    MLS_RECEIVED_PROPOSAL, /* valid, and pending now */
    MLS_RECEIVED_COMMIT,   /* valid, and staged; nothing has changed yet */
    /* An own message coming back, not decrypted: its generation is one that this state has sent. What it
     * says, and that it is the own one, is not known: any member can name that generation. */
    MLS_RECEIVED_OWN_MESSAGE,
    /* An own pending Commit coming back, staged; told by its bytes, or by its signature and tag. */
    MLS_RECEIVED_OWN_COMMIT,
    /* Signed by the own leaf, but of a generation that this state has not sent, or (with keep_handshake_keys)
     * a Commit that is not pending: another copy of this state is in use, or this one is old. */
    MLS_RECEIVED_OWN_UNKNOWN
} mls_received_type_t;

typedef struct mls_received mls_received_t;
typedef struct mls_staged_commit mls_staged_commit_t;

/* Processes a PublicMessage or PrivateMessage (an MLSMessage): checks everything RFC 9420 asks for, and
 * decrypts. An application message uses up its key, a Proposal becomes pending; a Commit is only staged.
 * `now` (seconds) ages past epochs; no verdict on a Commit depends on it. The caller frees `*out`.
 *
 * MLS_ERR_GROUP, MLS_ERR_EPOCH (a future epoch, or one no longer kept), MLS_ERR_GENERATION (replayed),
 * MLS_ERR_SENDER, MLS_ERR_DECRYPT, MLS_ERR_SIGNATURE, MLS_ERR_TAG, MLS_ERR_INVALID, MLS_ERR_MALFORMED,
 * MLS_ERR_UNSUPPORTED, MLS_ERR_LIMIT, MLS_ERR_NOT_FOUND (a Commit refers to a proposal or a PSK that is not
 * here), MLS_ERR_REJECTED: refused, and alike for every member in this state, PSKs apart.
 * MLS_ERR_STATE: removed. MLS_ERR_ARGUMENT: a Welcome, GroupInfo or KeyPackage, which are not for a group. */
MLS_API MLS_MUST_USE mls_status_t mls_group_receive(mls_group_t *group, mls_received_t **out,
                                                    mls_view_t message, uint64_t now);
MLS_API void mls_received_free(mls_received_t *received); /* NULL is fine */

MLS_API mls_received_type_t mls_received_type(const mls_received_t *received);
MLS_API uint64_t mls_received_epoch(const mls_received_t *received);
/* Members: everything below about the sender's leaf. A new member's Commit: its leaf after the Commit. Others
 * have no leaf: the index is UINT32_MAX, or that in external_senders, and the leaf is empty. */
MLS_API mls_sender_type_t mls_received_sender_type(const mls_received_t *received);
/* Leaf index of the sender, in the tree of that epoch. */
MLS_API uint32_t mls_received_sender(const mls_received_t *received);
/* The sender's leaf as it was in that epoch. Ends with `received`. */
MLS_API const mls_leaf_info_t *mls_received_sender_leaf(const mls_received_t *received);
/* Whether the leaf is still in the tree of the current epoch with the same signature key. Always true for
 * messages of the current epoch. */
MLS_API bool mls_received_sender_is_current(const mls_received_t *received);
MLS_API uint32_t mls_received_generation(const mls_received_t *received); /* PrivateMessage */
MLS_API mls_view_t mls_received_authenticated_data(const mls_received_t *received);
/* APPLICATION: the plaintext. */
MLS_API mls_view_t mls_received_data(const mls_received_t *received);
/* COMMIT and OWN_COMMIT: the staged Commit, which belongs to `received`; NULL for other types. */
MLS_API mls_staged_commit_t *mls_received_commit(mls_received_t *received);

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

/* PROPOSAL: what was proposed. MLS_ERR_STATE for other types. */
MLS_API MLS_MUST_USE mls_status_t mls_received_proposal(const mls_received_t *received,
                                                        mls_proposal_info_t *out);

/* The proposals that wait for a Commit in this epoch, in the order they came: the n-th.
 * MLS_ERR_NOT_FOUND beyond them. */
MLS_API MLS_MUST_USE mls_status_t mls_group_pending_proposal(const mls_group_t *group,
                                                             mls_proposal_info_t *out, size_t n);
/* Forgets the n-th, as if it had not come. MLS_ERR_STATE while an own pending Commit refers to it. */
MLS_API MLS_MUST_USE mls_status_t mls_group_drop_proposal(mls_group_t *group, size_t n);

/* ---- a staged Commit ----------------------------------------------------------------------------- */

/* Whether this client could follow: false if the path secret for this client does not decrypt, or does not
 * give the public keys of the path, while every public check is good. Others may have been able to. Such a
 * Commit shows its content but cannot be merged. */
MLS_API bool mls_staged_commit_is_readable(const mls_staged_commit_t *staged);
/* An external Commit: the leaf that joins. */
MLS_API uint32_t mls_staged_commit_committer(const mls_staged_commit_t *staged);
MLS_API bool mls_staged_commit_is_external(const mls_staged_commit_t *staged);
/* The epoch it begins. */
MLS_API uint64_t mls_staged_commit_epoch(const mls_staged_commit_t *staged);
/* Its epoch authenticator; empty if not readable. */
MLS_API mls_view_t mls_staged_commit_epoch_authenticator(const mls_staged_commit_t *staged);
/* Whether it removes the own leaf. Merging such a Commit leaves a group that is removed. */
MLS_API bool mls_staged_commit_removes_self(const mls_staged_commit_t *staged);
/* The committer's leaf after the path. MLS_ERR_NOT_FOUND: the Commit has no path. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_path_leaf(const mls_staged_commit_t *staged,
                                                              mls_leaf_info_t *out);
MLS_API size_t mls_staged_commit_num_proposals(const mls_staged_commit_t *staged);
/* The n-th, in the order of the Commit. MLS_ERR_NOT_FOUND beyond them. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_proposal(const mls_staged_commit_t *staged,
                                                             mls_proposal_info_t *out, size_t n);
/* The tree after the Commit; the group has the one before it. As mls_group_leaf(), mls_group_next_leaf(). */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_leaf(const mls_staged_commit_t *staged,
                                                         mls_leaf_info_t *out, uint32_t leaf_index);
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_next_leaf(const mls_staged_commit_t *staged,
                                                              mls_leaf_info_t *out, uint32_t leaf_index);
MLS_API uint32_t mls_staged_commit_num_members(const mls_staged_commit_t *staged);
/* The encoded extensions of the GroupContext after the Commit. */
MLS_API mls_view_t mls_staged_commit_extensions(const mls_staged_commit_t *staged);

/* Takes a staged Commit over: the group enters the new epoch; the old one is kept, unsettled, if
 * `keep_previous`, else only as far as late messages need it. Free `received` afterwards; the staged Commit
 * in it is used up. Pending proposals and Commits of the old epoch stay with the old epoch. MLS_ERR_STATE:
 * not of the current epoch, not readable, used up, or too many epochs are unsettled. */
MLS_API MLS_MUST_USE mls_status_t mls_group_merge(mls_group_t *group, mls_received_t *received,
                                                  bool keep_previous, uint64_t now);

/* ---- earlier epochs ------------------------------------------------------------------------------ */

/* The earliest epoch that can be gone back to; the current one if there is none. */
MLS_API uint64_t mls_group_earliest_epoch(const mls_group_t *group);
/* Goes back to an unsettled epoch, with its pending proposals and Commits; the epochs after it are destroyed.
 * Generations used in them are remembered, in case the same epoch comes again. MLS_ERR_NOT_FOUND. */
MLS_API MLS_MUST_USE mls_status_t mls_group_go_back(mls_group_t *group, uint64_t epoch);
/* Says that the Commits up to and including the one that began `epoch` will not be gone back on: destroys
 * what would allow it, and the kept handshake keys of the epochs before. `now` in seconds. */
MLS_API void mls_group_settle(mls_group_t *group, uint64_t epoch, uint64_t now);
/* Destroys past epochs that are older than the limits say. */
MLS_API void mls_group_expire(mls_group_t *group, uint64_t now);

#endif
