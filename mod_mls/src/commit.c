#include "commit.h"
#include "lookup.h"
#include "staged.h"
#include "stanza.h"

#include <stdlib.h>

enum {
    MAX_UNSETTLED = 16,
    MAX_PATH = MOD_MLS_MAX_INLINE / 4 * 3 / 120 /* ciphertexts, of 82 to 116 bytes, that fit into a stanza */
};

/* What goes into a Commit. */
typedef struct plan {
    mls_arena_t arena;
    mls_proposal_spec_t *specs;
    size_t num_specs, cap_specs;
    const char **added; /* account of the n-th Add */
    size_t num_added;
    bool removes, renews;
    size_t largest_path; /* ciphertexts in the path of any member; 0: nobody has asked yet */
    int64_t *lookups;    /* intents whose key packages are used */
    size_t num_lookups;
} plan_t;

bool mod_mls_commit_is_pending(const mod_mls_room_t *room)
{
    for (size_t n = 0;; n++) {
        const mls_pending_commit_t *pending = mls_group_pending_commit(room->group, n);
        if (pending == NULL)
            return false;
        if (mls_pending_commit_epoch(pending) == mls_group_epoch(room->group))
            return true;
    }
}

/* ---- planning ------------------------------------------------------------------------------------ */

static mls_status_t plan_reserve(plan_t *plan, size_t more)
{
    plan->cap_specs = more;
    plan->specs = mls_arena_alloc(&plan->arena, (more + 1) * sizeof *plan->specs);
    plan->added = mls_arena_alloc(&plan->arena, (more + 1) * sizeof *plan->added);
    plan->lookups = mls_arena_alloc(&plan->arena, (more + 1) * sizeof *plan->lookups);
    return plan->specs == NULL || plan->added == NULL || plan->lookups == NULL ? MLS_ERR_NOMEM : MLS_OK;
}

static bool has_device(const mod_mls_room_t *room, const uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN])
{
    uint8_t other[MOD_MLS_DEVICE_KEY_LEN];
    mls_leaf_info_t leaf;

    for (uint32_t i = 0; mls_group_next_leaf(room->group, &leaf, i) == MLS_OK; i = leaf.leaf_index + 1) {
        if (mod_mls_leaf_device_key(other, &leaf) == MLS_OK && memcmp(other, device_key, sizeof other) == 0)
            return true;
    }
    return false;
}

/* A Commit waits until something happens, whatever is due. */
static bool is_held_back(const mod_mls_room_t *room)
{
    return room->reader.is_active || room->awaited != NULL || /* it may change everything */
           room->state != MOD_MLS_ROOM_READY ||
           mls_group_epoch(room->group) - mls_group_earliest_epoch(room->group) >= MAX_UNSETTLED;
}

/* Whoever is added is one more to encrypt to, until somebody near has made a path. Beyond the limit even a
 * Remove could become too long to be sent, so adding waits for the others. */
static bool has_place_for(mod_mls_t *mls, plan_t *plan, const mod_mls_room_t *room, size_t num_added)
{
    if (mls->settings.path_limit == 0)
        return true;
    if (plan->largest_path == 0) /* a walk through the tree, once for all who wait */
        plan->largest_path = mls_group_largest_path_cost(room->group);
    return plan->largest_path + num_added <= mls->settings.path_limit;
}

static void plan_add(mod_mls_t *mls, plan_t *plan, const mod_mls_room_t *room, const mod_mls_lookup_t *lookup)
{
    const size_t num_added = plan->num_added + lookup->num_devices;

    if (num_added > MOD_MLS_MAX_ADDS || !has_place_for(mls, plan, room, num_added))
        return; /* in a later Commit */
    for (size_t i = 0; i < lookup->num_devices && plan->num_specs < plan->cap_specs; i++) {
        const mod_mls_lookup_device_t *device = &lookup->devices[i];
        if (device->key_package.len == 0 || has_device(room, device->device_key))
            continue;
        plan->added[plan->num_added++] = lookup->account;
        plan->specs[plan->num_specs++] =
            (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                   .key_package = mls_bytes_view(&device->key_package) };
    }
    plan->lookups[plan->num_lookups++] = lookup->intent;
}

static void plan_remove(plan_t *plan, const mod_mls_room_t *room, const char *account)
{
    mls_leaf_info_t leaf;

    for (uint32_t i = 0;
         mls_group_next_leaf(room->group, &leaf, i) == MLS_OK && plan->num_specs < plan->cap_specs;
         i = leaf.leaf_index + 1) {
        if (!mod_mls_view_is(leaf.identity, account) || leaf.leaf_index == mls_group_own_leaf(room->group))
            continue;
        plan->specs[plan->num_specs++] =
            (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REMOVE, .removed = leaf.leaf_index };
        plan->removes = true;
    }
}

/* A wish that the policy does not allow (any more) ends with a word to the user. */
static mls_status_t refuse(mod_mls_t *mls, mod_mls_room_t *room, const mod_mls_intent_row_t *intent)
{
    mls_status_t status = mod_mls_store_drop_intent(mls->store, intent->id);

    mod_mls_lookup_drop(room, intent->id);
    return status != MLS_OK ? status
                            : mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid, MOD_MLS_ERROR_NOT_ALLOWED,
                                           MLS_OK, intent->account);
}

/* One item an IQ: Prosody acts on the first alone. Nobody waits for the answer; who may not do this leaves it
 * to those who may. */
static mls_status_t revoke_membership(mod_mls_t *mls, mod_mls_room_t *room,
                                      const mod_mls_intent_row_t *intent)
{
    mod_mls_xml_writer_t xml = { 0 };
    char id[33];
    mls_status_t status;

    if (mod_mls_room_num_leaves_of(room, mls_view_text(intent->account)) > 0)
        return mod_mls_store_drop_intent(mls->store, intent->id); /* it is back */
    if (mls_group_earliest_epoch(room->group) != mls_group_epoch(room->group))
        return MLS_OK; /* not settled yet */
    if ((status = mod_mls_store_drop_intent(mls->store, intent->id)) != MLS_OK || !room->is_owner ||
        (status = mod_mls_random_id(mls, id)) != MLS_OK)
        return status;
    mod_mls_xml_open(&xml, "iq", NULL);
    mod_mls_xml_put(&xml, "type", "set");
    mod_mls_xml_put(&xml, "to", room->jid);
    mod_mls_xml_put(&xml, "id", id);
    mod_mls_xml_open(&xml, "query", "http://jabber.org/protocol/muc#admin");
    mod_mls_xml_open(&xml, "item", NULL);
    mod_mls_xml_put(&xml, "affiliation", "none");
    mod_mls_xml_put(&xml, "jid", intent->account);
    return mod_mls_send(mls, &xml);
}

static mls_status_t plan_intent(mod_mls_t *mls, mod_mls_room_t *room, plan_t *plan,
                                const mod_mls_intent_row_t *intent)
{
    const size_t leaves = mod_mls_room_num_leaves_of(room, mls_view_text(intent->account));
    const mod_mls_lookup_t *lookup;
    mls_status_t status;

    switch (intent->kind) {
    case MOD_MLS_INTENT_ADD:
        if (leaves > 0)
            return mod_mls_store_intent_done(mls->store, intent->id, mls_group_epoch(room->group));
        if (!mod_mls_room_allows(mls, room, MOD_MLS_MAY_ADD))
            return refuse(mls, room, intent);
        if ((status = mod_mls_lookup_drive(mls, room, intent)) != MLS_OK)
            return status;
        lookup = mod_mls_lookup_find(room, intent->id);
        if (lookup != NULL && lookup->step == MOD_MLS_LOOKUP_READY)
            plan_add(mls, plan, room, lookup);
        return MLS_OK;
    case MOD_MLS_INTENT_REMOVE:
        if (leaves == 0)
            return mod_mls_store_intent_done(mls->store, intent->id, mls_group_epoch(room->group));
        if (!mod_mls_room_allows(mls, room, MOD_MLS_MAY_REMOVE))
            return refuse(mls, room, intent);
        plan_remove(plan, room, intent->account);
        return MLS_OK;
    case MOD_MLS_INTENT_UPDATE:
        plan->renews = true;
        return MLS_OK;
    case MOD_MLS_INTENT_REVOKE:
        return revoke_membership(mls, room, intent);
    }
    return MLS_OK;
}

/* Pending proposals of others go in by reference, if all of them are leaves. What else somebody proposed is
 * left alone, since an own Commit must not carry what its proposer may not do. */
static bool has_foreign_proposals(const mod_mls_room_t *room)
{
    mls_proposal_info_t info;

    for (size_t n = 0; mls_group_pending_proposal(room->group, &info, n) == MLS_OK; n++) {
        if (!mod_mls_is_leave(&info))
            return true;
    }
    return false;
}

bool mod_mls_has_leavers(const mod_mls_room_t *room)
{
    mls_proposal_info_t info;
    bool found = false;

    for (size_t n = 0; mls_group_pending_proposal(room->group, &info, n) == MLS_OK; n++) {
        if (info.sender == mls_group_own_leaf(room->group))
            return false; /* who leaves commits nothing any more */
        found = found || mod_mls_is_leave(&info);
    }
    return found;
}

/* ---- making -------------------------------------------------------------------------------------- */

/* The account's Welcome holds the secrets of its own devices and nobody else's. */
static mls_status_t make_welcome(mod_mls_t *mls, mod_mls_room_t *room, const plan_t *plan,
                                 mls_pending_commit_t *pending, mls_view_t hash, size_t first)
{
    size_t members[MOD_MLS_MAX_ADDS], num_members = 0;
    mls_bytes_t welcome = { 0 };
    mls_status_t status;

    for (size_t n = first; n < plan->num_added; n++) {
        if (strcmp(plan->added[n], plan->added[first]) == 0)
            members[num_members++] = n;
    }
    status = mls_pending_commit_welcome(pending, &welcome, members, num_members);
    if (status == MLS_OK && welcome.len > MOD_MLS_MAX_INLINE / 4 * 3)
        status = MLS_ERR_LIMIT;
    if (status == MLS_OK)
        status = mod_mls_store_add_welcome(mls->store, room->id, mls_group_epoch(room->group), hash,
                                           plan->added[first], mls_bytes_view(&welcome));
    mls_bytes_clear(&welcome);
    return status;
}

static mls_status_t make_welcomes(mod_mls_t *mls, mod_mls_room_t *room, const plan_t *plan,
                                  mls_pending_commit_t *pending, mls_view_t hash)
{
    const mod_mls_xmpp_anchor_t anchor = { .commit = hash };
    mls_bytes_t data = { 0 };
    mls_status_t status = mls_encode(&data, mod_mls_codec_xmpp_anchor, &anchor);
    mls_extension_t extension = { MOD_MLS_EXTENSION_ANCHOR, mls_bytes_view(&data) };
    const mls_extensions_t extensions = { &extension, 1 };
    const mls_group_info_options_t options = { .extensions = &extensions, .with_tree = true, .grease = true };

    if (status == MLS_OK && plan->num_added > 0)
        status = mls_pending_commit_group_info(pending, &options);
    for (size_t n = 0; status == MLS_OK && n < plan->num_added; n++) {
        bool is_first = true;
        for (size_t i = 0; i < n; i++)
            is_first = is_first && strcmp(plan->added[i], plan->added[n]) != 0;
        if (is_first)
            status = make_welcome(mls, room, plan, pending, hash, n);
    }
    mls_bytes_clear(&data);
    return status;
}

static mls_status_t make_bytes(mod_mls_t *mls, mod_mls_room_t *room, const plan_t *plan,
                               mls_pending_commit_t **pending, const char *origin_id)
{
    mls_bytes_t authenticated_data = { 0 };
    mod_mls_leaf_signer_t signer = mod_mls_own_signer(mls);
    mls_status_t status = mod_mls_room_authenticated_data(mls, room, &authenticated_data, origin_id);
    const mls_commit_options_t options = {
        .handshake = { .authenticated_data = mls_bytes_view(&authenticated_data) },
        .proposals = plan->specs,
        .num_proposals = plan->num_specs,
        .without_pending = has_foreign_proposals(room),
        .force_path = plan->renews,
        .leaf_hook = { mod_mls_leaf_sign, &signer },
        .now = mls->now / 1000,
    };

    if (status == MLS_OK)
        status = mls_group_commit(room->group, pending, &options);
    mls_bytes_clear(&authenticated_data);
    return status;
}

static mls_status_t send_pending(mod_mls_t *mls, mod_mls_room_t *room, mls_view_t message)
{
    mod_mls_xml_writer_t xml;
    char origin_id[33];
    mls_status_t status;

    if ((status = mod_mls_random_id(mls, origin_id)) != MLS_OK ||
        (status = mod_mls_stanza_group(&xml, room->jid, origin_id, message, false)) != MLS_OK)
        return status;
    room->commit_sent_at = mls->now;
    return mod_mls_send(mls, &xml);
}

/* The Commit, its Welcomes and the used generation are stored before anything leaves. */
static mls_status_t make(mod_mls_t *mls, mod_mls_room_t *room, const plan_t *plan)
{
    mls_pending_commit_t *pending = NULL;
    uint8_t hash[MOD_MLS_SHA256_LEN];
    char origin_id[33];
    const bool holds_back = plan->removes || mod_mls_has_leavers(room);
    mls_status_t status;

    if ((status = mod_mls_random_id(mls, origin_id)) != MLS_OK ||
        (status = make_bytes(mls, room, plan, &pending, origin_id)) != MLS_OK)
        return status;
    const mls_view_t message = mls_pending_commit_message(pending);
    if ((status = mod_mls_sha256(mls->crypto, hash, message)) == MLS_OK &&
        (status = make_welcomes(mls, room, plan, pending, mls_view(hash, sizeof hash))) == MLS_OK &&
        (status = mod_mls_store_put_own_commit(mls->store, room->id, mls_group_epoch(room->group),
                                               mls_view(hash, sizeof hash), holds_back)) == MLS_OK)
        status = send_pending(mls, room, message);
    if (status != MLS_OK) /* it was not handed to the stream: it can be given up */
        mls_group_discard_pending(room->group, pending);
    mls_status_t saved = mod_mls_room_save_group(mls, room);
    if (saved == MLS_OK)
        saved = mod_mls_store_put_account(mls->store, &mls->self);
    return saved != MLS_OK ? saved : status;
}

/* Members would refuse it: what it was made of is looked at anew, later. */
static mls_status_t on_unfit(mod_mls_t *mls, mod_mls_room_t *room, const plan_t *plan, mls_status_t cause)
{
    for (size_t i = 0; i < plan->num_lookups; i++) {
        mod_mls_lookup_t *lookup = mod_mls_lookup_find(room, plan->lookups[i]);
        if (lookup != NULL)
            mod_mls_lookup_postpone(mls, lookup);
    }
    if (cause == MLS_ERR_LIMIT)
        room->fill_at = 0; /* in this epoch; what else is to be committed may fit without a path */
    room->retry_commit_at = mls->now + mls->settings.retry_ms;
    return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, room->jid,
                        cause == MLS_ERR_LIMIT ? MOD_MLS_ERROR_TOO_LONG : MOD_MLS_ERROR_KEY_PACKAGE_INVALID,
                        cause, plan->num_added > 0 ? plan->added[0] : NULL);
}

/* ---- driving ------------------------------------------------------------------------------------- */

static mls_pending_commit_t *current_pending(const mod_mls_room_t *room)
{
    for (size_t n = 0;; n++) {
        mls_pending_commit_t *pending = mls_group_pending_commit(room->group, n);
        if (pending == NULL || mls_pending_commit_epoch(pending) == mls_group_epoch(room->group))
            return pending;
    }
}

/* The same bytes again, once a session and after each time-out; members know them by their place. */
static mls_status_t resend(mod_mls_t *mls, mod_mls_room_t *room)
{
    if (room->commit_sent_at != 0 && mls->now < room->commit_sent_at + mls->settings.retry_ms)
        return MLS_OK;
    return send_pending(mls, room, mls_pending_commit_message(current_pending(room)));
}

static bool somebody_waits(mod_mls_t *mls, const mod_mls_room_t *room)
{
    uint64_t num_outgoing;

    if (!mod_mls_has_leavers(room))
        return false;
    /* RFC 9420, Section 12.4: who wants to send has to commit what is pending first. */
    return (room->commit_at != 0 && mls->now >= room->commit_at) ||
           (mod_mls_store_count_outgoing(mls->store, &num_outgoing, room->id) == MLS_OK && num_outgoing > 0);
}

/* Looks once in each epoch whether a path of this device would fill a large blank part of the tree, which all
 * others encrypt to leaf by leaf. Any one of those below can do it: they wait at random, the longer the more
 * they are. */
static void look_at_path(mod_mls_t *mls, mod_mls_room_t *room)
{
    const uint64_t unit = 2 * mls->settings.backoff_unit_ms;
    mls_path_cost_t cost;

    if (room->fill_epoch == mls_group_epoch(room->group) + 1)
        return;
    room->fill_epoch = mls_group_epoch(room->group) + 1;
    if (mls_group_path_cost(room->group, &cost, mls_group_own_leaf(room->group)) != MLS_OK ||
        cost.blank <= mls->settings.path_blank || cost.own > MAX_PATH)
        room->fill_at = 0;
    else if (room->fill_at <= mls->now) /* none yet, or somebody's Commit came first */
        room->fill_at = mls->now + 1 + mod_mls_random_below(mls, unit * cost.blank);
}

static bool is_due(uint64_t at, uint64_t now)
{
    return at != 0 && now >= at;
}

mls_status_t mod_mls_commit_drive(mod_mls_t *mls, mod_mls_room_t *room)
{
    plan_t plan = { 0 };
    mod_mls_intent_rows_t intents;
    mls_status_t status;

    if (room->reader.is_active || room->awaited != NULL)
        return MLS_OK;
    if (mod_mls_commit_is_pending(room))
        return resend(mls, room);
    if (is_held_back(room) || mls->now < room->retry_commit_at)
        return MLS_OK;
    look_at_path(mls, room);
    plan.renews = is_due(room->update_due, mls->now) || is_due(room->fill_at, mls->now);
    if ((status = mod_mls_store_intents(mls->store, &intents, room->id, &plan.arena)) == MLS_OK)
        status = plan_reserve(&plan, 2 * MOD_MLS_MAX_ADDS + mls_group_num_members(room->group));
    for (size_t i = 0; status == MLS_OK && i < intents.count; i++)
        status = plan_intent(mls, room, &plan, &intents.items[i]);
    if (status == MLS_OK && (plan.num_specs > 0 || plan.renews || somebody_waits(mls, room))) {
        status = make(mls, room, &plan);
        if (mls_status_is_input(status) || status == MLS_ERR_REJECTED || status == MLS_ERR_STATE)
            status = on_unfit(mls, room, &plan, status);
    }
    mls_arena_clear(&plan.arena);
    return status;
}

/* The place of a leaf among the members, counted from another one. */
static uint64_t slot_of(const mod_mls_room_t *room, uint32_t leaf_index, uint32_t from)
{
    mls_leaf_info_t leaf;
    uint64_t position = 0, own = 0, origin = 0;

    for (uint32_t i = 0; mls_group_next_leaf(room->group, &leaf, i) == MLS_OK; i = leaf.leaf_index + 1) {
        if (leaf.leaf_index == leaf_index)
            own = position;
        if (leaf.leaf_index == from)
            origin = position;
        position++;
    }
    return position == 0 ? 0 : (own + position - origin) % position;
}

static uint64_t log2_floor(uint64_t value)
{
    uint64_t log = 0;
    while (value > 1) {
        value /= 2;
        log++;
    }
    return log;
}

void mod_mls_commit_back_off(mod_mls_t *mls, mod_mls_room_t *room)
{
    const uint64_t unit = mls->settings.backoff_unit_ms;
    const uint64_t slot = slot_of(room, mls_group_own_leaf(room->group), room->last_committer);
    uint64_t delay = unit * (slot < 5 ? slot : 5) + mod_mls_random_below(mls, unit);

    if (slot > 5)
        delay += unit * 15 / 2 * log2_floor(slot); /* 15 s where the unit is 2 s */
    if (room->commit_at == 0)
        room->commit_at = mls->now + delay;
}

uint64_t mod_mls_commit_deadline(mod_mls_t *mls, const mod_mls_room_t *room)
{
    uint64_t at = UINT64_MAX;

    if (!mod_mls_room_is_live(mls, room))
        return at;
    if (mod_mls_commit_is_pending(room))
        return room->commit_sent_at + mls->settings.retry_ms;
    if (!is_held_back(room)) {
        if (room->update_due != 0)
            at = room->update_due;
        if (room->fill_at != 0 && room->fill_at < at)
            at = room->fill_at;
        if (room->commit_at != 0 && room->commit_at < at && mod_mls_has_leavers(room))
            at = room->commit_at;
    }
    for (const mod_mls_lookup_t *lookup = room->lookups; lookup != NULL; lookup = lookup->next) {
        if (lookup->step == MOD_MLS_LOOKUP_WAITING && lookup->retry_at < at)
            at = lookup->retry_at;
    }
    return at < room->retry_commit_at ? room->retry_commit_at : at;
}
