/* group_history.c -- from one epoch to the next, and back (RFC 9420, Section 14).
 *
 * A merge swaps the overlay of the staged Commit with what the tree had there; the overlay has then become
 * the way back and is kept with the epoch that is over. */
#include "bytes.h"
#include "group.h"
#include "received.h"

#include <stdlib.h>

/* ---- past epochs --------------------------------------------------------------------------------- */

mls_past_epoch_t *mls_group_past(const mls_group_t *group, uint64_t epoch)
{
    for (size_t i = 0; i < group->num_past; i++)
        if (group->past[i].epoch->context.epoch == epoch)
            return &group->past[i];
    return NULL;
}

/* The leaf as the first later Commit that changed it found it; or as it is. */
mls_tree_leaf_t *mls_group_leaf_in(const mls_group_t *group, uint64_t epoch, uint32_t leaf_index)
{
    const mls_past_epoch_t *past = mls_group_past(group, epoch);
    if (past == NULL)
        return mls_tree_leaf(&group->view, leaf_index);
    if (leaf_index >= past->back.summary.num_leaves)
        return NULL;
    for (; past < group->past + group->num_past; past++)
        if (mls_tree_overlay_has_leaf(&past->back, leaf_index))
            return mls_tree_overlay_entry(&past->back, mls_node_of_leaf(leaf_index))->node;
    return mls_tree_leaf(&group->view, leaf_index);
}

static mls_status_t reserve_gone(mls_group_t *group)
{
    uint64_t *items = realloc(group->gone_epochs.items, (group->gone_epochs.count + 2) * sizeof *items);
    if (items == NULL)
        return MLS_ERR_NOMEM;
    group->gone_epochs.items = items;
    return MLS_OK;
}

/* Room was made before. */
static void drop_past(mls_group_t *group, size_t n)
{
    mls_past_epoch_t *past = &group->past[n];
    group->gone_epochs.items[group->gone_epochs.count++] = past->epoch->context.epoch;
    mls_group_free_pending(past->epoch);
    mls_epoch_free(past->epoch);
    mls_tree_overlay_clear(&past->back);
    memmove(past, past + 1, (group->num_past - n - 1) * sizeof *past);
    group->num_past--;
    group->is_dirty = true;
}

void mls_group_drop_past(mls_group_t *group, size_t n)
{
    /* Without memory to remember it, it stays a while longer. */
    if (reserve_gone(group) == MLS_OK)
        drop_past(group, n);
}

static size_t num_unsettled(const mls_group_t *group)
{
    size_t count = 0;
    for (size_t i = 0; i < group->num_past; i++)
        count += group->past[i].is_unsettled;
    return count;
}

static void settle(mls_group_t *group, mls_past_epoch_t *past)
{
    if (!past->is_unsettled)
        return;
    mls_group_free_pending(past->epoch);
    mls_epoch_retire(past->epoch);
    past->is_unsettled = false;
    past->is_dirty = group->is_dirty = true;
}

void mls_group_expire(mls_group_t *group, uint64_t now)
{
    const mls_limits_t *limits = &group->config.limits;
    while (group->num_past > 0 && !group->past[0].is_unsettled &&
           (group->num_past - num_unsettled(group) > limits->num_past_epochs ||
            (now > group->past[0].ended_at && now - group->past[0].ended_at > limits->past_epoch_seconds))) {
        const size_t before = group->num_past;
        mls_group_drop_past(group, 0);
        if (group->num_past == before)
            return;
    }
}

uint64_t mls_group_earliest_epoch(const mls_group_t *group)
{
    for (size_t i = 0; i < group->num_past; i++)
        if (group->past[i].is_unsettled)
            return group->past[i].epoch->context.epoch;
    return mls_group_epoch(group);
}

/* The Commit that removes the own leaf: the tree of the new epoch is public, its secrets are not for us. The
 * group stays where it is, and can go back as long as that is not settled. */
static void leave(mls_group_t *group, bool keep_previous)
{
    group->is_removed = group->is_dirty = true;
    if (!keep_previous) {
        mls_group_free_pending(group->epoch);
        mls_epoch_end(group->epoch); /* a removed member reads nothing any more */
    }
}

/* Going back takes those of the epochs gone back from away: as many more are kept until they are settled. */
static void trim_resumption_psks(mls_group_t *group)
{
    mls_resumption_psk_t *psks = group->resumption_psks;
    while (group->num_resumption_psks > group->config.limits.num_resumption_psks + num_unsettled(group)) {
        memmove(psks, psks + 1, (group->num_resumption_psks - 1) * sizeof *psks);
        mls_wipe(&psks[--group->num_resumption_psks], sizeof *psks);
        group->is_dirty = true;
    }
}

/* What is settled, or was passed over by what is, cannot come again; but what is ahead of this group can
 * still come, though it be settled. */
static void forget_generations(mls_group_t *group, uint64_t settled)
{
    const uint64_t epoch = settled < mls_group_epoch(group) ? settled : mls_group_epoch(group);
    size_t num_left = 0;
    for (size_t i = 0; i < group->num_used_generations; i++)
        if (group->used_generations[i].epoch > epoch)
            group->used_generations[num_left++] = group->used_generations[i];
    group->is_dirty = group->is_dirty || num_left != group->num_used_generations;
    group->num_used_generations = num_left;
}

void mls_group_settle(mls_group_t *group, uint64_t epoch, uint64_t now)
{
    for (size_t i = 0; i < group->num_past; i++)
        if (group->past[i].epoch->context.epoch < epoch)
            settle(group, &group->past[i]);
    if (group->is_removed && mls_group_epoch(group) < epoch && group->epoch->secrets.init_secret.len > 0)
        leave(group, false);
    trim_resumption_psks(group);
    forget_generations(group, epoch);
    mls_group_expire(group, now);
}

/* ---- forward ------------------------------------------------------------------------------------- */

/* All that the merge will need, so that it cannot fail half way. */
static mls_status_t reserve_merge(mls_group_t *group, mls_staged_commit_t *staged)
{
    mls_past_epoch_t *past = realloc(group->past, (group->num_past + 1) * sizeof *past);
    if (past == NULL)
        return MLS_ERR_NOMEM;
    group->past = past;
    mls_resumption_psk_t *psks = malloc((group->num_resumption_psks + 1) * sizeof *psks);
    if (psks == NULL)
        return MLS_ERR_NOMEM;
    if (group->num_resumption_psks > 0)
        memcpy(psks, group->resumption_psks, group->num_resumption_psks * sizeof *psks);
    if (group->resumption_psks != NULL)
        mls_wipe(group->resumption_psks, group->num_resumption_psks * sizeof *psks);
    free(group->resumption_psks);
    group->resumption_psks = psks;
    mls_status_t status = mls_index_list_reserve(&group->dirty_nodes, staged->overlay.num_used);
    if (status == MLS_OK && group->is_joining)
        status = reserve_gone(group);
    return status == MLS_OK ? mls_tree_overlay_prepare(&staged->overlay) : status;
}

static void keep_resumption_psk(mls_group_t *group)
{
    mls_resumption_psk_t *psks = group->resumption_psks;
    psks[group->num_resumption_psks].epoch = mls_group_epoch(group);
    psks[group->num_resumption_psks++].secret = group->epoch->secrets.resumption_psk;
}

/* The nodes that an overlay touches are to be saved again. Room was made before. */
static void mark_nodes(mls_group_t *group, const mls_tree_overlay_t *overlay)
{
    for (uint32_t i = 0; i < overlay->num_entries; i++) {
        const mls_overlay_entry_t *entry = &overlay->entries[i];
        if (entry->place != 0 && (entry->flags & MLS_ENTRY_CHANGED) != 0 &&
            mls_index_list_insert(&group->dirty_nodes, entry->place - 1) != MLS_OK)
            group->all_nodes_are_dirty = true;
    }
}

/* Generations that an epoch with this tag was used with before it was gone back from. */
static void recall_generations(mls_group_t *group, mls_epoch_t *epoch)
{
    for (size_t i = 0; i < group->num_used_generations; i++) {
        const mls_used_generations_t *used = &group->used_generations[i];
        if (mls_tag_equal(&used->confirmation_tag, mls_secret_view(&epoch->confirmation_tag)))
            memcpy(epoch->sent, used->sent, sizeof epoch->sent);
    }
}

static void push_past(mls_group_t *group, mls_staged_commit_t *staged, uint64_t now)
{
    mls_past_epoch_t *past = &group->past[group->num_past++];
    *past =
        (mls_past_epoch_t){ .epoch = group->epoch, .ended_at = now, .is_unsettled = true, .is_dirty = true };
    mls_tree_overlay_move(&past->back, &staged->overlay);
    past->epoch->is_dirty = true;
}

/* What was staged is used up. An own Commit stays with its epoch, to be staged again should it come back. */
static void use_up(mls_received_t *received, const mls_epoch_t *before)
{
    for (size_t i = 0; i < before->num_commits; i++) {
        if (before->commits[i]->staged != received->staged)
            continue;
        mls_staged_commit_free(received->staged);
        before->commits[i]->staged = NULL;
    }
    mls_staged_commit_free(received->staged);
    received->staged = NULL;
}

/* The epoch that it was staged in, not only one of the same number. */
static bool is_for_this_epoch(const mls_group_t *group, const mls_staged_commit_t *staged)
{
    return staged->epoch_before == mls_group_epoch(group) &&
           mls_tag_equal(&staged->tag_before, mls_secret_view(&group->epoch->confirmation_tag));
}

/* Of the epoch that was joined from nothing can be read; nor is the own leaf in it, so that it could not be
 * loaded again. */
static void end_joining(mls_group_t *group)
{
    group->is_joining = false;
    drop_past(group, group->num_past - 1);
}

mls_status_t mls_group_merge(mls_group_t *group, mls_received_t *received, bool keep_previous, uint64_t now)
{
    mls_staged_commit_t *staged = received->staged;
    mls_status_t status;

    if (staged == NULL || staged->is_used || !staged->is_readable || group->is_removed ||
        !is_for_this_epoch(group, staged) ||
        (keep_previous && num_unsettled(group) >= group->config.limits.num_unsettled))
        return MLS_ERR_STATE;
    if ((status = reserve_merge(group, staged)) != MLS_OK)
        return status;
    staged->is_used = true;
    if (staged->removes_self) {
        leave(group, keep_previous);
        return MLS_OK;
    }
    mark_nodes(group, &staged->overlay);
    if (!group->is_joining)
        keep_resumption_psk(group);
    mls_tree_overlay_swap(&staged->overlay);
    push_past(group, staged, now);
    group->epoch = staged->next;
    staged->next = NULL;
    group->view.summary = group->tree->summary;
    group->is_dirty = true;
    recall_generations(group, group->epoch);
    use_up(received, group->past[group->num_past - 1].epoch);
    if (!keep_previous || group->is_joining)
        settle(group, &group->past[group->num_past - 1]);
    if (group->is_joining)
        end_joining(group);
    trim_resumption_psks(group);
    mls_group_expire(group, now);
    return MLS_OK;
}

/* ---- back ---------------------------------------------------------------------------------------- */

static mls_status_t remember_generations(mls_group_t *group, size_t num_more)
{
    const size_t num = group->num_used_generations + num_more;
    mls_used_generations_t *used = realloc(group->used_generations, num * sizeof *used);
    if (used == NULL)
        return MLS_ERR_NOMEM;
    group->used_generations = used;
    return MLS_OK;
}

static void note_generations(mls_group_t *group, const mls_epoch_t *epoch)
{
    mls_used_generations_t *used = group->used_generations;
    size_t i = 0;
    while (i < group->num_used_generations &&
           !mls_tag_equal(&used[i].confirmation_tag, mls_secret_view(&epoch->confirmation_tag)))
        i++;
    if (i == group->num_used_generations)
        group->num_used_generations++;
    used[i].epoch = epoch->context.epoch;
    used[i].confirmation_tag = epoch->confirmation_tag;
    memcpy(used[i].sent, epoch->sent, sizeof used[i].sent);
}

/* One epoch back. Room was made before. */
static void step_back(mls_group_t *group)
{
    mls_past_epoch_t *past = &group->past[--group->num_past];
    note_generations(group, group->epoch);
    group->gone_epochs.items[group->gone_epochs.count++] = mls_group_epoch(group);
    mls_group_free_pending(group->epoch);
    mls_epoch_free(group->epoch);
    mls_tree_overlay_swap(&past->back);
    mark_nodes(group, &past->back);
    mls_tree_overlay_clear(&past->back);
    group->epoch = past->epoch;
    group->epoch->is_dirty = true;
    if (group->num_resumption_psks > 0)
        mls_wipe(&group->resumption_psks[--group->num_resumption_psks], sizeof *group->resumption_psks);
}

static mls_status_t reserve_back(mls_group_t *group, size_t num_steps)
{
    size_t num_nodes = 0;
    for (size_t i = group->num_past - num_steps; i < group->num_past; i++)
        num_nodes += group->past[i].back.num_used;
    uint64_t *gone =
        realloc(group->gone_epochs.items, (group->gone_epochs.count + num_steps + 1) * sizeof *gone);
    if (gone == NULL)
        return MLS_ERR_NOMEM;
    group->gone_epochs.items = gone;
    mls_status_t status = mls_index_list_reserve(&group->dirty_nodes, num_nodes);
    return status == MLS_OK ? remember_generations(group, num_steps) : status;
}

mls_status_t mls_group_go_back(mls_group_t *group, uint64_t epoch)
{
    const mls_past_epoch_t *past = mls_group_past(group, epoch);
    mls_status_t status;

    if (epoch == mls_group_epoch(group) && !group->is_removed)
        return MLS_OK;
    if (epoch == mls_group_epoch(group)) {
        if (group->epoch->secrets.init_secret.len == 0)
            return MLS_ERR_NOT_FOUND; /* settled */
        group->is_removed = false;    /* the Commit that removed us was not merged into the tree */
        group->is_dirty = true;
        return MLS_OK;
    }
    if (past == NULL || !past->is_unsettled)
        return MLS_ERR_NOT_FOUND;
    const size_t num_steps = group->num_past - (size_t)(past - group->past);
    if ((status = reserve_back(group, num_steps)) != MLS_OK)
        return status;
    for (size_t i = 0; i < num_steps; i++)
        step_back(group);
    group->is_removed = false;
    group->is_dirty = true;
    group->view.summary = group->tree->summary;
    return MLS_OK;
}
