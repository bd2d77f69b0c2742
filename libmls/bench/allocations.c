#include "allocations.h"

#include <malloc.h>
#include <stdbool.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
void __wrap_free(void *p);

static bench_allocations_t now;

/* glibc keeps the size of a block before it. */
static size_t held_by(void *p)
{
    return p == NULL ? 0 : malloc_usable_size(p) + sizeof(size_t);
}

static void *count(void *p, size_t size)
{
    __atomic_add_fetch(&now.calls, 1, __ATOMIC_RELAXED);
    __atomic_add_fetch(&now.allocated, size, __ATOMIC_RELAXED);
    const size_t held = __atomic_add_fetch(&now.held, held_by(p), __ATOMIC_RELAXED);
    if (held > now.peak)
        now.peak = held;
    return p;
}

static void discount(size_t held)
{
    __atomic_sub_fetch(&now.held, held, __ATOMIC_RELAXED);
}

void *__wrap_malloc(size_t size)
{
    return count(__real_malloc(size), size);
}

void *__wrap_calloc(size_t num, size_t size)
{
    return count(__real_calloc(num, size), num * size);
}

/* While it copies, both blocks are there. */
void *__wrap_realloc(void *p, size_t size)
{
    const size_t before = held_by(p);
    void *after = __real_realloc(p, size);
    if (after == NULL)
        return NULL;
    count(after, size);
    discount(before);
    return after;
}

void __wrap_free(void *p)
{
    discount(held_by(p));
    __real_free(p);
}

void bench_allocations_mark(void)
{
    now.peak = now.held;
}

bench_allocations_t bench_allocations(void)
{
    return now;
}
