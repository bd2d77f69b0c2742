/* room.h -- a room in memory: made from the database, and written back. */
#ifndef MOD_MLS_ROOM_H
#define MOD_MLS_ROOM_H

#include "core.h"
#include "policy.h"

/* Reads all rooms, with their groups, in place of what is in memory. */
MLS_MUST_USE mls_status_t mod_mls_rooms_load(mod_mls_t *mls);
void mod_mls_rooms_free(mod_mls_t *mls);

/* NULL if there is none. */
mod_mls_room_t *mod_mls_room_find(mod_mls_t *mls, const char *jid);
mod_mls_room_t *mod_mls_room_by_id(mod_mls_t *mls, int64_t id);
/* The room that a full or bare JID is of. */
mod_mls_room_t *mod_mls_room_of(mod_mls_t *mls, const char *jid);
/* A new room in memory and in the database. */
MLS_MUST_USE mls_status_t mod_mls_room_add(mod_mls_t *mls, mod_mls_room_t **out, const char *jid,
                                           mod_mls_room_state_t state);
/* Writes the room's row. */
MLS_MUST_USE mls_status_t mod_mls_room_save(mod_mls_t *mls, mod_mls_room_t *room);
/* Writes the room's group; libmls writes only what changed. */
MLS_MUST_USE mls_status_t mod_mls_room_save_group(mod_mls_t *mls, mod_mls_room_t *room);
/* Destroys the group, in memory and in the database, and what hangs on it; the room stays, in `state`. */
MLS_MUST_USE mls_status_t mod_mls_room_end(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_room_state_t state);
/* Deletes the room altogether and frees it. */
MLS_MUST_USE mls_status_t mod_mls_room_delete(mod_mls_t *mls, mod_mls_room_t *room);
/* Drops the group in memory and reads it again. */
MLS_MUST_USE mls_status_t mod_mls_room_reload_group(mod_mls_t *mls, mod_mls_room_t *room);
/* Forgets what belongs to a connection. */
void mod_mls_room_reset_session(mod_mls_room_t *room);
void mod_mls_lookup_free(mod_mls_lookup_t *lookup);

/* Whether messages can be sent and Commits made now. */
bool mod_mls_room_is_live(const mod_mls_t *mls, const mod_mls_room_t *room);
/* Whether the state is one in which the room is to be entered. */
bool mod_mls_room_wants_in(const mod_mls_room_t *room);
/* Why nothing can be asked of the room in its state; MOD_MLS_OK: it can. */
mod_mls_error_t mod_mls_room_fault(const mod_mls_room_t *room);

/* ---- the group ----------------------------------------------------------------------------------- */

/* How groups of rooms are kept: limits, checks and padding of the binding. */
mls_group_config_t mod_mls_group_config(mod_mls_t *mls);
/* Signs own leaves; the account row must be stored afterwards. */
mod_mls_leaf_signer_t mod_mls_own_signer(mod_mls_t *mls);

/* The policy; vectors live in `arena`. */
MLS_MUST_USE mls_status_t mod_mls_room_policy(const mod_mls_room_t *room, mod_mls_xmpp_room_t *out,
                                              mls_arena_t *arena);
/* The name in the policy goes into the room's row. */
MLS_MUST_USE mls_status_t mod_mls_room_take_name(mod_mls_room_t *room);
/* Whether the own account has a right. */
bool mod_mls_room_allows(mod_mls_t *mls, const mod_mls_room_t *room, mod_mls_right_t right);
/* Leaves of an account in the current tree. */
size_t mod_mls_room_num_leaves_of(const mod_mls_room_t *room, mls_view_t account);
/* The device key of a leaf. */
MLS_MUST_USE mls_status_t mod_mls_leaf_device_key(uint8_t out[MOD_MLS_DEVICE_KEY_LEN],
                                                  const mls_leaf_info_t *leaf);

/* authenticated_data for a message of the current epoch; the caller clears it. */
MLS_MUST_USE mls_status_t mod_mls_room_authenticated_data(mod_mls_t *mls, const mod_mls_room_t *room,
                                                          mls_bytes_t *out, const char *origin_id);
/* The hash of the Commit that began an epoch; zeros for epoch 0. MLS_ERR_NOT_FOUND: not known any more. */
MLS_MUST_USE mls_status_t mod_mls_room_anchor(mod_mls_t *mls, const mod_mls_room_t *room,
                                              uint8_t out[MOD_MLS_SHA256_LEN], uint64_t epoch);

/* An event of type JOINED, EPOCH or WENT_BACK about the current epoch. */
MLS_MUST_USE mls_status_t mod_mls_room_emit_epoch(mod_mls_t *mls, const mod_mls_room_t *room,
                                                  mod_mls_event_type_t type);
/* An event about a leaf; `by` may be NULL. */
MLS_MUST_USE mls_status_t mod_mls_room_emit_member(mod_mls_t *mls, const mod_mls_room_t *room,
                                                   mod_mls_event_type_t type, const mls_leaf_info_t *leaf,
                                                   mls_view_t by, uint64_t epoch);

/* Writes 12 groups of 3 digits: each of the first 12 pairs of bytes of the epoch authenticator, big endian,
 * modulo 1000. */
enum { MOD_MLS_CODE_SIZE = 12 * 4 };
void mod_mls_room_code(char out[MOD_MLS_CODE_SIZE], mls_view_t epoch_authenticator);

/* ---- the tail ------------------------------------------------------------------------------------ */

/* The entry of a stanza-id, NULL if there is none. */
mod_mls_tail_entry_t *mod_mls_tail_find(const mod_mls_room_t *room, const char *stanza_id);
/* The same, made where it is missing. NULL without memory. */
mod_mls_tail_entry_t *mod_mls_tail_get(mod_mls_t *mls, mod_mls_room_t *room, const char *stanza_id);
/* Drops entries up to and including this one. */
void mod_mls_tail_cut(mod_mls_room_t *room, size_t count);

#endif
