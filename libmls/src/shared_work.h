/* shared_work.h -- work that the threads of the host share (mls_workers_t), or that one thread does alone. */
#ifndef MLS_SHARED_WORK_H
#define MLS_SHARED_WORK_H

#include "suite.h"

/* The n-th part of the work: it writes to places of its own alone, and does the same if it is done again.
 * `crypto` is nobody else's meanwhile; its randomness is the operating system's, and it has no log. */
typedef mls_status_t mls_shared_task_t(mls_crypto_t *crypto, void *arg, size_t n);

/* Does all parts from 0 to `count` - 1: side by side, or one after the other with `crypto` where there are no
 * workers. What workers have failed at, or have not done at all, is done again by this thread, which tells
 * the log. Returns the first failure in the order of the parts. */
MLS_MUST_USE mls_status_t mls_share_work(mls_crypto_t *crypto, mls_shared_task_t *task, void *arg,
                                         size_t count);

/* What is better known before, but is asked for one by one anyway: has workers do as many parts as they do,
 * and does nothing itself. */
void mls_offer_work(mls_crypto_t *crypto, mls_shared_task_t *task, void *arg, size_t count);

/* Of `count` like things, how many make a part: as few as `least` with workers, so that all threads have
 * something to do, but no more than `most`. */
size_t mls_part_of_work(const mls_crypto_t *crypto, size_t count, size_t least, size_t most);

#endif
