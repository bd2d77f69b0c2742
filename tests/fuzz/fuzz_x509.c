/* fuzz_x509.c -- the certificates of an x509 credential (RFC 9420, Section 5.3), on the way of a leaf: what
 * every member checks, the trust in their issuers, their names. The first 32 bytes are the signature key. */
#include "roundtrip.h"
#include "x509.h"

enum { KEY_LEN = 32 };

static void require_list(mls_view_t body)
{
    mls_view_t certificates[MLS_MAX_CERTIFICATES];
    size_t count = MLS_MAX_CERTIFICATES;
    mls_bytes_t again = { 0 };
    const mls_status_t status = mls_x509_certificates(certificates, &count, body);
    /* Behind too many of them nobody looks. */
    fuzz_require(status == MLS_ERR_LIMIT || mls_x509_is_list(body) == (status == MLS_OK),
                 "both say the same");
    if (status != MLS_OK)
        return;
    fuzz_require(mls_x509_encode(&again, certificates, count) == MLS_OK, "what was read can be written");
    fuzz_require(mls_view_equal(mls_bytes_view(&again), body), "and is the same");
    mls_bytes_clear(&again);
}

static mls_status_t look(void *arg, mls_x509_name_type_t type, mls_view_t name)
{
    (void)arg;
    (void)type;
    fuzz_require(name.len > 0 && memchr(name.data, 0, name.len) == NULL, "no name ends early");
    return MLS_OK;
}

/* Everything trusts in the last certificate, so that verifying goes as far as it can. */
static void try_trust(mls_view_t body, mls_view_t key)
{
    const mls_leaf_info_t leaf = { .credential_type = MLS_CREDENTIAL_X509,
                                   .identity = body,
                                   .signature_key = key };
    mls_view_t certificates[MLS_MAX_CERTIFICATES];
    size_t count = MLS_MAX_CERTIFICATES;
    const char *reason;
    mls_x509_trust_t *trust;
    fuzz_require(mls_x509_certificates(certificates, &count, body) == MLS_OK && count > 0, "it was checked");
    fuzz_require(mls_x509_trust_new(&trust) == MLS_OK, "memory");
    fuzz_require(mls_x509_trust_add(trust, certificates[count - 1]) == MLS_OK, "it was decoded before");
    const mls_status_t status = mls_x509_verify(trust, &leaf, 0, &reason);
    fuzz_require(status == MLS_OK || (status == MLS_ERR_REJECTED && strlen(reason) > 0), "a verdict");
    fuzz_require(mls_x509_names(body, look, NULL) == MLS_OK, "names can be looked at");
    mls_x509_trust_free(trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_crypto_t *crypto;
    if (len < KEY_LEN)
        return 0;
    const mls_view_t key = mls_view(data, KEY_LEN), body = mls_view(data + KEY_LEN, len - KEY_LEN);
    fuzz_require(mls_crypto_new(&crypto, NULL) == MLS_OK, "a crypto context can be made");
    require_list(body);
    const mls_status_t status = mls_x509_check(crypto, &limits, body, key);
    if (status == MLS_OK)
        try_trust(body, key);
    else
        fuzz_require(mls_status_is_input(status), "the input is blamed");
    mls_crypto_free(crypto);
    return 0;
}
