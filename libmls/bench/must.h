/* must.h -- a benchmark of something that fails is none: it ends, and says what has failed. */
#ifndef MLS_BENCH_MUST_H
#define MLS_BENCH_MUST_H

#include <mls/mls.h>

void bench_must(mls_status_t status, const char *what);
void bench_expect(bool is_so, const char *what);
/* Zeroed memory. */
void *bench_alloc(size_t count, size_t size);

#endif
