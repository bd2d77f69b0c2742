/* key_schedule.h -- the secrets of an epoch (RFC 9420, Section 8). */
#ifndef MLS_KEY_SCHEDULE_H
#define MLS_KEY_SCHEDULE_H

#include "labeled.h"
#include "proposal.h"

/* RFC 9420, Section 8, with the names of its diagram and of Table 4. */
typedef struct mls_epoch_secrets {
    mls_secret_t sender_data_secret;
    mls_secret_t encryption_secret; /* until the secret tree has taken it */
    mls_secret_t exporter_secret;
    mls_secret_t external_secret;
    mls_secret_t confirmation_key;
    mls_secret_t membership_key;
    mls_secret_t resumption_psk;
    mls_secret_t epoch_authenticator;
    mls_secret_t init_secret;               /* for the next epoch */
    mls_secret_t application_export_secret; /* until the exporter tree has taken it */
} mls_epoch_secrets_t;

void mls_epoch_secrets_wipe(mls_epoch_secrets_t *secrets);

/* joiner_secret of the epoch with that (encoded) GroupContext. */
MLS_MUST_USE mls_status_t mls_joiner_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                            const mls_secret_t *init_secret,
                                            const mls_secret_t *commit_secret, mls_view_t context);
/* welcome_secret; `psk_secret` as from mls_psk_secret(). */
MLS_MUST_USE mls_status_t mls_welcome_secret(mls_crypto_t *crypto, const mls_suite_t *suite,
                                             mls_secret_t *out, const mls_secret_t *joiner_secret,
                                             const mls_secret_t *psk_secret);
/* Key and nonce for the encrypted GroupInfo (RFC 9420, Section 12.4.3). */
MLS_MUST_USE mls_status_t mls_welcome_key_nonce(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *key,
                                                uint8_t *nonce, const mls_secret_t *welcome_secret);
/* All secrets of the epoch. */
MLS_MUST_USE mls_status_t mls_epoch_secrets_derive(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_epoch_secrets_t *out,
                                                   const mls_secret_t *joiner_secret,
                                                   const mls_secret_t *psk_secret, mls_view_t context);
/* The secrets that follow from an epoch_secret: the first epoch of a group has a random one
 * (RFC 9420, Section 11). */
MLS_MUST_USE mls_status_t mls_epoch_secrets_from(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                 mls_epoch_secrets_t *out, const mls_secret_t *epoch_secret);

/* MLS-Exporter (RFC 9420, Section 8.5). `len` is at most 65,535. */
MLS_MUST_USE mls_status_t mls_exporter(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                       size_t len, const mls_secret_t *exporter_secret, const char *label,
                                       mls_view_t context);

/* The key pair that external joiners encrypt to (RFC 9420, Section 8.3). */
MLS_MUST_USE mls_status_t mls_external_key_pair(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                mls_hpke_private_t *private_key,
                                                mls_hpke_public_t *public_key,
                                                const mls_secret_t *external_secret);

/* psk_secret of a list of PSKs, in order (RFC 9420, Section 8.4); all zero for none. */
MLS_MUST_USE mls_status_t mls_psk_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                         const mls_pre_shared_key_id_t *ids, const mls_view_t *psks,
                                         size_t num_psks);

/* ---- transcript hashes (RFC 9420, Section 8.2) --------------------------------------------------- */

/* confirmed_transcript_hash after a Commit: over the hash before and the Commit's wire format, content and
 * signature. */
MLS_MUST_USE mls_status_t mls_confirmed_transcript_hash(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                        mls_secret_t *out, mls_view_t interim_before,
                                                        uint16_t wire_format, mls_view_t content_encoded,
                                                        mls_view_t signature);
MLS_MUST_USE mls_status_t mls_interim_transcript_hash(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                      mls_secret_t *out, mls_view_t confirmed,
                                                      mls_view_t confirmation_tag);
/* MAC(confirmation_key, confirmed_transcript_hash), RFC 9420, Section 6.1. */
MLS_MUST_USE mls_status_t mls_confirmation_tag(mls_crypto_t *crypto, const mls_suite_t *suite,
                                               mls_secret_t *out, const mls_secret_t *confirmation_key,
                                               mls_view_t confirmed_transcript_hash);
/* Compares a tag, all of it and in constant time. */
bool mls_tag_equal(const mls_secret_t *expected, mls_view_t tag);

#endif
