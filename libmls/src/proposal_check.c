#include "proposal_check.h"
#include "app_data.h"
#include "external_senders.h"

/* ---- who may propose what ------------------------------------------------------------------------ */

/* Rules P7 and P9 (RFC 9420, Section 12.1.8). */
static mls_status_t check_sender(const mls_proposal_traits_t *traits, const mls_sender_t *sender,
                                 const mls_apply_t *where)
{
    bool good;
    mls_status_t status = mls_check(where->crypto, MLS_RULE_P7, traits->type != MLS_PROPOSAL_EXTERNAL_INIT);
    if (status != MLS_OK)
        return status;
    switch (sender->type) {
    case MLS_SENDER_MEMBER:
        good = true;
        break;
    case MLS_SENDER_EXTERNAL:
        good = traits->from_external_sender;
        break;
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        good = traits->type == MLS_PROPOSAL_ADD;
        break;
    default:
        good = false;
        break;
    }
    return mls_check(where->crypto, MLS_RULE_P9, good);
}

/* ---- what members support ------------------------------------------------------------------------ */

mls_status_t mls_check_type_supported(const mls_apply_t *where, uint16_t type)
{
    mls_required_t required;
    mls_status_t status = mls_required_read(where->crypto, &required, where->epoch->context.extensions);
    bool good = true;

    /* What required_capabilities asks for, everybody has. */
    if (status != MLS_OK || mls_proposal_is_default(type) || mls_u16s_contain(&required.proposals, type))
        return status;
    for (uint32_t i = 0; good && mls_tree_next_leaf(where->overlay, &i); i++) {
        const mls_leaf_node_t leaf = mls_tree_leaf_decode(mls_tree_leaf(where->overlay, i));
        good = mls_leaf_node_supports_proposal(&leaf, type);
    }
    return mls_check(where->crypto, MLS_RULE_Q11, good);
}

/* ---- PSKs (RFC 9420, Sections 8.4 and 12.1.4) ---------------------------------------------------- */

/* The PSK of a reinitialisation or a branch stands in the first Commit of the group that it begins. */
static bool is_of_origin(const mls_pre_shared_key_id_t *psk, const mls_apply_t *where)
{
    const mls_origin_t *origin = &where->epoch->origin;
    return psk->usage == origin->usage && psk->psk_epoch == origin->epoch &&
           mls_view_equal(psk->id, mls_bytes_view(&origin->group_id)) &&
           where->committer.type == MLS_SENDER_MEMBER && where->epoch->context.epoch == 0;
}

mls_status_t mls_check_psk(const mls_proposal_t *proposal, const mls_apply_t *where)
{
    const mls_pre_shared_key_id_t *psk = &proposal->psk;
    const bool good_usage =
        psk->type == MLS_PSK_EXTERNAL || psk->usage == MLS_PSK_USAGE_APPLICATION || is_of_origin(psk, where);
    return mls_check(where->crypto, MLS_RULE_P5, psk->nonce.len == where->suite->hash->len && good_usage);
}

/* ---- extensions of the GroupContext -------------------------------------------------------------- */

static mls_status_t check_dictionary(const mls_apply_t *where, mls_view_t extensions)
{
    mls_app_data_dictionary_t dictionary;
    mls_arena_t arena = { 0 };
    mls_status_t status = mls_app_data_read(&dictionary, &arena, where->crypto, extensions);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mls_check_context_extensions(const mls_apply_t *where, mls_view_t before, mls_view_t extensions)
{
    const mls_external_senders_rules_t rules = { where->crypto, where->suite, where->config,
                                                 where->epoch->context.group_id };
    mls_status_t status;
    if ((status = mls_context_extensions_check(where->crypto, &where->config->limits, extensions)) !=
            MLS_OK ||
        (status = check_dictionary(where, extensions)) != MLS_OK)
        return status;
    return mls_external_senders_check(&rules, before, extensions);
}

/* Rule A5: where every member knows AppDataUpdate, nothing else changes the dictionary. */
static mls_status_t check_dictionary_stays(const mls_apply_t *where, mls_view_t extensions)
{
    const mls_view_t old = where->epoch->context.extensions;
    mls_required_t required;
    mls_view_t before, after;
    mls_status_t status = mls_required_read(where->crypto, &required, old);

    if (status != MLS_OK || !mls_u16s_contain(&required.proposals, MLS_PROPOSAL_APP_DATA_UPDATE))
        return status;
    const bool had = mls_extensions_find(&before, old, MLS_EXTENSION_APP_DATA_DICTIONARY) == MLS_OK;
    const bool has = mls_extensions_find(&after, extensions, MLS_EXTENSION_APP_DATA_DICTIONARY) == MLS_OK;
    return mls_check(where->crypto, MLS_RULE_A5, had == has && mls_view_equal(before, after));
}

static mls_status_t check_new_extensions(const mls_apply_t *where, mls_view_t extensions)
{
    mls_status_t status = mls_check_context_extensions(where, where->epoch->context.extensions, extensions);
    return status == MLS_OK ? check_dictionary_stays(where, extensions) : status;
}

/* ---- the application's verdict ------------------------------------------------------------------- */

void mls_proposal_describe(mls_proposal_info_t *out, const mls_proposal_t *proposal,
                           const mls_sender_t *sender)
{
    const mls_key_package_data_t *kp = &proposal->key_package;
    const bool is_of_sender =
        proposal->type == MLS_PROPOSAL_UPDATE || proposal->type == MLS_PROPOSAL_SELF_REMOVE;

    *out = (mls_proposal_info_t){ .type = proposal->type,
                                  .sender_type = (mls_sender_type_t)sender->type,
                                  .sender = sender->index,
                                  .leaf_index = is_of_sender ? sender->index : proposal->removed,
                                  .psk = { .is_resumption = proposal->psk.type == MLS_PSK_RESUMPTION,
                                           .id = proposal->psk.id,
                                           .psk_epoch = proposal->psk.psk_epoch },
                                  .group_id = proposal->group_id,
                                  .version = proposal->version,
                                  .cipher_suite = proposal->cipher_suite,
                                  .extensions = proposal->extensions,
                                  .component_id = proposal->component_id,
                                  .is_removal = proposal->op == MLS_APP_DATA_OP_REMOVE,
                                  .data = proposal->data,
                                  .encoded = proposal->encoded };
    if (proposal->type == MLS_PROPOSAL_ADD) {
        out->leaf_index = UINT32_MAX;
        out->key_package = proposal->key_package_encoded;
        mls_leaf_node_info(&out->leaf, &kp->leaf, kp->leaf_encoded, UINT32_MAX);
        out->leaf.init_key = kp->init_key;
    } else if (proposal->type == MLS_PROPOSAL_UPDATE) {
        mls_leaf_node_info(&out->leaf, &proposal->leaf, proposal->leaf_encoded, sender->index);
    }
}

static mls_status_t judge_ephemeral(const mls_proposal_t *proposal, const mls_apply_t *where)
{
    const mls_components_t *components = &where->config->components;
    mls_status_t status =
        components->ephemeral == NULL
            ? MLS_ERR_REJECTED
            : components->ephemeral(components->arg, proposal->component_id, proposal->data);
    return status == MLS_OK ? MLS_OK : mls_refuse(where->crypto, MLS_RULE_A1, status);
}

mls_status_t mls_check_judged(const mls_proposal_t *proposal, const mls_sender_t *sender,
                              const mls_apply_t *where)
{
    mls_proposal_traits_t traits;
    mls_proposal_info_t info;

    if (proposal->type == MLS_PROPOSAL_APP_EPHEMERAL)
        return judge_ephemeral(proposal, where);
    if (!mls_proposal_traits_find(&traits, where->config, proposal->type))
        return MLS_ERR_UNSUPPORTED; /* cannot be: rule E6_PROPOSAL has been checked */
    if (!traits.is_custom || where->config->judge == NULL)
        return MLS_OK;
    mls_proposal_describe(&info, proposal, sender);
    mls_status_t status = where->config->judge(where->config->judge_arg, &info);
    return status == MLS_OK ? MLS_OK : mls_refuse(where->crypto, MLS_RULE_Q11_JUDGED, status);
}

/* ---- one proposal -------------------------------------------------------------------------------- */

mls_status_t mls_check_reinit(const mls_proposal_t *proposal, const mls_apply_t *where)
{
    mls_status_t status =
        mls_check(where->crypto, MLS_RULE_P6, proposal->version >= where->epoch->context.version);
    return status == MLS_OK
               ? mls_context_extensions_check(where->crypto, &where->config->limits, proposal->extensions)
               : status;
}

mls_status_t mls_proposal_check(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                const mls_apply_t *where)
{
    const mls_view_t extensions = where->epoch->context.extensions;
    mls_proposal_traits_t traits;
    mls_status_t status;

    if ((status = mls_check(where->crypto, MLS_RULE_E6_PROPOSAL,
                            mls_proposal_traits_find(&traits, where->config, proposal->type))) != MLS_OK ||
        (status = check_sender(&traits, sender, where)) != MLS_OK)
        return status;
    switch (proposal->type) {
    case MLS_PROPOSAL_ADD:
        return mls_check_added(where, &proposal->key_package, extensions, false);
    case MLS_PROPOSAL_UPDATE:
        return mls_check_successor(where, MLS_LEAF_IN_UPDATE, sender->index, &proposal->leaf,
                                   proposal->leaf_encoded, extensions, false);
    case MLS_PROPOSAL_REMOVE:
        return mls_check(where->crypto, MLS_RULE_P4,
                         mls_tree_leaf(where->overlay, proposal->removed) != NULL);
    case MLS_PROPOSAL_PSK:
        return mls_check_psk(proposal, where);
    case MLS_PROPOSAL_REINIT:
        return mls_check_reinit(proposal, where);
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        return check_new_extensions(where, proposal->extensions);
    default:
        return mls_check_judged(proposal, sender, where);
    }
}
