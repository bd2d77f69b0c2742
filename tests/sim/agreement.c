#include "agreement.h"

#include "extensions.h"
#include "host.h"

static bool has_same_roster(const mls_group_t *group, const sim_epoch_t *epoch)
{
    mls_leaf_info_t leaf;
    for (uint32_t i = 0; i < SIM_MAX_LEAVES; i++) {
        const bool is_there = mls_group_leaf(group, &leaf, i) == MLS_OK;
        if (epoch->roster[i] != (is_there ? sim_client_named(leaf.identity) : SIM_NOBODY) ||
            (is_there && epoch->keys[i] != sim_key_number(leaf.signature_key)))
            return false;
    }
    return mls_group_num_members(group) == sim_epoch_num_members(epoch);
}

static bool agrees_with_model(sim_world_t *world, const sim_client_t *client, const sim_epoch_t *epoch)
{
    const mls_group_t *group = client->group;
    sim_trace_t *trace = &world->trace;
    const unsigned number = (unsigned)epoch->number;
    return sim_check(trace, mls_group_epoch(group) == epoch->number, "%s: epoch %u instead of %u",
                     client->name, (unsigned)mls_group_epoch(group), number) &&
           sim_check(trace, !mls_group_is_removed(group), "%s: removed, in epoch %u", client->name, number) &&
           sim_check(trace, mls_group_own_leaf(group) == sim_epoch_leaf(epoch, client->index),
                     "%s: not at its leaf, in epoch %u", client->name, number) &&
           sim_check(trace, has_same_roster(group, epoch), "%s: other members than the model, in epoch %u",
                     client->name, number) &&
           sim_check(trace, sim_extensions_agree(mls_group_extensions(group), epoch),
                     "%s: other extensions than the model, in epoch %u", client->name, number);
}

/* The first to come leaves what it has found; everybody after it has to have found the same. */
static bool agrees_on(sim_world_t *world, const sim_client_t *client, bool is_first, mls_bytes_t *known,
                      mls_view_t found, const char *what)
{
    if (is_first)
        *known = sim_copy(found);
    return sim_check(&world->trace, mls_view_equal(mls_bytes_view(known), found),
                     "%s: another %s than others, in epoch %u", client->name, what,
                     (unsigned)mls_group_epoch(client->group));
}

bool sim_client_enter(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch)
{
    const bool is_first = !epoch->is_seen;
    mls_bytes_t exported = { 0 }, tree = { 0 };

    client->memory.epoch = epoch;
    epoch->is_seen = true;
    bool good = agrees_with_model(world, client, epoch) &&
                sim_check_ok(&world->trace,
                             mls_group_export(client->group, &exported, "sim", mls_view_text("epoch"), 32),
                             client->name, "export") &&
                sim_check_ok(&world->trace, mls_group_ratchet_tree(client->group, &tree), client->name,
                             "ratchet tree");
    good = good &&
           agrees_on(world, client, is_first, &epoch->authenticator,
                     mls_group_epoch_authenticator(client->group), "epoch authenticator") &&
           agrees_on(world, client, is_first, &epoch->exported, mls_bytes_view(&exported), "exporter") &&
           agrees_on(world, client, is_first, &epoch->tree, mls_bytes_view(&tree), "tree");
    mls_bytes_clear(&exported);
    mls_bytes_clear(&tree);
    return good;
}

/* The secret for a component can be had once, and then by nobody who gets hold of this client. */
static bool exports_safely(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch)
{
    mls_bytes_t secret = { 0 }, again = { 0 };
    const bool is_first = epoch->safe_exported.len == 0;
    const bool good =
        sim_check_ok(&world->trace, mls_group_safe_export(client->group, &secret, SIM_COMPONENT_COUNT),
                     client->name, "safe export") &&
        agrees_on(world, client, is_first, &epoch->safe_exported, mls_bytes_view(&secret), "safe export") &&
        sim_check(&world->trace,
                  mls_group_safe_export(client->group, &again, SIM_COMPONENT_COUNT) == MLS_ERR_STATE,
                  "%s: exports for a component twice", client->name);
    mls_bytes_clear(&secret);
    mls_bytes_clear(&again);
    return good;
}

bool sim_client_arrive(sim_world_t *world, sim_client_t *client, sim_epoch_t *epoch)
{
    return sim_client_enter(world, client, epoch) &&
           (sim_maybe(world, 75) || exports_safely(world, client, epoch));
}
