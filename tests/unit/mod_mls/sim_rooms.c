/* sim_rooms.c -- rooms (XEP-0045): who is in them, how they are configured, and what is said there. */
#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>

sim_room_t *sim_room(sim_t *sim, const char *jid)
{
    for (size_t i = 0; i < sim->num_rooms; i++) {
        if (strcmp(sim->rooms[i].jid, jid) == 0)
            return &sim->rooms[i];
    }
    if (sim->num_rooms == SIM_ROOMS)
        abort();
    sim_room_t *room = &sim->rooms[sim->num_rooms++];
    (void)snprintf(room->jid, sizeof room->jid, "%s", jid);
    return room;
}

const char *sim_affiliation(sim_room_t *room, const char *account, const char *set)
{
    for (size_t i = 0; i < SIM_CLIENTS; i++) {
        if (room->members[i][0] != '\0' && strcmp(room->members[i], account) != 0)
            continue;
        if (set != NULL) {
            (void)snprintf(room->members[i], sizeof room->members[i], "%s", account);
            (void)snprintf(room->affiliations[i], sizeof room->affiliations[i], "%s", set);
        }
        return room->members[i][0] == '\0' ? "none" : room->affiliations[i];
    }
    return "none";
}

/* ---- coming in ----------------------------------------------------------------------------------- */

/* What an affiliation gives an occupant; `type` is that of the presence. */
static const char *role_of(const char *affiliated, const char *type)
{
    if (type != NULL)
        return "none";
    return strcmp(affiliated, "owner") == 0 ? "moderator" : "participant";
}

static void send_presence(sim_client_t *client, const sim_room_t *room, const char *nick, const char *type,
                          const char *affiliated, const char *const *codes)
{
    mod_mls_xml_writer_t xml = { 0 };
    char from[256];
    (void)snprintf(from, sizeof from, "%s/%s", room->jid, nick);
    mod_mls_xml_open(&xml, "presence", "jabber:client");
    mod_mls_xml_put(&xml, "from", from);
    mod_mls_xml_put(&xml, "to", client->full_jid);
    mod_mls_xml_put(&xml, "type", type);
    mod_mls_xml_open(&xml, "x", NS_MUC_USER);
    mod_mls_xml_open(&xml, "item", NULL);
    mod_mls_xml_put(&xml, "affiliation", affiliated);
    mod_mls_xml_put(&xml, "role", role_of(affiliated, type));
    mod_mls_xml_put(&xml, "jid", client->full_jid);
    mod_mls_xml_close(&xml);
    for (; *codes != NULL; codes++) {
        mod_mls_xml_open(&xml, "status", NULL);
        mod_mls_xml_put(&xml, "code", *codes);
        mod_mls_xml_close(&xml);
    }
    sim_deliver_xml(client, &xml);
}

void sim_handle_join(sim_client_t *client, const mod_mls_xml_node_t *presence)
{
    const char *to = mod_mls_xml_attribute(presence, "to");
    char bare[64];
    (void)snprintf(bare, sizeof bare, "%.*s", (int)strcspn(to, "/"), to);
    sim_room_t *room = sim_room(client->sim, bare);
    const bool is_new = room->members[0][0] == '\0';
    if (is_new)
        (void)sim_affiliation(room, client->account, "owner");
    const char *affiliated = sim_affiliation(room, client->account, NULL);
    if (room->is_configured && strcmp(affiliated, "none") == 0) {
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "presence", "jabber:client");
        mod_mls_xml_put(&xml, "from", to);
        mod_mls_xml_put(&xml, "type", "error");
        mod_mls_xml_open(&xml, "error", NULL);
        mod_mls_xml_leaf(&xml, "registration-required", "urn:ietf:params:xml:ns:xmpp-stanzas", NULL);
        sim_deliver_xml(client, &xml);
        return;
    }
    (void)snprintf(room->nicks[sim_index_of(client)], 64, "%s", strchr(to, '/') + 1);
    const char *codes[] = { "110", is_new ? "201" : NULL, NULL };
    send_presence(client, room, strchr(to, '/') + 1, NULL, affiliated, codes);
}

/* ---- what is said -------------------------------------------------------------------------------- */

const char *sim_post_as(sim_t *sim, sim_room_t *room, const char *nick, const char *message_id,
                        const char *inner)
{
    char from[256];
    (void)snprintf(from, sizeof from, "%s/%s", room->jid, nick);
    const char *stanza_id = NULL;
    if (!room->has_no_archive)
        stanza_id = sim_archive_add(sim, &room->archive, from, "groupchat", message_id, inner)->id;
    for (size_t i = 0; i < sim->num_clients; i++) {
        if (room->nicks[i][0] == '\0' || !sim->clients[i].is_online)
            continue;
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "message", "jabber:client");
        mod_mls_xml_put(&xml, "type", "groupchat");
        mod_mls_xml_put(&xml, "from", from);
        mod_mls_xml_put(&xml, "to", sim->clients[i].full_jid);
        mod_mls_xml_put(&xml, "id", message_id);
        sim_add_raw(&xml, inner);
        if (stanza_id != NULL) {
            mod_mls_xml_open(&xml, "stanza-id", NS_SID);
            mod_mls_xml_put(&xml, "by", room->jid);
            mod_mls_xml_put(&xml, "id", stanza_id);
            mod_mls_xml_close(&xml);
        }
        sim_deliver_xml(&sim->clients[i], &xml);
    }
    return stanza_id;
}

void sim_post(sim_t *sim, sim_room_t *room, const char *nick, const char *inner)
{
    (void)sim_post_as(sim, room, nick, "posted", inner);
}

/* ---- configuration ------------------------------------------------------------------------------- */

void sim_answer_room_disco(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_room_t *room)
{
    const char *features[] = { NS_MUC,
                               room->is_configured ? "muc_persistent" : "muc_temporary",
                               room->is_public ? "muc_open" : "muc_membersonly",
                               room->is_public ? "muc_public" : "muc_hidden",
                               room->has_no_archive ? "muc_unmoderated" : NS_MAM,
                               room->has_no_archive ? "muc_semianonymous" : NS_SID };
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_disco(&xml, client, iq);
    sim_add_identity(&xml, "conference", "text");
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        sim_add_feature(&xml, features[i]);
    sim_deliver_xml(client, &xml);
}

/* As Prosody offers it, with what every server's form has beside that. */
static void answer_form(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    static const struct {
        const char *name, *type, *value;
    } fields[] = {
        { "FORM_TYPE", "hidden", "http://jabber.org/protocol/muc#roomconfig" },
        { "muc#roomconfig_roomname", "text-single", "" },
        { "muc#roomconfig_membersonly", "boolean", "0" },
        { "muc#roomconfig_persistentroom", "boolean", "0" },
        { "muc#roomconfig_publicroom", "boolean", "1" },
        { "muc#roomconfig_changesubject", "boolean", "0" },
        { "muc#roomconfig_enablearchiving", "boolean", "1" },
        { "{http://prosody.im/protocol/muc}roomconfig_allowmemberinvites", "boolean", "0" },
    };
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_answer(&xml, iq, "result", client);
    mod_mls_xml_open(&xml, "query", "http://jabber.org/protocol/muc#owner");
    mod_mls_xml_open(&xml, "x", "jabber:x:data");
    mod_mls_xml_put(&xml, "type", "form");
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        mod_mls_xml_open(&xml, "field", NULL);
        mod_mls_xml_put(&xml, "var", fields[i].name);
        mod_mls_xml_put(&xml, "type", fields[i].type);
        mod_mls_xml_leaf(&xml, "value", NULL, fields[i].value);
        mod_mls_xml_close(&xml);
    }
    sim_deliver_xml(client, &xml);
}

void sim_handle_owner(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room)
{
    const mod_mls_xml_node_t *x =
        mod_mls_xml_child(mod_mls_xml_child(iq, "query", NULL), "x", "jabber:x:data");
    if (strcmp(sim_affiliation(room, client->account, NULL), "owner") != 0) {
        sim_answer_error(client, iq, "forbidden");
        return;
    }
    if (mod_mls_xml_attribute_is(iq, "type", "get")) {
        answer_form(client, iq);
        return;
    }
    for (const mod_mls_xml_node_t *f = mod_mls_xml_child(x, "field", NULL); f != NULL;
         f = mod_mls_xml_next(f, "field", NULL)) {
        if (strncmp(mod_mls_xml_attribute(f, "var"), "mam", 3) == 0)
            abort(); /* was not offered */
    }
    room->is_configured = true;
    sim_answer_empty(client, iq);
}

void sim_handle_admin(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room)
{
    static const char *const removed[] = { "110", "321", NULL };
    sim_t *sim = client->sim;
    const mod_mls_xml_node_t *item = mod_mls_xml_child(mod_mls_xml_child(iq, "query", NULL), "item", NULL);
    const char *jid = mod_mls_xml_attribute(item, "jid"), *to = mod_mls_xml_attribute(item, "affiliation");
    if (strcmp(sim_affiliation(room, client->account, NULL), "owner") != 0) {
        sim_answer_error(client, iq, "not-allowed");
        return;
    }
    (void)sim_affiliation(room, jid, to);
    for (size_t i = 0; strcmp(to, "none") == 0 && i < sim->num_clients; i++) {
        if (strcmp(sim->clients[i].account, jid) != 0 || room->nicks[i][0] == '\0')
            continue;
        if (sim->clients[i].is_online)
            send_presence(&sim->clients[i], room, room->nicks[i], "unavailable", "none", removed);
        room->nicks[i][0] = '\0';
    }
    sim_answer_empty(client, iq);
}
