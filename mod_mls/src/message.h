/* message.h -- application messages that come in. */
#ifndef MOD_MLS_MESSAGE_H
#define MOD_MLS_MESSAGE_H

#include "room.h"

/* Reads an application message of the room's group and shows it, or a placeholder. `order_epoch` is the epoch
 * at the place where it stands; UINT64_MAX: the current one. `*is_final` says that it need not be looked at
 * again. */
MLS_MUST_USE mls_status_t mod_mls_message_take(mod_mls_t *mls, mod_mls_room_t *room, bool *is_final,
                                               const mod_mls_item_t *item, uint64_t order_epoch);

/* Those that were held for an epoch which has come. */
MLS_MUST_USE mls_status_t mod_mls_message_release_held(mod_mls_t *mls, mod_mls_room_t *room);

/* A placeholder, not stored. `account` may be empty. */
MLS_MUST_USE mls_status_t mod_mls_message_unreadable(mod_mls_t *mls, const mod_mls_room_t *room,
                                                     mod_mls_unreadable_t reason, const mod_mls_item_t *item,
                                                     uint64_t epoch);

/* Shows a stored message or placeholder. */
MLS_MUST_USE mls_status_t mod_mls_message_show(mod_mls_t *mls, const mod_mls_message_row_t *row,
                                               bool may_replace);

/* Something valid came from a leaf: it has joined. */
MLS_MUST_USE mls_status_t mod_mls_hear_leaf(mod_mls_t *mls, const mod_mls_room_t *room,
                                            const mls_leaf_info_t *leaf);

#endif
