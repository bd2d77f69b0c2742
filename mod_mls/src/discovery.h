/* discovery.h -- whether the own account's server offers what MLS needs (XEP, Discovering Support). */
#ifndef MOD_MLS_DISCOVERY_H
#define MOD_MLS_DISCOVERY_H

#include "core.h"

#define MOD_MLS_NS_DISCO "http://jabber.org/protocol/disco#info"

/* Whether a <query/> of disco#info has the feature; `query` may be NULL. */
bool mod_mls_has_feature(const mod_mls_xml_node_t *query, const char *feature);

/* Asks the own account once a session, and tells the user what is missing. Nothing waits for the answer: what
 * works all the same is used. */
MLS_MUST_USE mls_status_t mod_mls_discovery_drive(mod_mls_t *mls);

#endif
