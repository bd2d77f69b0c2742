/* proposal_check.h -- the rules for one proposal by itself (RFC 9420, Section 12.1). */
#ifndef MLS_PROPOSAL_CHECK_H
#define MLS_PROPOSAL_CHECK_H

#include "member_check.h"
#include "proposal_type.h"

/* Before it becomes pending: everything that can be said of it in the epoch as it is. */
MLS_MUST_USE mls_status_t mls_proposal_check(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                             const mls_apply_t *where);

/* Pieces of it that applying asks for again, in the light of what was applied before. */
MLS_MUST_USE mls_status_t mls_check_psk(const mls_proposal_t *proposal, const mls_apply_t *where);
MLS_MUST_USE mls_status_t mls_check_reinit(const mls_proposal_t *proposal, const mls_apply_t *where);
/* The application's verdict, on AppEphemeral and custom proposals. */
MLS_MUST_USE mls_status_t mls_check_judged(const mls_proposal_t *proposal, const mls_sender_t *sender,
                                           const mls_apply_t *where);

/* Whether every member, in the overlay as it is, supports proposals of that type: rule Q11. */
MLS_MUST_USE mls_status_t mls_check_type_supported(const mls_apply_t *where, uint16_t type);

/* Rules of the extensions of a GroupContext by themselves; `before` are those that they replace, or none. */
MLS_MUST_USE mls_status_t mls_check_context_extensions(const mls_apply_t *where, mls_view_t before,
                                                       mls_view_t extensions);

/* The public form of a proposal; its leaf_index is what the proposal says, UINT32_MAX for an Add. */
void mls_proposal_describe(mls_proposal_info_t *out, const mls_proposal_t *proposal,
                           const mls_sender_t *sender);

#endif
