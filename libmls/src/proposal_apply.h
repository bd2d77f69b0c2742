/* proposal_apply.h -- what the proposals of a Commit do to the group (RFC 9420, Section 12.3). */
#ifndef MLS_PROPOSAL_APPLY_H
#define MLS_PROPOSAL_APPLY_H

#include "proposal_check.h"
#include "proposal_list.h"

/* Checks the list as a whole, then each proposal in the order of RFC 9420, Section 12.3 while applying it to
 * the overlay. `*extensions` become those of the new GroupContext; the caller clears them. */
MLS_MUST_USE mls_status_t mls_proposal_list_apply(mls_proposal_list_t *list, mls_bytes_t *extensions,
                                                  const mls_apply_t *where);

/* The same for the last one of a list whose others are applied. On failure the overlay is as it was, unless
 * memory was short. AppDataUpdates work together: they are only looked at here. */
MLS_MUST_USE mls_status_t mls_proposal_list_apply_last(mls_proposal_list_t *list, mls_bytes_t *extensions,
                                                       const mls_apply_t *where);

#endif
