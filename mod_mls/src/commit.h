/* commit.h -- own Commits: made from what the user wants and what others have proposed. */
#ifndef MOD_MLS_COMMIT_H
#define MOD_MLS_COMMIT_H

#include "room.h"

/* Makes a Commit if there is reason to and nothing stands against it; sends the pending one again if that got
 * lost. The room must be live. */
MLS_MUST_USE mls_status_t mod_mls_commit_drive(mod_mls_t *mls, mod_mls_room_t *room);

/* Whether an own Commit for the current epoch is on its way. */
bool mod_mls_commit_is_pending(const mod_mls_room_t *room);
/* Whether others wait for their leave to be committed. */
bool mod_mls_has_leavers(const mod_mls_room_t *room);
/* A leave was proposed: sets when this client commits it, if nobody else does. */
void mod_mls_commit_back_off(mod_mls_t *mls, mod_mls_room_t *room);
/* When mod_mls_commit_drive() should be called again; UINT64_MAX: not for the sake of time. */
uint64_t mod_mls_commit_deadline(mod_mls_t *mls, const mod_mls_room_t *room);

#endif
