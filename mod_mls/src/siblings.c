#include "siblings.h"
#include "iq.h"
#include "lookup.h"
#include "publish.h"

static mls_status_t on_own_devices(mod_mls_t *mls, const mod_mls_reply_t *reply)
{
    const mod_mls_xml_node_t *items =
        mod_mls_xml_child(mod_mls_xml_child(reply->iq, "pubsub", MOD_MLS_NS_PUBSUB), "items", NULL);

    return reply->is_result ? mod_mls_note_devices(mls, mls->account, items) : MLS_OK;
}

mls_status_t mod_mls_siblings_drive(mod_mls_t *mls)
{
    mod_mls_request_t request;
    mls_status_t status;

    if (!mls->is_connected || !mls->publisher.was_ready || mls->own_devices_were_asked)
        return MLS_OK;
    mls->own_devices_were_asked = true;
    if ((status = mod_mls_iq_begin(mls, &request, "get", NULL)) != MLS_OK)
        return status;
    mod_mls_xml_open(&request.xml, "pubsub", MOD_MLS_NS_PUBSUB);
    mod_mls_xml_open(&request.xml, "items", NULL);
    mod_mls_xml_put(&request.xml, "node", MOD_MLS_NODE_DEVICES);
    return mod_mls_iq_send(mls, &request, on_own_devices, 0, 0, NULL);
}

mls_status_t mod_mls_has_siblings(mod_mls_t *mls, bool *out)
{
    mls_arena_t arena = { 0 };
    mod_mls_peer_rows_t peers;
    mls_status_t status = mod_mls_store_peers(mls->store, &peers, mls->account, &arena);

    *out = false;
    for (size_t i = 0; status == MLS_OK && i < peers.count; i++) {
        if (memcmp(peers.items[i].device_key, mls->self.key.public_key, MOD_MLS_DEVICE_KEY_LEN) != 0)
            *out = true;
    }
    mls_arena_clear(&arena);
    return status;
}
