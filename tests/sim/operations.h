/* operations.h -- what can happen, as a table. */
#ifndef SIM_OPERATIONS_H
#define SIM_OPERATIONS_H

#include "world.h"

typedef enum sim_outcome {
    SIM_DONE,
    SIM_NOT_NOW, /* not possible in this state: nothing has happened */
    SIM_FAULT
} sim_outcome_t;

/* `actor` is a member that has its state. */
typedef sim_outcome_t sim_operation_fn(sim_world_t *world, sim_client_t *actor);

typedef struct sim_operation {
    const char *name;
    unsigned weight;
    bool is_unruly; /* only over an unruly delivery service */
    sim_operation_fn *run;
} sim_operation_t;

/* One operation, drawn at random. */
sim_outcome_t sim_operate(sim_world_t *world);

/* A member that acts, up to date as far as it can be; in an unruly world not always. NULL: there is none, or
 * a fault. */
sim_client_t *sim_choose_actor(sim_world_t *world);

/* A client that can be added; NULL: none. */
sim_client_t *sim_choose_free(sim_world_t *world, const sim_client_t *const *taken, size_t num_taken);

/* Whether the group, with what waits for a Commit, has room for so many more. */
bool sim_has_room_for(const sim_world_t *world, const sim_epoch_t *epoch, uint32_t count);
/* Another member at random that could be the last of `count` that are removed now; SIM_NOBODY: none. */
uint8_t sim_choose_victim(sim_world_t *world, const sim_client_t *actor, uint32_t count);

/* Commits, by what they are for. */
sim_operation_fn sim_operation_add, sim_operation_remove, sim_operation_refresh, sim_operation_commit_pending,
    sim_operation_external_psk, sim_operation_resumption_psk, sim_operation_topic, sim_operation_new_key,
    sim_operation_count, sim_operation_medley, sim_operation_conflict;
/* Proposals. */
sim_operation_fn sim_operation_propose_add, sim_operation_propose_remove, sim_operation_propose_update,
    sim_operation_propose_psk, sim_operation_propose_topic, sim_operation_propose_count,
    sim_operation_mention, sim_operation_leave, sim_operation_ask_to_join, sim_operation_warden;
/* The rest of a client's life, and the service's. */
sim_operation_fn sim_operation_say, sim_operation_join_external, sim_operation_lose, sim_operation_restart,
    sim_operation_revise;

#endif
