/* group_welcome.c -- GroupInfo and Welcomes of an own pending Commit (RFC 9420, Sections 12.4.3 and
 * 12.4.3.1). */
#include "bytes.h"
#include "grease.h"
#include "group.h"
#include "hpke_seal_all.h"
#include "tree_codec.h"
#include "welcome.h"

/* ---- GroupInfo ----------------------------------------------------------------------------------- */

typedef struct info_builder {
    mls_bytes_t tree;
    mls_bytes_t external_pub;
    mls_bytes_t extensions;
    mls_extension_t items[64 + 2];
    mls_extensions_t list;
} info_builder_t;

static void codec_key(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

static mls_status_t encode_external_pub(info_builder_t *b, mls_crypto_t *crypto, const mls_suite_t *suite,
                                        const mls_epoch_t *epoch)
{
    mls_hpke_private_t private_key = { 0 };
    mls_hpke_public_t public_key;
    mls_status_t status =
        mls_external_key_pair(crypto, suite, &private_key, &public_key, &epoch->secrets.external_secret);
    mls_hpke_private_wipe(&private_key);
    const mls_view_t view = mls_hpke_public_view(&public_key);
    return status == MLS_OK ? mls_encode(&b->external_pub, codec_key, &view) : status;
}

static mls_status_t add_grease(mls_crypto_t *crypto, mls_bytes_t *extensions)
{
    uint16_t type;
    mls_status_t status = mls_grease_value(crypto, &type);
    return status == MLS_OK ? mls_grease_extensions(crypto, extensions, type) : status;
}

static mls_status_t collect_extensions(info_builder_t *b, const mls_limits_t *limits,
                                       const mls_tree_overlay_t *overlay, const mls_epoch_t *epoch,
                                       const mls_group_info_options_t *options)
{
    const mls_extensions_t *given = options->extensions;
    const mls_ratchet_tree_t *tree = overlay->tree;
    mls_status_t status = MLS_OK;

    b->list.items = b->items;
    if (given != NULL && given->count > 64)
        return MLS_ERR_ARGUMENT;
    for (size_t i = 0; given != NULL && i < given->count; i++)
        b->items[b->list.count++] = given->items[i];
    if (options->with_external_pub &&
        (status = encode_external_pub(b, tree->crypto, tree->suite, epoch)) == MLS_OK)
        b->items[b->list.count++] =
            (mls_extension_t){ MLS_EXTENSION_EXTERNAL_PUB, mls_bytes_view(&b->external_pub) };
    if (status == MLS_OK && options->with_tree && (status = mls_tree_encode(&b->tree, overlay)) == MLS_OK)
        b->items[b->list.count++] = (mls_extension_t){ MLS_EXTENSION_RATCHET_TREE, mls_bytes_view(&b->tree) };
    if (status == MLS_OK && b->list.count + (options->grease ? 1 : 0) > limits->num_extensions)
        status = MLS_ERR_ARGUMENT; /* who is to join would refuse them (rule L13) */
    if (status == MLS_OK)
        status = mls_extensions_encode(&b->extensions, &b->list);
    return status == MLS_OK && options->grease ? add_grease(tree->crypto, &b->extensions) : status;
}

static mls_status_t sign_group_info(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                    const mls_epoch_t *epoch, mls_view_t extensions)
{
    mls_bytes_t tbs = { 0 }, signature = { 0 };
    mls_group_info_t info = { .context_encoded = mls_bytes_view(&epoch->context_bytes),
                              .extensions = extensions,
                              .confirmation_tag = mls_secret_view(&epoch->confirmation_tag),
                              .signer = epoch->own_leaf };
    mls_status_t status;

    if ((status = mls_encode(&tbs, mls_codec_group_info_tbs, &info)) == MLS_OK &&
        (status = mls_sign_with_label(crypto, suite, &signature, &epoch->signature_key, "GroupInfoTBS",
                                      mls_bytes_view(&tbs))) == MLS_OK) {
        info.tbs = mls_bytes_view(&tbs);
        info.signature = mls_bytes_view(&signature);
        status = mls_encode(out, mls_codec_group_info, &info);
    }
    mls_bytes_clear(&signature);
    mls_bytes_clear(&tbs);
    return status;
}

mls_status_t mls_group_info_make(const mls_group_t *group, mls_bytes_t *out, const mls_epoch_t *epoch,
                                 const mls_tree_overlay_t *overlay, const mls_group_info_options_t *options)
{
    const mls_group_info_options_t none = { 0 };
    info_builder_t b = { 0 };
    mls_status_t status =
        collect_extensions(&b, &group->config.limits, overlay, epoch, options == NULL ? &none : options);

    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = sign_group_info(group->crypto, group->suite, out, epoch, mls_bytes_view(&b.extensions));
    mls_bytes_clear(&b.extensions);
    mls_bytes_clear(&b.external_pub);
    mls_bytes_clear(&b.tree);
    return status;
}

/* An MLSMessage around what is encoded already. */
typedef struct encoded_message {
    uint16_t version, wire_format;
    mls_view_t body;
} encoded_message_t;

static void codec_encoded_message(mls_codec_t *codec, void *object)
{
    encoded_message_t *message = object;
    mls_codec_u16(codec, &message->version);
    mls_codec_u16(codec, &message->wire_format);
    mls_codec_fixed(codec, &message->body, message->body.len);
}

mls_status_t mls_group_info(const mls_group_t *group, mls_bytes_t *out,
                            const mls_group_info_options_t *options)
{
    mls_bytes_t info = { 0 };
    mls_status_t status = mls_group_is_active(group)
                              ? mls_group_info_make(group, &info, group->epoch, &group->view, options)
                              : MLS_ERR_STATE;
    const encoded_message_t message = { MLS_VERSION_MLS10, MLS_WIRE_FORMAT_GROUP_INFO,
                                        mls_bytes_view(&info) };
    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = mls_encode(out, codec_encoded_message, &message);
    mls_bytes_clear(&info);
    return status;
}

static mls_status_t encrypt_group_info(const mls_staged_commit_t *staged, mls_bytes_t *out,
                                       const mls_bytes_t *group_info)
{
    mls_secret_t welcome_secret = { 0 };
    mls_message_key_t key = { 0 };
    mls_status_t status;

    if ((status = mls_welcome_secret(staged->crypto, staged->suite, &welcome_secret,
                                     &staged->joiner.joiner_secret, &staged->joiner.psk_secret)) == MLS_OK &&
        (status = mls_welcome_key_nonce(staged->crypto, staged->suite, key.key, key.nonce,
                                        &welcome_secret)) == MLS_OK &&
        (status = mls_bytes_alloc_unset(out, group_info->len + MLS_AEAD_TAG_LEN)) == MLS_OK)
        status = staged->suite->aead->seal(staged->crypto, staged->suite->aead->variant, out->data, key.key,
                                           key.nonce, mls_view(NULL, 0), mls_bytes_view(group_info));
    mls_wipe(&key, sizeof key);
    mls_secret_wipe(&welcome_secret);
    return status;
}

mls_status_t mls_pending_commit_group_info(mls_pending_commit_t *pending,
                                           const mls_group_info_options_t *options)
{
    mls_bytes_t group_info = { 0 }, encrypted = { 0 };
    mls_status_t status;

    /* One key and nonce for each Commit: a second GroupInfo must never be encrypted with them. */
    if (pending->group_info.len > 0)
        return MLS_ERR_STATE;
    if ((status = mls_pending_commit_stage(pending)) != MLS_OK)
        return status;
    const mls_staged_commit_t *staged = pending->staged;
    if ((status = mls_group_info_make(pending->group, &group_info, staged->next, &staged->overlay,
                                      options)) == MLS_OK &&
        (status = encrypt_group_info(staged, &encrypted, &group_info)) == MLS_OK) {
        mls_bytes_move(&pending->group_info, &encrypted);
        pending->group->epoch->lists_are_dirty = true;
    }
    mls_bytes_clear(&encrypted);
    mls_bytes_clear(&group_info);
    return status;
}

mls_status_t mls_pending_commit_ratchet_tree(mls_pending_commit_t *pending, mls_bytes_t *out)
{
    mls_status_t status = mls_pending_commit_stage(pending);
    *out = (mls_bytes_t){ 0 };
    return status == MLS_OK ? mls_tree_encode(out, &pending->staged->overlay) : status;
}

/* ---- who was added ------------------------------------------------------------------------------- */

static const mls_listed_proposal_t *added_at(const mls_staged_commit_t *staged, size_t n)
{
    for (size_t i = 0; i < staged->proposals.count; i++)
        if (staged->proposals.items[i].proposal.type == MLS_PROPOSAL_ADD && n-- == 0)
            return &staged->proposals.items[i];
    return NULL;
}

static size_t count_added(const mls_staged_commit_t *staged)
{
    size_t count = 0;
    for (size_t i = 0; i < staged->proposals.count; i++)
        count += staged->proposals.items[i].proposal.type == MLS_PROPOSAL_ADD;
    return count;
}

mls_status_t mls_pending_commit_num_added(mls_pending_commit_t *pending, size_t *count)
{
    mls_status_t status = mls_pending_commit_stage(pending);
    *count = status == MLS_OK ? count_added(pending->staged) : 0;
    return status;
}

mls_status_t mls_pending_commit_added_ref(mls_pending_commit_t *pending, mls_bytes_t *out, size_t n)
{
    mls_secret_t ref = { 0 };
    mls_status_t status = mls_pending_commit_stage(pending);

    *out = (mls_bytes_t){ 0 };
    if (status != MLS_OK)
        return status;
    const mls_listed_proposal_t *added = added_at(pending->staged, n);
    if (added == NULL)
        return MLS_ERR_ARGUMENT;
    status = mls_key_package_data_ref(pending->staged->crypto, pending->staged->suite, &ref,
                                      added->proposal.key_package_encoded);
    return status == MLS_OK ? mls_bytes_copy(out, mls_secret_view(&ref)) : status;
}

/* ---- Welcome ------------------------------------------------------------------------------------- */

/* A Welcome in the making; what its views point to is in `arena`. */
typedef struct welcome_builder {
    mls_pending_commit_t *pending;
    mls_arena_t arena;
    mls_welcome_data_t welcome;
    mls_hpke_recipient_t *recipients; /* as welcome.secrets */
    /* Encoded GroupSecrets, by the step whose path secret they have; the last without. Empty: none yet. */
    mls_bytes_t plaintexts[MLS_MAX_LEVELS + 1];
} welcome_builder_t;

static void clear_builder(welcome_builder_t *b)
{
    for (size_t i = 0; i < sizeof b->plaintexts / sizeof *b->plaintexts; i++)
        mls_bytes_clear(&b->plaintexts[i]);
    mls_arena_clear(&b->arena);
}

/* The lowest step of the path above the new member (RFC 9420, Section 12.4.3.1); MLS_MAX_LEVELS: none. */
static size_t find_step(const mls_pending_commit_t *pending, uint32_t leaf)
{
    if (pending->staged->commit.has_path)
        for (size_t i = 0; i < pending->path.count; i++)
            if (mls_node_covers(pending->path.steps[i].node, leaf))
                return i;
    return MLS_MAX_LEVELS;
}

static mls_status_t encode_secrets(welcome_builder_t *b, mls_view_t *out, size_t step)
{
    const mls_joiner_material_t *joiner = &b->pending->staged->joiner;
    mls_group_secrets_t secrets = { .joiner_secret = mls_secret_view(&joiner->joiner_secret),
                                    .psks = { joiner->psk_ids, joiner->num_psks } };
    mls_status_t status = MLS_OK;

    if (step < MLS_MAX_LEVELS) {
        secrets.has_path_secret = true;
        secrets.path_secret = mls_secret_view(&b->pending->path_secrets.steps[step]);
    }
    if (b->plaintexts[step].len == 0)
        status = mls_encode(&b->plaintexts[step], mls_codec_group_secrets, &secrets);
    *out = mls_bytes_view(&b->plaintexts[step]);
    return status;
}

/* Makes room for what is encrypted to the new member. */
static mls_status_t add_secrets(welcome_builder_t *b, mls_hpke_ciphertext_t *out,
                                const mls_listed_proposal_t *added)
{
    mls_hpke_recipient_t *to = &b->recipients[b->welcome.secrets.count];
    mls_status_t status = encode_secrets(b, &to->plaintext, find_step(b->pending, added->leaf_index));
    if (status != MLS_OK)
        return status;
    const size_t kem_len = b->pending->staged->suite->dh->public_len,
                 len = to->plaintext.len + MLS_AEAD_TAG_LEN;
    if ((to->kem_output = mls_arena_alloc(&b->arena, kem_len + len)) == NULL)
        return MLS_ERR_NOMEM;
    to->ciphertext = to->kem_output + kem_len;
    to->public_key = added->proposal.key_package.init_key;
    out->kem_output = mls_view(to->kem_output, kem_len);
    out->ciphertext = mls_view(to->ciphertext, len);
    return MLS_OK;
}

static mls_status_t add_recipient(welcome_builder_t *b, const mls_listed_proposal_t *added)
{
    const mls_staged_commit_t *staged = b->pending->staged;
    mls_encrypted_group_secrets_t *entry = &b->welcome.secrets.items[b->welcome.secrets.count];
    mls_secret_t *ref = mls_arena_alloc(&b->arena, sizeof *ref);
    if (ref == NULL)
        return MLS_ERR_NOMEM;
    mls_status_t status =
        mls_key_package_data_ref(staged->crypto, staged->suite, ref, added->proposal.key_package_encoded);
    entry->new_member = mls_secret_view(ref);
    if (status == MLS_OK && (status = add_secrets(b, &entry->ciphertext, added)) == MLS_OK)
        b->welcome.secrets.count++;
    return status;
}

static mls_status_t add_recipients(welcome_builder_t *b, const size_t *added, size_t num_added)
{
    const mls_proposal_list_t *list = &b->pending->staged->proposals;
    const size_t num = added == NULL ? count_added(b->pending->staged) : num_added;
    mls_status_t status = MLS_OK;

    b->welcome.secrets.items = mls_arena_alloc(&b->arena, (num + 1) * sizeof *b->welcome.secrets.items);
    b->recipients = mls_arena_alloc(&b->arena, (num + 1) * sizeof *b->recipients);
    if (b->welcome.secrets.items == NULL || b->recipients == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; added != NULL && status == MLS_OK && i < num; i++) {
        const mls_listed_proposal_t *item = added_at(b->pending->staged, added[i]);
        status = item == NULL ? MLS_ERR_ARGUMENT : add_recipient(b, item);
    }
    for (size_t i = 0; added == NULL && status == MLS_OK && i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_ADD)
            status = add_recipient(b, &list->items[i]);
    return status;
}

mls_status_t mls_pending_commit_welcome(mls_pending_commit_t *pending, mls_bytes_t *out, const size_t *added,
                                        size_t num_added)
{
    welcome_builder_t b = { .pending = pending };
    mls_message_t message = { .version = MLS_VERSION_MLS10, .wire_format = MLS_WIRE_FORMAT_WELCOME };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if (pending->group_info.len == 0)
        return MLS_ERR_STATE;
    if ((status = mls_pending_commit_stage(pending)) != MLS_OK)
        return status;
    if (count_added(pending->staged) == 0)
        return MLS_ERR_STATE;
    const mls_staged_commit_t *staged = pending->staged;
    if (pending->welcome_info.len == 0 &&
        (status = mls_encrypt_context(staged->crypto, staged->suite, &pending->welcome_info, "Welcome",
                                      mls_bytes_view(&pending->group_info))) != MLS_OK)
        return status;
    b.welcome.cipher_suite = staged->suite->id;
    b.welcome.encrypted_group_info = mls_bytes_view(&pending->group_info);
    if ((status = add_recipients(&b, added, num_added)) == MLS_OK &&
        (status = mls_hpke_seal_all(staged->crypto, staged->suite, &pending->welcome_info, b.recipients,
                                    b.welcome.secrets.count)) == MLS_OK) {
        message.welcome = b.welcome;
        status = mls_encode(out, mls_codec_message, &message);
    }
    clear_builder(&b);
    return status;
}
