#include "shared_work.h"

#include <stdatomic.h>
#include <stdlib.h>

/* ---- helpers -------------------------------------------------------------------------------------- */

/* Contexts of the crypto libraries take longer to make than a part of the work does, so they are kept. */
static mls_crypto_t *take_helper(mls_crypto_t *crypto)
{
    mls_crypto_t *helper = NULL;
    for (size_t i = 0; i < MLS_NUM_HELPERS; i++)
        if ((helper = atomic_exchange(&crypto->helpers[i], NULL)) != NULL)
            return helper;
    return mls_crypto_new(&helper, NULL) == MLS_OK ? helper : NULL;
}

/* What it worked with last is nobody's business while it waits. */
static void give_back(mls_crypto_t *crypto, mls_crypto_t *helper)
{
    const bool is_clean = mls_crypto_forget(helper);
    for (size_t i = 0; is_clean && i < MLS_NUM_HELPERS; i++) {
        mls_crypto_t *none = NULL;
        if (atomic_compare_exchange_strong(&crypto->helpers[i], &none, helper))
            return;
    }
    mls_crypto_free(helper);
}

/* ---- work ----------------------------------------------------------------------------------------- */

typedef struct work {
    mls_crypto_t *crypto; /* its helpers alone are touched by other threads */
    mls_shared_task_t *task;
    void *arg;
    size_t count;
    uint8_t *is_done; /* by part */
} work_t;

static void help(void *arg, size_t n)
{
    const work_t *work = arg;
    if (n >= work->count) /* no host should ask for that */
        return;
    mls_crypto_t *helper = take_helper(work->crypto);
    if (helper == NULL)
        return;
    work->is_done[n] = work->task(helper, work->arg, n) == MLS_OK;
    give_back(work->crypto, helper);
}

static mls_status_t do_the_rest(const work_t *work)
{
    mls_status_t status = MLS_OK;
    for (size_t n = 0; status == MLS_OK && n < work->count; n++)
        if (work->is_done == NULL || !work->is_done[n])
            status = work->task(work->crypto, work->arg, n);
    return status;
}

static void run(work_t *work)
{
    const mls_workers_t *workers = &work->crypto->config.workers;
    if (workers->run != NULL && work->count > 1 && (work->is_done = calloc(work->count, 1)) != NULL)
        workers->run(workers->arg, help, work, work->count);
}

mls_status_t mls_share_work(mls_crypto_t *crypto, mls_shared_task_t *task, void *arg, size_t count)
{
    work_t work = { crypto, task, arg, count, NULL };
    run(&work);
    const mls_status_t status = do_the_rest(&work);
    free(work.is_done);
    return status;
}

void mls_offer_work(mls_crypto_t *crypto, mls_shared_task_t *task, void *arg, size_t count)
{
    work_t work = { crypto, task, arg, count, NULL };
    run(&work);
    free(work.is_done);
}

size_t mls_part_of_work(const mls_crypto_t *crypto, size_t count, size_t least, size_t most)
{
    enum { WANTED_PARTS = 8 }; /* the last one must not keep the others waiting for long */
    const size_t wanted = count / WANTED_PARTS;
    if (crypto->config.workers.run == NULL || wanted > most)
        return most;
    return wanted < least ? least : wanted;
}
