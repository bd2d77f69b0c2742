/* key_schedule.c
 *
 *                       init_secret_[n-1]
 *                             |
 *                             V
 *       commit_secret --> KDF.Extract
 *                             |  ExpandWithLabel(., "joiner", GroupContext_[n], KDF.Nh)
 *                             V
 *                        joiner_secret
 *                             |
 *                             V
 *          psk_secret --> KDF.Extract --> DeriveSecret(., "welcome") = welcome_secret
 *                             |  ExpandWithLabel(., "epoch", GroupContext_[n], KDF.Nh)
 *                             V
 *                        epoch_secret --> DeriveSecret(., <label>) = <secret>
 *
 * RFC 9420, Section 8 */
#include "key_schedule.h"
#include "bytes.h"

void mls_epoch_secrets_wipe(mls_epoch_secrets_t *secrets)
{
    mls_wipe(secrets, sizeof *secrets);
}

mls_status_t mls_joiner_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                               const mls_secret_t *init_secret, const mls_secret_t *commit_secret,
                               mls_view_t context)
{
    mls_secret_t extracted = { 0 };
    const mls_view_t ikm = mls_secret_view(commit_secret);
    mls_status_t status = mls_hkdf_extract(crypto, suite, &extracted, mls_secret_view(init_secret), &ikm, 1);
    out->len = suite->hash->len;
    if (status == MLS_OK)
        status = mls_expand_with_label(crypto, suite, out->data, out->len, mls_secret_view(&extracted),
                                       "joiner", context);
    mls_secret_wipe(&extracted);
    return status;
}

/* The secret between joiner_secret and epoch_secret. */
static mls_status_t member_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                  const mls_secret_t *joiner_secret, const mls_secret_t *psk_secret)
{
    const mls_view_t ikm = mls_secret_view(psk_secret);
    return mls_hkdf_extract(crypto, suite, out, mls_secret_view(joiner_secret), &ikm, 1);
}

mls_status_t mls_welcome_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                const mls_secret_t *joiner_secret, const mls_secret_t *psk_secret)
{
    mls_secret_t member = { 0 };
    mls_status_t status = member_secret(crypto, suite, &member, joiner_secret, psk_secret);
    if (status == MLS_OK)
        status = mls_derive_secret(crypto, suite, out, &member, "welcome");
    mls_secret_wipe(&member);
    return status;
}

mls_status_t mls_welcome_key_nonce(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *key,
                                   uint8_t *nonce, const mls_secret_t *welcome_secret)
{
    const mls_view_t secret = mls_secret_view(welcome_secret);
    mls_status_t status = mls_expand_with_label(crypto, suite, nonce, suite->aead->nonce_len, secret, "nonce",
                                                mls_view(NULL, 0));
    return status == MLS_OK ? mls_expand_with_label(crypto, suite, key, suite->aead->key_len, secret, "key",
                                                    mls_view(NULL, 0))
                            : status;
}

mls_status_t mls_epoch_secrets_from(mls_crypto_t *crypto, const mls_suite_t *suite, mls_epoch_secrets_t *out,
                                    const mls_secret_t *epoch_secret)
{
    const struct {
        const char *label;
        mls_secret_t *secret;
    } derived[] = {
        { "sender data", &out->sender_data_secret },
        { "encryption", &out->encryption_secret },
        { "exporter", &out->exporter_secret },
        { "external", &out->external_secret },
        { "confirm", &out->confirmation_key },
        { "membership", &out->membership_key },
        { "resumption", &out->resumption_psk },
        { "authentication", &out->epoch_authenticator },
        { "init", &out->init_secret },
        { "application_export", &out->application_export_secret }, /* draft-ietf-mls-extensions */
    };
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < sizeof derived / sizeof *derived; i++)
        status = mls_derive_secret(crypto, suite, derived[i].secret, epoch_secret, derived[i].label);
    if (status != MLS_OK)
        mls_epoch_secrets_wipe(out);
    return status;
}

mls_status_t mls_epoch_secrets_derive(mls_crypto_t *crypto, const mls_suite_t *suite,
                                      mls_epoch_secrets_t *out, const mls_secret_t *joiner_secret,
                                      const mls_secret_t *psk_secret, mls_view_t context)
{
    mls_secret_t member = { 0 }, epoch_secret = { .len = suite->hash->len };
    mls_status_t status = member_secret(crypto, suite, &member, joiner_secret, psk_secret);
    if (status == MLS_OK)
        status = mls_expand_with_label(crypto, suite, epoch_secret.data, epoch_secret.len,
                                       mls_secret_view(&member), "epoch", context);
    if (status == MLS_OK)
        status = mls_epoch_secrets_from(crypto, suite, out, &epoch_secret);
    mls_secret_wipe(&member);
    mls_secret_wipe(&epoch_secret);
    return status;
}

mls_status_t mls_exporter(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out, size_t len,
                          const mls_secret_t *exporter_secret, const char *label, mls_view_t context)
{
    mls_secret_t derived = { 0 };
    uint8_t context_hash[MLS_MAX_HASH_LEN];
    mls_status_t status = mls_derive_secret(crypto, suite, &derived, exporter_secret, label);
    if (status == MLS_OK)
        status = suite->hash->hash(crypto, suite->hash->variant, context_hash, &context, 1);
    if (status == MLS_OK)
        status = mls_expand_with_label(crypto, suite, out, len, mls_secret_view(&derived), "exported",
                                       mls_view(context_hash, suite->hash->len));
    mls_secret_wipe(&derived);
    return status;
}

mls_status_t mls_external_key_pair(mls_crypto_t *crypto, const mls_suite_t *suite,
                                   mls_hpke_private_t *private_key, mls_hpke_public_t *public_key,
                                   const mls_secret_t *external_secret)
{
    return mls_hpke_derive_key_pair(crypto, suite, private_key, public_key, mls_secret_view(external_secret));
}

/* ---- PSKs (RFC 9420, Section 8.4) ---------------------------------------------------------------- */

/* struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel; */
typedef struct psk_label {
    mls_pre_shared_key_id_t id;
    uint16_t index, count;
} psk_label_t;

static void codec_psk_label(mls_codec_t *codec, void *object)
{
    psk_label_t *label = object;
    mls_codec_pre_shared_key_id(codec, &label->id);
    mls_codec_u16(codec, &label->index);
    mls_codec_u16(codec, &label->count);
}

/* psk_input: Extract(0, psk), expanded under the label of its place. */
static mls_status_t psk_input(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                              const psk_label_t *label, mls_view_t psk)
{
    const mls_secret_t zero = { .len = suite->hash->len };
    mls_secret_t extracted = { 0 };
    mls_bytes_t context = { 0 };
    mls_status_t status = mls_hkdf_extract(crypto, suite, &extracted, mls_secret_view(&zero), &psk, 1);
    if (status == MLS_OK)
        status = mls_encode(&context, codec_psk_label, label);
    out->len = suite->hash->len;
    if (status == MLS_OK)
        status = mls_expand_with_label(crypto, suite, out->data, out->len, mls_secret_view(&extracted),
                                       "derived psk", mls_bytes_view(&context));
    mls_bytes_clear(&context);
    mls_secret_wipe(&extracted);
    return status;
}

mls_status_t mls_psk_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                            const mls_pre_shared_key_id_t *ids, const mls_view_t *psks, size_t num_psks)
{
    mls_secret_t input = { 0 };
    mls_status_t status = MLS_OK;

    if (num_psks > UINT16_MAX)
        return MLS_ERR_LIMIT;
    *out = (mls_secret_t){ .len = suite->hash->len };
    for (size_t i = 0; status == MLS_OK && i < num_psks; i++) {
        const psk_label_t label = { ids[i], (uint16_t)i, (uint16_t)num_psks };
        mls_secret_t next = { 0 };
        if ((status = psk_input(crypto, suite, &input, &label, psks[i])) == MLS_OK) {
            const mls_view_t ikm = mls_secret_view(out);
            status = mls_hkdf_extract(crypto, suite, &next, mls_secret_view(&input), &ikm, 1);
        }
        mls_secret_move(out, &next);
    }
    mls_secret_wipe(&input);
    return status;
}

/* ---- transcript hashes (RFC 9420, Section 8.2) --------------------------------------------------- */

/* An opaque value<V>: a signature or a tag. */
static void codec_value(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* struct { WireFormat wire_format; FramedContent content; opaque signature<V>; }
 * ConfirmedTranscriptHashInput; in parts, as the content may be large. */
mls_status_t mls_confirmed_transcript_hash(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                           mls_view_t interim_before, uint16_t wire_format,
                                           mls_view_t content_encoded, mls_view_t signature)
{
    const uint8_t format[] = { (uint8_t)(wire_format >> 8), (uint8_t)wire_format };
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, codec_value, &signature);
    const mls_view_t parts[] = { interim_before, mls_view(format, sizeof format), content_encoded,
                                 mls_bytes_view(&encoded) };

    out->len = suite->hash->len;
    if (status == MLS_OK)
        status = suite->hash->hash(crypto, suite->hash->variant, out->data, parts, 4);
    mls_bytes_clear(&encoded);
    return status;
}

/* struct { MAC confirmation_tag; } InterimTranscriptHashInput; */
mls_status_t mls_interim_transcript_hash(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                         mls_view_t confirmed, mls_view_t confirmation_tag)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, codec_value, &confirmation_tag);
    const mls_view_t parts[] = { confirmed, mls_bytes_view(&encoded) };

    out->len = suite->hash->len;
    if (status == MLS_OK)
        status = suite->hash->hash(crypto, suite->hash->variant, out->data, parts, 2);
    mls_bytes_clear(&encoded);
    return status;
}

mls_status_t mls_confirmation_tag(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                  const mls_secret_t *confirmation_key, mls_view_t confirmed_transcript_hash)
{
    return mls_mac(crypto, suite, out, confirmation_key, &confirmed_transcript_hash, 1);
}

bool mls_tag_equal(const mls_secret_t *expected, mls_view_t tag)
{
    return tag.len == expected->len && mls_bytes_equal_ct(expected->data, tag.data, tag.len);
}
