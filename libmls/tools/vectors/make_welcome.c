/* make_welcome.c -- the Welcome to a group of two. */
#include "generate.h"
#include "make.h"
#include "party.h"

static void put_case(vector_case_t *c, cJSON *json, const party_t *party, const guest_t *guest,
                     const party_commit_t *commit)
{
    mls_leaf_info_t signer;
    if (!vector_ok(c, "signer", mls_group_leaf(party->guests[0].group, &signer, 0)))
        return;
    put_bytes(c, json, "init_priv", mls_hpke_private_view(&guest->person->init_private_key));
    put_bytes(c, json, "signer_pub", signer.signature_key);
    put_bytes(c, json, "key_package", mls_key_package_message(guest->person));
    put_bytes(c, json, "welcome", commit->welcome);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    party_t party;
    party_commit_t commit;
    (void)variant;
    if (party_start(c, &party)) {
        const guest_t *guest = party_invite(&party);
        const mls_proposal_spec_t add = party_add(guest);
        const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1 };
        if (party_commit(&party, &commit, &party.guests[0], &options, true))
            put_case(c, json, &party, guest, &commit);
    }
    party_clear(&party);
}

const vector_generator_t generate_welcome = { "welcome", "a Welcome, step by step", true, 1, make };
