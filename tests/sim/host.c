#include "host.h"

uint8_t sim_client_named(mls_view_t identity)
{
    if (identity.len != 3 || identity.data[0] != 'c')
        return SIM_NOBODY;
    const unsigned number = 10u * (identity.data[1] - '0') + (identity.data[2] - '0');
    return number < SIM_MAX_CLIENTS ? (uint8_t)number : SIM_NOBODY;
}

/* The Authentication Service knows everybody by name; a leaf is followed by one of the same client. */
static mls_status_t authenticate(void *arg, const mls_leaf_candidate_t *candidate)
{
    const mls_leaf_info_t *leaf = &candidate->leaf, *before = candidate->predecessor;
    bool good;
    (void)arg;
    if (candidate->purpose == MLS_LEAF_IN_EXTERNAL_SENDERS)
        good = mls_view_equal(leaf->identity, mls_view_text(SIM_WARDEN));
    else
        good = sim_client_named(leaf->identity) != SIM_NOBODY &&
               (before == NULL || mls_view_equal(before->identity, leaf->identity));
    return good ? MLS_OK : MLS_ERR_REJECTED;
}

/* External PSKs are known to everybody: the secret is their name. */
static mls_status_t find_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    (void)arg;
    if (id->is_resumption || sim_number_in(id->id) == 0)
        return MLS_ERR_NOT_FOUND;
    *secret = id->id;
    return MLS_OK;
}

static const mls_group_t *find_group(void *arg, mls_view_t group_id)
{
    const sim_client_t *client = arg;
    return client->group != NULL && mls_view_equal(mls_group_id(client->group), group_id) ? client->group
                                                                                          : NULL;
}

/* ---- components and proposals of its own --------------------------------------------------------- */

static mls_status_t count(void *arg, mls_bytes_t *new_data, const mls_app_data_change_t *change)
{
    uint32_t sum = change->has_data ? sim_number_in(change->data) : 0;
    (void)arg;
    if (change->component_id != SIM_COMPONENT_COUNT)
        return MLS_ERR_REJECTED;
    for (size_t i = 0; i < change->num_updates; i++)
        sum += sim_number_in(change->updates[i]);
    const sim_name_t name = sim_name("count", sum);
    return change->is_removal ? MLS_OK : mls_bytes_copy(new_data, mls_view_text(name.text));
}

static mls_status_t judge_ephemeral(void *arg, uint16_t component_id, mls_view_t data)
{
    (void)arg;
    return component_id == SIM_COMPONENT_COUNT && sim_number_in(data) != 0 ? MLS_OK : MLS_ERR_REJECTED;
}

static mls_status_t judge_custom(void *arg, const mls_proposal_info_t *proposal)
{
    (void)arg;
    return sim_number_in(proposal->data) != 0 ? MLS_OK : MLS_ERR_REJECTED;
}

/* ---- all of it ----------------------------------------------------------------------------------- */

static mls_limits_t choose_limits(sim_world_t *world)
{
    static const uint32_t past_epochs[] = { 1, 3, 5 };
    mls_limits_t limits = MLS_LIMITS_DEFAULT;
    limits.num_past_epochs = past_epochs[sim_pick(world, 3)];
    limits.past_epoch_seconds = sim_maybe(world, 25) ? 300 : 24 * 3600;
    return limits;
}

mls_group_config_t sim_host_config(sim_world_t *world, sim_client_t *client)
{
    static const mls_custom_proposal_t custom = { .type = SIM_PROPOSAL_CUSTOM,
                                                  .needs_path = true,
                                                  .from_external_sender = true };
    return (mls_group_config_t){ .limits = choose_limits(world),
                                 .authentication = { .validate = authenticate },
                                 .psk = find_psk,
                                 .find_group = find_group,
                                 .find_group_arg = client,
                                 .custom_proposals = &custom,
                                 .num_custom_proposals = 1,
                                 .judge = judge_custom,
                                 .components = { .update = count, .ephemeral = judge_ephemeral },
                                 .private_handshake_only = world->is_private,
                                 .external_commits = true,
                                 .external_proposals = true,
                                 .new_member_proposals = true,
                                 .keep_handshake_keys = sim_maybe(world, 60),
                                 .padding = (mls_padding_t)sim_pick(world, 3),
                                 .padding_block = 64 };
}
