/* X.509 credentials (RFC 9420, Section 5.3). */
#include "credential.h"
#include "x509.h"
#include "x509_support.h"

#include <openssl/err.h>
#include <openssl/pem.h>

enum { NOW = TEST_NOT_BEFORE + 3600 };

/* A root, a CA below it, and alice below that. */
typedef struct family {
    test_pki_t *pki;
    const test_certified_t *root, *ca, *alice;
} family_t;

static family_t family_of(test_context_t *t, uint16_t suite, const test_certificate_spec_t *of_ca,
                          const test_certificate_spec_t *of_alice)
{
    family_t f = { .pki = test_pki(t) };
    test_certificate_spec_t root = { .name = "root", .is_ca = true }, ca = *of_ca, alice = *of_alice;
    f.root = test_certify(f.pki, suite, &root);
    ca.issuer = f.root;
    ca.name = "ca";
    f.ca = test_certify(f.pki, suite, &ca);
    alice.issuer = f.ca;
    alice.name = "alice";
    f.alice = test_certify(f.pki, suite, &alice);
    return f;
}

static const test_certificate_spec_t a_ca = { .is_ca = true }, an_end_entity = { 0 };

static family_t family(test_context_t *t)
{
    return family_of(t, t->suite->id, &a_ca, &an_end_entity);
}

/* ---- the list ------------------------------------------------------------------------------------ */

static void certificates__come_back_as_they_went_in(void **state)
{
    test_context_t *t = *state;
    const mls_view_t in[] = { mls_view_text("first"), mls_view(NULL, 0), test_random_bytes(t, 70000) };
    mls_view_t out[3];
    size_t count = 3;
    const mls_view_t body = test_x509_body(t, in, 3);
    assert_ok(mls_x509_certificates(out, &count, body));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_view_equal(out[i], in[i]);
    count = 2;
    assert_status(mls_x509_certificates(out, &count, body), MLS_ERR_LIMIT);
    assert_int_equal(count, 0);
    count = 3;
    assert_status(mls_x509_certificates(out, &count, mls_view(body.data, body.len - 1)), MLS_ERR_MALFORMED);
    assert_int_equal(count, 0);
}

static mls_status_t decode_credential(test_context_t *t, const char *hex)
{
    mls_leaf_node_t leaf;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    kp.leaf.credential = (mls_credential_t){ MLS_CREDENTIAL_X509, test_hex(t, hex) };
    mls_bytes_t encoded = { 0 };
    /* Encoding refuses it too: so it is made of a type that it knows nothing of. */
    kp.leaf.credential.type = 0xf002;
    const mls_view_t signed_leaf = test_leaf_sign(t, &kp, NULL);
    assert_ok(mls_bytes_copy(&encoded, signed_leaf));
    const size_t at = 1 + 32 + 1 + 32;
    encoded.data[at] = 0;
    mls_status_t status = mls_leaf_node_decode(&leaf, mls_bytes_view(&encoded));
    mls_bytes_clear(&encoded);
    return status;
}

static void rule_C3_DECODE__the_list_is_one_of_certificates(void **state)
{
    test_context_t *t = *state;
    assert_ok(decode_credential(t, "03616263 00 0164"));
    assert_ok(decode_credential(t, ""));
    assert_status(decode_credential(t, "03616263 00 02 64"), MLS_ERR_MALFORMED);
    assert_status(decode_credential(t, "c0"), MLS_ERR_MALFORMED);
}

/* ---- what every member checks (rules C3) --------------------------------------------------------- */

static mls_status_t check(test_context_t *t, mls_view_t key, const mls_view_t *certificates, size_t count)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(t, certificates, count) };
    t->rule[0] = '\0';
    mls_status_t status = mls_credential_check(t->crypto, &limits, &credential, key);
    assert_int_equal(ERR_peek_error(), 0); /* OpenSSL's queue is the host's */
    return status;
}

static void rule_C3_B14__first_certificate_has_the_signature_key(void **state)
{
    test_context_t *t = *state;
    for (uint16_t suite = 1; suite <= 7; suite++) {
        const family_t f = family_of(t, suite, &a_ca, &an_end_entity);
        const mls_view_t chain[] = { f.alice->der, f.ca->der, f.root->der };
        assert_ok(check(t, f.alice->public_key, chain, 3));
        assert_ok(check(t, f.alice->public_key, chain, 1));
        assert_status(check(t, f.ca->public_key, chain, 3), MLS_ERR_INVALID);
        assert_rule(t, "C3", MLS_ERR_INVALID);
        const size_t bit = test_random(t, 8 * (uint32_t)f.alice->public_key.len);
        assert_status(check(t, test_flip(t, f.alice->public_key, bit), chain, 3), MLS_ERR_INVALID);
        assert_rule(t, "C3", MLS_ERR_INVALID);
        assert_status(check(t, mls_view(f.alice->public_key.data, f.alice->public_key.len - 1), chain, 3),
                      MLS_ERR_INVALID);
        assert_rule(t, "C3", MLS_ERR_INVALID);
        test_pki_free(f.pki);
    }
}

/* The same bytes as a key of another algorithm are another key. */
static void rule_C3_C5__the_algorithm_is_the_signature_key_s(void **state)
{
    test_context_t *t = *state;
    const test_certificate_spec_t alice = { .name = "alice" };
    test_pki_t *pki = test_pki(t);
    static const uint8_t oid_ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
    const test_certified_t *certified = test_certify(pki, 1, &alice);
    mls_bytes_t copy = { 0 };
    assert_ok(mls_bytes_copy(&copy, certified->der));
    size_t num = 0;
    for (size_t i = 0; i + sizeof oid_ed25519 < copy.len; i++) {
        if (memcmp(copy.data + i, oid_ed25519, sizeof oid_ed25519) == 0) {
            copy.data[i + 4] = 0x6e; /* X25519 */
            num++;
        }
    }
    assert_int_equal(num, 3);
    const mls_view_t changed = mls_bytes_view(&copy);
    assert_status(check(t, certified->public_key, &changed, 1), MLS_ERR_INVALID);
    assert_rule(t, "C3", MLS_ERR_INVALID);
    mls_bytes_clear(&copy);
    test_pki_free(pki);
}

static void rule_C3_DECODE__every_certificate_is_one(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t);
    uint8_t *longer = test_alloc(t, f.ca->der.len + 1);
    memcpy(longer, f.ca->der.data, f.ca->der.len);
    const mls_view_t bad[] = { mls_view(NULL, 0), mls_view_text("no certificate"),
                               mls_view(f.ca->der.data, f.ca->der.len - 1),
                               mls_view(longer, f.ca->der.len + 1) };
    for (size_t i = 0; i < 4; i++) {
        const mls_view_t chain[] = { f.alice->der, bad[i], f.root->der };
        assert_status(check(t, f.alice->public_key, chain, 3), MLS_ERR_MALFORMED);
        assert_rule(t, "C3_DECODE", MLS_ERR_MALFORMED);
        assert_status(check(t, f.alice->public_key, &bad[i], 1), MLS_ERR_MALFORMED);
        assert_rule(t, "C3_DECODE", MLS_ERR_MALFORMED);
    }
    assert_status(check(t, f.alice->public_key, NULL, 0), MLS_ERR_MALFORMED);
    assert_rule(t, "C3_DECODE", MLS_ERR_MALFORMED);
    test_pki_free(f.pki);
}

static void rule_C3_ORDER__issuers_stand_behind(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t);
    const mls_view_t wrong[] = { f.alice->der, f.root->der, f.ca->der },
                     gap[] = { f.alice->der, f.root->der };
    assert_status(check(t, f.alice->public_key, wrong, 3), MLS_ERR_INVALID);
    assert_rule(t, "C3_ORDER", MLS_ERR_INVALID);
    assert_ok(check(t, f.alice->public_key, gap, 2)); /* any but the first may be left out */
    const mls_view_t behind[] = { f.ca->der, f.alice->der };
    assert_status(check(t, f.ca->public_key, behind, 2), MLS_ERR_INVALID);
    assert_rule(t, "C3_ORDER", MLS_ERR_INVALID);
    test_pki_free(f.pki);
}

static void rule_C3_SIZE__chains_are_bounded(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t);
    mls_view_t many[33];
    for (size_t i = 0; i < 33; i++)
        many[i] = i == 0 ? f.alice->der : f.root->der;
    assert_ok(check(t, f.alice->public_key, many, 8));
    assert_status(check(t, f.alice->public_key, many, 9), MLS_ERR_LIMIT);
    assert_rule(t, "C3_SIZE", MLS_ERR_LIMIT);

    mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_credential_t credential = { MLS_CREDENTIAL_X509, test_x509_body(t, many, 33) };
    limits.num_certificates = SIZE_MAX;
    assert_status(mls_credential_check(t->crypto, &limits, &credential, f.alice->public_key), MLS_ERR_LIMIT);
    assert_rule(t, "C3_SIZE", MLS_ERR_LIMIT);
    credential.body = test_x509_body(t, many, 32);
    assert_ok(mls_credential_check(t->crypto, &limits, &credential, f.alice->public_key));
    limits.certificate_len = f.alice->der.len - 1;
    assert_status(mls_credential_check(t->crypto, &limits, &credential, f.alice->public_key), MLS_ERR_LIMIT);
    assert_rule(t, "C3_SIZE", MLS_ERR_LIMIT);
    test_pki_free(f.pki);
}

/* ---- trust --------------------------------------------------------------------------------------- */

static mls_x509_trust_t *trust_in(const mls_view_t *certificates, size_t count)
{
    mls_x509_trust_t *trust;
    assert_ok(mls_x509_trust_new(&trust));
    for (size_t i = 0; i < count; i++)
        assert_ok(mls_x509_trust_add(trust, certificates[i]));
    return trust;
}

static mls_status_t verify_at(test_context_t *t, mls_view_t anchor, mls_view_t key,
                              const mls_view_t *certificates, size_t count, uint64_t now, const char **reason)
{
    const mls_leaf_info_t leaf = { .credential_type = MLS_CREDENTIAL_X509,
                                   .signature_key = key,
                                   .identity = test_x509_body(t, certificates, count) };
    mls_x509_trust_t *trust = trust_in(&anchor, 1);
    mls_status_t status = mls_x509_verify(trust, &leaf, now, reason);
    mls_x509_trust_free(trust);
    assert_int_equal(ERR_peek_error(), 0);
    return status;
}

static mls_status_t verify(test_context_t *t, const family_t *f, uint64_t now, const char **reason)
{
    const mls_view_t chain[] = { f->alice->der, f->ca->der, f->root->der };
    return verify_at(t, f->root->der, f->alice->public_key, chain, 3, now, reason);
}

static void verify__takes_a_chain_to_a_trusted_root(void **state)
{
    test_context_t *t = *state;
    for (uint16_t suite = 1; suite <= 7; suite++) {
        const family_t f = family_of(t, suite, &a_ca, &an_end_entity);
        const mls_view_t chain[] = { f.alice->der, f.ca->der };
        const char *reason;
        assert_ok(verify(t, &f, NOW, &reason));
        assert_string_equal(reason, "");
        assert_ok(verify_at(t, f.root->der, f.alice->public_key, chain, 2, NOW, &reason));
        assert_ok(verify_at(t, f.ca->der, f.alice->public_key, chain, 1, NOW, &reason)); /* trusted itself */
        assert_ok(verify_at(t, f.alice->der, f.alice->public_key, chain, 1, NOW, &reason)); /* pinned */
        assert_status(verify_at(t, f.root->der, f.alice->public_key, chain, 1, NOW, &reason),
                      MLS_ERR_REJECTED);
        assert_string_equal(reason, "unable to get local issuer certificate");
        test_pki_free(f.pki);
    }
}

static void verify__refuses_the_certificate_of_another_key(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t);
    const mls_view_t chain[] = { f.alice->der, f.ca->der };
    const char *reason;
    assert_status(verify_at(t, f.root->der, f.ca->public_key, chain, 2, NOW, &reason), MLS_ERR_REJECTED);
    assert_string_equal(reason, "the certificate is for another key");
    test_pki_free(f.pki);
}

static void verify__refuses_what_the_next_one_has_not_signed(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t);
    const test_certificate_spec_t same_name = { .name = "ca", .issuer = f.root, .is_ca = true };
    const test_certified_t *impostor = test_certify(f.pki, t->suite->id, &same_name);
    const mls_view_t wrong_key[] = { f.alice->der, impostor->der };
    /* The last bytes are those of the signature. */
    const mls_view_t changed[] = { test_flip(t, f.alice->der, 8 * (f.alice->der.len - 5)), f.ca->der };
    assert_status(verify_at(t, f.root->der, f.alice->public_key, wrong_key, 2, NOW, NULL), MLS_ERR_REJECTED);
    assert_status(verify_at(t, f.root->der, f.alice->public_key, changed, 2, NOW, NULL), MLS_ERR_REJECTED);
    test_pki_free(f.pki);
}

static void verify__looks_at_the_time_that_it_is_given(void **state)
{
    test_context_t *t = *state;
    const test_certificate_spec_t short_lived = { .is_ca = true, .not_after = TEST_NOT_BEFORE + 100 };
    const family_t f = family(t), g = family_of(t, t->suite->id, &short_lived, &an_end_entity);
    const char *reason;
    assert_ok(verify(t, &f, TEST_NOT_BEFORE, &reason));
    assert_status(verify(t, &f, TEST_NOT_BEFORE - 1, &reason), MLS_ERR_REJECTED);
    assert_string_equal(reason, "certificate is not yet valid");
    assert_ok(verify(t, &f, TEST_NOT_AFTER - 1, &reason));
    assert_status(verify(t, &f, TEST_NOT_AFTER + 1, &reason), MLS_ERR_REJECTED);
    assert_string_equal(reason, "certificate has expired");
    assert_ok(verify(t, &f, 0, &reason)); /* at any time */
    assert_status(verify(t, &f, UINT64_MAX, &reason), MLS_ERR_ARGUMENT);
    assert_ok(verify(t, &g, TEST_NOT_BEFORE + 99, &reason));
    assert_status(verify(t, &g, TEST_NOT_BEFORE + 101, &reason), MLS_ERR_REJECTED);
    assert_string_equal(reason, "certificate has expired");
    test_pki_free(f.pki);
    test_pki_free(g.pki);
}

/* A pair of certificates that are as they should not be, and what OpenSSL says. */
typedef struct flaw {
    test_certificate_spec_t ca, alice;
    const char *reason;
} flaw_t;

static const flaw_t flaws[] = {
    { { .is_ca = false }, { 0 }, "invalid CA certificate" },
    { { .is_ca = true, .basic_constraints = "-" }, { 0 }, "invalid CA certificate" },
    { { .is_ca = true, .key_usage = "critical,digitalSignature" }, { 0 }, NULL },
    { { .is_ca = true }, { .key_usage = "critical,keyEncipherment" }, "the key is not for signatures" },
    { { .is_ca = true }, { .is_ca = true }, "the first certificate is that of a CA" },
    { { .is_ca = true }, { .other = "1.2.3.4" }, "unhandled critical extension" },
    { { .is_ca = true, .other = "1.2.3.4" }, { 0 }, "unhandled critical extension" },
};

static void rule_C3_B14__verify_refuses_what_rfc_5280_does_not_allow(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        const family_t f = family_of(t, t->suite->id, &flaws[i].ca, &flaws[i].alice);
        const char *reason;
        assert_status(verify(t, &f, NOW, &reason), MLS_ERR_REJECTED);
        if (flaws[i].reason != NULL)
            assert_string_equal(reason, flaws[i].reason);
        assert_true(strlen(reason) > 0);
        test_pki_free(f.pki);
    }
}

static void verify__refuses_weak_keys(void **state)
{
    test_context_t *t = *state;
    test_pki_t *pki = test_pki(t);
    const test_certificate_spec_t of_root = { .name = "root", .is_ca = true };
    const test_certified_t *root = test_certify(pki, TEST_WEAK_KEY, &of_root);
    const test_certificate_spec_t of_alice = { .name = "alice", .issuer = root };
    const test_certified_t *alice = test_certify(pki, t->suite->id, &of_alice);
    const char *reason;
    assert_status(verify_at(t, root->der, alice->public_key, &alice->der, 1, NOW, &reason), MLS_ERR_REJECTED);
    assert_string_equal(reason, "CA certificate key too weak");
    test_pki_free(pki);
}

/* The root allows no CA below one that it has certified. */
static void rule_C3_B14__verify_counts_the_length_of_the_path(void **state)
{
    test_context_t *t = *state;
    for (int allowed = 0; allowed < 2; allowed++) {
        const test_certificate_spec_t ca = { .is_ca = true,
                                             .basic_constraints = allowed ? "critical,CA:TRUE,pathlen:1"
                                                                          : "critical,CA:TRUE,pathlen:0" };
        const family_t f = family_of(t, t->suite->id, &ca, &an_end_entity);
        const test_certificate_spec_t below = { .name = "below", .issuer = f.ca, .is_ca = true };
        const test_certified_t *sub_ca = test_certify(f.pki, t->suite->id, &below);
        const test_certificate_spec_t bob = { .name = "bob", .issuer = sub_ca };
        const test_certified_t *certified = test_certify(f.pki, t->suite->id, &bob);
        const mls_view_t chain[] = { certified->der, sub_ca->der, f.ca->der };
        const char *reason;
        assert_status(verify_at(t, f.root->der, certified->public_key, chain, 3, NOW, &reason),
                      allowed ? MLS_OK : MLS_ERR_REJECTED);
        assert_string_equal(reason, allowed ? "" : "path length constraint exceeded");
        test_pki_free(f.pki);
    }
}

static void verify__wants_an_x509_credential(void **state)
{
    test_context_t *t = *state;
    const mls_leaf_info_t basic = { .credential_type = MLS_CREDENTIAL_BASIC,
                                    .identity = mls_view_text("alice") },
                          empty = { .credential_type = MLS_CREDENTIAL_X509 },
                          broken = { .credential_type = MLS_CREDENTIAL_X509, .identity = test_hex(t, "c0") };
    mls_x509_trust_t *trust = trust_in(NULL, 0);
    assert_status(mls_x509_verify(trust, &basic, NOW, NULL), MLS_ERR_REJECTED);
    assert_status(mls_x509_verify(trust, &empty, NOW, NULL), MLS_ERR_REJECTED);
    assert_status(mls_x509_verify(trust, &broken, NOW, NULL), MLS_ERR_REJECTED);
    mls_x509_trust_free(trust);
    mls_x509_trust_free(NULL);
}

static mls_view_t pem_of(test_context_t *t, const test_certified_t *const *certified, size_t count)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    mls_bytes_t copy = { 0 };
    for (size_t i = 0; i < count; i++)
        assert_int_equal(PEM_write_bio_X509(bio, certified[i]->certificate), 1);
    const long len = BIO_get_mem_data(bio, &data);
    assert_ok(mls_bytes_copy(&copy, mls_view(data, (size_t)len)));
    BIO_free(bio);
    return test_keep(t, &copy);
}

static void trust__is_taken_as_pem_too(void **state)
{
    test_context_t *t = *state;
    const family_t f = family(t), g = family(t);
    const test_certified_t *const both[] = { g.root, f.root };
    const mls_view_t pem = pem_of(t, both, 2), chain[] = { f.alice->der, f.ca->der };
    mls_x509_trust_t *trust;
    assert_ok(verify_at(t, pem, f.alice->public_key, chain, 2, NOW, NULL));
    assert_ok(mls_x509_trust_new(&trust));
    assert_status(mls_x509_trust_add(trust, mls_view(NULL, 0)), MLS_ERR_MALFORMED);
    assert_status(mls_x509_trust_add(trust, mls_view_text("no certificate")), MLS_ERR_MALFORMED);
    assert_status(mls_x509_trust_add(trust, mls_view(pem.data, pem.len - 40)), MLS_ERR_MALFORMED);
    assert_status(mls_x509_trust_add(trust, mls_view(f.root->der.data, f.root->der.len - 1)),
                  MLS_ERR_MALFORMED);
    assert_int_equal(ERR_peek_error(), 0);
    mls_x509_trust_free(trust);
    test_pki_free(f.pki);
    test_pki_free(g.pki);
}

/* ---- names --------------------------------------------------------------------------------------- */

typedef struct names {
    char text[256];
    mls_status_t answer;
} names_t;

static mls_status_t note_name(void *arg, mls_x509_name_type_t type, mls_view_t name)
{
    static const char letters[] = "edux";
    names_t *names = arg;
    const char letter = type == MLS_X509_NAME_COMMON_NAME ? 'c' : letters[type];
    const size_t len = strlen(names->text);
    snprintf(names->text + len, sizeof names->text - len, "%c:%.*s ", letter, (int)name.len,
             (const char *)name.data);
    return names->answer;
}

static void names__are_those_of_the_first_certificate(void **state)
{
    test_context_t *t = *state;
    const test_certificate_spec_t named = {
        .subject_alt_name = "email:alice@a.example,DNS:a.example,URI:xmpp:alice@a.example,IP:192.0.2.1,"
                            "otherName:1.3.6.1.5.5.7.8.5;UTF8:alice@x.example,otherName:1.2.3.4;UTF8:none"
    };
    const family_t f = family_of(t, t->suite->id, &a_ca, &named);
    const mls_view_t chain[] = { f.alice->der, f.ca->der };
    names_t found = { .answer = MLS_OK };
    assert_ok(mls_x509_names(test_x509_body(t, chain, 2), note_name, &found));
    assert_string_equal(found.text,
                        "e:alice@a.example d:a.example u:xmpp:alice@a.example x:alice@x.example c:alice ");
    found = (names_t){ .answer = MLS_ERR_REJECTED };
    assert_status(mls_x509_names(test_x509_body(t, chain, 2), note_name, &found), MLS_ERR_REJECTED);
    assert_string_equal(found.text, "e:alice@a.example ");
    assert_status(mls_x509_names(test_hex(t, "00"), note_name, &found), MLS_ERR_MALFORMED);
    test_pki_free(f.pki);
}

/* "a.example" with a NUL behind, and more: what is read up to the NUL would be somebody else's name. */
static void names__with_a_nul_are_left_out(void **state)
{
    test_context_t *t = *state;
    const test_certificate_spec_t named = { .subject_alt_name = "DNS:a.exampleXevil,DNS:good.example" };
    const family_t f = family_of(t, t->suite->id, &a_ca, &named);
    mls_bytes_t copy = { 0 };
    names_t found = { .answer = MLS_OK };
    assert_ok(mls_bytes_copy(&copy, f.alice->der));
    for (size_t i = 0; i + 5 < copy.len; i++)
        if (memcmp(copy.data + i, "Xevil", 5) == 0)
            copy.data[i] = '\0';
    const mls_view_t changed = mls_bytes_view(&copy);
    assert_ok(mls_x509_names(test_x509_body(t, &changed, 1), note_name, &found));
    assert_string_equal(found.text, "d:good.example c:alice ");
    mls_bytes_clear(&copy);
    test_pki_free(f.pki);
}

static void names__that_are_no_text_are_left_out(void **state)
{
    test_context_t *t = *state;
    const test_certificate_spec_t named = { .subject_alt_name =
                                                "DNS:a.Xevil,email:X@b.example,DNS:good.example,"
                                                "otherName:1.3.6.1.5.5.7.8.5;UTF8:a@Xevil.example,"
                                                "otherName:1.3.6.1.5.5.7.8.5;UTF8:QQ@x.example" };
    const family_t f = family_of(t, t->suite->id, &a_ca, &named);
    mls_bytes_t copy = { 0 };
    names_t found = { .answer = MLS_OK };
    assert_ok(mls_bytes_copy(&copy, f.alice->der));
    for (size_t i = 0; i + 5 < copy.len; i++)
        if (memcmp(copy.data + i, "Xevil", 5) == 0 || memcmp(copy.data + i, "X@b.", 4) == 0)
            copy.data[i] = 0xff;
        else if (memcmp(copy.data + i, "QQ@x.", 5) == 0)
            memcpy(copy.data + i, "\xc3\xa4", 2);
    const mls_view_t changed = mls_bytes_view(&copy);
    assert_ok(mls_x509_names(test_x509_body(t, &changed, 1), note_name, &found));
    assert_string_equal(found.text, "d:good.example x:\xc3\xa4@x.example c:alice ");
    mls_bytes_clear(&copy);
    test_pki_free(f.pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(certificates__come_back_as_they_went_in),
        TEST(rule_C3_DECODE__the_list_is_one_of_certificates),
        TEST(rule_C3_B14__first_certificate_has_the_signature_key),
        TEST(rule_C3_C5__the_algorithm_is_the_signature_key_s),
        TEST(rule_C3_DECODE__every_certificate_is_one),
        TEST(rule_C3_ORDER__issuers_stand_behind),
        TEST(rule_C3_SIZE__chains_are_bounded),
        TEST(verify__takes_a_chain_to_a_trusted_root),
        TEST(verify__refuses_the_certificate_of_another_key),
        TEST(verify__refuses_what_the_next_one_has_not_signed),
        TEST(verify__looks_at_the_time_that_it_is_given),
        TEST(rule_C3_B14__verify_refuses_what_rfc_5280_does_not_allow),
        TEST(verify__refuses_weak_keys),
        TEST(rule_C3_B14__verify_counts_the_length_of_the_path),
        TEST(verify__wants_an_x509_credential),
        TEST(trust__is_taken_as_pem_too),
        TEST(names__are_those_of_the_first_certificate),
        TEST(names__with_a_nul_are_left_out),
        TEST(names__that_are_no_text_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
