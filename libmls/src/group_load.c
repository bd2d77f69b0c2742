/* group_load.c -- reading a group from a store. What stands there was checked before it was written: no
 * signature is verified again; but a damaged store must not do more than fail. */
#include "bytes.h"
#include "group_rows.h"

#include <stdlib.h>

typedef struct loader {
    mls_crypto_t *crypto;
    const mls_group_config_t *config;
    mls_row_key_t prefix;
    mls_view_t group_id;
    mls_group_t *group;
    mls_ratchet_tree_t *tree; /* until it is the group's */
    uint32_t num_leaves;
    uint64_t epoch;   /* the current one's number */
    uint16_t version; /* of the entries */
} loader_t;

static bool is_tree_size(uint32_t num_leaves)
{
    return num_leaves > 0 && num_leaves <= MLS_MAX_LEAVES && (num_leaves & (num_leaves - 1)) == 0;
}

/* ---- the group ----------------------------------------------------------------------------------- */

/* Places for the past epochs, which the entries that follow fill. */
static mls_status_t make_past(loader_t *l, const mls_group_row_t *row)
{
    mls_group_t *group = l->group;
    mls_status_t status = MLS_OK;
    if ((group->past = calloc(row->past.count + 1, sizeof *group->past)) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < row->past.count; i++) {
        if ((status = mls_epoch_new(&group->past[i].epoch)) != MLS_OK)
            break;
        group->past[i].epoch->context.epoch = row->past.items[i];
        group->num_past++;
        if (row->past.items[i] + (row->past.count - i) != row->epoch)
            status = MLS_ERR_STORE; /* there must be no gap */
    }
    return status;
}

static mls_status_t take_lists(mls_group_t *group, const mls_group_row_t *row)
{
    group->resumption_psks = calloc(row->resumption_psks.count + 1, sizeof *group->resumption_psks);
    group->used_generations = calloc(row->used_generations.count + 1, sizeof *group->used_generations);
    if (group->resumption_psks == NULL || group->used_generations == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < row->resumption_psks.count; i++)
        group->resumption_psks[group->num_resumption_psks++] = row->resumption_psks.items[i];
    for (size_t i = 0; i < row->used_generations.count; i++)
        group->used_generations[group->num_used_generations++] = row->used_generations.items[i];
    return MLS_OK;
}

static mls_status_t start_group(loader_t *l, const mls_group_row_t *row)
{
    const mls_suite_t *suite = mls_suite_find(row->cipher_suite);
    mls_status_t status;

    if (suite == NULL || !mls_view_equal(row->group_id, l->group_id) || !is_tree_size(row->num_leaves))
        return MLS_ERR_STORE;
    l->num_leaves = row->num_leaves;
    l->epoch = row->epoch;
    l->version = row->version;
    if ((status = mls_group_new(&l->group, l->crypto, suite, l->config)) != MLS_OK ||
        (status = mls_epoch_new(&l->group->epoch)) != MLS_OK)
        return status;
    l->group->epoch->context.epoch = row->epoch;
    l->group->is_removed = row->state == MLS_ROW_REMOVED;
    l->group->is_joining = row->state == MLS_ROW_JOINING;
    if ((status = mls_ratchet_tree_new(&l->tree, l->crypto, suite)) != MLS_OK ||
        (status = mls_ratchet_tree_reserve(l->tree, row->num_leaves)) != MLS_OK ||
        (status = make_past(l, row)) != MLS_OK)
        return status;
    return take_lists(l->group, row);
}

static mls_status_t load_group(loader_t *l, mls_view_t value)
{
    mls_group_row_t row;
    mls_arena_t arena = { 0 };
    mls_status_t status =
        l->group != NULL ? MLS_ERR_STORE : mls_decode(&row, sizeof row, mls_codec_group_row, value, &arena);
    if (status == MLS_OK)
        status = start_group(l, &row);
    mls_arena_clear(&arena);
    return status;
}

/* ---- epochs -------------------------------------------------------------------------------------- */

static mls_epoch_t *find_epoch(const loader_t *l, uint64_t number)
{
    mls_past_epoch_t *past = mls_group_past(l->group, number);
    return past != NULL ? past->epoch : number == l->epoch ? l->group->epoch : NULL;
}

static mls_status_t decode_epoch(mls_epoch_row_t *row, mls_arena_t *arena, mls_view_t value)
{
    /* mls_decode() zeroes the row, which must point to the epoch: so the visitor is run by hand. */
    mls_codec_t codec = { .op = MLS_CODEC_DECODE,
                          .in = value.data,
                          .end = value.data + value.len,
                          .arena = arena,
                          .max_items = MLS_MAX_EXPORTER_NODES };
    mls_codec_epoch_row(&codec, row);
    if (codec.in != codec.end)
        mls_codec_fail(&codec, MLS_ERR_STORE);
    return codec.status;
}

/* One key at most on each level, of the own leaf or of a node above it. */
static bool are_own_keys(const mls_private_keys_t *keys, uint32_t own_leaf)
{
    uint32_t levels = 0;
    for (size_t i = 0; i < keys->count; i++) {
        const mls_node_index_t node = keys->items[i].node;
        if (node.n >= mls_num_nodes(MLS_MAX_LEAVES) || !mls_node_covers(node, own_leaf) ||
            (levels >> mls_node_level(node) & 1) != 0)
            return false;
        levels |= 1u << mls_node_level(node);
    }
    return true;
}

/* One that need not be there. */
static mls_status_t load_signature_key(loader_t *l, mls_signature_key_t *key, mls_view_t private_key)
{
    return private_key.len == 0 ? MLS_OK
                                : mls_signature_key_set(l->crypto, l->group->suite, key, private_key);
}

static mls_status_t take_epoch(loader_t *l, mls_epoch_t *epoch, const mls_epoch_row_t *row)
{
    const uint64_t number = epoch->context.epoch;
    mls_group_context_t context;
    mls_status_t status;

    if ((status = mls_decode(&context, sizeof context, mls_codec_group_context, row->context, NULL)) !=
            MLS_OK ||
        (status = mls_epoch_set_context(epoch, &context)) != MLS_OK ||
        (status = mls_bytes_copy(&epoch->origin.group_id, row->origin_group_id)) != MLS_OK ||
        (status = mls_bytes_copy(&epoch->reinit, row->reinit)) != MLS_OK ||
        (status = mls_exporter_tree_set(&epoch->exporter_tree, row->exporter_tree.items,
                                        row->exporter_tree.count)) != MLS_OK)
        return status;
    if (epoch->context.epoch != number || !is_tree_size(row->secret_tree_leaves) ||
        !are_own_keys(&epoch->private_keys, epoch->own_leaf))
        return MLS_ERR_STORE;
    epoch->secret_tree.suite = l->group->suite;
    epoch->secret_tree.num_leaves = row->secret_tree_leaves;
    /* A retired epoch has no signature key any more. */
    return load_signature_key(l, &epoch->signature_key, row->signature_private_key);
}

static mls_status_t load_epoch(loader_t *l, mls_epoch_t *epoch, mls_view_t value)
{
    mls_epoch_row_t row = { .version = l->version, .epoch = epoch };
    mls_arena_t arena = { 0 };
    mls_status_t status = decode_epoch(&row, &arena, value);
    if (status == MLS_OK)
        status = take_epoch(l, epoch, &row);
    mls_arena_clear(&arena);
    return status;
}

static mls_status_t load_secret(mls_epoch_t *epoch, uint32_t index, mls_view_t value)
{
    mls_node_secret_t *secret = calloc(1, sizeof *secret);
    if (secret == NULL)
        return MLS_ERR_NOMEM;
    if (mls_secret_set(&secret->secret, value) != MLS_OK) {
        free(secret);
        return MLS_ERR_STORE;
    }
    return mls_secret_tree_put_secret(&epoch->secret_tree, (mls_node_index_t){ index }, secret);
}

static mls_status_t copy_ratchet(mls_ratchet_t *ratchet, const mls_row_ratchet_t *row)
{
    const size_t num = row->skipped.count;
    mls_status_t status = mls_secret_set(&ratchet->secret, row->secret);
    ratchet->generation = row->generation;
    if (status != MLS_OK || num == 0)
        return status;
    if ((ratchet->skipped = calloc(num, sizeof *ratchet->skipped)) == NULL)
        return MLS_ERR_NOMEM;
    memcpy(ratchet->skipped, row->skipped.items, num * sizeof *ratchet->skipped);
    ratchet->num_skipped = num;
    return MLS_OK;
}

static mls_status_t load_ratchets(mls_epoch_t *epoch, uint32_t leaf, mls_view_t value)
{
    mls_ratchets_row_t row;
    mls_arena_t arena = { 0 };
    mls_sender_ratchets_t *sender = calloc(1, sizeof *sender);
    mls_status_t status =
        sender == NULL ? MLS_ERR_NOMEM : mls_decode(&row, sizeof row, mls_codec_ratchets_row, value, &arena);
    for (size_t i = 0; status == MLS_OK && i < 2; i++)
        status = copy_ratchet(&sender->ratchets[i], &row.ratchets[i]);
    mls_arena_clear(&arena);
    if (status == MLS_OK)
        return mls_secret_tree_put_sender(&epoch->secret_tree, leaf, sender);
    mls_sender_ratchets_free(sender);
    return status;
}

/* ---- what is pending ----------------------------------------------------------------------------- */

static mls_status_t load_proposal(loader_t *l, mls_epoch_t *epoch, const mls_row_proposal_t *row)
{
    mls_pending_proposal_t *proposal;
    mls_status_t status = mls_pending_proposal_new(&proposal, l->crypto, l->group->suite, row->content);
    if (status != MLS_OK)
        return status;
    if (row->leaf_private_key.len > 0)
        status = mls_hpke_private_set(l->group->suite, &proposal->leaf_private_key, row->leaf_private_key);
    if (status == MLS_OK)
        status = load_signature_key(l, &proposal->new_signature_key, row->new_signature_key);
    if (status == MLS_OK)
        status = mls_epoch_add_proposal(epoch, proposal);
    if (status != MLS_OK)
        mls_pending_proposal_free(proposal);
    return status;
}

static mls_status_t fill_commit(loader_t *l, mls_pending_commit_t *commit, const mls_row_commit_t *row)
{
    mls_status_t status;
    if ((status = mls_bytes_copy(&commit->message, row->message)) != MLS_OK ||
        (status = mls_bytes_copy(&commit->content, row->content)) != MLS_OK ||
        (status = mls_bytes_copy(&commit->group_info, row->group_info)) != MLS_OK ||
        (status = mls_secret_set(&commit->path_secret, row->path_secret)) != MLS_OK ||
        (status = load_signature_key(l, &commit->new_signature_key, row->new_signature_key)) != MLS_OK)
        return status;
    return row->leaf_private_key.len == 0
               ? MLS_OK
               : mls_hpke_private_set(l->group->suite, &commit->leaf_private_key, row->leaf_private_key);
}

static mls_status_t load_commit(loader_t *l, mls_epoch_t *epoch, const mls_row_commit_t *row)
{
    mls_pending_commit_t *commit = calloc(1, sizeof *commit);
    mls_status_t status = commit == NULL ? MLS_ERR_NOMEM : fill_commit(l, commit, row);
    if (status != MLS_OK) {
        mls_pending_commit_free(commit);
        return status;
    }
    commit->group = l->group;
    commit->epoch = epoch->context.epoch;
    epoch->commits[epoch->num_commits++] = commit;
    return MLS_OK;
}

static mls_status_t load_lists(loader_t *l, mls_epoch_t *epoch, mls_view_t value)
{
    mls_lists_row_t row;
    mls_arena_t arena = { 0 };
    mls_codec_fn *visit = l->version > MLS_STORE_VERSION_2 ? mls_codec_lists_row : mls_codec_lists_row_2;
    mls_status_t status = mls_decode(&row, sizeof row, visit, value, &arena);

    if (status == MLS_OK && (epoch->commits = calloc(row.commits.count + 1, sizeof *epoch->commits)) == NULL)
        status = MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < row.proposals.count; i++)
        status = load_proposal(l, epoch, &row.proposals.items[i]);
    for (size_t i = 0; status == MLS_OK && i < row.commits.count; i++)
        status = load_commit(l, epoch, &row.commits.items[i]);
    mls_arena_clear(&arena);
    return status;
}

/* ---- the tree and the way back ------------------------------------------------------------------- */

static mls_status_t load_node(loader_t *l, uint32_t index, mls_view_t value)
{
    const mls_node_index_t node = { index };
    void *content;
    if (index >= mls_num_nodes(l->num_leaves))
        return MLS_ERR_STORE;
    mls_status_t status = mls_row_node_decode(&content, l->crypto, value, mls_node_is_leaf(node));
    return status == MLS_OK ? mls_ratchet_tree_put(l->tree, node, content) : status;
}

static mls_status_t load_change(loader_t *l, mls_tree_overlay_t *back, const mls_row_change_t *change)
{
    const mls_node_index_t node = { change->node };
    void *content = NULL;
    mls_status_t status = MLS_OK;
    if (change->hash.len != l->group->suite->hash->len || (change->changed == 0 && change->content.len > 0))
        return MLS_ERR_STORE;
    if (change->content.len > 0)
        status = mls_row_node_decode(&content, l->crypto, change->content, mls_node_is_leaf(node));
    return status == MLS_OK
               ? mls_tree_overlay_restore(back, node, change->changed != 0, content, change->hash.data)
               : status;
}

static bool is_summary(const mls_tree_summary_t *summary)
{
    return is_tree_size(summary->num_leaves) && summary->end <= summary->num_leaves &&
           summary->first_blank <= summary->end && summary->num_members > 0 &&
           summary->num_members <= summary->end;
}

static mls_status_t load_past(loader_t *l, mls_past_epoch_t *past, mls_view_t value)
{
    mls_past_row_t row;
    mls_arena_t arena = { 0 };
    mls_tree_overlay_t *back = &past->back;
    mls_status_t status = mls_decode(&row, sizeof row, mls_codec_past_row, value, &arena);

    if (status == MLS_OK && (row.credentials.count > MLS_MAX_CREDENTIAL_TYPES || !is_summary(&row.summary)))
        status = MLS_ERR_STORE;
    if (status == MLS_OK)
        status = mls_tree_overlay_init(back, l->tree);
    if (status == MLS_OK) {
        past->ended_at = row.ended_at;
        past->is_unsettled = row.is_unsettled != 0;
        back->summary = row.summary;
        if ((back->credentials = calloc(MLS_MAX_CREDENTIAL_TYPES, sizeof *back->credentials)) == NULL)
            status = MLS_ERR_NOMEM;
        else if (row.credentials.count > 0)
            memcpy(back->credentials, row.credentials.items,
                   row.credentials.count * sizeof *back->credentials);
        back->num_credentials = row.credentials.count;
    }
    for (size_t i = 0; status == MLS_OK && i < row.changes.count; i++)
        status = load_change(l, back, &row.changes.items[i]);
    mls_arena_clear(&arena);
    return status;
}

/* ---- the walk ------------------------------------------------------------------------------------ */

static mls_status_t load_in_epoch(loader_t *l, const mls_row_place_t *place, mls_view_t value)
{
    mls_epoch_t *epoch = find_epoch(l, place->epoch);
    mls_past_epoch_t *past = mls_group_past(l->group, place->epoch);
    if (epoch == NULL)
        return MLS_ERR_STORE;
    switch (place->kind) {
    case MLS_ROW_EPOCH:
        return load_epoch(l, epoch, value);
    case MLS_ROW_LISTS:
        return load_lists(l, epoch, value);
    case MLS_ROW_PAST:
        return past == NULL ? MLS_ERR_STORE : load_past(l, past, value);
    case MLS_ROW_RATCHETS:
        return load_ratchets(epoch, place->index, value);
    default:
        return load_secret(epoch, place->index, value);
    }
}

static mls_status_t load_row(void *arg, mls_view_t key, mls_view_t value)
{
    loader_t *l = arg;
    mls_row_place_t place;
    if (!mls_row_place(&place, &l->prefix, key) || (l->group == NULL) != (place.kind == MLS_ROW_GROUP))
        return MLS_ERR_STORE;
    if (place.kind == MLS_ROW_GROUP)
        return load_group(l, value);
    return place.kind == MLS_ROW_NODE ? load_node(l, place.index, value) : load_in_epoch(l, &place, value);
}

/* Entries of an earlier version are written anew, all of them with the next save: one version holds for all.
 */
static void mark_loaded(mls_epoch_t *epoch, uint16_t version)
{
    epoch->is_dirty = epoch->lists_are_dirty = version != MLS_STORE_VERSION;
}

/* The leaves of the largest tree that the group has now or can go back to; 0 if a way back leads beyond. */
static uint32_t find_most_leaves(const loader_t *l)
{
    const mls_group_t *group = l->group;
    uint32_t most_leaves = l->num_leaves;
    for (size_t i = 0; i < group->num_past; i++)
        if (group->past[i].back.summary.num_leaves > most_leaves)
            most_leaves = group->past[i].back.summary.num_leaves;
    for (size_t i = 0; i < group->num_past; i++) {
        const mls_tree_overlay_t *back = &group->past[i].back;
        for (uint32_t j = 0; j < back->num_entries; j++)
            if (back->entries[j].place > mls_num_nodes(most_leaves))
                return 0;
    }
    return most_leaves;
}

/* Whether the nodes are those that the epoch was entered with, and the own leaf is there in every epoch. */
static bool is_tree_of_epochs(const mls_group_t *group)
{
    const mls_epoch_t *epoch = group->epoch;
    bool good = mls_view_equal(mls_tree_hash_root(&group->view), epoch->context.tree_hash) &&
                (group->is_joining || mls_tree_leaf(&group->view, epoch->own_leaf) != NULL);
    for (size_t i = 0; i < group->num_past; i++) {
        epoch = group->past[i].epoch;
        good = good && mls_group_leaf_in(group, epoch->context.epoch, epoch->own_leaf) != NULL;
    }
    return good;
}

/* Room in the tree for the way back, and marks that all of it is saved. */
static mls_status_t finish(loader_t *l)
{
    mls_group_t *group = l->group;
    const uint32_t most_leaves = find_most_leaves(l);
    mls_ratchet_tree_t *tree = l->tree;
    mls_status_t status;

    if (group->epoch->context_bytes.len == 0 || most_leaves == 0)
        return MLS_ERR_STORE;
    for (size_t i = 0; i < group->num_past; i++)
        if (group->past[i].epoch->context_bytes.len == 0 || group->past[i].back.summary.num_leaves == 0)
            return MLS_ERR_STORE;
    if ((status = mls_ratchet_tree_reserve(tree, most_leaves)) != MLS_OK ||
        (status = mls_ratchet_tree_finish(tree, l->num_leaves)) != MLS_OK)
        return status;
    l->tree = NULL;
    if ((status = mls_group_set_tree(group, tree)) != MLS_OK)
        return status;
    for (size_t i = 0; i < group->num_past; i++)
        mark_loaded(group->past[i].epoch, l->version);
    mark_loaded(group->epoch, l->version);
    group->is_dirty = l->version != MLS_STORE_VERSION;
    group->is_new = group->all_nodes_are_dirty = false;
    return is_tree_of_epochs(group) ? MLS_OK : MLS_ERR_STORE;
}

mls_status_t mls_group_load(mls_group_t **out, mls_crypto_t *crypto, const mls_group_config_t *config,
                            const mls_store_t *store, mls_view_t group_id)
{
    loader_t l = {
        .crypto = crypto, .config = config, .prefix = mls_row_prefix(group_id), .group_id = group_id
    };
    *out = NULL;
    mls_status_t status = store->each(store->arg, mls_row_key_view(&l.prefix), load_row, &l);
    if (status == MLS_OK)
        status = l.group == NULL ? MLS_ERR_NOT_FOUND : finish(&l);
    if (status == MLS_OK) {
        *out = l.group;
        return MLS_OK;
    }
    mls_ratchet_tree_free(l.tree);
    mls_group_free(l.group);
    /* What does not decode is damage here, not foreign input. */
    return mls_status_is_input(status) || status == MLS_ERR_ARGUMENT ? MLS_ERR_STORE : status;
}
