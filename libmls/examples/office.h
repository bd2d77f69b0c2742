/* office.h -- a certification office, for the example of X.509. Real ones are not part of a chat program: a
 * client sends its public key there and gets a certificate back. */
#ifndef LIBMLS_EXAMPLES_OFFICE_H
#define LIBMLS_EXAMPLES_OFFICE_H

#include <mls/mls.h>

typedef struct office office_t;

/* Opens an office with a key and a certificate of its own. The caller closes it. */
office_t *office_open(const char *name);
void office_close(office_t *office);

/* Its own certificate, in DER: what those who trust it add to their mls_x509_trust_t. Ends with the office.
 */
mls_view_t office_certificate(const office_t *office);

/* Certifies that an Ed25519 public key belongs to the owner of an e-mail address; the certificate is good for
 * that many seconds from now on. The caller clears it. */
mls_bytes_t office_certify(office_t *office, const char *email, mls_view_t public_key, long seconds);

#endif
