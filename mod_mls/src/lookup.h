/* lookup.h -- what is needed to add an account: its devices, a KeyPackage of each, and its place in the MUC.
 */
#ifndef MOD_MLS_LOOKUP_H
#define MOD_MLS_LOOKUP_H

#include "room.h"

/* The lookup for a wish; begun where there is none. */
MLS_MUST_USE mls_status_t mod_mls_lookup_drive(mod_mls_t *mls, mod_mls_room_t *room,
                                               const mod_mls_intent_row_t *intent);
mod_mls_lookup_t *mod_mls_lookup_find(const mod_mls_room_t *room, int64_t intent);
void mod_mls_lookup_drop(mod_mls_room_t *room, int64_t intent);
/* A key package that it found is not fit to be committed: it starts again later. */
void mod_mls_lookup_postpone(mod_mls_t *mls, mod_mls_lookup_t *lookup);

/* Notes the devices of an account, and tells of those that are new. */
MLS_MUST_USE mls_status_t mod_mls_note_devices(mod_mls_t *mls, const char *account,
                                               const mod_mls_xml_node_t *items);

#endif
