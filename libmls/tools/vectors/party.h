/* party.h -- a made-up group of whole clients, that hear everything in one order; by the public interface. */
#ifndef MLS_VECTORS_PARTY_H
#define MLS_VECTORS_PARTY_H

#include "mls/mls.h"
#include "person.h"

enum { PARTY_MAX_GUESTS = 12 };

/* Somebody who is in the group, will be, or was. */
typedef struct guest {
    mls_key_package_t *person; /* NULL: has created the group, or is not there */
    mls_group_t *group;        /* NULL: is not in the group, or only looked at from outside */
} guest_t;

typedef struct party {
    vector_case_t *c;
    mls_group_config_t config;
    guest_t guests[PARTY_MAX_GUESTS];
    size_t num_guests;
    struct {
        mls_view_t id, secret;
    } psks[2]; /* that everybody knows */
    size_t num_psks;
} party_t;

/* A group of one. The caller clears it, also on failure. */
bool party_start(vector_case_t *c, party_t *party);
void party_clear(party_t *party);

/* Somebody new, with a KeyPackage; not in the group yet. */
guest_t *party_invite(party_t *party);
/* A PSK that everybody knows from now on: its number. */
size_t party_share_psk(party_t *party);

/* Proposals for `mls_commit_options_t` and party_propose(). */
mls_proposal_spec_t party_add(const guest_t *guest);
mls_proposal_spec_t party_psk(const party_t *party, size_t number);

/* A member's Proposal, heard by all. */
mls_view_t party_propose(party_t *party, guest_t *sender, const mls_proposal_spec_t *proposal,
                         bool as_public_message);

/* A member's Commit, and what those need who were invited by it. */
typedef struct party_commit {
    mls_view_t message, welcome, ratchet_tree;
} party_commit_t;
/* Makes a Commit, and all hear it. `with_tree`: in the Welcome. Who was added has no group yet. */
bool party_commit(party_t *party, party_commit_t *out, guest_t *sender, const mls_commit_options_t *options,
                  bool with_tree);
/* Joins by the Welcome of a Commit. */
bool party_join(party_t *party, guest_t *guest, const party_commit_t *commit);

#endif
