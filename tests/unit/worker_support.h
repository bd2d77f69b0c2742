/* worker_support.h -- hosts that lend threads to libmls, good ones and bad ones. */
#ifndef TESTS_UNIT_WORKER_SUPPORT_H
#define TESTS_UNIT_WORKER_SUPPORT_H

#include "support.h"

/* What they were asked for. */
typedef struct test_workers {
    size_t num_calls, num_tasks;
} test_workers_t;

/* A thread for each task. */
mls_workers_t test_workers_side_by_side(test_workers_t *counted);
/* As no host should do it: tasks that do not exist, and none of those that do. */
mls_workers_t test_workers_out_of_bounds(test_workers_t *counted);

/* The context of the test has them from here on. */
void test_lend_workers(test_context_t *t, mls_workers_t workers);

#endif
