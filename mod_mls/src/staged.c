#include "staged.h"

typedef struct gatherer {
    mod_mls_t *mls;
    const mod_mls_room_t *room;
    mls_arena_t arena;
    mod_mls_policy_commit_t commit;
    mod_mls_xmpp_room_t policy;
} gatherer_t;

bool mod_mls_is_leave(const mls_proposal_info_t *proposal)
{
    return proposal->type == MLS_PROPOSAL_REMOVE && proposal->leaf_index == proposal->sender;
}

static mls_status_t gather_leaf(gatherer_t *g, mod_mls_policy_leaf_t *out, mod_mls_xmpp_device_t *device,
                                const mls_leaf_info_t *leaf)
{
    mls_status_t status = mod_mls_leaf_device(device, &g->arena, leaf);

    *out = (mod_mls_policy_leaf_t){ .leaf_index = leaf->leaf_index,
                                    .account = leaf->identity,
                                    .device_key = device->device_key,
                                    .serial = device->serial };
    return status;
}

static mls_status_t gather_tree(gatherer_t *g)
{
    const uint32_t num_members = mls_group_num_members(g->room->group);
    mod_mls_policy_leaf_t *leaves = mls_arena_alloc(&g->arena, (num_members + 1) * sizeof *leaves);
    mod_mls_xmpp_device_t device;
    mls_leaf_info_t leaf;
    mls_status_t status = leaves == NULL ? MLS_ERR_NOMEM : MLS_OK;
    size_t n = 0;

    for (uint32_t i = 0;
         status == MLS_OK && n < num_members && mls_group_next_leaf(g->room->group, &leaf, i) == MLS_OK;
         i = leaf.leaf_index + 1)
        status = gather_leaf(g, &leaves[n++], &device, &leaf);
    g->commit.leaves = leaves;
    g->commit.num_leaves = n;
    return status;
}

static mls_status_t gather_add(gatherer_t *g, mod_mls_policy_proposal_t *out, const mls_proposal_info_t *info)
{
    mod_mls_xmpp_device_t device;
    char id[MOD_MLS_DEVICE_ID_SIZE];
    mls_status_t status = gather_leaf(g, &out->added, &device, &info->leaf);

    if (status != MLS_OK || (status = mod_mls_device_id(id, g->mls->crypto, device.device_key)) != MLS_OK)
        return status;
    (void)mod_mls_unhex(out->added.device_id, sizeof out->added.device_id, id);
    out->endorsements = device.endorsements;
    out->key_package = info->key_package;
    return MLS_OK;
}

static mls_status_t gather_proposals(gatherer_t *g, const mls_staged_commit_t *staged)
{
    const size_t count = mls_staged_commit_num_proposals(staged);
    mod_mls_policy_proposal_t *proposals = mls_arena_alloc(&g->arena, (count + 1) * sizeof *proposals);
    mls_status_t status = proposals == NULL ? MLS_ERR_NOMEM : MLS_OK;

    for (size_t n = 0; status == MLS_OK && n < count; n++) {
        mls_proposal_info_t info;
        if ((status = mls_staged_commit_proposal(staged, &info, n)) != MLS_OK)
            break;
        proposals[n].type = info.type;
        proposals[n].sender = info.sender;
        proposals[n].removed = info.leaf_index;
        proposals[n].extensions = info.extensions;
        if (info.type == MLS_PROPOSAL_ADD)
            status = gather_add(g, &proposals[n], &info);
    }
    g->commit.proposals = proposals;
    g->commit.num_proposals = count;
    return status;
}

/* Requests that are not good by themselves are as if they were not there. */
static mls_status_t gather_join_requests(gatherer_t *g, const mod_mls_authenticated_data_t *data)
{
    mod_mls_join_request_t *good = mls_arena_alloc(&g->arena, (data->join_requests.count + 1) * sizeof *good);
    size_t n = 0;

    if (good == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < data->join_requests.count; i++) {
        mls_status_t status = mod_mls_join_request_validate(g->mls->crypto, &data->join_requests.items[i]);
        if (status == MLS_OK)
            good[n++] = data->join_requests.items[i];
        else if (!mls_status_is_input(status))
            return status;
    }
    g->commit.join_requests = good;
    g->commit.num_join_requests = n;
    return MLS_OK;
}

static mls_status_t gather_authenticated_data(gatherer_t *g, mls_view_t authenticated_data, const char **rule)
{
    mod_mls_authenticated_data_t data;
    mls_status_t status =
        mls_decode(&data, sizeof data, mod_mls_codec_authenticated_data, authenticated_data, &g->arena);

    if (mls_status_is_input(status)) {
        *rule = "authenticated data as the binding has it";
        return MLS_ERR_REJECTED;
    }
    if (status == MLS_OK && !mod_mls_view_is(data.room, g->room->jid)) {
        *rule = "a Commit for this room";
        return MLS_ERR_REJECTED;
    }
    return status != MLS_OK ? status : gather_join_requests(g, &data);
}

mls_status_t mod_mls_staged_judge(mod_mls_t *mls, const mod_mls_room_t *room, mls_received_t *received,
                                  const char **rule)
{
    gatherer_t g = { .mls = mls, .room = room };
    const mls_staged_commit_t *staged = mls_received_commit(received);
    mls_status_t status;

    *rule = NULL;
    g.commit.group_id = mls_group_id(room->group);
    g.commit.extensions = mls_group_extensions(room->group);
    g.commit.room = &g.policy;
    if ((status = mod_mls_room_policy(room, &g.policy, &g.arena)) == MLS_OK &&
        (status = gather_authenticated_data(&g, mls_received_authenticated_data(received), rule)) == MLS_OK &&
        (status = gather_tree(&g)) == MLS_OK && (status = gather_proposals(&g, staged)) == MLS_OK)
        status = mod_mls_policy_judge(rule, &g.commit);
    mls_arena_clear(&g.arena);
    if (status == MLS_ERR_NOT_FOUND || mls_status_is_input(status)) {
        *rule = "xmpp_device in every leaf";
        return MLS_ERR_REJECTED;
    }
    return status;
}
