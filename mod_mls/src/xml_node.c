#include "xml_node.h"

bool mod_mls_xml_is(const mod_mls_xml_node_t *node, const char *name, const char *ns)
{
    return node != NULL && strcmp(node->name, name) == 0 && (ns == NULL || strcmp(node->ns, ns) == 0);
}

static const mod_mls_xml_node_t *first_match(const mod_mls_xml_node_t *node, const char *name, const char *ns)
{
    while (node != NULL && !mod_mls_xml_is(node, name, ns))
        node = node->next;
    return node;
}

const mod_mls_xml_node_t *mod_mls_xml_child(const mod_mls_xml_node_t *node, const char *name, const char *ns)
{
    return node == NULL ? NULL : first_match(node->first_child, name, ns);
}

const mod_mls_xml_node_t *mod_mls_xml_next(const mod_mls_xml_node_t *node, const char *name, const char *ns)
{
    return node == NULL ? NULL : first_match(node->next, name, ns);
}

const char *mod_mls_xml_attribute(const mod_mls_xml_node_t *node, const char *name)
{
    if (node == NULL)
        return NULL;
    for (const mod_mls_xml_attribute_t *a = node->attributes; a != NULL; a = a->next) {
        if (strcmp(a->name, name) == 0)
            return a->value;
    }
    return NULL;
}

bool mod_mls_xml_attribute_is(const mod_mls_xml_node_t *node, const char *name, const char *value)
{
    const char *found = mod_mls_xml_attribute(node, name);
    return found != NULL && strcmp(found, value) == 0;
}

const char *mod_mls_xml_text(const mod_mls_xml_node_t *node)
{
    return node == NULL || node->text == NULL ? "" : node->text;
}
