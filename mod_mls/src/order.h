/* order.h -- the order: what the archive says, applied to the group.
 *
 * The walk goes over what the archive has, from the anchor, without a gap. It keeps the epoch at the place
 * that it has reached. At that place, the first valid Commit of that epoch is the epoch's Commit: the one
 * that was applied already, or a new one to apply, or, where another one was applied, the reason to go back.
 */
#ifndef MOD_MLS_ORDER_H
#define MOD_MLS_ORDER_H

#include "room.h"

/* Begins a walk at the anchor. */
void mod_mls_order_begin(mod_mls_room_t *room);
/* Takes the next stanza of the archive. The room may be without a group afterwards. */
MLS_MUST_USE mls_status_t mod_mls_order_take(mod_mls_t *mls, mod_mls_room_t *room,
                                             const mod_mls_item_t *item);
/* The archive was read to its end: settles what can be settled, moves the anchor, and sets when to read
 * again. */
MLS_MUST_USE mls_status_t mod_mls_order_end(mod_mls_t *mls, mod_mls_room_t *room);

#endif
