/* letters.h -- application messages: on their way to everybody, late, twice, or not at all. */
#ifndef SIM_LETTERS_H
#define SIM_LETTERS_H

#include "world.h"

/* Encrypts something and has it on its way to everybody. False: a fault. */
bool sim_client_say(sim_world_t *world, sim_client_t *client);

/* Reads what is due. What is of an epoch that has not begun here yet is tried again later. */
bool sim_client_read_letters(sim_world_t *world, sim_client_t *client);

/* What has to become of an application message at a client. */
typedef enum sim_fate {
    SIM_FATE_READ,    /* it is decrypted */
    SIM_FATE_OWN,     /* the client's own */
    SIM_FATE_REFUSED, /* with the status that is known before */
    SIM_FATE_VOID     /* refused, whatever for: of an epoch that only had this one's number */
} sim_fate_t;
sim_fate_t sim_client_fate(const sim_world_t *world, const sim_client_t *client, const sim_message_t *message,
                           mls_status_t *status);
bool sim_client_read_message(sim_world_t *world, sim_client_t *client, sim_message_t *message);

/* Gives the group a message that it has to refuse: looks whether that leaves its stored bytes as they were.
 * `*status` becomes what was said. */
bool sim_client_refuses(sim_world_t *world, sim_client_t *client, mls_view_t message, mls_status_t *status,
                        const char *what);
/* The same, where it is known how it is refused by those who are members. */
bool sim_client_refuses_as(sim_world_t *world, sim_client_t *client, mls_view_t message,
                           mls_status_t expected, const char *what);

#endif
