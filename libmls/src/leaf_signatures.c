#include "leaf_signatures.h"
#include "shared_work.h"

#include <stdlib.h>

enum { MIN_LEAVES = 4, MAX_LEAVES = 256 }; /* of one part */

typedef struct leaves {
    const mls_group_t *group;
    mls_leaf_signatures_t *signatures;
    size_t part;
} leaves_t;

static bool is_good(mls_crypto_t *crypto, const mls_group_t *group, uint32_t leaf_index)
{
    const mls_tree_leaf_t *found = mls_tree_leaf(&group->view, leaf_index);
    const mls_leaf_place_t place = { group->epoch->context.group_id, leaf_index };
    if (found == NULL)
        return false;
    const mls_leaf_node_t leaf = mls_tree_leaf_decode(found);
    return mls_leaf_node_verify(crypto, group->suite, &leaf, &place) == MLS_OK;
}

/* Reads the group, which nobody changes meanwhile. A leaf that is not good is no failure here: who asks for
 * it verifies it again, and tells. */
static mls_status_t verify_part(mls_crypto_t *crypto, void *arg, size_t n)
{
    const leaves_t *leaves = arg;
    const size_t num_leaves = leaves->signatures->num_leaves, begin = n * leaves->part;
    const size_t end = num_leaves - begin < leaves->part ? num_leaves : begin + leaves->part;
    for (size_t leaf = begin; leaf < end; leaf++)
        leaves->signatures->is_good[leaf] = is_good(crypto, leaves->group, (uint32_t)leaf);
    return MLS_OK;
}

mls_status_t mls_leaf_signatures_verify(mls_leaf_signatures_t *out, const mls_group_t *group)
{
    const uint32_t num_leaves = group->view.summary.end;
    leaves_t leaves = { group, out, mls_part_of_work(group->crypto, num_leaves, MIN_LEAVES, MAX_LEAVES) };

    *out = (mls_leaf_signatures_t){ 0 };
    if (group->crypto->config.workers.run == NULL || num_leaves <= leaves.part)
        return MLS_OK;
    if ((out->is_good = calloc(num_leaves, 1)) == NULL)
        return MLS_ERR_NOMEM;
    out->num_leaves = num_leaves;
    mls_offer_work(group->crypto, verify_part, &leaves, (num_leaves - 1) / leaves.part + 1);
    return MLS_OK;
}

void mls_leaf_signatures_clear(mls_leaf_signatures_t *signatures)
{
    free(signatures->is_good);
    *signatures = (mls_leaf_signatures_t){ 0 };
}

bool mls_leaf_signature_is_good(const mls_leaf_signatures_t *signatures, uint32_t leaf)
{
    return leaf < signatures->num_leaves && signatures->is_good[leaf] == 1;
}
