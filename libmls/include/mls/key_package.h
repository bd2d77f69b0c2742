/* key_package.h -- KeyPackages: what others need to add this client (RFC 9420, Section 10). */
#ifndef MLS_KEY_PACKAGE_H
#define MLS_KEY_PACKAGE_H

#include "codec.h"
#include "extension.h"

/* An own KeyPackage with its private keys. */
typedef struct mls_key_package mls_key_package_t;

/* What a KeyPackage is made of. Only the suite, an identity or a credential, and the lifetime are needed. */
typedef struct mls_key_package_params {
    uint16_t cipher_suite;              /* one of mls_crypto_suites() */
    mls_view_t identity;                /* of a basic credential, or */
    const mls_credential_t *credential; /* one of any type */
    /* The signature key, in the form of mls_crypto_signature_key_pair(); empty: a fresh one. The credential
     * may bind the key, as an x509 one does. */
    mls_view_t signature_private_key;
    mls_capabilities_t capabilities;  /* the own version, suite and credential type are put in if missing */
    mls_extensions_t leaf_extensions; /* of the LeafNode, which goes into the tree */
    mls_extensions_t extensions;      /* of the KeyPackage */
    uint64_t not_before, not_after;   /* seconds since 1970-01-01T00:00:00Z */
    /* Marks it as one that may be used more than once (RFC 9420, Section 16.8; draft-ietf-mls-extensions,
     * "Last-Resort KeyPackages"). */
    bool last_resort;
    bool grease; /* adds GREASE values and extensions (RFC 9420, Section 13.5) */
    mls_leaf_hook_t leaf_hook;
} mls_key_package_params_t;

/* Makes a KeyPackage with fresh init and encryption keys. The caller frees it; nothing in `params` is kept.
 * MLS_ERR_UNSUPPORTED: no suite of this build, or an x509 credential without OpenSSL. MLS_ERR_ARGUMENT: not a
 * private key of the suite. MLS_ERR_INVALID, MLS_ERR_MALFORMED, MLS_ERR_LIMIT: a credential, capabilities or
 * extensions that others would refuse. Or what the hook said. */
MLS_API MLS_MUST_USE mls_status_t mls_key_package_new(mls_key_package_t **out, mls_crypto_t *crypto,
                                                      const mls_key_package_params_t *params);

/* Takes an own KeyPackage, encoded as MLSMessage or KeyPackage, with the private keys that belong to it, in
 * the form of RFC 9420, Section 5.1.1. All is copied. The caller frees it. MLS_ERR_INVALID: a private key is
 * not the public key's, or the leaf is not made for a KeyPackage. MLS_ERR_SIGNATURE: of the leaf or the
 * KeyPackage. MLS_ERR_ARGUMENT: it is none of the suite. MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED. */
MLS_API MLS_MUST_USE mls_status_t mls_key_package_import(mls_key_package_t **out, mls_crypto_t *crypto,
                                                         mls_view_t key_package, mls_view_t init_private_key,
                                                         mls_view_t encryption_private_key,
                                                         mls_view_t signature_private_key);

/* Wipes the private keys and frees. NULL is fine. */
MLS_API void mls_key_package_free(mls_key_package_t *key_package);

/* Its cipher suite. */
MLS_API uint16_t mls_key_package_cipher_suite(const mls_key_package_t *key_package);
/* The KeyPackage as MLSMessage, to be published. The view ends with the key package. */
MLS_API mls_view_t mls_key_package_message(const mls_key_package_t *key_package);
/* Its KeyPackageRef (RFC 9420, Section 5.2), by which a Welcome names it. Ends with the key package. */
MLS_API mls_view_t mls_key_package_ref(const mls_key_package_t *key_package);

/* Writes the KeyPackage **with its private keys** in a versioned format of libmls, for the host's store. The
 * caller clears `*out`. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_key_package_save(mls_bytes_t *out,
                                                       const mls_key_package_t *key_package);
/* Reads back what mls_key_package_save() wrote. The caller frees it. MLS_ERR_STORE: the bytes are not such.
 * MLS_ERR_UNSUPPORTED: of a suite that this build has not. */
MLS_API MLS_MUST_USE mls_status_t mls_key_package_load(mls_key_package_t **out, mls_crypto_t *crypto,
                                                       mls_view_t saved);

/* A KeyPackage of somebody else, to look at. Views borrow from the message. */
typedef struct mls_key_package_info {
    uint16_t cipher_suite;
    uint8_t ref[64];       /* the KeyPackageRef (RFC 9420, Section 5.2), */
    size_t ref_len;        /* of that many bytes */
    mls_leaf_info_t leaf;  /* leaf.init_key is set */
    mls_view_t extensions; /* encoded `Extension extensions<V>` of the KeyPackage */
    mls_view_t encoded;    /* the KeyPackage inside the MLSMessage */
    bool last_resort;      /* marked so, by component or by extension */
} mls_key_package_info_t;

/* Reads the MLSMessage of a KeyPackage and validates it (RFC 9420, Section 10.1): signatures, keys,
 * capabilities, that its lifetime is 91 days at most and, where `now` (seconds) is not 0, that `now` lies in
 * it; then asks `authentication` (may be NULL). MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED (version, suite),
 * MLS_ERR_SIGNATURE, MLS_ERR_INVALID, MLS_ERR_LIMIT, or what the callback said. */
MLS_API MLS_MUST_USE mls_status_t mls_key_package_read(mls_key_package_info_t *out, mls_crypto_t *crypto,
                                                       mls_view_t message, uint64_t now,
                                                       const mls_authentication_t *authentication);

/* For structs of one's own that hold a KeyPackage: visits one and makes `*encoded` its bytes, shape only;
 * encoding appends `*encoded`. `encoded` is a mls_view_t. */
MLS_API void mls_codec_key_package(mls_codec_t *codec, void *encoded);

#endif
