/* plan.h -- what a Commit is to say by value, or a Proposal to propose: for libmls, and for the model. */
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "extensions.h"

enum { SIM_MAX_VALUES = 8 };

/* A zeroed one is empty. Must not be moved. */
typedef struct sim_plan {
    mls_proposal_spec_t specs[SIM_MAX_VALUES];
    sim_proposal_t values[SIM_MAX_VALUES];
    sim_name_t names[SIM_MAX_VALUES];
    size_t count;
    sim_extensions_t extensions;
    mls_leaf_change_t leaf_change; /* a new signature key: */
    mls_bytes_t private_key;
    uint32_t key; /* 0: the one it has */
    bool without_pending;
    bool force_path;
} sim_plan_t;

void sim_plan_clear(sim_plan_t *plan);

/* Each adds to the plan what `sender` says; false: there is no room, or nothing of this kind to say now. */
bool sim_plan_add(sim_plan_t *plan, const sim_client_t *sender, const sim_client_t *added);
bool sim_plan_remove(sim_plan_t *plan, const sim_client_t *sender, uint8_t removed);
bool sim_plan_leave(sim_plan_t *plan, const sim_client_t *sender);
bool sim_plan_update(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);
bool sim_plan_external_psk(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);
bool sim_plan_resumption_psk(sim_plan_t *plan, const sim_client_t *sender, uint64_t epoch);
bool sim_plan_topic(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);
/* Counts on, or stops counting. */
bool sim_plan_count(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);
/* An AppEphemeral, or a proposal of the host's own type: neither changes anything. */
bool sim_plan_mention(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);

/* The sender's leaf gets a new signature key, by an Update of the plan or by the Commit. */
bool sim_plan_new_key(sim_world_t *world, sim_plan_t *plan);

#endif
