/* join.h -- becoming a member: by Welcome (RFC 9420, Section 12.4.3.1) or by an external Commit (Section
 * 12.4.3.2). */
#ifndef MLS_JOIN_H
#define MLS_JOIN_H

#include "commit.h"

/* ---- by Welcome -------------------------------------------------------------------------------------- */

/* An opened Welcome: its GroupInfo, before the tree is looked at (RFC 9420, Section 12.4.3.1). */
typedef struct mls_welcome mls_welcome_t;

/* Opens a Welcome (an MLSMessage) that was made for `key_package`, which must outlive the result. Checks
 * the secrets and the GroupInfo's form; its signature can only be checked with the tree, in
 * mls_group_join(). `config` (may be NULL) gives limits and PSKs. The caller frees the result.
 * MLS_ERR_NOT_FOUND: not made for this key package, or a PSK or the group it follows on is not here.
 * MLS_ERR_ARGUMENT: not a Welcome. MLS_ERR_DECRYPT, MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED, MLS_ERR_INVALID,
 * MLS_ERR_LIMIT. */
MLS_API MLS_MUST_USE mls_status_t mls_welcome_open(mls_welcome_t **out, mls_crypto_t *crypto,
                                                   const mls_group_config_t *config,
                                                   const mls_key_package_t *key_package, mls_view_t message);
/* Wipes its secrets and frees. NULL is fine. */
MLS_API void mls_welcome_free(mls_welcome_t *welcome);
/* The group's id. Views end with the Welcome; nothing of it is authenticated before mls_group_join(). */
MLS_API mls_view_t mls_welcome_group_id(const mls_welcome_t *welcome);
/* The epoch that is joined. */
MLS_API uint64_t mls_welcome_epoch(const mls_welcome_t *welcome);
/* The encoded extensions of the GroupInfo. */
MLS_API mls_view_t mls_welcome_group_info_extensions(const mls_welcome_t *welcome);
/* The encoded extensions of the GroupContext. */
MLS_API mls_view_t mls_welcome_group_context_extensions(const mls_welcome_t *welcome);
/* Whether the GroupInfo carries the ratchet tree; if not, the host has to bring it. */
MLS_API bool mls_welcome_has_tree(const mls_welcome_t *welcome);

/* Joins: validates the tree, every leaf in it and the GroupInfo. `ratchet_tree` is the extension_data of a
 * ratchet_tree extension, or empty where the GroupInfo has it. `*signer` (may be NULL) becomes the leaf index
 * of who made the Welcome, UINT32_MAX on failure. `config` as for mls_group_create(). The caller frees the
 * group. The key package stays the caller's: erase what is stored of it when the group is saved, unless it is
 * of last resort. MLS_ERR_SIGNATURE, MLS_ERR_TAG, MLS_ERR_INVALID, MLS_ERR_MALFORMED, MLS_ERR_LIMIT,
 * MLS_ERR_NOT_FOUND (no tree; the own leaf is not in it), or what the Authentication Service said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_join(mls_group_t **out, uint32_t *signer, mls_crypto_t *crypto,
                                                 const mls_group_config_t *config,
                                                 const mls_welcome_t *welcome, mls_view_t ratchet_tree);

/* ---- by external Commit ------------------------------------------------------------------------------ */

/* Into which group, as whom, and in what way. */
typedef struct mls_external_join {
    mls_view_t group_info;          /* an MLSMessage, with external_pub */
    mls_view_t ratchet_tree;        /* as for mls_group_join(); empty where the GroupInfo has it */
    mls_key_package_t *key_package; /* gives the leaf and the signature key; its init key is not used */
    bool resync;                    /* the former leaf `former_leaf` of the same client is removed */
    uint32_t former_leaf;
    const mls_psk_id_t *psks; /* to be mixed in */
    size_t num_psks;
    /* The SelfRemoves that are pending in the group, each a PublicMessage: they must be committed with it
     * (draft-ietf-mls-extensions, "SelfRemove Proposal"). */
    const mls_view_t *self_removes;
    size_t num_self_removes;
    mls_view_t authenticated_data; /* sent beside it, in the clear */
    mls_leaf_hook_t leaf_hook;
} mls_external_join_t;

/* Joins by an external Commit (RFC 9420, Section 12.4.3.2): `*commit`, which belongs to the group, is to be
 * sent, after the group is saved. Until it comes back and is merged, the group is joining: it receives
 * nothing but that Commit. If another Commit comes first, free the group and begin anew with a newer
 * GroupInfo. The caller frees the group; the key package stays the caller's. Errors as for mls_group_join(),
 * what members would refuse the Commit with; MLS_ERR_NOT_FOUND: no external_pub, or a PSK that is not here.
 * MLS_ERR_ARGUMENT: not a GroupInfo, or not a SelfRemove. */
MLS_API MLS_MUST_USE mls_status_t mls_group_join_external(mls_group_t **out, mls_pending_commit_t **commit,
                                                          mls_crypto_t *crypto,
                                                          const mls_group_config_t *config,
                                                          const mls_external_join_t *options);

/* Makes a GroupInfo of the current epoch (RFC 9420, Section 12.4.3) as MLSMessage, for whoever joins by an
 * external Commit or proposes from outside; `options` as for a Welcome's. The caller clears `*out`.
 * MLS_ERR_STATE: removed, joining, or at its end. MLS_ERR_ARGUMENT: more extensions than joiners take. */
MLS_API MLS_MUST_USE mls_status_t mls_group_info(const mls_group_t *group, mls_bytes_t *out,
                                                 const mls_group_info_options_t *options);

#endif
