#include "policy.h"

#include "mod_mls/mod_mls.h"

#include <stdlib.h>

bool mod_mls_policy_is_admin(const mod_mls_xmpp_room_t *room, mls_view_t account)
{
    for (size_t i = 0; i < room->admins.count; i++) {
        if (mls_view_equal(room->admins.items[i], account))
            return true;
    }
    return false;
}

bool mod_mls_policy_allows(const mod_mls_xmpp_room_t *room, mod_mls_right_t right, mls_view_t account)
{
    const uint8_t who = right == MOD_MLS_MAY_ADD      ? room->may_add
                        : right == MOD_MLS_MAY_REMOVE ? room->may_remove
                                                      : room->may_change;
    return who == MOD_MLS_EVERYBODY || mod_mls_policy_is_admin(room, account);
}

mls_status_t mod_mls_policy_room(mod_mls_xmpp_room_t *out, mls_arena_t *arena, mls_view_t extensions)
{
    mls_view_t data;
    mls_status_t status = mls_extensions_find(&data, extensions, MOD_MLS_EXTENSION_ROOM);

    *out = (mod_mls_xmpp_room_t){ 0 };
    return status != MLS_OK ? status : mls_decode(out, sizeof *out, mod_mls_codec_xmpp_room, data, arena);
}

/* ---- looking things up --------------------------------------------------------------------------- */

/* A Commit being judged. The tree after it is the leaves that are kept, and then what is added. */
typedef struct judge {
    const mod_mls_policy_commit_t *commit;
    bool *is_removed; /* per leaf of the tree before */
    size_t num_added, num_removed;
    const mod_mls_xmpp_room_t *room_after; /* the policy after it */
    mod_mls_xmpp_room_t new_room;
    mls_arena_t arena;
    const char *rule; /* the first that was broken */
} judge_t;

/* Notes that a rule holds or is broken; the first broken one is the verdict. */
static bool holds(judge_t *judge, bool condition, const char *rule)
{
    if (!condition && judge->rule == NULL)
        judge->rule = rule;
    return condition;
}

/* Position of the leaf with this index in the tree before; num_leaves if it is blank. */
static size_t find_leaf(const mod_mls_policy_commit_t *commit, uint32_t leaf_index)
{
    size_t i = 0;
    while (i < commit->num_leaves && commit->leaves[i].leaf_index != leaf_index)
        i++;
    return i;
}

static mls_view_t account_of(const mod_mls_policy_commit_t *commit, uint32_t leaf_index)
{
    size_t i = find_leaf(commit, leaf_index);
    return i == commit->num_leaves ? mls_view(NULL, 0) : commit->leaves[i].account;
}

static bool has_account(const mod_mls_policy_commit_t *commit, mls_view_t account)
{
    for (size_t i = 0; i < commit->num_leaves; i++) {
        if (mls_view_equal(commit->leaves[i].account, account))
            return true;
    }
    return false;
}

/* Whether a leaf of the account is in the tree after the Commit. */
static bool keeps_account(const judge_t *judge, mls_view_t account)
{
    const mod_mls_policy_commit_t *commit = judge->commit;

    for (size_t i = 0; i < commit->num_leaves; i++) {
        if (!judge->is_removed[i] && mls_view_equal(commit->leaves[i].account, account))
            return true;
    }
    for (size_t i = 0; i < commit->num_proposals; i++) {
        if (commit->proposals[i].type == MLS_PROPOSAL_ADD &&
            mls_view_equal(commit->proposals[i].added.account, account))
            return true;
    }
    return false;
}

static bool removes_account(const judge_t *judge, mls_view_t account)
{
    for (size_t i = 0; i < judge->commit->num_leaves; i++) {
        if (!judge->is_removed[i] && mls_view_equal(judge->commit->leaves[i].account, account))
            return false;
    }
    return true;
}

/* The join request that an Add answers, or NULL. */
static const mod_mls_join_request_t *answered_request(const mod_mls_policy_commit_t *commit,
                                                      const mod_mls_policy_proposal_t *add)
{
    for (size_t i = 0; i < commit->num_join_requests; i++) {
        const mod_mls_join_request_t *request = &commit->join_requests[i];
        if (mls_view_equal(request->account, add->added.account) &&
            mls_view_equal(request->device_key, add->added.device_key) &&
            mls_view_equal(request->group_id, commit->group_id) &&
            mls_view_equal(request->room, commit->room->room) &&
            mls_view_equal(request->key_package_encoded, add->key_package))
            return request;
    }
    return NULL;
}

/* ---- Adds: who may become a device of an account ------------------------------------------------- */

/* (ii): endorsed by a device of the account that is in the tree. */
static bool is_endorsed(const mod_mls_policy_commit_t *commit, const mod_mls_policy_proposal_t *add)
{
    for (size_t e = 0; e < add->endorsements.count; e++) {
        for (size_t i = 0; i < commit->num_leaves; i++) {
            if (mls_view_equal(commit->leaves[i].account, add->added.account) &&
                mls_view_equal(commit->leaves[i].device_key, add->endorsements.items[e].endorser))
                return true;
        }
    }
    return false;
}

/* (iii): the same device comes back, with a newer leaf. */
static bool replaces_itself(const judge_t *judge, const mod_mls_policy_leaf_t *added)
{
    for (size_t i = 0; i < judge->commit->num_leaves; i++) {
        const mod_mls_policy_leaf_t *leaf = &judge->commit->leaves[i];
        if (judge->is_removed[i] && mls_view_equal(leaf->device_key, added->device_key))
            return mls_view_equal(leaf->account, added->account) && added->serial > leaf->serial;
    }
    return false;
}

/* (iv): all devices of the account go, by somebody who may both add and remove. If it is an admin account,
 * only an admin may do that, and the account is no admin afterwards. */
static bool starts_anew(const judge_t *judge, const mod_mls_policy_proposal_t *add, mls_view_t sender)
{
    const mod_mls_xmpp_room_t *room = judge->commit->room;

    if (!removes_account(judge, add->added.account) ||
        !mod_mls_policy_allows(room, MOD_MLS_MAY_ADD, sender) ||
        !mod_mls_policy_allows(room, MOD_MLS_MAY_REMOVE, sender))
        return false;
    return !mod_mls_policy_is_admin(room, add->added.account) ||
           (mod_mls_policy_is_admin(room, sender) &&
            !mod_mls_policy_is_admin(judge->room_after, add->added.account));
}

static bool may_become_device(const judge_t *judge, const mod_mls_policy_proposal_t *add)
{
    const mod_mls_policy_commit_t *commit = judge->commit;
    const mls_view_t sender = account_of(commit, add->sender);
    const mls_view_t account = add->added.account;

    if (!has_account(commit, account))
        return mod_mls_policy_allows(commit->room, MOD_MLS_MAY_ADD, sender);
    if (mls_view_equal(sender, account)) /* (i) */
        return true;
    if (answered_request(commit, add) != NULL &&
        (is_endorsed(commit, add) || replaces_itself(judge, &add->added)))
        return true;
    return starts_anew(judge, add, sender);
}

/* At most one leaf per device key: RFC 9420, Section 12.2 calls it "the same client". */
static bool is_only_leaf_of_device(const judge_t *judge, size_t n)
{
    const mod_mls_policy_commit_t *commit = judge->commit;
    const mls_view_t device_key = commit->proposals[n].added.device_key;

    for (size_t i = 0; i < commit->num_leaves; i++) {
        if (!judge->is_removed[i] && mls_view_equal(commit->leaves[i].device_key, device_key))
            return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (commit->proposals[i].type == MLS_PROPOSAL_ADD &&
            mls_view_equal(commit->proposals[i].added.device_key, device_key))
            return false;
    }
    return true;
}

static bool is_revoked(const mod_mls_xmpp_room_t *room, const mod_mls_policy_leaf_t *leaf)
{
    for (size_t i = 0; i < room->revoked.count; i++) {
        if (mls_view_equal(room->revoked.items[i], mls_view(leaf->device_id, sizeof leaf->device_id)))
            return true;
    }
    return false;
}

static void judge_add(judge_t *judge, size_t n)
{
    const mod_mls_policy_proposal_t *add = &judge->commit->proposals[n];

    (void)(holds(judge, ++judge->num_added <= MOD_MLS_MAX_ADDS, "at most 64 Adds a Commit") &&
           holds(judge, is_only_leaf_of_device(judge, n), "one leaf per device key") &&
           holds(judge,
                 !is_revoked(judge->commit->room, &add->added) && !is_revoked(judge->room_after, &add->added),
                 "a revoked device stays out") &&
           holds(judge, may_become_device(judge, add), "who may become a device of an account"));
}

/* ---- Removes ------------------------------------------------------------------------------------- */

/* Whether the Commit adds the removed device again, as it asked for: anybody may do that for it. */
static bool comes_back(const judge_t *judge, const mod_mls_policy_leaf_t *leaf)
{
    const mod_mls_policy_commit_t *commit = judge->commit;

    for (size_t i = 0; i < commit->num_proposals; i++) {
        const mod_mls_policy_proposal_t *p = &commit->proposals[i];
        if (p->type == MLS_PROPOSAL_ADD && mls_view_equal(p->added.device_key, leaf->device_key) &&
            answered_request(commit, p) != NULL && replaces_itself(judge, &p->added))
            return true;
    }
    return false;
}

static void judge_remove(judge_t *judge, const mod_mls_policy_proposal_t *remove)
{
    const mod_mls_policy_commit_t *commit = judge->commit;
    const size_t removed = find_leaf(commit, remove->removed);
    const mls_view_t sender = account_of(commit, remove->sender);

    if (!holds(judge, removed < commit->num_leaves, "a Remove names a member"))
        return;
    const mod_mls_policy_leaf_t *leaf = &commit->leaves[removed];
    (void)holds(judge,
                mls_view_equal(sender, leaf->account) ||
                    mod_mls_policy_allows(commit->room, MOD_MLS_MAY_REMOVE, sender) ||
                    comes_back(judge, leaf),
                "who may remove");
}

/* ---- changes of the policy ----------------------------------------------------------------------- */

/* Exactly required_capabilities, unaltered, and xmpp_room. */
static bool has_right_extensions(mls_view_t before, mls_view_t after)
{
    mls_extension_t extension;
    mls_view_t required_before, required_after;
    size_t at = 0, count = 0;

    for (; mls_extensions_next(&extension, after, &at) == MLS_OK; count++) {
        if (extension.type != MLS_EXTENSION_REQUIRED_CAPABILITIES && extension.type != MOD_MLS_EXTENSION_ROOM)
            return false;
    }
    return count == 2 &&
           mls_extensions_find(&required_before, before, MLS_EXTENSION_REQUIRED_CAPABILITIES) == MLS_OK &&
           mls_extensions_find(&required_after, after, MLS_EXTENSION_REQUIRED_CAPABILITIES) == MLS_OK &&
           mls_view_equal(required_before, required_after);
}

static void judge_change(judge_t *judge, const mod_mls_policy_proposal_t *change)
{
    const mod_mls_xmpp_room_t *before = judge->commit->room, *after = &judge->new_room;
    const mls_view_t sender = account_of(judge->commit, change->sender);

    (void)(holds(judge, mod_mls_policy_allows(before, MOD_MLS_MAY_CHANGE, sender),
                 "who may change the policy") &&
           holds(judge, has_right_extensions(judge->commit->extensions, change->extensions),
                 "required_capabilities and xmpp_room, nothing else") &&
           holds(judge, judge->room_after == after, "xmpp_room is well formed") &&
           holds(judge,
                 mls_view_equal(before->room, after->room) && before->kind == after->kind &&
                     mls_view_equal(before->replaces, after->replaces),
                 "room, kind and replaces never change"));
}

/* ---- the whole ----------------------------------------------------------------------------------- */

static void judge_proposal(judge_t *judge, size_t n)
{
    const mod_mls_policy_proposal_t *proposal = &judge->commit->proposals[n];

    if (!holds(judge, find_leaf(judge->commit, proposal->sender) < judge->commit->num_leaves,
               "a proposal comes from a member"))
        return;
    switch (proposal->type) {
    case MLS_PROPOSAL_ADD:
        judge_add(judge, n);
        break;
    case MLS_PROPOSAL_REMOVE:
        judge_remove(judge, proposal);
        break;
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        judge_change(judge, proposal);
        break;
    default:
        (void)holds(judge, false, "only Add, Remove and GroupContextExtensions");
    }
}

/* A room where not everybody may do everything keeps a leaf of an admin account. */
static bool keeps_admin(const judge_t *judge)
{
    const mod_mls_xmpp_room_t *room = judge->room_after;

    if (room->may_add == MOD_MLS_EVERYBODY && room->may_remove == MOD_MLS_EVERYBODY &&
        room->may_change == MOD_MLS_EVERYBODY)
        return true;
    for (size_t i = 0; i < room->admins.count; i++) {
        if (keeps_account(judge, room->admins.items[i]))
            return true;
    }
    return false;
}

/* A one-to-one room has two accounts for ever: a second may come, none may go, and no third may come. */
static bool keeps_both_accounts(const judge_t *judge)
{
    const mod_mls_policy_commit_t *commit = judge->commit;
    mls_view_t second = { 0 };

    for (size_t i = 0; i < commit->num_leaves; i++) {
        if (!keeps_account(judge, commit->leaves[i].account))
            return false;
        if (!mls_view_equal(commit->leaves[i].account, commit->leaves[0].account))
            second = commit->leaves[i].account;
    }
    for (size_t i = 0; i < commit->num_proposals; i++) {
        const mls_view_t account = commit->proposals[i].added.account;
        if (commit->proposals[i].type != MLS_PROPOSAL_ADD ||
            mls_view_equal(account, commit->leaves[0].account))
            continue;
        if (second.len > 0 && !mls_view_equal(account, second))
            return false;
        second = account;
    }
    return true;
}

/* What has to be known before the proposals are looked at one by one: the tree and the policy after them. */
static mls_status_t collect(judge_t *judge)
{
    const mod_mls_policy_commit_t *commit = judge->commit;

    judge->room_after = commit->room;
    for (size_t i = 0; i < commit->num_proposals; i++) {
        const mod_mls_policy_proposal_t *p = &commit->proposals[i];
        size_t leaf = find_leaf(commit, p->removed);
        if (p->type == MLS_PROPOSAL_REMOVE && leaf < commit->num_leaves && !judge->is_removed[leaf]) {
            judge->is_removed[leaf] = true;
            judge->num_removed++;
        }
        if (p->type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS) {
            mls_status_t status = mod_mls_policy_room(&judge->new_room, &judge->arena, p->extensions);
            if (status == MLS_ERR_NOMEM)
                return status;
            if (status == MLS_OK)
                judge->room_after = &judge->new_room;
        }
    }
    return MLS_OK;
}

/* The rules on the tree after the Commit as a whole. */
static void judge_outcome(judge_t *judge)
{
    const mod_mls_policy_commit_t *commit = judge->commit;
    const uint32_t max = judge->room_after->max_leaves;

    (void)(holds(judge, keeps_admin(judge), "a room keeps an admin") &&
           holds(judge, commit->room->kind != MOD_MLS_KIND_ONE_TO_ONE || keeps_both_accounts(judge),
                 "a one-to-one room has two accounts") &&
           holds(judge,
                 judge->num_added == 0 || max == 0 ||
                     commit->num_leaves - judge->num_removed + judge->num_added <= max,
                 "max_leaves"));
}

mls_status_t mod_mls_policy_judge(const char **rule, const mod_mls_policy_commit_t *commit)
{
    judge_t judge = { .commit = commit };
    mls_status_t status;

    *rule = NULL;
    if ((judge.is_removed = calloc(commit->num_leaves + 1, sizeof *judge.is_removed)) == NULL)
        return MLS_ERR_NOMEM;
    if ((status = collect(&judge)) == MLS_OK) {
        for (size_t i = 0; i < commit->num_proposals && judge.rule == NULL; i++)
            judge_proposal(&judge, i);
        judge_outcome(&judge);
        *rule = judge.rule;
        status = judge.rule == NULL ? MLS_OK : MLS_ERR_REJECTED;
    }
    free(judge.is_removed);
    mls_arena_clear(&judge.arena);
    return status;
}
