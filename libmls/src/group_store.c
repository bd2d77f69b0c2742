/* group_store.c -- writing a group to a store: only what has changed, and all of it in one transaction.
 *
 * A failure leaves the marks of what has changed, so that the next save writes it. */
#include "group_store.h"
#include "bytes.h"
#include "group_rows.h"

#include <stdlib.h>

typedef struct saver {
    const mls_group_t *group;
    const mls_store_t *store;
    mls_row_key_t prefix;
    bool all; /* also what has not changed */
} saver_t;

static mls_status_t put(const saver_t *s, const mls_row_key_t *key, mls_codec_fn *visit, const void *row)
{
    mls_bytes_t value = { 0 };
    mls_status_t status = mls_encode(&value, visit, row);
    if (status == MLS_OK)
        status = s->store->put(s->store->arg, mls_row_key_view(key), mls_bytes_view(&value));
    mls_bytes_clear(&value);
    return status;
}

/* ---- erasing ------------------------------------------------------------------------------------- */

typedef struct key_list {
    mls_bytes_t *items;
    size_t count;
} key_list_t;

static mls_status_t collect_key(void *arg, mls_view_t key, mls_view_t value)
{
    key_list_t *list = arg;
    (void)value;
    if ((list->count & (list->count - 1)) == 0) { /* doubles at powers of two */
        mls_bytes_t *items = realloc(list->items, (list->count == 0 ? 1 : 2 * list->count) * sizeof *items);
        if (items == NULL)
            return MLS_ERR_NOMEM;
        list->items = items;
    }
    mls_status_t status = mls_bytes_copy(&list->items[list->count], key);
    list->count += status == MLS_OK;
    return status;
}

/* A store need not allow changes while it is walked: collect, then erase. */
static mls_status_t erase_prefix(const mls_store_t *store, const mls_row_key_t *prefix)
{
    key_list_t list = { 0 };
    mls_status_t status = store->each(store->arg, mls_row_key_view(prefix), collect_key, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (status == MLS_OK)
            status = store->erase(store->arg, mls_bytes_view(&list.items[i]));
        mls_bytes_clear(&list.items[i]);
    }
    free(list.items);
    return status;
}

static mls_status_t erase_epoch(const saver_t *s, uint64_t epoch)
{
    static const mls_row_kind_t kinds[] = { MLS_ROW_EPOCH, MLS_ROW_LISTS, MLS_ROW_PAST, MLS_ROW_RATCHETS,
                                            MLS_ROW_SECRET };
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < sizeof kinds / sizeof *kinds; i++) {
        const mls_row_key_t key = mls_row_key_epoch(&s->prefix, kinds[i], epoch);
        status = erase_prefix(s->store, &key);
    }
    return status;
}

mls_status_t mls_group_erase(const mls_store_t *store, mls_view_t group_id)
{
    const mls_row_key_t prefix = mls_row_prefix(group_id);
    mls_status_t status = store->begin(store->arg);
    if (status != MLS_OK)
        return status;
    if ((status = erase_prefix(store, &prefix)) == MLS_OK)
        return store->commit(store->arg);
    store->rollback(store->arg);
    return status;
}

/* ---- the group and its tree ---------------------------------------------------------------------- */

static mls_status_t save_group(const saver_t *s)
{
    const mls_group_t *group = s->group;
    const mls_row_key_t key = mls_row_key_group(&s->prefix);
    uint64_t *past = calloc(group->num_past + 1, sizeof *past);
    mls_group_row_t row = { .version = MLS_STORE_VERSION,
                            .group_id = mls_group_id(group),
                            .cipher_suite = group->suite->id,
                            .epoch = mls_group_epoch(group),
                            .num_leaves = group->tree->summary.num_leaves,
                            .state = group->is_removed   ? MLS_ROW_REMOVED
                                     : group->is_joining ? MLS_ROW_JOINING
                                                         : MLS_ROW_MEMBER,
                            .past = { past, group->num_past },
                            .resumption_psks = { group->resumption_psks, group->num_resumption_psks },
                            .used_generations = { group->used_generations, group->num_used_generations } };
    if (past == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < group->num_past; i++)
        past[i] = group->past[i].epoch->context.epoch;
    mls_status_t status = put(s, &key, mls_codec_group_row, &row);
    free(past);
    return status;
}

static mls_status_t save_node(const saver_t *s, uint32_t index)
{
    const mls_ratchet_tree_t *tree = s->group->tree;
    const mls_row_key_t key = mls_row_key_node(&s->prefix, index);
    const void *node = index < mls_num_nodes(tree->summary.num_leaves) ? tree->nodes[index] : NULL;
    mls_bytes_t content = { 0 };
    mls_status_t status;

    if (node == NULL)
        return s->all ? MLS_OK : s->store->erase(s->store->arg, mls_row_key_view(&key));
    if ((status = mls_row_node_encode(&content, node, index % 2 == 0)) == MLS_OK)
        status = s->store->put(s->store->arg, mls_row_key_view(&key), mls_bytes_view(&content));
    mls_bytes_clear(&content);
    return status;
}

static mls_status_t save_nodes(const saver_t *s)
{
    const mls_group_t *group = s->group;
    mls_status_t status = MLS_OK;
    if (s->all || group->all_nodes_are_dirty) {
        for (uint32_t i = 0; status == MLS_OK && i < mls_num_nodes(group->tree->summary.num_leaves); i++)
            status = save_node(s, i);
        if (s->all)
            return status;
    }
    for (size_t i = 0; status == MLS_OK && i < group->dirty_nodes.count; i++)
        status = save_node(s, group->dirty_nodes.items[i]);
    return status;
}

/* ---- an epoch ------------------------------------------------------------------------------------ */

static mls_status_t save_fields(const saver_t *s, const mls_epoch_t *epoch)
{
    const mls_row_key_t key = mls_row_key_epoch(&s->prefix, MLS_ROW_EPOCH, epoch->context.epoch);
    /* Encoding only reads; the row has a plain pointer since it is decoded into as well. */
    const mls_epoch_row_t row = { .version = MLS_STORE_VERSION,
                                  .epoch = (mls_epoch_t *)(uintptr_t)epoch,
                                  .context = mls_bytes_view(&epoch->context_bytes),
                                  .signature_private_key = mls_signature_private_view(&epoch->signature_key),
                                  .secret_tree_leaves = epoch->secret_tree.num_leaves,
                                  .origin_group_id = mls_bytes_view(&epoch->origin.group_id),
                                  .reinit = mls_bytes_view(&epoch->reinit),
                                  .exporter_tree = { epoch->exporter_tree.items,
                                                     epoch->exporter_tree.count } };
    return put(s, &key, mls_codec_epoch_row, &row);
}

static mls_status_t fill_lists(mls_lists_row_t *row, mls_arena_t *arena, const mls_epoch_t *epoch)
{
    row->proposals.items = mls_arena_alloc(arena, (epoch->num_proposals + 1) * sizeof *row->proposals.items);
    row->commits.items = mls_arena_alloc(arena, (epoch->num_commits + 1) * sizeof *row->commits.items);
    if (row->proposals.items == NULL || row->commits.items == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < epoch->num_proposals; i++)
        row->proposals.items[row->proposals.count++] =
            (mls_row_proposal_t){ mls_bytes_view(&epoch->proposals[i]->bytes),
                                  mls_hpke_private_view(&epoch->proposals[i]->leaf_private_key),
                                  mls_signature_private_view(&epoch->proposals[i]->new_signature_key) };
    for (size_t i = 0; i < epoch->num_commits; i++) {
        const mls_pending_commit_t *commit = epoch->commits[i];
        row->commits.items[row->commits.count++] =
            (mls_row_commit_t){ mls_bytes_view(&commit->message),
                                mls_bytes_view(&commit->content),
                                mls_hpke_private_view(&commit->leaf_private_key),
                                mls_secret_view(&commit->path_secret),
                                mls_bytes_view(&commit->group_info),
                                mls_signature_private_view(&commit->new_signature_key) };
    }
    return MLS_OK;
}

static mls_status_t save_lists(const saver_t *s, const mls_epoch_t *epoch)
{
    const mls_row_key_t key = mls_row_key_epoch(&s->prefix, MLS_ROW_LISTS, epoch->context.epoch);
    mls_lists_row_t row = { 0 };
    mls_arena_t arena = { 0 };
    mls_status_t status;

    if (epoch->num_proposals == 0 && epoch->num_commits == 0)
        return s->all ? MLS_OK : s->store->erase(s->store->arg, mls_row_key_view(&key));
    if ((status = fill_lists(&row, &arena, epoch)) == MLS_OK)
        status = put(s, &key, mls_codec_lists_row, &row);
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t save_sender(const saver_t *s, uint64_t epoch, uint32_t leaf,
                                const mls_sender_ratchets_t *sender)
{
    const mls_row_key_t key = mls_row_key_in_epoch(&s->prefix, MLS_ROW_RATCHETS, epoch, leaf);
    mls_ratchets_row_t row;
    for (size_t i = 0; i < 2; i++) {
        const mls_ratchet_t *ratchet = &sender->ratchets[i];
        row.ratchets[i].secret = mls_secret_view(&ratchet->secret);
        row.ratchets[i].generation = ratchet->generation;
        row.ratchets[i].skipped.items = ratchet->skipped;
        row.ratchets[i].skipped.count = ratchet->num_skipped;
    }
    return put(s, &key, mls_codec_ratchets_row, &row);
}

static mls_status_t erase_secret_tree(const saver_t *s, uint64_t epoch)
{
    const mls_row_key_t ratchets = mls_row_key_epoch(&s->prefix, MLS_ROW_RATCHETS, epoch);
    const mls_row_key_t secrets = mls_row_key_epoch(&s->prefix, MLS_ROW_SECRET, epoch);
    mls_status_t status = erase_prefix(s->store, &ratchets);
    return status == MLS_OK ? erase_prefix(s->store, &secrets) : status;
}

static mls_status_t save_secret_tree(const saver_t *s, const mls_epoch_t *epoch)
{
    const mls_secret_tree_t *tree = &epoch->secret_tree;
    const uint64_t number = epoch->context.epoch;
    const mls_node_secret_t *secret;
    const mls_sender_ratchets_t *sender;
    uint32_t index;
    mls_status_t status = MLS_OK;

    if (!s->all && tree->is_cleared)
        status = erase_secret_tree(s, number);
    for (size_t i = 0; status == MLS_OK && !s->all && i < tree->gone.count; i++) {
        const mls_row_key_t key =
            mls_row_key_in_epoch(&s->prefix, MLS_ROW_SECRET, number, tree->gone.items[i]);
        status = s->store->erase(s->store->arg, mls_row_key_view(&key));
    }
    for (size_t at = 0;
         status == MLS_OK && (secret = mls_index_map_next(&tree->secrets, &index, &at)) != NULL;) {
        const mls_row_key_t key = mls_row_key_in_epoch(&s->prefix, MLS_ROW_SECRET, number, index);
        if (s->all || secret->is_dirty)
            status = s->store->put(s->store->arg, mls_row_key_view(&key), mls_secret_view(&secret->secret));
    }
    for (size_t at = 0;
         status == MLS_OK && (sender = mls_index_map_next(&tree->senders, &index, &at)) != NULL;)
        if (s->all || sender->is_dirty)
            status = save_sender(s, number, index, sender);
    return status;
}

static mls_status_t save_epoch(const saver_t *s, const mls_epoch_t *epoch)
{
    mls_status_t status = MLS_OK;
    if (s->all || epoch->is_dirty)
        status = save_fields(s, epoch);
    if (status == MLS_OK && (s->all || epoch->lists_are_dirty))
        status = save_lists(s, epoch);
    return status == MLS_OK ? save_secret_tree(s, epoch) : status;
}

/* ---- past epochs --------------------------------------------------------------------------------- */

typedef struct change_list {
    mls_row_change_t *items;
    mls_bytes_t *contents; /* what the views point to */
    size_t count;
} change_list_t;

static int compare_changes(const void *a, const void *b)
{
    const uint32_t x = ((const mls_row_change_t *)a)->node, y = ((const mls_row_change_t *)b)->node;
    return x < y ? -1 : x > y;
}

static mls_status_t list_changes(change_list_t *list, const mls_tree_overlay_t *back)
{
    mls_status_t status = MLS_OK;
    list->items = calloc(back->num_used + 1, sizeof *list->items);
    list->contents = calloc(back->num_used + 1, sizeof *list->contents);
    if (list->items == NULL || list->contents == NULL)
        return MLS_ERR_NOMEM;
    for (uint32_t i = 0; status == MLS_OK && i < back->num_entries; i++) {
        const mls_overlay_entry_t *entry = &back->entries[i];
        if (entry->place == 0)
            continue;
        mls_row_change_t *change = &list->items[list->count];
        mls_bytes_t *content = &list->contents[list->count++];
        change->node = entry->place - 1;
        change->changed = (entry->flags & MLS_ENTRY_CHANGED) != 0;
        change->hash = mls_view(entry->hash, back->tree->suite->hash->len);
        if (change->changed)
            status = mls_row_node_encode(content, entry->node, change->node % 2 == 0);
        change->content = mls_bytes_view(content);
    }
    qsort(list->items, list->count, sizeof *list->items, compare_changes);
    return status;
}

static mls_status_t save_past(const saver_t *s, const mls_past_epoch_t *past)
{
    const mls_row_key_t key = mls_row_key_epoch(&s->prefix, MLS_ROW_PAST, past->epoch->context.epoch);
    change_list_t list = { 0 };
    mls_status_t status = list_changes(&list, &past->back);
    if (status == MLS_OK) {
        const mls_past_row_t row = { .ended_at = past->ended_at,
                                     .is_unsettled = past->is_unsettled,
                                     .summary = past->back.summary,
                                     .credentials = { past->back.credentials, past->back.num_credentials },
                                     .changes = { list.items, list.count } };
        status = put(s, &key, mls_codec_past_row, &row);
    }
    for (size_t i = 0; i < list.count; i++)
        mls_bytes_clear(&list.contents[i]);
    free(list.contents);
    free(list.items);
    return status;
}

/* An epoch that was gone back to is no past one any more. */
static mls_status_t erase_past(const saver_t *s, uint64_t epoch)
{
    const mls_row_key_t key = mls_row_key_epoch(&s->prefix, MLS_ROW_PAST, epoch);
    return s->store->erase(s->store->arg, mls_row_key_view(&key));
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static mls_status_t write_group(const saver_t *s)
{
    const mls_group_t *group = s->group;
    mls_status_t status = MLS_OK;

    if (!s->all && group->is_new) /* of another life of the group there may be entries */
        status = erase_prefix(s->store, &s->prefix);
    for (size_t i = 0; status == MLS_OK && !s->all && i < group->gone_epochs.count; i++)
        status = erase_epoch(s, group->gone_epochs.items[i]);
    if (status == MLS_OK && !s->all && group->is_dirty)
        status = erase_past(s, mls_group_epoch(group));
    if (status == MLS_OK && (s->all || group->is_dirty))
        status = save_group(s);
    if (status == MLS_OK)
        status = save_nodes(s);
    for (size_t i = 0; status == MLS_OK && i < group->num_past; i++) {
        if ((status = save_epoch(s, group->past[i].epoch)) == MLS_OK && (s->all || group->past[i].is_dirty))
            status = save_past(s, &group->past[i]);
    }
    return status == MLS_OK ? save_epoch(s, group->epoch) : status;
}

static mls_status_t save(const mls_group_t *group, const mls_store_t *store, bool all)
{
    const saver_t s = {
        .group = group, .store = store, .prefix = mls_row_prefix(mls_group_id(group)), .all = all
    };
    mls_status_t status = store->begin(store->arg);
    if (status != MLS_OK)
        return status;
    if ((status = write_group(&s)) == MLS_OK)
        return store->commit(store->arg);
    store->rollback(store->arg);
    return status;
}

static void mark_epoch_saved(mls_epoch_t *epoch)
{
    mls_node_secret_t *secret;
    mls_sender_ratchets_t *sender;
    uint32_t index;
    epoch->is_dirty = epoch->lists_are_dirty = false;
    for (size_t at = 0; (secret = mls_index_map_next(&epoch->secret_tree.secrets, &index, &at)) != NULL;)
        secret->is_dirty = false;
    for (size_t at = 0; (sender = mls_index_map_next(&epoch->secret_tree.senders, &index, &at)) != NULL;)
        sender->is_dirty = false;
    epoch->secret_tree.gone.count = 0;
    epoch->secret_tree.is_cleared = false;
}

static void mark_saved(mls_group_t *group)
{
    for (size_t i = 0; i < group->num_past; i++) {
        mark_epoch_saved(group->past[i].epoch);
        group->past[i].is_dirty = false;
    }
    mark_epoch_saved(group->epoch);
    group->is_new = group->is_dirty = group->all_nodes_are_dirty = false;
    group->dirty_nodes.count = 0;
    group->gone_epochs.count = 0;
}

mls_status_t mls_group_save(mls_group_t *group, const mls_store_t *store)
{
    mls_status_t status = save(group, store, false);
    if (status == MLS_OK)
        mark_saved(group);
    return status;
}

mls_status_t mls_group_save_all(const mls_group_t *group, const mls_store_t *store)
{
    return save(group, store, true);
}
