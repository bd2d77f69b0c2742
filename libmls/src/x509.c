#include "x509.h"
#include "mls/codec.h"
#include "suite.h"

/* ---- the list ------------------------------------------------------------------------------------ */

/* struct { opaque cert_data<V>; } Certificate;                        RFC 9420, Section 5.3 */
static void codec_certificate(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

typedef struct certificates {
    const mls_view_t *items;
    size_t count;
} certificates_t;

static void codec_certificates(mls_codec_t *codec, void *object)
{
    const certificates_t *certificates = object;
    for (size_t i = 0; i < certificates->count; i++) {
        mls_view_t certificate = certificates->items[i];
        codec_certificate(codec, &certificate);
    }
}

mls_status_t mls_x509_encode(mls_bytes_t *body, const mls_view_t *certificates, size_t count)
{
    const certificates_t list = { certificates, count };
    return mls_encode(body, codec_certificates, &list);
}

/* Steps over the certificate at `*at`; its views point into `body`. */
static mls_status_t next_certificate(mls_view_t *out, mls_view_t body, size_t *at)
{
    mls_codec_t codec = { .op = MLS_CODEC_DECODE, .in = body.data + *at, .end = body.data + body.len };
    codec_certificate(&codec, out);
    if (codec.status == MLS_OK)
        *at = (size_t)(codec.in - body.data);
    return codec.status;
}

bool mls_x509_is_list(mls_view_t body)
{
    mls_view_t certificate;
    for (size_t at = 0; at < body.len;)
        if (next_certificate(&certificate, body, &at) != MLS_OK)
            return false;
    return true;
}

mls_status_t mls_x509_certificates(mls_view_t *certificates, size_t *count, mls_view_t body)
{
    const size_t max = *count;
    mls_status_t status = MLS_OK;
    *count = 0;
    for (size_t at = 0; status == MLS_OK && at < body.len;)
        status = *count == max ? MLS_ERR_LIMIT : next_certificate(&certificates[(*count)++], body, &at);
    if (status != MLS_OK)
        *count = 0;
    return status;
}

/* ---- what every member checks -------------------------------------------------------------------- */

static bool are_short(const mls_view_t *certificates, size_t count, size_t max)
{
    for (size_t i = 0; i < count; i++)
        if (certificates[i].len > max)
            return false;
    return true;
}

mls_status_t mls_x509_check(mls_crypto_t *crypto, const mls_limits_t *limits, mls_view_t body,
                            mls_view_t signature_key)
{
    const mls_x509_engine_t *engine = mls_x509_engine();
    mls_view_t certificates[MLS_MAX_CERTIFICATES];
    size_t count =
        limits->num_certificates < MLS_MAX_CERTIFICATES ? limits->num_certificates : MLS_MAX_CERTIFICATES;
    mls_x509_chain_t *chain;
    mls_status_t status;

    if (engine == NULL)
        return mls_refuse(crypto, MLS_RULE_C3, MLS_ERR_UNSUPPORTED);
    status = mls_x509_certificates(certificates, &count, body);
    if ((status = mls_check(crypto, MLS_RULE_C3_SIZE,
                            status == MLS_OK && are_short(certificates, count, limits->certificate_len))) !=
        MLS_OK)
        return status;
    if ((status = engine->decode(&chain, certificates, count)) == MLS_ERR_NOMEM ||
        (status = mls_check(crypto, MLS_RULE_C3_DECODE, status == MLS_OK)) != MLS_OK)
        return status;
    status = mls_check(crypto, MLS_RULE_C3, engine->has_key(chain, signature_key));
    if (status == MLS_OK)
        status = mls_check(crypto, MLS_RULE_C3_ORDER, engine->is_ordered(chain));
    engine->free(chain);
    return status;
}

/* ---- trust and names ----------------------------------------------------------------------------- */

mls_status_t mls_x509_trust_new(mls_x509_trust_t **out)
{
    const mls_x509_engine_t *engine = mls_x509_engine();
    *out = NULL;
    return engine == NULL ? MLS_ERR_UNSUPPORTED : engine->trust_new(out);
}

void mls_x509_trust_free(mls_x509_trust_t *trust)
{
    if (trust != NULL)
        mls_x509_engine()->trust_free(trust);
}

mls_status_t mls_x509_trust_add(mls_x509_trust_t *trust, mls_view_t certificates)
{
    return mls_x509_engine()->trust_add(trust, certificates);
}

/* Decodes the certificates of a credential that was checked before. */
static mls_status_t decode(const mls_x509_engine_t *engine, mls_x509_chain_t **out, mls_view_t body)
{
    mls_view_t certificates[MLS_MAX_CERTIFICATES];
    size_t count = MLS_MAX_CERTIFICATES;
    mls_status_t status = mls_x509_certificates(certificates, &count, body);
    return status == MLS_OK ? engine->decode(out, certificates, count) : status;
}

mls_status_t mls_x509_verify(const mls_x509_trust_t *trust, const mls_leaf_info_t *leaf, uint64_t now,
                             const char **reason)
{
    const mls_x509_engine_t *engine = mls_x509_engine();
    const char *nobody;
    mls_x509_chain_t *chain;
    mls_status_t status;

    reason = reason == NULL ? &nobody : reason;
    *reason = "";
    if (engine == NULL)
        return MLS_ERR_UNSUPPORTED;
    if (leaf->credential_type != MLS_CREDENTIAL_X509) {
        *reason = "the credential is not an X.509 one";
        return MLS_ERR_REJECTED;
    }
    if ((status = decode(engine, &chain, leaf->identity)) != MLS_OK) {
        *reason = "the certificates do not decode";
        return status == MLS_ERR_NOMEM ? status : MLS_ERR_REJECTED;
    }
    if (engine->has_key(chain, leaf->signature_key)) {
        status = engine->verify(trust, chain, now, reason);
    } else {
        *reason = "the certificate is for another key";
        status = MLS_ERR_REJECTED;
    }
    engine->free(chain);
    return status;
}

mls_status_t mls_x509_names(mls_view_t body, mls_x509_name_fn *visit, void *arg)
{
    const mls_x509_engine_t *engine = mls_x509_engine();
    mls_x509_chain_t *chain;
    mls_status_t status;

    if (engine == NULL)
        return MLS_ERR_UNSUPPORTED;
    if ((status = decode(engine, &chain, body)) != MLS_OK)
        return status == MLS_ERR_NOMEM ? status : MLS_ERR_MALFORMED;
    status = engine->names(chain, visit, arg);
    engine->free(chain);
    return status;
}
