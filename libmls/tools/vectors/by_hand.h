/* by_hand.h -- encoding and derivation as RFC 9420 writes them down, without libmls' codec and labels: what
 * is made by these is verified by those. */
#ifndef MLS_VECTORS_BY_HAND_H
#define MLS_VECTORS_BY_HAND_H

#include "vectors.h"

/* Bytes that are being written; a zeroed one is empty. */
typedef struct hand {
    size_t len;
    uint8_t bytes[1 << 14];
} hand_t;

void hand_number(hand_t *hand, uint64_t number, size_t num_bytes); /* in network order */
void hand_raw(hand_t *hand, mls_view_t bytes);
void hand_length(hand_t *hand, size_t len);       /* RFC 9420, Section 2.1.2 */
void hand_opaque(hand_t *hand, mls_view_t bytes); /* opaque bytes<V> */
/* What was written, in the arena of the case. Fails if it did not fit. */
mls_view_t hand_view(vector_case_t *c, const hand_t *hand);

mls_secret_t hand_hash(vector_case_t *c, const hand_t *input);
mls_secret_t hand_extract(vector_case_t *c, const mls_secret_t *salt, mls_view_t ikm);
/* ExpandWithLabel and DeriveSecret (RFC 9420, Section 8); `len` is at most one hash. */
mls_secret_t hand_expand(vector_case_t *c, const mls_secret_t *secret, const char *label, mls_view_t context,
                         size_t len);
mls_secret_t hand_derive(vector_case_t *c, const mls_secret_t *secret, const char *label);

#endif
