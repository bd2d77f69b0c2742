/* arena.c -- storage for what a decoded message points to, released and wiped as a whole. */
#include "mls/codec.h"

#include <stdalign.h>
#include <stdlib.h>

struct mls_arena_block {
    struct mls_arena_block *next;
    size_t used, size; /* bytes of `data` */
    alignas(max_align_t) uint8_t data[];
};

enum { FIRST_BLOCK = 1024, LARGEST_STEP = 1 << 20 };

static struct mls_arena_block *add_block(mls_arena_t *arena, size_t len)
{
    size_t size = FIRST_BLOCK;
    if (arena->blocks != NULL)
        size = arena->blocks->size < LARGEST_STEP ? 2 * arena->blocks->size : LARGEST_STEP;
    if (size < len)
        size = len;
    if (size > SIZE_MAX - sizeof(struct mls_arena_block))
        return NULL;
    struct mls_arena_block *block = calloc(1, sizeof *block + size);
    if (block == NULL)
        return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *mls_arena_alloc(mls_arena_t *arena, size_t len)
{
    const size_t align = alignof(max_align_t);
    if (len > SIZE_MAX - align)
        return NULL;
    len = (len + align - 1) / align * align;
    struct mls_arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < len)
        block = add_block(arena, len);
    if (block == NULL)
        return NULL;
    void *p = block->data + block->used;
    block->used += len;
    return p;
}

void mls_arena_clear(mls_arena_t *arena)
{
    while (arena->blocks != NULL) {
        struct mls_arena_block *block = arena->blocks;
        arena->blocks = block->next;
        mls_wipe(block->data, block->used);
        free(block);
    }
}
