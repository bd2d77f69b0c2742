/* sim_archive.c -- archives of accounts and rooms (XEP-0313). */
#include "sim_inside.h"

#include "timestamp.h"

#include <stdio.h>
#include <stdlib.h>

sim_stanza_t *sim_archive_add(sim_t *sim, sim_archive_t *archive, const char *from, const char *type,
                              const char *message_id, const char *inner)
{
    char id[32];
    (void)snprintf(id, sizeof id, "id%llu", (unsigned long long)++sim->next_id);
    archive->items = realloc(archive->items, (archive->count + 1) * sizeof *archive->items);
    sim_stanza_t *s = &archive->items[archive->count++];
    *s = (sim_stanza_t){ .id = sim_copy_text(id),
                         .from = sim_copy_text(from),
                         .type = sim_copy_text(type),
                         .message_id = sim_copy_text(message_id == NULL ? "" : message_id),
                         .inner = sim_copy_text(inner),
                         .at = sim->now };
    return s;
}

void sim_archive_clear(sim_archive_t *archive)
{
    for (size_t i = 0; i < archive->count; i++) {
        sim_stanza_t *s = &archive->items[i];
        free(s->id), free(s->from), free(s->type), free(s->message_id), free(s->inner);
    }
    free(archive->items);
    *archive = (sim_archive_t){ 0 };
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
    sim_add_raw(&xml, s->inner);
    sim_deliver_xml(client, &xml);
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

void sim_answer_query(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_archive_t *archive,
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
        sim_answer_error(client, iq, "item-not-found");
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
    sim_begin_answer(&xml, iq, "result", client);
    mod_mls_xml_open(&xml, "fin", NS_MAM);
    mod_mls_xml_put(&xml, "complete", is_complete ? "true" : NULL);
    mod_mls_xml_open(&xml, "set", NS_RSM);
    if (sent > 0) {
        mod_mls_xml_leaf(&xml, "first", NULL, archive->items[first_sent].id);
        mod_mls_xml_leaf(&xml, "last", NULL, archive->items[last].id);
    }
    sim_deliver_xml(client, &xml);
}
