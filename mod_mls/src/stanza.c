#include "stanza.h"
#include "base64.h"
#include "jid.h"

#define NS_SID "urn:xmpp:sid:0"
#define NS_HINTS "urn:xmpp:hints"
#define NS_EME "urn:xmpp:eme:0"
#define NS_CONFERENCE "jabber:x:conference"

#define FALLBACK "This message is encrypted with MLS, which this client cannot read."

static void begin_message(mod_mls_xml_writer_t *xml, const char *type, const char *to, const char *id)
{
    mod_mls_xml_open(xml, "message", NULL);
    mod_mls_xml_put(xml, "type", type);
    mod_mls_xml_put(xml, "to", to);
    mod_mls_xml_put(xml, "id", id);
}

/* Without <store/> a message without a body is in no archive. */
static void add_origin_and_store(mod_mls_xml_writer_t *xml, const char *origin_id)
{
    mod_mls_xml_open(xml, "origin-id", NS_SID);
    mod_mls_xml_put(xml, "id", origin_id);
    mod_mls_xml_close(xml);
    mod_mls_xml_leaf(xml, "store", NS_HINTS, NULL);
}

static mls_status_t finish_message(mod_mls_xml_writer_t *xml)
{
    mls_status_t status = mod_mls_xml_finish(xml);

    if (status == MLS_OK && xml->text.len > MOD_MLS_MAX_STANZA)
        status = MLS_ERR_LIMIT;
    if (status != MLS_OK) {
        mod_mls_text_clear(&xml->text);
        *xml = (mod_mls_xml_writer_t){ 0 };
    }
    return status;
}

mls_status_t mod_mls_stanza_group(mod_mls_xml_writer_t *xml, const char *room, const char *origin_id,
                                  mls_view_t message, bool is_application)
{
    *xml = (mod_mls_xml_writer_t){ 0 };
    if (message.len > MOD_MLS_MAX_INLINE / 4 * 3)
        return MLS_ERR_LIMIT;
    begin_message(xml, "groupchat", room, origin_id);
    mod_mls_xml_open(xml, "mls", MOD_MLS_NAMESPACE);
    mod_mls_xml_add_base64(xml, message);
    mod_mls_xml_close(xml);
    add_origin_and_store(xml, origin_id);
    if (is_application) {
        mod_mls_xml_open(xml, "encryption", NS_EME);
        mod_mls_xml_put(xml, "namespace", MOD_MLS_NAMESPACE);
        mod_mls_xml_put(xml, "name", "MLS");
        mod_mls_xml_close(xml);
        mod_mls_xml_leaf(xml, "body", NULL, FALLBACK);
    }
    return finish_message(xml);
}

mls_status_t mod_mls_stanza_welcome(mod_mls_xml_writer_t *xml, const char *account, const char *origin_id,
                                    const char *room, const char *after, mls_view_t message)
{
    *xml = (mod_mls_xml_writer_t){ 0 };
    begin_message(xml, "chat", account, origin_id);
    mod_mls_xml_open(xml, "welcome", MOD_MLS_NAMESPACE);
    mod_mls_xml_put(xml, "room", room);
    mod_mls_xml_put(xml, "after", after[0] == '\0' ? NULL : after);
    mod_mls_xml_add_base64(xml, message);
    mod_mls_xml_close(xml);
    mod_mls_xml_open(xml, "x", NS_CONFERENCE);
    mod_mls_xml_put(xml, "jid", room);
    mod_mls_xml_close(xml);
    add_origin_and_store(xml, origin_id);
    return finish_message(xml);
}

/* ---- reading ------------------------------------------------------------------------------------- */

const char *mod_mls_stanza_id(const mod_mls_xml_node_t *message, const char *by)
{
    const char *found = NULL;

    for (const mod_mls_xml_node_t *n = mod_mls_xml_child(message, "stanza-id", NS_SID); n != NULL;
         n = mod_mls_xml_next(n, "stanza-id", NS_SID)) {
        if (!mod_mls_xml_attribute_is(n, "by", by))
            continue;
        if (found != NULL)
            return NULL; /* a server gives one; who saw the other would order it otherwise */
        found = mod_mls_xml_attribute(n, "id");
    }
    return found == NULL || found[0] == '\0' ? NULL : found;
}

mls_status_t mod_mls_element_bytes(mls_bytes_t *out, const mod_mls_xml_node_t *element)
{
    *out = (mls_bytes_t){ 0 };
    if (element == NULL || element->first_child != NULL)
        return MLS_ERR_MALFORMED;
    return mod_mls_base64_decode(out, mod_mls_xml_text(element));
}

static mod_mls_payload_kind_t kind_of(const mod_mls_xml_node_t *element)
{
    static const struct {
        const char *name;
        mod_mls_payload_kind_t kind;
    } kinds[] = {
        { "mls", MOD_MLS_PAYLOAD_MLS },
        { "part", MOD_MLS_PAYLOAD_PART },
        { "join", MOD_MLS_PAYLOAD_JOIN },
        { "welcome", MOD_MLS_PAYLOAD_WELCOME },
    };

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(element->name, kinds[i].name) == 0)
            return kinds[i].kind;
    }
    return MOD_MLS_PAYLOAD_BROKEN;
}

/* The one element of our namespace; NULL if there is none. `*several` if there is more than one. */
static const mod_mls_xml_node_t *our_element(const mod_mls_xml_node_t *message, bool *several)
{
    const mod_mls_xml_node_t *found = NULL;

    *several = false;
    for (const mod_mls_xml_node_t *n = message->first_child; n != NULL; n = n->next) {
        if (strcmp(n->ns, MOD_MLS_NAMESPACE) != 0)
            continue;
        *several = found != NULL;
        found = n;
    }
    return found;
}

mls_status_t mod_mls_item_read(mod_mls_item_t *out, mls_crypto_t *crypto, const mod_mls_xml_node_t *message,
                               const char *room)
{
    bool several;
    const mod_mls_xml_node_t *element = our_element(message, &several);
    const char *stanza_id = mod_mls_stanza_id(message, room);
    mls_status_t status;

    *out = (mod_mls_item_t){ 0 };
    if (stanza_id != NULL && (out->stanza_id = mod_mls_strdup(stanza_id)) == NULL)
        return MLS_ERR_NOMEM;
    if (element == NULL)
        return MLS_OK;
    out->kind = several ? MOD_MLS_PAYLOAD_BROKEN : kind_of(element);
    status = mod_mls_element_bytes(&out->message, element);
    if (status == MLS_ERR_MALFORMED) {
        out->kind = MOD_MLS_PAYLOAD_BROKEN;
        status = MLS_OK;
    }
    if (status == MLS_OK)
        status = mod_mls_sha256(crypto, out->hash, mls_bytes_view(&out->message));
    if (status != MLS_OK)
        mod_mls_item_clear(out);
    return status;
}

void mod_mls_write_rsm(mod_mls_xml_writer_t *xml, const char *name, const char *value, unsigned max)
{
    char digits[12] = { 0 };
    size_t n = sizeof digits - 1;

    do {
        digits[--n] = (char)('0' + max % 10);
        max /= 10;
    } while (max > 0 && n > 0);
    mod_mls_xml_open(xml, "set", MOD_MLS_NS_RSM);
    mod_mls_xml_leaf(xml, "max", NULL, digits + n);
    if (value != NULL)
        mod_mls_xml_leaf(xml, name, NULL, value);
    mod_mls_xml_close(xml);
}
