#include "leaf_signatures.h"

#include <stdlib.h>

/* Leaves of one task: enough to be worth a mls_crypto_t of its own, since contexts of OpenSSL are not shared
 * between threads; and few enough that the last task does not keep the others waiting. */
enum { MIN_LEAVES_PER_TASK = 16, MAX_LEAVES_PER_TASK = 256, WANTED_TASKS = 64 };

typedef struct batch {
    const mls_group_t *group;
    mls_leaf_signatures_t *signatures;
    uint32_t leaves_per_task;
} batch_t;

static uint32_t leaves_per_task(uint32_t num_leaves)
{
    const uint32_t wanted = num_leaves / WANTED_TASKS;
    if (wanted < MIN_LEAVES_PER_TASK)
        return MIN_LEAVES_PER_TASK;
    return wanted > MAX_LEAVES_PER_TASK ? MAX_LEAVES_PER_TASK : wanted;
}

static bool is_good(mls_crypto_t *crypto, const mls_group_t *group, uint32_t leaf_index)
{
    const mls_tree_leaf_t *found = mls_tree_leaf(&group->view, leaf_index);
    const mls_leaf_place_t place = { group->epoch->context.group_id, leaf_index };
    if (found == NULL)
        return false;
    const mls_leaf_node_t leaf = mls_tree_leaf_decode(found);
    return mls_leaf_node_verify(crypto, group->suite, &leaf, &place) == MLS_OK;
}

/* Reads the group, which nobody changes meanwhile, and writes to places that are this task's alone. Without a
 * log: who asks for a leaf that is not good verifies it again, and tells. */
static void verify_batch(void *arg, size_t n)
{
    const batch_t *batch = arg;
    const uint32_t num_leaves = batch->signatures->num_leaves, step = batch->leaves_per_task;
    mls_crypto_t *crypto;

    if (n > (num_leaves - 1) / step || mls_crypto_new(&crypto, NULL) != MLS_OK)
        return;
    const uint32_t begin = (uint32_t)n * step, end = num_leaves - begin < step ? num_leaves : begin + step;
    for (uint32_t leaf = begin; leaf < end; leaf++)
        batch->signatures->is_good[leaf] = is_good(crypto, batch->group, leaf);
    mls_crypto_free(crypto);
}

mls_status_t mls_leaf_signatures_verify(mls_leaf_signatures_t *out, const mls_group_t *group)
{
    const mls_workers_t *workers = &group->config.workers;
    const uint32_t num_leaves = group->view.summary.end;
    batch_t batch = { group, out, leaves_per_task(num_leaves) };

    *out = (mls_leaf_signatures_t){ 0 };
    if (workers->run == NULL || num_leaves <= batch.leaves_per_task)
        return MLS_OK;
    if ((out->is_good = calloc(num_leaves, 1)) == NULL)
        return MLS_ERR_NOMEM;
    out->num_leaves = num_leaves;
    workers->run(workers->arg, verify_batch, &batch, (num_leaves - 1) / batch.leaves_per_task + 1);
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
