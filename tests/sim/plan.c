#include "plan.h"

void sim_plan_clear(sim_plan_t *plan)
{
    sim_extensions_clear(&plan->extensions);
    mls_bytes_clear(&plan->private_key);
}

static bool push(sim_plan_t *plan, const mls_proposal_spec_t *spec, const sim_proposal_t *value)
{
    if (plan->count == SIM_MAX_VALUES)
        return false;
    plan->specs[plan->count] = *spec;
    plan->values[plan->count] = *value;
    plan->values[plan->count++].type = spec->type;
    return true;
}

/* A name in the plan, as specifications borrow it. */
static mls_view_t name_here(sim_plan_t *plan, const char *kind, uint32_t number)
{
    sim_name_t *name = &plan->names[plan->count % SIM_MAX_VALUES];
    *name = sim_name(kind, number);
    return mls_view_text(name->text);
}

/* ---- about leaves -------------------------------------------------------------------------------- */

bool sim_plan_add(sim_plan_t *plan, const sim_client_t *sender, const sim_client_t *added)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_ADD,
                                       .key_package = mls_key_package_message(added->key_package) };
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = added->index,
                                   .number = added->key_package_number,
                                   .key = added->key };
    return push(plan, &spec, &value);
}

bool sim_plan_remove(sim_plan_t *plan, const sim_client_t *sender, uint8_t removed)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_REMOVE,
                                       .removed = sim_epoch_leaf(sender->memory.epoch, removed) };
    const sim_proposal_t value = { .sender = sender->index, .target = removed };
    return push(plan, &spec, &value);
}

bool sim_plan_leave(sim_plan_t *plan, const sim_client_t *sender)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_SELF_REMOVE };
    const sim_proposal_t value = { .sender = sender->index, .target = sender->index };
    return push(plan, &spec, &value);
}

bool sim_plan_new_key(sim_world_t *world, sim_plan_t *plan)
{
    mls_bytes_t public_key = { 0 };
    mls_status_t status =
        mls_crypto_signature_key_pair(world->crypto, &plan->private_key, &public_key, world->suite);
    plan->key = sim_key_number(mls_bytes_view(&public_key));
    plan->leaf_change.signature_private_key = mls_bytes_view(&plan->private_key);
    mls_bytes_clear(&public_key);
    return sim_check_ok(&world->trace, status, "the host", "key pair");
}

bool sim_plan_update(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    const sim_epoch_t *epoch = sender->memory.epoch;
    const bool has_new_key = sim_maybe(world, 30) && sim_plan_new_key(world, plan);
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_UPDATE,
                                       .leaf_change = has_new_key ? &plan->leaf_change : NULL };
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = sender->index,
                                   .key = has_new_key ? plan->key
                                                      : epoch->keys[sim_epoch_leaf(epoch, sender->index)] };
    return push(plan, &spec, &value);
}

/* ---- about the group ----------------------------------------------------------------------------- */

bool sim_plan_external_psk(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = SIM_NOBODY,
                                   .number = ++world->num_psks };
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_PSK,
                                       .psk = { .id = name_here(plan, "psk", value.number) } };
    return push(plan, &spec, &value);
}

bool sim_plan_resumption_psk(sim_plan_t *plan, const sim_client_t *sender, uint64_t epoch)
{
    const sim_proposal_t value = { .sender = sender->index, .target = SIM_NOBODY, .number = (uint32_t)epoch };
    const mls_proposal_spec_t spec = {
        .type = MLS_PROPOSAL_PSK,
        .psk = { .is_resumption = true, .id = mls_group_id(sender->group), .psk_epoch = epoch }
    };
    return push(plan, &spec, &value);
}

bool sim_plan_topic(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = SIM_NOBODY,
                                   .number = ++world->num_topics };
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                       .extensions = &plan->extensions.list };
    return plan->extensions.list.count == 0 && /* one at most (RFC 9420, Section 12.2) */
           sim_extensions_init(world, &plan->extensions, value.number, sender->memory.epoch) &&
           push(plan, &spec, &value);
}

bool sim_plan_count(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    const bool is_removal = sender->memory.epoch->has_count && sim_maybe(world, 20);
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = SIM_NOBODY,
                                   .number = is_removal ? 0 : 1 + sim_pick(world, 9) };
    mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_APP_DATA_UPDATE,
                                 .component_id = SIM_COMPONENT_COUNT,
                                 .is_removal = is_removal };
    if (!is_removal)
        spec.data = name_here(plan, "count", value.number);
    return push(plan, &spec, &value);
}

bool sim_plan_mention(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    const bool is_custom = sim_maybe(world, 50);
    const sim_proposal_t value = { .sender = sender->index,
                                   .target = SIM_NOBODY,
                                   .number = 1 + sim_pick(world, 1000) };
    const mls_proposal_spec_t spec = { .type = is_custom ? SIM_PROPOSAL_CUSTOM : MLS_PROPOSAL_APP_EPHEMERAL,
                                       .component_id = is_custom ? 0 : SIM_COMPONENT_COUNT,
                                       .data = name_here(plan, "mention", value.number) };
    return push(plan, &spec, &value);
}
