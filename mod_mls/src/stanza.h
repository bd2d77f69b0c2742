/* stanza.h -- the XML shapes of the binding that are messages: written, and recognised. */
#ifndef MOD_MLS_STANZA_H
#define MOD_MLS_STANZA_H

#include "core.h"

#define MOD_MLS_NS_MAM "urn:xmpp:mam:2"
#define MOD_MLS_NS_RSM "http://jabber.org/protocol/rsm"
#define MOD_MLS_NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define MOD_MLS_NS_DATA "jabber:x:data"

/* No stanza is longer than this, in bytes as sent; servers kill the stream at 256 KiB. */
enum { MOD_MLS_MAX_STANZA = 150000 };
/* A handshake whose base64 is longer than this many characters does not fit into one stanza. */
enum { MOD_MLS_MAX_INLINE = 100000 };

/* Writes the room message that carries an MLSMessage; `is_application` adds what clients without MLS see.
 * MLS_ERR_LIMIT: too long for a stanza. */
MLS_MUST_USE mls_status_t mod_mls_stanza_group(mod_mls_xml_writer_t *xml, const char *room,
                                               const char *origin_id, mls_view_t message,
                                               bool is_application);

/* Writes the Welcome for a new account. `after`: stanza-id of the Commit. */
MLS_MUST_USE mls_status_t mod_mls_stanza_welcome(mod_mls_xml_writer_t *xml, const char *account,
                                                 const char *origin_id, const char *room, const char *after,
                                                 mls_view_t message);

/* Looks for what a stanza of a room carries: exactly one of our elements, without children of its own and
 * with exactly base64 inside; otherwise BROKEN. `room` tells whose stanza-id counts. The caller clears
 * `*out`. */
MLS_MUST_USE mls_status_t mod_mls_item_read(mod_mls_item_t *out, mls_crypto_t *crypto,
                                            const mod_mls_xml_node_t *message, const char *room);

/* The base64 content of an element of ours, which must have no children. The caller clears `*out`.
 * MLS_ERR_MALFORMED, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_element_bytes(mls_bytes_t *out, const mod_mls_xml_node_t *element);

/* The id of the <stanza-id/> that `by` gave; NULL if it gave none, or several. */
const char *mod_mls_stanza_id(const mod_mls_xml_node_t *message, const char *by);

/* The form and RSM parts of archive queries. */
void mod_mls_write_rsm(mod_mls_xml_writer_t *xml, const char *name, const char *value, unsigned max);

#endif
