/* group_commit.c -- making a Commit (RFC 9420, Section 12.4.1). The group itself is not touched. */
#include "bytes.h"
#include "group.h"
#include "own_leaf.h"
#include "path_cost.h"

#include <stdlib.h>

/* A Commit in the making. */
typedef struct builder {
    mls_group_t *group;
    const mls_commit_options_t *options;
    mls_staged_commit_t *staged;
    mls_bytes_t *values; /* encoded proposals by value */
    size_t num_values;
    mls_new_path_t path;
    bool has_path;
    mls_signature_key_t new_signature_key; /* empty: it does not change */
    mls_bytes_t leaf, update_path, body, framed, signature;
    mls_secret_t confirmation_tag;
    mls_pending_commit_t *pending;
} builder_t;

static void clear_builder(builder_t *b)
{
    for (size_t i = 0; i < b->num_values; i++)
        mls_bytes_clear(&b->values[i]);
    free(b->values);
    mls_new_path_wipe(&b->path);
    mls_signature_key_wipe(&b->new_signature_key);
    mls_bytes_clear(&b->leaf);
    mls_bytes_clear(&b->update_path);
    mls_bytes_clear(&b->body);
    mls_bytes_clear(&b->framed);
    mls_bytes_clear(&b->signature);
    mls_secret_wipe(&b->confirmation_tag);
    mls_pending_commit_free(b->pending);
    mls_staged_commit_free(b->staged);
}

/* ---- the list of proposals ----------------------------------------------------------------------- */

/* The first Commit of a group that follows on another one begins with the PSK from there. */
static mls_status_t encode_origin(builder_t *b)
{
    const mls_origin_t *origin = &b->group->epoch->origin;
    return origin->usage == 0 ? MLS_OK
                              : mls_origin_proposal_encode(b->group->crypto, b->group->suite,
                                                           &b->values[b->num_values++], origin);
}

static mls_status_t encode_values(builder_t *b)
{
    const size_t num = b->options->num_proposals;
    mls_status_t status;
    if (num > b->group->config.limits.num_proposals)
        return MLS_ERR_LIMIT;
    if ((b->values = calloc(num + 1, sizeof *b->values)) == NULL)
        return MLS_ERR_NOMEM;
    status = encode_origin(b);
    for (size_t i = 0; status == MLS_OK && i < num; i++)
        status = mls_proposal_spec_encode(b->group->crypto, b->group->suite, &b->values[b->num_values++],
                                          &b->options->proposals[i]);
    return status;
}

static mls_sender_t own_sender(const builder_t *b)
{
    return (mls_sender_t){ MLS_SENDER_MEMBER, b->group->epoch->own_leaf };
}

static mls_status_t list_values(builder_t *b, mls_proposal_list_t *list)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < b->num_values; i++) {
        mls_listed_proposal_t item = { .sender = own_sender(b) };
        if ((status = mls_proposal_decode(&item.proposal, mls_bytes_view(&b->values[i]))) == MLS_OK)
            status = mls_proposal_list_push(list, &item);
    }
    return status;
}

static mls_status_t list_pending(mls_proposal_list_t *list, const mls_pending_proposal_t *pending)
{
    const mls_listed_proposal_t item = { .proposal = pending->proposal,
                                         .sender = pending->content.content.sender,
                                         .by_reference = true,
                                         .ref = mls_secret_view(&pending->ref),
                                         .pending = pending };
    return mls_proposal_list_push(list, &item);
}

/* What the own leaf proposed for itself is for others to commit (RFC 9420, Section 12.2), and so is a PSK
 * that this member does not have. */
static bool can_commit(const builder_t *b, const mls_pending_proposal_t *pending)
{
    const uint32_t own = b->group->epoch->own_leaf;
    const mls_psk_source_t psks = mls_group_psk_source(b->group);
    const mls_listed_proposal_t item = { .proposal = pending->proposal,
                                         .sender = pending->content.content.sender };
    uint32_t target;
    mls_view_t secret;

    if (mls_listed_proposal_target(&item, &target))
        return target != own;
    return item.proposal.type != MLS_PROPOSAL_PSK ||
           mls_psk_find(&psks, &item.proposal.psk, &secret) == MLS_OK;
}

/* Whether it is the proposals' fault: then others may still do. Callbacks refuse with whatever they like. */
static bool is_refusal(mls_status_t status)
{
    return status != MLS_OK && status < MLS_ERR_NOMEM;
}

/* Applies the list to a fresh overlay. */
static mls_status_t try_list(builder_t *b, mls_proposal_list_t *list)
{
    const mls_sender_t sender = own_sender(b);
    mls_staged_commit_t *staged = b->staged;
    mls_tree_overlay_t fresh;
    mls_status_t status = mls_tree_overlay_init(&fresh, b->group->tree);

    if (status != MLS_OK)
        return status;
    mls_tree_overlay_clear(&staged->overlay);
    mls_tree_overlay_move(&staged->overlay, &fresh);
    const mls_apply_t where = mls_group_apply(b->group, &staged->overlay, &sender, b->options->now);
    return mls_proposal_list_apply(list, &staged->extensions, &where);
}

/* By type, those that others must not be able to keep out first: of several that are about one leaf the first
 * stays, and that shall be a SelfRemove (draft-ietf-mls-extensions, "SelfRemove Proposal"), else a Remove,
 * else the newest Update (RFC 9420, Section 12.2). A ReInit stands alone and comes when nothing else does. */
static const uint16_t picking_order[] = { MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                          MLS_PROPOSAL_SELF_REMOVE,
                                          MLS_PROPOSAL_REMOVE,
                                          MLS_PROPOSAL_UPDATE,
                                          MLS_PROPOSAL_ADD,
                                          MLS_PROPOSAL_PSK,
                                          0 /* all others */,
                                          MLS_PROPOSAL_APP_DATA_UPDATE,
                                          MLS_PROPOSAL_REINIT };

static bool is_picked(uint16_t type, uint16_t wanted)
{
    bool is_listed = false;
    for (size_t i = 0; i < sizeof picking_order / sizeof *picking_order; i++)
        is_listed = is_listed || picking_order[i] == type;
    return wanted == 0 ? !is_listed : type == wanted;
}

/* One by one, those pending proposals of a type that are good with what the list has so far, which is applied
 * to the overlay. */
static mls_status_t add_good_pending(builder_t *b, mls_proposal_list_t *list, uint16_t type)
{
    const mls_epoch_t *epoch = b->group->epoch;
    const mls_sender_t sender = own_sender(b);
    mls_staged_commit_t *staged = b->staged;
    const mls_apply_t where = mls_group_apply(b->group, &staged->overlay, &sender, b->options->now);
    const bool newest_first = type == MLS_PROPOSAL_UPDATE;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < epoch->num_proposals; i++) {
        const mls_pending_proposal_t *pending =
            epoch->proposals[newest_first ? epoch->num_proposals - 1 - i : i];
        if (!is_picked(pending->proposal.type, type) || !can_commit(b, pending))
            continue;
        if ((status = list_pending(list, pending)) == MLS_OK &&
            is_refusal(status = mls_proposal_list_apply_last(list, &staged->extensions, &where))) {
            list->count--;
            status = MLS_OK;
        }
    }
    return status;
}

static mls_status_t pick_pending(builder_t *b, mls_proposal_list_t *list)
{
    mls_status_t status = MLS_OK;
    list->count = b->num_values;
    if ((status = try_list(b, list)) != MLS_OK)
        return status;
    for (size_t i = 0; status == MLS_OK && i < sizeof picking_order / sizeof *picking_order; i++)
        status = add_good_pending(b, list, picking_order[i]);
    if (status != MLS_OK || !is_refusal(status = try_list(b, list)))
        return status;
    list->count = b->num_values; /* together they do not: this Commit goes without them */
    return try_list(b, list);
}

/* Fills staged->proposals and applies them. All pending proposals are tried at once; only if that fails they
 * are tried one by one. */
static mls_status_t apply_proposals(builder_t *b)
{
    const mls_epoch_t *epoch = b->group->epoch;
    mls_proposal_list_t *list = &b->staged->proposals;
    mls_status_t status = list_values(b, list);

    for (size_t i = 0; status == MLS_OK && !b->options->without_pending && i < epoch->num_proposals; i++)
        if (can_commit(b, epoch->proposals[i]))
            status = list_pending(list, epoch->proposals[i]);
    if (status != MLS_OK)
        return status;
    const bool has_pending = list->count > b->num_values;
    status = try_list(b, list);
    return has_pending && is_refusal(status) ? pick_pending(b, list) : status;
}

/* ---- the path ------------------------------------------------------------------------------------ */

/* As the other members will: what a hook has made of the leaf is not known to be good. */
static mls_status_t check_own_leaf(const builder_t *b)
{
    const mls_sender_t sender = own_sender(b);
    const mls_apply_t where = mls_group_apply(b->group, &b->staged->overlay, &sender, b->options->now);
    mls_leaf_node_t leaf;
    mls_status_t status = mls_decode(&leaf, sizeof leaf, mls_codec_leaf_node, mls_bytes_view(&b->leaf), NULL);
    return status == MLS_OK
               ? mls_check_successor(&where, MLS_LEAF_IN_COMMIT, sender.index, &leaf,
                                     mls_bytes_view(&b->leaf), mls_bytes_view(&b->staged->extensions), true)
               : status;
}

static mls_status_t set_own_leaf(builder_t *b)
{
    const uint32_t own = b->group->epoch->own_leaf;
    const mls_own_leaf_change_t change = { .source = MLS_LEAF_NODE_SOURCE_COMMIT,
                                           .encryption_key = mls_hpke_public_view(&b->path.leaf_public_key),
                                           .parent_hash = mls_secret_view(&b->path.leaf_parent_hash),
                                           .signature_key = &b->new_signature_key,
                                           .more = b->options->leaf_change,
                                           .hook = &b->options->leaf_hook };
    mls_tree_leaf_t *leaf;
    mls_status_t status;

    if ((status = mls_own_leaf_new_key(b->group, &b->new_signature_key, b->options->leaf_change)) != MLS_OK ||
        (status = mls_own_leaf_make(b->group, &b->leaf, &change)) != MLS_OK ||
        (status = check_own_leaf(b)) != MLS_OK ||
        (status = mls_tree_leaf_new(&leaf, mls_bytes_view(&b->leaf))) != MLS_OK)
        return status;
    status = mls_tree_set_leaf(&b->staged->overlay, own, leaf);
    mls_tree_leaf_release(leaf);
    return status;
}

static mls_status_t make_path(builder_t *b)
{
    const mls_epoch_t *epoch = b->group->epoch;
    mls_tree_overlay_t *overlay = &b->staged->overlay;
    mls_bytes_t context = { 0 };
    mls_status_t status;

    b->has_path = b->options->force_path || b->options->leaf_change != NULL ||
                  mls_proposal_list_needs_path(&b->staged->proposals, &b->group->config);
    if (!b->has_path) {
        b->path.secrets.commit_secret.len = b->group->suite->hash->len; /* all zero: RFC 9420, Section 8 */
        return mls_tree_hash_update(overlay);
    }
    if ((status = mls_new_path_make(&b->path, overlay, epoch->own_leaf)) != MLS_OK ||
        (status = set_own_leaf(b)) != MLS_OK || (status = mls_tree_hash_update(overlay)) != MLS_OK ||
        (status = mls_staged_commit_context(b->staged, &context, epoch,
                                            epoch->context.confirmed_transcript_hash)) != MLS_OK)
        goto cleanup;
    status = mls_new_path_encrypt(&b->path, &b->update_path, overlay, mls_bytes_view(&b->leaf),
                                  mls_bytes_view(&context));

cleanup:
    mls_bytes_clear(&context);
    return status;
}

/* ---- the message --------------------------------------------------------------------------------- */

/* Commit, its proposals and path being encoded already. */
static void codec_encoded_commit(mls_codec_t *codec, void *object)
{
    builder_t *b = object;
    mls_commit_t commit = { 0 };
    mls_arena_t arena = { 0 };
    const mls_proposal_list_t *list = &b->staged->proposals;
    uint8_t present = b->has_path ? 1 : 0;
    mls_view_t path = mls_bytes_view(&b->update_path);

    commit.proposals.items = mls_arena_alloc(&arena, (list->count + 1) * sizeof *commit.proposals.items);
    if (commit.proposals.items == NULL)
        mls_codec_fail(codec, MLS_ERR_NOMEM);
    for (size_t i = 0; commit.proposals.items != NULL && i < list->count; i++) {
        mls_proposal_or_ref_t *item = &commit.proposals.items[commit.proposals.count++];
        item->type = list->items[i].by_reference ? MLS_BY_REFERENCE : MLS_BY_VALUE;
        item->proposal = list->items[i].proposal.encoded;
        item->reference = list->items[i].ref;
    }
    mls_codec_commit_proposals(codec, &commit);
    mls_codec_u8(codec, &present);
    if (b->has_path)
        mls_codec_fixed(codec, &path, path.len);
    mls_arena_clear(&arena);
}

/* Signs the Commit, enters the new epoch and so learns the confirmation tag. */
static mls_status_t seal_content(builder_t *b, mls_authenticated_content_t *content)
{
    mls_epoch_t *epoch = b->group->epoch;
    mls_status_t status;

    if ((status = mls_encode(&b->body, codec_encoded_commit, b)) != MLS_OK)
        return status;
    content->content = mls_group_framed(b->group, MLS_CONTENT_COMMIT, mls_bytes_view(&b->body),
                                        b->options->handshake.authenticated_data);
    if ((status = mls_encode(&b->framed, mls_codec_framed_content, &content->content)) != MLS_OK)
        return status;
    content->content_encoded = mls_bytes_view(&b->framed);
    if ((status = mls_group_sign(b->group, content, &b->signature)) != MLS_OK ||
        (status = mls_staged_commit_enter(b->staged, &b->confirmation_tag, epoch, &epoch->secrets.init_secret,
                                          &b->path.secrets.commit_secret, content->content_encoded,
                                          content->wire_format, mls_bytes_view(&b->signature))) != MLS_OK)
        return status;
    content->auth.confirmation_tag = mls_secret_view(&b->confirmation_tag);
    return MLS_OK;
}

static void set_private_state(const builder_t *b)
{
    const mls_epoch_t *epoch = b->group->epoch;
    mls_epoch_t *next = b->staged->next;

    next->own_leaf = epoch->own_leaf;
    next->signature_key = b->new_signature_key.private_len > 0 ? b->new_signature_key : epoch->signature_key;
    next->private_keys = epoch->private_keys;
    mls_private_keys_prune(&next->private_keys, &b->staged->overlay);
    for (size_t i = 0; i < b->path.private_keys.count; i++)
        mls_private_keys_set(&next->private_keys, b->path.private_keys.items[i].node,
                             &b->path.private_keys.items[i].key);
}

/* The list again, from the final bytes, so that it stands on its own; with what applying has found out. */
static mls_status_t settle_proposals(builder_t *b)
{
    mls_staged_commit_t *staged = b->staged;
    mls_proposal_list_t list;
    const mls_sender_t sender = own_sender(b);
    mls_status_t status = mls_proposal_list_read(&list, b->group->crypto, &b->group->config.limits,
                                                 b->group->epoch, &staged->commit, &sender);
    if (status != MLS_OK)
        return status;
    for (size_t i = 0; i < list.count; i++)
        list.items[i].leaf_index = staged->proposals.items[i].leaf_index;
    mls_proposal_list_clear(&staged->proposals);
    staged->proposals = list;
    return mls_staged_commit_detach(staged);
}

/* ---- the pending Commit -------------------------------------------------------------------------- */

void mls_pending_commit_free(mls_pending_commit_t *pending)
{
    if (pending == NULL)
        return;
    mls_staged_commit_free(pending->staged);
    mls_bytes_clear(&pending->message);
    mls_bytes_clear(&pending->content);
    mls_bytes_clear(&pending->group_info);
    mls_wipe(pending, sizeof *pending);
    free(pending);
}

static mls_status_t new_pending(builder_t *b, const mls_authenticated_content_t *content)
{
    mls_epoch_t *epoch = b->group->epoch;
    mls_pending_commit_t *pending = calloc(1, sizeof *pending);
    const mls_hpke_private_t *leaf_key;

    if ((b->pending = pending) == NULL)
        return MLS_ERR_NOMEM;
    pending->group = b->group;
    pending->epoch = epoch->context.epoch;
    pending->path = b->path.path;
    pending->path_secrets = b->path.secrets;
    pending->path_secret = b->path.path.count > 0 ? b->path.secrets.steps[0] : b->path.secrets.commit_secret;
    leaf_key = mls_private_keys_find(&b->path.private_keys, mls_node_of_leaf(epoch->own_leaf));
    if (leaf_key != NULL)
        pending->leaf_private_key = *leaf_key;
    pending->new_signature_key = b->new_signature_key;
    mls_pending_commit_t **commits =
        realloc(epoch->commits, (epoch->num_commits + 1) * sizeof(mls_pending_commit_t *));
    if (commits == NULL)
        return MLS_ERR_NOMEM;
    epoch->commits = commits;
    return mls_encode(&pending->content, mls_codec_authenticated_content, content);
}

static mls_status_t build(builder_t *b)
{
    mls_group_t *group = b->group;
    const mls_psk_source_t psks = mls_group_psk_source(group);
    mls_authenticated_content_t content = { .wire_format = b->options->handshake.as_public_message
                                                               ? MLS_WIRE_FORMAT_PUBLIC_MESSAGE
                                                               : MLS_WIRE_FORMAT_PRIVATE_MESSAGE };
    mls_status_t status;

    if ((status = mls_staged_commit_new(&b->staged, group->crypto, group->suite, group->tree,
                                        group->epoch)) != MLS_OK ||
        (status = encode_values(b)) != MLS_OK || (status = apply_proposals(b)) != MLS_OK ||
        (status = make_path(b)) != MLS_OK || (status = mls_staged_commit_psks(b->staged, &psks)) != MLS_OK ||
        (status = seal_content(b, &content)) != MLS_OK ||
        (status = mls_staged_commit_set_content(b->staged, &content)) != MLS_OK ||
        (status = settle_proposals(b)) != MLS_OK ||
        (status = mls_staged_commit_psks(b->staged, &psks)) != MLS_OK ||
        (status = mls_tree_overlay_prepare(&b->staged->overlay)) != MLS_OK ||
        (status = new_pending(b, &content)) != MLS_OK)
        return status;
    set_private_state(b);
    b->staged->is_readable = true;
    return mls_group_protect(group, &b->pending->message, &content); /* the last thing that can fail */
}

static mls_status_t start(builder_t *b)
{
    if (!mls_group_is_active(b->group))
        return MLS_ERR_STATE;
    if (b->options->handshake.as_public_message && b->group->config.private_handshake_only)
        return MLS_ERR_ARGUMENT;
    return build(b);
}

mls_status_t mls_group_commit(mls_group_t *group, mls_pending_commit_t **out,
                              const mls_commit_options_t *options)
{
    const mls_commit_options_t none = { 0 };
    builder_t b = { .group = group, .options = options == NULL ? &none : options };
    mls_status_t status = start(&b);

    *out = NULL;
    if (status == MLS_OK) {
        b.pending->staged = b.staged;
        group->epoch->commits[group->epoch->num_commits++] = b.pending;
        group->epoch->lists_are_dirty = true;
        *out = b.pending;
        b.staged = NULL;
        b.pending = NULL;
    }
    clear_builder(&b);
    return status;
}

mls_view_t mls_pending_commit_message(const mls_pending_commit_t *pending)
{
    return mls_bytes_view(&pending->message);
}

uint64_t mls_pending_commit_epoch(const mls_pending_commit_t *pending)
{
    return pending->epoch;
}

mls_pending_commit_t *mls_group_pending_commit(const mls_group_t *group, size_t n)
{
    return n < group->epoch->num_commits ? group->epoch->commits[n] : NULL;
}

void mls_group_discard_pending(mls_group_t *group, mls_pending_commit_t *pending)
{
    mls_epoch_t *epoch = group->epoch;
    for (size_t i = 0; i < epoch->num_commits; i++) {
        if (epoch->commits[i] != pending)
            continue;
        memmove(epoch->commits + i, epoch->commits + i + 1,
                (epoch->num_commits - i - 1) * sizeof(mls_pending_commit_t *));
        epoch->num_commits--;
        epoch->lists_are_dirty = true;
        mls_pending_commit_free(pending);
        return;
    }
}

/* ---- what a path costs --------------------------------------------------------------------------- */

mls_status_t mls_group_path_cost(const mls_group_t *group, mls_path_cost_t *out, uint32_t leaf_index)
{
    *out = (mls_path_cost_t){ 0 };
    if (leaf_index >= group->view.summary.num_leaves || mls_tree_leaf(&group->view, leaf_index) == NULL)
        return MLS_ERR_NOT_FOUND;
    *out = mls_tree_path_cost(&group->view, leaf_index);
    return MLS_OK;
}

uint32_t mls_group_largest_path_cost(const mls_group_t *group)
{
    return mls_tree_largest_path(&group->view);
}
