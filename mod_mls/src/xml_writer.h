/* xml_writer.h -- XML that is well formed whatever goes into it: names come from the code, everything else
 * is escaped, and every element that was opened is closed. */
#ifndef MOD_MLS_XML_WRITER_H
#define MOD_MLS_XML_WRITER_H

#include "text.h"

typedef struct mod_mls_xml_writer {
    mod_mls_text_t text; /* what was written; take it, or clear it */
    const char *open[16];
    unsigned depth;
    bool in_tag; /* the innermost start tag has not been closed yet */
} mod_mls_xml_writer_t;

/* Begins an element; `ns` NULL: that of its parent. Both strings must live as long as the writer. */
void mod_mls_xml_open(mod_mls_xml_writer_t *xml, const char *name, const char *ns);
/* Adds an attribute to the element just begun. A NULL value adds nothing. */
void mod_mls_xml_put(mod_mls_xml_writer_t *xml, const char *name, const char *value);
void mod_mls_xml_put_u64(mod_mls_xml_writer_t *xml, const char *name, uint64_t value);
/* Adds character data. What XML 1.0 cannot hold becomes U+FFFD. */
void mod_mls_xml_add(mod_mls_xml_writer_t *xml, const char *text);
void mod_mls_xml_add_base64(mod_mls_xml_writer_t *xml, mls_view_t bytes);
/* Ends the innermost element. */
void mod_mls_xml_close(mod_mls_xml_writer_t *xml);
/* A whole element with text; `text` NULL: empty. */
void mod_mls_xml_leaf(mod_mls_xml_writer_t *xml, const char *name, const char *ns, const char *text);

/* Ends all elements that are open. MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_xml_finish(mod_mls_xml_writer_t *xml);

#endif
