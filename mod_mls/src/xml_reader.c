#include "xml_reader.h"

#include <expat.h>

/* Between namespace and local name in the names that expat gives; cannot stand in either. */
enum { SEPARATOR = '\n' };

typedef struct reader {
    XML_Parser parser;
    mls_arena_t *arena;
    mod_mls_xml_node_t *root, *open; /* `open`: the innermost element that has not ended */
    unsigned depth, num_nodes;
    mls_status_t status;
} reader_t;

static void stop(reader_t *reader, mls_status_t status)
{
    if (reader->status == MLS_OK)
        reader->status = status;
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

static char *copy(reader_t *reader, const char *text, size_t len)
{
    char *out = mls_arena_alloc(reader->arena, len + 1);
    if (out == NULL)
        stop(reader, MLS_ERR_NOMEM);
    else if (len > 0)
        memcpy(out, text, len);
    return out;
}

static bool count_node(reader_t *reader)
{
    if (++reader->num_nodes <= MOD_MLS_XML_MAX_NODES)
        return true;
    stop(reader, MLS_ERR_LIMIT);
    return false;
}

static void split_name(reader_t *reader, const char **ns, const char **name, const char *expanded)
{
    const char *separator = strrchr(expanded, SEPARATOR);

    *ns = separator == NULL ? "" : copy(reader, expanded, (size_t)(separator - expanded));
    const char *local = separator == NULL ? expanded : separator + 1;
    *name = copy(reader, local, strlen(local));
}

static void read_attributes(reader_t *reader, mod_mls_xml_node_t *node, const char **pairs)
{
    for (; *pairs != NULL; pairs += 2) {
        mod_mls_xml_attribute_t *attribute = mls_arena_alloc(reader->arena, sizeof *attribute);
        if (attribute == NULL) {
            stop(reader, MLS_ERR_NOMEM);
            return;
        }
        if (!count_node(reader))
            return;
        if (strchr(pairs[0], SEPARATOR) != NULL)
            continue;
        attribute->name = copy(reader, pairs[0], strlen(pairs[0]));
        attribute->value = copy(reader, pairs[1], strlen(pairs[1]));
        attribute->next = node->attributes;
        if (reader->status == MLS_OK)
            node->attributes = attribute;
    }
}

static void append_child(mod_mls_xml_node_t *parent, mod_mls_xml_node_t *node)
{
    node->parent = parent;
    if (parent->last_child == NULL)
        parent->first_child = node;
    else
        parent->last_child->next = node;
    parent->last_child = node;
}

static void XMLCALL on_start(void *arg, const char *expanded, const char **attributes)
{
    reader_t *reader = arg;

    if (reader->status != MLS_OK)
        return;
    mod_mls_xml_node_t *node = mls_arena_alloc(reader->arena, sizeof *node);
    if (node == NULL) {
        stop(reader, MLS_ERR_NOMEM);
        return;
    }
    if (!count_node(reader))
        return;
    if (++reader->depth > MOD_MLS_XML_MAX_DEPTH) {
        stop(reader, MLS_ERR_LIMIT);
        return;
    }
    split_name(reader, &node->ns, &node->name, expanded);
    read_attributes(reader, node, attributes);
    if (reader->status != MLS_OK)
        return;
    if (reader->open == NULL)
        reader->root = node;
    else
        append_child(reader->open, node);
    reader->open = node;
}

static void XMLCALL on_end(void *arg, const char *expanded)
{
    reader_t *reader = arg;

    (void)expanded;
    if (reader->status != MLS_OK) /* expat ends an empty element even after it was stopped */
        return;
    reader->depth--;
    reader->open = reader->open->parent;
}

static void XMLCALL on_text(void *arg, const char *text, int len)
{
    reader_t *reader = arg;
    mod_mls_xml_node_t *node = reader->open;
    size_t n = (size_t)len;

    if (node == NULL || reader->status != MLS_OK)
        return;
    if (node->text == NULL || node->text_cap - node->text_len <= n) { /* doubling: linear in all */
        size_t cap = 2 * (node->text_len + n) + 1;
        char *bigger = mls_arena_alloc(reader->arena, cap);
        if (bigger == NULL) {
            stop(reader, MLS_ERR_NOMEM);
            return;
        }
        if (node->text_len > 0)
            memcpy(bigger, node->text, node->text_len);
        node->text = bigger;
        node->text_cap = cap;
    }
    memcpy(node->text + node->text_len, text, n);
    node->text_len += n;
    node->text[node->text_len] = '\0';
}

/* RFC 6120, Section 11.1: not in XMPP. An entity could be made to grow without bound. */
static void XMLCALL on_doctype(void *arg, const char *name, const char *sysid, const char *pubid,
                               int internal)
{
    (void)name, (void)sysid, (void)pubid, (void)internal;
    stop(arg, MLS_ERR_MALFORMED);
}

static void XMLCALL on_comment(void *arg, const char *text)
{
    (void)text;
    stop(arg, MLS_ERR_MALFORMED);
}

static void XMLCALL on_instruction(void *arg, const char *target, const char *data)
{
    (void)target, (void)data;
    stop(arg, MLS_ERR_MALFORMED);
}

/* RFC 6120, Section 11.4 lets a stream begin with one; a stanza cannot. */
static void XMLCALL on_declaration(void *arg, const char *version, const char *encoding, int standalone)
{
    (void)version, (void)encoding, (void)standalone;
    stop(arg, MLS_ERR_MALFORMED);
}

mls_status_t mod_mls_xml_read(const mod_mls_xml_node_t **out, mls_arena_t *arena, const char *xml, size_t len)
{
    reader_t reader = { .arena = arena };

    *out = NULL;
    if (len > MOD_MLS_XML_MAX_LEN)
        return MLS_ERR_LIMIT;
    if ((reader.parser = XML_ParserCreateNS("UTF-8", SEPARATOR)) == NULL)
        return MLS_ERR_NOMEM;
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, on_doctype);
    XML_SetCommentHandler(reader.parser, on_comment);
    XML_SetProcessingInstructionHandler(reader.parser, on_instruction);
    XML_SetXmlDeclHandler(reader.parser, on_declaration);
    if (XML_Parse(reader.parser, xml, (int)len, XML_TRUE) != XML_STATUS_OK && reader.status == MLS_OK)
        reader.status =
            XML_GetErrorCode(reader.parser) == XML_ERROR_NO_MEMORY ? MLS_ERR_NOMEM : MLS_ERR_MALFORMED;
    XML_ParserFree(reader.parser);
    if (reader.status == MLS_OK)
        *out = reader.root;
    return reader.status;
}
