/* leaf_signatures.h -- the signatures of all leaves of a tree, verified by threads of the host before anybody
 * asks for them one by one: they are nearly all that joining costs. */
#ifndef MLS_LEAF_SIGNATURES_H
#define MLS_LEAF_SIGNATURES_H

#include "group.h"

/* By leaf index: whether the leaf's signature is known to be good (rule L1). One that is not known to be is
 * still to be verified, by who asks. */
typedef struct mls_leaf_signatures {
    uint8_t *is_good;
    uint32_t num_leaves;
} mls_leaf_signatures_t;

/* Without workers, or in a tree that is not worth it, nothing is known. The caller
 * clears `*out`, also after an error. MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mls_leaf_signatures_verify(mls_leaf_signatures_t *out, const mls_group_t *group);
void mls_leaf_signatures_clear(mls_leaf_signatures_t *signatures);
bool mls_leaf_signature_is_good(const mls_leaf_signatures_t *signatures, uint32_t leaf);

#endif
