/* sim_server.c -- the server: answers what it is asked, passes on what is said. */
#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- answers ------------------------------------------------------------------------------------- */

void sim_begin_answer(mod_mls_xml_writer_t *xml, const mod_mls_xml_node_t *iq, const char *type,
                      const sim_client_t *client)
{
    mod_mls_xml_open(xml, "iq", "jabber:client");
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_put(xml, "id", mod_mls_xml_attribute(iq, "id"));
    mod_mls_xml_put(xml, "from", mod_mls_xml_attribute(iq, "to"));
    mod_mls_xml_put(xml, "to", client->full_jid);
}

void sim_answer_empty(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_answer(&xml, iq, "result", client);
    sim_deliver_xml(client, &xml);
}

void sim_answer_error(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *condition)
{
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_answer(&xml, iq, "error", client);
    mod_mls_xml_open(&xml, "error", NULL);
    mod_mls_xml_put(&xml, "type", "cancel");
    mod_mls_xml_leaf(&xml, condition, "urn:ietf:params:xml:ns:xmpp-stanzas", NULL);
    sim_deliver_xml(client, &xml);
}

void sim_begin_disco(mod_mls_xml_writer_t *xml, const sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    sim_begin_answer(xml, iq, "result", client);
    mod_mls_xml_open(xml, "query", "http://jabber.org/protocol/disco#info");
}

void sim_add_identity(mod_mls_xml_writer_t *xml, const char *category, const char *type)
{
    mod_mls_xml_open(xml, "identity", NULL);
    mod_mls_xml_put(xml, "category", category);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_close(xml);
}

void sim_add_feature(mod_mls_xml_writer_t *xml, const char *feature)
{
    mod_mls_xml_open(xml, "feature", NULL);
    mod_mls_xml_put(xml, "var", feature);
    mod_mls_xml_close(xml);
}

/* ---- accounts ------------------------------------------------------------------------------------ */

static bool account_lacks(const sim_t *sim, const char *feature)
{
    bool lacks = sim->has_no_pep && strncmp(feature, NS_PUBSUB, sizeof NS_PUBSUB - 1) == 0;
    for (size_t i = 0; i < sizeof sim->account_lacks / sizeof sim->account_lacks[0]; i++)
        lacks = lacks || (sim->account_lacks[i] != NULL && strcmp(sim->account_lacks[i], feature) == 0);
    return lacks;
}

static void answer_account_disco(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    static const char *const features[] = { "http://jabber.org/protocol/disco#info",
                                            NS_PUBSUB "#access-open",
                                            NS_PUBSUB "#config-node",
                                            NS_PUBSUB "#create-and-configure",
                                            NS_PUBSUB "#persistent-items",
                                            NS_PUBSUB "#publish-options",
                                            NS_MAM };
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_disco(&xml, client, iq);
    sim_add_identity(&xml, "account", "registered");
    if (!client->sim->has_no_pep)
        sim_add_identity(&xml, "pubsub", "pep");
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (!account_lacks(client->sim, features[i]))
            sim_add_feature(&xml, features[i]);
    }
    sim_deliver_xml(client, &xml);
}

/* ---- stanzas ------------------------------------------------------------------------------------- */

static void handle_iq(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    const char *to = mod_mls_xml_attribute(iq, "to");
    const mod_mls_xml_node_t *query = mod_mls_xml_child(iq, "query", NULL);
    if (to == NULL)
        to = client->account;
    bool is_room = strstr(to, "@rooms.") != NULL || strstr(to, "@conference.") != NULL;
    if (mod_mls_xml_child(iq, "pubsub", NULL) != NULL)
        sim_handle_pubsub(client, iq, to);
    else if (mod_mls_xml_child(iq, "ping", NULL) != NULL)
        sim_answer_empty(client, iq);
    else if (query == NULL)
        sim_answer_error(client, iq, "service-unavailable");
    else if (strcmp(query->ns, NS_MAM) == 0 && is_room &&
             strcmp(sim_affiliation(sim_room(client->sim, to), client->account, NULL), "none") == 0)
        sim_answer_error(client, iq, "forbidden");
    else if (strcmp(query->ns, NS_MAM) == 0)
        sim_answer_query(client, iq, is_room ? &sim_room(client->sim, to)->archive : &client->archive, to);
    else if (is_room && strstr(query->ns, "disco#info") != NULL)
        sim_answer_room_disco(client, iq, sim_room(client->sim, to));
    else if (strcmp(to, client->account) == 0 && strstr(query->ns, "disco#info") != NULL)
        answer_account_disco(client, iq);
    else if (is_room && strstr(query->ns, "muc#owner") != NULL)
        sim_handle_owner(client, iq, sim_room(client->sim, to));
    else if (is_room && strstr(query->ns, "muc#admin") != NULL)
        sim_handle_admin(client, iq, sim_room(client->sim, to));
    else
        sim_answer_error(client, iq, "service-unavailable");
}

/* What stands between the start tag and the end tag of a stanza. */
static char *inner_of(const char *stanza)
{
    const char *start = strchr(stanza, '>') + 1, *end = strrchr(stanza, '<');
    char *inner = sim_copy_text(start);
    inner[end - start] = '\0';
    return inner;
}

static void handle_chat(sim_client_t *client, const mod_mls_xml_node_t *message, const char *inner)
{
    sim_t *sim = client->sim;
    const char *to = mod_mls_xml_attribute(message, "to");
    for (size_t i = 0; i < sim->num_clients; i++) {
        sim_client_t *receiver = &sim->clients[i];
        if (strcmp(receiver->account, to) != 0)
            continue;
        const sim_stanza_t *s = sim_archive_add(sim, &receiver->archive, client->full_jid, "chat",
                                                mod_mls_xml_attribute(message, "id"), inner);
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "message", "jabber:client");
        mod_mls_xml_put(&xml, "type", "chat");
        mod_mls_xml_put(&xml, "from", client->full_jid);
        mod_mls_xml_put(&xml, "to", to);
        mod_mls_xml_put(&xml, "id", s->message_id[0] == '\0' ? NULL : s->message_id);
        sim_add_raw(&xml, s->inner);
        if (receiver->is_online) {
            sim_deliver_xml(receiver, &xml);
            continue;
        }
        if (mod_mls_xml_finish(&xml) != MLS_OK)
            abort();
        receiver->offline = realloc(receiver->offline, (receiver->num_offline + 1) * sizeof(char *));
        receiver->offline[receiver->num_offline++] = xml.text.data;
    }
}

static void handle_message(sim_client_t *client, const mod_mls_xml_node_t *message, const char *stanza)
{
    sim_t *sim = client->sim;
    char *inner = inner_of(stanza);
    const char *to = mod_mls_xml_attribute(message, "to");
    const mod_mls_xml_node_t *x = mod_mls_xml_child(message, "x", NS_MUC_USER);
    const mod_mls_xml_node_t *invite = mod_mls_xml_child(x, "invite", NULL);
    if (mod_mls_xml_attribute_is(message, "type", "groupchat")) {
        sim_room_t *room = sim_room(sim, to);
        const char *nick = room->nicks[sim_index_of(client)];
        if (nick[0] != '\0')
            (void)sim_post_as(sim, room, nick, mod_mls_xml_attribute(message, "id"), inner);
    } else if (invite != NULL) {
        (void)sim_affiliation(sim_room(sim, to), mod_mls_xml_attribute(invite, "to"), "member");
    } else {
        handle_chat(client, message, inner);
    }
    free(inner);
}

void sim_serve(sim_client_t *client, const char *stanza)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    if (!client->is_online)
        return;
    if (mod_mls_xml_read(&node, &arena, stanza, strlen(stanza)) != MLS_OK)
        abort(); /* a client sent what is not XML */
    if (strcmp(node->name, "iq") == 0)
        handle_iq(client, node);
    else if (strcmp(node->name, "presence") == 0)
        sim_handle_join(client, node);
    else
        handle_message(client, node, stanza);
    mls_arena_clear(&arena);
}
