/* key_package.h -- KeyPackages (RFC 9420, Sections 10 and 10.1). */
#ifndef MLS_SRC_KEY_PACKAGE_H
#define MLS_SRC_KEY_PACKAGE_H

#include "leaf_node.h"
#include "mls/key_package.h"

/* struct {
 *     ProtocolVersion version;
 *     CipherSuite cipher_suite;
 *     HPKEPublicKey init_key;
 *     LeafNode leaf_node;
 *     Extension extensions<V>;
 *     opaque signature<V>;
 * } KeyPackage;                                                       RFC 9420, Section 10 */
typedef struct mls_key_package_data {
    mls_view_t tbs; /* all but the signature, as decoded */
    uint16_t version;
    uint16_t cipher_suite;
    mls_view_t init_key;
    mls_view_t leaf_encoded;
    mls_leaf_node_t leaf;
    mls_view_t extensions;
    mls_view_t signature;
} mls_key_package_data_t;

void mls_codec_key_package_data(mls_codec_t *codec, void *object);

/* RFC 9420, Section 10.1 for a group of that suite: the package and its leaf, without the Authentication
 * Service and without the group. `now` 0 leaves the clock out. */
MLS_MUST_USE mls_status_t mls_key_package_check(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                const mls_key_package_data_t *key_package,
                                                const mls_leaf_rules_t *rules);
/* The two halves of that: all but the two signatures; and these alone, rules L1 and K4. */
MLS_MUST_USE mls_status_t mls_key_package_check_fields(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                       const mls_key_package_data_t *key_package,
                                                       const mls_leaf_rules_t *rules);
MLS_MUST_USE mls_status_t mls_key_package_verify(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                 const mls_key_package_data_t *key_package);

/* KeyPackageRef (RFC 9420, Section 5.2) of an encoded KeyPackage. */
MLS_MUST_USE mls_status_t mls_key_package_data_ref(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                   mls_secret_t *out, mls_view_t encoded);

struct mls_key_package {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    mls_bytes_t message; /* MLSMessage */
    mls_view_t encoded;  /* the KeyPackage in it */
    mls_secret_t ref;
    mls_hpke_private_t init_private_key;
    mls_hpke_private_t encryption_private_key;
    mls_signature_key_t signature_key;
};

/* Decodes the own KeyPackage again; views point into it. */
MLS_MUST_USE mls_status_t mls_key_package_decode(const mls_key_package_t *key_package,
                                                 mls_key_package_data_t *out);

/* The KeyPackage in an MLSMessage, or the bytes themselves where they are no MLSMessage. */
MLS_MUST_USE mls_status_t mls_key_package_unwrap(mls_view_t *encoded, mls_view_t message);

#endif
