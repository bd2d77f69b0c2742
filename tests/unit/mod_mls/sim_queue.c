/* sim_queue.c -- the clock, and the stanzas on their way. */
#define _XOPEN_SOURCE 700

#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>

char *sim_copy_text(const char *text)
{
    char *out = strdup(text);
    if (out == NULL)
        abort();
    return out;
}

/* ---- the queue ----------------------------------------------------------------------------------- */

void sim_enqueue(sim_t *sim, size_t client, bool to_server, const char *stanza)
{
    struct sim_queued *entry = calloc(1, sizeof *entry);
    entry->client = client;
    entry->to_server = to_server;
    entry->stanza = sim_copy_text(stanza);
    if (sim->queue == NULL)
        sim->queue_end = &sim->queue;
    *sim->queue_end = entry;
    sim->queue_end = &entry->next;
}

size_t sim_index_of(const sim_client_t *client)
{
    return (size_t)(client - client->sim->clients);
}

void sim_deliver(sim_client_t *client, const char *stanza)
{
    sim_enqueue(client->sim, sim_index_of(client), false, stanza);
}

void sim_deliver_xml(sim_client_t *client, mod_mls_xml_writer_t *xml)
{
    if (mod_mls_xml_finish(xml) != MLS_OK)
        abort();
    sim_deliver(client, xml->text.data);
    mod_mls_text_clear(&xml->text);
    *xml = (mod_mls_xml_writer_t){ 0 };
}

void sim_add_raw(mod_mls_xml_writer_t *xml, const char *raw)
{
    mod_mls_xml_add(xml, "");
    mod_mls_text_add(&xml->text, raw);
}

void sim_forget_queued(sim_t *sim, const sim_client_t *client)
{
    for (struct sim_queued **at = &sim->queue; *at != NULL;) {
        struct sim_queued *entry = *at;
        if (client != NULL && entry->client != sim_index_of(client)) {
            at = &entry->next;
            continue;
        }
        *at = entry->next;
        free(entry->stanza);
        free(entry);
    }
    sim->queue_end = &sim->queue;
    while (*sim->queue_end != NULL)
        sim->queue_end = &(*sim->queue_end)->next;
}

/* ---- time ---------------------------------------------------------------------------------------- */

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
            sim_serve(&sim->clients[entry->client], entry->stanza);
        else
            sim_receive(&sim->clients[entry->client], entry->stanza);
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
