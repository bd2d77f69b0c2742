/* sim_pep.c -- the nodes of an account (XEP-0163). */
#include "sim_inside.h"

#include <stdio.h>
#include <stdlib.h>

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
    stored->element = sim_copy_text(item->first_child->name);
    stored->content = sim_copy_text(mod_mls_xml_text(item->first_child));
    while (*end != NULL)
        end = &(*end)->next;
    *end = stored;
}

static void answer_items(sim_client_t *client, const mod_mls_xml_node_t *iq, const sim_node_t *node,
                         const char *only)
{
    mod_mls_xml_writer_t xml = { 0 };
    sim_begin_answer(&xml, iq, "result", client);
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
    sim_deliver_xml(client, &xml);
}

void sim_handle_pubsub(sim_client_t *client, const mod_mls_xml_node_t *iq, const char *account)
{
    sim_t *sim = client->sim;
    const mod_mls_xml_node_t *pubsub = mod_mls_xml_child(iq, "pubsub", NULL);
    const mod_mls_xml_node_t *action = pubsub->first_child;
    const char *name = mod_mls_xml_attribute(action, "node");
    sim_node_t *node = sim_node(sim, account, name);
    const mod_mls_xml_node_t *item = mod_mls_xml_child(action, "item", NULL);
    if (sim->has_no_pep) {
        sim_answer_error(client, iq, "service-unavailable");
    } else if (strcmp(action->name, "create") == 0 && node == NULL) {
        add_node(sim, account, name);
        sim_answer_empty(client, iq);
    } else if (strcmp(action->name, "create") == 0) {
        sim_answer_error(client, iq, "conflict");
    } else if (node == NULL) {
        sim_answer_error(client, iq, "item-not-found");
    } else if (strcmp(action->name, "items") == 0) {
        answer_items(client, iq, node, mod_mls_xml_attribute(item, "id"));
    } else {
        if (strcmp(action->name, "publish") == 0)
            publish(node, item);
        if (strcmp(action->name, "retract") == 0)
            retract(node, mod_mls_xml_attribute(item, "id"));
        sim_answer_empty(client, iq);
    }
}

void sim_clear_nodes(sim_t *sim)
{
    while (sim->nodes != NULL) {
        sim_node_t *node = sim->nodes;
        sim->nodes = node->next;
        while (node->items != NULL)
            retract(node, node->items->id);
        free(node);
    }
}
