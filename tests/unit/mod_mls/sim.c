#define _XOPEN_SOURCE 700

#include "sim.h"

#include "jid.h"
#include "timestamp.h"
#include "xml_reader.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NS_MUC_USER "http://jabber.org/protocol/muc#user"
#define NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define NS_MAM "urn:xmpp:mam:2"
#define NS_RSM "http://jabber.org/protocol/rsm"
#define NS_SID "urn:xmpp:sid:0"
#define NS_MUC "http://jabber.org/protocol/muc"

static char *copy(const char *text)
{
    char *out = strdup(text);
    if (out == NULL)
        abort();
    return out;
}

/* ---- the queue ----------------------------------------------------------------------------------- */

static void enqueue(sim_t *sim, size_t client, bool to_server, const char *stanza)
{
    struct sim_queued *entry = calloc(1, sizeof *entry);
    entry->client = client;
    entry->to_server = to_server;
    entry->stanza = copy(stanza);
    if (sim->queue == NULL)
        sim->queue_end = &sim->queue;
    *sim->queue_end = entry;
    sim->queue_end = &entry->next;
}

static size_t index_of(const sim_client_t *client)
{
    return (size_t)(client - client->sim->clients);
}

void sim_deliver(sim_client_t *client, const char *stanza)
{
    enqueue(client->sim, index_of(client), false, stanza);
}

static void deliver_xml(sim_client_t *client, mod_mls_xml_writer_t *xml)
{
    if (mod_mls_xml_finish(xml) != MLS_OK)
        abort();
    sim_deliver(client, xml->text.data);
    mod_mls_text_clear(&xml->text);
    *xml = (mod_mls_xml_writer_t){ 0 };
}

/* Puts text that is XML already into the writer. */
static void add_raw(mod_mls_xml_writer_t *xml, const char *raw)
{
    mod_mls_xml_add(xml, "");
    mod_mls_text_add(&xml->text, raw);
}

/* ---- the host table ------------------------------------------------------------------------------ */

static void send_to_server(sim_client_t *client, const char *stanza)
{
    sim_t *sim = client->sim;
    if (sim->watch != NULL)
        (void)sim->watch(sim->watch_arg, client, SIM_SENT, stanza);
    enqueue(sim, index_of(client), true, stanza);
}

static void host_send(void *arg, const char *stanza, size_t len)
{
    if (strlen(stanza) != len || len > 150000)
        abort();
    send_to_server(arg, stanza);
}

static void host_join(void *arg, const char *room, const char *nick)
{
    mod_mls_xml_writer_t xml = { 0 };
    char to[256];
    (void)snprintf(to, sizeof to, "%s/%s", room, nick);
    mod_mls_xml_open(&xml, "presence", NULL);
    mod_mls_xml_put(&xml, "to", to);
    mod_mls_xml_open(&xml, "x", NS_MUC);
    mod_mls_xml_open(&xml, "history", NULL);
    mod_mls_xml_put(&xml, "maxstanzas", "0");
    if (mod_mls_xml_finish(&xml) != MLS_OK)
        abort();
    send_to_server(arg, xml.text.data);
    mod_mls_text_clear(&xml.text);
}

static void host_leave(void *arg, const char *room, const char *nick)
{
    sim_client_t *client = arg;
    sim_room_t *r = sim_room(client->sim, room);
    (void)nick;
    r->nicks[index_of(client)][0] = '\0';
}

static void host_wake_at(void *arg, uint64_t at)
{
    ((sim_client_t *)arg)->wake_at = at;
}

static uint64_t host_now(void *arg)
{
    return ((sim_client_t *)arg)->sim->now;
}

static const char *text_of(const char *text)
{
    return text == NULL ? "-" : text;
}

static void event_line(char *out, size_t size, const mod_mls_event_t *e)
{
    const char *name = mod_mls_event_name(e->type), *room = text_of(e->room);
    switch (e->type) {
    case MOD_MLS_EVENT_MESSAGE:
    case MOD_MLS_EVENT_DELIVERED:
    case MOD_MLS_EVENT_UNENCRYPTED:
        (void)snprintf(out, size, "%s %s %s %s flags=%u", name, room, text_of(e->u.message.account),
                       text_of(e->u.message.text), e->u.message.flags);
        break;
    case MOD_MLS_EVENT_UNREADABLE:
        (void)snprintf(out, size, "%s %s %s", name, room, mod_mls_unreadable_name(e->u.unreadable.reason));
        break;
    case MOD_MLS_EVENT_INVITATION:
        (void)snprintf(out, size, "%s %s %s from=%s", name, room, e->u.invitation.inviter,
                       e->u.invitation.from);
        break;
    case MOD_MLS_EVENT_MEMBER_ADDED:
    case MOD_MLS_EVENT_MEMBER_REMOVED:
    case MOD_MLS_EVENT_MEMBER_LEFT:
    case MOD_MLS_EVENT_MEMBER_HEARD:
    case MOD_MLS_EVENT_REMOVED:
    case MOD_MLS_EVENT_ROOM_CHANGED:
        (void)snprintf(out, size, "%s %s %s by=%s", name, room, e->u.member.account, text_of(e->u.member.by));
        break;
    case MOD_MLS_EVENT_JOINED:
    case MOD_MLS_EVENT_EPOCH:
    case MOD_MLS_EVENT_WENT_BACK:
        (void)snprintf(out, size, "%s %s %u %s", name, room, (unsigned)e->u.epoch.epoch,
                       e->u.epoch.authenticator);
        break;
    case MOD_MLS_EVENT_ROOM_UNSAFE:
    case MOD_MLS_EVENT_WARNING:
    case MOD_MLS_EVENT_ERROR:
        (void)snprintf(out, size, "%s %s %s %s", name, room, mod_mls_error_name(e->u.error.code),
                       text_of(e->u.error.account));
        break;
    case MOD_MLS_EVENT_NEW_DEVICE:
        (void)snprintf(out, size, "%s %s", name, e->u.device.account);
        break;
    default:
        (void)snprintf(out, size, "%s %s", name, room);
    }
}

static void host_event(void *arg, const mod_mls_event_t *event)
{
    sim_client_t *client = arg;
    char line[2048];
    event_line(line, sizeof line, event);
    client->events = realloc(client->events, (client->num_events + 1) * sizeof *client->events);
    client->events[client->num_events++] = copy(line);
    if (getenv("SIM_VERBOSE") != NULL)
        printf("%8llu %s: %s\n", (unsigned long long)client->sim->now % 100000000, client->account, line);
}

static void host_log(void *arg, mod_mls_log_level_t level, const char *text)
{
    const sim_client_t *client = arg;
    (void)level;
    if (getenv("SIM_VERBOSE") != NULL)
        printf("         %s: log: %s\n", client->account, text);
}

/* A generator with a seed: a run that failed can be had again. */
static bool host_random(void *arg, uint8_t *out, size_t len)
{
    sim_t *sim = ((sim_client_t *)arg)->sim;
    for (size_t i = 0; i < len; i++) {
        sim->seed ^= sim->seed << 13;
        sim->seed ^= sim->seed >> 7;
        sim->seed ^= sim->seed << 17;
        out[i] = (uint8_t)(sim->seed >> 24);
    }
    return true;
}

/* ---- events -------------------------------------------------------------------------------------- */

bool sim_expect(sim_client_t *client, const char *text)
{
    for (size_t i = client->num_read; i < client->num_events; i++) {
        if (strncmp(client->events[i], text, strlen(text)) == 0) {
            client->num_read = i + 1;
            return true;
        }
    }
    printf("%s has no \"%s\" after event %zu:\n", client->account, text, client->num_read);
    for (size_t i = 0; i < client->num_events; i++)
        printf("  %zu %s\n", i, client->events[i]);
    return false;
}

size_t sim_count(const sim_client_t *client, const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < client->num_events; i++)
        count += strncmp(client->events[i], text, strlen(text)) == 0;
    return count;
}

void sim_forget_events(sim_client_t *client)
{
    for (size_t i = 0; i < client->num_events; i++)
        free(client->events[i]);
    free(client->events);
    client->events = NULL;
    client->num_events = client->num_read = 0;
}

/* ---- archives ------------------------------------------------------------------------------------ */

static sim_stanza_t *archive_add(sim_t *sim, sim_archive_t *archive, const char *from, const char *type,
                                 const char *message_id, const char *inner)
{
    char id[32];
    (void)snprintf(id, sizeof id, "id%llu", (unsigned long long)++sim->next_id);
    archive->items = realloc(archive->items, (archive->count + 1) * sizeof *archive->items);
    sim_stanza_t *s = &archive->items[archive->count++];
    *s = (sim_stanza_t){ .id = copy(id),
                         .from = copy(from),
                         .type = copy(type),
                         .message_id = copy(message_id == NULL ? "" : message_id),
                         .inner = copy(inner),
                         .at = sim->now };
    return s;
}

static void archive_clear(sim_archive_t *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        sim_stanza_t *s = &archive->items[i];
        free(s->id), free(s->from), free(s->type), free(s->message_id), free(s->inner);
    }
    free(archive->items);
    *archive = (sim_archive_t){ 0 };
}

static void begin_answer(mod_mls_xml_writer_t *xml, const mod_mls_xml_node_t *iq, const char *type,
                         const sim_client_t *client)
{
    mod_mls_xml_open(xml, "iq", "jabber:client");
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_put(xml, "id", mod_mls_xml_attribute(iq, "id"));
    mod_mls_xml_put(xml, "from", mod_mls_xml_attribute(iq, "to"));
    mod_mls_xml_put(xml, "to", client->full_jid);
}

static void answer_empty(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    mod_mls_xml_writer_t xml = { 0 };
    begin_answer(&xml, iq, "result", client);
    deliver_xml(client, &xml);
}

static void answer_error(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *condition)
{
    mod_mls_xml_writer_t xml = { 0 };
    begin_answer(&xml, iq, "error", client);
    mod_mls_xml_open(&xml, "error", NULL);
    mod_mls_xml_put(&xml, "type", "cancel");
    mod_mls_xml_leaf(&xml, condition, "urn:ietf:params:xml:ns:xmpp-stanzas", NULL);
    deliver_xml(client, &xml);
}

static void send_result(sim_client_t *client, const sim_stanza_t *s, const char *archive,
                        const char *query_id)
{
    char stamp[MOD_MLS_TIMESTAMP_SIZE];
    mod_mls_xml_writer_t xml = { 0 };
    mod_mls_xml_open(&xml, "message", "jabber:client");
    mod_mls_xml_put(&xml, "from", archive);
    mod_mls_xml_put(&xml, "to", client->full_jid);
    mod_mls_xml_open(&xml, "result", NS_MAM);
    mod_mls_xml_put(&xml, "queryid", query_id);
    mod_mls_xml_put(&xml, "id", s->id);
    mod_mls_xml_open(&xml, "forwarded", "urn:xmpp:forward:0");
    mod_mls_xml_open(&xml, "delay", "urn:xmpp:delay");
    mod_mls_timestamp_write(stamp, s->at);
    mod_mls_xml_put(&xml, "stamp", stamp);
    mod_mls_xml_close(&xml);
    mod_mls_xml_open(&xml, "message", "jabber:client");
    mod_mls_xml_put(&xml, "from", s->from);
    mod_mls_xml_put(&xml, "type", s->type);
    mod_mls_xml_put(&xml, "id", s->message_id);
    add_raw(&xml, s->inner);
    deliver_xml(client, &xml);
}

/* The place of an id in the archive; false if it is not there. */
static bool find_place(const sim_archive_t *archive, const char *id, size_t *place)
{
    for (*place = 0; *place < archive->count; (*place)++) {
        if (!archive->items[*place].is_gone && strcmp(archive->items[*place].id, id) == 0)
            return true;
    }
    return false;
}

static void answer_query(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_archive_t *archive,
                         const char *name)
{
    const mod_mls_xml_node_t *query = mod_mls_xml_child(iq, "query", NS_MAM);
    const mod_mls_xml_node_t *set = mod_mls_xml_child(query, "set", NS_RSM);
    const mod_mls_xml_node_t *after = mod_mls_xml_child(set, "after", NULL);
    const mod_mls_xml_node_t *before = mod_mls_xml_child(set, "before", NULL);
    size_t max = (size_t)atoi(mod_mls_xml_text(mod_mls_xml_child(set, "max", NULL)));
    size_t first = 0, end = archive->count, sent = 0, first_sent = 0, last = 0;
    if ((after != NULL && !find_place(archive, mod_mls_xml_text(after), &first)) ||
        (before != NULL && mod_mls_xml_text(before)[0] != '\0' &&
         !find_place(archive, mod_mls_xml_text(before), &end))) {
        answer_error(client, iq, "item-not-found");
        return;
    }
    if (after != NULL)
        first++;
    if (max > 5)
        max = 5; /* small pages, so that paging is always tried */
    bool is_complete = end - first <= max;
    if (before != NULL && !is_complete)
        first = end - max;
    for (size_t i = first; i < end && sent < max; i++) {
        if (archive->items[i].is_gone)
            continue;
        send_result(client, &archive->items[i], name, mod_mls_xml_attribute(query, "queryid"));
        if (sent++ == 0)
            first_sent = i;
        last = i;
    }
    mod_mls_xml_writer_t xml = { 0 };
    begin_answer(&xml, iq, "result", client);
    mod_mls_xml_open(&xml, "fin", NS_MAM);
    mod_mls_xml_put(&xml, "complete", is_complete ? "true" : NULL);
    mod_mls_xml_open(&xml, "set", NS_RSM);
    if (sent > 0) {
        mod_mls_xml_leaf(&xml, "first", NULL, archive->items[first_sent].id);
        mod_mls_xml_leaf(&xml, "last", NULL, archive->items[last].id);
    }
    deliver_xml(client, &xml);
}

/* ---- PEP ----------------------------------------------------------------------------------------- */

sim_node_t *sim_node(sim_t *sim, const char *account, const char *node)
{
    sim_node_t *n = sim->nodes;
    while (n != NULL && (strcmp(n->account, account) != 0 || strcmp(n->node, node) != 0))
        n = n->next;
    return n;
}

static void add_node(sim_t *sim, const char *account, const char *node)
{
    sim_node_t *n = calloc(1, sizeof *n);
    (void)snprintf(n->account, sizeof n->account, "%s", account);
    (void)snprintf(n->node, sizeof n->node, "%s", node);
    n->next = sim->nodes;
    sim->nodes = n;
}

static void retract(sim_node_t *node, const char *id)
{
    for (struct sim_item **at = &node->items; *at != NULL; at = &(*at)->next) {
        struct sim_item *item = *at;
        if (strcmp(item->id, id) != 0)
            continue;
        *at = item->next;
        free(item->element), free(item->content), free(item);
        return;
    }
}

static void publish(sim_node_t *node, const mod_mls_xml_node_t *item)
{
    struct sim_item *stored = calloc(1, sizeof *stored), **end = &node->items;
    retract(node, mod_mls_xml_attribute(item, "id"));
    (void)snprintf(stored->id, sizeof stored->id, "%s", mod_mls_xml_attribute(item, "id"));
    stored->element = copy(item->first_child->name);
    stored->content = copy(mod_mls_xml_text(item->first_child));
    while (*end != NULL)
        end = &(*end)->next;
    *end = stored;
}

static void answer_items(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_node_t *node,
                         const char *only)
{
    mod_mls_xml_writer_t xml = { 0 };
    begin_answer(&xml, iq, "result", client);
    mod_mls_xml_open(&xml, "pubsub", NS_PUBSUB);
    mod_mls_xml_open(&xml, "items", NULL);
    mod_mls_xml_put(&xml, "node", node->node);
    for (const struct sim_item *item = node->items; item != NULL; item = item->next) {
        if (only != NULL && strcmp(only, item->id) != 0)
            continue;
        mod_mls_xml_open(&xml, "item", NULL);
        mod_mls_xml_put(&xml, "id", item->id);
        mod_mls_xml_leaf(&xml, item->element, MOD_MLS_NAMESPACE, item->content);
        mod_mls_xml_close(&xml);
    }
    deliver_xml(client, &xml);
}

static void handle_pubsub(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *account)
{
    sim_t *sim = client->sim;
    const mod_mls_xml_node_t *pubsub = mod_mls_xml_child(iq, "pubsub", NULL);
    const mod_mls_xml_node_t *action = pubsub->first_child;
    const char *name = mod_mls_xml_attribute(action, "node");
    sim_node_t *node = sim_node(sim, account, name);
    const mod_mls_xml_node_t *item = mod_mls_xml_child(action, "item", NULL);
    if (sim->has_no_pep) {
        answer_error(client, iq, "service-unavailable");
    } else if (strcmp(action->name, "create") == 0 && node == NULL) {
        add_node(sim, account, name);
        answer_empty(client, iq);
    } else if (strcmp(action->name, "create") == 0) {
        answer_error(client, iq, "conflict");
    } else if (node == NULL) {
        answer_error(client, iq, "item-not-found");
    } else if (strcmp(action->name, "items") == 0) {
        answer_items(client, iq, node, mod_mls_xml_attribute(item, "id"));
    } else {
        if (strcmp(action->name, "publish") == 0)
            publish(node, item);
        if (strcmp(action->name, "retract") == 0)
            retract(node, mod_mls_xml_attribute(item, "id"));
        answer_empty(client, iq);
    }
}

/* ---- rooms --------------------------------------------------------------------------------------- */

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

/* The affiliation of an account; made where `set` is given. */
static const char *affiliation(sim_room_t *room, const char *account, const char *set)
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
    deliver_xml(client, &xml);
}

static void handle_join(sim_client_t *client, const mod_mls_xml_node_t *presence)
{
    const char *to = mod_mls_xml_attribute(presence, "to");
    char bare[64];
    (void)snprintf(bare, sizeof bare, "%.*s", (int)strcspn(to, "/"), to);
    sim_room_t *room = sim_room(client->sim, bare);
    const bool is_new = room->members[0][0] == '\0';
    if (is_new)
        (void)affiliation(room, client->account, "owner");
    const char *affiliated = affiliation(room, client->account, NULL);
    if (room->is_configured && strcmp(affiliated, "none") == 0) {
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "presence", "jabber:client");
        mod_mls_xml_put(&xml, "from", to);
        mod_mls_xml_put(&xml, "type", "error");
        mod_mls_xml_open(&xml, "error", NULL);
        mod_mls_xml_leaf(&xml, "registration-required", "urn:ietf:params:xml:ns:xmpp-stanzas", NULL);
        deliver_xml(client, &xml);
        return;
    }
    (void)snprintf(room->nicks[index_of(client)], 64, "%s", strchr(to, '/') + 1);
    const char *codes[] = { "110", is_new ? "201" : NULL, NULL };
    send_presence(client, room, strchr(to, '/') + 1, NULL, affiliated, codes);
}

const char *sim_post_as(sim_t *sim, sim_room_t *room, const char *nick, const char *message_id,
                        const char *inner)
{
    char from[256];
    (void)snprintf(from, sizeof from, "%s/%s", room->jid, nick);
    const char *stanza_id = NULL;
    if (!room->has_no_archive)
        stanza_id = archive_add(sim, &room->archive, from, "groupchat", message_id, inner)->id;
    for (size_t i = 0; i < sim->num_clients; i++) {
        if (room->nicks[i][0] == '\0' || !sim->clients[i].is_online)
            continue;
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "message", "jabber:client");
        mod_mls_xml_put(&xml, "type", "groupchat");
        mod_mls_xml_put(&xml, "from", from);
        mod_mls_xml_put(&xml, "to", sim->clients[i].full_jid);
        mod_mls_xml_put(&xml, "id", message_id);
        add_raw(&xml, inner);
        if (stanza_id != NULL) {
            mod_mls_xml_open(&xml, "stanza-id", NS_SID);
            mod_mls_xml_put(&xml, "by", room->jid);
            mod_mls_xml_put(&xml, "id", stanza_id);
            mod_mls_xml_close(&xml);
        }
        deliver_xml(&sim->clients[i], &xml);
    }
    return stanza_id;
}

void sim_post(sim_t *sim, sim_room_t *room, const char *nick, const char *inner)
{
    (void)sim_post_as(sim, room, nick, "posted", inner);
}

static void begin_disco(mod_mls_xml_writer_t *xml, const sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    begin_answer(xml, iq, "result", client);
    mod_mls_xml_open(xml, "query", "http://jabber.org/protocol/disco#info");
}

static void add_identity(mod_mls_xml_writer_t *xml, const char *category, const char *type)
{
    mod_mls_xml_open(xml, "identity", NULL);
    mod_mls_xml_put(xml, "category", category);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_close(xml);
}

static void add_feature(mod_mls_xml_writer_t *xml, const char *feature)
{
    mod_mls_xml_open(xml, "feature", NULL);
    mod_mls_xml_put(xml, "var", feature);
    mod_mls_xml_close(xml);
}

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
    begin_disco(&xml, client, iq);
    add_identity(&xml, "account", "registered");
    if (!client->sim->has_no_pep)
        add_identity(&xml, "pubsub", "pep");
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (!account_lacks(client->sim, features[i]))
            add_feature(&xml, features[i]);
    }
    deliver_xml(client, &xml);
}

static void answer_disco(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_room_t *room)
{
    const char *features[] = { NS_MUC,
                               room->is_configured ? "muc_persistent" : "muc_temporary",
                               room->is_public ? "muc_open" : "muc_membersonly",
                               room->is_public ? "muc_public" : "muc_hidden",
                               room->has_no_archive ? "muc_unmoderated" : NS_MAM,
                               room->has_no_archive ? "muc_semianonymous" : NS_SID };
    mod_mls_xml_writer_t xml = { 0 };
    begin_disco(&xml, client, iq);
    add_identity(&xml, "conference", "text");
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++)
        add_feature(&xml, features[i]);
    deliver_xml(client, &xml);
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
    begin_answer(&xml, iq, "result", client);
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
    deliver_xml(client, &xml);
}

static void handle_owner(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room)
{
    const mod_mls_xml_node_t *x =
        mod_mls_xml_child(mod_mls_xml_child(iq, "query", NULL), "x", "jabber:x:data");
    if (strcmp(affiliation(room, client->account, NULL), "owner") != 0) {
        answer_error(client, iq, "forbidden");
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
    answer_empty(client, iq);
}

static void handle_admin(sim_client_t *client, const mod_mls_xml_node_t *iq, sim_room_t *room)
{
    static const char *const removed[] = { "110", "321", NULL };
    sim_t *sim = client->sim;
    const mod_mls_xml_node_t *item = mod_mls_xml_child(mod_mls_xml_child(iq, "query", NULL), "item", NULL);
    const char *jid = mod_mls_xml_attribute(item, "jid"), *to = mod_mls_xml_attribute(item, "affiliation");
    if (strcmp(affiliation(room, client->account, NULL), "owner") != 0) {
        answer_error(client, iq, "not-allowed");
        return;
    }
    (void)affiliation(room, jid, to);
    for (size_t i = 0; strcmp(to, "none") == 0 && i < sim->num_clients; i++) {
        if (strcmp(sim->clients[i].account, jid) != 0 || room->nicks[i][0] == '\0')
            continue;
        if (sim->clients[i].is_online)
            send_presence(&sim->clients[i], room, room->nicks[i], "unavailable", "none", removed);
        room->nicks[i][0] = '\0';
    }
    answer_empty(client, iq);
}

/* ---- the server ---------------------------------------------------------------------------------- */

static void handle_iq(sim_client_t *client, const mod_mls_xml_node_t *iq)
{
    const char *to = mod_mls_xml_attribute(iq, "to");
    const mod_mls_xml_node_t *query = mod_mls_xml_child(iq, "query", NULL);
    if (to == NULL)
        to = client->account;
    bool is_room = strstr(to, "@rooms.") != NULL || strstr(to, "@conference.") != NULL;
    if (mod_mls_xml_child(iq, "pubsub", NULL) != NULL)
        handle_pubsub(client, iq, to);
    else if (mod_mls_xml_child(iq, "ping", NULL) != NULL)
        answer_empty(client, iq);
    else if (query == NULL)
        answer_error(client, iq, "service-unavailable");
    else if (strcmp(query->ns, NS_MAM) == 0 && is_room &&
             strcmp(affiliation(sim_room(client->sim, to), client->account, NULL), "none") == 0)
        answer_error(client, iq, "forbidden");
    else if (strcmp(query->ns, NS_MAM) == 0)
        answer_query(client, iq, is_room ? &sim_room(client->sim, to)->archive : &client->archive, to);
    else if (is_room && strstr(query->ns, "disco#info") != NULL)
        answer_disco(client, iq, sim_room(client->sim, to));
    else if (strcmp(to, client->account) == 0 && strstr(query->ns, "disco#info") != NULL)
        answer_account_disco(client, iq);
    else if (is_room && strstr(query->ns, "muc#owner") != NULL)
        handle_owner(client, iq, sim_room(client->sim, to));
    else if (is_room && strstr(query->ns, "muc#admin") != NULL)
        handle_admin(client, iq, sim_room(client->sim, to));
    else
        answer_error(client, iq, "service-unavailable");
}

/* What stands between the start tag and the end tag of a stanza. */
static char *inner_of(const char *stanza)
{
    const char *start = strchr(stanza, '>') + 1, *end = strrchr(stanza, '<');
    char *inner = copy(start);
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
        const sim_stanza_t *s = archive_add(sim, &receiver->archive, client->full_jid, "chat",
                                            mod_mls_xml_attribute(message, "id"), inner);
        mod_mls_xml_writer_t xml = { 0 };
        mod_mls_xml_open(&xml, "message", "jabber:client");
        mod_mls_xml_put(&xml, "type", "chat");
        mod_mls_xml_put(&xml, "from", client->full_jid);
        mod_mls_xml_put(&xml, "to", to);
        mod_mls_xml_put(&xml, "id", s->message_id[0] == '\0' ? NULL : s->message_id);
        add_raw(&xml, s->inner);
        if (receiver->is_online) {
            deliver_xml(receiver, &xml);
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
        const char *nick = room->nicks[index_of(client)];
        if (nick[0] != '\0')
            (void)sim_post_as(sim, room, nick, mod_mls_xml_attribute(message, "id"), inner);
    } else if (invite != NULL) {
        (void)affiliation(sim_room(sim, to), mod_mls_xml_attribute(invite, "to"), "member");
    } else {
        handle_chat(client, message, inner);
    }
    free(inner);
}

static void serve(sim_client_t *client, const char *stanza)
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
        handle_join(client, node);
    else
        handle_message(client, node, stanza);
    mls_arena_clear(&arena);
}

static void receive(sim_client_t *client, const char *stanza)
{
    const mod_mls_message_t *message;
    sim_t *sim = client->sim;
    if (!client->is_online || (sim->drop != NULL && sim->drop(sim, client, stanza)))
        return;
    if (sim->watch != NULL)
        stanza = sim->watch(sim->watch_arg, client, SIM_COMING, stanza);
    client->last_answer = mod_mls_stanza_in(client->mls, &message, stanza, strlen(stanza));
    if (client->last_answer == MOD_MLS_REPLACE) {
        client->last_replacement = *message;
        (void)snprintf(client->last_text, sizeof client->last_text, "%s", message->text);
    }
    if (sim->watch != NULL)
        (void)sim->watch(sim->watch_arg, client, SIM_TAKEN, stanza);
}

void sim_run(sim_t *sim)
{
    for (size_t n = 0; sim->queue != NULL; n++) {
        struct sim_queued *entry = sim->queue;
        if (n > 20000) {
            printf("the conversation does not end\n");
            abort();
        }
        sim->queue = entry->next;
        if (entry->to_server)
            serve(&sim->clients[entry->client], entry->stanza);
        else
            receive(&sim->clients[entry->client], entry->stanza);
        free(entry->stanza);
        free(entry);
    }
}

void sim_pass(sim_t *sim, uint64_t ms)
{
    const uint64_t end = sim->now + ms;
    for (;;) {
        sim_client_t *next = NULL;
        sim_run(sim);
        for (size_t i = 0; i < sim->num_clients; i++) {
            sim_client_t *c = &sim->clients[i];
            if (c->mls != NULL && c->wake_at <= end && (next == NULL || c->wake_at < next->wake_at))
                next = c;
        }
        if (next == NULL)
            break;
        if (next->wake_at > sim->now)
            sim->now = next->wake_at;
        else
            sim->now++;
        next->wake_at = UINT64_MAX;
        mod_mls_wake(next->mls);
    }
    sim->now = end;
}

/* ---- clients ------------------------------------------------------------------------------------- */

static void open_client(sim_client_t *client)
{
    const mod_mls_config_t config = { .account = client->account,
                                      .path = client->path,
                                      .device_label = "test",
                                      .settings = client->sim->settings,
                                      .host = { .arg = client,
                                                .send = host_send,
                                                .join_room = host_join,
                                                .leave_room = host_leave,
                                                .wake_at = host_wake_at,
                                                .now = host_now,
                                                .random = host_random,
                                                .log = host_log,
                                                .event = host_event } };
    mod_mls_error_t error;
    client->wake_at = UINT64_MAX;
    if (mod_mls_open(&client->mls, &error, &config) != MLS_OK) {
        printf("cannot open %s: %s\n", client->path, mod_mls_error_text(error));
        abort();
    }
}

static sim_client_t *prepare_client(sim_t *sim, const char *account)
{
    sim_client_t *client = &sim->clients[sim->num_clients++];
    *client = (sim_client_t){ .sim = sim };
    (void)snprintf(client->account, sizeof client->account, "%s", account);
    (void)snprintf(client->full_jid, sizeof client->full_jid, "%s/x", account);
    (void)snprintf(client->path, sizeof client->path, "%s/%zu.db", sim->folder, sim->num_clients);
    return client;
}

sim_client_t *sim_add(sim_t *sim, const char *account)
{
    sim_client_t *client = prepare_client(sim, account);
    open_client(client);
    return client;
}

/* ---- kept on the disk ---------------------------------------------------------------------------- */

void sim_copy_file(const char *to, const char *from)
{
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    char buffer[4096];
    size_t n;
    if (in == NULL || out == NULL) {
        printf("cannot copy %s to %s\n", from, to);
        abort();
    }
    while ((n = fread(buffer, 1, sizeof buffer, in)) > 0) {
        if (fwrite(buffer, 1, n, out) != n)
            abort();
    }
    (void)fclose(in);
    if (fclose(out) != 0)
        abort();
}

sim_client_t *sim_add_copy(sim_t *sim, const char *account, const char *database)
{
    sim_client_t *client = prepare_client(sim, account);
    sim_copy_file(client->path, database);
    open_client(client);
    return client;
}

/* The first line is the clock, the room, and the next id; then members; then one line per stanza. Nothing in
 * them holds a tab or a line break, since mod_mls writes those as references. */
void sim_save_room(sim_t *sim, const sim_room_t *room, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        abort();
    (void)fprintf(out, "%llu\t%s\t%llu\n", (unsigned long long)sim->now, room->jid,
                  (unsigned long long)sim->next_id);
    for (size_t i = 0; i < SIM_CLIENTS && room->members[i][0] != '\0'; i++)
        (void)fprintf(out, "member\t%s\t%s\n", room->members[i], room->affiliations[i]);
    for (size_t i = 0; i < room->archive.count; i++) {
        const sim_stanza_t *s = &room->archive.items[i];
        (void)fprintf(out, "stanza\t%s\t%s\t%s\t%s\n", s->id, s->from, s->message_id, s->inner);
    }
    if (fclose(out) != 0)
        abort();
}

/* Cuts a line at its tabs, in place; missing fields are empty. */
static void cut(char *line, char *fields[5])
{
    line[strcspn(line, "\n")] = '\0';
    for (size_t i = 0; i < 5; i++) {
        char *tab = strchr(line, '\t');
        fields[i] = line;
        line = tab == NULL ? line + strlen(line) : tab + 1;
        if (tab != NULL)
            *tab = '\0';
    }
}

void sim_load_room(sim_t *sim, const char *path)
{
    FILE *in = fopen(path, "r");
    char *line = NULL, *f[5];
    size_t size = 0;
    sim_room_t *room = NULL;
    if (in == NULL)
        abort();
    while (getline(&line, &size, in) > 0) {
        cut(line, f);
        if (room == NULL) {
            sim->now = strtoull(f[0], NULL, 10);
            sim->next_id = strtoull(f[2], NULL, 10);
            room = sim_room(sim, f[1]);
            room->is_configured = true;
        } else if (strcmp(f[0], "member") == 0) {
            (void)affiliation(room, f[1], f[2]);
        } else {
            sim_stanza_t *s = archive_add(sim, &room->archive, f[2], "groupchat", f[3], f[4]);
            free(s->id);
            s->id = copy(f[1]);
            sim->next_id--;
        }
    }
    free(line);
    (void)fclose(in);
}

void sim_online(sim_client_t *client)
{
    client->is_online = true;
    for (size_t i = 0; i < client->num_offline; i++) {
        sim_deliver(client, client->offline[i]);
        free(client->offline[i]);
    }
    free(client->offline);
    client->offline = NULL;
    client->num_offline = 0;
    if (mod_mls_connected(client->mls, client->full_jid) != MLS_OK)
        abort();
    sim_run(client->sim);
}

void sim_offline(sim_client_t *client)
{
    sim_t *sim = client->sim;
    client->is_online = false;
    for (size_t i = 0; i < sim->num_rooms; i++)
        sim->rooms[i].nicks[index_of(client)][0] = '\0';
    mod_mls_disconnected(client->mls);
}

void sim_restart(sim_client_t *client)
{
    sim_offline(client);
    mod_mls_close(client->mls);
    open_client(client);
}

void sim_kill(sim_client_t *client)
{
    /* What is in the queue from this client never left it. */
    for (struct sim_queued **at = &client->sim->queue; *at != NULL;) {
        struct sim_queued *entry = *at;
        if (entry->client != index_of(client)) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        free(entry->stanza);
        free(entry);
    }
    client->sim->queue_end = &client->sim->queue;
    while (*client->sim->queue_end != NULL)
        client->sim->queue_end = &(*client->sim->queue_end)->next;
    sim_restart(client);
}

/* ---- begin and end ------------------------------------------------------------------------------- */

void sim_start(sim_t *sim)
{
    *sim = (sim_t){ .now = UINT64_C(1795000000000), .seed = UINT64_C(0x5eed5eed5eed5eed) };
    const char *seed = getenv("SIM_SEED");
    if (seed != NULL)
        sim->seed = strtoull(seed, NULL, 0) | 1;
    printf("seed 0x%llx (SIM_SEED)\n", (unsigned long long)sim->seed);
    sim->settings = mod_mls_settings_default();
    sim->settings.num_key_packages = 2;
    const char *temporary = getenv("TMPDIR");
    const int len = snprintf(sim->folder, sizeof sim->folder, "%s/mod-mls-test-XXXXXX",
                             temporary == NULL ? P_tmpdir : temporary);
    if (len < 0 || (size_t)len >= sizeof sim->folder || mkdtemp(sim->folder) == NULL)
        abort();
}

void sim_stop(sim_t *sim)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
    for (size_t i = 0; i < sim->num_clients; i++) {
        sim_client_t *client = &sim->clients[i];
        mod_mls_close(client->mls);
        archive_clear(&client->archive);
        sim_forget_events(client);
        for (size_t k = 0; k < client->num_offline; k++)
            free(client->offline[k]);
        free(client->offline);
        for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++) {
            char path[160];
            (void)snprintf(path, sizeof path, "%s%s", client->path, endings[k]);
            (void)unlink(path);
        }
    }
    while (sim->queue != NULL) {
        struct sim_queued *entry = sim->queue;
        sim->queue = entry->next;
        free(entry->stanza);
        free(entry);
    }
    for (size_t i = 0; i < sim->num_rooms; i++)
        archive_clear(&sim->rooms[i].archive);
    while (sim->nodes != NULL) {
        sim_node_t *node = sim->nodes;
        sim->nodes = node->next;
        while (node->items != NULL)
            retract(node, node->items->id);
        free(node);
    }
    (void)rmdir(sim->folder);
}

/* ---- looking into a database --------------------------------------------------------------------- */

static int dump_row(void *arg, int num, char **values, char **names)
{
    mod_mls_text_t *text = arg;
    (void)names;
    for (int i = 0; i < num; i++) {
        mod_mls_text_add(text, values[i] == NULL ? "NULL" : values[i]);
        mod_mls_text_add_char(text, '|');
    }
    mod_mls_text_add_char(text, '\n');
    return 0;
}

static int dump_table(void *arg, int num, char **values, char **names)
{
    char sql[512];
    sqlite3 *db = ((void **)arg)[1];
    mod_mls_text_t *text = ((void **)arg)[0];
    mod_mls_text_t columns = { 0 };
    sqlite3_stmt *info;
    (void)num, (void)names;
    (void)snprintf(sql, sizeof sql, "SELECT name FROM pragma_table_info('%s')", values[0]);
    if (sqlite3_prepare_v2(db, sql, -1, &info, NULL) != SQLITE_OK)
        abort();
    while (sqlite3_step(info) == SQLITE_ROW) {
        mod_mls_text_add(&columns, columns.len == 0 ? "quote(" : ", quote(");
        mod_mls_text_add(&columns, (const char *)sqlite3_column_text(info, 0));
        mod_mls_text_add_char(&columns, ')');
    }
    (void)sqlite3_finalize(info);
    mod_mls_text_add(text, values[0]);
    mod_mls_text_add_char(text, '\n');
    (void)snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY 1, 2", columns.data, values[0]);
    if (sqlite3_exec(db, sql, dump_row, text, NULL) != SQLITE_OK)
        abort();
    mod_mls_text_clear(&columns);
    return 0;
}

char *sim_dump(sim_client_t *client)
{
    sqlite3 *db;
    mod_mls_text_t text = { 0 };
    void *arg[2];
    if (sqlite3_open_v2(client->path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        abort();
    arg[0] = &text;
    arg[1] = db;
    if (sqlite3_exec(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", dump_table, arg,
                     NULL) != SQLITE_OK)
        abort();
    (void)sqlite3_close(db);
    return text.data;
}
