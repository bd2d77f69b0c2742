/* names.h -- names of a kind and a number, "psk 17": the model has the number, libmls carries the name. */
#ifndef SIM_NAMES_H
#define SIM_NAMES_H

#include "mls/bytes.h"

typedef struct sim_name {
    char text[24];
} sim_name_t;

sim_name_t sim_name(const char *kind, uint32_t number);
/* The number in such a name; 0: there is none. */
uint32_t sim_number_in(mls_view_t name);

#endif
