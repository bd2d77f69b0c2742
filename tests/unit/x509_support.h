/* x509_support.h -- certificates for tests, made as each test wants them. */
#ifndef TESTS_UNIT_X509_SUPPORT_H
#define TESTS_UNIT_X509_SUPPORT_H

#include "support.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* A certificate, with its key. */
typedef struct test_certified {
    EVP_PKEY *key;
    X509 *certificate;
    mls_view_t der;
    mls_view_t private_key, public_key; /* as RFC 9420, Section 5.1.1 has them */
} test_certified_t;

/* What a certificate says; all zero for an ordinary one of an end entity. Extensions are as in the
 * configuration file of OpenSSL; empty: the usual ones; "-": none. */
typedef struct test_certificate_spec {
    const char *name;
    const test_certified_t *issuer; /* NULL: itself */
    bool is_ca;
    const char *basic_constraints, *key_usage, *subject_alt_name, *other; /* `other`: OID=value, critical */
    time_t not_before, not_after;                                         /* 0: TEST_NOT_BEFORE, …_AFTER */
} test_certificate_spec_t;

/* All that a test has made. */
typedef struct test_pki {
    test_context_t *t;
    test_certified_t items[24];
    size_t count;
} test_pki_t;

test_pki_t *test_pki(test_context_t *t);
void test_pki_free(test_pki_t *pki);

enum { TEST_WEAK_KEY = 0xffff }; /* in the place of a suite: RSA with 1,024 bits, for a CA */

/* A fresh key for the signatures of that suite, and a certificate for it. */
const test_certified_t *test_certify(test_pki_t *pki, uint16_t cipher_suite,
                                     const test_certificate_spec_t *spec);
/* Another certificate for a key. */
const test_certified_t *test_certify_again(test_pki_t *pki, const test_certified_t *key,
                                           const test_certificate_spec_t *spec);

/* The body of a credential with these certificates. */
mls_view_t test_x509_body(test_context_t *t, const mls_view_t *certificates, size_t count);

#endif
