/* hpke.c -- DHKEM, the key schedule of base mode and single-shot sealing (RFC 9180). */
#include "hpke.h"
#include "rule.h"

/* A suite id of RFC 9180: "KEM" + kem_id, or "HPKE" + kem_id + kdf_id + aead_id. */
typedef struct suite_id {
    size_t len;
    uint8_t data[10];
} suite_id_t;

static void put_u16(uint8_t *p, size_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static suite_id_t kem_suite_id(const mls_suite_t *suite)
{
    suite_id_t id = { .len = 5, .data = { 'K', 'E', 'M' } };
    put_u16(id.data + 3, suite->dh->kem_id);
    return id;
}

static suite_id_t hpke_suite_id(const mls_suite_t *suite)
{
    suite_id_t id = { .len = 10, .data = { 'H', 'P', 'K', 'E' } };
    put_u16(id.data + 4, suite->dh->kem_id);
    put_u16(id.data + 6, suite->hash->kdf_id);
    put_u16(id.data + 8, suite->aead->aead_id);
    return id;
}

/* ---- HKDF ---------------------------------------------------------------------------------------- */

mls_status_t mls_hkdf_extract(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                              mls_view_t salt, const mls_view_t *ikm, size_t num_ikm)
{
    mls_status_t status = suite->hash->hmac(crypto, suite->hash->variant, out->data, salt, ikm, num_ikm);
    out->len = status == MLS_OK ? suite->hash->len : 0;
    return status;
}

enum { MAX_INFO_PARTS = 6 };

mls_status_t mls_hkdf_expand(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out, size_t len,
                             mls_view_t prk, const mls_view_t *info, size_t num_info)
{
    mls_status_t status = MLS_OK;
    const size_t hash_len = suite->hash->len;
    uint8_t block[MLS_MAX_HASH_LEN];
    uint8_t counter = 0;
    mls_view_t parts[MAX_INFO_PARTS + 2];

    if (len > 255 * hash_len || num_info > MAX_INFO_PARTS)
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; i < num_info; i++)
        parts[1 + i] = info[i];
    for (size_t done = 0; done < len && status == MLS_OK;) {
        parts[0] = mls_view(block, counter == 0 ? 0 : hash_len);
        counter++;
        parts[1 + num_info] = mls_view(&counter, 1);
        status = suite->hash->hmac(crypto, suite->hash->variant, block, prk, parts, num_info + 2);
        const size_t n = len - done < hash_len ? len - done : hash_len;
        if (status == MLS_OK)
            memcpy(out + done, block, n);
        done += n;
    }
    mls_wipe(block, sizeof block);
    if (status != MLS_OK)
        mls_wipe(out, len);
    return status;
}

/* LabeledExtract (RFC 9180, Section 4), the ikm in parts. */
static mls_status_t labeled_extract(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                    mls_view_t salt, const suite_id_t *id, const char *label,
                                    const mls_view_t *ikm, size_t num_ikm)
{
    mls_view_t parts[3 + MAX_INFO_PARTS] = { mls_view_text("HPKE-v1"), mls_view(id->data, id->len),
                                             mls_view_text(label) };
    if (num_ikm > MAX_INFO_PARTS)
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; i < num_ikm; i++)
        parts[3 + i] = ikm[i];
    return mls_hkdf_extract(crypto, suite, out, salt, parts, 3 + num_ikm);
}

/* LabeledExpand (RFC 9180, Section 4). */
static mls_status_t labeled_expand(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *out, size_t len,
                                   const mls_secret_t *prk, const suite_id_t *id, const char *label,
                                   mls_view_t info)
{
    uint8_t len_bytes[2];
    put_u16(len_bytes, len);
    const mls_view_t parts[] = { mls_view(len_bytes, 2), mls_view_text("HPKE-v1"),
                                 mls_view(id->data, id->len), mls_view_text(label), info };
    return mls_hkdf_expand(crypto, suite, out, len, mls_secret_view(prk), parts, 5);
}

/* ---- keys ---------------------------------------------------------------------------------------- */

void mls_hpke_private_wipe(mls_hpke_private_t *key)
{
    mls_wipe(key, sizeof *key);
}

mls_status_t mls_hpke_private_set(const mls_suite_t *suite, mls_hpke_private_t *key, mls_view_t in)
{
    const size_t len = suite->dh->private_len;
    mls_hpke_private_wipe(key);
    if (in.len == 0 || in.len > len || (in.len < len && suite->dh->is_private_key == NULL))
        return MLS_ERR_INVALID;
    memcpy(key->data + len - in.len, in.data, in.len); /* an integer may lack its leading zeros */
    key->len = len;
    return MLS_OK;
}

mls_status_t mls_hpke_public_key(mls_crypto_t *crypto, const mls_suite_t *suite,
                                 mls_hpke_public_t *public_key, const mls_hpke_private_t *private_key)
{
    public_key->len = suite->dh->public_len;
    return suite->dh->public_key(crypto, suite->dh->variant, public_key->data, private_key->data);
}

/* The private keys of the NIST curves are found by trying (RFC 9180, Section 7.1.3). */
static mls_status_t derive_candidate(mls_crypto_t *crypto, const mls_suite_t *suite, mls_hpke_private_t *out,
                                     const mls_secret_t *dkp_prk, const suite_id_t *id)
{
    const mls_dh_engine_t *dh = suite->dh;
    mls_status_t status = MLS_OK;
    for (unsigned counter = 0; status == MLS_OK && counter < 256; counter++) {
        const uint8_t byte = (uint8_t)counter;
        status =
            labeled_expand(crypto, suite, out->data, out->len, dkp_prk, id, "candidate", mls_view(&byte, 1));
        out->data[0] &= dh->bitmask;
        if (status == MLS_OK && dh->is_private_key(dh->variant, out->data))
            return MLS_OK;
    }
    return status == MLS_OK ? MLS_ERR_CRYPTO : status;
}

mls_status_t mls_hpke_derive_private(mls_crypto_t *crypto, const mls_suite_t *suite,
                                     mls_hpke_private_t *private_key, mls_view_t ikm)
{
    mls_status_t status;
    mls_secret_t dkp_prk = { 0 };
    const suite_id_t id = kem_suite_id(suite);

    private_key->len = suite->dh->private_len;
    status = labeled_extract(crypto, suite, &dkp_prk, mls_view(NULL, 0), &id, "dkp_prk", &ikm, 1);
    if (status == MLS_OK && suite->dh->is_private_key != NULL)
        status = derive_candidate(crypto, suite, private_key, &dkp_prk, &id);
    else if (status == MLS_OK)
        status = labeled_expand(crypto, suite, private_key->data, private_key->len, &dkp_prk, &id, "sk",
                                mls_view(NULL, 0));
    if (status != MLS_OK)
        mls_hpke_private_wipe(private_key);
    mls_secret_wipe(&dkp_prk);
    return status;
}

mls_status_t mls_hpke_derive_key_pair(mls_crypto_t *crypto, const mls_suite_t *suite,
                                      mls_hpke_private_t *private_key, mls_hpke_public_t *public_key,
                                      mls_view_t ikm)
{
    mls_status_t status = mls_hpke_derive_private(crypto, suite, private_key, ikm);
    if (status == MLS_OK)
        status = mls_hpke_public_key(crypto, suite, public_key, private_key);
    if (status != MLS_OK)
        mls_hpke_private_wipe(private_key);
    return status;
}

mls_status_t mls_hpke_generate_private(mls_crypto_t *crypto, const mls_suite_t *suite,
                                       mls_hpke_private_t *private_key)
{
    uint8_t ikm[MLS_MAX_HASH_LEN];
    mls_status_t status = mls_crypto_random(crypto, ikm, suite->hash->len);
    if (status == MLS_OK)
        status = mls_hpke_derive_private(crypto, suite, private_key, mls_view(ikm, suite->hash->len));
    mls_wipe(ikm, sizeof ikm);
    return status;
}

mls_status_t mls_hpke_generate(mls_crypto_t *crypto, const mls_suite_t *suite,
                               mls_hpke_private_t *private_key, mls_hpke_public_t *public_key)
{
    mls_status_t status = mls_hpke_generate_private(crypto, suite, private_key);
    if (status == MLS_OK)
        status = mls_hpke_public_key(crypto, suite, public_key, private_key);
    if (status != MLS_OK)
        mls_hpke_private_wipe(private_key);
    return status;
}

/* Up to MLS_DH_MAX_AT_ONCE, by an engine that has a way for several. */
static mls_status_t public_keys_at_once(mls_crypto_t *crypto, const mls_suite_t *suite,
                                        mls_hpke_public_t *public_keys,
                                        const mls_hpke_private_t *private_keys, size_t num)
{
    const mls_dh_engine_t *dh = suite->dh;
    uint8_t in[MLS_DH_MAX_AT_ONCE * MLS_MAX_KEM_PRIVATE_LEN] = { 0 },
                                    out[MLS_DH_MAX_AT_ONCE * MLS_MAX_KEM_PUBLIC_LEN];
    for (size_t i = 0; i < num; i++)
        memcpy(in + i * dh->private_len, private_keys[i].data, dh->private_len);
    mls_status_t status = dh->public_keys(crypto, dh->variant, out, in, num);
    mls_wipe(in, sizeof in);
    for (size_t i = 0; status == MLS_OK && i < num; i++) {
        public_keys[i].len = dh->public_len;
        memcpy(public_keys[i].data, out + i * dh->public_len, dh->public_len);
    }
    return status;
}

mls_status_t mls_hpke_public_keys(mls_crypto_t *crypto, const mls_suite_t *suite,
                                  mls_hpke_public_t *public_keys, const mls_hpke_private_t *private_keys,
                                  size_t num)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < num;) {
        size_t step = suite->dh->public_keys == NULL ? 1 : MLS_DH_MAX_AT_ONCE;
        step = num - i < step ? num - i : step;
        status = suite->dh->public_keys == NULL
                     ? mls_hpke_public_key(crypto, suite, &public_keys[i], &private_keys[i])
                     : public_keys_at_once(crypto, suite, &public_keys[i], &private_keys[i], step);
        i += step;
    }
    return status;
}

mls_status_t mls_hpke_check_public(mls_crypto_t *crypto, const mls_suite_t *suite, mls_view_t key)
{
    mls_status_t status = key.len == suite->dh->public_len
                              ? suite->dh->check_public(crypto, suite->dh->variant, key.data)
                              : MLS_ERR_INVALID;
    return status == MLS_ERR_INVALID ? mls_refuse(crypto, MLS_RULE_E7, status) : status;
}

/* ---- DHKEM (RFC 9180, Section 4.1) --------------------------------------------------------------- */

/* ExtractAndExpand(dh, enc || public key of the recipient). */
static mls_status_t extract_and_expand(mls_crypto_t *crypto, const mls_suite_t *suite,
                                       mls_secret_t *shared_secret, const uint8_t *dh, const uint8_t *enc,
                                       const uint8_t *recipient)
{
    mls_status_t status;
    mls_secret_t eae_prk = { 0 };
    const suite_id_t id = kem_suite_id(suite);
    const mls_view_t dh_view = mls_view(dh, suite->dh->shared_len);
    const size_t public_len = suite->dh->public_len;
    uint8_t kem_context[2 * MLS_MAX_KEM_PUBLIC_LEN];

    memcpy(kem_context, enc, public_len);
    memcpy(kem_context + public_len, recipient, public_len);
    shared_secret->len = suite->hash->len; /* Nsecret of every DHKEM is Nh of its KDF */
    if ((status = labeled_extract(crypto, suite, &eae_prk, mls_view(NULL, 0), &id, "eae_prk", &dh_view, 1)) ==
        MLS_OK)
        status = labeled_expand(crypto, suite, shared_secret->data, shared_secret->len, &eae_prk, &id,
                                "shared_secret", mls_view(kem_context, 2 * public_len));
    mls_secret_wipe(&eae_prk);
    return status;
}

static mls_status_t encap(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *shared_secret,
                          uint8_t *enc, const mls_hpke_private_t *ephemeral,
                          const mls_hpke_public_t *ephemeral_public, mls_view_t public_key)
{
    mls_status_t status;
    uint8_t dh[MLS_MAX_DH_LEN];

    if ((status = mls_hpke_check_public(crypto, suite, public_key)) != MLS_OK ||
        (status = suite->dh->shared(crypto, suite->dh->variant, dh, ephemeral->data, public_key.data)) !=
            MLS_OK ||
        (status = extract_and_expand(crypto, suite, shared_secret, dh, ephemeral_public->data,
                                     public_key.data)) != MLS_OK)
        goto cleanup;
    memcpy(enc, ephemeral_public->data, suite->dh->public_len);

cleanup:
    mls_wipe(dh, sizeof dh);
    return status;
}

/* `public_key` empty: it is derived. */
static mls_status_t decap(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *shared_secret,
                          mls_view_t enc, const mls_hpke_private_t *private_key, mls_view_t public_key)
{
    mls_status_t status = mls_hpke_check_public(crypto, suite, enc);
    mls_hpke_public_t derived = { 0 };
    uint8_t dh[MLS_MAX_DH_LEN];

    if (status == MLS_OK && public_key.len == 0) {
        status = mls_hpke_public_key(crypto, suite, &derived, private_key);
        public_key = mls_hpke_public_view(&derived);
    }
    if (status == MLS_OK && public_key.len != suite->dh->public_len)
        status = MLS_ERR_INVALID;
    if (status != MLS_OK ||
        (status = suite->dh->shared(crypto, suite->dh->variant, dh, private_key->data, enc.data)) != MLS_OK)
        goto cleanup;
    status = extract_and_expand(crypto, suite, shared_secret, dh, enc.data, public_key.data);

cleanup:
    mls_wipe(dh, sizeof dh);
    return status;
}

/* ---- key schedule of base mode (RFC 9180, Section 5.1) ------------------------------------------- */

typedef struct hpke_context {
    uint8_t key[MLS_MAX_KEY_LEN];
    uint8_t nonce[MLS_MAX_NONCE_LEN];
    mls_secret_t exporter_secret;
} hpke_context_t;

mls_status_t mls_hpke_hash_info(mls_crypto_t *crypto, const mls_suite_t *suite, mls_hpke_info_t *out,
                                const mls_view_t *parts, size_t num_parts)
{
    /* mode || psk_id_hash || info_hash */
    mls_secret_t psk_id_hash = { 0 }, info_hash = { 0 };
    const suite_id_t id = hpke_suite_id(suite);
    const mls_view_t no_salt = { 0 };
    mls_status_t status;

    *out = (mls_hpke_info_t){ 0 }; /* mode_base is 0 */
    if ((status = labeled_extract(crypto, suite, &psk_id_hash, no_salt, &id, "psk_id_hash", NULL, 0)) !=
            MLS_OK ||
        (status = labeled_extract(crypto, suite, &info_hash, no_salt, &id, "info_hash", parts, num_parts)) !=
            MLS_OK)
        return status;
    memcpy(out->context + 1, psk_id_hash.data, psk_id_hash.len);
    memcpy(out->context + 1 + psk_id_hash.len, info_hash.data, info_hash.len);
    out->len = 1 + psk_id_hash.len + info_hash.len;
    return MLS_OK;
}

static mls_status_t key_schedule(mls_crypto_t *crypto, const mls_suite_t *suite, hpke_context_t *out,
                                 const mls_secret_t *shared_secret, const mls_hpke_info_t *info,
                                 bool want_exporter)
{
    mls_status_t status;
    mls_secret_t secret = { 0 };
    const suite_id_t id = hpke_suite_id(suite);
    const mls_view_t context = mls_view(info->context, info->len);

    if ((status = labeled_extract(crypto, suite, &secret, mls_secret_view(shared_secret), &id, "secret", NULL,
                                  0)) != MLS_OK)
        goto cleanup;
    if (want_exporter) {
        out->exporter_secret.len = suite->hash->len;
        status = labeled_expand(crypto, suite, out->exporter_secret.data, suite->hash->len, &secret, &id,
                                "exp", context);
    } else if ((status = labeled_expand(crypto, suite, out->key, suite->aead->key_len, &secret, &id, "key",
                                        context)) == MLS_OK) {
        status = labeled_expand(crypto, suite, out->nonce, suite->aead->nonce_len, &secret, &id, "base_nonce",
                                context);
    }

cleanup:
    mls_secret_wipe(&secret);
    return status;
}

mls_status_t mls_hpke_seal_from(mls_crypto_t *crypto, const mls_suite_t *suite,
                                const mls_hpke_private_t *ephemeral,
                                const mls_hpke_public_t *ephemeral_public, uint8_t *kem_output,
                                uint8_t *ciphertext, mls_view_t public_key, const mls_hpke_info_t *info,
                                mls_view_t plaintext)
{
    mls_status_t status;
    mls_secret_t shared_secret = { 0 };
    hpke_context_t context = { 0 };

    if ((status = encap(crypto, suite, &shared_secret, kem_output, ephemeral, ephemeral_public,
                        public_key)) == MLS_OK &&
        (status = key_schedule(crypto, suite, &context, &shared_secret, info, false)) == MLS_OK)
        status = suite->aead->seal(crypto, suite->aead->variant, ciphertext, context.key, context.nonce,
                                   mls_view(NULL, 0), plaintext);
    mls_secret_wipe(&shared_secret);
    mls_wipe(&context, sizeof context);
    return status;
}

mls_status_t mls_hpke_seal(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *kem_output,
                           uint8_t *ciphertext, mls_view_t public_key, const mls_hpke_info_t *info,
                           mls_view_t plaintext)
{
    mls_hpke_private_t ephemeral = { 0 };
    mls_hpke_public_t ephemeral_public;
    mls_status_t status = mls_hpke_generate(crypto, suite, &ephemeral, &ephemeral_public);
    if (status == MLS_OK)
        status = mls_hpke_seal_from(crypto, suite, &ephemeral, &ephemeral_public, kem_output, ciphertext,
                                    public_key, info, plaintext);
    mls_hpke_private_wipe(&ephemeral);
    return status;
}

mls_status_t mls_hpke_open(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *plaintext,
                           mls_view_t kem_output, const mls_hpke_private_t *private_key,
                           mls_view_t public_key, const mls_hpke_info_t *info, mls_view_t ciphertext)
{
    mls_status_t status;
    mls_secret_t shared_secret = { 0 };
    hpke_context_t context = { 0 };

    if ((status = decap(crypto, suite, &shared_secret, kem_output, private_key, public_key)) == MLS_OK &&
        (status = key_schedule(crypto, suite, &context, &shared_secret, info, false)) == MLS_OK)
        status = suite->aead->open(crypto, suite->aead->variant, plaintext, context.key, context.nonce,
                                   mls_view(NULL, 0), ciphertext);
    mls_secret_wipe(&shared_secret);
    mls_wipe(&context, sizeof context);
    return status;
}

/* ---- export (RFC 9180, Section 5.3) -------------------------------------------------------------- */

static mls_status_t export_secret(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                  const mls_secret_t *shared_secret, const char *exporter_context)
{
    mls_status_t status;
    hpke_context_t context = { 0 };
    mls_hpke_info_t info;
    const suite_id_t id = hpke_suite_id(suite);

    out->len = suite->hash->len;
    if ((status = mls_hpke_hash_info(crypto, suite, &info, NULL, 0)) == MLS_OK &&
        (status = key_schedule(crypto, suite, &context, shared_secret, &info, true)) == MLS_OK)
        status = labeled_expand(crypto, suite, out->data, out->len, &context.exporter_secret, &id, "sec",
                                mls_view_text(exporter_context));
    mls_wipe(&context, sizeof context);
    return status;
}

mls_status_t mls_hpke_send_export(mls_crypto_t *crypto, const mls_suite_t *suite, uint8_t *kem_output,
                                  mls_secret_t *out, mls_view_t public_key, const char *exporter_context)
{
    mls_secret_t shared_secret = { 0 };
    mls_hpke_private_t ephemeral = { 0 };
    mls_hpke_public_t ephemeral_public;
    mls_status_t status = mls_hpke_generate(crypto, suite, &ephemeral, &ephemeral_public);
    if (status == MLS_OK)
        status = encap(crypto, suite, &shared_secret, kem_output, &ephemeral, &ephemeral_public, public_key);
    mls_hpke_private_wipe(&ephemeral);
    if (status == MLS_OK)
        status = export_secret(crypto, suite, out, &shared_secret, exporter_context);
    mls_secret_wipe(&shared_secret);
    return status;
}

mls_status_t mls_hpke_receive_export(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                     mls_view_t kem_output, const mls_hpke_private_t *private_key,
                                     const char *exporter_context)
{
    mls_secret_t shared_secret = { 0 };
    mls_status_t status = decap(crypto, suite, &shared_secret, kem_output, private_key, mls_view(NULL, 0));
    if (status == MLS_OK)
        status = export_secret(crypto, suite, out, &shared_secret, exporter_context);
    mls_secret_wipe(&shared_secret);
    return status;
}
