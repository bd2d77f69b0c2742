/* engine_openssl_x509.c -- X.509 certificates by OpenSSL (RFC 5280). */
#include "engine_openssl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <stdlib.h>

struct mls_x509_chain {
    size_t count; /* at least one */
    X509 *certificates[];
};

struct mls_x509_trust {
    X509_STORE *store;
};

/* ---- chains -------------------------------------------------------------------------------------- */

/* A whole certificate and nothing behind it; NULL if it is none. OpenSSL's complaints are not left to whoever
 * looks for its own. */
static X509 *decode_one(mls_view_t der)
{
    const unsigned char *end = der.data;
    ERR_set_mark();
    X509 *certificate = der.len > LONG_MAX ? NULL : d2i_X509(NULL, &end, (long)der.len);
    if (certificate != NULL && end != der.data + der.len) {
        X509_free(certificate);
        certificate = NULL;
    }
    ERR_pop_to_mark();
    return certificate;
}

static void chain_free(mls_x509_chain_t *chain)
{
    for (size_t i = 0; chain != NULL && i < chain->count; i++)
        X509_free(chain->certificates[i]);
    free(chain);
}

/* As with keys and signatures: what does not decode is decoded again (see engine_openssl.h). */
static mls_status_t decode_next(mls_x509_chain_t *chain, mls_view_t der)
{
    X509 *certificate = decode_one(der), *empty;
    if (certificate == NULL) {
        if ((empty = X509_new()) == NULL)
            return MLS_ERR_NOMEM;
        X509_free(empty);
        certificate = decode_one(der);
    }
    if (certificate == NULL)
        return MLS_ERR_MALFORMED;
    chain->certificates[chain->count++] = certificate;
    return MLS_OK;
}

static mls_status_t chain_decode(mls_x509_chain_t **out, const mls_view_t *certificates, size_t count)
{
    mls_x509_chain_t *chain = calloc(1, sizeof *chain + count * sizeof(X509 *));
    mls_status_t status = count == 0 ? MLS_ERR_MALFORMED : MLS_OK;
    *out = NULL;
    if (chain == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < count; i++)
        status = decode_next(chain, certificates[i]);
    if (status != MLS_OK) {
        chain_free(chain);
        return status;
    }
    *out = chain;
    return MLS_OK;
}

/* The signature keys of RFC 9420, Section 5.1.1, told apart by their lengths. In a SubjectPublicKeyInfo each
 * has the form that MLS gives it (RFC 8410, Section 4; RFC 5480, Section 2.2). */
static const struct {
    size_t len;
    int algorithm, curve;
} key_forms[] = {
    { 32, NID_ED25519, NID_undef },
    { 57, NID_ED448, NID_undef },
    { 65, NID_X9_62_id_ecPublicKey, NID_X9_62_prime256v1 },
    { 97, NID_X9_62_id_ecPublicKey, NID_secp384r1 },
    { 133, NID_X9_62_id_ecPublicKey, NID_secp521r1 },
};

/* The parameters are the name of the curve, or are not there. */
static bool has_curve(const X509_ALGOR *algorithm, int curve)
{
    const void *value;
    int type;
    X509_ALGOR_get0(NULL, &type, &value, algorithm);
    return curve == NID_undef ? type == V_ASN1_UNDEF : type == V_ASN1_OBJECT && OBJ_obj2nid(value) == curve;
}

static bool chain_has_key(const mls_x509_chain_t *chain, mls_view_t signature_key)
{
    ASN1_OBJECT *name;
    const unsigned char *key;
    int len;
    X509_ALGOR *algorithm;

    if (X509_PUBKEY_get0_param(&name, &key, &len, &algorithm, X509_get_X509_PUBKEY(chain->certificates[0])) !=
            1 ||
        len < 0 || !mls_view_equal(mls_view(key, (size_t)len), signature_key))
        return false;
    for (size_t i = 0; i < sizeof key_forms / sizeof *key_forms; i++)
        if (key_forms[i].len == signature_key.len)
            return OBJ_obj2nid(name) == key_forms[i].algorithm && has_curve(algorithm, key_forms[i].curve);
    return false;
}

static bool has_issued(X509 *issuer, X509 *certificate)
{
    return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(certificate)) == 0;
}

/* No certificate stands before one that it has issued. Between two there may be a gap, for any but the first
 * may be left out (RFC 9420, Section 5.3). */
static bool chain_is_ordered(const mls_x509_chain_t *chain)
{
    for (size_t i = 1; i < chain->count; i++) {
        X509 *const later = chain->certificates[i];
        for (size_t j = 0; j < i; j++)
            if (has_issued(chain->certificates[j], later) && !has_issued(later, later))
                return false;
    }
    return true;
}

/* ---- trust --------------------------------------------------------------------------------------- */

static mls_status_t trust_new(mls_x509_trust_t **out)
{
    mls_x509_trust_t *trust = calloc(1, sizeof *trust);
    if (trust == NULL || (trust->store = X509_STORE_new()) == NULL) {
        free(trust);
        return MLS_ERR_NOMEM;
    }
    *out = trust;
    return MLS_OK;
}

static void trust_free(mls_x509_trust_t *trust)
{
    X509_STORE_free(trust->store);
    free(trust);
}

/* Takes the certificate over; it may be NULL. */
static mls_status_t add_certificate(const mls_x509_trust_t *trust, X509 *certificate)
{
    if (certificate == NULL)
        return MLS_ERR_MALFORMED;
    const bool good = X509_STORE_add_cert(trust->store, certificate) == 1;
    X509_free(certificate); /* the store has a reference */
    return good ? MLS_OK : MLS_ERR_NOMEM;
}

static mls_status_t add_pem(const mls_x509_trust_t *trust, mls_view_t pem)
{
    bool any = false;
    if (pem.len == 0 || pem.len > INT_MAX)
        return MLS_ERR_MALFORMED;
    ERR_set_mark();
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    mls_status_t status = bio == NULL ? MLS_ERR_NOMEM : MLS_OK;
    while (status == MLS_OK) {
        X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
        if (certificate == NULL)
            break;
        status = add_certificate(trust, certificate);
        any = true;
    }
    /* At the end there is no further beginning; anything else is a certificate that does not decode. */
    const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_pop_to_mark();
    BIO_free(bio);
    return status == MLS_OK && (!any || !is_end) ? MLS_ERR_MALFORMED : status;
}

static mls_status_t trust_add(mls_x509_trust_t *trust, mls_view_t certificates)
{
    const bool is_der = certificates.len > 0 && certificates.data[0] == 0x30; /* SEQUENCE; in PEM, a letter */
    return is_der ? add_certificate(trust, decode_one(certificates)) : add_pem(trust, certificates);
}

/* ---- verifying ----------------------------------------------------------------------------------- */

enum {
    SECURITY_LEVEL = 2, /* of OpenSSL: 112 bits */
    MAX_DEPTH = 32      /* certificates between the first one and the trusted one */
};

static STACK_OF(X509) * new_stack(const mls_x509_chain_t *chain)
{
    STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 1; stack != NULL && i < chain->count; i++) {
        if (sk_X509_push(stack, chain->certificates[i]) == 0) {
            sk_X509_free(stack);
            stack = NULL;
        }
    }
    return stack;
}

static void set_policy(X509_STORE_CTX *ctx, uint64_t now)
{
    X509_VERIFY_PARAM *policy = X509_STORE_CTX_get0_param(ctx);
    const unsigned long flags = X509_V_FLAG_X509_STRICT | X509_V_FLAG_PARTIAL_CHAIN;
    X509_VERIFY_PARAM_set_flags(policy, now == 0 ? flags | X509_V_FLAG_NO_CHECK_TIME : flags);
    if (now != 0)
        X509_VERIFY_PARAM_set_time(policy, (time_t)now);
    X509_VERIFY_PARAM_set_depth(policy, MAX_DEPTH);
    X509_VERIFY_PARAM_set_auth_level(policy, SECURITY_LEVEL);
}

/* What a certificate must be to sign messages: an end entity's (RFC 5280, Section 4.2.1.9), and, if it says
 * what its key may be used for, for signatures (Section 4.2.1.3). */
static const char *refuse_end_entity(X509 *certificate)
{
    if (X509_check_ca(certificate) != 0)
        return "the first certificate is that of a CA";
    return (X509_get_key_usage(certificate) & KU_DIGITAL_SIGNATURE) == 0 ? "the key is not for signatures"
                                                                         : NULL;
}

static mls_status_t verify(const mls_x509_trust_t *trust, const mls_x509_chain_t *chain, uint64_t now,
                           const char **reason)
{
    STACK_OF(X509) *others = NULL;
    X509_STORE_CTX *ctx = NULL;
    const char *refused = refuse_end_entity(chain->certificates[0]);
    mls_status_t status = refused == NULL ? MLS_OK : MLS_ERR_REJECTED;

    if (now > INT64_MAX)
        return MLS_ERR_ARGUMENT;
    ERR_set_mark();
    if (status == MLS_OK && ((others = new_stack(chain)) == NULL || (ctx = X509_STORE_CTX_new()) == NULL ||
                             X509_STORE_CTX_init(ctx, trust->store, chain->certificates[0], others) != 1))
        status = MLS_ERR_NOMEM;
    if (status == MLS_OK) {
        set_policy(ctx, now);
        if (X509_verify_cert(ctx) != 1) {
            const int error = X509_STORE_CTX_get_error(ctx);
            refused = X509_verify_cert_error_string(error);
            status = error == X509_V_ERR_OUT_OF_MEM ? MLS_ERR_NOMEM : MLS_ERR_REJECTED;
        }
    }
    *reason = refused == NULL ? "" : refused;
    ERR_pop_to_mark();
    X509_STORE_CTX_free(ctx);
    sk_X509_free(others);
    return status;
}

/* ---- names --------------------------------------------------------------------------------------- */

typedef struct visitor {
    mls_x509_name_fn *function;
    void *arg;
} visitor_t;

/* What DER says to be ASCII, or UTF-8, need not be: OpenSSL does not look. A NUL in a name is made to be read
 * as its end by somebody else. */
static bool is_text(const ASN1_STRING *name)
{
    const unsigned char *data = ASN1_STRING_get0_data(name);
    const int len = ASN1_STRING_length(name), type = ASN1_STRING_type(name);
    unsigned long character;
    for (int at = 0, n; at < len; at += n) {
        if ((n = UTF8_getc(data + at, len - at, &character)) <= 0 || character == 0 ||
            (type != V_ASN1_UTF8STRING && character > 0x7f))
            return false;
    }
    return len > 0;
}

static mls_status_t visit_name(const visitor_t *visitor, mls_x509_name_type_t type, const ASN1_STRING *name)
{
    const mls_view_t view = mls_view(ASN1_STRING_get0_data(name), (size_t)ASN1_STRING_length(name));
    return is_text(name) ? visitor->function(visitor->arg, type, view) : MLS_OK;
}

static mls_status_t visit_general_name(const visitor_t *visitor, const GENERAL_NAME *name)
{
    const ASN1_TYPE *value;
    switch (name->type) {
    case GEN_EMAIL:
        return visit_name(visitor, MLS_X509_NAME_EMAIL, name->d.rfc822Name);
    case GEN_DNS:
        return visit_name(visitor, MLS_X509_NAME_DNS, name->d.dNSName);
    case GEN_URI:
        return visit_name(visitor, MLS_X509_NAME_URI, name->d.uniformResourceIdentifier);
    case GEN_OTHERNAME:
        value = name->d.otherName->value;
        return OBJ_obj2nid(name->d.otherName->type_id) == NID_XmppAddr && value->type == V_ASN1_UTF8STRING
                   ? visit_name(visitor, MLS_X509_NAME_XMPP, value->value.utf8string)
                   : MLS_OK;
    default:
        return MLS_OK;
    }
}

static mls_status_t visit_alternative_names(const visitor_t *visitor, const X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    mls_status_t status = MLS_OK;
    for (int i = 0; status == MLS_OK && i < sk_GENERAL_NAME_num(names); i++)
        status = visit_general_name(visitor, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    return status;
}

static mls_status_t visit_common_name(const visitor_t *visitor, X509_NAME_ENTRY *entry)
{
    unsigned char *text = NULL;
    const int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
    const bool is_text = len > 0 && memchr(text, 0, (size_t)len) == NULL;
    mls_status_t status = MLS_OK;
    if (is_text)
        status = visitor->function(visitor->arg, MLS_X509_NAME_COMMON_NAME, mls_view(text, (size_t)len));
    OPENSSL_free(text);
    return status;
}

static mls_status_t names(const mls_x509_chain_t *chain, mls_x509_name_fn *function, void *arg)
{
    const visitor_t visitor = { function, arg };
    X509_NAME *subject = X509_get_subject_name(chain->certificates[0]);
    ERR_set_mark();
    mls_status_t status = visit_alternative_names(&visitor, chain->certificates[0]);
    for (int i = X509_NAME_get_index_by_NID(subject, NID_commonName, -1); status == MLS_OK && i >= 0;
         i = X509_NAME_get_index_by_NID(subject, NID_commonName, i))
        status = visit_common_name(&visitor, X509_NAME_get_entry(subject, i));
    ERR_pop_to_mark();
    return status;
}

const mls_x509_engine_t mls_openssl_x509 = {
    .decode = chain_decode,
    .free = chain_free,
    .has_key = chain_has_key,
    .is_ordered = chain_is_ordered,
    .trust_new = trust_new,
    .trust_free = trust_free,
    .trust_add = trust_add,
    .verify = verify,
    .names = names,
};
