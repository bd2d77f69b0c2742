#include "index_list.h"

#include <stdlib.h>

static mls_status_t reserve(mls_index_list_t *list, size_t cap)
{
    if (cap <= list->cap)
        return MLS_OK;
    if (cap > UINT32_MAX)
        return MLS_ERR_NOMEM;
    uint32_t *items = realloc(list->items, cap * sizeof *items); /* indices are no secrets */
    if (items == NULL)
        return MLS_ERR_NOMEM;
    list->items = items;
    list->cap = (uint32_t)cap;
    return MLS_OK;
}

mls_status_t mls_index_list_reserve(mls_index_list_t *list, size_t num_more)
{
    size_t cap = list->cap < 4 ? 4 : list->cap;
    while (cap < list->count + num_more)
        cap *= 2;
    return reserve(list, cap);
}

mls_status_t mls_index_list_push(mls_index_list_t *list, uint32_t item)
{
    mls_status_t status = list->count < list->cap ? MLS_OK : mls_index_list_reserve(list, 1);
    if (status == MLS_OK)
        list->items[list->count++] = item;
    return status;
}

void mls_index_list_clear(mls_index_list_t *list)
{
    free(list->items);
    *list = (mls_index_list_t){ 0 };
}

/* The place of the first item that is not below `item`. */
static size_t lower_bound(const mls_index_list_t *list, uint32_t item)
{
    size_t low = 0, high = list->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (list->items[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool mls_index_list_contains(const mls_index_list_t *list, uint32_t item)
{
    const size_t at = lower_bound(list, item);
    return at < list->count && list->items[at] == item;
}

mls_status_t mls_index_list_insert(mls_index_list_t *list, uint32_t item)
{
    const size_t at = lower_bound(list, item);
    if (at < list->count && list->items[at] == item)
        return MLS_OK;
    mls_status_t status = mls_index_list_push(list, item);
    if (status != MLS_OK)
        return status;
    memmove(list->items + at + 1, list->items + at, (list->count - 1 - at) * sizeof *list->items);
    list->items[at] = item;
    return MLS_OK;
}

mls_status_t mls_index_list_copy(mls_index_list_t *to, const mls_index_list_t *from)
{
    *to = (mls_index_list_t){ 0 };
    if (from->count == 0)
        return MLS_OK;
    mls_status_t status = reserve(to, from->count);
    if (status == MLS_OK) {
        memcpy(to->items, from->items, from->count * sizeof *from->items);
        to->count = from->count;
    }
    return status;
}
