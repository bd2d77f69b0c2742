/* outside.h -- proposals of those who are not in the group (RFC 9420, Section 12.1.8). */
#ifndef SIM_OUTSIDE_H
#define SIM_OUTSIDE_H

#include "plan.h"

/* A client asks to be added to the group as it is for the delivery service. False: a fault. */
bool sim_ask_to_join(sim_world_t *world, const sim_client_t *client);
/* The external sender proposes the plan's first value, whose sender is nobody. */
bool sim_warden_proposes(sim_world_t *world, const sim_plan_t *plan);
/* The same, signed by somebody else: the message is in `*out`, which the caller clears. */
bool sim_forge_warden(sim_world_t *world, mls_bytes_t *out, const sim_plan_t *plan, uint64_t epoch);

#endif
