/* layout.h -- a stanza as it stands in the XEP: one element a line, indented, attributes in the order of
 * their names, base64 in lines of 76 characters. Nothing else of it is changed. */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "xml_node.h"

/* Lays out the tree of a stanza; the caller frees the result. */
char *layout(const mod_mls_xml_node_t *stanza);

#endif
