/* public_message.h -- handshake messages that are signed and tagged, but not encrypted
 * (RFC 9420, Section 6.2). */
#ifndef MLS_PUBLIC_MESSAGE_H
#define MLS_PUBLIC_MESSAGE_H

#include "framing.h"

/* The membership tag of a content that is signed already. `context` is the encoded GroupContext. */
MLS_MUST_USE mls_status_t mls_membership_tag(mls_crypto_t *crypto, const mls_suite_t *suite,
                                             mls_secret_t *out, const mls_authenticated_content_t *content,
                                             const mls_secret_t *membership_key, mls_view_t context);

/* Encodes a signed content as MLSMessage; for a member `membership_key` makes its tag. The caller clears
 * `*out`. MLS_ERR_ARGUMENT for application data (rule F4). */
MLS_MUST_USE mls_status_t mls_public_message_seal(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                  mls_bytes_t *out,
                                                  const mls_authenticated_content_t *content,
                                                  const mls_secret_t *membership_key, mls_view_t context);

/* Checks the membership tag of a member's message: rule F6. */
MLS_MUST_USE mls_status_t mls_public_message_check_tag(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                       const mls_public_message_t *message,
                                                       const mls_secret_t *membership_key,
                                                       mls_view_t context);

#endif
