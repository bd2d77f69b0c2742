#include "subgroup.h"
#include "bytes.h"

#include <stdlib.h>

/* ---- who the members are (RFC 9420, Section 5.3.1: "reference identifiers") ---------------------- */

/* What the members of a group are known by, sorted. */
typedef struct identifiers {
    mls_bytes_t *items;
    size_t count;
} identifiers_t;

static void clear_identifiers(identifiers_t *list)
{
    for (size_t i = 0; i < list->count; i++)
        mls_bytes_clear(&list->items[i]);
    free(list->items);
}

static int compare_bytes(const void *a, const void *b)
{
    const mls_bytes_t *x = a, *y = b;
    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->len == 0 ? 0 : memcmp(x->data, y->data, x->len);
}

static mls_status_t identify(mls_bytes_t *out, const mls_authentication_t *authentication,
                             const mls_leaf_info_t *leaf)
{
    if (authentication->identify != NULL)
        return authentication->identify(authentication->arg, out, leaf);
    mls_status_t status = mls_bytes_alloc(out, 2 + leaf->identity.len);
    if (status != MLS_OK)
        return status;
    out->data[0] = (uint8_t)(leaf->credential_type >> 8);
    out->data[1] = (uint8_t)leaf->credential_type;
    if (leaf->identity.len > 0)
        memcpy(out->data + 2, leaf->identity.data, leaf->identity.len);
    return MLS_OK;
}

static mls_status_t list_identifiers(identifiers_t *list, const mls_authentication_t *authentication,
                                     const mls_tree_overlay_t *overlay)
{
    mls_status_t status = MLS_OK;
    mls_leaf_info_t info;

    if ((list->items = calloc((size_t)overlay->summary.num_members + 1, sizeof *list->items)) == NULL)
        return MLS_ERR_NOMEM;
    for (uint32_t i = 0; status == MLS_OK && mls_tree_next_leaf(overlay, &i); i++) {
        const mls_tree_leaf_t *leaf = mls_tree_leaf(overlay, i);
        const mls_leaf_node_t node = mls_tree_leaf_decode(leaf);
        mls_leaf_node_info(&info, &node, mls_tree_leaf_encoded(leaf), i);
        status = identify(&list->items[list->count++], authentication, &info);
    }
    qsort(list->items, list->count, sizeof *list->items, compare_bytes);
    return status;
}

/* Whether `all` has each of `some`; as often as it stands there, where `each_once`. */
static bool has_all(const identifiers_t *all, const identifiers_t *some, bool each_once)
{
    size_t at = 0;
    for (size_t i = 0; i < some->count; i++) {
        while (at < all->count && compare_bytes(&all->items[at], &some->items[i]) < 0)
            at++;
        if (at == all->count || compare_bytes(&all->items[at], &some->items[i]) != 0)
            return false;
        at += each_once;
    }
    return true;
}

/* A reinitialised group has all members of the old one, a branch none that the old one has not. */
static mls_status_t check_members(const mls_group_t *group, const mls_tree_overlay_t *overlay,
                                  const mls_group_t *old, bool is_reinit)
{
    const mls_authentication_t *authentication = &group->config.authentication;
    identifiers_t new_members = { 0 }, old_members = { 0 };
    mls_status_t status = list_identifiers(&new_members, authentication, overlay);
    if (status == MLS_OK)
        status = list_identifiers(&old_members, authentication, &old->view);
    if (status == MLS_OK)
        status = mls_check(group->crypto, MLS_RULE_W17_MEMBERS,
                           is_reinit ? has_all(&new_members, &old_members, true)
                                     : has_all(&old_members, &new_members, false));
    clear_identifiers(&new_members);
    clear_identifiers(&old_members);
    return status;
}

/* ---- whether a group follows on another ---------------------------------------------------------- */

mls_status_t mls_group_reinit(const mls_group_t *group, mls_reinit_info_t *out)
{
    mls_proposal_t proposal;
    *out = (mls_reinit_info_t){ 0 };
    if (group->epoch->reinit.len == 0)
        return MLS_ERR_NOT_FOUND;
    mls_status_t status = mls_proposal_decode(&proposal, mls_bytes_view(&group->epoch->reinit));
    if (status == MLS_OK)
        *out = (mls_reinit_info_t){ .group_id = proposal.group_id,
                                    .version = proposal.version,
                                    .cipher_suite = proposal.cipher_suite,
                                    .extensions = proposal.extensions };
    return status;
}

static bool is_as_asked(const mls_group_context_t *context, const mls_reinit_info_t *reinit)
{
    return mls_view_equal(context->group_id, reinit->group_id) && context->version == reinit->version &&
           context->cipher_suite == reinit->cipher_suite &&
           mls_view_equal(context->extensions, reinit->extensions);
}

static mls_status_t check_context(const mls_group_t *group, const mls_group_t *old,
                                  const mls_pre_shared_key_id_t *psk)
{
    const mls_group_context_t *context = &group->epoch->context, *before = &old->epoch->context;
    mls_reinit_info_t reinit;

    if (psk->usage == MLS_PSK_USAGE_BRANCH)
        return mls_check(group->crypto, MLS_RULE_W17_BRANCH,
                         context->version == before->version &&
                             context->cipher_suite == before->cipher_suite);
    return mls_check(group->crypto, MLS_RULE_W17_REINIT,
                     mls_group_reinit(old, &reinit) == MLS_OK && psk->psk_epoch == before->epoch &&
                         is_as_asked(context, &reinit));
}

mls_status_t mls_subgroup_check(const mls_group_t *group, const mls_tree_overlay_t *overlay,
                                const mls_group_t *old, const mls_pre_shared_key_id_t *psk)
{
    mls_status_t status;
    if ((status = mls_check(group->crypto, MLS_RULE_W17_EPOCH, group->epoch->context.epoch == 1)) != MLS_OK ||
        (status = check_context(group, old, psk)) != MLS_OK)
        return status;
    return check_members(group, overlay, old, psk->usage == MLS_PSK_USAGE_REINIT);
}

/* ---- making one ---------------------------------------------------------------------------------- */

typedef struct maker {
    const mls_group_t *old;
    const mls_group_config_t *config;
    const mls_subgroup_options_t *options;
    uint8_t usage;
    mls_view_t group_id;
    mls_view_t extensions; /* encoded */
    mls_arena_t arena;
} maker_t;

static mls_status_t decode_extensions(maker_t *m, mls_extensions_t *out)
{
    mls_extension_t item;
    size_t count = 0;
    for (size_t at = 0; mls_extensions_next(&item, m->extensions, &at) == MLS_OK;)
        count++;
    *out = (mls_extensions_t){ .items = mls_arena_alloc(&m->arena, (count + 1) * sizeof *out->items) };
    if (out->items == NULL)
        return MLS_ERR_NOMEM;
    for (size_t at = 0; mls_extensions_next(&item, m->extensions, &at) == MLS_OK;)
        out->items[out->count++] = item;
    return MLS_OK;
}

static mls_status_t create(maker_t *m, mls_group_t **out)
{
    const mls_extensions_t *extensions = m->options->extensions;
    mls_extensions_t decoded;
    mls_status_t status = MLS_OK;
    if (m->usage == MLS_PSK_USAGE_REINIT || extensions == NULL) {
        status = decode_extensions(m, &decoded);
        extensions = &decoded;
    }
    return status == MLS_OK ? mls_group_create(out, m->old->crypto, m->config, m->options->key_package,
                                               m->group_id, extensions)
                            : status;
}

static mls_status_t set_origin(const maker_t *m, mls_group_t *group)
{
    mls_origin_t *origin = &group->epoch->origin;
    origin->usage = m->usage;
    origin->epoch = mls_group_epoch(m->old);
    origin->psk = m->old->epoch->secrets.resumption_psk;
    return mls_bytes_copy(&origin->group_id, mls_group_id(m->old));
}

static mls_status_t add_members(maker_t *m, mls_group_t *group, mls_pending_commit_t **commit)
{
    const mls_subgroup_options_t *options = m->options;
    mls_proposal_spec_t *adds = mls_arena_alloc(&m->arena, (options->num_key_packages + 1) * sizeof *adds);
    mls_status_t status;

    if (adds == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < options->num_key_packages; i++)
        adds[i] = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD, .key_package = options->key_packages[i] };
    const mls_commit_options_t how = { .proposals = adds,
                                       .num_proposals = options->num_key_packages,
                                       .leaf_hook = options->leaf_hook,
                                       .now = options->now };
    if ((status = mls_group_commit(group, commit, &how)) != MLS_OK)
        return status;
    return check_members(group, &(*commit)->staged->overlay, m->old, m->usage == MLS_PSK_USAGE_REINIT);
}

static mls_status_t make(maker_t *m, mls_group_t **out, mls_pending_commit_t **commit)
{
    mls_group_t *group = NULL;
    mls_pending_commit_t *pending = NULL;
    mls_status_t status;

    if ((status = create(m, &group)) == MLS_OK && (status = set_origin(m, group)) == MLS_OK)
        status = add_members(m, group, &pending);
    mls_arena_clear(&m->arena);
    if (status != MLS_OK) {
        mls_group_free(group);
        return status;
    }
    *out = group;
    *commit = pending;
    return MLS_OK;
}

mls_status_t mls_group_reinitialize(mls_group_t **out, mls_pending_commit_t **commit, const mls_group_t *old,
                                    const mls_group_config_t *config, const mls_subgroup_options_t *options)
{
    mls_reinit_info_t reinit;
    mls_status_t status = mls_group_reinit(old, &reinit);
    maker_t m = { .old = old,
                  .config = config,
                  .options = options,
                  .usage = MLS_PSK_USAGE_REINIT,
                  .group_id = reinit.group_id,
                  .extensions = reinit.extensions };
    *out = NULL;
    *commit = NULL;
    if (status == MLS_ERR_NOT_FOUND || old->is_removed)
        return MLS_ERR_STATE;
    if (status == MLS_OK && reinit.version != MLS_VERSION_MLS10)
        return MLS_ERR_UNSUPPORTED;
    if (status == MLS_OK && reinit.cipher_suite != mls_key_package_cipher_suite(options->key_package))
        return MLS_ERR_ARGUMENT;
    return status == MLS_OK ? make(&m, out, commit) : status;
}

mls_status_t mls_group_branch(mls_group_t **out, mls_pending_commit_t **commit, const mls_group_t *old,
                              const mls_group_config_t *config, const mls_subgroup_options_t *options)
{
    maker_t m = { .old = old,
                  .config = config,
                  .options = options,
                  .usage = MLS_PSK_USAGE_BRANCH,
                  .group_id = options->group_id,
                  .extensions = old->epoch->context.extensions };
    *out = NULL;
    *commit = NULL;
    if (!mls_group_is_active(old))
        return MLS_ERR_STATE;
    if (old->suite->id != mls_key_package_cipher_suite(options->key_package))
        return MLS_ERR_ARGUMENT;
    return make(&m, out, commit);
}
