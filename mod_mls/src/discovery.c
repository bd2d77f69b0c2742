#include "discovery.h"
#include "iq.h"
#include "publish.h"
#include "stanza.h"

bool mod_mls_has_feature(const mod_mls_xml_node_t *query, const char *feature)
{
    const mod_mls_xml_node_t *n = mod_mls_xml_child(query, "feature", MOD_MLS_NS_DISCO);

    while (n != NULL && !mod_mls_xml_attribute_is(n, "var", feature))
        n = mod_mls_xml_next(n, "feature", MOD_MLS_NS_DISCO);
    return n != NULL;
}

/* XEP-0163 §6.1: PEP is an identity of the account. */
static bool has_pep(const mod_mls_xml_node_t *query)
{
    const mod_mls_xml_node_t *n = mod_mls_xml_child(query, "identity", MOD_MLS_NS_DISCO);

    while (n != NULL && (!mod_mls_xml_attribute_is(n, "category", "pubsub") ||
                         !mod_mls_xml_attribute_is(n, "type", "pep")))
        n = mod_mls_xml_next(n, "identity", MOD_MLS_NS_DISCO);
    return n != NULL;
}

/* Prosody announces the access model that a node has by default, and no other. Where publishing takes
 * options, a node that is not open is refused there, so that it shows in time. */
static bool has_open_access(const mod_mls_xml_node_t *query)
{
    return mod_mls_has_feature(query, MOD_MLS_NS_PUBSUB "#access-open") ||
           mod_mls_has_feature(query, MOD_MLS_NS_PUBSUB "#publish-options");
}

/* Publishing tells of the same; whoever comes second is silent. */
static mls_status_t tell_no_pep(mod_mls_t *mls)
{
    if (mls->publisher.told == MOD_MLS_ERROR_NO_PEP)
        return MLS_OK;
    mls->publisher.told = MOD_MLS_ERROR_NO_PEP;
    return mod_mls_tell(mls, MOD_MLS_EVENT_ERROR, NULL, MOD_MLS_ERROR_NO_PEP, MLS_OK, NULL);
}

static mls_status_t warn_unless(mod_mls_t *mls, bool is_there, mod_mls_error_t code)
{
    return is_there ? MLS_OK : mod_mls_tell(mls, MOD_MLS_EVENT_WARNING, NULL, code, MLS_OK, NULL);
}

/* A server that does not answer may have all that is needed. */
static mls_status_t on_account(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    const mod_mls_xml_node_t *query = mod_mls_xml_child(reply->iq, "query", MOD_MLS_NS_DISCO);
    mls_status_t status;

    if (!reply->is_result || query == NULL)
        return MLS_OK;
    if ((status = warn_unless(mls, mod_mls_has_feature(query, MOD_MLS_NS_MAM), MOD_MLS_ERROR_NO_ARCHIVE)) !=
        MLS_OK)
        return status;
    if (!has_pep(query))
        return tell_no_pep(mls);
    if ((status = warn_unless(mls, mod_mls_has_feature(query, MOD_MLS_NS_PUBSUB "#persistent-items"),
                              MOD_MLS_ERROR_PEP_NOT_PERSISTENT)) != MLS_OK)
        return status;
    return warn_unless(mls, has_open_access(query), MOD_MLS_ERROR_PEP_NOT_OPEN);
}

mls_status_t mod_mls_discovery_drive(mod_mls_t *mls)
{
    mod_mls_request_t request;
    mls_status_t status;

    if (!mls->is_connected || mls->account_was_asked)
        return MLS_OK;
    mls->account_was_asked = true;
    if ((status = mod_mls_iq_begin(mls, &request, "get", mls->account)) != MLS_OK)
        return status;
    mod_mls_xml_leaf(&request.xml, "query", MOD_MLS_NS_DISCO, NULL);
    return mod_mls_iq_send(mls, &request, on_account, 0, 0, NULL);
}
