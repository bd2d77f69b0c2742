/* group_context.h -- what all members agree on in an epoch (RFC 9420, Section 8.1). */
#ifndef MLS_GROUP_CONTEXT_H
#define MLS_GROUP_CONTEXT_H

#include "extension.h"

/* struct {
 *     ProtocolVersion version = mls10;
 *     CipherSuite cipher_suite;
 *     opaque group_id<V>;
 *     uint64 epoch;
 *     opaque tree_hash<V>;
 *     opaque confirmed_transcript_hash<V>;
 *     Extension extensions<V>;
 * } GroupContext; */
typedef struct mls_group_context {
    uint16_t version;
    uint16_t cipher_suite;
    mls_view_t group_id;
    uint64_t epoch;
    mls_view_t tree_hash;
    mls_view_t confirmed_transcript_hash;
    mls_view_t extensions;
} mls_group_context_t;

void mls_codec_group_context(mls_codec_t *codec, void *object);

#endif
