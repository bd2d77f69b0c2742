/* apply.h -- a Commit takes effect: the group enters the next epoch, and whoever must know is told. */
#ifndef MOD_MLS_APPLY_H
#define MOD_MLS_APPLY_H

#include "room.h"

/* Applies a staged Commit that was found valid, at the place of `item`. `received` is used up, the caller
 * still frees it. The room may be without a group afterwards: removed, or left. */
MLS_MUST_USE mls_status_t mod_mls_commit_apply(mod_mls_t *mls, mod_mls_room_t *room, mls_received_t *received,
                                               const mod_mls_item_t *item);

#endif
