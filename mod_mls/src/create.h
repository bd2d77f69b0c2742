/* create.h -- making a room's group. */
#ifndef MOD_MLS_CREATE_H
#define MOD_MLS_CREATE_H

#include "room.h"

/* Encodes the xmpp_room that the options ask for, with the own account as admin. The caller clears it.
 * MLS_ERR_MALFORMED: the name is no UTF-8 or too long; or an option is out of its range. */
MLS_MUST_USE mls_status_t mod_mls_policy_from_options(mls_bytes_t *out, const char *room, const char *account,
                                                      const mod_mls_room_options_t *options);
/* Makes the group of a room that was configured, in epoch 0. */
MLS_MUST_USE mls_status_t mod_mls_group_make(mod_mls_t *mls, mod_mls_room_t *room);

#endif
