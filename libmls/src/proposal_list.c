#include "proposal_list.h"
#include "app_data.h"
#include "proposal_type.h"

#include <stdlib.h>

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

/* ---- what can be asked of it --------------------------------------------------------------------- */

size_t mls_proposal_list_count(const mls_proposal_list_t *list, uint16_t type)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += list->items[i].proposal.type == type;
    return count;
}

bool mls_proposal_list_needs_path(const mls_proposal_list_t *list, const mls_group_config_t *config)
{
    mls_proposal_traits_t traits;
    for (size_t i = 0; i < list->count; i++)
        if (!mls_proposal_traits_find(&traits, config, list->items[i].proposal.type) || traits.needs_path)
            return true;
    return list->count == 0;
}

bool mls_listed_proposal_target(const mls_listed_proposal_t *item, uint32_t *leaf)
{
    switch (item->proposal.type) {
    case MLS_PROPOSAL_REMOVE:
        *leaf = item->proposal.removed;
        return true;
    case MLS_PROPOSAL_UPDATE:
    case MLS_PROPOSAL_SELF_REMOVE:
        *leaf = item->sender.index;
        return true;
    default:
        return false;
    }
}

bool mls_proposal_list_removes(const mls_proposal_list_t *list, uint32_t leaf)
{
    uint32_t target;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type != MLS_PROPOSAL_UPDATE &&
            mls_listed_proposal_target(&list->items[i], &target) && target == leaf)
            return true;
    return false;
}

/* ---- single rules -------------------------------------------------------------------------------- */

static bool has_update_of(const mls_proposal_list_t *list, uint32_t leaf)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_UPDATE && list->items[i].sender.index == leaf)
            return true;
    return false;
}

static mls_status_t check_known(const mls_proposal_list_t *list, mls_crypto_t *crypto,
                                const mls_group_config_t *config)
{
    mls_proposal_traits_t traits;
    bool known = true;
    for (size_t i = 0; known && i < list->count; i++)
        known = mls_proposal_traits_find(&traits, config, list->items[i].proposal.type);
    return mls_check(crypto, MLS_RULE_E6_PROPOSAL, known);
}

/* Rule Q4: what is updated or removed, each once. */
static mls_status_t check_targets(const mls_proposal_list_t *list, mls_crypto_t *crypto)
{
    mls_index_list_t targets = { 0 };
    uint32_t target;
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        if (!mls_listed_proposal_target(&list->items[i], &target))
            continue;
        if ((status = mls_check(crypto, MLS_RULE_Q4, !mls_index_list_contains(&targets, target))) == MLS_OK)
            status = mls_index_list_insert(&targets, target);
    }
    mls_index_list_clear(&targets);
    return status;
}

static int compare_psks(const void *a, const void *b)
{
    return mls_pre_shared_key_id_compare(*(const mls_pre_shared_key_id_t *const *)a,
                                         *(const mls_pre_shared_key_id_t *const *)b);
}

/* Rule Q7. A Commit may name as many as it has proposals: sorted, so that this stays cheap. */
static mls_status_t check_psks(const mls_proposal_list_t *list, mls_crypto_t *crypto)
{
    const size_t max = mls_proposal_list_count(list, MLS_PROPOSAL_PSK);
    const mls_pre_shared_key_id_t **ids = calloc(max + 1, sizeof *ids);
    size_t count = 0;
    bool twice = false;

    if (ids == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_PSK)
            ids[count++] = &list->items[i].proposal.psk;
    qsort(ids, count, sizeof *ids, compare_psks);
    for (size_t i = 1; i < count; i++)
        twice = twice || mls_pre_shared_key_id_same(ids[i - 1], ids[i]);
    free(ids);
    return mls_check(crypto, MLS_RULE_Q7, !twice);
}

/* Rules R1 and X6: by reference or by value, as the type asks for. */
static mls_status_t check_references(const mls_proposal_list_t *list, mls_crypto_t *crypto, bool is_external)
{
    bool good = true, by_value = true;
    for (size_t i = 0; i < list->count; i++) {
        const mls_listed_proposal_t *item = &list->items[i];
        if (item->proposal.type == MLS_PROPOSAL_SELF_REMOVE)
            good = good && item->by_reference;
        else
            by_value = by_value && !item->by_reference;
    }
    mls_status_t status = mls_check(crypto, MLS_RULE_R1, good);
    return status == MLS_OK ? mls_check(crypto, MLS_RULE_X6, !is_external || by_value) : status;
}

/* ---- AppDataUpdates ------------------------------------------------------------------------------ */

typedef struct app_data_place {
    uint16_t component_id;
    size_t number;
} app_data_place_t;

static int compare_places(const void *a, const void *b)
{
    const app_data_place_t *x = a, *y = b;
    if (x->component_id != y->component_id)
        return x->component_id < y->component_id ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

mls_status_t mls_proposal_list_app_data(const mls_proposal_list_t *list, mls_arena_t *arena, size_t **order,
                                        size_t *count)
{
    const size_t max = mls_proposal_list_count(list, MLS_PROPOSAL_APP_DATA_UPDATE);
    app_data_place_t *places = mls_arena_alloc(arena, (max + 1) * sizeof *places);

    *count = 0;
    *order = mls_arena_alloc(arena, (max + 1) * sizeof **order);
    if (places == NULL || *order == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].proposal.type == MLS_PROPOSAL_APP_DATA_UPDATE)
            places[(*count)++] = (app_data_place_t){ list->items[i].proposal.component_id, i };
    qsort(places, *count, sizeof *places, compare_places);
    for (size_t i = 0; i < *count; i++)
        (*order)[i] = places[i].number;
    return MLS_OK;
}

/* Rule A2: of two that are about one component, neither is a removal. */
static mls_status_t check_app_data(const mls_proposal_list_t *list, mls_crypto_t *crypto)
{
    mls_arena_t arena = { 0 };
    size_t *order, count;
    bool good = true;
    mls_status_t status = mls_proposal_list_app_data(list, &arena, &order, &count);

    for (size_t i = 1; status == MLS_OK && i < count; i++) {
        const mls_proposal_t *a = &list->items[order[i - 1]].proposal;
        const mls_proposal_t *b = &list->items[order[i]].proposal;
        good = good && (a->component_id != b->component_id ||
                        (a->op == MLS_APP_DATA_OP_UPDATE && b->op == MLS_APP_DATA_OP_UPDATE));
    }
    mls_arena_clear(&arena);
    return status == MLS_OK ? mls_check(crypto, MLS_RULE_A2, good) : status;
}

/* ---- the list as a whole ------------------------------------------------------------------------- */

/* One ExternalInit, the former leaf's Remove, and what else the types allow. Whose leaf it is that goes, the
 * Authentication Service is asked with the leaf that comes. */
static mls_status_t check_external(const mls_proposal_list_t *list, mls_crypto_t *crypto,
                                   const mls_group_config_t *config)
{
    bool only_these = true;
    mls_status_t status;

    for (size_t i = 0; i < list->count; i++) {
        mls_proposal_traits_t traits;
        only_these = only_these && mls_proposal_traits_find(&traits, config, list->items[i].proposal.type) &&
                     traits.in_external_commit;
    }
    if ((status = mls_check(crypto, MLS_RULE_X1,
                            mls_proposal_list_count(list, MLS_PROPOSAL_EXTERNAL_INIT) == 1)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_X2, mls_proposal_list_count(list, MLS_PROPOSAL_REMOVE) <= 1)) !=
            MLS_OK)
        return status;
    return mls_check(crypto, MLS_RULE_X4, only_these);
}

static mls_status_t check_of_member(const mls_proposal_list_t *list, mls_crypto_t *crypto, uint32_t committer)
{
    mls_status_t status;
    if ((status = mls_check(crypto, MLS_RULE_Q2, !has_update_of(list, committer))) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q3, !mls_proposal_list_removes(list, committer))) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q8,
                            mls_proposal_list_count(list, MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS) <= 1)) !=
            MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_Q9,
                            mls_proposal_list_count(list, MLS_PROPOSAL_REINIT) == 0 || list->count == 1)) !=
            MLS_OK)
        return status;
    return mls_check(crypto, MLS_RULE_Q10, mls_proposal_list_count(list, MLS_PROPOSAL_EXTERNAL_INIT) == 0);
}

mls_status_t mls_proposal_list_check(const mls_proposal_list_t *list, mls_crypto_t *crypto,
                                     const mls_group_config_t *config, const mls_sender_t *committer)
{
    const bool is_external = committer->type == MLS_SENDER_NEW_MEMBER_COMMIT;
    mls_status_t status = check_known(list, crypto, config);
    if (status == MLS_OK)
        status = is_external ? check_external(list, crypto, config)
                             : check_of_member(list, crypto, committer->index);
    if (status != MLS_OK || (status = check_references(list, crypto, is_external)) != MLS_OK ||
        (status = check_targets(list, crypto)) != MLS_OK || (status = check_psks(list, crypto)) != MLS_OK)
        return status;
    return check_app_data(list, crypto);
}
