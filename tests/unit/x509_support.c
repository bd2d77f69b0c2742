#include "x509_support.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509v3.h>

/* ---- keys ---------------------------------------------------------------------------------------- */

static EVP_PKEY *new_key(uint16_t cipher_suite)
{
    if (cipher_suite == TEST_WEAK_KEY)
        return EVP_RSA_gen(1024);
    static const char *const curves[] = { [2] = "P-256", [5] = "P-521", [7] = "P-384" };
    const bool is_448 = cipher_suite == 4 || cipher_suite == 6;
    assert_in_range(cipher_suite, 1, 7);
    EVP_PKEY *key = cipher_suite == 2 || cipher_suite == 5 || cipher_suite == 7
                        ? EVP_EC_gen(curves[cipher_suite])
                        : EVP_PKEY_Q_keygen(NULL, NULL, is_448 ? "ED448" : "ED25519");
    assert_non_null(key);
    return key;
}

static mls_view_t ec_private(test_context_t *t, const EVP_PKEY *key, size_t len)
{
    uint8_t *out = test_alloc(t, len);
    BIGNUM *scalar = NULL;
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar), 1);
    assert_int_equal(BN_bn2binpad(scalar, out, (int)len), (int)len);
    BN_clear_free(scalar);
    return mls_view(out, len);
}

static void take_keys(test_context_t *t, test_certified_t *out, const mls_suite_t *suite)
{
    const size_t private_len = suite->signature->private_len, public_len = suite->signature->public_len;
    uint8_t *public_key = test_alloc(t, public_len), *private_key = test_alloc(t, private_len);
    size_t len = public_len, got_private = private_len;
    out->public_key = mls_view(public_key, public_len);
    if (suite->signature->private_is_integer) {
        assert_int_equal(
            EVP_PKEY_get_octet_string_param(out->key, OSSL_PKEY_PARAM_PUB_KEY, public_key, public_len, &len),
            1);
        out->private_key = ec_private(t, out->key, private_len);
    } else {
        assert_int_equal(EVP_PKEY_get_raw_public_key(out->key, public_key, &len), 1);
        assert_int_equal(EVP_PKEY_get_raw_private_key(out->key, private_key, &got_private), 1);
        out->private_key = mls_view(private_key, got_private);
    }
    assert_int_equal(len, public_len);
}

/* ---- certificates -------------------------------------------------------------------------------- */

static void add_extension(X509 *certificate, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_optional(X509 *certificate, X509V3_CTX *ctx, int nid, const char *value, const char *usual)
{
    value = value == NULL ? usual : value;
    if (value != NULL && strcmp(value, "-") != 0)
        add_extension(certificate, ctx, nid, value);
}

static void add_other(X509 *certificate, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
    assert_int_equal(ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x05", 2), 1); /* NULL */
    X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(object);
}

static void add_extensions(X509 *certificate, X509 *issuer, const test_certificate_spec_t *spec)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    add_optional(certificate, &ctx, NID_basic_constraints, spec->basic_constraints,
                 spec->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_optional(certificate, &ctx, NID_key_usage, spec->key_usage,
                 spec->is_ca ? "critical,keyCertSign" : "critical,digitalSignature");
    add_optional(certificate, &ctx, NID_subject_alt_name, spec->subject_alt_name, NULL);
    add_extension(certificate, &ctx, NID_subject_key_identifier, "hash");
    if (issuer != certificate)
        add_extension(certificate, &ctx, NID_authority_key_identifier, "keyid:always");
    if (spec->other != NULL)
        add_other(certificate, spec->other);
}

static X509 *issue(test_context_t *t, EVP_PKEY *key, const test_certificate_spec_t *spec)
{
    X509 *certificate = X509_new(), *issuer = spec->issuer == NULL ? certificate : spec->issuer->certificate;
    EVP_PKEY *issuer_key = spec->issuer == NULL ? key : spec->issuer->key;
    X509_NAME *subject = X509_NAME_new();
    const int key_type = EVP_PKEY_get_base_id(issuer_key);
    const EVP_MD *md = key_type == EVP_PKEY_EC || key_type == EVP_PKEY_RSA ? EVP_sha256() : NULL;
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)spec->name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1 + test_random(t, 1000000)), 1);
    assert_int_equal(X509_set_subject_name(certificate, subject), 1);
    assert_int_equal(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate),
                                  spec->not_before == 0 ? TEST_NOT_BEFORE : spec->not_before));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate),
                                  spec->not_after == 0 ? TEST_NOT_AFTER : spec->not_after));
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    add_extensions(certificate, issuer, spec);
    assert_true(X509_sign(certificate, issuer_key, md) > 0);
    X509_NAME_free(subject);
    return certificate;
}

/* ---- what a test has made ------------------------------------------------------------------------ */

test_pki_t *test_pki(test_context_t *t)
{
    test_pki_t *pki = test_alloc(t, sizeof *pki);
    pki->t = t;
    return pki;
}

void test_pki_free(test_pki_t *pki)
{
    for (size_t i = 0; i < pki->count; i++) {
        X509_free(pki->items[i].certificate);
        EVP_PKEY_free(pki->items[i].key);
    }
}

/* Takes the key over. */
static const test_certified_t *add(test_pki_t *pki, const test_certified_t *key,
                                   const test_certificate_spec_t *spec)
{
    test_certified_t *out = &pki->items[pki->count++];
    assert_in_range(pki->count, 1, 24);
    *out = *key;
    out->certificate = issue(pki->t, out->key, spec);
    const int len = i2d_X509(out->certificate, NULL);
    assert_true(len > 0);
    uint8_t *der = test_alloc(pki->t, (size_t)len), *end = der;
    assert_int_equal(i2d_X509(out->certificate, &end), len);
    out->der = mls_view(der, (size_t)len);
    return out;
}

const test_certified_t *test_certify(test_pki_t *pki, uint16_t cipher_suite,
                                     const test_certificate_spec_t *spec)
{
    test_certified_t key = { .key = new_key(cipher_suite) };
    if (cipher_suite != TEST_WEAK_KEY)
        take_keys(pki->t, &key, mls_suite_find(cipher_suite));
    return add(pki, &key, spec);
}

const test_certified_t *test_certify_again(test_pki_t *pki, const test_certified_t *key,
                                           const test_certificate_spec_t *spec)
{
    assert_int_equal(EVP_PKEY_up_ref(key->key), 1);
    return add(pki, key, spec);
}

mls_view_t test_x509_body(test_context_t *t, const mls_view_t *certificates, size_t count)
{
    mls_bytes_t body = { 0 };
    assert_ok(mls_x509_encode(&body, certificates, count));
    return test_keep(t, &body);
}
