/* xml_reader.h -- one stanza, or one element inside an envelope, from bytes to nodes. */
#ifndef MOD_MLS_XML_READER_H
#define MOD_MLS_XML_READER_H

#include "xml_node.h"

/* Bounds of what is read. A server's own limit on a stanza is a quarter of this. */
enum {
    MOD_MLS_XML_MAX_LEN = 1 << 20, /* bytes */
    MOD_MLS_XML_MAX_DEPTH = 32,
    MOD_MLS_XML_MAX_NODES = 16384 /* elements and attributes */
};

/* Parses exactly one element, namespaces resolved. The tree lives in `arena`. A document type, a processing
 * instruction or a comment, which RFC 6120, Section 11.1 forbids, is refused like broken XML.
 * MLS_ERR_MALFORMED, MLS_ERR_LIMIT (a bound above), MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_xml_read(const mod_mls_xml_node_t **out, mls_arena_t *arena,
                                           const char *xml, size_t len);

#endif
