/* group_join.c -- joining by Welcome (RFC 9420, Section 12.4.3.1). */
#include "group.h"
#include "leaf_signatures.h"
#include "subgroup.h"
#include "tree_codec.h"
#include "tree_validate.h"
#include "welcome_open.h"

/* ---- the tree and the GroupInfo ------------------------------------------------------------------ */

static mls_status_t read_tree(mls_group_t *group, const mls_group_info_t *info, mls_view_t given)
{
    mls_ratchet_tree_t *tree;
    mls_status_t status = MLS_OK;
    if (given.len == 0)
        status = mls_extensions_find(&given, info->extensions, MLS_EXTENSION_RATCHET_TREE);
    if (status == MLS_ERR_NOT_FOUND)
        status = mls_refuse(group->crypto, MLS_RULE_W21, status);
    if (status == MLS_OK)
        status = mls_check(group->crypto, MLS_RULE_W19_SIZE, given.len <= group->config.limits.tree_len);
    if (status == MLS_OK)
        status = mls_tree_decode(&tree, group->crypto, group->suite, given, group->config.limits.num_leaves);
    return status == MLS_OK ? mls_group_set_tree(group, tree) : status;
}

static mls_status_t check_signature(const mls_group_t *group, const mls_group_info_t *info)
{
    const mls_tree_leaf_t *signer = mls_tree_leaf(&group->view, info->signer);
    mls_status_t status = mls_check(group->crypto, MLS_RULE_W4_SIGNER, signer != NULL);
    if (status != MLS_OK)
        return status;
    status = mls_verify_with_label(group->crypto, group->suite, mls_tree_leaf_signature_key(signer),
                                   "GroupInfoTBS", info->tbs, info->signature);
    return status == MLS_ERR_SIGNATURE ? mls_refuse(group->crypto, MLS_RULE_W4, status) : status;
}

static mls_status_t check_leaf(const mls_group_t *group, const mls_apply_t *where,
                               const mls_leaf_signatures_t *signatures, uint32_t index, mls_view_t own)
{
    const mls_group_context_t *context = &group->epoch->context;
    const mls_tree_leaf_t *found = mls_tree_leaf(&group->view, index);
    const mls_leaf_node_t leaf = mls_tree_leaf_decode(found);
    const bool is_signed =
        mls_view_equal(mls_tree_leaf_encoded(found), own) || mls_leaf_signature_is_good(signatures, index);
    const mls_leaf_place_t place = { context->group_id, index };
    /* No lifetime is held against the clock here: a leaf may be older than its lifetime by now. */
    const mls_leaf_rules_t rules = { .limits = &group->config.limits,
                                     .max_lifetime = group->config.max_lifetime,
                                     .any_source = true };
    mls_leaf_info_t info;
    mls_status_t status;

    if ((status = mls_leaf_node_check(group->crypto, group->suite, &leaf, &rules)) != MLS_OK ||
        (status = mls_leaf_node_check_extensions(group->crypto, &leaf, context->extensions)) != MLS_OK ||
        (!is_signed && (status = mls_leaf_node_verify(group->crypto, group->suite, &leaf, &place)) != MLS_OK))
        return status;
    mls_leaf_node_info(&info, &leaf, mls_tree_leaf_encoded(found), index);
    return mls_authenticate_leaf(where, MLS_LEAF_IN_TREE, &info, NULL);
}

static mls_status_t check_leaves(const mls_group_t *group, const mls_apply_t *where, mls_view_t own)
{
    mls_leaf_signatures_t signatures;
    mls_status_t status = mls_leaf_signatures_verify(&signatures, group);
    for (uint32_t i = 0; status == MLS_OK && mls_tree_next_leaf(&group->view, &i); i++)
        status = check_leaf(group, where, &signatures, i, own);
    mls_leaf_signatures_clear(&signatures);
    return status;
}

/* RFC 9420, Section 12.4.3.1: "Verify the integrity of the ratchet tree". The cheap rules come first. */
static mls_status_t check_tree(mls_group_t *group, mls_view_t tree_hash, mls_view_t own_leaf)
{
    const mls_sender_t nobody = { 0 };
    const mls_view_t no_extensions = { 0 };
    const mls_apply_t where = mls_group_apply(group, &group->view, &nobody, 0);
    mls_status_t status;

    if ((status = mls_check_context_extensions(&where, no_extensions, group->epoch->context.extensions)) !=
            MLS_OK ||
        (status = mls_check(group->crypto, MLS_RULE_W7,
                            mls_view_equal(mls_tree_hash_root(&group->view), tree_hash))) != MLS_OK ||
        (status = mls_tree_check_parents(&group->view)) != MLS_OK ||
        (status = mls_tree_check_credentials(&group->view, &group->config.limits)) != MLS_OK ||
        (status = mls_tree_check_parent_hashes(&group->view)) != MLS_OK)
        return status;
    return check_leaves(group, &where, own_leaf);
}

mls_status_t mls_group_take_tree(mls_group_t *group, const mls_group_info_t *info, mls_view_t ratchet_tree,
                                 mls_view_t own_leaf)
{
    mls_status_t status;
    if ((status = read_tree(group, info, ratchet_tree)) != MLS_OK ||
        (status = check_signature(group, info)) != MLS_OK)
        return status;
    return check_tree(group, info->context.tree_hash, own_leaf);
}

/* ---- the own place ------------------------------------------------------------------------------- */

static bool find_own_leaf(const mls_group_t *group, uint32_t *leaf, mls_view_t encoded)
{
    for (*leaf = 0; mls_tree_next_leaf(&group->view, leaf); ++*leaf)
        if (mls_view_equal(mls_tree_leaf_encoded(mls_tree_leaf(&group->view, *leaf)), encoded))
            return true;
    return false;
}

/* Rule W14: the path secret gives the keys from the common ancestor with the signer upwards. */
static mls_status_t take_path_secret(mls_group_t *group, const mls_welcome_t *welcome)
{
    mls_epoch_t *epoch = group->epoch;
    mls_filtered_path_t path;
    mls_path_secrets_t secrets = { 0 };
    size_t i = 0;
    mls_status_t status;

    if (!welcome->secrets.has_path_secret)
        return MLS_OK;
    mls_filtered_direct_path(&group->view, &path, welcome->info.signer);
    while (i < path.count && !mls_node_covers(path.steps[i].node, epoch->own_leaf))
        i++;
    const mls_derive_path_t how = {
        .path = &path, .first = i, .check = &group->view, .private_keys = &epoch->private_keys
    };
    if (i == path.count || welcome->secrets.path_secret.len != group->suite->hash->len)
        return mls_refuse(group->crypto, MLS_RULE_W14, MLS_ERR_INVALID);
    if ((status = mls_secret_set(&secrets.steps[i], welcome->secrets.path_secret)) == MLS_OK)
        status = mls_derive_path_secrets(group->crypto, group->suite, &secrets, &how);
    mls_path_secrets_wipe(&secrets);
    return status == MLS_ERR_INVALID ? mls_refuse(group->crypto, MLS_RULE_W14, status) : status;
}

static mls_status_t take_own_leaf(mls_group_t *group, const mls_welcome_t *welcome, mls_view_t encoded)
{
    mls_epoch_t *epoch = group->epoch;
    const mls_key_package_t *kp = welcome->key_package;
    mls_status_t status =
        mls_check(group->crypto, MLS_RULE_W13, find_own_leaf(group, &epoch->own_leaf, encoded));
    if (status != MLS_OK)
        return status;
    epoch->signature_key = kp->signature_key;
    mls_private_keys_set(&epoch->private_keys, mls_node_of_leaf(epoch->own_leaf),
                         &kp->encryption_private_key);
    return take_path_secret(group, welcome);
}

/* ---- the epoch ----------------------------------------------------------------------------------- */

static mls_status_t enter_epoch(mls_group_t *group, const mls_welcome_t *welcome)
{
    mls_epoch_t *epoch = group->epoch;
    mls_crypto_t *crypto = group->crypto;
    const mls_view_t confirmed = epoch->context.confirmed_transcript_hash;
    mls_status_t status;

    if ((status = mls_epoch_secrets_derive(crypto, group->suite, &epoch->secrets, &welcome->joiner_secret,
                                           &welcome->psk_secret, mls_bytes_view(&epoch->context_bytes))) !=
            MLS_OK ||
        (status = mls_confirmation_tag(crypto, group->suite, &epoch->confirmation_tag,
                                       &epoch->secrets.confirmation_key, confirmed)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_W15,
                            mls_tag_equal(&epoch->confirmation_tag, welcome->info.confirmation_tag))) !=
            MLS_OK ||
        (status = mls_interim_transcript_hash(crypto, group->suite, &epoch->interim_transcript_hash,
                                              confirmed, mls_secret_view(&epoch->confirmation_tag))) !=
            MLS_OK)
        return status;
    return mls_epoch_plant_trees(epoch, group->suite, group->view.summary.num_leaves);
}

static mls_status_t join(mls_group_t *group, const mls_welcome_t *welcome, mls_view_t ratchet_tree)
{
    const mls_group_info_t *info = &welcome->info;
    mls_key_package_data_t own;
    mls_status_t status;

    if ((status = mls_key_package_decode(welcome->key_package, &own)) != MLS_OK ||
        (status = mls_epoch_new(&group->epoch)) != MLS_OK ||
        (status = mls_epoch_set_context(group->epoch, &info->context)) != MLS_OK ||
        (status = mls_group_take_tree(group, info, ratchet_tree, own.leaf_encoded)) != MLS_OK ||
        (status = take_own_leaf(group, welcome, own.leaf_encoded)) != MLS_OK)
        return status;
    if (welcome->origin != NULL &&
        (status = mls_subgroup_check(group, &group->view, welcome->origin, welcome->origin_psk)) != MLS_OK)
        return status;
    return enter_epoch(group, welcome);
}

mls_status_t mls_group_join(mls_group_t **out, uint32_t *signer, mls_crypto_t *crypto,
                            const mls_group_config_t *config, const mls_welcome_t *welcome,
                            mls_view_t ratchet_tree)
{
    mls_group_t *group;
    mls_status_t status;

    *out = NULL;
    if (signer != NULL)
        *signer = UINT32_MAX;
    if ((status = mls_group_new(&group, crypto, welcome->suite, config)) != MLS_OK)
        return status;
    if ((status = join(group, welcome, ratchet_tree)) != MLS_OK) {
        mls_group_free(group);
        return status;
    }
    if (signer != NULL)
        *signer = welcome->info.signer;
    *out = group;
    return MLS_OK;
}
