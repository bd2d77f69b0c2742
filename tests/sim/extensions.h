/* extensions.h -- the extensions of the GroupContext: the external sender, a topic, and what is counted. */
#ifndef SIM_EXTENSIONS_H
#define SIM_EXTENSIONS_H

#include "world.h"

/* As a host passes them to libmls. */
typedef struct sim_extensions {
    mls_extension_t items[4];
    mls_extensions_t list;
    sim_name_t topic;
    mls_bytes_t required, dictionary;
} sim_extensions_t;

/* Those that the group is to have with a new topic. `epoch`: what is counted so far is kept; NULL: nothing
 * is. Must not be moved. False: a fault. */
bool sim_extensions_init(sim_world_t *world, sim_extensions_t *out, uint32_t topic, const sim_epoch_t *epoch);
void sim_extensions_clear(sim_extensions_t *extensions);

/* Whether encoded extensions of a group are what the model has of an epoch. */
bool sim_extensions_agree(mls_view_t encoded, const sim_epoch_t *epoch);

/* The topic in encoded extensions; 0: none. */
uint32_t sim_extensions_topic(mls_view_t encoded);

#endif
