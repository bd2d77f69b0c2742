/* tree_codec.h -- the ratchet_tree extension (RFC 9420, Section 12.4.3.3). */
#ifndef MLS_TREE_CODEC_H
#define MLS_TREE_CODEC_H

#include "ratchet_tree.h"

/* Reads `optional<Node> ratchet_tree<V>` into a new tree, shape only: whether it is a good tree,
 * mls_tree_validate() says. MLS_ERR_MALFORMED, MLS_ERR_LIMIT: more than `max_leaves`; MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mls_tree_decode(mls_ratchet_tree_t **out, mls_crypto_t *crypto,
                                          const mls_suite_t *suite, mls_view_t encoded, uint32_t max_leaves);

/* Writes it; the caller clears `*out`. */
MLS_MUST_USE mls_status_t mls_tree_encode(mls_bytes_t *out, const mls_tree_overlay_t *overlay);

#endif
