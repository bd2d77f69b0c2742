#include "worker_support.h"

#include <pthread.h>

enum { MAX_TASKS = 64 };

typedef struct job {
    void (*task)(void *task_arg, size_t n);
    void *task_arg;
    size_t n;
} job_t;

static void *run_job(void *arg)
{
    const job_t *job = arg;
    job->task(job->task_arg, job->n);
    return NULL;
}

static void side_by_side(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    pthread_t threads[MAX_TASKS];
    job_t jobs[MAX_TASKS];
    test_workers_t *counted = arg;
    assert_in_range(count, 1, MAX_TASKS);
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (job_t){ task, task_arg, i };
        assert_int_equal(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    counted->num_calls++;
    counted->num_tasks += count;
}

static void out_of_bounds(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    test_workers_t *counted = arg;
    task(task_arg, count);
    task(task_arg, SIZE_MAX / 4096);
    counted->num_calls++;
    counted->num_tasks += count;
}

mls_workers_t test_workers_side_by_side(test_workers_t *counted)
{
    return (mls_workers_t){ counted, side_by_side };
}

mls_workers_t test_workers_out_of_bounds(test_workers_t *counted)
{
    return (mls_workers_t){ counted, out_of_bounds };
}

void test_lend_workers(test_context_t *t, mls_workers_t workers)
{
    t->crypto->config.workers = workers;
}
