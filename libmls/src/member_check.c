#include "member_check.h"

mls_status_t mls_authenticate_leaf(const mls_apply_t *where, mls_leaf_purpose_t purpose,
                                   const mls_leaf_info_t *leaf, const mls_leaf_info_t *predecessor)
{
    const mls_leaf_candidate_t candidate = { .purpose = purpose,
                                             .cipher_suite = where->suite->id,
                                             .group_id = where->epoch->context.group_id,
                                             .leaf = *leaf,
                                             .predecessor = predecessor };
    return mls_authenticate(where->crypto, &where->config->authentication, &candidate);
}

static mls_leaf_rules_t leaf_rules(const mls_apply_t *where, mls_leaf_node_source_t source)
{
    return (mls_leaf_rules_t){ .limits = &where->config->limits,
                               .max_lifetime = where->config->max_lifetime,
                               .now = where->now,
                               .source = source };
}

/* Rule L3: the leaf knows every type of credential in use, and everybody knows its own. */
static mls_status_t check_credential(const mls_apply_t *where, const mls_leaf_node_t *leaf)
{
    const mls_tree_overlay_t *overlay = where->overlay;
    bool known = true, in_use = false;
    uint16_t type;

    for (size_t n = 0; mls_tree_credential(overlay, &type, n); n++) {
        known = known && mls_u16s_contain(&leaf->capabilities.credentials, type);
        in_use = in_use || type == leaf->credential.type;
    }
    /* A type that is in use is known to all already: only a new one has to be looked for. */
    for (uint32_t i = 0; known && !in_use && mls_tree_next_leaf(overlay, &i); i++) {
        const mls_leaf_node_t other = mls_tree_leaf_decode(mls_tree_leaf(overlay, i));
        known = mls_u16s_contain(&other.capabilities.credentials, leaf->credential.type);
    }
    return mls_check(where->crypto, MLS_RULE_L3, known);
}

static mls_status_t check_keys(const mls_apply_t *where, const mls_leaf_node_t *leaf, bool new_signature_key)
{
    mls_status_t status = mls_check(
        where->crypto, MLS_RULE_L7,
        !new_signature_key || !mls_tree_has_key(where->overlay, leaf->signature_key, MLS_KEY_SIGNATURE));
    return status == MLS_OK
               ? mls_check(where->crypto, MLS_RULE_L8,
                           !mls_tree_has_key(where->overlay, leaf->encryption_key, MLS_KEY_ENCRYPTION))
               : status;
}

mls_status_t mls_check_joiner(const mls_apply_t *where, uint32_t leaf_index, const mls_leaf_node_t *leaf,
                              mls_view_t encoded, mls_view_t extensions, const mls_leaf_info_t *former,
                              bool is_signed_here)
{
    const mls_leaf_rules_t rules = leaf_rules(where, MLS_LEAF_NODE_SOURCE_COMMIT);
    const mls_leaf_place_t place = { where->epoch->context.group_id, leaf_index };
    mls_leaf_info_t info;
    mls_status_t status;

    if ((status = mls_leaf_node_check(where->crypto, where->suite, leaf, &rules)) != MLS_OK ||
        (status = mls_check(where->crypto, MLS_RULE_L6_KEY,
                            former == NULL ||
                                !mls_view_equal(former->encryption_key, leaf->encryption_key))) != MLS_OK ||
        (status = check_keys(where, leaf, true)) != MLS_OK ||
        (status = check_credential(where, leaf)) != MLS_OK ||
        (status = mls_leaf_node_check_extensions(where->crypto, leaf, extensions)) != MLS_OK ||
        (!is_signed_here &&
         (status = mls_leaf_node_verify(where->crypto, where->suite, leaf, &place)) != MLS_OK))
        return status;
    mls_leaf_node_info(&info, leaf, encoded, leaf_index);
    /* Without an Authentication Service, only an equal credential makes a leaf the successor of another. */
    const bool same =
        former == NULL || where->config->authentication.validate != NULL ||
        (former->credential_type == info.credential_type && mls_view_equal(former->identity, info.identity));
    if ((status = mls_check(where->crypto, MLS_RULE_X2, same)) != MLS_OK)
        return status;
    return mls_authenticate_leaf(where, MLS_LEAF_IN_COMMIT, &info, former);
}

mls_status_t mls_check_successor(const mls_apply_t *where, mls_leaf_purpose_t purpose, uint32_t leaf_index,
                                 const mls_leaf_node_t *leaf, mls_view_t encoded, mls_view_t extensions,
                                 bool is_signed_here)
{
    const bool is_update = purpose == MLS_LEAF_IN_UPDATE;
    const mls_leaf_rules_t rules =
        leaf_rules(where, is_update ? MLS_LEAF_NODE_SOURCE_UPDATE : MLS_LEAF_NODE_SOURCE_COMMIT);
    const mls_leaf_place_t place = { where->epoch->context.group_id, leaf_index };
    const mls_tree_leaf_t *old = mls_tree_leaf(where->overlay, leaf_index);
    mls_leaf_info_t info, old_info;
    mls_status_t status;

    if ((status = mls_check(where->crypto, MLS_RULE_M13, old != NULL)) != MLS_OK)
        return status;
    const mls_leaf_node_t old_leaf = mls_tree_leaf_decode(old);
    const bool same_signature_key = mls_view_equal(old_leaf.signature_key, leaf->signature_key);
    if ((status = mls_leaf_node_check(where->crypto, where->suite, leaf, &rules)) != MLS_OK ||
        (status = mls_check(where->crypto, MLS_RULE_L6_KEY,
                            !mls_view_equal(old_leaf.encryption_key, leaf->encryption_key))) != MLS_OK ||
        (status = check_keys(where, leaf, !same_signature_key)) != MLS_OK ||
        (status = check_credential(where, leaf)) != MLS_OK ||
        (status = mls_leaf_node_check_extensions(where->crypto, leaf, extensions)) != MLS_OK ||
        (!is_signed_here &&
         (status = mls_leaf_node_verify(where->crypto, where->suite, leaf, &place)) != MLS_OK))
        return status;
    mls_leaf_node_info(&info, leaf, encoded, leaf_index);
    mls_leaf_node_info(&old_info, &old_leaf, mls_tree_leaf_encoded(old), leaf_index);
    return mls_authenticate_leaf(where, purpose, &info, &old_info);
}

mls_status_t mls_check_added(const mls_apply_t *where, const mls_key_package_data_t *kp,
                             mls_view_t extensions, bool is_verified)
{
    const mls_leaf_rules_t rules = leaf_rules(where, MLS_LEAF_NODE_SOURCE_KEY_PACKAGE);
    mls_leaf_info_t info;
    mls_status_t status;

    if ((status = mls_key_package_check_fields(where->crypto, where->suite, kp, &rules)) != MLS_OK ||
        (!is_verified && (status = mls_key_package_verify(where->crypto, where->suite, kp)) != MLS_OK) ||
        (status = mls_leaf_node_check_extensions(where->crypto, &kp->leaf, extensions)) != MLS_OK ||
        (status = check_credential(where, &kp->leaf)) != MLS_OK)
        return status;
    mls_leaf_node_info(&info, &kp->leaf, kp->leaf_encoded, UINT32_MAX);
    info.init_key = kp->init_key;
    return mls_authenticate_leaf(where, MLS_LEAF_IN_ADD, &info, NULL);
}

mls_status_t mls_check_new_client(const mls_apply_t *where, const mls_leaf_node_t *leaf)
{
    mls_ratchet_tree_t *tree = where->overlay->tree;
    const mls_tree_overlay_t before = { .tree = tree, .summary = tree->summary };
    const bool was_there = mls_tree_has_key(&before, leaf->signature_key, MLS_KEY_SIGNATURE);
    mls_status_t status =
        mls_check(where->crypto, was_there ? MLS_RULE_Q6 : MLS_RULE_Q5,
                  !mls_tree_has_key(where->overlay, leaf->signature_key, MLS_KEY_SIGNATURE));
    return status == MLS_OK ? check_keys(where, leaf, false) : status;
}
