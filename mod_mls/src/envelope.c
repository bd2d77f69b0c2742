#include "envelope.h"
#include "timestamp.h"
#include "xml_reader.h"
#include "xml_writer.h"

#define SCE "urn:xmpp:sce:1"

mls_status_t mod_mls_envelope_write(mod_mls_text_t *out, const char *body, uint64_t sent_at)
{
    mod_mls_xml_writer_t xml = { 0 };
    char stamp[MOD_MLS_TIMESTAMP_SIZE];

    *out = (mod_mls_text_t){ 0 };
    mod_mls_timestamp_write(stamp, sent_at);
    mod_mls_xml_open(&xml, "envelope", SCE);
    mod_mls_xml_open(&xml, "content", NULL);
    mod_mls_xml_leaf(&xml, "body", "jabber:client", body);
    mod_mls_xml_close(&xml);
    mod_mls_xml_open(&xml, "time", NULL);
    mod_mls_xml_put(&xml, "stamp", stamp);
    mls_status_t status = mod_mls_xml_finish(&xml);
    if (status == MLS_OK && xml.text.len > MOD_MLS_ENVELOPE_MAX)
        status = MLS_ERR_LIMIT;
    if (status == MLS_OK)
        *out = xml.text;
    else
        mod_mls_text_clear(&xml.text);
    return status;
}

mls_status_t mod_mls_envelope_read(char **body, uint64_t *sent_at, mls_view_t application_data)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *envelope;
    mls_status_t status;

    *body = NULL;
    *sent_at = 0;
    if (application_data.len == 0 || application_data.data[0] != '<')
        return MLS_ERR_MALFORMED; /* no byte-order mark and no space before it either */
    if (application_data.len > MOD_MLS_ENVELOPE_MAX)
        return MLS_ERR_LIMIT;
    status = mod_mls_xml_read(&envelope, &arena, (const char *)application_data.data, application_data.len);
    if (status == MLS_OK && !mod_mls_xml_is(envelope, "envelope", SCE))
        status = MLS_ERR_MALFORMED;
    if (status == MLS_OK) {
        const mod_mls_xml_node_t *content = mod_mls_xml_child(envelope, "content", SCE);
        const mod_mls_xml_node_t *text = mod_mls_xml_child(content, "body", "jabber:client");
        const mod_mls_xml_node_t *time = mod_mls_xml_child(envelope, "time", SCE);
        (void)mod_mls_timestamp_read(sent_at, mod_mls_xml_attribute(time, "stamp"));
        if (text == NULL)
            status = MLS_ERR_UNSUPPORTED;
        else if ((*body = mod_mls_strdup(mod_mls_xml_text(text))) == NULL)
            status = MLS_ERR_NOMEM;
    }
    mls_arena_clear(&arena);
    return status;
}
