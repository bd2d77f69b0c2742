#include "apply.h"
#include "lookup.h"
#include "message.h"
#include "staged.h"

#include <stdlib.h>

/* What has to be known of the Commit before merging uses it up. */
typedef struct effects {
    mls_arena_t arena;
    uint32_t committer;
    mls_view_t author; /* account */
    bool is_own, removes_self, has_own_path, changes_policy;
    uint32_t *removed; /* leaf indices */
    bool *left;        /* the n-th removed wished it itself */
    size_t num_removed;
    uint32_t *added;
    size_t num_added;
} effects_t;

static mls_view_t keep(mls_arena_t *arena, mls_view_t view)
{
    uint8_t *copy = mls_arena_alloc(arena, view.len + 1);

    if (copy == NULL)
        return mls_view(NULL, 0);
    if (view.len > 0)
        memcpy(copy, view.data, view.len);
    return mls_view(copy, view.len);
}

static void note_proposal(effects_t *effects, const mls_proposal_info_t *info)
{
    switch (info->type) {
    case MLS_PROPOSAL_ADD:
        effects->added[effects->num_added++] = info->leaf_index;
        break;
    case MLS_PROPOSAL_REMOVE:
        effects->left[effects->num_removed] = mod_mls_is_leave(info);
        effects->removed[effects->num_removed++] = info->leaf_index;
        break;
    default:
        effects->changes_policy = true;
    }
}

static mls_status_t note_effects(effects_t *effects, const mod_mls_room_t *room, mls_received_t *received)
{
    const mls_staged_commit_t *staged = mls_received_commit(received);
    const size_t count = mls_staged_commit_num_proposals(staged);
    mls_leaf_info_t leaf;
    mls_status_t status;

    effects->committer = mls_staged_commit_committer(staged);
    effects->is_own = effects->committer == mls_group_own_leaf(room->group);
    effects->removes_self = mls_staged_commit_removes_self(staged);
    effects->has_own_path = effects->is_own && mls_staged_commit_path_leaf(staged, &leaf) == MLS_OK;
    if ((status = mls_group_leaf(room->group, &leaf, effects->committer)) != MLS_OK)
        return status;
    effects->author = keep(&effects->arena, leaf.identity);
    effects->removed = mls_arena_alloc(&effects->arena, (count + 1) * sizeof *effects->removed);
    effects->left = mls_arena_alloc(&effects->arena, (count + 1) * sizeof *effects->left);
    effects->added = mls_arena_alloc(&effects->arena, (count + 1) * sizeof *effects->added);
    if (effects->author.data == NULL || effects->removed == NULL || effects->left == NULL ||
        effects->added == NULL)
        return MLS_ERR_NOMEM;
    for (size_t n = 0; status == MLS_OK && n < count; n++) {
        mls_proposal_info_t info;
        if ((status = mls_staged_commit_proposal(staged, &info, n)) == MLS_OK)
            note_proposal(effects, &info);
    }
    return status;
}

/* With its first Commit a joiner shows that it has joined. */
static mls_status_t hear_committer(mod_mls_t *mls, const mod_mls_room_t *room, const effects_t *effects)
{
    mls_leaf_info_t leaf;
    mls_status_t status = mls_group_leaf(room->group, &leaf, effects->committer);
    return status != MLS_OK ? status : mod_mls_hear_leaf(mls, room, &leaf);
}

/* ---- telling ------------------------------------------------------------------------------------- */

static mls_status_t forget_heard(mod_mls_t *mls, const mod_mls_room_t *room, const mls_leaf_info_t *leaf)
{
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    mls_status_t status = mod_mls_leaf_device_key(device_key, leaf);

    return status != MLS_OK
               ? status
               : mod_mls_store_unhear(mls->store, room->id, mls_view(device_key, sizeof device_key));
}

/* Before merging, while the removed leaves can be looked at. */
static mls_status_t tell_removed(mod_mls_t *mls, const mod_mls_room_t *room, const effects_t *effects)
{
    const uint64_t epoch = mls_group_epoch(room->group) + 1;
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < effects->num_removed; i++) {
        mls_leaf_info_t leaf;
        mod_mls_event_type_t type =
            effects->left[i] ? MOD_MLS_EVENT_MEMBER_LEFT : MOD_MLS_EVENT_MEMBER_REMOVED;
        if (effects->removed[i] == mls_group_own_leaf(room->group)) {
            if (effects->left[i])
                continue; /* LEFT says it */
            type = MOD_MLS_EVENT_REMOVED;
        }
        if ((status = mls_group_leaf(room->group, &leaf, effects->removed[i])) == MLS_OK &&
            (status = forget_heard(mls, room, &leaf)) == MLS_OK)
            status = mod_mls_room_emit_member(mls, room, type, &leaf,
                                              effects->left[i] ? mls_view(NULL, 0) : effects->author, epoch);
    }
    return status;
}

static mls_status_t tell_added(mod_mls_t *mls, mod_mls_room_t *room, const effects_t *effects)
{
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < effects->num_added; i++) {
        mls_leaf_info_t leaf;
        if ((status = mls_group_leaf(room->group, &leaf, effects->added[i])) == MLS_OK)
            status = mod_mls_room_emit_member(mls, room, MOD_MLS_EVENT_MEMBER_ADDED, &leaf, effects->author,
                                              mls_group_epoch(room->group));
    }
    if (status == MLS_OK && effects->changes_policy) {
        mls_leaf_info_t leaf;
        if ((status = mod_mls_room_take_name(room)) == MLS_OK &&
            mls_group_leaf(room->group, &leaf, effects->committer) == MLS_OK)
            status = mod_mls_room_emit_member(mls, room, MOD_MLS_EVENT_ROOM_CHANGED, &leaf, effects->author,
                                              mls_group_epoch(room->group));
    }
    return status;
}

/* ---- what follows -------------------------------------------------------------------------------- */

static void put_u32(uint8_t *out, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static mls_status_t store_epoch(mod_mls_t *mls, mod_mls_room_t *room, effects_t *effects, uint64_t epoch,
                                const mod_mls_item_t *item)
{
    uint8_t *removed = mls_arena_alloc(&effects->arena, 4 * effects->num_removed + 1);
    mod_mls_epoch_row_t row = { .epoch = epoch,
                                .stanza_id = item->stanza_id,
                                .applied_at = mls->now,
                                .voids = mls_view(room->voids, room->num_voids * MOD_MLS_SHA256_LEN),
                                .removed = mls_view(removed, 4 * effects->num_removed) };

    if (removed == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < effects->num_removed; i++)
        put_u32(removed + 4 * i, effects->removed[i]);
    memcpy(row.commit_hash, item->hash, sizeof row.commit_hash);
    return mod_mls_store_put_epoch(mls->store, room->id, &row);
}

/* An epoch that an own path began is a renewal: the next is due much later. */
static void renewed(mod_mls_t *mls, mod_mls_room_t *room)
{
    const uint64_t period = mls->settings.update_ms;
    room->update_due = mls->now + period - mod_mls_random_below(mls, period / 3 + 1);
    room->overdue_since = 0;
}

/* An empty Commit that was due and came too late is made again, but not at once: who was beaten by the same
 * Commit would try again at the same time. After an hour it waits no longer, so that nobody can keep it from
 * being made. */
static void postpone_renewal(mod_mls_t *mls, mod_mls_room_t *room)
{
    const uint64_t spread = 2 * mls->settings.backoff_unit_ms * mls_group_num_members(room->group);
    const uint64_t most = mls->settings.join_commit_delay_ms / 24;

    if (room->update_due == 0 || room->update_due > mls->now)
        return;
    if (room->overdue_since == 0)
        room->overdue_since = room->update_due;
    const uint64_t waited = mls->now - room->overdue_since, left = waited < most ? most - waited : 0;
    room->update_due = mls->now + 1 + mod_mls_random_below(mls, spread < left ? spread : left);
}

static mls_status_t add_revocation(mod_mls_t *mls, const mod_mls_room_t *room, mls_view_t account)
{
    char *jid = mod_mls_strndup(account);
    mls_status_t status = jid == NULL
                              ? MLS_ERR_NOMEM
                              : mod_mls_store_add_intent(mls->store, room->id, MOD_MLS_INTENT_REVOKE, jid);

    free(jid);
    return status;
}

/* A MUC's list follows the group, never the other way. Who has the right takes the account off the list,
 * but only when that is settled: until then the removed one can see in the archive what became of it.
 * `accounts` are those of the removed leaves, read before merging. */
static mls_status_t revoke_memberships(mod_mls_t *mls, const mod_mls_room_t *room, const mls_view_t *accounts,
                                       size_t count)
{
    mls_status_t status = MLS_OK;

    for (size_t i = 0; status == MLS_OK && i < count; i++) {
        if (mod_mls_room_num_leaves_of(room, accounts[i]) == 0)
            status = add_revocation(mls, room, accounts[i]);
    }
    return status;
}

static mls_view_t *accounts_of_removed(effects_t *effects, const mod_mls_room_t *room)
{
    mls_view_t *accounts = mls_arena_alloc(&effects->arena, (effects->num_removed + 1) * sizeof *accounts);

    for (size_t i = 0; accounts != NULL && i < effects->num_removed; i++) {
        mls_leaf_info_t leaf;
        if (mls_group_leaf(room->group, &leaf, effects->removed[i]) == MLS_OK)
            accounts[i] = keep(&effects->arena, leaf.identity);
    }
    return accounts;
}

/* This device left, as it wished: its keys go at once. */
static mls_status_t end_leaving(mod_mls_t *mls, mod_mls_room_t *room)
{
    const mod_mls_event_t left = { .type = MOD_MLS_EVENT_LEFT, .room = room->jid };
    mls_status_t status;

    if ((status = mod_mls_part(mls, room->jid, room->nick)) != MLS_OK ||
        (status = mod_mls_room_end(mls, room, MOD_MLS_ROOM_LEFT)) != MLS_OK)
        return status;
    return mod_mls_emit(mls, &left, 0);
}

static void forget_voids(mod_mls_room_t *room)
{
    free(room->voids);
    room->voids = NULL;
    room->num_voids = 0;
}

/* Own wishes that the new epoch fulfils. */
static mls_status_t close_intents(mod_mls_t *mls, mod_mls_room_t *room, const effects_t *effects)
{
    mls_arena_t arena = { 0 };
    mod_mls_intent_rows_t rows;
    mls_status_t status = mod_mls_store_intents(mls->store, &rows, room->id, &arena);

    for (size_t i = 0; status == MLS_OK && i < rows.count; i++) {
        const mod_mls_intent_row_t *row = &rows.items[i];
        const size_t leaves = mod_mls_room_num_leaves_of(room, mls_view_text(row->account));
        if ((row->kind == MOD_MLS_INTENT_ADD && leaves > 0) ||
            (row->kind == MOD_MLS_INTENT_REMOVE && leaves == 0) ||
            (row->kind == MOD_MLS_INTENT_UPDATE && effects->has_own_path)) {
            status = mod_mls_store_intent_done(mls->store, row->id, mls_group_epoch(room->group));
            mod_mls_lookup_drop(room, row->id);
        }
    }
    mls_arena_clear(&arena);
    return status;
}

/* This device was removed. The keys of the epoch before are kept until that is settled, like for any Commit.
 */
static mls_status_t end_membership(mod_mls_t *mls, mod_mls_room_t *room, effects_t *effects,
                                   mls_received_t *received, const mod_mls_item_t *item)
{
    mls_status_t status;

    if (room->state == MOD_MLS_ROOM_LEAVING)
        return end_leaving(mls, room);
    room->state = MOD_MLS_ROOM_REMOVED;
    /* The group stays in the old epoch: the new one's secrets are not for this device. */
    if ((status = mls_group_merge(room->group, received, true, mls->now / 1000)) != MLS_OK ||
        (status = store_epoch(mls, room, effects, mls_group_epoch(room->group) + 1, item)) != MLS_OK ||
        (status = mod_mls_room_save_group(mls, room)) != MLS_OK)
        return status;
    forget_voids(room);
    return mod_mls_room_save(mls, room);
}

/* What the new epoch brings about, once the group is in it. */
static mls_status_t follow_up(mod_mls_t *mls, mod_mls_room_t *room, effects_t *effects,
                              const mod_mls_item_t *item, const mls_view_t *removed_accounts)
{
    const mls_view_t hash = mls_view(item->hash, sizeof item->hash);
    mls_status_t status;

    mls->has_new_epoch = true;
    room->last_committer = effects->committer;
    room->commit_at = room->commit_sent_at = 0;
    if (effects->has_own_path)
        renewed(mls, room);
    else
        postpone_renewal(mls, room);
    if ((status = store_epoch(mls, room, effects, mls_group_epoch(room->group), item)) != MLS_OK ||
        (status = close_intents(mls, room, effects)) != MLS_OK ||
        (status = mod_mls_store_release_welcomes(mls->store, room->id, hash, item->stanza_id)) != MLS_OK ||
        (status = mod_mls_room_save_group(mls, room)) != MLS_OK ||
        (status = tell_added(mls, room, effects)) != MLS_OK ||
        (status = mod_mls_room_save(mls, room)) != MLS_OK)
        return status;
    forget_voids(room);
    if ((effects->is_own || room->is_owner) && !mls->settings.keep_membership &&
        (status = revoke_memberships(mls, room, removed_accounts, effects->num_removed)) != MLS_OK)
        return status;
    if ((status = mod_mls_room_emit_epoch(mls, room, MOD_MLS_EVENT_EPOCH)) != MLS_OK)
        return status;
    return mod_mls_message_release_held(mls, room);
}

mls_status_t mod_mls_commit_apply(mod_mls_t *mls, mod_mls_room_t *room, mls_received_t *received,
                                  const mod_mls_item_t *item)
{
    effects_t effects = { 0 };
    mls_view_t *removed_accounts = NULL;
    mls_status_t status;

    if ((status = note_effects(&effects, room, received)) == MLS_OK &&
        (removed_accounts = accounts_of_removed(&effects, room)) == NULL)
        status = MLS_ERR_NOMEM;
    if (status == MLS_OK && (status = tell_removed(mls, room, &effects)) == MLS_OK &&
        (status = hear_committer(mls, room, &effects)) == MLS_OK) {
        if (effects.removes_self)
            status = end_membership(mls, room, &effects, received, item);
        else if ((status = mls_group_merge(room->group, received, true, mls->now / 1000)) == MLS_OK)
            status = follow_up(mls, room, &effects, item, removed_accounts);
    }
    mls_arena_clear(&effects.arena);
    return status;
}
