#include "proposal_list.h"
#include "external_senders.h"

#include <stdlib.h>

static const uint64_t default_max_lifetime = 91 * 24 * 3600;

/* ---- the list ------------------------------------------------------------------------------------ */

void mls_proposal_list_clear(mls_proposal_list_t *list)
{
    free(list->items);
    *list = (mls_proposal_list_t){ 0 };
}

mls_status_t mls_proposal_list_push(mls_proposal_list_t *list, const mls_listed_proposal_t *item)
{
    if ((list->count & (list->count - 1)) == 0) { /* doubles at powers of two */
        const size_t cap = list->count == 0 ? 1 : 2 * list->count;
        mls_listed_proposal_t *items = realloc(list->items, cap * sizeof *items); /* public data only */
        if (items == NULL)
            return MLS_ERR_NOMEM;
        list->items = items;
    }
    list->items[list->count++] = *item;
    return MLS_OK;
}

static mls_status_t read_reference(mls_listed_proposal_t *item, mls_crypto_t *crypto,
                                   const mls_epoch_t *epoch, mls_view_t ref)
{
    const mls_pending_proposal_t *pending = mls_epoch_find_proposal(epoch, ref);
    mls_status_t status = mls_check(crypto, MLS_RULE_M5, pending != NULL);
    if (status != MLS_OK)
        return status;
    item->proposal = pending->proposal;
    item->sender = pending->content.content.sender;
    item->by_reference = true;
    item->ref = mls_secret_view(&pending->ref);
    item->pending = pending;
    return MLS_OK;
}

static bool has_reference(const mls_proposal_list_t *list, mls_view_t ref)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].by_reference && mls_view_equal(list->items[i].ref, ref))
            return true;
    return false;
}

mls_status_t mls_proposal_list_read(mls_proposal_list_t *list, mls_crypto_t *crypto,
                                    const mls_limits_t *limits, const mls_epoch_t *epoch,
                                    const mls_commit_t *commit, const mls_sender_t *committer)
{
    mls_status_t status = mls_check(crypto, MLS_RULE_Q13, commit->proposals.count <= limits->num_proposals);

    *list = (mls_proposal_list_t){ 0 };
    for (size_t i = 0; status == MLS_OK && i < commit->proposals.count; i++) {
        const mls_proposal_or_ref_t *from = &commit->proposals.items[i];
        mls_listed_proposal_t item = { .sender = *committer };
        if (from->type == MLS_BY_VALUE)
            status = mls_proposal_decode(&item.proposal, from->proposal);
        else if ((status = mls_check(crypto, MLS_RULE_M5_TWICE, !has_reference(list, from->reference))) ==
                 MLS_OK)
            status = read_reference(&item, crypto, epoch, from->reference);
        if (status == MLS_OK)
            status = mls_proposal_list_push(list, &item);
    }
    if (status != MLS_OK)
        mls_proposal_list_clear(list);
    return status;
}

/* RFC 9420, Section 17.4: the column "Path Required". */
static bool type_needs_path(uint16_t type)
{
    switch (type) {
    case MLS_PROPOSAL_ADD:
    case MLS_PROPOSAL_PSK:
    case MLS_PROPOSAL_REINIT:
        return false;
    default:
        return true;
    }
}

bool mls_proposal_list_needs_path(const mls_proposal_list_t *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (type_needs_path(list->items[i].proposal.type))
            return true;
    return list->count == 0;
}

bool mls_proposal_list_removes(const mls_proposal_list_t *list, uint32_t leaf)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_REMOVE && list->items[i].proposal.removed == leaf)
            return true;
    return false;
}

/* ---- leaves -------------------------------------------------------------------------------------- */

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
                               .max_lifetime = where->config->max_lifetime == 0 ? default_max_lifetime
                                                                                : where->config->max_lifetime,
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
                              mls_view_t encoded, mls_view_t extensions, const mls_leaf_info_t *former)
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
        (status = mls_leaf_node_verify(where->crypto, where->suite, leaf, &place)) != MLS_OK)
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
                                 const mls_leaf_node_t *leaf, mls_view_t encoded, mls_view_t extensions)
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
        (status = mls_leaf_node_verify(where->crypto, where->suite, leaf, &place)) != MLS_OK)
        return status;
    mls_leaf_node_info(&info, leaf, encoded, leaf_index);
    mls_leaf_node_info(&old_info, &old_leaf, mls_tree_leaf_encoded(old), leaf_index);
    return mls_authenticate_leaf(where, purpose, &info, &old_info);
}

/* ---- single proposals (RFC 9420, Section 12.1) --------------------------------------------------- */

static mls_status_t check_add(const mls_proposal_t *proposal, const mls_apply_t *where, mls_view_t extensions)
{
    const mls_key_package_data_t *kp = &proposal->key_package;
    const mls_leaf_rules_t rules = leaf_rules(where, MLS_LEAF_NODE_SOURCE_KEY_PACKAGE);
    mls_leaf_info_t info;
    mls_status_t status;

    if ((status = mls_key_package_check(where->crypto, where->suite, kp, &rules)) != MLS_OK ||
        (status = mls_leaf_node_check_extensions(where->crypto, &kp->leaf, extensions)) != MLS_OK ||
        (status = check_credential(where, &kp->leaf)) != MLS_OK)
        return status;
    mls_leaf_node_info(&info, &kp->leaf, kp->leaf_encoded, UINT32_MAX);
    info.init_key = kp->init_key;
    return mls_authenticate_leaf(where, MLS_LEAF_IN_ADD, &info, NULL);
}

static mls_status_t check_psk(const mls_proposal_t *proposal, const mls_apply_t *where)
{
    const mls_pre_shared_key_id_t *psk = &proposal->psk;
    return mls_check(where->crypto, MLS_RULE_P5,
                     psk->nonce.len == where->suite->hash->len &&
                         (psk->type == MLS_PSK_EXTERNAL || psk->usage == MLS_PSK_USAGE_APPLICATION));
}

/* Rule P9 and RFC 9420, Section 12.1.8: who from outside may propose what. */
static mls_status_t check_sender(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                 const mls_apply_t *where)
{
    bool good;
    mls_status_t status = mls_check(where->crypto, MLS_RULE_P7, proposal->type != MLS_PROPOSAL_EXTERNAL_INIT);
    if (status != MLS_OK)
        return status;
    switch (sender->type) {
    case MLS_SENDER_MEMBER:
        good = true;
        break;
    case MLS_SENDER_EXTERNAL:
        good = proposal->type == MLS_PROPOSAL_ADD || proposal->type == MLS_PROPOSAL_REMOVE ||
               proposal->type == MLS_PROPOSAL_PSK || proposal->type == MLS_PROPOSAL_REINIT ||
               proposal->type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS;
        break;
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        good = proposal->type == MLS_PROPOSAL_ADD;
        break;
    default:
        good = false;
        break;
    }
    return mls_check(where->crypto, MLS_RULE_P9, good);
}

mls_status_t mls_check_context_extensions(const mls_apply_t *where, mls_view_t before, mls_view_t extensions)
{
    const mls_external_senders_rules_t rules = { where->crypto, where->suite, where->config,
                                                 where->epoch->context.group_id };
    mls_status_t status = mls_context_extensions_check(where->crypto, &where->config->limits, extensions);
    return status == MLS_OK ? mls_external_senders_check(&rules, before, extensions) : status;
}

static mls_status_t check_extensions_list(const mls_apply_t *where, mls_view_t extensions)
{
    return mls_check_context_extensions(where, where->epoch->context.extensions, extensions);
}

mls_status_t mls_proposal_check(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                const mls_apply_t *where)
{
    const mls_view_t extensions = where->epoch->context.extensions;
    mls_status_t status = check_sender(proposal, sender, where);
    if (status != MLS_OK)
        return status;
    switch (proposal->type) {
    case MLS_PROPOSAL_ADD:
        return check_add(proposal, where, extensions);
    case MLS_PROPOSAL_UPDATE:
        return mls_check_successor(where, MLS_LEAF_IN_UPDATE, sender->index, &proposal->leaf,
                                   proposal->leaf_encoded, extensions);
    case MLS_PROPOSAL_REMOVE:
        return mls_check(where->crypto, MLS_RULE_P4,
                         mls_tree_leaf(where->overlay, proposal->removed) != NULL);
    case MLS_PROPOSAL_PSK:
        return check_psk(proposal, where);
    case MLS_PROPOSAL_REINIT:
        return mls_check(where->crypto, MLS_RULE_P6, proposal->version >= MLS_VERSION_MLS10);
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        return check_extensions_list(where, proposal->extensions);
    default:
        return MLS_ERR_UNSUPPORTED;
    }
}

/* ---- the list as a whole (RFC 9420, Section 12.2) ------------------------------------------------ */

static bool is_update_of(const mls_listed_proposal_t *item, uint32_t leaf)
{
    return item->proposal.type == MLS_PROPOSAL_UPDATE && item->sender.type == MLS_SENDER_MEMBER &&
           item->sender.index == leaf;
}

static size_t count_type(const mls_proposal_list_t *list, uint16_t type)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].proposal.type == type;
    return count;
}

/* Rule Q4: what is updated or removed, each once; marked in an ascending list. */
static mls_status_t check_targets(const mls_proposal_list_t *list, mls_crypto_t *crypto)
{
    mls_index_list_t targets = { 0 };
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        const mls_listed_proposal_t *item = &list->items[i];
        if (item->proposal.type != MLS_PROPOSAL_UPDATE && item->proposal.type != MLS_PROPOSAL_REMOVE)
            continue;
        const uint32_t target =
            item->proposal.type == MLS_PROPOSAL_REMOVE ? item->proposal.removed : item->sender.index;
        if ((status = mls_check(crypto, MLS_RULE_Q4, !mls_index_list_contains(&targets, target))) == MLS_OK)
            status = mls_index_list_insert(&targets, target);
    }
    mls_index_list_clear(&targets);
    return status;
}

/* Rule Q7. PSK proposals are few: a Commit bounds them. */
static mls_status_t check_psks(const mls_proposal_list_t *list, mls_crypto_t *crypto)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].proposal.type != MLS_PROPOSAL_PSK)
            continue;
        for (size_t j = 0; status == MLS_OK && j < i; j++)
            status = mls_check(
                crypto, MLS_RULE_Q7,
                list->items[j].proposal.type != MLS_PROPOSAL_PSK ||
                    !mls_pre_shared_key_id_same(&list->items[i].proposal.psk, &list->items[j].proposal.psk));
    }
    return status;
}

/* RFC 9420, Section 12.2, of an external Commit: one ExternalInit, the former leaf's Remove, PSKs, all by
 * value. Whose leaf it is that goes, the Authentication Service is asked with the leaf that comes. */
static mls_status_t check_external_list(const mls_proposal_list_t *list, const mls_apply_t *where)
{
    mls_crypto_t *crypto = where->crypto;
    const size_t num_removes = count_type(list, MLS_PROPOSAL_REMOVE);
    bool only_these = true, by_value = true;
    mls_status_t status;

    for (size_t i = 0; i < list->count; i++) {
        const uint16_t type = list->items[i].proposal.type;
        only_these = only_these && (type == MLS_PROPOSAL_EXTERNAL_INIT || type == MLS_PROPOSAL_REMOVE ||
                                    type == MLS_PROPOSAL_PSK);
        by_value = by_value && !list->items[i].by_reference;
    }
    if ((status = mls_check(crypto, MLS_RULE_X1, count_type(list, MLS_PROPOSAL_EXTERNAL_INIT) == 1)) !=
            MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_X2, num_removes <= 1)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_X4, only_these)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_X6, by_value)) != MLS_OK)
        return status;
    return check_psks(list, crypto);
}

static mls_status_t check_list(const mls_proposal_list_t *list, const mls_apply_t *where)
{
    mls_crypto_t *crypto = where->crypto;
    const uint32_t committer = where->committer.index;
    bool own_update = false;
    mls_status_t status;

    for (size_t i = 0; i < list->count; i++)
        own_update = own_update || is_update_of(&list->items[i], committer);
    if ((status = mls_check(crypto, MLS_RULE_Q2, !own_update)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q3, !mls_proposal_list_removes(list, committer))) != MLS_OK ||
        (status = check_targets(list, crypto)) != MLS_OK || (status = check_psks(list, crypto)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q8,
                            count_type(list, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS) <= 1)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q9,
                            count_type(list, MLS_PROPOSAL_REINIT) == 0 || list->count == 1)) != MLS_OK)
        return status;
    return mls_check(crypto, MLS_RULE_Q10, count_type(list, MLS_PROPOSAL_EXTERNAL_INIT) == 0);
}

/* ---- applying (RFC 9420, Section 12.3) ----------------------------------------------------------- */

static mls_status_t new_leaf(const mls_apply_t *where, mls_view_t encoded, uint32_t *leaf_index, bool add)
{
    mls_tree_leaf_t *leaf;
    mls_status_t status = mls_tree_leaf_new(&leaf, encoded);
    if (status != MLS_OK)
        return status;
    status = add ? mls_tree_add(where->overlay, leaf_index, leaf, where->config->limits.num_leaves)
                 : mls_tree_update(where->overlay, *leaf_index, leaf);
    mls_tree_leaf_release(leaf);
    return status;
}

static mls_status_t apply_update(mls_listed_proposal_t *item, const mls_apply_t *where, mls_view_t extensions)
{
    item->leaf_index = item->sender.index;
    mls_status_t status = mls_check(where->crypto, MLS_RULE_P9, item->sender.type == MLS_SENDER_MEMBER);
    if (status == MLS_OK)
        status = mls_check_successor(where, MLS_LEAF_IN_UPDATE, item->leaf_index, &item->proposal.leaf,
                                     item->proposal.leaf_encoded, extensions);
    return status == MLS_OK ? new_leaf(where, item->proposal.leaf_encoded, &item->leaf_index, false) : status;
}

static mls_status_t apply_remove(mls_listed_proposal_t *item, const mls_apply_t *where)
{
    item->leaf_index = item->proposal.removed;
    mls_status_t status =
        mls_check(where->crypto, MLS_RULE_P4, mls_tree_leaf(where->overlay, item->leaf_index) != NULL);
    return status == MLS_OK ? mls_tree_remove(where->overlay, item->leaf_index) : status;
}

/* Rules Q5 and Q6: who has a signature key that stands in the tree is the same client, added by this Commit
 * or a member before it. */
static mls_status_t check_client(const mls_apply_t *where, const mls_leaf_node_t *leaf)
{
    mls_ratchet_tree_t *tree = where->overlay->tree;
    const mls_tree_overlay_t before = { .tree = tree, .summary = tree->summary };
    const bool was_there = mls_tree_has_key(&before, leaf->signature_key, MLS_KEY_SIGNATURE);
    return mls_check(where->crypto, was_there ? MLS_RULE_Q6 : MLS_RULE_Q5,
                     !mls_tree_has_key(where->overlay, leaf->signature_key, MLS_KEY_SIGNATURE));
}

/* An Add whose sender is checked once: a pending one was checked when it came, but keys and members may have
 * changed by the proposals before it in the list. */
static mls_status_t apply_add(mls_listed_proposal_t *item, const mls_apply_t *where, mls_view_t extensions)
{
    mls_status_t status;
    if ((status = check_add(&item->proposal, where, extensions)) != MLS_OK ||
        (status = check_client(where, &item->proposal.key_package.leaf)) != MLS_OK ||
        (status = check_keys(where, &item->proposal.key_package.leaf, false)) != MLS_OK)
        return status;
    return new_leaf(where, item->proposal.key_package.leaf_encoded, &item->leaf_index, true);
}

static mls_status_t apply_one(mls_listed_proposal_t *item, const mls_apply_t *where, mls_view_t extensions)
{
    switch (item->proposal.type) {
    case MLS_PROPOSAL_UPDATE:
        return apply_update(item, where, extensions);
    case MLS_PROPOSAL_REMOVE:
        return apply_remove(item, where);
    case MLS_PROPOSAL_ADD:
        return apply_add(item, where, extensions);
    case MLS_PROPOSAL_PSK:
        return check_psk(&item->proposal, where);
    case MLS_PROPOSAL_REINIT:
        return mls_check(where->crypto, MLS_RULE_P6, item->proposal.version >= MLS_VERSION_MLS10);
    default:
        return MLS_OK;
    }
}

/* Whether two extension lists ask the same of members: same types, same required_capabilities. */
static bool ask_the_same(mls_view_t a, mls_view_t b)
{
    mls_extension_t extension;
    mls_view_t other, required_a = { 0 }, required_b = { 0 };
    for (size_t at = 0; mls_extensions_next(&extension, b, &at) == MLS_OK;)
        if (mls_extensions_find(&other, a, extension.type) != MLS_OK)
            return false;
    const mls_status_t has_a = mls_extensions_find(&required_a, a, MLS_EXTENSION_REQUIRED_CAPABILITIES);
    const mls_status_t has_b = mls_extensions_find(&required_b, b, MLS_EXTENSION_REQUIRED_CAPABILITIES);
    return has_b != MLS_OK || (has_a == MLS_OK && mls_view_equal(required_a, required_b));
}

/* Rule P8: members that stay support the new extensions. Only a list that asks for more makes it look at all
 * members. */
static mls_status_t check_members_support(const mls_apply_t *where, mls_view_t extensions)
{
    bool good = true;
    if (ask_the_same(where->epoch->context.extensions, extensions))
        return MLS_OK;
    for (uint32_t i = 0; good && mls_tree_next_leaf(where->overlay, &i); i++) {
        const mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(where->overlay, i));
        good = mls_leaf_node_check_extensions(where->crypto, &leaf, extensions) == MLS_OK;
    }
    return mls_check(where->crypto, MLS_RULE_P8, good);
}

mls_status_t mls_proposal_list_apply(mls_proposal_list_t *list, mls_view_t *extensions,
                                     const mls_apply_t *where)
{
    static const uint16_t order[] = { MLS_PROPOSAL_UPDATE, MLS_PROPOSAL_REMOVE, MLS_PROPOSAL_ADD,
                                      MLS_PROPOSAL_PSK, MLS_PROPOSAL_REINIT };
    const bool is_external = where->committer.type == MLS_SENDER_NEW_MEMBER_COMMIT;
    mls_status_t status = is_external ? check_external_list(list, where) : check_list(list, where);

    *extensions = where->epoch->context.extensions;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        if (list->items[i].proposal.type != MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
            continue;
        *extensions = list->items[i].proposal.extensions;
        status = check_extensions_list(where, *extensions);
    }
    for (size_t step = 0; step < sizeof order / sizeof *order; step++)
        for (size_t i = 0; status == MLS_OK && i < list->count; i++)
            if (list->items[i].proposal.type == order[step])
                status = apply_one(&list->items[i], where, *extensions);
    return status == MLS_OK ? check_members_support(where, *extensions) : status;
}

mls_status_t mls_proposal_list_apply_last(mls_proposal_list_t *list, mls_view_t *extensions,
                                          const mls_apply_t *where)
{
    mls_listed_proposal_t *item = &list->items[list->count - 1];
    mls_status_t status = check_list(list, where);

    if (status != MLS_OK || item->proposal.type != MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
        return status == MLS_OK ? apply_one(item, where, *extensions) : status;
    if ((status = check_extensions_list(where, item->proposal.extensions)) == MLS_OK &&
        (status = check_members_support(where, item->proposal.extensions)) == MLS_OK)
        *extensions = item->proposal.extensions;
    return status;
}
