/* client.h -- a client: its key packages, its disk, and what it has to agree on with the others. */
#ifndef SIM_CLIENT_H
#define SIM_CLIENT_H

#include "world.h"

void sim_client_init(sim_world_t *world, sim_client_t *client, uint8_t index);
void sim_client_clear(sim_client_t *client);

/* A member that has its state and can act. */
bool sim_client_is_active(const sim_client_t *client);
/* And one that can send, too: nothing waits in its outbox, and it knows which history holds. */
bool sim_client_is_ready(const sim_world_t *world, const sim_client_t *client);
/* It has been removed, and that is final. */
bool sim_client_is_out(const sim_world_t *world, const sim_client_t *client);
/* Nobody thinks it a member, and it has no state: it can be added. A client whose removal is final becomes
 * one here. */
bool sim_client_is_free(sim_world_t *world, sim_client_t *client);
/* The group thinks it a member, but it has neither state nor an invitation. */
bool sim_client_is_lost(const sim_world_t *world, const sim_client_t *client);
/* The entry of the log that invites it: an Add of its key package; NULL: none. */
sim_handshake_t *sim_client_invitation(const sim_world_t *world, const sim_client_t *client);

/* Proposals that wait at this member. */
size_t sim_client_num_pending(const sim_client_t *client);

/* A fresh key package, in place of the one before. */
bool sim_client_make_key_package(sim_world_t *world, sim_client_t *client);

/* Stores the group and what belongs to it. */
bool sim_client_save(sim_world_t *world, sim_client_t *client);
/* The process dies and starts again, with what was stored last. */
bool sim_client_restart(sim_world_t *world, sim_client_t *client);
/* Drops the group, from memory and disk. */
bool sim_client_forget(sim_world_t *world, sim_client_t *client);
/* The device is lost: all of it is gone. */
bool sim_client_lose(sim_world_t *world, sim_client_t *client);

/* The client's state of the epochs from `epoch` on is gone: should the same ones come again, their messages
 * can be read once more. */
void sim_client_unread(sim_world_t *world, const sim_client_t *client, uint64_t epoch);

/* A letter arrives in `delay` steps. */
void sim_client_post(sim_world_t *world, sim_client_t *client, sim_message_t *message, unsigned delay);

#endif
