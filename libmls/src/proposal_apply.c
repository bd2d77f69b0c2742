#include "proposal_apply.h"
#include "app_data.h"
#include "bytes.h"
#include "shared_work.h"

#include <stdlib.h>

/* ---- the tree ------------------------------------------------------------------------------------ */

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

static mls_status_t apply_update(const mls_listed_proposal_t *item, const mls_apply_t *where,
                                 mls_view_t extensions)
{
    uint32_t leaf_index = item->leaf_index;
    mls_status_t status = mls_check(where->crypto, MLS_RULE_P9, item->sender.type == MLS_SENDER_MEMBER);
    if (status == MLS_OK)
        status = mls_check_successor(where, MLS_LEAF_IN_UPDATE, leaf_index, &item->proposal.leaf,
                                     item->proposal.leaf_encoded, extensions, false);
    return status == MLS_OK ? new_leaf(where, item->proposal.leaf_encoded, &leaf_index, false) : status;
}

/* ---- signatures of many KeyPackages --------------------------------------------------------------- */

enum { MIN_KEY_PACKAGES = 2, MAX_KEY_PACKAGES = 64 }; /* of one part */

typedef struct adds {
    mls_listed_proposal_t **items;
    size_t count, part;
    const mls_suite_t *suite;
} adds_t;

/* A KeyPackage that is not good is no failure here: who checks it verifies it again, and tells. */
static mls_status_t verify_part(mls_crypto_t *crypto, void *arg, size_t n)
{
    const adds_t *adds = arg;
    const size_t begin = n * adds->part;
    for (size_t i = begin; i < adds->count && i < begin + adds->part; i++) {
        mls_listed_proposal_t *item = adds->items[i];
        item->is_verified =
            mls_key_package_verify(crypto, adds->suite, &item->proposal.key_package) == MLS_OK;
    }
    return MLS_OK;
}

/* Side by side, where the host has threads; where not, each is verified when its turn comes. */
static mls_status_t verify_added(mls_proposal_list_t *list, const mls_apply_t *where)
{
    adds_t adds = { .suite = where->suite };
    adds.part = mls_part_of_work(where->crypto, list->count, MIN_KEY_PACKAGES, MAX_KEY_PACKAGES);
    if (where->crypto->config.workers.run == NULL || list->count <= adds.part)
        return MLS_OK;
    if ((adds.items = calloc(list->count, sizeof(mls_listed_proposal_t *))) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_ADD)
            adds.items[adds.count++] = &list->items[i];
    mls_offer_work(where->crypto, verify_part, &adds, (adds.count + adds.part - 1) / adds.part);
    free(adds.items);
    return MLS_OK;
}

/* A Remove, or a SelfRemove. */
static mls_status_t apply_remove(const mls_listed_proposal_t *item, const mls_apply_t *where)
{
    mls_status_t status =
        mls_check(where->crypto, MLS_RULE_P4, mls_tree_leaf(where->overlay, item->leaf_index) != NULL);
    return status == MLS_OK ? mls_tree_remove(where->overlay, item->leaf_index) : status;
}

/* An Add whose sender is checked once: a pending one was checked when it came, but keys and members may have
 * changed by the proposals before it in the list. */
static mls_status_t apply_add(mls_listed_proposal_t *item, const mls_apply_t *where, mls_view_t extensions)
{
    mls_status_t status;
    if ((status = mls_check_added(where, &item->proposal.key_package, extensions, item->is_verified)) !=
            MLS_OK ||
        (status = mls_check_new_client(where, &item->proposal.key_package.leaf)) != MLS_OK)
        return status;
    return new_leaf(where, item->proposal.key_package.leaf_encoded, &item->leaf_index, true);
}

static mls_status_t apply_one(mls_listed_proposal_t *item, const mls_apply_t *where, mls_view_t extensions)
{
    (void)mls_listed_proposal_target(item, &item->leaf_index);
    switch (item->proposal.type) {
    case MLS_PROPOSAL_UPDATE:
        return apply_update(item, where, extensions);
    case MLS_PROPOSAL_REMOVE:
    case MLS_PROPOSAL_SELF_REMOVE:
        return apply_remove(item, where);
    case MLS_PROPOSAL_ADD:
        return apply_add(item, where, extensions);
    case MLS_PROPOSAL_PSK:
        return mls_check_psk(&item->proposal, where);
    case MLS_PROPOSAL_REINIT:
        return mls_check_reinit(&item->proposal, where);
    default:
        return mls_check_judged(&item->proposal, &item->sender, where);
    }
}

/* ---- what members must support ------------------------------------------------------------------- */

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
static mls_status_t check_extensions_supported(const mls_apply_t *where, mls_view_t extensions)
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

/* Of those who process the Commit: who was removed does not, and who is added does not yet. */
static mls_status_t check_types_supported(const mls_proposal_list_t *list, const mls_apply_t *where)
{
    mls_index_list_t seen = { 0 };
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        const uint16_t type = list->items[i].proposal.type;
        if (mls_proposal_is_default(type) || mls_index_list_contains(&seen, type))
            continue;
        if ((status = mls_check_type_supported(where, type)) == MLS_OK)
            status = mls_index_list_insert(&seen, type);
    }
    mls_index_list_clear(&seen);
    return status;
}

/* ---- AppDataUpdate ------------------------------------------------------------------------------- */

/* The merge of the dictionary and what the Commit does to it, both in the order of the components. */
typedef struct app_data_merge {
    const mls_apply_t *where;
    mls_arena_t arena;
    mls_app_data_dictionary_t before, after;
    size_t at; /* the next entry of `before` */
} app_data_merge_t;

/* Takes over the entries below a component; the one of the component itself is `*entry`. */
static void take_entries(app_data_merge_t *m, const mls_component_data_t **entry, uint32_t component_id)
{
    while (m->at < m->before.count && m->before.items[m->at].component_id < component_id)
        m->after.items[m->after.count++] = m->before.items[m->at++];
    const bool found = m->at < m->before.count && m->before.items[m->at].component_id == component_id;
    *entry = found ? &m->before.items[m->at++] : NULL;
}

static mls_status_t ask_component(app_data_merge_t *m, mls_view_t *data, const mls_app_data_change_t *change)
{
    const mls_components_t *components = &m->where->config->components;
    mls_bytes_t new_data = { 0 };
    mls_status_t status = components->update == NULL ? MLS_ERR_REJECTED
                                                     : components->update(components->arg, &new_data, change);
    uint8_t *copy = mls_arena_alloc(&m->arena, new_data.len + 1);

    if (status == MLS_OK && copy == NULL)
        status = MLS_ERR_NOMEM;
    else if (status != MLS_OK)
        status = mls_refuse(m->where->crypto, MLS_RULE_A1, status);
    else if (new_data.len > 0)
        memcpy(copy, new_data.data, new_data.len);
    *data = mls_view(copy, new_data.len);
    mls_bytes_clear(&new_data);
    return status;
}

/* All that the Commit does to one component: the numbers order[0] to order[count - 1] of the list. */
static mls_status_t merge_component(app_data_merge_t *m, const mls_proposal_list_t *list, const size_t *order,
                                    size_t count)
{
    const mls_proposal_t *first = &list->items[order[0]].proposal;
    const mls_component_data_t *entry;
    mls_app_data_change_t change = { .component_id = first->component_id,
                                     .is_removal = first->op == MLS_APP_DATA_OP_REMOVE };
    mls_view_t *updates = mls_arena_alloc(&m->arena, count * sizeof *updates), data;
    mls_status_t status;

    if (updates == NULL)
        return MLS_ERR_NOMEM;
    take_entries(m, &entry, first->component_id);
    change.has_data = entry != NULL;
    change.data = entry != NULL ? entry->data : mls_view(NULL, 0);
    change.updates = updates;
    for (size_t i = 0; !change.is_removal && i < count; i++)
        updates[change.num_updates++] = list->items[order[i]].proposal.data;
    if ((status = mls_check(m->where->crypto, MLS_RULE_A3, !change.is_removal || change.has_data)) !=
            MLS_OK ||
        (status = ask_component(m, &data, &change)) != MLS_OK)
        return status;
    if (!change.is_removal)
        m->after.items[m->after.count++] = (mls_component_data_t){ change.component_id, data };
    return MLS_OK;
}

static mls_status_t merge_all(app_data_merge_t *m, const mls_proposal_list_t *list, mls_bytes_t *extensions)
{
    const mls_component_data_t *none;
    size_t *order, count;
    mls_bytes_t merged = { 0 };
    mls_status_t status;

    if ((status = mls_proposal_list_app_data(list, &m->arena, &order, &count)) != MLS_OK ||
        (status = mls_app_data_read(&m->before, &m->arena, m->where->crypto, mls_bytes_view(extensions))) !=
            MLS_OK)
        return status;
    m->after.items = mls_arena_alloc(&m->arena, (m->before.count + count) * sizeof *m->after.items);
    if (m->after.items == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0, n; status == MLS_OK && i < count; i += n) {
        const uint16_t component_id = list->items[order[i]].proposal.component_id;
        for (n = 1; i + n < count && list->items[order[i + n]].proposal.component_id == component_id;)
            n++;
        status = merge_component(m, list, order + i, n);
    }
    take_entries(m, &none, UINT32_MAX);
    if (status == MLS_OK &&
        (status = mls_app_data_write(&merged, mls_bytes_view(extensions), &m->after)) == MLS_OK)
        mls_bytes_move(extensions, &merged);
    return status;
}

static mls_status_t apply_app_data(const mls_proposal_list_t *list, mls_bytes_t *extensions,
                                   const mls_apply_t *where)
{
    app_data_merge_t m = { .where = where };
    if (mls_proposal_list_count(list, MLS_PROPOSAL_APP_DATA_UPDATE) == 0)
        return MLS_OK;
    mls_status_t status = merge_all(&m, list, extensions);
    mls_arena_clear(&m.arena);
    return status;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

/* The GroupContextExtensions, or the extensions as they are. */
static mls_status_t apply_extensions(const mls_proposal_list_t *list, mls_bytes_t *extensions,
                                     const mls_apply_t *where)
{
    mls_view_t view = where->epoch->context.extensions;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        const mls_listed_proposal_t *item = &list->items[i];
        if (item->proposal.type != MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
            continue;
        view = item->proposal.extensions;
        status = mls_proposal_check(&item->proposal, &item->sender, where);
    }
    return status == MLS_OK ? mls_bytes_copy(extensions, view) : status;
}

static mls_status_t apply_type(mls_proposal_list_t *list, uint16_t type, const mls_apply_t *where,
                               mls_view_t extensions)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++)
        if (list->items[i].proposal.type == type)
            status = apply_one(&list->items[i], where, extensions);
    return status;
}

/* AppEphemeral and custom types: they change nothing here. */
static mls_status_t judge_others(const mls_proposal_list_t *list, const mls_apply_t *where)
{
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++)
        status = mls_check_judged(&list->items[i].proposal, &list->items[i].sender, where);
    return status;
}

/* In the order of RFC 9420, Section 12.3, and of draft-ietf-mls-extensions for what it adds. */
static mls_status_t apply(mls_proposal_list_t *list, mls_bytes_t *extensions, const mls_apply_t *where)
{
    static const uint16_t leaving[] = { MLS_PROPOSAL_UPDATE, MLS_PROPOSAL_SELF_REMOVE, MLS_PROPOSAL_REMOVE };
    static const uint16_t coming[] = { MLS_PROPOSAL_ADD, MLS_PROPOSAL_PSK, MLS_PROPOSAL_REINIT };
    mls_status_t status = apply_extensions(list, extensions, where);

    for (size_t i = 0; status == MLS_OK && i < sizeof leaving / sizeof *leaving; i++)
        status = apply_type(list, leaving[i], where, mls_bytes_view(extensions));
    if (status == MLS_OK)
        status = check_types_supported(list, where);
    if (status == MLS_OK)
        status = verify_added(list, where);
    for (size_t i = 0; status == MLS_OK && i < sizeof coming / sizeof *coming; i++)
        status = apply_type(list, coming[i], where, mls_bytes_view(extensions));
    if (status != MLS_OK || (status = judge_others(list, where)) != MLS_OK ||
        (status = apply_app_data(list, extensions, where)) != MLS_OK)
        return status;
    return check_extensions_supported(where, mls_bytes_view(extensions));
}

mls_status_t mls_proposal_list_apply(mls_proposal_list_t *list, mls_bytes_t *extensions,
                                     const mls_apply_t *where)
{
    mls_bytes_t made = { 0 };
    mls_status_t status = mls_proposal_list_check(list, where->crypto, where->config, &where->committer);
    if (status == MLS_OK)
        status = apply(list, &made, where);
    if (status == MLS_OK)
        mls_bytes_move(extensions, &made);
    mls_bytes_clear(&made);
    return status;
}

/* What the last proposal makes of the extensions, if it is about them. Those of AppDataUpdates are applied
 * all together at the end, and only tried here. */
static mls_status_t try_extensions(mls_proposal_list_t *list, mls_bytes_t *extensions,
                                   const mls_apply_t *where, uint16_t type)
{
    const bool is_update = type == MLS_PROPOSAL_APP_DATA_UPDATE;
    mls_bytes_t made = { 0 };
    mls_status_t status =
        is_update ? mls_bytes_copy(&made, mls_bytes_view(extensions)) : apply_extensions(list, &made, where);
    if (status == MLS_OK && is_update)
        status = apply_app_data(list, &made, where);
    if (status == MLS_OK && (status = check_extensions_supported(where, mls_bytes_view(&made))) == MLS_OK &&
        !is_update)
        mls_bytes_move(extensions, &made);
    mls_bytes_clear(&made);
    return status;
}

mls_status_t mls_proposal_list_apply_last(mls_proposal_list_t *list, mls_bytes_t *extensions,
                                          const mls_apply_t *where)
{
    mls_listed_proposal_t *item = &list->items[list->count - 1];
    const uint16_t type = item->proposal.type;
    mls_status_t status;

    if ((status = mls_proposal_list_check(list, where->crypto, where->config, &where->committer)) != MLS_OK ||
        (status = mls_check_type_supported(where, type)) != MLS_OK)
        return status;
    return type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS || type == MLS_PROPOSAL_APP_DATA_UPDATE
               ? try_extensions(list, extensions, where, type)
               : apply_one(item, where, mls_bytes_view(extensions));
}
