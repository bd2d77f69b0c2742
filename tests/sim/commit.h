/* commit.h -- making Commits and Proposals, and knowing what they do. */
#ifndef SIM_COMMIT_H
#define SIM_COMMIT_H

#include "plan.h"

/* Makes a Commit, or a Proposal of the plan's first value; it is the client's, to be sent. NULL: a fault. */
sim_handshake_t *sim_client_commit(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan);
sim_handshake_t *sim_client_propose(sim_world_t *world, sim_client_t *client, const sim_plan_t *plan);

/* The Commit as the group keeps it; NULL: it does not. */
mls_pending_commit_t *sim_client_pending(const sim_client_t *client, const sim_handshake_t *commit);

/* Finds out what the own Commit will do, and with it the epoch that it begins. */
bool sim_client_note_commit(sim_world_t *world, sim_client_t *client, sim_handshake_t *commit);
/* Makes the Welcomes of a pending Commit, if it adds anybody. */
bool sim_client_invite(sim_world_t *world, const sim_client_t *client, sim_handshake_t *commit,
                       mls_pending_commit_t *pending);

#endif
