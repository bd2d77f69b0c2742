/* credential.h -- Credentials, and the Authentication Service that judges them (RFC 9420, Section 5.3). */
#ifndef MLS_CREDENTIAL_H
#define MLS_CREDENTIAL_H

#include "extension.h"
#include "labeled.h"

/* struct { CredentialType credential_type; select … } Credential;     RFC 9420, Section 5.3
 *
 * Each form defined so far is one vector, so that a type unknown here still has a known end. */
void mls_codec_credential(mls_codec_t *codec, mls_credential_t *credential);

static inline bool mls_credential_equal(const mls_credential_t *a, const mls_credential_t *b)
{
    return a->type == b->type && mls_view_equal(a->body, b->body);
}

/* What of a credential is the same for all members, whatever they trust: rules C3, for x509. */
MLS_MUST_USE mls_status_t mls_credential_check(mls_crypto_t *crypto, const mls_limits_t *limits,
                                               const mls_credential_t *credential, mls_view_t signature_key);

/* Asks the Authentication Service: rule C1. `authentication` may be NULL. */
MLS_MUST_USE mls_status_t mls_authenticate(mls_crypto_t *crypto, const mls_authentication_t *authentication,
                                           const mls_leaf_candidate_t *candidate);

#endif
