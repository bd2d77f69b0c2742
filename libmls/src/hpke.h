/* hpke.h -- HPKE in base mode (RFC 9180), as far as RFC 9420 uses it: Sections 5.1.3 and 8.3. */
#ifndef MLS_HPKE_H
#define MLS_HPKE_H

#include "suite.h"

typedef struct mls_hpke_private {
    size_t len; /* bytes in use */
    uint8_t data[MLS_MAX_KEM_PRIVATE_LEN];
} mls_hpke_private_t;

typedef struct mls_hpke_public {
    size_t len; /* bytes in use */
    uint8_t data[MLS_MAX_KEM_PUBLIC_LEN];
} mls_hpke_public_t;

static inline mls_view_t mls_hpke_public_view(const mls_hpke_public_t *key)
{
    return mls_view(key->data, key->len);
}

static inline mls_view_t mls_hpke_private_view(const mls_hpke_private_t *key)
{
    return mls_view(key->data, key->len);
}

void mls_hpke_private_wipe(mls_hpke_private_t *key);
/* MLS_ERR_INVALID if it is not as long as the suite's keys are; an integer may lack its leading zeros. */
MLS_MUST_USE mls_status_t mls_hpke_private_set(const mls_suite_t *suite, mls_hpke_private_t *key,
                                               mls_view_t in);

/* DeriveKeyPair (RFC 9180, Section 7.1.3). The caller wipes the private key. */
MLS_MUST_USE mls_status_t mls_hpke_derive_key_pair(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_hpke_private_t *private_key,
                                                   mls_hpke_public_t *public_key, mls_view_t ikm);
/* Public keys of any number of private ones. */
MLS_MUST_USE mls_status_t mls_hpke_public_keys(mls_crypto_t *crypto, const mls_suite_t *suite,
                                               mls_hpke_public_t *public_keys,
                                               const mls_hpke_private_t *private_keys, size_t num);
/* The private half of DeriveKeyPair; the caller wipes it. */
MLS_MUST_USE mls_status_t mls_hpke_derive_private(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                  mls_hpke_private_t *private_key, mls_view_t ikm);
/* A fresh private key: DeriveKeyPair of KDF.Nh random bytes. */
MLS_MUST_USE mls_status_t mls_hpke_generate_private(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                    mls_hpke_private_t *private_key);
/* A fresh key pair. */
MLS_MUST_USE mls_status_t mls_hpke_generate(mls_crypto_t *crypto, const mls_suite_t *suite,
                                            mls_hpke_private_t *private_key, mls_hpke_public_t *public_key);
MLS_MUST_USE mls_status_t mls_hpke_public_key(mls_crypto_t *crypto, const mls_suite_t *suite,
                                              mls_hpke_public_t *public_key,
                                              const mls_hpke_private_t *private_key);
/* RFC 9420, Section 5.1.1: rule E7 for what is no public key of the suite. */
MLS_MUST_USE mls_status_t mls_hpke_check_public(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                mls_view_t key);

/* The key_schedule_context of an `info`: the hashes of that and of an empty psk_id (RFC 9180, Section 5.1).
 * It is the same for every recipient, and a GroupInfo in it may be large: computed once, it serves any number
 * of seals. */
typedef struct mls_hpke_info {
    size_t len;
    uint8_t context[1 + 2 * MLS_MAX_HASH_LEN];
} mls_hpke_info_t;
MLS_MUST_USE mls_status_t mls_hpke_hash_info(mls_crypto_t *crypto, const mls_suite_t *suite,
                                             mls_hpke_info_t *out, const mls_view_t *parts, size_t num_parts);

/* SealBase and OpenBase with an empty aad. To open takes the public key that belongs to `private_key`, which
 * would cost as much to derive as all the rest; empty: it is derived. `kem_output` takes
 * suite->dh->public_len bytes, `ciphertext` plaintext.len + MLS_AEAD_TAG_LEN, `plaintext` ciphertext.len -
 * MLS_AEAD_TAG_LEN. MLS_ERR_INVALID: `public_key` or `kem_output` is no point. MLS_ERR_DECRYPT. */
MLS_MUST_USE mls_status_t mls_hpke_seal(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *kem_output,
                                        uint8_t *ciphertext, mls_view_t public_key,
                                        const mls_hpke_info_t *info, mls_view_t plaintext);
/* The same with that ephemeral key pair, which is good for one message. */
MLS_MUST_USE mls_status_t mls_hpke_seal_from(mls_crypto_t *crypto, const mls_suite_t *suite,
                                             const mls_hpke_private_t *ephemeral,
                                             const mls_hpke_public_t *ephemeral_public, uint8_t *kem_output,
                                             uint8_t *ciphertext, mls_view_t public_key,
                                             const mls_hpke_info_t *info, mls_view_t plaintext);
MLS_MUST_USE mls_status_t mls_hpke_open(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *plaintext,
                                        mls_view_t kem_output, const mls_hpke_private_t *private_key,
                                        mls_view_t public_key, const mls_hpke_info_t *info,
                                        mls_view_t ciphertext);

/* Export of a fresh encapsulation, for ExternalInit (RFC 9420, Section 8.3). */
MLS_MUST_USE mls_status_t mls_hpke_send_export(mls_crypto_t *crypto, const mls_suite_t *suite,
                                               uint8_t *kem_output, mls_secret_t *out, mls_view_t public_key,
                                               const char *exporter_context);
MLS_MUST_USE mls_status_t mls_hpke_receive_export(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                  mls_secret_t *out, mls_view_t kem_output,
                                                  const mls_hpke_private_t *private_key,
                                                  const char *exporter_context);

/* HKDF-Extract and HKDF-Expand (RFC 5869) of the suite's hash. `len` is at most 255 hashes. */
MLS_MUST_USE mls_status_t mls_hkdf_extract(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                           mls_view_t salt, const mls_view_t *ikm, size_t num_ikm);
MLS_MUST_USE mls_status_t mls_hkdf_expand(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                          size_t len, mls_view_t prk, const mls_view_t *info,
                                          size_t num_info);

#endif
