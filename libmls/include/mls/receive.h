/* receive.h -- taking in what others sent: application messages, Proposals and Commits (RFC 9420,
 * Section 6). */
#ifndef MLS_RECEIVE_H
#define MLS_RECEIVE_H

#include "commit.h"

/* What a message turned out to be. */
typedef enum mls_received_type {
    MLS_RECEIVED_APPLICATION, /* decrypted: mls_received_data() */
    MLS_RECEIVED_PROPOSAL,    /* valid, and pending now */
    MLS_RECEIVED_COMMIT,      /* valid, and staged; nothing has changed yet */
    /* An own message coming back, not decrypted: its generation is one that this state has sent. What it
     * says, and that it is the own one, is not known: any member can name that generation. */
    MLS_RECEIVED_OWN_MESSAGE,
    /* An own pending Commit coming back, staged; told by its bytes, or by its signature and tag. */
    MLS_RECEIVED_OWN_COMMIT,
    /* Signed by the own leaf, but of a generation that this state has not sent, or (with keep_handshake_keys)
     * a Commit that is not pending: another copy of this state is in use, or this one is old. */
    MLS_RECEIVED_OWN_UNKNOWN
} mls_received_type_t;

/* A message that was taken in. Views of it end with it. */
typedef struct mls_received mls_received_t;

/* Processes a PublicMessage or PrivateMessage (an MLSMessage): checks everything RFC 9420 asks for, and
 * decrypts. A PrivateMessage uses up its key (see `keep_handshake_keys` for Proposals and Commits), a
 * Proposal becomes pending; a Commit is only staged. Save the group before what it says is shown. `now`
 * (seconds) ages past epochs; no verdict on a Commit depends on it. The caller frees `*out`, before the
 * group.
 *
 * MLS_ERR_GROUP, MLS_ERR_EPOCH (a future epoch, or one no longer kept), MLS_ERR_GENERATION (replayed),
 * MLS_ERR_SENDER, MLS_ERR_DECRYPT, MLS_ERR_SIGNATURE, MLS_ERR_TAG, MLS_ERR_INVALID, MLS_ERR_MALFORMED,
 * MLS_ERR_UNSUPPORTED, MLS_ERR_LIMIT, MLS_ERR_NOT_FOUND (a Commit refers to a proposal or a PSK that is not
 * here), MLS_ERR_REJECTED: refused, and alike for every member in this state, PSKs apart.
 * MLS_ERR_STATE: removed. MLS_ERR_ARGUMENT: a Welcome, GroupInfo or KeyPackage, which are not for a group.
 * A group that is joining answers MLS_ERR_EPOCH to all but its own Commit. */
MLS_API MLS_MUST_USE mls_status_t mls_group_receive(mls_group_t *group, mls_received_t **out,
                                                    mls_view_t message, uint64_t now);
/* Wipes and frees. A Commit that was staged in it and not merged has no effect. NULL is fine. */
MLS_API void mls_received_free(mls_received_t *received);

/* What it is. */
MLS_API mls_received_type_t mls_received_type(const mls_received_t *received);
/* The epoch that it was sent in. */
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
/* PrivateMessage: the generation of its key in the sender's ratchet (RFC 9420, Section 9.1). */
MLS_API uint32_t mls_received_generation(const mls_received_t *received);
/* What came beside it, authenticated and not encrypted. */
MLS_API mls_view_t mls_received_authenticated_data(const mls_received_t *received);
/* APPLICATION: the plaintext; empty for other types. */
MLS_API mls_view_t mls_received_data(const mls_received_t *received);
/* COMMIT and OWN_COMMIT: the staged Commit, which belongs to `received`; NULL for other types. */
MLS_API mls_staged_commit_t *mls_received_commit(mls_received_t *received);

/* PROPOSAL: what was proposed, to look at. MLS_ERR_STATE for other types. */
MLS_API MLS_MUST_USE mls_status_t mls_received_proposal(const mls_received_t *received,
                                                        mls_proposal_info_t *out);

/* Takes a staged Commit over (RFC 9420, Section 12.4.2): the group enters the new epoch; the old one is kept,
 * unsettled, if `keep_previous`, else only as far as late messages need it. `now` (seconds) is when the old
 * one ended. Free `received` afterwards; the staged Commit in it is used up. Pending proposals and Commits of
 * the old epoch stay with the old epoch. Save the group. MLS_ERR_STATE: no Commit, not of the current epoch,
 * not readable, used up, or too many epochs are unsettled. */
MLS_API MLS_MUST_USE mls_status_t mls_group_merge(mls_group_t *group, mls_received_t *received,
                                                  bool keep_previous, uint64_t now);

#endif
