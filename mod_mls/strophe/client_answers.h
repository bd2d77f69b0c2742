/* client_answers.h -- what every XMPP client has to say about itself: disco#info, caps, pings. */
#ifndef MOD_MLS_STROPHE_CLIENT_ANSWERS_H
#define MOD_MLS_STROPHE_CLIENT_ANSWERS_H

#include "connection.h"

/* Sends the initial presence with the capabilities of the client (XEP-0115), so that events of contacts'
 * devices come in. */
void mod_mls_strophe_send_presence(mod_mls_strophe_connection_t *connection, const char *client_name);

/* Answers an <iq/> of type get or set that nobody else has: disco#info (XEP-0030), ping (XEP-0199), and
 * <service-unavailable/> to all the rest (RFC 6120, Section 8.2.3). Others are left alone. */
void mod_mls_strophe_answer_iq(mod_mls_strophe_connection_t *connection, xmpp_stanza_t *iq,
                               const char *client_name);

#endif
