/* send.h -- making messages, and getting them to the delivery service.
 *
 * What is made is stored before it is sent, and a client may die in between: then it has it in its outbox
 * when it starts again, and sends it late, or not at all. */
#ifndef SIM_SEND_H
#define SIM_SEND_H

#include "world.h"

enum { SIM_MAX_VALUES = 8 };

/* What a Commit is to say by value, or a Proposal to propose. */
typedef struct sim_plan {
    mls_proposal_spec_t specs[SIM_MAX_VALUES];
    sim_proposal_t values[SIM_MAX_VALUES];
    size_t count;
    char psk_names[SIM_MAX_VALUES][16];
    sim_extensions_t extensions;
    bool without_pending;
    bool force_path;
} sim_plan_t;

void sim_plan_clear(sim_plan_t *plan);
bool sim_plan_add(sim_plan_t *plan, const sim_client_t *sender, const sim_client_t *added);
bool sim_plan_remove(sim_plan_t *plan, const sim_client_t *sender, uint8_t removed);
bool sim_plan_update(sim_plan_t *plan, const sim_client_t *sender);
bool sim_plan_external_psk(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);
bool sim_plan_resumption_psk(sim_plan_t *plan, const sim_client_t *sender, uint64_t epoch);
/* Where a plan has one already, none is added. */
bool sim_plan_topic(sim_world_t *world, sim_plan_t *plan, const sim_client_t *sender);

/* Makes a Commit, or a Proposal of the plan's first value; it is the client's, to be sent. NULL: a fault. */
sim_handshake_t *sim_client_commit(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan);
sim_handshake_t *sim_client_propose(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan);

/* Finds out what the own Commit will do, and with it the epoch that it begins. */
bool sim_client_note_commit(sim_world_t *world, sim_client_t *client, sim_handshake_t *commit);

/* Stores, and sends. False: a fault; whether it was taken, sim_service_has() knows. */
bool sim_client_send(sim_world_t *world, sim_client_t *client, sim_handshake_t *handshake);
/* Sends what is still in the outbox. */
bool sim_client_flush(sim_world_t *world, sim_client_t *client);

/* Encrypts something and has it on its way to everybody. */
bool sim_client_say(sim_world_t *world, sim_client_t *client);

#endif
