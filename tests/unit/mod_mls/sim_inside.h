/* sim_inside.h -- what the files of the simulation share. */
#ifndef SIM_INSIDE_H
#define SIM_INSIDE_H

#include "sim.h"

#include "xml_reader.h"

#define NS_MUC "http://jabber.org/protocol/muc"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_MAM "urn:xmpp:mam:2"
#define NS_RSM "http://jabber.org/protocol/rsm"
#define NS_SID "urn:xmpp:sid:0"

char *sim_copy_text(const char *text);

/* ---- the queue (sim_queue.c) --------------------------------------------------------------------- */

/* Where a client stands among all. */
size_t sim_index_of(const sim_client_t *client);
/* A stanza on its way from the client to the server, or the other way. */
void sim_enqueue(sim_t *sim, size_t client, bool to_server, const char *stanza);
/* Closes what was written, and delivers it. */
void sim_deliver_xml(sim_client_t *client, mod_mls_xml_writer_t *xml);
/* Puts text that is XML already into the writer. */
void sim_add_raw(mod_mls_xml_writer_t *xml, const char *raw);
/* Forgets what is on its way from and to a client, or to all where it is NULL. */
void sim_forget_queued(sim_t *sim, const sim_client_t *client);

/* ---- people (sim_people.c) ----------------------------------------------------------------------- */

/* A client without mod_mls yet, and then with it. */
sim_client_t *sim_prepare_client(sim_t *sim, const char *account);
void sim_open_client(sim_client_t *client);
/* The client takes a stanza in. */
void sim_receive(sim_client_t *client, const char *stanza);

/* ---- the server (sim_server.c) ------------------------------------------------------------------- */

/* The server takes a stanza in. */
void sim_serve(sim_client_t *client, const char *stanza);
void sim_begin_answer(mod_mls_xml_writer_t *xml, const mod_mls_xml_node_t *iq, const char *type,
                      const sim_client_t *client);
void sim_answer_empty(sim_client_t *client, const mod_mls_xml_node_t *iq);
void sim_answer_error(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *condition);
/* An answer of disco#info, with these after it. */
void sim_begin_disco(mod_mls_xml_writer_t *xml, const sim_client_t *client, const mod_mls_xml_node_t *iq);
void sim_add_identity(mod_mls_xml_writer_t *xml, const char *category, const char *type);
void sim_add_feature(mod_mls_xml_writer_t *xml, const char *feature);

/* ---- archives (sim_archive.c) -------------------------------------------------------------------- */

sim_stanza_t *sim_archive_add(sim_t *sim, sim_archive_t *archive, const char *from, const char *type,
                              const char *message_id, const char *inner);
void sim_archive_clear(sim_archive_t *archive);
void sim_answer_query(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_archive_t *archive,
                      const char *name);

/* ---- PEP (sim_pep.c) ----------------------------------------------------------------------------- */

void sim_handle_pubsub(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *account);
void sim_clear_nodes(sim_t *sim);

/* ---- rooms (sim_rooms.c) ------------------------------------------------------------------------- */

/* The affiliation of an account; made where `set` is given. */
const char *sim_affiliation(sim_room_t *room, const char *account, const char *set);
void sim_handle_join(sim_client_t *client, const mod_mls_xml_node_t *presence);
void sim_answer_room_disco(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_room_t *room);
void sim_handle_owner(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room);
void sim_handle_admin(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room);

#endif
