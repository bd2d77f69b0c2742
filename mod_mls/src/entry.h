/* entry.h -- getting into a MUC room, configuring it, and looking whether it is as it must be. */
#ifndef MOD_MLS_ENTRY_H
#define MOD_MLS_ENTRY_H

#include "room.h"

/* Begins what is next on the way in. */
MLS_MUST_USE mls_status_t mod_mls_entry_drive(mod_mls_t *mls, mod_mls_room_t *room);
/* A presence from the room or one of its occupants. */
MLS_MUST_USE mls_status_t mod_mls_entry_presence(mod_mls_t *mls, mod_mls_room_t *room,
                                                 const mod_mls_xml_node_t *presence);
/* A message of the room itself: it may say that the configuration has changed. */
void mod_mls_entry_room_message(mod_mls_room_t *room, const mod_mls_xml_node_t *message);

/* Called when the room is found to be as it must be; the part above this one defines it. */
MLS_MUST_USE mls_status_t mod_mls_room_configured(mod_mls_t *mls, mod_mls_room_t *room);

#endif
