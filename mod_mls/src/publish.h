/* publish.h -- keeping the own PEP nodes as they must be (XEP-0163, XEP-0060). */
#ifndef MOD_MLS_PUBLISH_H
#define MOD_MLS_PUBLISH_H

#include "iq.h"

#define MOD_MLS_NS_PUBSUB "http://jabber.org/protocol/pubsub"
#define MOD_MLS_NODE_DEVICES "urn:xmpp:mls:0:devices"
#define MOD_MLS_NODE_KEY_PACKAGES "urn:xmpp:mls:0:key-packages:" /* and a device id */

enum { MOD_MLS_KEY_PACKAGE_NODE_SIZE = sizeof MOD_MLS_NODE_KEY_PACKAGES + MOD_MLS_DEVICE_ID_SIZE };

void mod_mls_key_package_node(char out[MOD_MLS_KEY_PACKAGE_NODE_SIZE], const char *device_id);

/* Publishes what is not published yet, one thing at a time. */
MLS_MUST_USE mls_status_t mod_mls_publish_drive(mod_mls_t *mls);
/* The stock has changed. */
void mod_mls_publish_again(mod_mls_t *mls);

#endif
