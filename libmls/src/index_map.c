/* index_map.c -- open addressing with linear probing; removal closes the gap it leaves. */
#include "index_map.h"

#include <stdlib.h>

static size_t home(const mls_index_map_t *map, uint64_t key)
{
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> 32) & (map->num_slots - 1);
}

static size_t find(const mls_index_map_t *map, uint64_t key)
{
    size_t at = home(map, key);
    while (map->slots[at].key != 0 && map->slots[at].key != key)
        at = (at + 1) & (map->num_slots - 1);
    return at;
}

void *mls_index_map_get(const mls_index_map_t *map, uint32_t index)
{
    return map->count == 0 ? NULL : map->slots[find(map, (uint64_t)index + 1)].value;
}

mls_status_t mls_index_map_reserve(mls_index_map_t *map, size_t num_more)
{
    size_t num_slots = map->num_slots < 16 ? 16 : map->num_slots;
    while ((map->count + num_more) * 4 > num_slots * 3)
        num_slots *= 2;
    if (num_slots == map->num_slots)
        return MLS_OK;
    mls_index_map_t larger = { .num_slots = num_slots, .count = map->count };
    if ((larger.slots = calloc(num_slots, sizeof *larger.slots)) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; i < map->num_slots; i++)
        if (map->slots[i].key != 0)
            larger.slots[find(&larger, map->slots[i].key)] = map->slots[i];
    free(map->slots);
    *map = larger;
    return MLS_OK;
}

void mls_index_map_put(mls_index_map_t *map, uint32_t index, void *value)
{
    const size_t at = find(map, (uint64_t)index + 1);
    map->slots[at].key = (uint64_t)index + 1;
    map->slots[at].value = value;
    map->count++;
}

void *mls_index_map_take(mls_index_map_t *map, uint32_t index)
{
    if (map->count == 0)
        return NULL;
    size_t gap = find(map, (uint64_t)index + 1);
    if (map->slots[gap].key == 0)
        return NULL;
    void *value = map->slots[gap].value;
    const size_t mask = map->num_slots - 1;
    for (size_t at = (gap + 1) & mask; map->slots[at].key != 0; at = (at + 1) & mask) {
        if (((at - home(map, map->slots[at].key)) & mask) < ((at - gap) & mask))
            continue; /* its home lies behind the gap */
        map->slots[gap] = map->slots[at];
        gap = at;
    }
    map->slots[gap].key = 0;
    map->slots[gap].value = NULL;
    map->count--;
    return value;
}

void *mls_index_map_next(const mls_index_map_t *map, uint32_t *index, size_t *at)
{
    for (; *at < map->num_slots; ++*at) {
        if (map->slots[*at].key != 0) {
            *index = (uint32_t)(map->slots[*at].key - 1);
            return map->slots[(*at)++].value;
        }
    }
    return NULL;
}

void mls_index_map_clear(mls_index_map_t *map)
{
    free(map->slots);
    *map = (mls_index_map_t){ 0 };
}
