/* treekem.h -- path secrets and UpdatePaths (RFC 9420, Sections 7.4 to 7.6).
 *
 * Everything works on an overlay to which the proposals of the Commit have been applied. */
#ifndef MLS_TREEKEM_H
#define MLS_TREEKEM_H

#include "group_context.h"
#include "proposal.h"
#include "tree_hash.h"

/* The private keys of one member: its leaf's and those of nodes above it. */
typedef struct mls_private_keys {
    struct mls_private_key {
        mls_node_index_t node;
        mls_hpke_private_t key;
    } items[MLS_MAX_LEVELS + 1];
    size_t count;
} mls_private_keys_t;

const mls_hpke_private_t *mls_private_keys_find(const mls_private_keys_t *keys, mls_node_index_t node);
void mls_private_keys_set(mls_private_keys_t *keys, mls_node_index_t node, const mls_hpke_private_t *key);
/* Wipes the keys of nodes that are blank, or have another public key, after the overlay's changes. */
void mls_private_keys_prune(mls_private_keys_t *keys, const mls_tree_overlay_t *overlay);
void mls_private_keys_wipe(mls_private_keys_t *keys);

/* The filtered direct path of a leaf (RFC 9420, Section 4.1.2): nodes from the bottom up, each with its child
 * off the path. */
typedef struct mls_filtered_path {
    struct {
        mls_node_index_t node, copath;
    } steps[MLS_MAX_LEVELS];
    size_t count;
} mls_filtered_path_t;

void mls_filtered_direct_path(const mls_tree_overlay_t *overlay, mls_filtered_path_t *out, uint32_t leaf);

/* Puts new keys along the filtered direct path: blanks the direct path, sets the parents with their parent
 * hashes and answers the parent hash for the leaf. `public_keys` has one key per step.
 * MLS_ERR_INVALID: a key is in use (rule M8), or none (E7). */
MLS_MUST_USE mls_status_t mls_tree_install_path(mls_tree_overlay_t *overlay, mls_secret_t *leaf_parent_hash,
                                                uint32_t leaf, const mls_filtered_path_t *path,
                                                const mls_view_t *public_keys);

/* The secrets of a path: one per step, and the commit_secret. */
typedef struct mls_path_secrets {
    mls_secret_t steps[MLS_MAX_LEVELS]; /* path_secret of each step; len 0 where it is not known */
    mls_secret_t commit_secret;
} mls_path_secrets_t;

void mls_path_secrets_wipe(mls_path_secrets_t *secrets);

/* Derives from the path secret of step `first` all secrets and key pairs from there up. `private_keys` (may
 * be NULL) takes the private keys. `check` (may be NULL) compares with the tree's public keys:
 * MLS_ERR_INVALID if one is different. */
typedef struct mls_derive_path {
    const mls_filtered_path_t *path;
    size_t first;
    const mls_tree_overlay_t *check;
    mls_private_keys_t *private_keys;
} mls_derive_path_t;
MLS_MUST_USE mls_status_t mls_derive_path_secrets(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                  mls_path_secrets_t *secrets, const mls_derive_path_t *how);

/* A fresh path for the own leaf, installed in the overlay except for the leaf itself. */
typedef struct mls_new_path {
    mls_filtered_path_t path;
    mls_path_secrets_t secrets;
    mls_private_keys_t private_keys; /* of the path and of the leaf */
    mls_hpke_public_t leaf_public_key;
    mls_hpke_public_t public_keys[MLS_MAX_LEVELS];
    mls_secret_t leaf_parent_hash;
} mls_new_path_t;

MLS_MUST_USE mls_status_t mls_new_path_make(mls_new_path_t *out, mls_tree_overlay_t *overlay, uint32_t leaf);
void mls_new_path_wipe(mls_new_path_t *path);

/* Encrypts the path secrets to the resolutions of the copath, without the leaves that the Commit adds, and
 * encodes the UpdatePath. `context` is the encoded provisional GroupContext. The caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_new_path_encrypt(const mls_new_path_t *new_path, mls_bytes_t *out,
                                               const mls_tree_overlay_t *overlay, mls_view_t leaf_encoded,
                                               mls_view_t context);

/* Checks the form of a received path: rules M9, M9_CIPHERTEXTS. */
MLS_MUST_USE mls_status_t mls_update_path_check(const mls_tree_overlay_t *overlay,
                                                const mls_filtered_path_t *path,
                                                const mls_update_path_t *update);

/* Decrypts the path secret that is meant for `own_leaf` and derives everything above, into `secrets` and
 * `keys`, which hold the state before. MLS_ERR_DECRYPT, MLS_ERR_INVALID: rules M11, M11_KEYS; both concern
 * this member only. */
MLS_MUST_USE mls_status_t mls_update_path_decrypt(const mls_tree_overlay_t *overlay,
                                                  mls_path_secrets_t *secrets, mls_private_keys_t *keys,
                                                  const mls_filtered_path_t *path,
                                                  const mls_update_path_t *update, uint32_t own_leaf,
                                                  mls_view_t context);

#endif
