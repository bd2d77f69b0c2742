/* outside.h -- proposals of those who are not members (RFC 9420, Section 12.1.8). */
#ifndef MLS_OUTSIDE_H
#define MLS_OUTSIDE_H

#include "proposal.h"

/* What a proposal from outside says of the group, as a GroupInfo or a member tells it. */
typedef struct mls_outside_options {
    mls_view_t group_id;
    uint64_t epoch;                /* the current one: in any other nobody takes it */
    mls_view_t authenticated_data; /* sent beside it, in the clear */
} mls_outside_options_t;

/* An external sender: somebody who may propose without being a member. */
typedef struct mls_external_sender {
    mls_view_t signature_key;
    mls_credential_t credential;
} mls_external_sender_t;

/* Encodes the extension_data of external_senders (RFC 9420, Section 12.1.8.1). The caller clears `*out`.
 * MLS_ERR_NOMEM, MLS_ERR_MALFORMED: an x509 credential whose body is no list of certificates. */
MLS_API MLS_MUST_USE mls_status_t mls_external_senders_encode(mls_bytes_t *out,
                                                              const mls_external_sender_t *senders,
                                                              size_t count);

/* The external sender of that number, from 0 on, in the encoded extensions of a GroupContext: views into
 * them. MLS_ERR_NOT_FOUND: there is none. MLS_ERR_MALFORMED, MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_external_senders_at(mls_external_sender_t *out,
                                                          mls_view_t group_context_extensions,
                                                          uint32_t number);

/* A Proposal of the external sender with that number in external_senders: ADD, REMOVE, PSK or
 * GROUP_CONTEXT_EXTENSIONS. The caller clears `*out`, an MLSMessage. MLS_ERR_UNSUPPORTED: no suite of this
 * build. MLS_ERR_ARGUMENT: not a private key of the suite, or not a proposal that can be made so.
 * MLS_ERR_MALFORMED: the KeyPackage to add. */
MLS_API MLS_MUST_USE mls_status_t mls_propose_external(
    mls_bytes_t *out, mls_crypto_t *crypto, uint16_t cipher_suite, mls_view_t signature_private_key,
    uint32_t sender_index, const mls_proposal_spec_t *proposal, const mls_outside_options_t *options);

/* A Proposal by which the owner of the key package asks to be added (RFC 9420, Section 12.1.8). The caller
 * clears
 * `*out`, an MLSMessage. Keep the key package for the Welcome. MLS_ERR_NOMEM, MLS_ERR_CRYPTO. */
MLS_API MLS_MUST_USE mls_status_t mls_propose_to_join(mls_bytes_t *out, const mls_key_package_t *key_package,
                                                      const mls_outside_options_t *options);

#endif
