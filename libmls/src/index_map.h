/* index_map.h -- a map from 32-bit indices to pointers. It does not own what they point to. */
#ifndef MLS_INDEX_MAP_H
#define MLS_INDEX_MAP_H

#include "mls/bytes.h"

/* A zeroed map is empty. */
typedef struct mls_index_map {
    struct mls_index_map_slot {
        uint64_t key; /* index + 1; 0: free */
        void *value;
    } * slots;
    size_t num_slots, count;
} mls_index_map_t;

/* NULL: not there. */
void *mls_index_map_get(const mls_index_map_t *map, uint32_t index);
/* Makes room, so that that many mls_index_map_put() cannot fail. */
MLS_MUST_USE mls_status_t mls_index_map_reserve(mls_index_map_t *map, size_t num_more);
/* Within what was reserved; the index must not be there. */
void mls_index_map_put(mls_index_map_t *map, uint32_t index, void *value);
/* Takes the value out; NULL: it was not there. */
void *mls_index_map_take(mls_index_map_t *map, uint32_t index);
/* Steps through the map: `*at` starts at 0. NULL at the end. No change meanwhile. */
void *mls_index_map_next(const mls_index_map_t *map, uint32_t *index, size_t *at);
void mls_index_map_clear(mls_index_map_t *map);

#endif
