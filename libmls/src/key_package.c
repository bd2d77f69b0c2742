#include "key_package.h"
#include "app_data.h"
#include "bytes.h"
#include "capabilities.h"
#include "codec_check.h"
#include "grease.h"

#include <stdlib.h>

enum { KEY_PACKAGE_MESSAGE = 5 }; /* mls_key_package of RFC 9420, Section 17.2 */
static const uint64_t default_max_lifetime = 91 * 24 * 3600;

/* ---- codec --------------------------------------------------------------------------------------- */

static void codec_fields(mls_codec_t *codec, void *object)
{
    mls_key_package_data_t *kp = object;
    mls_codec_u16(codec, &kp->version);
    mls_codec_u16(codec, &kp->cipher_suite);
    mls_codec_opaque(codec, &kp->init_key);
    mls_codec_encoded(codec, &kp->leaf_encoded, mls_codec_leaf_node, &kp->leaf);
    mls_codec_extensions(codec, &kp->extensions);
}

void mls_codec_key_package_data(mls_codec_t *codec, void *object)
{
    mls_key_package_data_t *kp = object;
    mls_codec_encoded(codec, &kp->tbs, codec_fields, kp);
    mls_codec_opaque(codec, &kp->signature);
}

void mls_codec_key_package(mls_codec_t *codec, void *encoded)
{
    mls_key_package_data_t kp = { 0 };
    mls_codec_encoded(codec, encoded, mls_codec_key_package_data, &kp);
}

/* MLSMessage of a KeyPackage: version, wire format, KeyPackage (RFC 9420, Section 6). */
typedef struct key_package_message {
    uint16_t version, wire_format;
    mls_view_t encoded;
} key_package_message_t;

static void codec_message(mls_codec_t *codec, void *object)
{
    key_package_message_t *message = object;
    mls_codec_u16(codec, &message->version);
    mls_codec_u16(codec, &message->wire_format);
    (void)mls_codec_check(codec, MLS_RULE_E6_VERSION, message->version == MLS_VERSION_MLS10);
    (void)mls_codec_check(codec, MLS_RULE_E6_WIRE_FORMAT, message->wire_format == KEY_PACKAGE_MESSAGE);
    mls_codec_key_package(codec, &message->encoded);
}

/* A KeyPackage begins with version and cipher suite; the suite that equals this wire format has a
 * KeyPackage of other length, so trying the MLSMessage first is no guess. */
mls_status_t mls_key_package_unwrap(mls_view_t *encoded, mls_view_t message)
{
    key_package_message_t whole;
    mls_status_t status = mls_decode(&whole, sizeof whole, codec_message, message, NULL);
    *encoded = whole.encoded;
    if (status == MLS_OK)
        return MLS_OK;
    mls_key_package_data_t data;
    if (mls_decode(&data, sizeof data, mls_codec_key_package_data, message, NULL) == MLS_OK) {
        *encoded = message;
        return MLS_OK;
    }
    return status;
}

/* RFC 9420, Section 10: an extension of the KeyPackage is listed in the capabilities of its leaf. */
static mls_status_t check_extensions(mls_crypto_t *crypto, const mls_key_package_data_t *kp,
                                     const mls_limits_t *limits)
{
    mls_extension_t extension;
    mls_status_t status = mls_extensions_check(crypto, limits, kp->extensions);
    for (size_t at = 0; status == MLS_OK && mls_extensions_next(&extension, kp->extensions, &at) == MLS_OK;)
        status = mls_check(crypto, MLS_RULE_K6, mls_leaf_node_lists_extension(&kp->leaf, extension.type));
    return status;
}

/* ---- making one ---------------------------------------------------------------------------------- */

static mls_credential_t credential_of(const mls_key_package_params_t *params)
{
    return params->credential != NULL ? *params->credential
                                      : (mls_credential_t){ MLS_CREDENTIAL_BASIC, params->identity };
}

/* A KeyPackage in the making. */
typedef struct maker {
    mls_key_package_t *kp;
    const mls_key_package_params_t *params;
    uint16_t grease; /* the type of GREASE extensions; 0: none */
    mls_hpke_public_t init_key, encryption_key;
    mls_bytes_t leaf;
} maker_t;

/* `extensions` encoded, with the GREASE one. */
static mls_status_t encode_extensions(const maker_t *m, mls_bytes_t *out, const mls_extensions_t *extensions)
{
    mls_status_t status = mls_extensions_encode(out, extensions);
    return status == MLS_OK && m->grease != 0 ? mls_grease_extensions(m->kp->crypto, out, m->grease) : status;
}

/* What others would refuse is not made. How long a lifetime may be they decide by themselves. */
static mls_status_t check_own_leaf(const maker_t *m, const mls_leaf_node_t *leaf)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_leaf_rules_t rules = { .limits = &limits,
                                     .max_lifetime = UINT64_MAX,
                                     .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE };
    return mls_leaf_node_check(m->kp->crypto, m->kp->suite, leaf, &rules);
}

/* Who has the extension app_data_dictionary tells in its leaf which components it knows. A list that the host
 * has brought is left as it is. */
static mls_status_t list_last_resort(mls_bytes_t *leaf_extensions)
{
    static const uint8_t components[] = { 2, 0, MLS_COMPONENT_LAST_RESORT_KEY_PACKAGE };
    mls_view_t listed;
    mls_status_t status =
        mls_app_data_find(&listed, mls_bytes_view(leaf_extensions), MLS_COMPONENT_APP_COMPONENTS);
    return status == MLS_ERR_NOT_FOUND ? mls_app_data_put(leaf_extensions, MLS_COMPONENT_APP_COMPONENTS,
                                                          mls_view(components, sizeof components))
                                       : status;
}

/* Makes and signs the leaf. */
static mls_status_t make_leaf(maker_t *m)
{
    mls_key_package_t *kp = m->kp;
    const mls_key_package_params_t *params = m->params;
    mls_capabilities_buffers_t capabilities = { 0 };
    mls_bytes_t extensions = { 0 }, hooked = { 0 };
    mls_status_t status;
    mls_leaf_node_t leaf = { .encryption_key = mls_hpke_public_view(&m->encryption_key),
                             .signature_key = mls_signature_public_view(&kp->signature_key),
                             .credential = credential_of(params),
                             .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE,
                             .not_before = params->not_before,
                             .not_after = params->not_after };
    const mls_leaf_place_t nowhere = { 0 };
    const mls_own_capabilities_t own = { .cipher_suite = params->cipher_suite,
                                         .credential_type = leaf.credential.type,
                                         .listed = &params->capabilities,
                                         .has_dictionary = params->last_resort,
                                         .grease = m->grease };

    if ((status = mls_capabilities_encode(kp->crypto, &leaf.capabilities, &capabilities, &own)) != MLS_OK ||
        (status = encode_extensions(m, &extensions, &params->leaf_extensions)) != MLS_OK ||
        (params->last_resort && (status = list_last_resort(&extensions)) != MLS_OK))
        goto cleanup;
    leaf.extensions = mls_bytes_view(&extensions);
    if ((status = mls_leaf_node_run_hook(&params->leaf_hook, &leaf, &hooked, params->cipher_suite,
                                         mls_hpke_public_view(&m->init_key), mls_view(NULL, 0))) == MLS_OK &&
        (status = check_own_leaf(m, &leaf)) == MLS_OK)
        status = mls_leaf_node_sign(kp->crypto, kp->suite, &m->leaf, &leaf, &kp->signature_key, &nowhere);

cleanup:
    mls_bytes_clear(&hooked);
    mls_bytes_clear(&extensions);
    mls_capabilities_buffers_clear(&capabilities);
    return status;
}

/* Signs the KeyPackage around the leaf and wraps it into its MLSMessage. */
static mls_status_t make_message(maker_t *m)
{
    mls_key_package_t *kp = m->kp;
    mls_bytes_t extensions = { 0 }, tbs = { 0 }, signature = { 0 }, encoded = { 0 };
    mls_status_t status;
    mls_key_package_data_t data = { .version = MLS_VERSION_MLS10,
                                    .cipher_suite = kp->suite->id,
                                    .init_key = mls_hpke_public_view(&m->init_key),
                                    .leaf_encoded = mls_bytes_view(&m->leaf) };

    if ((status = encode_extensions(m, &extensions, &m->params->extensions)) != MLS_OK ||
        (m->params->last_resort &&
         (status = mls_app_data_put(&extensions, MLS_COMPONENT_LAST_RESORT_KEY_PACKAGE, mls_view(NULL, 0))) !=
             MLS_OK))
        goto cleanup;
    data.extensions = mls_bytes_view(&extensions);
    if ((status = mls_encode(&tbs, codec_fields, &data)) != MLS_OK ||
        (status = mls_sign_with_label(kp->crypto, kp->suite, &signature, &kp->signature_key, "KeyPackageTBS",
                                      mls_bytes_view(&tbs))) != MLS_OK)
        goto cleanup;
    data.tbs = mls_bytes_view(&tbs);
    data.signature = mls_bytes_view(&signature);
    if ((status = mls_encode(&encoded, mls_codec_key_package_data, &data)) != MLS_OK)
        goto cleanup;
    const key_package_message_t message = { MLS_VERSION_MLS10, KEY_PACKAGE_MESSAGE,
                                            mls_bytes_view(&encoded) };
    status = mls_encode(&kp->message, codec_message, &message);

cleanup:
    mls_bytes_clear(&encoded);
    mls_bytes_clear(&signature);
    mls_bytes_clear(&tbs);
    mls_bytes_clear(&extensions);
    return status;
}

/* As for the leaf: the extensions of the package must be listed, too. */
static mls_status_t check_own_extensions(const mls_key_package_t *kp)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_key_package_data_t data;
    mls_status_t status = mls_key_package_decode(kp, &data);
    return status == MLS_OK ? check_extensions(kp->crypto, &data, &limits) : status;
}

/* Sets what follows from `message`. */
static mls_status_t finish(mls_key_package_t *kp)
{
    mls_status_t status = mls_key_package_unwrap(&kp->encoded, mls_bytes_view(&kp->message));
    return status == MLS_OK ? mls_key_package_data_ref(kp->crypto, kp->suite, &kp->ref, kp->encoded) : status;
}

static mls_status_t new_for_suite(mls_key_package_t **out, mls_crypto_t *crypto, uint16_t cipher_suite)
{
    *out = NULL;
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    if ((*out = calloc(1, sizeof **out)) == NULL)
        return MLS_ERR_NOMEM;
    (*out)->crypto = crypto;
    (*out)->suite = suite;
    return MLS_OK;
}

static mls_status_t take_signature_key(mls_key_package_t *kp, mls_view_t private_key)
{
    return private_key.len == 0
               ? mls_signature_key_generate(kp->crypto, kp->suite, &kp->signature_key)
               : mls_signature_key_set(kp->crypto, kp->suite, &kp->signature_key, private_key);
}

mls_status_t mls_key_package_new(mls_key_package_t **out, mls_crypto_t *crypto,
                                 const mls_key_package_params_t *params)
{
    maker_t m = { .params = params };
    mls_key_package_t *kp;
    mls_status_t status;

    *out = NULL;
    if ((status = new_for_suite(&kp, crypto, params->cipher_suite)) != MLS_OK)
        return status;
    m.kp = kp;
    if ((params->grease && (status = mls_grease_value(crypto, &m.grease)) != MLS_OK) ||
        (status = mls_hpke_generate(crypto, kp->suite, &kp->init_private_key, &m.init_key)) != MLS_OK ||
        (status = mls_hpke_generate(crypto, kp->suite, &kp->encryption_private_key, &m.encryption_key)) !=
            MLS_OK ||
        (status = take_signature_key(kp, params->signature_private_key)) != MLS_OK ||
        (status = make_leaf(&m)) != MLS_OK || (status = make_message(&m)) != MLS_OK ||
        (status = finish(kp)) != MLS_OK || (status = check_own_extensions(kp)) != MLS_OK) {
        mls_key_package_free(kp);
        kp = NULL;
    }
    mls_bytes_clear(&m.leaf);
    *out = kp;
    return status;
}

/* ---- importing, saving --------------------------------------------------------------------------- */

static mls_status_t set_private_keys(mls_key_package_t *kp, mls_view_t init, mls_view_t encryption,
                                     mls_view_t signature)
{
    mls_status_t status;
    mls_key_package_data_t data;
    mls_hpke_public_t init_key, encryption_key;

    if ((status = mls_key_package_decode(kp, &data)) != MLS_OK ||
        (status = mls_hpke_private_set(kp->suite, &kp->init_private_key, init)) != MLS_OK ||
        (status = mls_hpke_private_set(kp->suite, &kp->encryption_private_key, encryption)) != MLS_OK ||
        (status = mls_signature_key_set(kp->crypto, kp->suite, &kp->signature_key, signature)) != MLS_OK ||
        (status = mls_hpke_public_key(kp->crypto, kp->suite, &init_key, &kp->init_private_key)) != MLS_OK ||
        (status = mls_hpke_public_key(kp->crypto, kp->suite, &encryption_key, &kp->encryption_private_key)) !=
            MLS_OK)
        return status;
    const bool match = mls_view_equal(mls_hpke_public_view(&init_key), data.init_key) &&
                       mls_view_equal(mls_hpke_public_view(&encryption_key), data.leaf.encryption_key) &&
                       mls_view_equal(mls_signature_public_view(&kp->signature_key), data.leaf.signature_key);
    return match ? MLS_OK : MLS_ERR_INVALID;
}

/* Who joins takes the leaf of its own KeyPackage for one that was signed here, and not for another place. */
static mls_status_t check_signed(const mls_key_package_t *kp)
{
    mls_key_package_data_t data;
    mls_status_t status = mls_key_package_decode(kp, &data);
    if (status == MLS_OK && data.leaf.source != MLS_LEAF_NODE_SOURCE_KEY_PACKAGE)
        status = MLS_ERR_INVALID;
    return status == MLS_OK ? mls_key_package_verify(kp->crypto, kp->suite, &data) : status;
}

mls_status_t mls_key_package_import(mls_key_package_t **out, mls_crypto_t *crypto, mls_view_t key_package,
                                    mls_view_t init_private_key, mls_view_t encryption_private_key,
                                    mls_view_t signature_private_key)
{
    mls_status_t status;
    mls_view_t encoded;
    mls_key_package_data_t data;
    mls_key_package_t *kp = NULL;

    *out = NULL;
    if ((status = mls_key_package_unwrap(&encoded, key_package)) != MLS_OK ||
        (status = mls_decode(&data, sizeof data, mls_codec_key_package_data, encoded, NULL)) != MLS_OK ||
        (status = new_for_suite(&kp, crypto, data.cipher_suite)) != MLS_OK)
        return status;
    const key_package_message_t message = { MLS_VERSION_MLS10, KEY_PACKAGE_MESSAGE, encoded };
    if ((status = mls_encode(&kp->message, codec_message, &message)) != MLS_OK ||
        (status = finish(kp)) != MLS_OK ||
        (status = set_private_keys(kp, init_private_key, encryption_private_key, signature_private_key)) !=
            MLS_OK ||
        (status = check_signed(kp)) != MLS_OK) {
        mls_key_package_free(kp);
        return status;
    }
    *out = kp;
    return MLS_OK;
}

void mls_key_package_free(mls_key_package_t *key_package)
{
    if (key_package == NULL)
        return;
    mls_bytes_clear(&key_package->message);
    mls_wipe(key_package, sizeof *key_package);
    free(key_package);
}

/* The saved form. */
typedef struct saved_key_package {
    uint8_t version;
    mls_view_t message, init, encryption, signature;
} saved_key_package_t;

enum { SAVED_VERSION = 1 };

static void codec_saved(mls_codec_t *codec, void *object)
{
    saved_key_package_t *saved = object;
    mls_codec_u8(codec, &saved->version);
    if (saved->version != SAVED_VERSION)
        mls_codec_fail(codec, MLS_ERR_UNSUPPORTED);
    mls_codec_opaque(codec, &saved->message);
    mls_codec_opaque(codec, &saved->init);
    mls_codec_opaque(codec, &saved->encryption);
    mls_codec_opaque(codec, &saved->signature);
}

mls_status_t mls_key_package_save(mls_bytes_t *out, const mls_key_package_t *key_package)
{
    const saved_key_package_t saved = { SAVED_VERSION, mls_bytes_view(&key_package->message),
                                        mls_hpke_private_view(&key_package->init_private_key),
                                        mls_hpke_private_view(&key_package->encryption_private_key),
                                        mls_signature_private_view(&key_package->signature_key) };
    return mls_encode(out, codec_saved, &saved);
}

mls_status_t mls_key_package_load(mls_key_package_t **out, mls_crypto_t *crypto, mls_view_t bytes)
{
    saved_key_package_t saved;
    *out = NULL;
    if (mls_decode(&saved, sizeof saved, codec_saved, bytes, NULL) != MLS_OK)
        return MLS_ERR_STORE;
    mls_status_t status =
        mls_key_package_import(out, crypto, saved.message, saved.init, saved.encryption, saved.signature);
    return mls_status_is_input(status) || status == MLS_ERR_ARGUMENT ? MLS_ERR_STORE : status;
}

uint16_t mls_key_package_cipher_suite(const mls_key_package_t *key_package)
{
    return key_package->suite->id;
}

mls_view_t mls_key_package_message(const mls_key_package_t *key_package)
{
    return mls_bytes_view(&key_package->message);
}

mls_view_t mls_key_package_ref(const mls_key_package_t *key_package)
{
    return mls_secret_view(&key_package->ref);
}

mls_status_t mls_key_package_decode(const mls_key_package_t *key_package, mls_key_package_data_t *out)
{
    return mls_decode(out, sizeof *out, mls_codec_key_package_data, key_package->encoded, NULL);
}

/* ---- validation ---------------------------------------------------------------------------------- */

mls_status_t mls_key_package_data_ref(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                      mls_view_t encoded)
{
    return mls_ref_hash(crypto, suite, out, "MLS 1.0 KeyPackage Reference", encoded);
}

static mls_status_t check_signature(mls_crypto_t *crypto, const mls_suite_t *suite,
                                    const mls_key_package_data_t *kp)
{
    mls_status_t status =
        mls_verify_with_label(crypto, suite, kp->leaf.signature_key, "KeyPackageTBS", kp->tbs, kp->signature);
    return status == MLS_ERR_SIGNATURE ? mls_check(crypto, MLS_RULE_K4, false) : status;
}

mls_status_t mls_key_package_verify(mls_crypto_t *crypto, const mls_suite_t *suite,
                                    const mls_key_package_data_t *kp)
{
    const mls_leaf_place_t nowhere = { 0 };
    mls_status_t status = mls_leaf_node_verify(crypto, suite, &kp->leaf, &nowhere);
    return status == MLS_OK ? check_signature(crypto, suite, kp) : status;
}

mls_status_t mls_key_package_check_fields(mls_crypto_t *crypto, const mls_suite_t *suite,
                                          const mls_key_package_data_t *kp, const mls_leaf_rules_t *rules)
{
    mls_status_t status;
    if ((status = mls_check(crypto, MLS_RULE_K1, kp->version == MLS_VERSION_MLS10)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_K2, kp->cipher_suite == suite->id)) != MLS_OK ||
        (status = mls_hpke_check_public(crypto, suite, kp->init_key)) != MLS_OK ||
        (status = mls_leaf_node_check(crypto, suite, &kp->leaf, rules)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_K5, !mls_view_equal(kp->init_key, kp->leaf.encryption_key))) !=
            MLS_OK)
        return status;
    return check_extensions(crypto, kp, rules->limits);
}

mls_status_t mls_key_package_check(mls_crypto_t *crypto, const mls_suite_t *suite,
                                   const mls_key_package_data_t *kp, const mls_leaf_rules_t *rules)
{
    mls_status_t status = mls_key_package_check_fields(crypto, suite, kp, rules);
    return status == MLS_OK ? mls_key_package_verify(crypto, suite, kp) : status;
}

/* The component of draft-ietf-mls-extensions, or the extension that earlier drafts had. */
static bool is_last_resort(mls_view_t extensions)
{
    mls_view_t data;
    return mls_app_data_find(&data, extensions, MLS_COMPONENT_LAST_RESORT_KEY_PACKAGE) == MLS_OK ||
           mls_extensions_find(&data, extensions, MLS_EXTENSION_LAST_RESORT) == MLS_OK;
}

static void fill_info(mls_key_package_info_t *out, const mls_key_package_data_t *kp, mls_view_t encoded)
{
    out->cipher_suite = kp->cipher_suite;
    out->extensions = kp->extensions;
    out->encoded = encoded;
    out->last_resort = is_last_resort(kp->extensions);
    mls_leaf_node_info(&out->leaf, &kp->leaf, kp->leaf_encoded, UINT32_MAX);
    out->leaf.init_key = kp->init_key;
}

mls_status_t mls_key_package_read(mls_key_package_info_t *out, mls_crypto_t *crypto, mls_view_t message,
                                  uint64_t now, const mls_authentication_t *authentication)
{
    mls_status_t status;
    key_package_message_t whole;
    mls_key_package_data_t kp;
    mls_secret_t ref = { 0 };
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_leaf_rules_t rules = { .limits = &limits,
                                     .max_lifetime = default_max_lifetime,
                                     .now = now,
                                     .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE };

    *out = (mls_key_package_info_t){ 0 };
    if ((status = mls_decode_input(crypto, &whole, sizeof whole, codec_message, message, NULL)) != MLS_OK ||
        (status = mls_decode(&kp, sizeof kp, mls_codec_key_package_data, whole.encoded, NULL)) != MLS_OK)
        return status;
    const mls_suite_t *suite = mls_suite_find(kp.cipher_suite);
    if ((status = mls_check(crypto, MLS_RULE_E6_SUITE, suite != NULL)) != MLS_OK ||
        (status = mls_key_package_check(crypto, suite, &kp, &rules)) != MLS_OK ||
        (status = mls_key_package_data_ref(crypto, suite, &ref, whole.encoded)) != MLS_OK)
        return status;
    mls_leaf_candidate_t candidate = { .purpose = MLS_LEAF_IN_KEY_PACKAGE, .cipher_suite = suite->id };
    mls_key_package_info_t info = { .ref_len = ref.len };
    memcpy(info.ref, ref.data, ref.len);
    fill_info(&info, &kp, whole.encoded);
    candidate.leaf = info.leaf;
    if ((status = mls_authenticate(crypto, authentication, &candidate)) == MLS_OK)
        *out = info;
    return status;
}
