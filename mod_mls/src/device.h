/* device.h -- the device key and what it signs.
 *
 * A device key is Ed25519 whatever the suite of a group, never leaves the device, and signs each of its
 * leaves, so that a stolen leaf key is worth no more than its leaf. */
#ifndef MOD_MLS_DEVICE_H
#define MOD_MLS_DEVICE_H

#include "formats.h"

enum {
    MOD_MLS_DEVICE_ID_SIZE = 2 * MOD_MLS_DEVICE_ID_LEN + 1, /* hex and a zero byte */
    MOD_MLS_FINGERPRINT_SIZE = 8 * 9                        /* 8 groups of 8, blanks between, a zero byte */
};

#define MOD_MLS_LABEL_DEVICE "XMPP MLS device"
#define MOD_MLS_LABEL_ENDORSEMENT "XMPP MLS endorsement"
#define MOD_MLS_LABEL_REVOCATION "XMPP MLS revocation"
#define MOD_MLS_LABEL_LEAF "XMPP MLS leaf"
#define MOD_MLS_LABEL_JOIN "XMPP MLS join"
#define MOD_MLS_LABEL_INDEX "XMPP MLS index"

typedef struct mod_mls_device_key {
    uint8_t seed[32]; /* secret */
    uint8_t public_key[MOD_MLS_DEVICE_KEY_LEN];
    char id[MOD_MLS_DEVICE_ID_SIZE];
} mod_mls_device_key_t;

MLS_MUST_USE mls_status_t mod_mls_sha256(mls_crypto_t *crypto, uint8_t out[MOD_MLS_SHA256_LEN],
                                         mls_view_t in);

/* Makes a fresh key. The caller wipes it. MLS_ERR_CRYPTO, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_device_key_new(mod_mls_device_key_t *out, mls_crypto_t *crypto);

/* The id of a device key: hex of the first 16 bytes of its SHA-256. */
MLS_MUST_USE mls_status_t mod_mls_device_id(char out[MOD_MLS_DEVICE_ID_SIZE], mls_crypto_t *crypto,
                                            mls_view_t device_key);
/* All of its SHA-256, to compare by eye. */
MLS_MUST_USE mls_status_t mod_mls_device_fingerprint(char out[MOD_MLS_FINGERPRINT_SIZE], mls_crypto_t *crypto,
                                                     mls_view_t device_key);

/* Signs what `visit_tbs` encodes of `object` (RFC 9420, Section 5.1.2). */
MLS_MUST_USE mls_status_t mod_mls_device_sign(uint8_t signature[MOD_MLS_SIGNATURE_LEN], mls_crypto_t *crypto,
                                              const mod_mls_device_key_t *key, const char *label,
                                              mls_codec_fn *visit_tbs, const void *object);
/* MLS_ERR_SIGNATURE also for a key that is none. */
MLS_MUST_USE mls_status_t mod_mls_device_verify_signature(mls_crypto_t *crypto, mls_view_t device_key,
                                                          const char *label, mls_codec_fn *visit_tbs,
                                                          const void *object, mls_view_t signature);

/* A join request by itself: signed, and with a KeyPackage that lives 14 days at most. */
MLS_MUST_USE mls_status_t mod_mls_join_request_validate(mls_crypto_t *crypto,
                                                        const mod_mls_join_request_t *request);

/* ---- the binding of a leaf to its device --------------------------------------------------------- */

/* The xmpp_device of a leaf, shape only; vectors live in `arena`. MLS_ERR_NOT_FOUND, MLS_ERR_MALFORMED. */
MLS_MUST_USE mls_status_t mod_mls_leaf_device(mod_mls_xmpp_device_t *out, mls_arena_t *arena,
                                              const mls_leaf_info_t *leaf);

/* The Authentication Service of rooms (RFC 9420, Section 5.3.1), a function of its input alone: a basic
 * credential that names a bare JID, an xmpp_device signed by the device key over this very leaf, endorsements
 * of this account and device, and, where the leaf replaces another, the same device with a greater serial.
 * MLS_ERR_REJECTED. Fits mls_authentication_t; `arg` is the mls_crypto_t. */
mls_status_t mod_mls_leaf_validate(void *arg, const mls_leaf_candidate_t *candidate);

/* Makes the xmpp_device of own leaves. */
typedef struct mod_mls_leaf_signer {
    mls_crypto_t *crypto;
    const mod_mls_device_key_t *key;
    uint64_t *serial; /* the last one used; grows with every leaf, and must be stored with it */
    uint64_t now;     /* milliseconds */
} mod_mls_leaf_signer_t;

/* Fits mls_leaf_hook_t; `arg` is a mod_mls_leaf_signer_t. */
mls_status_t mod_mls_leaf_sign(void *arg, mls_leaf_draft_t *draft);

#endif
