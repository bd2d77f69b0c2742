#include "must.h"

#include <stdio.h>
#include <stdlib.h>

void bench_must(mls_status_t status, const char *what)
{
    if (status == MLS_OK)
        return;
    fprintf(stderr, "mls-bench: %s: %s\n", what, mls_status_text(status));
    exit(EXIT_FAILURE);
}

void bench_expect(bool is_so, const char *what)
{
    if (is_so)
        return;
    fprintf(stderr, "mls-bench: this does not hold: %s\n", what);
    exit(EXIT_FAILURE);
}

void *bench_alloc(size_t count, size_t size)
{
    void *p = calloc(count, size);
    bench_expect(p != NULL, "there is memory");
    return p;
}
