/* group_send.c -- signing and protecting what the own leaf sends (RFC 9420, Sections 6, 12.1 and 15). */
#include "app_data.h"
#include "bytes.h"
#include "group.h"
#include "own_leaf.h"
#include "private_message.h"
#include "public_message.h"

mls_framed_content_t mls_group_framed(const mls_group_t *group, mls_content_type_t type, mls_view_t body,
                                      mls_view_t authenticated_data)
{
    return (mls_framed_content_t){ .group_id = group->epoch->context.group_id,
                                   .epoch = group->epoch->context.epoch,
                                   .sender = { MLS_SENDER_MEMBER, group->epoch->own_leaf },
                                   .authenticated_data = authenticated_data,
                                   .content_type = (uint8_t)type,
                                   .body = body };
}

mls_status_t mls_group_sign(const mls_group_t *group, mls_authenticated_content_t *content,
                            mls_bytes_t *signature)
{
    const mls_epoch_t *epoch = group->epoch;
    mls_status_t status =
        mls_framed_content_sign(group->crypto, group->suite, signature, content, &epoch->signature_key,
                                mls_bytes_view(&epoch->context_bytes));
    if (status == MLS_OK)
        content->auth.signature = mls_bytes_view(signature);
    return status;
}

static mls_status_t protect_private(mls_group_t *group, mls_bytes_t *out,
                                    const mls_authenticated_content_t *content)
{
    mls_epoch_t *epoch = group->epoch;
    const mls_ratchet_kind_t kind = content->content.content_type == MLS_CONTENT_APPLICATION
                                        ? MLS_RATCHET_APPLICATION
                                        : MLS_RATCHET_HANDSHAKE;
    const bool keep = kind == MLS_RATCHET_HANDSHAKE && group->config.keep_handshake_keys;
    const mls_ratchet_request_t request = {
        .leaf = epoch->own_leaf, .kind = kind, .generation = epoch->sent[kind], .is_own = true
    };
    mls_ratchet_step_t step;
    mls_status_t status;

    if ((status = mls_check(group->crypto, MLS_RULE_F15,
                            epoch->sent[kind] < group->config.limits.messages_per_epoch &&
                                (!keep || epoch->sent[kind] < group->config.limits.forward_jump))) !=
            MLS_OK ||
        (status = mls_secret_tree_step(&epoch->secret_tree, &step, group->crypto, &group->config.limits,
                                       &request)) != MLS_OK)
        return status;
    const mls_private_message_key_t with = { .leaf_index = epoch->own_leaf,
                                             .generation = epoch->sent[kind],
                                             .key = &step.key,
                                             .sender_data_secret = &epoch->secrets.sender_data_secret,
                                             .config = &group->config };
    status = mls_private_message_seal(group->crypto, group->suite, out, content, &with);
    if (status != MLS_OK) {
        mls_ratchet_step_clear(&step);
        return status;
    }
    mls_secret_tree_take(&epoch->secret_tree, &step, keep);
    epoch->sent[kind]++;
    epoch->is_dirty = true;
    return MLS_OK;
}

mls_status_t mls_group_protect(mls_group_t *group, mls_bytes_t *out,
                               const mls_authenticated_content_t *content)
{
    *out = (mls_bytes_t){ 0 };
    if (content->wire_format == MLS_WIRE_FORMAT_PRIVATE_MESSAGE)
        return protect_private(group, out, content);
    return mls_public_message_seal(group->crypto, group->suite, out, content,
                                   &group->epoch->secrets.membership_key,
                                   mls_bytes_view(&group->epoch->context_bytes));
}

/* ---- application messages (RFC 9420, Section 15) ------------------------------------------------- */

static void codec_application(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

mls_status_t mls_group_encrypt(mls_group_t *group, mls_bytes_t *out, mls_view_t data,
                               mls_view_t authenticated_data, bool despite_pending)
{
    mls_bytes_t body = { 0 }, signature = { 0 };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if (!mls_group_is_active(group))
        return MLS_ERR_STATE;
    if ((status = mls_check(group->crypto, MLS_RULE_M17,
                            group->epoch->num_proposals == 0 || despite_pending)) != MLS_OK ||
        (status = mls_encode(&body, codec_application, &data)) != MLS_OK)
        goto cleanup;
    mls_authenticated_content_t content = {
        .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
        .content = mls_group_framed(group, MLS_CONTENT_APPLICATION, mls_bytes_view(&body), authenticated_data)
    };
    if ((status = mls_group_sign(group, &content, &signature)) == MLS_OK)
        status = mls_group_protect(group, out, &content);

cleanup:
    mls_bytes_clear(&signature);
    mls_bytes_clear(&body);
    return status;
}

/* ---- proposals (RFC 9420, Section 12.1) ---------------------------------------------------------- */

/* Makes the nonce. */
static mls_status_t encode_psk(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                               const mls_pre_shared_key_id_t *psk)
{
    uint8_t nonce[MLS_MAX_HASH_LEN];
    mls_proposal_t proposal = { .type = MLS_PROPOSAL_PSK, .psk = *psk };
    mls_status_t status = mls_crypto_random(crypto, nonce, suite->hash->len);
    proposal.psk.nonce = mls_view(nonce, suite->hash->len);
    return status == MLS_OK ? mls_encode(out, mls_codec_proposal, &proposal) : status;
}

mls_status_t mls_origin_proposal_encode(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                        const mls_origin_t *origin)
{
    const mls_pre_shared_key_id_t psk = { .type = MLS_PSK_RESUMPTION,
                                          .usage = origin->usage,
                                          .id = mls_bytes_view(&origin->group_id),
                                          .psk_epoch = origin->epoch };
    *out = (mls_bytes_t){ 0 };
    return encode_psk(crypto, suite, out, &psk);
}

static mls_status_t encode_psk_of_spec(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                       const mls_psk_id_t *spec)
{
    const mls_pre_shared_key_id_t external = { .type = MLS_PSK_EXTERNAL, .id = spec->id };
    const mls_pre_shared_key_id_t resumption = { .type = MLS_PSK_RESUMPTION,
                                                 .usage = MLS_PSK_USAGE_APPLICATION,
                                                 .id = spec->id,
                                                 .psk_epoch = spec->psk_epoch };
    return encode_psk(crypto, suite, out, spec->is_resumption ? &resumption : &external);
}

static mls_status_t encode_with_extensions(mls_bytes_t *out, mls_proposal_t *proposal,
                                           const mls_extensions_t *extensions)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_extensions_encode(&encoded, extensions);
    proposal->extensions = mls_bytes_view(&encoded);
    if (status == MLS_OK)
        status = mls_encode(out, mls_codec_proposal, proposal);
    mls_bytes_clear(&encoded);
    return status;
}

static mls_status_t encode_reinit(mls_bytes_t *out, mls_proposal_t *proposal, const mls_reinit_t *reinit)
{
    proposal->group_id = reinit->group_id;
    proposal->version = reinit->version == 0 ? MLS_VERSION_MLS10 : reinit->version;
    proposal->cipher_suite = reinit->cipher_suite;
    return reinit->group_id.len == 0 || reinit->cipher_suite == 0
               ? MLS_ERR_ARGUMENT
               : encode_with_extensions(out, proposal, reinit->extensions);
}

mls_status_t mls_proposal_spec_encode(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                      const mls_proposal_spec_t *spec)
{
    mls_proposal_t proposal = { .type = spec->type,
                                .removed = spec->removed,
                                .component_id = spec->component_id,
                                .op = spec->is_removal ? MLS_APP_DATA_OP_REMOVE : MLS_APP_DATA_OP_UPDATE,
                                .data = spec->data };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    switch (spec->type) {
    case MLS_PROPOSAL_ADD:
        status = mls_key_package_unwrap(&proposal.key_package_encoded, spec->key_package);
        return status == MLS_OK ? mls_encode(out, mls_codec_proposal, &proposal) : status;
    case MLS_PROPOSAL_PSK:
        return encode_psk_of_spec(crypto, suite, out, &spec->psk);
    case MLS_PROPOSAL_REINIT:
        return encode_reinit(out, &proposal, &spec->reinit);
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        return encode_with_extensions(out, &proposal, spec->extensions);
    case MLS_PROPOSAL_UPDATE:
    case MLS_PROPOSAL_EXTERNAL_INIT:
        return MLS_ERR_ARGUMENT; /* made where they belong */
    default:
        return mls_encode(out, mls_codec_proposal, &proposal);
    }
}

/* What waits with an own Update until somebody commits it. */
typedef struct update_keys {
    mls_hpke_private_t encryption;
    mls_signature_key_t signature; /* empty: it does not change */
} update_keys_t;

static mls_status_t encode_update(const mls_group_t *group, mls_bytes_t *out, update_keys_t *keys,
                                  const mls_proposal_spec_t *spec)
{
    mls_hpke_public_t public_key;
    mls_bytes_t leaf = { 0 };
    mls_status_t status;

    if ((status = mls_hpke_generate(group->crypto, group->suite, &keys->encryption, &public_key)) != MLS_OK ||
        (status = mls_own_leaf_new_key(group, &keys->signature, spec->leaf_change)) != MLS_OK)
        return status;
    const mls_own_leaf_change_t change = { .source = MLS_LEAF_NODE_SOURCE_UPDATE,
                                           .encryption_key = mls_hpke_public_view(&public_key),
                                           .signature_key = &keys->signature,
                                           .more = spec->leaf_change,
                                           .hook = &spec->leaf_hook };
    if ((status = mls_own_leaf_make(group, &leaf, &change)) == MLS_OK) {
        const mls_proposal_t proposal = { .type = MLS_PROPOSAL_UPDATE,
                                          .leaf_encoded = mls_bytes_view(&leaf) };
        status = mls_encode(out, mls_codec_proposal, &proposal);
    }
    mls_bytes_clear(&leaf);
    return status;
}

/* Makes the proposal pending and its message, in this order undone on failure. */
static mls_status_t send_proposal(mls_group_t *group, mls_bytes_t *out, mls_view_t body,
                                  const update_keys_t *keys, const mls_handshake_options_t *options)
{
    mls_authenticated_content_t content = {
        .wire_format =
            options->as_public_message ? MLS_WIRE_FORMAT_PUBLIC_MESSAGE : MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
        .content = mls_group_framed(group, MLS_CONTENT_PROPOSAL, body, options->authenticated_data)
    };
    mls_bytes_t signature = { 0 }, encoded = { 0 };
    mls_pending_proposal_t *pending = NULL;
    mls_status_t status;

    if ((status = mls_group_sign(group, &content, &signature)) != MLS_OK ||
        (status = mls_encode(&encoded, mls_codec_authenticated_content, &content)) != MLS_OK ||
        (status = mls_pending_proposal_new(&pending, group->crypto, group->suite,
                                           mls_bytes_view(&encoded))) != MLS_OK)
        goto cleanup;
    pending->leaf_private_key = keys->encryption;
    pending->new_signature_key = keys->signature;
    if ((status = mls_epoch_add_proposal(group->epoch, pending)) != MLS_OK)
        goto cleanup;
    if ((status = mls_group_protect(group, out, &content)) == MLS_OK)
        pending = NULL;
    else
        group->epoch->num_proposals--;

cleanup:
    mls_pending_proposal_free(pending);
    mls_bytes_clear(&encoded);
    mls_bytes_clear(&signature);
    return status;
}

static mls_status_t check_own_proposal(const mls_group_t *group, mls_view_t encoded)
{
    mls_tree_overlay_t overlay = { 0 };
    const mls_sender_t sender = { MLS_SENDER_MEMBER, group->epoch->own_leaf };
    mls_proposal_t proposal;
    mls_status_t status;

    if ((status = mls_proposal_decode(&proposal, encoded)) != MLS_OK ||
        (status = mls_tree_overlay_init(&overlay, group->tree)) != MLS_OK)
        return status;
    const mls_apply_t where = mls_group_apply(group, &overlay, &sender, 0);
    if ((status = mls_proposal_check(&proposal, &sender, &where)) == MLS_OK)
        status = mls_check_type_supported(&where, proposal.type);
    mls_tree_overlay_clear(&overlay);
    return status;
}

/* One in an epoch (draft-ietf-mls-extensions, "SelfRemove Proposal"). */
static bool has_own_self_remove(const mls_epoch_t *epoch)
{
    for (size_t i = 0; i < epoch->num_proposals; i++) {
        const mls_pending_proposal_t *pending = epoch->proposals[i];
        if (pending->proposal.type == MLS_PROPOSAL_SELF_REMOVE &&
            pending->content.content.sender.index == epoch->own_leaf)
            return true;
    }
    return false;
}

mls_status_t mls_group_propose(mls_group_t *group, mls_bytes_t *out, const mls_proposal_spec_t *spec,
                               const mls_handshake_options_t *options)
{
    const mls_handshake_options_t none = { 0 };
    mls_handshake_options_t with = options == NULL ? none : *options;
    update_keys_t keys = { 0 };
    mls_bytes_t body = { 0 };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if (with.as_public_message && group->config.private_handshake_only)
        return MLS_ERR_ARGUMENT;
    if (spec->type == MLS_PROPOSAL_SELF_REMOVE)
        with.as_public_message = true; /* for those to read who join by an external Commit */
    if (!mls_group_is_active(group) ||
        (spec->type == MLS_PROPOSAL_SELF_REMOVE && has_own_self_remove(group->epoch)))
        return MLS_ERR_STATE;
    if (group->epoch->num_proposals >= group->config.limits.num_pending)
        return MLS_ERR_LIMIT;
    status = spec->type == MLS_PROPOSAL_UPDATE
                 ? encode_update(group, &body, &keys, spec)
                 : mls_proposal_spec_encode(group->crypto, group->suite, &body, spec);
    if (status == MLS_OK && (status = check_own_proposal(group, mls_bytes_view(&body))) == MLS_OK)
        status = send_proposal(group, out, mls_bytes_view(&body), &keys, &with);
    mls_wipe(&keys, sizeof keys);
    mls_bytes_clear(&body);
    return status;
}
