/* allocations.h -- what libmls asks of the allocator. The linker leads the calls of this program and of
 * libmls in it here (--wrap), and nothing that the crypto libraries or SQLite do. */
#ifndef MLS_BENCH_ALLOCATIONS_H
#define MLS_BENCH_ALLOCATIONS_H

#include <stddef.h>

typedef struct bench_allocations {
    size_t calls;     /* of malloc, calloc and realloc */
    size_t allocated; /* bytes, all together */
    size_t held;      /* bytes that the allocator holds now, with what it needs itself */
    size_t peak;      /* the most that were held since bench_allocations_mark() */
} bench_allocations_t;

/* From here on `peak` counts anew. */
void bench_allocations_mark(void);
bench_allocations_t bench_allocations(void);

#endif
