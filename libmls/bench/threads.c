#include "threads.h"

#include "must.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 16 };

/* What the threads take their turns in. */
typedef struct work {
    void (*task)(void *task_arg, size_t n);
    void *task_arg;
    size_t count;
} work_t;

struct bench_threads {
    pthread_t threads[MAX_THREADS];
    unsigned count; /* without the one that has the work */
    pthread_mutex_t mutex;
    pthread_cond_t begins, is_done;
    work_t work;
    atomic_size_t next;  /* part */
    unsigned long round; /* counts what there was to do */
    unsigned num_busy;
    bool ends;
};

unsigned bench_num_threads(void)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > MAX_THREADS ? MAX_THREADS : (unsigned)cores;
}

static void take_turns(bench_threads_t *t)
{
    for (size_t n; (n = atomic_fetch_add(&t->next, 1)) < t->work.count;)
        t->work.task(t->work.task_arg, n);
}

static void *wait_for_work(void *arg)
{
    bench_threads_t *t = arg;
    unsigned long seen = 0;
    (void)pthread_mutex_lock(&t->mutex);
    for (;;) {
        while (t->round == seen && !t->ends)
            (void)pthread_cond_wait(&t->begins, &t->mutex);
        if (t->ends)
            break;
        seen = t->round;
        (void)pthread_mutex_unlock(&t->mutex);
        take_turns(t);
        (void)pthread_mutex_lock(&t->mutex);
        if (--t->num_busy == 0)
            (void)pthread_cond_signal(&t->is_done);
    }
    (void)pthread_mutex_unlock(&t->mutex);
    return NULL;
}

static void run(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    bench_threads_t *t = arg;
    (void)pthread_mutex_lock(&t->mutex);
    t->work = (work_t){ task, task_arg, count };
    atomic_store(&t->next, 0);
    t->num_busy = t->count;
    t->round++;
    (void)pthread_cond_broadcast(&t->begins);
    (void)pthread_mutex_unlock(&t->mutex);
    take_turns(t);
    (void)pthread_mutex_lock(&t->mutex);
    while (t->num_busy > 0)
        (void)pthread_cond_wait(&t->is_done, &t->mutex);
    (void)pthread_mutex_unlock(&t->mutex);
}

bench_threads_t *bench_threads_new(unsigned count)
{
    bench_threads_t *t = bench_alloc(1, sizeof *t);
    bench_expect(count >= 1 && count <= MAX_THREADS && pthread_mutex_init(&t->mutex, NULL) == 0 &&
                     pthread_cond_init(&t->begins, NULL) == 0 && pthread_cond_init(&t->is_done, NULL) == 0,
                 "there are threads");
    for (; t->count + 1 < count; t->count++)
        bench_expect(pthread_create(&t->threads[t->count], NULL, wait_for_work, t) == 0, "there are threads");
    return t;
}

void bench_threads_free(bench_threads_t *t)
{
    if (t == NULL)
        return;
    (void)pthread_mutex_lock(&t->mutex);
    t->ends = true;
    (void)pthread_cond_broadcast(&t->begins);
    (void)pthread_mutex_unlock(&t->mutex);
    for (unsigned i = 0; i < t->count; i++)
        (void)pthread_join(t->threads[i], NULL);
    (void)pthread_cond_destroy(&t->begins);
    (void)pthread_cond_destroy(&t->is_done);
    (void)pthread_mutex_destroy(&t->mutex);
    free(t);
}

mls_workers_t bench_workers(bench_threads_t *t)
{
    return t == NULL ? (mls_workers_t){ 0 } : (mls_workers_t){ t, run };
}
