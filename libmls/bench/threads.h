/* threads.h -- a pool of threads for mls_workers_t. */
#ifndef MLS_BENCH_THREADS_H
#define MLS_BENCH_THREADS_H

#include <mls/mls.h>

/* Cores that this program may use, 16 at most. */
unsigned bench_num_threads(void);

/* Threads that wait for work; the one that has it is among the `count`. */
typedef struct bench_threads bench_threads_t;
bench_threads_t *bench_threads_new(unsigned count);
/* Ends them. NULL is fine. */
void bench_threads_free(bench_threads_t *threads);
/* Good as long as they are; for one thread at a time. NULL: none. */
mls_workers_t bench_workers(bench_threads_t *threads);

#endif
