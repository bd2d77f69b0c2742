/* commit.h -- making Commits and looking at them (RFC 9420, Sections 12.2 to 12.4).
 *
 * Life of a Commit. mls_group_commit() makes a pending Commit; the group stays as it is, apart from the used
 * generation of its handshake ratchet. mls_group_receive() stages a Commit, foreign or own; the host looks
 * at it and merges it with mls_group_merge() or frees it. */
#ifndef MLS_COMMIT_H
#define MLS_COMMIT_H

#include "proposal.h"

/* An own Commit that waits for its place in the order. It belongs to the group. */
typedef struct mls_pending_commit mls_pending_commit_t;

/* What a GroupInfo holds (RFC 9420, Section 12.4.3). All zero: nothing that need not be. */
typedef struct mls_group_info_options {
    const mls_extensions_t *extensions; /* of the GroupInfo, beside those below; NULL: none */
    bool with_tree;                     /* ratchet_tree */
    bool with_external_pub;             /* external_pub */
    bool grease;                        /* a GREASE extension (RFC 9420, Section 13.5) */
} mls_group_info_options_t;

/* What a Commit does. All zero: commits what is pending; where nothing is, it renews the own keys. */
typedef struct mls_commit_options {
    mls_handshake_options_t handshake;
    const mls_proposal_spec_t *proposals; /* by value, in this order; UPDATE is not possible */
    size_t num_proposals;
    bool without_pending; /* leaves out the pending proposals of others, which otherwise go in by reference
                             where they are valid together with the ones above */
    bool force_path;      /* a path where the proposals need none (RFC 9420, Section 12.4) */
    mls_leaf_hook_t leaf_hook;
    const mls_leaf_change_t *leaf_change; /* of the own leaf, by a path; NULL: none */
    uint64_t now; /* seconds: KeyPackages that are added must be in their lifetime; 0: not checked */
} mls_commit_options_t;

/* Makes a Commit for the current epoch; `options` may be NULL. `*out` belongs to the group, and stays valid
 * until it is discarded, its epoch is settled or gone back from, a merge does not keep its epoch, or the
 * group is freed; several may be pending for one epoch. It is part of what mls_group_save() writes. Uses up
 * one generation of the handshake ratchet, unless it is a PublicMessage: save the group before the message
 * leaves. MLS_ERR_STATE: removed, joining, or at its end. MLS_ERR_ARGUMENT: a proposal that cannot be
 * committed by value, or a PublicMessage where `private_handshake_only`. MLS_ERR_NOT_FOUND: a PSK is not
 * here. MLS_ERR_LIMIT: too many proposals, or Commits in this epoch. MLS_ERR_INVALID and its like: members
 * would refuse it. MLS_ERR_REJECTED, or what a callback said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_commit(mls_group_t *group, mls_pending_commit_t **out,
                                                   const mls_commit_options_t *options);

/* The Commit as MLSMessage. The view ends with the pending Commit. */
MLS_API mls_view_t mls_pending_commit_message(const mls_pending_commit_t *pending);
/* The epoch it was made in; it begins the next. */
MLS_API uint64_t mls_pending_commit_epoch(const mls_pending_commit_t *pending);
/* How many members it adds. This, and what follows up to the ratchet tree, looks at the Commit's own epoch:
 * MLS_ERR_STATE when it is over. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_num_added(mls_pending_commit_t *pending, size_t *count);
/* The KeyPackageRef of the n-th, from 0 on, in the order of the Add proposals. The caller clears `*out`.
 * MLS_ERR_ARGUMENT beyond them. MLS_ERR_STATE. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_added_ref(mls_pending_commit_t *pending,
                                                               mls_bytes_t *out, size_t n);

/* Makes, signs and encrypts the GroupInfo of the epoch that the Commit begins (RFC 9420, Section 12.4.3);
 * once per Commit, all Welcomes share it. It is encrypted with the one key and nonce of the epoch and saved
 * with the group: save before a Welcome leaves, or after a restart another one could be. `options` may be
 * NULL. MLS_ERR_STATE: made already, or the Commit's epoch is over. MLS_ERR_ARGUMENT: more extensions than
 * joiners take. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_group_info(mls_pending_commit_t *pending,
                                                                const mls_group_info_options_t *options);

/* A Welcome (an MLSMessage; RFC 9420, Section 12.4.3.1) with the secrets for some of the added members only:
 * `added` are numbers of added members as above; NULL: for all. The caller clears `*out`. Send it when the
 * Commit is known to count. MLS_ERR_STATE: no GroupInfo yet, nobody was added, or the Commit's epoch is over.
 * MLS_ERR_ARGUMENT: no such added member. */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_welcome(mls_pending_commit_t *pending, mls_bytes_t *out,
                                                             const size_t *added, size_t num_added);

/* The ratchet tree of the new epoch, as in mls_group_ratchet_tree(). The caller clears `*out`. MLS_ERR_STATE.
 */
MLS_API MLS_MUST_USE mls_status_t mls_pending_commit_ratchet_tree(mls_pending_commit_t *pending,
                                                                  mls_bytes_t *out);

/* The pending Commits of the current epoch, oldest first: the n-th, from 0 on, NULL beyond them. */
MLS_API mls_pending_commit_t *mls_group_pending_commit(const mls_group_t *group, size_t n);
/* Gives a pending Commit of the current epoch up and frees it. Only when it can no longer take effect: if it
 * was sent and counts after all, this client cannot follow it. */
MLS_API void mls_group_discard_pending(mls_group_t *group, mls_pending_commit_t *pending);

/* ---- what a path costs --------------------------------------------------------------------------------- */

/* A Commit with a path encrypts a path secret to each node in the resolutions of the committer's copath
 * (RFC 9420, Sections 4.1.1 and 7.5): the logarithm of the group's size where members have committed, one for
 * each member where nobody has, as after adding many. Each is a ciphertext of 82 bytes in a cipher suite with
 * X25519. What is pending is not counted in. */
typedef struct mls_path_cost {
    uint32_t own;   /* ciphertexts that an empty Commit by the member would hold */
    uint32_t blank; /* nodes in the longest resolution of a blank node above the member, the root left out: so
                       many ciphertexts of others become one by a Commit of the member with a path */
} mls_path_cost_t;

/* What a path of a member would cost now, of the own one at mls_group_own_leaf(). Takes as long as a Commit
 * of the member is, without any cryptography. MLS_ERR_NOT_FOUND: the leaf is blank or beyond the tree. */
MLS_API MLS_MUST_USE mls_status_t mls_group_path_cost(const mls_group_t *group, mls_path_cost_t *out,
                                                      uint32_t leaf_index);
/* The largest `own` of all members: no empty Commit by anybody holds more ciphertexts, and none that removes
 * n members more than n + 1 times as many. Goes through all of the tree. */
MLS_API uint32_t mls_group_largest_path_cost(const mls_group_t *group);

/* ---- a staged Commit ----------------------------------------------------------------------------------- */

/* A Commit that is found to be good, and how the group is after it. It belongs to the mls_received_t that it
 * came in; views of it end with that, or when it is merged. */
typedef struct mls_staged_commit mls_staged_commit_t;

/* Whether this client could follow: false if the path secret for this client does not decrypt, or does not
 * give the public keys of the path, while every public check is good. Others may have been able to. Such a
 * Commit shows its content but cannot be merged. */
MLS_API bool mls_staged_commit_is_readable(const mls_staged_commit_t *staged);
/* The committer's leaf index; of an external Commit that of who joins. */
MLS_API uint32_t mls_staged_commit_committer(const mls_staged_commit_t *staged);
/* Whether somebody joins by it (RFC 9420, Section 12.4.3.2). */
MLS_API bool mls_staged_commit_is_external(const mls_staged_commit_t *staged);
/* The number of the epoch it begins. */
MLS_API uint64_t mls_staged_commit_epoch(const mls_staged_commit_t *staged);
/* Its epoch authenticator; empty if not readable. */
MLS_API mls_view_t mls_staged_commit_epoch_authenticator(const mls_staged_commit_t *staged);
/* Whether it removes the own leaf. Merging such a Commit leaves a group that is removed. */
MLS_API bool mls_staged_commit_removes_self(const mls_staged_commit_t *staged);
/* The committer's leaf after the path. MLS_ERR_NOT_FOUND: the Commit has no path. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_path_leaf(const mls_staged_commit_t *staged,
                                                              mls_leaf_info_t *out);
/* How many proposals it commits. */
MLS_API size_t mls_staged_commit_num_proposals(const mls_staged_commit_t *staged);
/* The n-th, from 0 on, in the order of the Commit. MLS_ERR_NOT_FOUND beyond them. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_proposal(const mls_staged_commit_t *staged,
                                                             mls_proposal_info_t *out, size_t n);
/* As mls_group_leaf(), in the tree after the Commit. MLS_ERR_NOT_FOUND. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_leaf(const mls_staged_commit_t *staged,
                                                         mls_leaf_info_t *out, uint32_t leaf_index);
/* As mls_group_next_leaf(), in the tree after the Commit. MLS_ERR_NOT_FOUND. */
MLS_API MLS_MUST_USE mls_status_t mls_staged_commit_next_leaf(const mls_staged_commit_t *staged,
                                                              mls_leaf_info_t *out, uint32_t leaf_index);
/* How many members there are after the Commit. */
MLS_API uint32_t mls_staged_commit_num_members(const mls_staged_commit_t *staged);
/* The encoded extensions of the GroupContext after the Commit. */
MLS_API mls_view_t mls_staged_commit_extensions(const mls_staged_commit_t *staged);

#endif
