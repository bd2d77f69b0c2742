/* threads.h -- as many threads as the machine has cores, for mls_workers_t. */
#ifndef MLS_BENCH_THREADS_H
#define MLS_BENCH_THREADS_H

#include <mls/mls.h>

/* Cores that this program may use, 16 at most. */
unsigned bench_num_threads(void);
/* `num_threads` has to last as long. */
mls_workers_t bench_workers(const unsigned *num_threads);

#endif
