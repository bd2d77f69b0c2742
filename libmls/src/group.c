/* group.c -- a group's life from its creation to its end, and what can be asked of it
 * (RFC 9420, Section 11). */
#include "group.h"
#include "bytes.h"
#include "tree_codec.h"

#include <stdlib.h>

/* ---- making and freeing -------------------------------------------------------------------------- */

mls_group_config_t mls_group_config_complete(const mls_group_config_t *config)
{
    mls_group_config_t complete = { 0 };
    if (config != NULL)
        complete = *config;
    if (complete.limits.message_len == 0)
        complete.limits = MLS_LIMITS_DEFAULT;
    if (complete.limits.num_leaves > MLS_MAX_LEAVES)
        complete.limits.num_leaves = MLS_MAX_LEAVES;
    if (complete.max_lifetime == 0)
        complete.max_lifetime = 91 * 24 * 3600;
    return complete;
}

mls_status_t mls_group_new(mls_group_t **out, mls_crypto_t *crypto, const mls_suite_t *suite,
                           const mls_group_config_t *config)
{
    if ((*out = calloc(1, sizeof **out)) == NULL)
        return MLS_ERR_NOMEM;
    (*out)->crypto = crypto;
    (*out)->suite = suite;
    (*out)->config = mls_group_config_complete(config);
    (*out)->is_new = (*out)->is_dirty = (*out)->all_nodes_are_dirty = true;
    return MLS_OK;
}

mls_status_t mls_group_set_tree(mls_group_t *group, mls_ratchet_tree_t *tree)
{
    group->tree = tree;
    return mls_tree_overlay_init(&group->view, tree);
}

void mls_group_free_pending(mls_epoch_t *epoch)
{
    for (size_t i = 0; epoch != NULL && i < epoch->num_commits; i++)
        mls_pending_commit_free(epoch->commits[i]);
    if (epoch != NULL)
        epoch->num_commits = 0;
}

static void free_past(mls_past_epoch_t *past)
{
    mls_group_free_pending(past->epoch);
    mls_epoch_free(past->epoch);
    mls_tree_overlay_clear(&past->back);
}

void mls_group_free(mls_group_t *group)
{
    if (group == NULL)
        return;
    for (size_t i = 0; i < group->num_past; i++)
        free_past(&group->past[i]);
    free(group->past);
    mls_group_free_pending(group->epoch);
    mls_epoch_free(group->epoch);
    mls_tree_overlay_clear(&group->view);
    mls_ratchet_tree_free(group->tree);
    if (group->resumption_psks != NULL)
        mls_wipe(group->resumption_psks, group->num_resumption_psks * sizeof *group->resumption_psks);
    free(group->resumption_psks);
    free(group->used_generations);
    free(group->gone_epochs.items);
    mls_index_list_clear(&group->dirty_nodes);
    mls_wipe(group, sizeof *group);
    free(group);
}

/* ---- creating (RFC 9420, Section 11) ------------------------------------------------------------- */

static mls_status_t plant_tree(mls_group_t *group, mls_view_t leaf_encoded)
{
    mls_ratchet_tree_t *tree;
    mls_tree_leaf_t *leaf;
    mls_status_t status;

    if ((status = mls_tree_leaf_new(&leaf, leaf_encoded)) != MLS_OK)
        return status;
    if ((status = mls_ratchet_tree_new(&tree, group->crypto, group->suite)) != MLS_OK) {
        mls_tree_leaf_release(leaf);
        return status;
    }
    status = mls_ratchet_tree_put(tree, mls_node_of_leaf(0), leaf);
    if (status == MLS_OK)
        status = mls_ratchet_tree_finish(tree, 1);
    if (status != MLS_OK) {
        mls_ratchet_tree_free(tree);
        return status;
    }
    return mls_group_set_tree(group, tree);
}

/* The leaf goes the way of any other that joins. */
static mls_status_t check_creator(const mls_group_t *group, const mls_key_package_data_t *kp)
{
    const mls_sender_t nobody = { 0 };
    const mls_view_t no_extensions = { 0 };
    const mls_apply_t where =
        mls_group_apply(group, (mls_tree_overlay_t *)(uintptr_t)&group->view, &nobody, 0);
    const mls_leaf_rules_t rules = { .limits = &group->config.limits,
                                     .max_lifetime = group->config.max_lifetime,
                                     .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE };
    mls_leaf_info_t info;
    mls_status_t status;

    if ((status = mls_key_package_check(group->crypto, group->suite, kp, &rules)) != MLS_OK ||
        (status = mls_check_context_extensions(&where, no_extensions, group->epoch->context.extensions)) !=
            MLS_OK ||
        (status = mls_leaf_node_check_extensions(group->crypto, &kp->leaf,
                                                 group->epoch->context.extensions)) != MLS_OK)
        return status;
    mls_leaf_node_info(&info, &kp->leaf, kp->leaf_encoded, 0);
    info.init_key = kp->init_key;
    return mls_authenticate_leaf(&where, MLS_LEAF_IN_ADD, &info, NULL);
}

static mls_status_t first_context(mls_group_t *group, mls_view_t group_id, const mls_extensions_t *extensions)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_extensions_encode(&encoded, extensions);
    const mls_group_context_t context = { .version = MLS_VERSION_MLS10,
                                          .cipher_suite = group->suite->id,
                                          .group_id = group_id,
                                          .tree_hash = mls_tree_hash_root(&group->view),
                                          .extensions = mls_bytes_view(&encoded) };
    if (status == MLS_OK)
        status = mls_epoch_set_context(group->epoch, &context);
    mls_bytes_clear(&encoded);
    return status;
}

/* The first epoch_secret is random; the confirmation tag is that of the empty transcript. */
static mls_status_t first_secrets(mls_group_t *group)
{
    mls_epoch_t *epoch = group->epoch;
    mls_secret_t epoch_secret = { .len = group->suite->hash->len };
    const mls_view_t no_transcript = { 0 };
    mls_status_t status;

    if ((status = mls_crypto_random(group->crypto, epoch_secret.data, epoch_secret.len)) != MLS_OK ||
        (status = mls_epoch_secrets_from(group->crypto, group->suite, &epoch->secrets, &epoch_secret)) !=
            MLS_OK ||
        (status = mls_epoch_plant_trees(epoch, group->suite, 1)) != MLS_OK ||
        (status = mls_confirmation_tag(group->crypto, group->suite, &epoch->confirmation_tag,
                                       &epoch->secrets.confirmation_key, no_transcript)) != MLS_OK)
        goto cleanup;
    status = mls_interim_transcript_hash(group->crypto, group->suite, &epoch->interim_transcript_hash,
                                         no_transcript, mls_secret_view(&epoch->confirmation_tag));

cleanup:
    mls_secret_wipe(&epoch_secret);
    return status;
}

static mls_status_t create(mls_group_t *group, mls_key_package_t *kp, mls_view_t group_id,
                           const mls_extensions_t *extensions)
{
    mls_key_package_data_t data;
    mls_status_t status;

    if ((status = mls_key_package_decode(kp, &data)) != MLS_OK ||
        (status = mls_epoch_new(&group->epoch)) != MLS_OK ||
        (status = plant_tree(group, data.leaf_encoded)) != MLS_OK ||
        (status = first_context(group, group_id, extensions)) != MLS_OK ||
        (status = check_creator(group, &data)) != MLS_OK || (status = first_secrets(group)) != MLS_OK)
        return status;
    group->epoch->signature_key = kp->signature_key;
    mls_private_keys_set(&group->epoch->private_keys, mls_node_of_leaf(0), &kp->encryption_private_key);
    mls_hpke_private_wipe(&kp->init_private_key);
    return MLS_OK;
}

mls_status_t mls_group_create(mls_group_t **out, mls_crypto_t *crypto, const mls_group_config_t *config,
                              mls_key_package_t *key_package, mls_view_t group_id,
                              const mls_extensions_t *extensions)
{
    mls_group_t *group;
    mls_status_t status;

    *out = NULL;
    if (group_id.len == 0)
        return MLS_ERR_ARGUMENT;
    if ((status = mls_group_new(&group, crypto, key_package->suite, config)) != MLS_OK)
        return status;
    if ((status = create(group, key_package, group_id, extensions)) != MLS_OK) {
        mls_group_free(group);
        return status;
    }
    *out = group;
    return MLS_OK;
}

/* ---- for the other files ------------------------------------------------------------------------- */

mls_apply_t mls_group_apply(const mls_group_t *group, mls_tree_overlay_t *overlay,
                            const mls_sender_t *committer, uint64_t now)
{
    return (mls_apply_t){ .crypto = group->crypto,
                          .suite = group->suite,
                          .config = &group->config,
                          .epoch = group->epoch,
                          .committer = *committer,
                          .now = now,
                          .overlay = overlay };
}

/* An epoch that has ended, or that is being joined, has no secret: an empty one would be no secret either,
 * but one that everybody knows. */
static const mls_secret_t *find_resumption_psk(const void *arg, uint64_t epoch)
{
    const mls_group_t *group = arg;
    const mls_secret_t *current = &group->epoch->secrets.resumption_psk;
    if (epoch == group->epoch->context.epoch)
        return current->len > 0 ? current : NULL;
    for (size_t i = 0; i < group->num_resumption_psks; i++)
        if (group->resumption_psks[i].epoch == epoch)
            return &group->resumption_psks[i].secret;
    return NULL;
}

mls_psk_source_t mls_group_psk_source(const mls_group_t *group)
{
    return (mls_psk_source_t){ .config = &group->config,
                               .group_id = group->epoch->context.group_id,
                               .resumption = find_resumption_psk,
                               .resumption_arg = group,
                               .origin = group->epoch->origin.usage == 0 ? NULL : &group->epoch->origin };
}

/* ---- what can be asked --------------------------------------------------------------------------- */

mls_view_t mls_group_id(const mls_group_t *group)
{
    return group->epoch->context.group_id;
}

uint16_t mls_group_cipher_suite(const mls_group_t *group)
{
    return group->suite->id;
}

uint64_t mls_group_epoch(const mls_group_t *group)
{
    return group->epoch->context.epoch;
}

mls_view_t mls_group_epoch_authenticator(const mls_group_t *group)
{
    return mls_secret_view(&group->epoch->secrets.epoch_authenticator);
}

mls_view_t mls_group_extensions(const mls_group_t *group)
{
    return group->epoch->context.extensions;
}

uint32_t mls_group_own_leaf(const mls_group_t *group)
{
    return group->epoch->own_leaf;
}

uint32_t mls_group_num_members(const mls_group_t *group)
{
    return group->view.summary.num_members;
}

bool mls_group_is_active(const mls_group_t *group)
{
    return !group->is_removed && !group->is_joining && group->epoch->reinit.len == 0;
}

bool mls_group_is_removed(const mls_group_t *group)
{
    return group->is_removed;
}

static mls_status_t describe_leaf(const mls_tree_overlay_t *overlay, mls_leaf_info_t *out,
                                  uint32_t leaf_index)
{
    const mls_tree_leaf_t *leaf = mls_tree_leaf(overlay, leaf_index);
    *out = (mls_leaf_info_t){ 0 };
    if (leaf == NULL)
        return MLS_ERR_NOT_FOUND;
    const mls_leaf_node_t node = mls_tree_leaf_decode(leaf);
    mls_leaf_node_info(out, &node, mls_tree_leaf_encoded(leaf), leaf_index);
    return MLS_OK;
}

static mls_status_t describe_next(const mls_tree_overlay_t *overlay, mls_leaf_info_t *out,
                                  uint32_t leaf_index)
{
    if (!mls_tree_next_leaf(overlay, &leaf_index)) {
        *out = (mls_leaf_info_t){ 0 };
        return MLS_ERR_NOT_FOUND;
    }
    return describe_leaf(overlay, out, leaf_index);
}

mls_status_t mls_group_leaf(const mls_group_t *group, mls_leaf_info_t *out, uint32_t leaf_index)
{
    return describe_leaf(&group->view, out, leaf_index);
}

mls_status_t mls_group_next_leaf(const mls_group_t *group, mls_leaf_info_t *out, uint32_t leaf_index)
{
    return describe_next(&group->view, out, leaf_index);
}

mls_status_t mls_staged_commit_leaf(const mls_staged_commit_t *staged, mls_leaf_info_t *out,
                                    uint32_t leaf_index)
{
    return describe_leaf(&staged->overlay, out, leaf_index);
}

mls_status_t mls_staged_commit_next_leaf(const mls_staged_commit_t *staged, mls_leaf_info_t *out,
                                         uint32_t leaf_index)
{
    return describe_next(&staged->overlay, out, leaf_index);
}

mls_status_t mls_group_ratchet_tree(const mls_group_t *group, mls_bytes_t *out)
{
    return mls_tree_encode(out, &group->view);
}

mls_status_t mls_group_safe_export(mls_group_t *group, mls_bytes_t *out, uint16_t component_id)
{
    mls_secret_t secret;
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if (group->is_removed || group->is_joining)
        return MLS_ERR_STATE;
    /* Room for the result first: a secret that was taken is gone. */
    if ((status = mls_bytes_alloc(out, group->suite->hash->len)) != MLS_OK)
        return status;
    status = mls_exporter_tree_take(&group->epoch->exporter_tree, &secret, group->crypto, group->suite,
                                    component_id);
    if (status == MLS_OK) {
        memcpy(out->data, secret.data, out->len);
        group->epoch->is_dirty = true;
    } else {
        mls_bytes_clear(out);
    }
    mls_secret_wipe(&secret);
    return status;
}

mls_status_t mls_group_export(mls_group_t *group, mls_bytes_t *out, const char *label, mls_view_t context,
                              size_t len)
{
    *out = (mls_bytes_t){ 0 };
    if (group->is_removed || group->is_joining)
        return MLS_ERR_STATE;
    if (len > 255 * group->suite->hash->len)
        return MLS_ERR_ARGUMENT;
    mls_status_t status = mls_bytes_alloc(out, len);
    if (status == MLS_OK &&
        (status = mls_exporter(group->crypto, group->suite, out->data, len,
                               &group->epoch->secrets.exporter_secret, label, context)) != MLS_OK)
        mls_bytes_clear(out);
    return status;
}
