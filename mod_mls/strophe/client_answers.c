#include "client_answers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_CAPS "http://jabber.org/protocol/caps"
#define NS_PING "urn:xmpp:ping"
#define CAPS_NODE "https://xmpp.org/extensions/xep-mls" /* names the software, is fetched by nobody */

/* In ascending order, as XEP-0115 §5.1 wants them hashed. */
static const char *const FEATURES[] = {
    NS_CAPS,
    XMPP_NS_DISCO_INFO,
    "http://jabber.org/protocol/muc",
    "jabber:x:conference",
    MOD_MLS_NAMESPACE,
    MOD_MLS_NAMESPACE_DEVICES_NOTIFY,
    NS_PING,
};
#define NUM_FEATURES (sizeof FEATURES / sizeof *FEATURES)

/* The verification string of XEP-0115 §5.1; xmpp_free() it. */
static char *caps_version(xmpp_ctx_t *context, const char *client_name)
{
    unsigned char digest[XMPP_SHA1_DIGEST_SIZE];
    xmpp_sha1_t *hash = xmpp_sha1_new(context);

    if (hash == NULL)
        return NULL;
    xmpp_sha1_update(hash, (const unsigned char *)"client/console//", strlen("client/console//"));
    xmpp_sha1_update(hash, (const unsigned char *)client_name, strlen(client_name));
    xmpp_sha1_update(hash, (const unsigned char *)"<", 1);
    for (size_t i = 0; i < NUM_FEATURES; i++) {
        xmpp_sha1_update(hash, (const unsigned char *)FEATURES[i], strlen(FEATURES[i]));
        xmpp_sha1_update(hash, (const unsigned char *)"<", 1);
    }
    xmpp_sha1_final(hash);
    xmpp_sha1_to_digest(hash, digest);
    xmpp_sha1_free(hash);
    return xmpp_base64_encode(context, digest, sizeof digest);
}

/* Adds <name xmlns='ns'/> to `parent` and returns it; it belongs to `parent`. */
static xmpp_stanza_t *add_child(xmpp_ctx_t *context, xmpp_stanza_t *parent, const char *name, const char *ns)
{
    xmpp_stanza_t *child = xmpp_stanza_new(context);

    if (child == NULL)
        return NULL;
    xmpp_stanza_set_name(child, name);
    if (ns != NULL)
        xmpp_stanza_set_ns(child, ns);
    xmpp_stanza_add_child(parent, child);
    xmpp_stanza_release(child); /* the parent holds it now */
    return child;
}

static void add_caps(xmpp_ctx_t *context, xmpp_stanza_t *presence, const char *client_name)
{
    char *version = caps_version(context, client_name);
    xmpp_stanza_t *caps = version == NULL ? NULL : add_child(context, presence, "c", NS_CAPS);

    if (caps != NULL) {
        xmpp_stanza_set_attribute(caps, "hash", "sha-1");
        xmpp_stanza_set_attribute(caps, "node", CAPS_NODE);
        xmpp_stanza_set_attribute(caps, "ver", version);
    }
    if (version != NULL)
        xmpp_free(context, version);
}

void mod_mls_strophe_send_presence(mod_mls_strophe_connection_t *connection, const char *client_name)
{
    xmpp_ctx_t *context = mod_mls_strophe_connection_context(connection);
    xmpp_stanza_t *presence = xmpp_presence_new(context);

    if (presence == NULL)
        return;
    add_caps(context, presence, client_name);
    mod_mls_strophe_connection_send(connection, presence);
    xmpp_stanza_release(presence);
}

static void add_disco_info(xmpp_ctx_t *context, xmpp_stanza_t *reply, xmpp_stanza_t *request,
                           const char *client_name)
{
    xmpp_stanza_t *query = add_child(context, reply, "query", XMPP_NS_DISCO_INFO);
    xmpp_stanza_t *identity = query == NULL ? NULL : add_child(context, query, "identity", NULL);
    const char *node = xmpp_stanza_get_attribute(request, "node");

    if (identity == NULL)
        return;
    if (node != NULL)
        xmpp_stanza_set_attribute(query, "node", node);
    xmpp_stanza_set_attribute(identity, "category", "client");
    xmpp_stanza_set_attribute(identity, "type", "console");
    xmpp_stanza_set_attribute(identity, "name", client_name);
    for (size_t i = 0; i < NUM_FEATURES; i++) {
        xmpp_stanza_t *feature = add_child(context, query, "feature", NULL);

        if (feature != NULL)
            xmpp_stanza_set_attribute(feature, "var", FEATURES[i]);
    }
}

static xmpp_stanza_t *make_answer(xmpp_ctx_t *context, xmpp_stanza_t *iq, const char *client_name)
{
    xmpp_stanza_t *disco = xmpp_stanza_get_child_by_name_and_ns(iq, "query", XMPP_NS_DISCO_INFO);
    bool is_ping = xmpp_stanza_get_child_by_name_and_ns(iq, "ping", NS_PING) != NULL;
    bool is_get = strcmp(xmpp_stanza_get_type(iq), "get") == 0;
    xmpp_stanza_t *reply;

    if (!is_get || (disco == NULL && !is_ping))
        return xmpp_stanza_reply_error(iq, "cancel", "service-unavailable", NULL);
    reply = xmpp_stanza_reply(iq);
    if (reply == NULL)
        return NULL;
    xmpp_stanza_set_type(reply, "result");
    if (disco != NULL)
        add_disco_info(context, reply, disco, client_name);
    return reply;
}

void mod_mls_strophe_answer_iq(mod_mls_strophe_connection_t *connection, xmpp_stanza_t *iq,
                               const char *client_name)
{
    const char *name = xmpp_stanza_get_name(iq);
    const char *type = xmpp_stanza_get_type(iq);
    xmpp_stanza_t *answer;

    if (name == NULL || strcmp(name, "iq") != 0 || type == NULL || xmpp_stanza_get_id(iq) == NULL)
        return;
    if (strcmp(type, "get") != 0 && strcmp(type, "set") != 0)
        return;
    answer = make_answer(mod_mls_strophe_connection_context(connection), iq, client_name);
    if (answer == NULL)
        return;
    mod_mls_strophe_connection_send(connection, answer);
    xmpp_stanza_release(answer);
}
