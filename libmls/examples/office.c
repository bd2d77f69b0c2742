#include "office.h"
#include "example.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct office {
    EVP_PKEY *key;
    X509 *certificate;
    mls_bytes_t der;
    long num_issued;
};

static mls_bytes_t encode(const X509 *certificate)
{
    unsigned char *der = NULL;
    mls_bytes_t out;
    const int len = i2d_X509(certificate, &der);
    expect(len > 0, "a certificate can be encoded");
    must(mls_bytes_copy(&out, mls_view(der, (size_t)len)), "copy a certificate");
    OPENSSL_free(der);
    return out;
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    expect(extension != NULL && X509_add_ext(certificate, extension, -1) == 1, "an extension can be added");
    X509_EXTENSION_free(extension);
}

/* A certificate that is not signed yet; the caller signs and frees it. */
static X509 *begin(office_t *office, const char *name, EVP_PKEY *key, long seconds)
{
    X509 *certificate = X509_new(), *issuer = office->certificate;
    X509_NAME *subject = X509_NAME_new();
    expect(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) &&
               X509_set_version(certificate, X509_VERSION_3) && X509_set_subject_name(certificate, subject) &&
               X509_set_issuer_name(certificate, issuer == NULL ? subject : X509_get_subject_name(issuer)) &&
               ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++office->num_issued) &&
               X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL &&
               X509_gmtime_adj(X509_getm_notAfter(certificate), seconds) != NULL &&
               X509_set_pubkey(certificate, key),
           "a certificate can be made");
    X509_NAME_free(subject);
    return certificate;
}

office_t *office_open(const char *name)
{
    office_t *office = calloc(1, sizeof *office);
    expect(office != NULL && (office->key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")) != NULL, "memory");
    X509 *own = begin(office, name, office->key, 10L * 365 * 24 * 3600);
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign");
    add_extension(own, own, NID_subject_key_identifier, "hash");
    expect(X509_sign(own, office->key, NULL) > 0, "the office can sign");
    office->certificate = own;
    office->der = encode(own);
    return office;
}

void office_close(office_t *office)
{
    mls_bytes_clear(&office->der);
    X509_free(office->certificate);
    EVP_PKEY_free(office->key);
    free(office);
}

mls_view_t office_certificate(const office_t *office)
{
    return mls_bytes_view(&office->der);
}

mls_bytes_t office_certify(office_t *office, const char *email, mls_view_t public_key, long seconds)
{
    char names[256];
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key.data, public_key.len);
    expect(key != NULL, "that is a public key");
    X509 *certificate = begin(office, email, key, seconds);
    snprintf(names, sizeof names, "email:%s", email);
    add_extension(certificate, office->certificate, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(certificate, office->certificate, NID_key_usage, "critical,digitalSignature");
    add_extension(certificate, office->certificate, NID_subject_alt_name, names);
    add_extension(certificate, office->certificate, NID_authority_key_identifier, "keyid:always");
    expect(X509_sign(certificate, office->key, NULL) > 0, "the office can sign");
    const mls_bytes_t der = encode(certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return der;
}
