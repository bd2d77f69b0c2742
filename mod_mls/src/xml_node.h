/* xml_node.h -- an XML element to look at. Every accessor takes NULL, so that paths can be walked without a
 * check at each step. All strings end with the tree. */
#ifndef MOD_MLS_XML_NODE_H
#define MOD_MLS_XML_NODE_H

#include <mls/mls.h>

typedef struct mod_mls_xml_attribute {
    const char *name; /* without namespace; attributes with one are not kept */
    const char *value;
    struct mod_mls_xml_attribute *next;
} mod_mls_xml_attribute_t;

typedef struct mod_mls_xml_node {
    const char *name; /* local name */
    const char *ns;   /* "" where there is none */
    mod_mls_xml_attribute_t *attributes;
    struct mod_mls_xml_node *parent, *first_child, *last_child, *next;
    char *text; /* character data directly inside, in one piece; "" if none */
    size_t text_len, text_cap;
} mod_mls_xml_node_t;

/* Whether the node is this element. `ns` NULL: any namespace. */
bool mod_mls_xml_is(const mod_mls_xml_node_t *node, const char *name, const char *ns);
/* The first child that is this element, or NULL. */
const mod_mls_xml_node_t *mod_mls_xml_child(const mod_mls_xml_node_t *node, const char *name, const char *ns);
/* The next sibling that is this element, or NULL. */
const mod_mls_xml_node_t *mod_mls_xml_next(const mod_mls_xml_node_t *node, const char *name, const char *ns);
/* The value of an attribute, or NULL. */
const char *mod_mls_xml_attribute(const mod_mls_xml_node_t *node, const char *name);
/* Whether it is there with this value. */
bool mod_mls_xml_attribute_is(const mod_mls_xml_node_t *node, const char *name, const char *value);
/* The text of a node; "" for NULL. */
const char *mod_mls_xml_text(const mod_mls_xml_node_t *node);

#endif
