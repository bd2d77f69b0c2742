/* outbox.h -- own messages until the room's archive has them. */
#ifndef MOD_MLS_OUTBOX_H
#define MOD_MLS_OUTBOX_H

#include "room.h"

/* Stores a text to be sent, and shows it as being sent. */
MLS_MUST_USE mls_status_t mod_mls_outbox_add(mod_mls_t *mls, mod_mls_room_t *room, const char *text);
/* Sends what was not sent in this session and may be sent now: the same bytes within the epoch they were made
 * in, later encrypted anew under the same origin-id. The room must be live. */
MLS_MUST_USE mls_status_t mod_mls_outbox_drive(mod_mls_t *mls, mod_mls_room_t *room);

#endif
