/* payloads.h -- the structs in the examples: each decodes to its end, and is signed as it must be. */
#ifndef PAYLOADS_H
#define PAYLOADS_H

#include "xml_node.h"

/* What is wrong with our elements in a stanza, wherever in it they stand; NULL: nothing is. */
const char *payloads_fault(mls_crypto_t *crypto, const mod_mls_xml_node_t *stanza);

#endif
