#include "leaf_node.h"
#include "bytes.h"
#include "codec_check.h"
#include "grease.h"

#include <stdlib.h>

/* ---- codec --------------------------------------------------------------------------------------- */

static void codec_source(mls_codec_t *codec, mls_leaf_node_t *leaf)
{
    mls_codec_u8(codec, &leaf->source);
    switch (leaf->source) {
    case MLS_LEAF_NODE_SOURCE_KEY_PACKAGE:
        mls_codec_u64(codec, &leaf->not_before);
        mls_codec_u64(codec, &leaf->not_after);
        break;
    case MLS_LEAF_NODE_SOURCE_UPDATE:
        break;
    case MLS_LEAF_NODE_SOURCE_COMMIT:
        mls_codec_opaque(codec, &leaf->parent_hash);
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
}

static void codec_fields(mls_codec_t *codec, void *object)
{
    mls_leaf_node_t *leaf = object;
    mls_codec_opaque(codec, &leaf->encryption_key);
    mls_codec_opaque(codec, &leaf->signature_key);
    mls_codec_credential(codec, &leaf->credential);
    mls_codec_capabilities(codec, &leaf->capabilities);
    codec_source(codec, leaf);
    mls_codec_extensions(codec, &leaf->extensions);
}

void mls_codec_leaf_node(mls_codec_t *codec, void *object)
{
    mls_leaf_node_t *leaf = object;
    mls_codec_encoded(codec, &leaf->tbs, codec_fields, leaf);
    mls_codec_opaque(codec, &leaf->signature);
}

mls_status_t mls_leaf_node_decode(mls_leaf_node_t *out, mls_view_t encoded)
{
    return mls_decode(out, sizeof *out, mls_codec_leaf_node, encoded, NULL);
}

/* ---- signature ----------------------------------------------------------------------------------- */

/* LeafNodeTBS: the fields, and for source update and commit the place.   RFC 9420, Section 7.2 */
static void codec_place(mls_codec_t *codec, void *object)
{
    mls_leaf_place_t *place = object;
    mls_codec_opaque(codec, &place->group_id);
    mls_codec_u32(codec, &place->leaf_index);
}

static mls_status_t encode_place(mls_bytes_t *out, uint8_t source, const mls_leaf_place_t *place)
{
    *out = (mls_bytes_t){ 0 };
    return source == MLS_LEAF_NODE_SOURCE_KEY_PACKAGE ? MLS_OK : mls_encode(out, codec_place, place);
}

mls_status_t mls_leaf_node_sign(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                const mls_leaf_node_t *leaf, const mls_signature_key_t *key,
                                const mls_leaf_place_t *place)
{
    mls_status_t status;
    mls_bytes_t fields = { 0 }, encoded_place = { 0 }, signature = { 0 };

    *out = (mls_bytes_t){ 0 };
    if ((status = mls_encode(&fields, codec_fields, leaf)) != MLS_OK)
        goto cleanup;
    if ((status = encode_place(&encoded_place, leaf->source, place)) != MLS_OK)
        goto cleanup;
    const mls_view_t tbs[] = { mls_bytes_view(&fields), mls_bytes_view(&encoded_place) };
    if ((status = mls_sign_parts_with_label(crypto, suite, &signature, key, "LeafNodeTBS", tbs, 2)) != MLS_OK)
        goto cleanup;
    const mls_leaf_node_t whole = { .tbs = mls_bytes_view(&fields), .signature = mls_bytes_view(&signature) };
    status = mls_encode(out, mls_codec_leaf_node, &whole);

cleanup:
    mls_bytes_clear(&signature);
    mls_bytes_clear(&encoded_place);
    mls_bytes_clear(&fields);
    return status;
}

mls_status_t mls_leaf_node_verify(mls_crypto_t *crypto, const mls_suite_t *suite, const mls_leaf_node_t *leaf,
                                  const mls_leaf_place_t *place)
{
    mls_bytes_t encoded_place;
    mls_status_t status = encode_place(&encoded_place, leaf->source, place);
    const mls_view_t tbs[] = { leaf->tbs, mls_bytes_view(&encoded_place) };
    if (status == MLS_OK)
        status = mls_verify_parts_with_label(crypto, suite, leaf->signature_key, "LeafNodeTBS", tbs, 2,
                                             leaf->signature);
    mls_bytes_clear(&encoded_place);
    return status == MLS_ERR_SIGNATURE ? mls_check(crypto, MLS_RULE_L1, false) : status;
}

/* ---- validation ---------------------------------------------------------------------------------- */

bool mls_leaf_node_lists_extension(const mls_leaf_node_t *leaf, uint16_t type)
{
    return mls_extension_is_default(type) || mls_u16s_contain(&leaf->capabilities.extensions, type);
}

/* What a group may use is what all members support, this client among them. GREASE values stand in lists, but
 * nobody supports them: without this, members that happen to list the same one would seem to agree on it. */
bool mls_leaf_node_supports_extension(const mls_leaf_node_t *leaf, uint16_t type)
{
    return mls_leaf_node_lists_extension(leaf, type) && !mls_is_grease(type);
}

bool mls_leaf_node_supports_proposal(const mls_leaf_node_t *leaf, uint16_t type)
{
    return mls_proposal_is_default(type) ||
           (mls_u16s_contain(&leaf->capabilities.proposals, type) && !mls_is_grease(type));
}

bool mls_leaf_node_supports_credential(const mls_leaf_node_t *leaf, uint16_t type)
{
    return mls_u16s_contain(&leaf->capabilities.credentials, type) && !mls_is_grease(type);
}

/* Lists that are bounded, and free of the types that need no listing (RFC 9420, Section 7.2). */
static mls_status_t check_lists(mls_crypto_t *crypto, const mls_leaf_capabilities_t *capabilities,
                                const mls_limits_t *limits)
{
    const mls_u16s_t *lists[] = { &capabilities->versions, &capabilities->cipher_suites,
                                  &capabilities->extensions, &capabilities->proposals,
                                  &capabilities->credentials };
    mls_status_t status = MLS_OK;

    for (size_t i = 0; i < 5 && status == MLS_OK; i++)
        status = mls_check(crypto, MLS_RULE_L13, mls_u16s_count(lists[i]) <= limits->num_capabilities);
    for (size_t i = 0; status == MLS_OK && i < mls_u16s_count(&capabilities->extensions); i++)
        status = mls_check(crypto, MLS_RULE_L9,
                           !mls_extension_is_default(mls_u16s_at(&capabilities->extensions, i)));
    for (size_t i = 0; status == MLS_OK && i < mls_u16s_count(&capabilities->proposals); i++)
        status = mls_check(crypto, MLS_RULE_L9,
                           !mls_proposal_is_default(mls_u16s_at(&capabilities->proposals, i)));
    return status;
}

/* The leaf's own extensions: each once, each listed among its capabilities. */
static mls_status_t check_own_extensions(mls_crypto_t *crypto, const mls_leaf_node_t *leaf,
                                         const mls_limits_t *limits)
{
    mls_extension_t extension;
    mls_status_t status = mls_extensions_check(crypto, limits, leaf->extensions);
    for (size_t at = 0; status == MLS_OK && mls_extensions_next(&extension, leaf->extensions, &at) == MLS_OK;)
        status = mls_check(crypto, MLS_RULE_L5, mls_leaf_node_lists_extension(leaf, extension.type));
    return status;
}

static mls_status_t check_lifetime(mls_crypto_t *crypto, const mls_leaf_node_t *leaf,
                                   const mls_leaf_rules_t *rules)
{
    mls_status_t status;
    if (leaf->source != MLS_LEAF_NODE_SOURCE_KEY_PACKAGE)
        return MLS_OK;
    if ((status = mls_check(crypto, MLS_RULE_L4_LENGTH,
                            leaf->not_after >= leaf->not_before &&
                                leaf->not_after - leaf->not_before <= rules->max_lifetime)) != MLS_OK)
        return status;
    return mls_check(crypto, MLS_RULE_L4,
                     rules->now == 0 || (leaf->not_before <= rules->now && rules->now <= leaf->not_after));
}

mls_status_t mls_leaf_node_check(mls_crypto_t *crypto, const mls_suite_t *suite, const mls_leaf_node_t *leaf,
                                 const mls_leaf_rules_t *rules)
{
    mls_status_t status;

    if ((status = mls_check(crypto, MLS_RULE_E7, leaf->signature_key.len == suite->signature->public_len)) !=
            MLS_OK ||
        (status = mls_hpke_check_public(crypto, suite, leaf->encryption_key)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_L6, rules->any_source || leaf->source == rules->source)) !=
            MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_L12,
                            mls_u16s_contain(&leaf->capabilities.versions, MLS_VERSION_MLS10) &&
                                mls_u16s_contain(&leaf->capabilities.cipher_suites, suite->id))) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_L5_CREDENTIAL,
                            mls_leaf_node_supports_credential(leaf, leaf->credential.type))) != MLS_OK ||
        (status = check_lists(crypto, &leaf->capabilities, rules->limits)) != MLS_OK ||
        (status = check_own_extensions(crypto, leaf, rules->limits)) != MLS_OK ||
        (status = check_lifetime(crypto, leaf, rules)) != MLS_OK)
        return status;
    return mls_credential_check(crypto, rules->limits, &leaf->credential, leaf->signature_key);
}

static mls_status_t check_required(mls_crypto_t *crypto, const mls_leaf_node_t *leaf,
                                   const mls_required_t *required)
{
    bool met = true;
    for (size_t i = 0; i < mls_u16s_count(&required->extensions); i++)
        met = met && mls_leaf_node_supports_extension(leaf, mls_u16s_at(&required->extensions, i));
    for (size_t i = 0; i < mls_u16s_count(&required->proposals); i++)
        met = met && mls_leaf_node_supports_proposal(leaf, mls_u16s_at(&required->proposals, i));
    for (size_t i = 0; i < mls_u16s_count(&required->credentials); i++)
        met = met && mls_leaf_node_supports_credential(leaf, mls_u16s_at(&required->credentials, i));
    return mls_check(crypto, MLS_RULE_L2, met);
}

mls_status_t mls_leaf_node_check_extensions(mls_crypto_t *crypto, const mls_leaf_node_t *leaf,
                                            mls_view_t group_context_extensions)
{
    mls_status_t status;
    mls_required_t required;
    mls_extension_t extension;

    if ((status = mls_required_read(crypto, &required, group_context_extensions)) != MLS_OK ||
        (status = check_required(crypto, leaf, &required)) != MLS_OK)
        return status;
    for (size_t at = 0;
         status == MLS_OK && mls_extensions_next(&extension, group_context_extensions, &at) == MLS_OK;)
        status = mls_check(crypto, MLS_RULE_L11, mls_leaf_node_supports_extension(leaf, extension.type));
    return status;
}

/* ---- what the host sees -------------------------------------------------------------------------- */

void mls_leaf_node_info(mls_leaf_info_t *out, const mls_leaf_node_t *leaf, mls_view_t encoded,
                        uint32_t leaf_index)
{
    *out = (mls_leaf_info_t){ .leaf_index = leaf_index,
                              .encryption_key = leaf->encryption_key,
                              .signature_key = leaf->signature_key,
                              .credential_type = leaf->credential.type,
                              .identity = leaf->credential.body,
                              .source = (mls_leaf_node_source_t)leaf->source,
                              .not_before = leaf->not_before,
                              .not_after = leaf->not_after,
                              .extensions = leaf->extensions,
                              .encoded = encoded };
}

bool mls_leaf_supports(const mls_leaf_info_t *info, mls_capability_t capability, uint16_t value)
{
    mls_leaf_node_t leaf;
    if (mls_leaf_node_decode(&leaf, info->encoded) != MLS_OK)
        return false;
    switch (capability) {
    case MLS_CAPABILITY_VERSION:
        return mls_u16s_contain(&leaf.capabilities.versions, value);
    case MLS_CAPABILITY_CIPHER_SUITE:
        return mls_u16s_contain(&leaf.capabilities.cipher_suites, value) && !mls_is_grease(value);
    case MLS_CAPABILITY_EXTENSION:
        return mls_leaf_node_supports_extension(&leaf, value);
    case MLS_CAPABILITY_PROPOSAL:
        return mls_leaf_node_supports_proposal(&leaf, value);
    case MLS_CAPABILITY_CREDENTIAL:
        return mls_leaf_node_supports_credential(&leaf, value);
    }
    return false;
}

struct mls_leaf_draft_extensions {
    mls_bytes_t encoded;
};

/* Appends to `*list` what it has of `from`, but for the one type. */
static mls_status_t copy_without(mls_extensions_t *list, mls_view_t from, uint16_t type, size_t max)
{
    mls_extension_t extension;
    for (size_t at = 0; mls_extensions_next(&extension, from, &at) == MLS_OK;) {
        if (extension.type == type)
            continue;
        if (list->count == max)
            return MLS_ERR_LIMIT;
        list->items[list->count++] = extension;
    }
    return MLS_OK;
}

mls_status_t mls_leaf_draft_set_extension(mls_leaf_draft_t *draft, uint16_t type, mls_view_t data)
{
    enum { MAX = 64 };
    mls_extension_t items[MAX + 1];
    mls_extensions_t list = { items, 0 };
    mls_bytes_t encoded = { 0 };
    mls_status_t status;

    if ((status = copy_without(&list, mls_bytes_view(&draft->extensions->encoded), type, MAX)) != MLS_OK)
        return status;
    items[list.count++] = (mls_extension_t){ type, data };
    if ((status = mls_extensions_encode(&encoded, &list)) == MLS_OK)
        mls_bytes_move(&draft->extensions->encoded, &encoded);
    return status;
}

mls_status_t mls_leaf_node_run_hook(const mls_leaf_hook_t *hook, mls_leaf_node_t *leaf,
                                    mls_bytes_t *extensions, uint16_t cipher_suite, mls_view_t init_key,
                                    mls_view_t group_id)
{
    struct mls_leaf_draft_extensions changed = { 0 };
    mls_leaf_draft_t draft = { .cipher_suite = cipher_suite,
                               .source = (mls_leaf_node_source_t)leaf->source,
                               .encryption_key = leaf->encryption_key,
                               .signature_key = leaf->signature_key,
                               .init_key = init_key,
                               .group_id = group_id,
                               .credential_type = leaf->credential.type,
                               .identity = leaf->credential.body,
                               .extensions = &changed };
    mls_status_t status = mls_bytes_copy(&changed.encoded, leaf->extensions);

    if (status == MLS_OK && hook != NULL && hook->function != NULL)
        status = hook->function(hook->arg, &draft);
    if (status != MLS_OK) {
        mls_bytes_clear(&changed.encoded);
        return status;
    }
    mls_bytes_move(extensions, &changed.encoded);
    leaf->extensions = mls_bytes_view(extensions);
    return MLS_OK;
}
