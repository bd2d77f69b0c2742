#include "xml_writer.h"
#include "base64.h"

static void end_tag(mod_mls_xml_writer_t *xml)
{
    if (xml->in_tag)
        mod_mls_text_add_char(&xml->text, '>');
    xml->in_tag = false;
}

/* U+FFFE and U+FFFF, which are no characters of XML 1.0. */
static bool is_noncharacter(const char *in)
{
    return strncmp(in, "\xef\xbf\xbe", 3) == 0 || strncmp(in, "\xef\xbf\xbf", 3) == 0;
}

static void add_escaped(mod_mls_text_t *text, const char *in)
{
    for (; *in != '\0'; in++) {
        unsigned char c = (unsigned char)*in;
        if (is_noncharacter(in)) {
            mod_mls_text_add(text, "\xef\xbf\xbd");
            in += 2;
            continue;
        }
        switch (c) {
        case '&':
            mod_mls_text_add(text, "&amp;");
            break;
        case '<':
            mod_mls_text_add(text, "&lt;");
            break;
        case '>':
            mod_mls_text_add(text, "&gt;");
            break;
        case '\'':
            mod_mls_text_add(text, "&apos;");
            break;
        case '"':
            mod_mls_text_add(text, "&quot;");
            break;
        case '\t': /* as references, or attributes would lose them */
            mod_mls_text_add(text, "&#9;");
            break;
        case '\n':
            mod_mls_text_add(text, "&#10;");
            break;
        case '\r':
            mod_mls_text_add(text, "&#13;");
            break;
        default:
            if (c < 0x20)
                mod_mls_text_add(text, "\xef\xbf\xbd");
            else
                mod_mls_text_add_char(text, *in);
        }
    }
}

void mod_mls_xml_open(mod_mls_xml_writer_t *xml, const char *name, const char *ns)
{
    if (xml->depth == sizeof xml->open / sizeof xml->open[0]) {
        xml->text.status = MLS_ERR_LIMIT;
        return;
    }
    end_tag(xml);
    mod_mls_text_add_char(&xml->text, '<');
    mod_mls_text_add(&xml->text, name);
    xml->open[xml->depth++] = name;
    xml->in_tag = true;
    mod_mls_xml_put(xml, "xmlns", ns);
}

void mod_mls_xml_put(mod_mls_xml_writer_t *xml, const char *name, const char *value)
{
    if (value == NULL)
        return;
    mod_mls_text_add_char(&xml->text, ' ');
    mod_mls_text_add(&xml->text, name);
    mod_mls_text_add(&xml->text, "='");
    add_escaped(&xml->text, value);
    mod_mls_text_add_char(&xml->text, '\'');
}

void mod_mls_xml_put_u64(mod_mls_xml_writer_t *xml, const char *name, uint64_t value)
{
    mod_mls_text_t digits = { 0 };

    mod_mls_text_add_u64(&digits, value);
    if (digits.status == MLS_OK)
        mod_mls_xml_put(xml, name, digits.data);
    else
        xml->text.status = digits.status;
    mod_mls_text_clear(&digits);
}

void mod_mls_xml_add(mod_mls_xml_writer_t *xml, const char *text)
{
    end_tag(xml);
    add_escaped(&xml->text, text);
}

void mod_mls_xml_add_base64(mod_mls_xml_writer_t *xml, mls_view_t bytes)
{
    end_tag(xml);
    mod_mls_text_add_base64(&xml->text, bytes);
}

void mod_mls_xml_close(mod_mls_xml_writer_t *xml)
{
    if (xml->depth == 0)
        return;
    const char *name = xml->open[--xml->depth];
    if (xml->in_tag) {
        mod_mls_text_add(&xml->text, "/>");
        xml->in_tag = false;
        return;
    }
    mod_mls_text_add(&xml->text, "</");
    mod_mls_text_add(&xml->text, name);
    mod_mls_text_add_char(&xml->text, '>');
}

void mod_mls_xml_leaf(mod_mls_xml_writer_t *xml, const char *name, const char *ns, const char *text)
{
    mod_mls_xml_open(xml, name, ns);
    if (text != NULL)
        mod_mls_xml_add(xml, text);
    mod_mls_xml_close(xml);
}

mls_status_t mod_mls_xml_finish(mod_mls_xml_writer_t *xml)
{
    while (xml->depth > 0)
        mod_mls_xml_close(xml);
    return xml->text.status;
}
