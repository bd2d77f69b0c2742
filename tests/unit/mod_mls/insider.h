/* insider.h -- somebody in a group who does what mod_mls would not: makes messages with a member's keys, and
 * without mod_mls' checks. */
#ifndef INSIDER_H
#define INSIDER_H

#include "room.h"
#include "sim.h"

typedef struct insider {
    sim_client_t *client;
    mod_mls_room_t *room;
    mls_group_t *group; /* a copy of the client's, that trusts every leaf; the caller frees it */
    uint64_t serial;
    const char *room_jid; /* what its authenticated data says */
} insider_t;

/* Takes the member's keys as they are now. What the insider does reaches neither the client's memory nor its
 * database. */
insider_t insider_become(sim_client_t *client, const char *room);

/* Authenticated data under a fresh origin-id. The caller clears it. */
mls_bytes_t insider_authenticated_data(const insider_t *in);

/* An application message with that authenticated data and nothing to show. The caller clears it. */
mls_bytes_t insider_encrypt(insider_t *in);

/* A Commit with these proposals; `hook` signs the new leaf. The caller clears it. */
mls_bytes_t insider_commit(insider_t *in, const mls_proposal_spec_t *specs, size_t num, mls_leaf_hook_t hook);
/* The same, with a leaf that the member's device signs as it should. */
mls_bytes_t insider_commit_signed(insider_t *in, const mls_proposal_spec_t *specs, size_t num);

#endif
