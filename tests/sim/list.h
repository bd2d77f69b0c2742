/* list.h -- lists that grow. The simulation ends where there is no memory. */
#ifndef SIM_LIST_H
#define SIM_LIST_H

#include "mls/bytes.h"

typedef struct sim_list {
    void **items;
    size_t count;
} sim_list_t;

void sim_list_push(sim_list_t *list, void *item);
/* Frees the list; what is in it belongs to whoever put it there. */
void sim_list_clear(sim_list_t *list);

/* `len` zeroed bytes. */
void *sim_alloc(size_t len);
mls_bytes_t sim_copy(mls_view_t bytes);

#endif
