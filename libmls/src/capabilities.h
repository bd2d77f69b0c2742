/* capabilities.h -- the capabilities of a leaf that this client makes (RFC 9420, Section 7.2). */
#ifndef MLS_CAPABILITIES_H
#define MLS_CAPABILITIES_H

#include "extension.h"

/* What a leaf lists even if its owner has not thought of it. */
typedef struct mls_own_capabilities {
    uint16_t cipher_suite, credential_type;
    const mls_capabilities_t *listed;
    bool has_dictionary; /* app_data_dictionary */
    uint16_t
        grease; /* the type of its GREASE extensions, listed as every list gets a GREASE value; 0: none */
} mls_own_capabilities_t;

/* The bytes behind a leaf's capabilities. */
typedef struct mls_capabilities_buffers {
    mls_bytes_t versions, cipher_suites, extensions, proposals, credentials;
} mls_capabilities_buffers_t;

/* Encodes the lists into `*buffers`, which the caller clears; `*out` looks at them. */
MLS_MUST_USE mls_status_t mls_capabilities_encode(mls_crypto_t *crypto, mls_leaf_capabilities_t *out,
                                                  mls_capabilities_buffers_t *buffers,
                                                  const mls_own_capabilities_t *own);
void mls_capabilities_buffers_clear(mls_capabilities_buffers_t *buffers);

#endif
