#include "layout.h"
#include "mod_mls/mod_mls.h"
#include "text.h"

#include <stdlib.h>

#define STREAM_NAMESPACE "jabber:client"

enum { INDENT = 2, WIDTH = 100, BASE64_WIDTH = 76, MAX_ATTRIBUTES = 16 };

static void add_blanks(mod_mls_text_t *out, size_t num)
{
    while (num-- > 0)
        mod_mls_text_add_char(out, ' ');
}

static void add_escaped(mod_mls_text_t *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            mod_mls_text_add(out, "&amp;");
            break;
        case '<':
            mod_mls_text_add(out, "&lt;");
            break;
        case '>':
            mod_mls_text_add(out, "&gt;");
            break;
        case '\'':
            mod_mls_text_add(out, "&apos;");
            break;
        default:
            mod_mls_text_add_char(out, *text);
        }
    }
}

/* ---- start tags ---------------------------------------------------------------------------------- */

/* A stanza without a namespace has that of the stream. */
static const char *namespace_of(const mod_mls_xml_node_t *node)
{
    return node == NULL || node->ns[0] == '\0' ? STREAM_NAMESPACE : node->ns;
}

static int compare_names(const void *a, const void *b)
{
    const mod_mls_xml_attribute_t *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static size_t sorted_attributes(const mod_mls_xml_attribute_t **out, const mod_mls_xml_node_t *node)
{
    size_t count = 0;
    for (const mod_mls_xml_attribute_t *a = node->attributes; a != NULL; a = a->next) {
        if (count == MAX_ATTRIBUTES)
            abort();
        out[count++] = a;
    }
    qsort(out, count, sizeof *out, compare_names);
    return count;
}

/* `<name` with its attributes; each but the first on a line of its own if `column` is not 0. */
static void add_tag(mod_mls_text_t *out, const mod_mls_xml_node_t *node, size_t column)
{
    const mod_mls_xml_attribute_t *attributes[MAX_ATTRIBUTES];
    const mod_mls_xml_attribute_t xmlns = { .name = "xmlns", .value = namespace_of(node) };
    const size_t count = sorted_attributes(attributes, node);
    const bool has_xmlns = strcmp(xmlns.value, namespace_of(node->parent)) != 0;

    mod_mls_text_add_char(out, '<');
    mod_mls_text_add(out, node->name);
    for (size_t i = has_xmlns ? 0 : 1; i <= count; i++) {
        const mod_mls_xml_attribute_t *attribute = i == 0 ? &xmlns : attributes[i - 1];
        const bool is_first = i == (has_xmlns ? 0 : 1);
        if (column != 0 && !is_first) {
            mod_mls_text_add_char(out, '\n');
            add_blanks(out, column);
        } else {
            mod_mls_text_add_char(out, ' ');
        }
        mod_mls_text_add(out, attribute->name);
        mod_mls_text_add(out, "='");
        add_escaped(out, attribute->value);
        mod_mls_text_add_char(out, '\'');
    }
}

static void add_start(mod_mls_text_t *out, const mod_mls_xml_node_t *node, size_t indent)
{
    mod_mls_text_t tag = { 0 };
    add_blanks(out, indent);
    add_tag(&tag, node, 0);
    if (indent + tag.len < WIDTH)
        mod_mls_text_add(out, tag.data);
    else
        add_tag(out, node, indent + strlen(node->name) + 2);
    mod_mls_text_clear(&tag);
}

/* ---- contents ------------------------------------------------------------------------------------ */

static void add_base64(mod_mls_text_t *out, const char *base64, size_t indent)
{
    size_t column = 0;
    for (; *base64 != '\0'; base64++) {
        if (strchr(" \t\r\n", *base64) != NULL)
            continue;
        if (column++ % BASE64_WIDTH == 0) {
            mod_mls_text_add_char(out, '\n');
            add_blanks(out, indent);
        }
        mod_mls_text_add_char(out, *base64);
    }
    mod_mls_text_add_char(out, '\n');
}

static void add_end(mod_mls_text_t *out, const mod_mls_xml_node_t *node, size_t indent)
{
    add_blanks(out, indent);
    mod_mls_text_add(out, "</");
    mod_mls_text_add(out, node->name);
    mod_mls_text_add(out, ">\n");
}

/* The whole of an element without children. */
static void add_leaf(mod_mls_text_t *out, const mod_mls_xml_node_t *node, size_t indent)
{
    const char *text = mod_mls_xml_text(node);
    add_start(out, node, indent);
    if (text[0] == '\0') {
        mod_mls_text_add(out, "/>\n");
        return;
    }
    mod_mls_text_add_char(out, '>');
    if (strcmp(node->ns, MOD_MLS_NAMESPACE) == 0) {
        add_base64(out, text, indent + INDENT);
        add_end(out, node, indent);
    } else {
        add_escaped(out, text);
        add_end(out, node, 0);
    }
}

/* The element that follows in the document, after all that is inside `node`. Ends what ends before it. */
static const mod_mls_xml_node_t *step_over(mod_mls_text_t *out, const mod_mls_xml_node_t *node,
                                           size_t *indent)
{
    while (node->next == NULL && node->parent != NULL) {
        node = node->parent;
        *indent -= INDENT;
        add_end(out, node, *indent);
    }
    return node->next;
}

char *layout(const mod_mls_xml_node_t *stanza)
{
    mod_mls_text_t out = { 0 };
    size_t indent = 0;
    for (const mod_mls_xml_node_t *node = stanza; node != NULL;) {
        if (node->first_child != NULL) {
            add_start(&out, node, indent);
            mod_mls_text_add(&out, ">\n");
            indent += INDENT;
            node = node->first_child;
        } else {
            add_leaf(&out, node, indent);
            node = step_over(&out, node, &indent);
        }
    }
    if (out.status != MLS_OK)
        abort();
    return out.data;
}
