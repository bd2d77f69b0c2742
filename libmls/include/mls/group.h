/* group.h -- a client's view of a group (RFC 9420, Sections 8 to 12).
 *
 * A mls_group_t holds the current epoch, and for a while the epochs before it: those that the host has not
 * settled yet can be gone back to, those after them still decrypt late messages. Nothing here sends: a call
 * makes bytes, the host stores the group, then sends.
 *
 * Begin: mls_group_create() below, or by join.h. Send: mls_group_encrypt() below, proposal.h and commit.h.
 * Take in what others sent: receive.h. Every failure leaves the group bit for bit as it was.
 *
 * Storing. mls_group_save() writes what has changed since the last time. What is saved in a transaction that
 * does not get through is not saved: free the group and load it again. Store **before** the bytes of an own
 * message leave and **before** a decrypted message is shown as received. */
#ifndef MLS_GROUP_H
#define MLS_GROUP_H

#include "group_config.h"
#include "key_package.h"
#include "store.h"

/* ---- begin and end ------------------------------------------------------------------------------------- */

/* Makes a group of one, in epoch 0, whose first leaf is that of `key_package` (RFC 9420, Section 11): it
 * takes the private keys and destroys the init key; free the key package afterwards, it is used up.
 * `extensions` are the GroupContext's; NULL: none. `config` is copied, and may be NULL; what its pointers
 * point to has to last as long as the group. The caller frees the group. MLS_ERR_ARGUMENT: the group id is
 * empty. MLS_ERR_INVALID, MLS_ERR_MALFORMED, MLS_ERR_LIMIT: extensions or leaf are not good, or do not fit
 * each other. Or what the Authentication Service said of the own leaf. On failure the key package is as it
 * was. */
MLS_API MLS_MUST_USE mls_status_t mls_group_create(mls_group_t **out, mls_crypto_t *crypto,
                                                   const mls_group_config_t *config,
                                                   mls_key_package_t *key_package, mls_view_t group_id,
                                                   const mls_extensions_t *extensions);

/* Wipes all secrets and frees. What is in a store stays there. NULL is fine. */
MLS_API void mls_group_free(mls_group_t *group);

/* ---- storing ------------------------------------------------------------------------------------------- */

/* Writes what has changed since the last save, in one transaction of the store: all of it or nothing.
 * MLS_ERR_STORE, MLS_ERR_NOMEM, or what the store said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_save(mls_group_t *group, const mls_store_t *store);

/* Reads a group back. No signature is verified again; `config` as for mls_group_create(). The caller frees
 * the group. MLS_ERR_NOT_FOUND: no such group in the store. MLS_ERR_STORE: damaged, or of a later version of
 * libmls. Or what the store said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_load(mls_group_t **out, mls_crypto_t *crypto,
                                                 const mls_group_config_t *config, const mls_store_t *store,
                                                 mls_view_t group_id);

/* Deletes all that the store has of a group, in one transaction; nothing to be found is no error. Free the
 * mls_group_t, too: of what it saves from then on no group can be loaded. MLS_ERR_STORE, MLS_ERR_NOMEM, or
 * what the store said. */
MLS_API MLS_MUST_USE mls_status_t mls_group_erase(const mls_store_t *store, mls_view_t group_id);

/* ---- the current epoch --------------------------------------------------------------------------------- */

/* The group_id (RFC 9420, Section 8.1). Views of this section end with the epoch. */
MLS_API mls_view_t mls_group_id(const mls_group_t *group);
/* Its cipher suite. */
MLS_API uint16_t mls_group_cipher_suite(const mls_group_t *group);
/* The number of the current epoch. */
MLS_API uint64_t mls_group_epoch(const mls_group_t *group);
/* RFC 9420, Section 8.7: equal at all members of this epoch, and at nobody else. */
MLS_API mls_view_t mls_group_epoch_authenticator(const mls_group_t *group);
/* The encoded extensions of the GroupContext. */
MLS_API mls_view_t mls_group_extensions(const mls_group_t *group);
/* The own leaf index; UINT32_MAX while joining by an external Commit. */
MLS_API uint32_t mls_group_own_leaf(const mls_group_t *group);
/* How many members there are: non-blank leaves. */
MLS_API uint32_t mls_group_num_members(const mls_group_t *group);
/* Whether a Commit has removed the own leaf: such a group decrypts and sends nothing any more. */
MLS_API bool mls_group_is_removed(const mls_group_t *group);

/* The leaf at an index, to look at. MLS_ERR_NOT_FOUND: blank or beyond the tree. */
MLS_API MLS_MUST_USE mls_status_t mls_group_leaf(const mls_group_t *group, mls_leaf_info_t *out,
                                                 uint32_t leaf_index);
/* The first non-blank leaf at or after `leaf_index`, so that one steps through the members from 0 on, going
 * on at `out->leaf_index` + 1. MLS_ERR_NOT_FOUND: none. */
MLS_API MLS_MUST_USE mls_status_t mls_group_next_leaf(const mls_group_t *group, mls_leaf_info_t *out,
                                                      uint32_t leaf_index);

/* The extension_data of a ratchet_tree extension (RFC 9420, Section 12.4.3.3), for whoever joins without it
 * in the GroupInfo. The caller clears `*out`. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_group_ratchet_tree(const mls_group_t *group, mls_bytes_t *out);

/* MLS-Exporter(label, context, length) of this epoch (RFC 9420, Section 8.5): `len` secret bytes that all
 * members can have, again and again. The caller clears `*out`. MLS_ERR_ARGUMENT: `len` is beyond 255 hashes,
 * or `label` beyond 255 bytes. MLS_ERR_STATE: removed, or joining. */
MLS_API MLS_MUST_USE mls_status_t mls_group_export(mls_group_t *group, mls_bytes_t *out, const char *label,
                                                   mls_view_t context, size_t len);

/* SafeExportSecret (draft-ietf-mls-extensions, "Exported Secrets"): one hash of bytes for a component, once
 * in an epoch; what it was derived from is destroyed. Save the group before the secret is used. While the
 * epoch before can be gone back to, the Commit that follows on it gives the secret again: settle first. The
 * caller clears `*out`. MLS_ERR_STATE: taken already; removed, or joining; or the group was last saved by a
 * version of libmls without it. */
MLS_API MLS_MUST_USE mls_status_t mls_group_safe_export(mls_group_t *group, mls_bytes_t *out,
                                                        uint16_t component_id);

/* ---- application messages ------------------------------------------------------------------------------ */

/* Encrypts `data` as an application message (RFC 9420, Section 15) into `*out`, an MLSMessage that the caller
 * clears; padding is the configuration's. `authenticated_data` is authenticated, not hidden; it may be empty.
 * Uses up one generation of the own application ratchet: save the group before `*out` leaves.
 * MLS_ERR_STATE: removed, joining, or the group is at its end by a ReInit; or proposals are pending that must
 * be committed first (RFC 9420, Section 12.4), unless `despite_pending`. MLS_ERR_LIMIT: too many messages for
 * one epoch. */
MLS_API MLS_MUST_USE mls_status_t mls_group_encrypt(mls_group_t *group, mls_bytes_t *out, mls_view_t data,
                                                    mls_view_t authenticated_data, bool despite_pending);

/* ---- earlier epochs ------------------------------------------------------------------------------------ */

/* The earliest epoch that can be gone back to, as when the order of Commits was not what it seemed (RFC 9420,
 * Section 14); the current one if there is none. */
MLS_API uint64_t mls_group_earliest_epoch(const mls_group_t *group);
/* Goes back to an unsettled epoch, with its pending proposals and Commits; the epochs after it are destroyed.
 * Generations used in them are remembered, in case the same epoch comes again. MLS_ERR_NOT_FOUND: no such
 * epoch is kept, or it is settled. */
MLS_API MLS_MUST_USE mls_status_t mls_group_go_back(mls_group_t *group, uint64_t epoch);
/* Says that the Commits up to and including the one that began `epoch` will not be gone back on: destroys
 * what would allow it, and the kept handshake keys of the epochs before. `now` in seconds. */
MLS_API void mls_group_settle(mls_group_t *group, uint64_t epoch, uint64_t now);
/* Destroys past epochs that ended longer before `now` (seconds) than the limits say. Every merge does it,
 * too: call it from time to time where nothing happens. */
MLS_API void mls_group_expire(mls_group_t *group, uint64_t now);

#endif
