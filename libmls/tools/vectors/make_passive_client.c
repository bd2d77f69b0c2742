/* make_passive_client.c -- what a client sees that joins a group and does nothing but follow it: the Welcome,
 * and Commits of the others. */
#include "generate.h"
#include "make.h"
#include "party.h"

enum { MAX_PROPOSALS = 4 };

/* A scenario: the party, and its guest who only listens and of whom there is no group here. */
typedef struct scene {
    vector_case_t *c;
    cJSON *json, *epochs;
    party_t party;
    guest_t *listener;
} scene_t;

/* One epoch that is to end. */
typedef struct scene_round {
    guest_t *committer;
    bool as_public_message;
    struct {
        guest_t *sender;
        mls_proposal_spec_t proposal;
    } referred[MAX_PROPOSALS];
    size_t num_referred;
    mls_proposal_spec_t by_value[MAX_PROPOSALS];
    size_t num_by_value;
    guest_t *newcomers[MAX_PROPOSALS]; /* who join by it */
    size_t num_newcomers;
} scene_round_t;

/* ---- rounds -------------------------------------------------------------------------------------- */

/* By reference if there is a `sender`, else by value. */
static void propose(scene_round_t *round, guest_t *sender, mls_proposal_spec_t proposal)
{
    if (sender == NULL) {
        round->by_value[round->num_by_value++] = proposal;
    } else {
        round->referred[round->num_referred].sender = sender;
        round->referred[round->num_referred++].proposal = proposal;
    }
}

static void propose_newcomer(scene_t *scene, scene_round_t *round, guest_t *sender)
{
    guest_t *guest = party_invite(&scene->party);
    propose(round, sender, party_add(guest));
    round->newcomers[round->num_newcomers++] = guest;
}

static void propose_removal(scene_round_t *round, guest_t *sender, const guest_t *removed)
{
    propose(
        round, sender,
        (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REMOVE, .removed = mls_group_own_leaf(removed->group) });
}

static void put_authenticator(scene_t *scene, cJSON *json, const char *field)
{
    put_bytes(scene->c, json, field, mls_group_epoch_authenticator(scene->party.guests[0].group));
}

static void put_round(scene_t *scene, const scene_round_t *round)
{
    vector_case_t *c = scene->c;
    cJSON *json = add_object(c, scene->epochs), *proposals = put_array(c, json, "proposals");
    const mls_commit_options_t options = { .handshake.as_public_message = round->as_public_message,
                                           .proposals = round->by_value,
                                           .num_proposals = round->num_by_value };
    party_commit_t commit;
    for (size_t i = 0; i < round->num_referred; i++)
        add_bytes(c, proposals,
                  party_propose(&scene->party, round->referred[i].sender, &round->referred[i].proposal,
                                round->as_public_message));
    if (!party_commit(&scene->party, &commit, round->committer, &options, true))
        return;
    put_bytes(c, json, "commit", commit.message);
    put_authenticator(scene, json, "epoch_authenticator");
    for (size_t i = 0; i < round->num_newcomers; i++)
        party_join(&scene->party, round->newcomers[i], &commit);
}

/* ---- the beginning ------------------------------------------------------------------------------- */

static bool admit(scene_t *scene, guest_t *guest, party_commit_t *commit, bool with_psk, bool with_tree)
{
    mls_proposal_spec_t proposals[2] = { party_add(guest) };
    size_t count = 1;
    if (with_psk)
        proposals[count++] = party_psk(&scene->party, party_share_psk(&scene->party));
    const mls_commit_options_t options = { .proposals = proposals,
                                           .num_proposals = count,
                                           .force_path = true };
    return party_commit(&scene->party, commit, &scene->party.guests[0], &options, with_tree);
}

static void put_listener(scene_t *scene, const party_commit_t *commit)
{
    vector_case_t *c = scene->c;
    const mls_key_package_t *person = scene->listener->person;
    put_bytes(c, scene->json, "key_package", mls_key_package_message(person));
    put_bytes(c, scene->json, "signature_priv", mls_signature_private_view(&person->signature_key));
    put_bytes(c, scene->json, "encryption_priv", mls_hpke_private_view(&person->encryption_private_key));
    put_bytes(c, scene->json, "init_priv", mls_hpke_private_view(&person->init_private_key));
    put_bytes(c, scene->json, "welcome", commit->welcome);
    if (commit->ratchet_tree.len > 0)
        put_bytes(c, scene->json, "ratchet_tree", commit->ratchet_tree);
    else
        put_null(c, scene->json, "ratchet_tree");
    put_authenticator(scene, scene->json, "initial_epoch_authenticator");
    scene->epochs = put_array(c, scene->json, "epochs");
}

/* A group of `num_members`, and then the listener is added. end_scene() is called in any case. */
static bool begin_scene(vector_case_t *c, cJSON *json, scene_t *scene, size_t num_members, bool with_psk,
                        bool with_tree)
{
    party_commit_t commit;
    *scene = (scene_t){ .c = c, .json = json };
    party_start(c, &scene->party);
    while (vector_good(c) && scene->party.num_guests < num_members) {
        guest_t *guest = party_invite(&scene->party);
        if (admit(scene, guest, &commit, false, true))
            party_join(&scene->party, guest, &commit);
    }
    scene->listener = party_invite(&scene->party);
    if (vector_good(c) && admit(scene, scene->listener, &commit, with_psk, with_tree))
        put_listener(scene, &commit);
    return vector_good(c);
}

/* Writes down the PSKs that there were. */
static void end_scene(scene_t *scene)
{
    cJSON *psks = put_array(scene->c, scene->json, "external_psks");
    for (size_t i = 0; i < scene->party.num_psks; i++) {
        cJSON *json = add_object(scene->c, psks);
        put_bytes(scene->c, json, "psk_id", scene->party.psks[i].id);
        put_bytes(scene->c, json, "psk", scene->party.psks[i].secret);
    }
    party_clear(&scene->party);
}

/* The first with the tree in the Welcome, the second with a PSK and the tree apart. */
static void make_welcome(vector_case_t *c, cJSON *json, size_t variant)
{
    scene_t scene;
    (void)begin_scene(c, json, &scene, variant == 0 ? 1 : 3, variant > 0, variant == 0);
    end_scene(&scene);
}

/* ---- chosen rounds ------------------------------------------------------------------------------- */

/* The GroupContext gets required_capabilities that everybody has. */
static void put_extensions_round(scene_t *scene, scene_round_t *round, guest_t *sender)
{
    uint16_t basic[] = { MLS_CREDENTIAL_BASIC };
    const mls_required_capabilities_t required = { .credentials = { basic, 1 } };
    mls_bytes_t data = { 0 };
    vector_ok(scene->c, "extensions", mls_required_capabilities_encode(&data, &required));
    mls_extension_t extension = { MLS_EXTENSION_REQUIRED_CAPABILITIES, keep_bytes(scene->c, &data) };
    const mls_extensions_t extensions = { &extension, 1 };
    propose(
        round, sender,
        (mls_proposal_spec_t){ .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, .extensions = &extensions });
    put_round(scene, round);
}

/* A Commit of each type of proposal, by reference in PrivateMessages, or by value in PublicMessages. */
static void put_rounds(scene_t *scene, bool by_reference)
{
    guest_t *guests = scene->party.guests, *sender = by_reference ? &guests[1] : NULL;
    const scene_round_t empty = { .committer = &guests[0], .as_public_message = !by_reference };
    scene_round_t round = empty;
    propose_newcomer(scene, &round, sender);
    put_round(scene, &round);
    round = empty;
    round.committer = &guests[1];
    if (by_reference)
        propose(&round, &guests[0], (mls_proposal_spec_t){ .type = MLS_PROPOSAL_UPDATE });
    put_round(scene, &round); /* by value that is an empty Commit */
    round = empty;
    propose(&round, sender, party_psk(&scene->party, party_share_psk(&scene->party)));
    put_round(scene, &round);
    round = empty;
    put_extensions_round(scene, &round, sender);
    round = empty;
    round.committer = &guests[1];
    propose_removal(&round, by_reference ? &guests[0] : NULL, &guests[scene->party.num_guests - 1]);
    put_round(scene, &round);
}

static void make_handling_commit(vector_case_t *c, cJSON *json, size_t variant)
{
    scene_t scene;
    if (begin_scene(c, json, &scene, 2, false, true))
        put_rounds(&scene, variant == 0);
    end_scene(&scene);
}

/* ---- rounds by chance ---------------------------------------------------------------------------- */

enum { NUM_ROUNDS = 4, MIN_MEMBERS = 3, MAX_MEMBERS = 5 };

/* Who of the members has no part in the round yet. */
typedef struct idle {
    guest_t *guests[PARTY_MAX_GUESTS];
    size_t count;
} idle_t;

static idle_t idle_members(party_t *party)
{
    idle_t idle = { .count = 0 };
    for (size_t i = 0; i < party->num_guests; i++)
        if (party->guests[i].group != NULL)
            idle.guests[idle.count++] = &party->guests[i];
    return idle;
}

/* Takes one by chance; NULL: there is nobody. The host, whom the others are asked about, can be spared. */
static guest_t *take_idle(vector_case_t *c, idle_t *idle, const guest_t *spared)
{
    if (idle->count == 0)
        return NULL;
    const size_t at = random_below(c, (uint32_t)idle->count);
    guest_t *guest = idle->guests[at];
    if (guest == spared)
        return NULL;
    idle->guests[at] = idle->guests[--idle->count];
    return guest;
}

/* One proposal by chance; or none, where that one is not possible. */
static void propose_something(scene_t *scene, scene_round_t *round, idle_t *idle, size_t num_members)
{
    vector_case_t *c = scene->c;
    guest_t *sender = random_below(c, 2) == 0 ? NULL : take_idle(c, idle, NULL), *other;
    switch (random_below(c, 4)) {
    case 0:
        if (num_members + round->num_newcomers < MAX_MEMBERS)
            propose_newcomer(scene, round, sender);
        break;
    case 1:
        if (num_members > MIN_MEMBERS && round->num_newcomers == 0 &&
            (other = take_idle(c, idle, &scene->party.guests[0])) != NULL)
            propose_removal(round, sender, other);
        break;
    case 2:
        if ((other = take_idle(c, idle, NULL)) != NULL)
            propose(round, other, (mls_proposal_spec_t){ .type = MLS_PROPOSAL_UPDATE });
        break;
    default:
        if (scene->party.num_psks < 2)
            propose(round, sender, party_psk(&scene->party, party_share_psk(&scene->party)));
    }
}

static void put_random_round(scene_t *scene)
{
    vector_case_t *c = scene->c;
    idle_t idle = idle_members(&scene->party);
    const size_t num_members = idle.count;
    scene_round_t round = { .committer = take_idle(c, &idle, NULL) };
    round.as_public_message = random_below(c, 2) == 0;
    for (uint32_t n = random_below(c, MAX_PROPOSALS); n > 0 && vector_good(c); n--)
        propose_something(scene, &round, &idle, num_members);
    if (vector_good(c))
        put_round(scene, &round);
}

static void make_random(vector_case_t *c, cJSON *json, size_t variant)
{
    scene_t scene;
    const bool with_psk = random_below(c, 2) == 0, with_tree = random_below(c, 2) == 0;
    (void)variant;
    if (begin_scene(c, json, &scene, MIN_MEMBERS, with_psk, with_tree))
        for (int i = 0; i < NUM_ROUNDS && vector_good(c); i++)
            put_random_round(&scene);
    end_scene(&scene);
}

const vector_generator_t generate_passive_client_welcome = { "passive-client-welcome", "joining by a Welcome",
                                                             true, 2, make_welcome };
const vector_generator_t generate_passive_client_handling_commit = {
    "passive-client-handling-commit", "joining, then a Commit of each type of proposal", true, 2,
    make_handling_commit
};
const vector_generator_t generate_passive_client_random = { "passive-client-random",
                                                            "joining, then Commits of proposals by chance",
                                                            true, 1, make_random };
