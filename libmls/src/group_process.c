/* group_process.c
 *
 * The order of the checks matters to whoever has to tell a Commit that is void for everybody from one that
 * only this member cannot read: first all that needs no private key, then the path secret, then the
 * confirmation tag, which is the same for all whose path secret gave the public keys of the path. */
#include "group_process.h"

#include <stdlib.h>

typedef struct processor {
    mls_group_t *group;
    mls_pending_commit_t *own;
    mls_staged_commit_t *staged;
    mls_filtered_path_t path;
    mls_path_secrets_t secrets;
    mls_private_keys_t private_keys;
    mls_signature_key_t signature_key; /* of the own leaf, after the Commit */
    mls_secret_t init_secret;
} processor_t;

/* ---- public checks ------------------------------------------------------------------------------- */

static mls_status_t apply_proposals(processor_t *p)
{
    mls_group_t *group = p->group;
    mls_staged_commit_t *staged = p->staged;
    const mls_sender_t committer = staged->authenticated.content.sender;
    const mls_apply_t where = mls_group_apply(group, &staged->overlay, &committer, 0);
    mls_status_t status;

    if ((status = mls_proposal_list_read(&staged->proposals, group->crypto, &group->config.limits,
                                         group->epoch, &staged->commit, &committer)) != MLS_OK ||
        (status = mls_proposal_list_apply(&staged->proposals, &staged->extensions, &where)) != MLS_OK)
        return status;
    staged->removes_self =
        !group->is_joining && mls_proposal_list_removes(&staged->proposals, group->epoch->own_leaf);
    return mls_check(group->crypto, MLS_RULE_M6,
                     staged->commit.has_path ||
                         !mls_proposal_list_needs_path(&staged->proposals, &group->config));
}

static mls_status_t install_leaf(processor_t *p)
{
    const mls_update_path_t *update = &p->staged->commit.path;
    mls_tree_leaf_t *leaf;
    mls_status_t status = mls_tree_leaf_new(&leaf, update->leaf_encoded);
    if (status == MLS_OK) {
        status = mls_tree_set_leaf(&p->staged->overlay, p->staged->committer, leaf);
        mls_tree_leaf_release(leaf);
    }
    return status;
}

/* The leaf that an external Commit removes, as it was; false: it removes none. */
static bool find_former_leaf(const processor_t *p, mls_leaf_info_t *out)
{
    const mls_proposal_list_t *list = &p->staged->proposals;
    for (size_t i = 0; i < list->count; i++) {
        const uint32_t removed = list->items[i].proposal.removed;
        const mls_tree_leaf_t *leaf = mls_tree_leaf(&p->group->view, removed);
        if (list->items[i].proposal.type != MLS_PROPOSAL_REMOVE || leaf == NULL)
            continue;
        const mls_leaf_node_t node = mls_tree_leaf_decode(leaf);
        mls_leaf_node_info(out, &node, mls_tree_leaf_encoded(leaf), removed);
        return true;
    }
    return false;
}

static mls_status_t check_path_leaf(processor_t *p, const mls_apply_t *where)
{
    const mls_staged_commit_t *staged = p->staged;
    const mls_update_path_t *update = &staged->commit.path;
    mls_leaf_info_t former;

    if (!staged->is_external)
        return mls_check_successor(where, MLS_LEAF_IN_COMMIT, staged->committer, &update->leaf,
                                   update->leaf_encoded, mls_bytes_view(&staged->extensions), p->own != NULL);
    const bool replaces = find_former_leaf(p, &former);
    return mls_check_joiner(where, staged->committer, &update->leaf, update->leaf_encoded,
                            mls_bytes_view(&staged->extensions), replaces ? &former : NULL, p->own != NULL);
}

/* The path's leaf and nodes, checked and put into the overlay. */
static mls_status_t install_path(processor_t *p)
{
    mls_group_t *group = p->group;
    mls_staged_commit_t *staged = p->staged;
    mls_tree_overlay_t *overlay = &staged->overlay;
    const mls_update_path_t *update = &staged->commit.path;
    const mls_sender_t committer = staged->authenticated.content.sender;
    const mls_apply_t where = mls_group_apply(group, overlay, &committer, 0);
    mls_view_t keys[MLS_MAX_LEVELS];
    mls_secret_t parent_hash = { 0 };
    mls_status_t status;

    if (staged->is_external && (status = mls_tree_make_place(overlay, &staged->committer,
                                                             group->config.limits.num_leaves)) != MLS_OK)
        return status;
    mls_filtered_direct_path(overlay, &p->path, staged->committer);
    if ((status = mls_update_path_check(overlay, &p->path, update)) != MLS_OK ||
        (status = check_path_leaf(p, &where)) != MLS_OK)
        return status;
    for (size_t i = 0; i < p->path.count; i++)
        keys[i] = update->nodes.items[i].encryption_key;
    /* The leaf first: no node of the path may have its key either. */
    if ((status = install_leaf(p)) != MLS_OK ||
        (status = mls_tree_install_path(overlay, &parent_hash, staged->committer, &p->path, keys)) != MLS_OK)
        return status;
    return mls_check(group->crypto, MLS_RULE_M10,
                     mls_view_equal(update->leaf.parent_hash, mls_secret_view(&parent_hash)));
}

/* ---- the own secrets ----------------------------------------------------------------------------- */

/* Keys of Updates of the own leaf that the Commit takes up. */
static void take_own_update(processor_t *p)
{
    const mls_proposal_list_t *list = &p->staged->proposals;
    const uint32_t own = p->group->epoch->own_leaf;
    for (size_t i = 0; i < list->count; i++) {
        const mls_listed_proposal_t *item = &list->items[i];
        if (item->proposal.type != MLS_PROPOSAL_UPDATE || item->leaf_index != own || item->pending == NULL ||
            item->pending->leaf_private_key.len == 0)
            continue;
        mls_private_keys_set(&p->private_keys, mls_node_of_leaf(own), &item->pending->leaf_private_key);
        if (item->pending->new_signature_key.private_len > 0)
            p->signature_key = item->pending->new_signature_key;
    }
}

/* The secrets of an own path, again from its first one. */
static mls_status_t derive_own_path(processor_t *p)
{
    const mls_pending_commit_t *own = p->own;
    const mls_derive_path_t how = { .path = &p->path,
                                    .check = &p->staged->overlay,
                                    .private_keys = &p->private_keys };
    if (p->path.count == 0)
        p->secrets.commit_secret = own->path_secret;
    else
        p->secrets.steps[0] = own->path_secret;
    mls_private_keys_set(&p->private_keys, mls_node_of_leaf(p->staged->committer), &own->leaf_private_key);
    if (own->new_signature_key.private_len > 0)
        p->signature_key = own->new_signature_key;
    return mls_derive_path_secrets(p->group->crypto, p->group->suite, &p->secrets, &how);
}

/* The init_secret of the key schedule: that of the epoch before, or of the ExternalInit (RFC 9420, Section
 * 8.3); who is joining has put the latter in the place of the former. A kem_output that is no point fails
 * for all alike. */
static mls_status_t learn_init_secret(processor_t *p)
{
    const mls_group_t *group = p->group;
    const mls_proposal_list_t *list = &p->staged->proposals;
    mls_hpke_private_t external_private_key = { 0 };
    mls_hpke_public_t external_pub;
    mls_status_t status;

    p->init_secret = group->epoch->secrets.init_secret;
    if (!p->staged->is_external || p->own != NULL)
        return MLS_OK;
    status = mls_external_key_pair(group->crypto, group->suite, &external_private_key, &external_pub,
                                   &group->epoch->secrets.external_secret);
    for (size_t i = 0; status == MLS_OK && i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_EXTERNAL_INIT)
            status = mls_hpke_receive_export(group->crypto, group->suite, &p->init_secret,
                                             list->items[i].proposal.kem_output, &external_private_key,
                                             "MLS 1.0 external init secret");
    mls_hpke_private_wipe(&external_private_key);
    return status == MLS_ERR_INVALID ? mls_refuse(group->crypto, MLS_RULE_X8, status) : status;
}

/* The commit_secret. A failure that concerns this member only leaves `*readable` false. */
static mls_status_t learn_path_secret(processor_t *p, bool *readable)
{
    mls_staged_commit_t *staged = p->staged;
    const mls_epoch_t *epoch = p->group->epoch;
    mls_bytes_t context = { 0 };
    mls_status_t status;

    *readable = true;
    if (p->own != NULL)
        return derive_own_path(p);
    if (staged->committer == epoch->own_leaf)
        return MLS_ERR_STATE;
    if ((status = mls_staged_commit_context(staged, &context, epoch,
                                            epoch->context.confirmed_transcript_hash)) != MLS_OK)
        return status;
    status = mls_update_path_decrypt(&staged->overlay, &p->secrets, &p->private_keys, &p->path,
                                     &staged->commit.path, epoch->own_leaf, mls_bytes_view(&context));
    mls_bytes_clear(&context);
    if (mls_status_is_input(status)) {
        *readable = false;
        return MLS_OK;
    }
    return status;
}

/* ---- the new epoch ------------------------------------------------------------------------------- */

static mls_status_t enter(processor_t *p)
{
    mls_staged_commit_t *staged = p->staged;
    const mls_authenticated_content_t *content = &staged->authenticated;
    const mls_epoch_t *epoch = p->group->epoch;
    mls_secret_t tag = { 0 };
    mls_status_t status =
        mls_staged_commit_enter(staged, &tag, epoch, &p->init_secret, &p->secrets.commit_secret,
                                content->content_encoded, content->wire_format, content->auth.signature);
    if (status == MLS_OK)
        status =
            mls_check(p->group->crypto, MLS_RULE_M12, mls_tag_equal(&tag, content->auth.confirmation_tag));
    if (status != MLS_OK)
        return status;
    staged->next->own_leaf = p->own != NULL ? staged->committer : epoch->own_leaf;
    staged->next->signature_key = p->signature_key;
    staged->next->private_keys = p->private_keys;
    staged->is_readable = true;
    return MLS_OK;
}

static mls_status_t process(processor_t *p, const mls_authenticated_content_t *content)
{
    mls_group_t *group = p->group;
    mls_staged_commit_t *staged = p->staged;
    const mls_psk_source_t psks = mls_group_psk_source(group);
    bool readable = true;
    mls_status_t status;

    if ((status = mls_staged_commit_set_content(staged, content)) != MLS_OK ||
        (status = apply_proposals(p)) != MLS_OK ||
        (staged->commit.has_path && (status = install_path(p)) != MLS_OK) ||
        (status = mls_tree_hash_update(&staged->overlay)) != MLS_OK)
        return status;
    p->private_keys = group->epoch->private_keys;
    p->signature_key = group->epoch->signature_key;
    mls_private_keys_prune(&p->private_keys, &staged->overlay);
    take_own_update(p);
    if ((status = mls_staged_commit_detach(staged)) != MLS_OK)
        return status;
    p->secrets.commit_secret.len = group->suite->hash->len; /* all zero where there is no path */
    if (staged->removes_self) {
        staged->is_readable = true;
    } else {
        if ((status = mls_staged_commit_psks(staged, &psks)) != MLS_OK ||
            (status = learn_init_secret(p)) != MLS_OK ||
            (staged->commit.has_path && (status = learn_path_secret(p, &readable)) != MLS_OK) ||
            (readable && (status = enter(p)) != MLS_OK))
            return status;
    }
    return mls_tree_overlay_prepare(&staged->overlay);
}

mls_status_t mls_group_stage(mls_group_t *group, mls_staged_commit_t **out,
                             const mls_authenticated_content_t *content, mls_pending_commit_t *own)
{
    processor_t p = { .group = group, .own = own };
    mls_status_t status;

    *out = NULL;
    status = mls_staged_commit_new(&p.staged, group->crypto, group->suite, group->tree, group->epoch);
    if (status == MLS_OK)
        status = process(&p, content);
    if (status == MLS_OK && own != NULL) {
        own->path = p.path;
        own->path_secrets = p.secrets;
    }
    if (status == MLS_OK)
        *out = p.staged;
    else
        mls_staged_commit_free(p.staged);
    mls_path_secrets_wipe(&p.secrets);
    mls_private_keys_wipe(&p.private_keys);
    mls_signature_key_wipe(&p.signature_key);
    mls_secret_wipe(&p.init_secret);
    return status;
}

mls_status_t mls_pending_commit_stage(mls_pending_commit_t *pending)
{
    mls_authenticated_content_t content;
    mls_arena_t arena = { 0 };
    mls_status_t status;

    /* First: what was staged in an epoch that is past looks at a tree that has changed. */
    if (pending->group->epoch->context.epoch != pending->epoch)
        return MLS_ERR_STATE;
    if (pending->staged != NULL)
        return MLS_OK;
    status = mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                        mls_bytes_view(&pending->content), &arena);
    if (status == MLS_OK)
        status = mls_group_stage(pending->group, &pending->staged, &content, pending);
    mls_arena_clear(&arena);
    return status;
}
