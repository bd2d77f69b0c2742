/* sim_people.c -- clients: what mod_mls asks of its host, what it tells, and their coming and going. */
#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the host table ------------------------------------------------------------------------------ */

static void send_to_server(sim_client_t *client, const char *stanza)
{
    sim_t *sim = client->sim;
    if (sim->watch != NULL)
        (void)sim->watch(sim->watch_arg, client, SIM_SENT, stanza);
    sim_enqueue(sim, sim_index_of(client), true, stanza);
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
    r->nicks[sim_index_of(client)][0] = '\0';
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
    client->events[client->num_events++] = sim_copy_text(line);
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

/* ---- coming and going ---------------------------------------------------------------------------- */

void sim_receive(sim_client_t *client, const char *stanza)
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

void sim_open_client(sim_client_t *client)
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
                                                .workers = client->sim->workers,
                                                .log = host_log,
                                                .event = host_event } };
    mod_mls_error_t error;
    client->wake_at = UINT64_MAX;
    if (mod_mls_open(&client->mls, &error, &config) != MLS_OK) {
        printf("cannot open %s: %s\n", client->path, mod_mls_error_text(error));
        abort();
    }
}

sim_client_t *sim_prepare_client(sim_t *sim, const char *account)
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
    sim_client_t *client = sim_prepare_client(sim, account);
    sim_open_client(client);
    return client;
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
        sim->rooms[i].nicks[sim_index_of(client)][0] = '\0';
    mod_mls_disconnected(client->mls);
}

void sim_restart(sim_client_t *client)
{
    sim_offline(client);
    mod_mls_close(client->mls);
    sim_open_client(client);
}

void sim_kill(sim_client_t *client)
{
    /* What is in the queue from this client never left it. */
    sim_forget_queued(client->sim, client);
    sim_restart(client);
}
