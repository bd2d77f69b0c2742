/* x509.h -- what every member checks of an X.509 credential (RFC 9420, Section 5.3). */
#ifndef MLS_SRC_X509_H
#define MLS_SRC_X509_H

#include "mls/limits.h"
#include "mls/x509.h"
#include "rule.h"

enum { MLS_MAX_CERTIFICATES = 32 }; /* of one credential, whatever the limits say */

/* Certificate certificates<V>, without its length: whether it is a list of certificates at all. */
bool mls_x509_is_list(mls_view_t body);

/* Rules C3: their number and length, that they decode, whose key the first one has, and their order. */
MLS_MUST_USE mls_status_t mls_x509_check(mls_crypto_t *crypto, const mls_limits_t *limits, mls_view_t body,
                                         mls_view_t signature_key);

#endif
