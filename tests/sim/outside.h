/* outside.h -- proposals of those who are not in the group (RFC 9420, Section 12.1.8). */
#ifndef SIM_OUTSIDE_H
#define SIM_OUTSIDE_H

#include "plan.h"

/* A client asks to be added to the group as it is for the delivery service. False: a fault. */
bool sim_ask_to_join(sim_world_t *world, const sim_client_t *client);
/* The external sender proposes the plan's first value, whose sender is nobody. */
bool sim_warden_proposes(sim_world_t *world, const sim_plan_t *plan);
/* Makes such a Proposal and sends it nowhere: signed with that key, as the external sender of that number,
 * for an epoch of that number. The caller clears `*out`. */
bool sim_warden_message(sim_world_t *world, mls_bytes_t *out, mls_view_t private_key, uint32_t sender_index,
                        const sim_plan_t *plan, uint64_t epoch);

#endif
