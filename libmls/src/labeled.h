/* labeled.h -- every use of a primitive by MLS names what it is for.
 *
 * RFC 9420, Sections 5.1.2 (signatures), 5.1.3 (encryption), 5.2 (references), 8 (derivation) and 9.1
 * (derivation in the secret tree). Labels come without "MLS 1.0 ". */
#ifndef MLS_LABELED_H
#define MLS_LABELED_H

#include "hpke.h"

/* A signature key pair; the public half is kept, since deriving it costs as much as signing. */
typedef struct mls_signature_key {
    size_t private_len, public_len; /* bytes in use */
    uint8_t private_key[MLS_MAX_SIGNATURE_PRIVATE_LEN];
    uint8_t public_key[MLS_MAX_KEM_PUBLIC_LEN];
} mls_signature_key_t;

static inline mls_view_t mls_signature_public_view(const mls_signature_key_t *key)
{
    return mls_view(key->public_key, key->public_len);
}

static inline mls_view_t mls_signature_private_view(const mls_signature_key_t *key)
{
    return mls_view(key->private_key, key->private_len);
}

void mls_signature_key_wipe(mls_signature_key_t *key);
/* Takes a private key and derives its public one. MLS_ERR_ARGUMENT: not as long as the suite's. */
MLS_MUST_USE mls_status_t mls_signature_key_set(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                mls_signature_key_t *key, mls_view_t private_key);
MLS_MUST_USE mls_status_t mls_signature_key_generate(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                     mls_signature_key_t *key);

/* The caller clears `*signature`. The content comes in parts, so that nobody has to put a large one together
 * before; or as a whole. */
MLS_MUST_USE mls_status_t mls_sign_parts_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                    mls_bytes_t *signature, const mls_signature_key_t *key,
                                                    const char *label, const mls_view_t *parts,
                                                    size_t num_parts);
MLS_MUST_USE mls_status_t mls_sign_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                              mls_bytes_t *signature, const mls_signature_key_t *key,
                                              const char *label, mls_view_t content);
/* MLS_ERR_SIGNATURE; MLS_ERR_INVALID for a key of the wrong length. The content comes in parts, or as a
 * whole. */
MLS_MUST_USE mls_status_t mls_verify_parts_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                      mls_view_t public_key, const char *label,
                                                      const mls_view_t *parts, size_t num_parts,
                                                      mls_view_t signature);
MLS_MUST_USE mls_status_t mls_verify_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                mls_view_t public_key, const char *label, mls_view_t content,
                                                mls_view_t signature);

/* The part of EncryptWithLabel that is the same for all recipients. */
MLS_MUST_USE mls_status_t mls_encrypt_context(mls_crypto_t *crypto, const mls_suite_t *suite,
                                              mls_hpke_info_t *out, const char *label, mls_view_t context);
/* DecryptWithLabel into `*plaintext`, which the caller clears; `public_key` as for mls_hpke_open(). */
MLS_MUST_USE mls_status_t mls_decrypt_with_label(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                 mls_bytes_t *plaintext,
                                                 const mls_hpke_private_t *private_key, mls_view_t public_key,
                                                 const char *label, mls_view_t context, mls_view_t kem_output,
                                                 mls_view_t ciphertext);

/* RefHash(label, value); `label` is the whole one ("MLS 1.0 KeyPackage Reference"). */
MLS_MUST_USE mls_status_t mls_ref_hash(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                       const char *label, mls_view_t value);

MLS_MUST_USE mls_status_t mls_expand_with_label(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                                size_t len, mls_view_t secret, const char *label,
                                                mls_view_t context);
/* DeriveSecret(secret, label). `out` may be `secret`. */
MLS_MUST_USE mls_status_t mls_derive_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                            const mls_secret_t *secret, const char *label);
/* DeriveTreeSecret(secret, label, generation, length) */
MLS_MUST_USE mls_status_t mls_derive_tree_secret(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out,
                                                 size_t len, const mls_secret_t *secret, const char *label,
                                                 uint32_t generation);

/* MAC(key, data) of RFC 9420, Section 5.1: HMAC with the suite's hash. */
MLS_MUST_USE mls_status_t mls_mac(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                  const mls_secret_t *key, const mls_view_t *parts, size_t num_parts);

#endif
