/* staged.h -- a staged Commit brought before the policy. */
#ifndef MOD_MLS_STAGED_H
#define MOD_MLS_STAGED_H

#include "room.h"

/* Judges a staged Commit of the room's current epoch, foreign or own: its authenticated data must name this
 * room, and the policy must allow it. MLS_ERR_REJECTED: void; `*rule` says why. MLS_ERR_NOMEM,
 * MLS_ERR_CRYPTO. */
MLS_MUST_USE mls_status_t mod_mls_staged_judge(mod_mls_t *mls, const mod_mls_room_t *room,
                                               mls_received_t *received, const char **rule);

/* Whether a proposal is a leaf's wish to be removed itself: the only one that is committed by reference. */
bool mod_mls_is_leave(const mls_proposal_info_t *proposal);

#endif
