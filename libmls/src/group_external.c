/* group_external.c -- joining by an external Commit (RFC 9420, Section 12.4.3.2). */
#include "bytes.h"
#include "group.h"
#include "public_message.h"
#include "tree_codec.h"
#include "welcome.h"

#include <stdlib.h>

/* An external Commit in the making. */
typedef struct joiner {
    mls_group_t *group;
    const mls_external_join_t *options;
    mls_arena_t arena; /* of the decoded GroupInfo and of the Commit */
    mls_message_t message;
    mls_staged_commit_t *staged;
    mls_commit_t commit;
    mls_secret_t init_secret;
    mls_new_path_t path;
    mls_bytes_t leaf, update_path, body, signature;
    mls_secret_t confirmation_tag;
    mls_pending_commit_t *pending;
} joiner_t;

static void clear_joiner(joiner_t *j)
{
    mls_bytes_clear(&j->leaf);
    mls_bytes_clear(&j->update_path);
    mls_bytes_clear(&j->body);
    mls_bytes_clear(&j->signature);
    mls_new_path_wipe(&j->path);
    mls_secret_wipe(&j->init_secret);
    mls_secret_wipe(&j->confirmation_tag);
    mls_pending_commit_free(j->pending);
    mls_staged_commit_free(j->staged);
    mls_arena_clear(&j->arena);
}

static mls_view_t keep(joiner_t *j, mls_bytes_t *bytes)
{
    uint8_t *copy = mls_arena_alloc(&j->arena, bytes->len + 1);
    const mls_view_t view = mls_view(copy, copy == NULL ? 0 : bytes->len);
    if (copy != NULL && bytes->len > 0)
        memcpy(copy, bytes->data, bytes->len);
    mls_bytes_clear(bytes);
    return view;
}

/* ---- the group as it is -------------------------------------------------------------------------- */

/* Of the epoch that is joined from, only what is public is known. */
static mls_status_t take_group_info(joiner_t *j)
{
    mls_group_t *group = j->group;
    const mls_group_info_t *info = &j->message.group_info;
    mls_epoch_t *epoch;
    mls_status_t status;

    if ((status = mls_epoch_new(&group->epoch)) != MLS_OK ||
        (status = mls_epoch_set_context(group->epoch, &info->context)) != MLS_OK ||
        (status = mls_group_take_tree(group, info, j->options->ratchet_tree, mls_view(NULL, 0))) != MLS_OK ||
        (status = mls_secret_set(&group->epoch->confirmation_tag, info->confirmation_tag)) != MLS_OK)
        return status;
    epoch = group->epoch;
    epoch->own_leaf = UINT32_MAX;
    epoch->signature_key = j->options->key_package->signature_key;
    epoch->secret_tree.suite = group->suite;
    epoch->secret_tree.num_leaves = group->view.summary.num_leaves;
    return mls_interim_transcript_hash(group->crypto, group->suite, &epoch->interim_transcript_hash,
                                       epoch->context.confirmed_transcript_hash, info->confirmation_tag);
}

/* ---- SelfRemoves that are pending ---------------------------------------------------------------- */

/* As a member would, but for the membership tag, whose key is for members. */
static mls_status_t check_self_remove(const mls_group_t *group, const mls_message_t *message)
{
    const mls_authenticated_content_t *content = &message->public_message.content;
    const mls_sender_t sender = content->content.sender;
    const mls_tree_leaf_t *leaf = NULL;
    mls_status_t status;

    if (message->wire_format != MLS_WIRE_FORMAT_PUBLIC_MESSAGE ||
        content->content.content_type != MLS_CONTENT_PROPOSAL)
        return MLS_ERR_ARGUMENT;
    if (sender.type == MLS_SENDER_MEMBER)
        leaf = mls_tree_leaf(&group->view, sender.index);
    if ((status = mls_check(group->crypto, MLS_RULE_F1,
                            mls_view_equal(content->content.group_id, mls_group_id(group)))) != MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_F2, content->content.epoch == mls_group_epoch(group))) !=
            MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_F3, leaf != NULL)) != MLS_OK)
        return status;
    return mls_framed_content_verify(group->crypto, group->suite, content, mls_tree_leaf_signature_key(leaf),
                                     mls_bytes_view(&group->epoch->context_bytes));
}

/* Makes it one of the epoch's pending proposals, so that the Commit can refer to it. */
static mls_status_t keep_self_remove(mls_group_t *group, const mls_message_t *message)
{
    mls_bytes_t encoded = { 0 };
    mls_pending_proposal_t *pending = NULL;
    mls_status_t status;

    if ((status = mls_encode(&encoded, mls_codec_authenticated_content, &message->public_message.content)) ==
            MLS_OK &&
        (status = mls_pending_proposal_new(&pending, group->crypto, group->suite,
                                           mls_bytes_view(&encoded))) == MLS_OK &&
        pending->proposal.type != MLS_PROPOSAL_SELF_REMOVE)
        status = MLS_ERR_ARGUMENT;
    if (status == MLS_OK && mls_epoch_find_proposal(group->epoch, mls_secret_view(&pending->ref)) == NULL &&
        (status = mls_epoch_add_proposal(group->epoch, pending)) == MLS_OK)
        pending = NULL;
    mls_pending_proposal_free(pending);
    mls_bytes_clear(&encoded);
    return status;
}

static mls_status_t take_self_removes(joiner_t *j)
{
    mls_group_t *group = j->group;
    const mls_external_join_t *options = j->options;
    mls_status_t status = MLS_OK;
    if (options->num_self_removes > group->config.limits.num_pending)
        return MLS_ERR_LIMIT;
    for (size_t i = 0; status == MLS_OK && i < options->num_self_removes; i++) {
        mls_message_t message;
        if ((status = mls_message_decode(group->crypto, &message, options->self_removes[i],
                                         group->config.limits.message_len, &j->arena)) == MLS_OK &&
            (status = check_self_remove(group, &message)) == MLS_OK)
            status = keep_self_remove(group, &message);
    }
    return status;
}

/* ---- proposals ----------------------------------------------------------------------------------- */

static mls_status_t add_proposal(joiner_t *j, const mls_proposal_t *proposal)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, mls_codec_proposal, proposal);
    mls_proposal_or_ref_t *item = &j->commit.proposals.items[j->commit.proposals.count];
    if (status != MLS_OK)
        return status;
    item->type = MLS_BY_VALUE;
    item->proposal = keep(j, &encoded);
    j->commit.proposals.count++;
    return item->proposal.data == NULL ? MLS_ERR_NOMEM : MLS_OK;
}

static void codec_key(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* ExternalInit: a fresh encapsulation to external_pub gives the init_secret (RFC 9420, Section 8.3). */
static mls_status_t add_external_init(joiner_t *j)
{
    const mls_group_t *group = j->group;
    uint8_t kem_output[MLS_MAX_KEM_PUBLIC_LEN];
    mls_view_t data, external_pub = { 0 };
    mls_status_t status =
        mls_extensions_find(&data, j->message.group_info.extensions, MLS_EXTENSION_EXTERNAL_PUB);

    if (status == MLS_ERR_NOT_FOUND)
        return mls_refuse(group->crypto, MLS_RULE_X10, status);
    if (status != MLS_OK ||
        (status = mls_decode_input(group->crypto, &external_pub, sizeof external_pub, codec_key, data,
                                   NULL)) != MLS_OK ||
        (status = mls_hpke_check_public(group->crypto, group->suite, external_pub)) != MLS_OK ||
        (status = mls_hpke_send_export(group->crypto, group->suite, kem_output, &j->init_secret, external_pub,
                                       "MLS 1.0 external init secret")) != MLS_OK)
        return status;
    const mls_proposal_t proposal = { .type = MLS_PROPOSAL_EXTERNAL_INIT,
                                      .kem_output = mls_view(kem_output, group->suite->dh->public_len) };
    return add_proposal(j, &proposal);
}

static mls_status_t add_psk(joiner_t *j, const mls_psk_id_t *psk)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_PSK, .psk = *psk };
    mls_bytes_t encoded = { 0 };
    mls_proposal_or_ref_t *item = &j->commit.proposals.items[j->commit.proposals.count];
    mls_status_t status = mls_proposal_spec_encode(j->group->crypto, j->group->suite, &encoded, &spec);
    if (status != MLS_OK)
        return status;
    item->type = MLS_BY_VALUE;
    item->proposal = keep(j, &encoded);
    j->commit.proposals.count++;
    return item->proposal.data == NULL ? MLS_ERR_NOMEM : MLS_OK;
}

static void add_references(joiner_t *j)
{
    const mls_epoch_t *epoch = j->group->epoch;
    for (size_t i = 0; i < epoch->num_proposals; i++)
        j->commit.proposals.items[j->commit.proposals.count++] =
            (mls_proposal_or_ref_t){ .type = MLS_BY_REFERENCE,
                                     .reference = mls_secret_view(&epoch->proposals[i]->ref) };
}

static mls_status_t add_proposals(joiner_t *j)
{
    const mls_external_join_t *options = j->options;
    const mls_proposal_t remove = { .type = MLS_PROPOSAL_REMOVE, .removed = options->former_leaf };
    mls_status_t status;

    const size_t num_proposals = 2 + options->num_psks + j->group->epoch->num_proposals;
    j->commit.proposals.items = mls_arena_alloc(&j->arena, num_proposals * sizeof *j->commit.proposals.items);
    if (j->commit.proposals.items == NULL)
        return MLS_ERR_NOMEM;
    status = add_external_init(j);
    if (status == MLS_OK && options->resync)
        status = add_proposal(j, &remove);
    for (size_t i = 0; status == MLS_OK && i < options->num_psks; i++)
        status = add_psk(j, &options->psks[i]);
    add_references(j);
    return status;
}

static mls_status_t apply_proposals(joiner_t *j)
{
    mls_group_t *group = j->group;
    mls_staged_commit_t *staged = j->staged;
    const mls_sender_t sender = { .type = MLS_SENDER_NEW_MEMBER_COMMIT };
    const mls_apply_t where = mls_group_apply(group, &staged->overlay, &sender, 0);
    mls_status_t status;

    if ((status = mls_proposal_list_read(&staged->proposals, group->crypto, &group->config.limits,
                                         group->epoch, &j->commit, &sender)) != MLS_OK ||
        (status = mls_proposal_list_apply(&staged->proposals, &staged->extensions, &where)) != MLS_OK)
        return status;
    staged->is_external = true;
    return mls_tree_make_place(&staged->overlay, &staged->committer, group->config.limits.num_leaves);
}

/* ---- the path ------------------------------------------------------------------------------------ */

/* The key package's leaf, with the path's key, for its place in this group. */
static mls_status_t make_leaf(joiner_t *j)
{
    mls_group_t *group = j->group;
    const mls_leaf_place_t place = { mls_group_id(group), j->staged->committer };
    mls_key_package_data_t data;
    mls_bytes_t extensions = { 0 };
    mls_tree_leaf_t *node = NULL;
    mls_status_t status = mls_key_package_decode(j->options->key_package, &data);

    if (status != MLS_OK)
        return status;
    mls_leaf_node_t leaf = data.leaf;
    leaf.tbs = leaf.signature = (mls_view_t){ 0 };
    leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf.encryption_key = mls_hpke_public_view(&j->path.leaf_public_key);
    leaf.parent_hash = mls_secret_view(&j->path.leaf_parent_hash);
    if ((status = mls_leaf_node_run_hook(&j->options->leaf_hook, &leaf, &extensions, group->suite->id,
                                         mls_view(NULL, 0), place.group_id)) == MLS_OK &&
        (status = mls_leaf_node_check_extensions(group->crypto, &leaf,
                                                 mls_bytes_view(&j->staged->extensions))) == MLS_OK &&
        (status = mls_leaf_node_sign(group->crypto, group->suite, &j->leaf, &leaf,
                                     &group->epoch->signature_key, &place)) == MLS_OK &&
        (status = mls_tree_leaf_new(&node, mls_bytes_view(&j->leaf))) == MLS_OK)
        status = mls_tree_set_leaf(&j->staged->overlay, place.leaf_index, node);
    mls_tree_leaf_release(node);
    mls_bytes_clear(&extensions);
    return status;
}

static mls_status_t make_path(joiner_t *j)
{
    const mls_epoch_t *epoch = j->group->epoch;
    mls_tree_overlay_t *overlay = &j->staged->overlay;
    mls_bytes_t context = { 0 };
    mls_status_t status;

    if ((status = mls_new_path_make(&j->path, overlay, j->staged->committer)) != MLS_OK ||
        (status = make_leaf(j)) != MLS_OK || (status = mls_tree_hash_update(overlay)) != MLS_OK ||
        (status = mls_staged_commit_context(j->staged, &context, epoch,
                                            epoch->context.confirmed_transcript_hash)) != MLS_OK ||
        (status = mls_new_path_encrypt(&j->path, &j->update_path, overlay, mls_bytes_view(&j->leaf),
                                       mls_bytes_view(&context))) != MLS_OK)
        goto cleanup;
    j->commit.has_path = true;
    status = mls_decode(&j->commit.path, sizeof j->commit.path, mls_codec_update_path,
                        mls_bytes_view(&j->update_path), &j->arena);

cleanup:
    mls_bytes_clear(&context);
    return status;
}

/* ---- the message --------------------------------------------------------------------------------- */

static mls_status_t seal_content(joiner_t *j, mls_authenticated_content_t *content)
{
    mls_group_t *group = j->group;
    mls_bytes_t encoded = { 0 };
    mls_status_t status;

    if ((status = mls_encode(&j->body, mls_codec_commit, &j->commit)) != MLS_OK)
        return status;
    content->wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
    content->content =
        mls_group_framed(group, MLS_CONTENT_COMMIT, mls_bytes_view(&j->body), j->options->authenticated_data);
    content->content.sender = (mls_sender_t){ .type = MLS_SENDER_NEW_MEMBER_COMMIT };
    if ((status = mls_group_sign(group, content, &j->signature)) == MLS_OK &&
        (status = mls_encode(&encoded, mls_codec_framed_content, &content->content)) == MLS_OK)
        status = mls_staged_commit_enter(j->staged, &j->confirmation_tag, group->epoch, &j->init_secret,
                                         &j->path.secrets.commit_secret, mls_bytes_view(&encoded),
                                         content->wire_format, mls_bytes_view(&j->signature));
    content->auth.confirmation_tag = mls_secret_view(&j->confirmation_tag);
    mls_bytes_clear(&encoded);
    return status;
}

static mls_status_t new_pending(joiner_t *j, const mls_authenticated_content_t *content)
{
    mls_epoch_t *epoch = j->group->epoch;
    const mls_path_secrets_t *secrets = &j->path.secrets;
    mls_pending_commit_t *pending = calloc(1, sizeof *pending);
    mls_status_t status;

    if ((j->pending = pending) == NULL || (epoch->commits = calloc(1, sizeof *epoch->commits)) == NULL)
        return MLS_ERR_NOMEM;
    pending->group = j->group;
    pending->epoch = epoch->context.epoch;
    pending->path = j->path.path;
    pending->path_secrets = *secrets;
    pending->path_secret = j->path.path.count > 0 ? secrets->steps[0] : secrets->commit_secret;
    pending->leaf_private_key =
        *mls_private_keys_find(&j->path.private_keys, mls_node_of_leaf(j->staged->committer));
    if ((status = mls_encode(&pending->content, mls_codec_authenticated_content, content)) != MLS_OK)
        return status;
    return mls_public_message_seal(j->group->crypto, j->group->suite, &pending->message, content, NULL,
                                   mls_view(NULL, 0));
}

static mls_status_t build(joiner_t *j)
{
    mls_group_t *group = j->group;
    const mls_psk_source_t psks = mls_group_psk_source(group);
    mls_authenticated_content_t content = { 0 };
    mls_status_t status;

    if ((status = mls_staged_commit_new(&j->staged, group->crypto, group->suite, group->tree,
                                        group->epoch)) != MLS_OK ||
        (status = add_proposals(j)) != MLS_OK || (status = apply_proposals(j)) != MLS_OK ||
        (status = make_path(j)) != MLS_OK || (status = mls_staged_commit_psks(j->staged, &psks)) != MLS_OK ||
        (status = seal_content(j, &content)) != MLS_OK)
        return status;
    return new_pending(j, &content);
}

/* What was staged while building is dropped: the Commit is staged again, and so checked as every member will
 * check it, but for its own signatures. */
static mls_status_t join(joiner_t *j)
{
    mls_group_t *group = j->group;
    mls_status_t status;

    if ((status = take_group_info(j)) != MLS_OK || (status = take_self_removes(j)) != MLS_OK ||
        (status = build(j)) != MLS_OK)
        return status;
    group->epoch->commits[group->epoch->num_commits++] = j->pending;
    group->epoch->secrets.init_secret = j->init_secret; /* what the next epoch's key schedule begins with */
    j->pending = NULL;
    group->is_joining = true;
    return mls_pending_commit_stage(group->epoch->commits[0]);
}

mls_status_t mls_group_join_external(mls_group_t **out, mls_pending_commit_t **commit, mls_crypto_t *crypto,
                                     const mls_group_config_t *config, const mls_external_join_t *options)
{
    const mls_group_config_t complete = mls_group_config_complete(config);
    const mls_suite_t *suite = options->key_package->suite;
    joiner_t j = { .options = options };
    mls_status_t status;

    *out = NULL;
    *commit = NULL;
    status = mls_message_decode(crypto, &j.message, options->group_info, complete.limits.tree_len, &j.arena);
    if (status == MLS_OK && j.message.wire_format != MLS_WIRE_FORMAT_GROUP_INFO)
        status = MLS_ERR_ARGUMENT;
    if (status == MLS_OK)
        status = mls_check(crypto, MLS_RULE_W6, j.message.group_info.context.cipher_suite == suite->id);
    if (status == MLS_OK)
        status = mls_extensions_check(crypto, &complete.limits, j.message.group_info.extensions);
    if (status == MLS_OK && (status = mls_group_new(&j.group, crypto, suite, config)) == MLS_OK)
        status = join(&j);
    clear_joiner(&j);
    if (status != MLS_OK) {
        mls_group_free(j.group);
        return status;
    }
    *out = j.group;
    *commit = j.group->epoch->commits[0];
    return MLS_OK;
}
