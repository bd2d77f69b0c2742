/* evidence.h -- the form of exported evidence. */
#ifndef MLS_SRC_EVIDENCE_H
#define MLS_SRC_EVIDENCE_H

#include "framing.h"
#include "mls/evidence.h"

/* struct {
 *     opaque format[4] = "MLSE";
 *     uint16 version = 1;
 *     WireFormat wire_format;
 *     FramedContent content;
 *     opaque signature<V>;
 *     select (Evidence.content.sender.sender_type) {
 *         case member:              GroupContext context; LeafNode sender;
 *         case external:            SignaturePublicKey signature_key;
 *         case new_member_proposal: struct {};
 *         case new_member_commit:   GroupContext context;
 *     };
 * } Evidence;
 *
 * All of it is signed, so that nothing can be changed: the content and its context by FramedContentTBS, the
 * leaf by itself. The confirmation tag of a Commit is left out: nobody outside could check it. */
typedef struct mls_evidence_data {
    mls_view_t format;
    uint16_t version;
    mls_authenticated_content_t signed_content; /* without confirmation tag */
    mls_view_t context_encoded;
    mls_group_context_t context;
    mls_view_t leaf_encoded;
    mls_leaf_node_t leaf;
    mls_view_t signature_key;
} mls_evidence_data_t;

void mls_codec_evidence(mls_codec_t *codec, void *object);

/* Encodes it with the format and version of this build. The caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_evidence_encode(mls_bytes_t *out, const mls_evidence_data_t *data);

#endif
