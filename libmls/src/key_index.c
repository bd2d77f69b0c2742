/* key_index.c -- open addressing with linear probing; removal closes the gap it leaves. */
#include "key_index.h"

#include <stdlib.h>

mls_status_t mls_key_index_init(mls_key_index_t *index, mls_crypto_t *crypto)
{
    *index = (mls_key_index_t){ 0 };
    return mls_crypto_random(crypto, index->hash_key, sizeof index->hash_key);
}

void mls_key_index_clear(mls_key_index_t *index)
{
    free(index->slots);
    *index = (mls_key_index_t){ 0 };
}

static uint32_t home(const mls_key_index_t *index, mls_view_t key, mls_key_kind_t kind)
{
    const uint64_t hash = mls_sodium_short_hash(index->hash_key, key) + (uint64_t)kind * 0x9e3779b97f4a7c15u;
    return (uint32_t)(hash ^ hash >> 32) & (index->num_slots - 1);
}

static uint32_t reference(mls_node_index_t node, mls_key_kind_t kind)
{
    return (node.n << 1 | (uint32_t)kind) + 1;
}

static mls_node_index_t node_of(uint32_t slot)
{
    return (mls_node_index_t){ (slot - 1) >> 1 };
}

static mls_key_kind_t kind_of(uint32_t slot)
{
    return (mls_key_kind_t)((slot - 1) & 1);
}

static void put(mls_key_index_t *index, uint32_t slot, uint32_t at)
{
    while (index->slots[at] != 0)
        at = (at + 1) & (index->num_slots - 1);
    index->slots[at] = slot;
}

mls_status_t mls_key_index_reserve(mls_key_index_t *index, uint32_t num_more, mls_key_of_fn *key_of,
                                   const void *nodes)
{
    uint32_t num_slots = index->num_slots < 16 ? 16 : index->num_slots;
    const uint64_t wanted = (uint64_t)index->num_used + num_more;
    while (wanted * 4 > (uint64_t)num_slots * 3)
        num_slots *= 2;
    if (num_slots == index->num_slots)
        return MLS_OK;
    mls_key_index_t larger = *index;
    if ((larger.slots = calloc(num_slots, sizeof *larger.slots)) == NULL)
        return MLS_ERR_NOMEM;
    larger.num_slots = num_slots;
    for (uint32_t i = 0; i < index->num_slots; i++) {
        const uint32_t slot = index->slots[i];
        if (slot != 0)
            put(&larger, slot, home(&larger, key_of(nodes, node_of(slot), kind_of(slot)), kind_of(slot)));
    }
    free(index->slots);
    *index = larger;
    return MLS_OK;
}

void mls_key_index_insert(mls_key_index_t *index, mls_view_t key, mls_node_index_t node, mls_key_kind_t kind)
{
    put(index, reference(node, kind), home(index, key, kind));
    index->num_used++;
}

/* Moves up what would no longer be found behind a free slot at `gap`. */
static void close_gap(mls_key_index_t *index, uint32_t gap, mls_key_of_fn *key_of, const void *nodes)
{
    const uint32_t mask = index->num_slots - 1;
    for (uint32_t at = (gap + 1) & mask; index->slots[at] != 0; at = (at + 1) & mask) {
        const uint32_t slot = index->slots[at];
        const uint32_t wanted = home(index, key_of(nodes, node_of(slot), kind_of(slot)), kind_of(slot));
        if (((at - wanted) & mask) < ((at - gap) & mask))
            continue; /* its home lies behind the gap */
        index->slots[gap] = slot;
        gap = at;
    }
    index->slots[gap] = 0;
}

void mls_key_index_remove(mls_key_index_t *index, mls_view_t key, mls_node_index_t node, mls_key_kind_t kind,
                          mls_key_of_fn *key_of, const void *nodes)
{
    if (index->num_used == 0)
        return;
    const uint32_t slot = reference(node, kind);
    uint32_t at = home(index, key, kind);
    while (index->slots[at] != 0 && index->slots[at] != slot)
        at = (at + 1) & (index->num_slots - 1);
    if (index->slots[at] == 0)
        return;
    index->num_used--;
    close_gap(index, at, key_of, nodes);
}

bool mls_key_index_find(const mls_key_index_t *index, mls_node_index_t *node, uint32_t *at, mls_view_t key,
                        mls_key_kind_t kind, mls_key_of_fn *key_of, const void *nodes)
{
    if (index->num_used == 0)
        return false;
    const uint32_t mask = index->num_slots - 1, start = home(index, key, kind);
    for (; index->slots[(start + *at) & mask] != 0; ++*at) {
        const uint32_t slot = index->slots[(start + *at) & mask];
        if (kind_of(slot) == kind && mls_view_equal(key_of(nodes, node_of(slot), kind), key)) {
            *node = node_of(slot);
            ++*at;
            return true;
        }
    }
    return false;
}
