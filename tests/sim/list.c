#include "list.h"

#include <stdio.h>
#include <stdlib.h>

static void *need(void *memory)
{
    if (memory == NULL) {
        fputs("mls-sim: no memory\n", stderr);
        exit(2);
    }
    return memory;
}

void *sim_alloc(size_t len)
{
    return need(calloc(1, len));
}

void sim_list_push(sim_list_t *list, void *item)
{
    if ((list->count & (list->count - 1)) == 0) /* doubles at powers of two */
        list->items = need(realloc(list->items, (list->count == 0 ? 1 : 2 * list->count) * sizeof(void *)));
    list->items[list->count++] = item;
}

void sim_list_clear(sim_list_t *list)
{
    free(list->items);
    *list = (sim_list_t){ 0 };
}

mls_bytes_t sim_copy(mls_view_t bytes)
{
    mls_bytes_t copy = { 0 };
    if (mls_bytes_copy(&copy, bytes) != MLS_OK)
        need(NULL);
    return copy;
}
