/* archive.h -- reading the room's archive (XEP-0313): one query at a time for a room. */
#ifndef MOD_MLS_ARCHIVE_H
#define MOD_MLS_ARCHIVE_H

#include "room.h"

/* Begins a read that is due. */
MLS_MUST_USE mls_status_t mod_mls_archive_drive(mod_mls_t *mls, mod_mls_room_t *room);
/* A <message/> with a <result/>. `*taken`: it belongs to an open query of ours. */
MLS_MUST_USE mls_status_t mod_mls_archive_result(mod_mls_t *mls, bool *taken,
                                                 const mod_mls_xml_node_t *message);
/* A live stanza of the room, which takes its place when no read is under way. Takes `*item` over. */
MLS_MUST_USE mls_status_t mod_mls_archive_live(mod_mls_t *mls, mod_mls_room_t *room, mod_mls_item_t *item);
/* Reads again at `at`, or earlier if that was planned. */
void mod_mls_archive_read_at(mod_mls_room_t *room, uint64_t at);

/* The account's own archive, for Welcomes that came while it was offline. */
MLS_MUST_USE mls_status_t mod_mls_own_archive_drive(mod_mls_t *mls);

#endif
