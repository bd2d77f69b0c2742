/* x509.h -- X.509 credentials (RFC 9420, Section 5.3).
 *
 * libmls checks of every leaf what is the same for all members: that the certificates decode, that issuers
 * stand behind what they have issued, and that the first certificate is for the leaf's signature key. Whom to
 * trust is for the Authentication Service: its callback calls mls_x509_verify().
 *
 * Everything here needs OpenSSL. A build without it answers MLS_ERR_UNSUPPORTED, and refuses leaves with
 * such a credential in the same way. */
#ifndef MLS_X509_H
#define MLS_X509_H

#include "extension.h"

/* Encodes the body of an x509 credential: certificates in DER, the end entity's first, each followed by its
 * issuer's; those that everybody has may be left out. The caller clears `*body`. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_x509_encode(mls_bytes_t *body, const mls_view_t *certificates,
                                                  size_t count);

/* The certificates of the body of an x509 credential, as views into it: `*count` says how many fit into
 * `certificates`, then how many there are. MLS_ERR_LIMIT: they do not fit. MLS_ERR_MALFORMED. */
MLS_API MLS_MUST_USE mls_status_t mls_x509_certificates(mls_view_t *certificates, size_t *count,
                                                        mls_view_t body);

/* ---- trust --------------------------------------------------------------------------------------- */

/* Certificates that are trusted, whoever has issued them: roots, mostly. One thread at a time. */
typedef struct mls_x509_trust mls_x509_trust_t;

/* Trusts nobody yet. The caller frees it. MLS_ERR_UNSUPPORTED: a build without OpenSSL. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_x509_trust_new(mls_x509_trust_t **out);
/* Frees it. NULL is fine. */
MLS_API void mls_x509_trust_free(mls_x509_trust_t *trust);

/* Adds a certificate in DER, or any number of them in PEM. MLS_ERR_MALFORMED: then none is added of DER, and
 * of PEM those before. MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_x509_trust_add(mls_x509_trust_t *trust, mls_view_t certificates);

/* Whether the x509 credential of a leaf is for its signature key, and leads to a trusted certificate by RFC
 * 5280: signatures, validity at `now` (seconds since 1970-01-01T00:00:00Z; 0: at any time), basic
 * constraints, path length, key usage, name constraints, unknown critical extensions; keys and hashes of less
 * than 112 bits of security are refused, and so is a CA's certificate in the place of the end entity's.
 * Revocation is not looked at. `*reason` (may be NULL) says in English what is wrong; static storage.
 *
 * A verdict that depends on the clock is not the same for members who ask at different times: on leaves in
 * Commits give the time that the delivery service has put on the Commit, or 0, and remove who has expired.
 * MLS_ERR_REJECTED, MLS_ERR_UNSUPPORTED, MLS_ERR_NOMEM, MLS_ERR_ARGUMENT (`now`). */
MLS_API MLS_MUST_USE mls_status_t mls_x509_verify(const mls_x509_trust_t *trust, const mls_leaf_info_t *leaf,
                                                  uint64_t now, const char **reason);

/* ---- names --------------------------------------------------------------------------------------- */

/* What a name is. */
typedef enum mls_x509_name_type {
    MLS_X509_NAME_EMAIL,
    MLS_X509_NAME_DNS, /* may begin with a wildcard label */
    MLS_X509_NAME_URI,
    MLS_X509_NAME_XMPP, /* id-on-xmppAddr: a JID (RFC 6120, Section 13.7.1.4) */
    MLS_X509_NAME_COMMON_NAME
} mls_x509_name_type_t;

/* Called for a name; any status but MLS_OK ends the walk with that status. The view ends with the call. */
typedef mls_status_t mls_x509_name_fn(void *arg, mls_x509_name_type_t type, mls_view_t name);

/* The names that a credential presents (RFC 9420, Section 5.3): calls `visit` with those of the first
 * certificate's subjectAltName, then with its common names, until it answers something else than MLS_OK, and
 * answers that. Names are UTF-8 or ASCII; those that are not, or have a NUL in them, are left out. They are
 * worth nothing until the credential is verified. MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED, MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_x509_names(mls_view_t body, mls_x509_name_fn *visit, void *arg);

#endif
