#include "threads.h"

#include "must.h"

#include <pthread.h>
#include <unistd.h>

enum { MAX_THREADS = 16 };

/* What the threads take their turns in. */
typedef struct work {
    void (*task)(void *task_arg, size_t n);
    void *task_arg;
    size_t count, next;
} work_t;

unsigned bench_num_threads(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > MAX_THREADS ? MAX_THREADS : (unsigned)cores;
}

static void *run_tasks(void *arg)
{
    work_t *work = arg;
    for (size_t n; (n = __atomic_fetch_add(&work->next, 1, __ATOMIC_RELAXED)) < work->count;)
        work->task(work->task_arg, n);
    return NULL;
}

static void run(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    const unsigned *num_threads = arg;
    pthread_t threads[MAX_THREADS];
    work_t work = { task, task_arg, count, 0 };
    for (unsigned i = 1; i < *num_threads; i++)
        bench_expect(pthread_create(&threads[i], NULL, run_tasks, &work) == 0, "there are threads");
    run_tasks(&work);
    for (unsigned i = 1; i < *num_threads; i++)
        bench_expect(pthread_join(threads[i], NULL) == 0, "threads end");
}

mls_workers_t bench_workers(const unsigned *num_threads)
{
    return (mls_workers_t){ (void *)(uintptr_t)num_threads, run };
}
