/* world.h -- Alice, Bob and Carol in a simulated server, and what tests let them do. */
#ifndef WORLD_H
#define WORLD_H

#include "sim.h"

#define TEAM "team@rooms.example.org"
#define ALICE "alice@example.org"
#define BOB "bob@example.org"
#define CAROL "carol@example.org"

typedef struct world {
    sim_t sim;
    sim_client_t *alice, *bob, *carol;
} world_t;

/* cmocka's set-up and tear-down; *state is a world_t. All three are offline. */
int world_start(void **state);
int world_stop(void **state);

/* Alice has a room in which she is alone. */
void world_alice_creates(world_t *world);
/* Alice invites somebody; who accepts. */
void world_invite(world_t *world, sim_client_t *who);
void world_accept(world_t *world, sim_client_t *who);
/* All three are in Alice's room, in epoch 2. */
void world_three(world_t *world);

void world_say(world_t *world, sim_client_t *who, const char *text);
void world_assert_same_epoch(sim_client_t *a, sim_client_t *b);
uint64_t world_epoch(sim_client_t *client);

#endif
