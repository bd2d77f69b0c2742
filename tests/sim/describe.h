/* describe.h -- what libmls tells of a proposal, in the model's terms. */
#ifndef SIM_DESCRIBE_H
#define SIM_DESCRIBE_H

#include "world.h"

/* A proposal of that epoch. `outsider`: who sends it, where that is nobody with a leaf. */
sim_proposal_t sim_describe(const mls_proposal_info_t *info, const sim_epoch_t *epoch, uint8_t outsider);

/* The proposals of a staged Commit into `list`, which holds SIM_MAX_LISTED. */
size_t sim_describe_commit(sim_proposal_t *list, const mls_staged_commit_t *staged,
                           const sim_handshake_t *commit);

#endif
