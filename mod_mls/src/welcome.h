/* welcome.h -- invitations: Welcomes that come in, and those that go out. */
#ifndef MOD_MLS_WELCOME_H
#define MOD_MLS_WELCOME_H

#include "room.h"

/* Takes a <message/> with a <welcome/>, live or from the own archive. */
MLS_MUST_USE mls_status_t mod_mls_welcome_take(mod_mls_t *mls, const mod_mls_xml_node_t *message,
                                               bool is_from_archive);
/* The user says yes: joins the group that the kept Welcome is of. */
MLS_MUST_USE mls_status_t mod_mls_welcome_accept(mod_mls_t *mls, mod_mls_room_t *room);
/* Sends the Welcomes whose Commits are applied. */
MLS_MUST_USE mls_status_t mod_mls_welcome_drive(mod_mls_t *mls);

#endif
