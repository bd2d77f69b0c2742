/* plan.c -- what a Commit is to say, for libmls and for the model. */
#include "send.h"

#include <stdio.h>

void sim_plan_clear(sim_plan_t *plan)
{
    sim_extensions_clear(&plan->extensions);
}

static bool push(sim_plan_t *plan, const mls_proposal_spec_t *spec, uint8_t sender, uint8_t target,
                 uint32_t number)
{
    if (plan->count == SIM_MAX_VALUES)
        return false;
    plan->specs[plan->count] = *spec;
    plan->values[plan->count++] = (sim_proposal_t){
        .type = (uint16_t)spec->type, .sender = sender, .target = target, .number = number
    };
    return true;
}

bool sim_plan_add(sim_plan_t *plan, const sim_client_t *sender, const sim_client_t *added)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_ADD,
                                       .key_package = mls_key_package_message(added->key_package) };
    return push(plan, &spec, sender->index, added->index, added->key_package_number);
}

bool sim_plan_remove(sim_plan_t *plan, const sim_client_t *sender, uint8_t removed)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_REMOVE,
                                       .removed = sim_epoch_leaf(sender->memory.epoch, removed) };
    return push(plan, &spec, sender->index, removed, 0);
}

bool sim_plan_update(sim_plan_t *plan, const sim_client_t *sender)
{
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_UPDATE };
    return push(plan, &spec, sender->index, sender->index, 0);
}

bool sim_plan_external_psk(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    char *name = plan->psk_names[plan->count % SIM_MAX_VALUES];
    snprintf(name, sizeof plan->psk_names[0], "psk %u", ++world->num_psks);
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text(name) } };
    return push(plan, &spec, sender->index, SIM_NOBODY, world->num_psks);
}

bool sim_plan_resumption_psk(sim_plan_t *plan, const sim_client_t *sender, uint64_t epoch)
{
    const mls_proposal_spec_t spec = {
        .type = MLS_PROPOSAL_PSK,
        .psk = { .is_resumption = true, .id = mls_group_id(sender->group), .psk_epoch = epoch }
    };
    return push(plan, &spec, sender->index, SIM_NOBODY, (uint32_t)epoch);
}

bool sim_plan_topic(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender)
{
    if (plan->extensions.list.count > 0 ||
        !sim_extensions_init(world, &plan->extensions, ++world->num_topics))
        return false;
    const mls_proposal_spec_t spec = { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS,
                                       .extensions = &plan->extensions.list };
    return push(plan, &spec, sender->index, SIM_NOBODY, world->num_topics);
}
