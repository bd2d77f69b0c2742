#include "party.h"
#include "make.h"

#include <stdio.h>

/* ---- guests -------------------------------------------------------------------------------------- */

static mls_status_t find_psk(void *arg, const mls_psk_id_t *id, mls_view_t *secret)
{
    const party_t *party = arg;
    for (size_t i = 0; !id->is_resumption && i < party->num_psks; i++) {
        if (mls_view_equal(party->psks[i].id, id->id)) {
            *secret = party->psks[i].secret;
            return MLS_OK;
        }
    }
    return MLS_ERR_NOT_FOUND;
}

bool party_start(vector_case_t *c, party_t *party)
{
    *party = (party_t){ .c = c, .config = { .psk = find_psk, .psk_arg = party, .max_lifetime = UINT64_MAX } };
    guest_t *host = party_invite(party);
    const mls_view_t group_id = random_bytes(c, 16);
    if (vector_good(c))
        vector_ok(c, "group",
                  mls_group_create(&host->group, c->crypto, &party->config, host->person, group_id, NULL));
    return vector_good(c);
}

void party_clear(party_t *party)
{
    for (size_t i = 0; i < party->num_guests; i++) {
        mls_group_free(party->guests[i].group);
        mls_key_package_free(party->guests[i].person);
    }
    party->num_guests = 0;
}

guest_t *party_invite(party_t *party)
{
    char name[16];
    guest_t *guest = &party->guests[party->num_guests];
    if (!vector_check(party->c, "party", party->num_guests < PARTY_MAX_GUESTS, "is too large"))
        return &party->guests[PARTY_MAX_GUESTS - 1];
    snprintf(name, sizeof name, "guest %zu", party->num_guests++);
    guest->person = person_new(party->c, name);
    return guest;
}

size_t party_share_psk(party_t *party)
{
    const size_t number = party->num_psks;
    if (!vector_check(party->c, "psks", number < sizeof party->psks / sizeof *party->psks, "are too many"))
        return 0;
    party->psks[number].id = random_bytes(party->c, 8);
    party->psks[number].secret = random_bytes(party->c, 32);
    party->num_psks++;
    return number;
}

/* ---- messages ------------------------------------------------------------------------------------ */

mls_proposal_spec_t party_add(const guest_t *guest)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                  .key_package = guest->person == NULL
                                                     ? (mls_view_t){ 0 }
                                                     : mls_key_package_message(guest->person) };
}

mls_proposal_spec_t party_psk(const party_t *party, size_t number)
{
    return (mls_proposal_spec_t){ .type = MLS_PROPOSAL_PSK, .psk = { .id = party->psks[number].id } };
}

/* One member takes a message in; who is removed by it leaves. */
static void hear(party_t *party, guest_t *guest, mls_view_t message)
{
    vector_case_t *c = party->c;
    mls_received_t *received = NULL;
    if (!vector_ok(c, "message", mls_group_receive(guest->group, &received, message, 0)))
        return;
    if (mls_received_commit(received) != NULL)
        vector_ok(c, "message", mls_group_merge(guest->group, received, false, 0));
    mls_received_free(received);
    if (mls_group_is_removed(guest->group)) {
        mls_group_free(guest->group);
        guest->group = NULL;
    }
}

/* All but `except`, who may be NULL. */
static void tell(party_t *party, mls_view_t message, const guest_t *except)
{
    for (size_t i = 0; i < party->num_guests && vector_good(party->c); i++)
        if (&party->guests[i] != except && party->guests[i].group != NULL)
            hear(party, &party->guests[i], message);
}

mls_view_t party_propose(party_t *party, guest_t *sender, const mls_proposal_spec_t *proposal,
                         bool as_public_message)
{
    const mls_handshake_options_t options = { .as_public_message = as_public_message };
    mls_bytes_t message = { 0 };
    if (vector_good(party->c))
        vector_ok(party->c, "proposal", mls_group_propose(sender->group, &message, proposal, &options));
    const mls_view_t kept = keep_bytes(party->c, &message);
    tell(party, kept, sender);
    return kept;
}

/* What the added need, while the Commit is pending. */
static void make_welcome(vector_case_t *c, party_commit_t *out, mls_pending_commit_t *pending, bool with_tree)
{
    const mls_group_info_options_t options = { .with_tree = with_tree };
    mls_bytes_t welcome = { 0 }, tree = { 0 };
    size_t num_added = 0;
    if (!vector_ok(c, "welcome", mls_pending_commit_num_added(pending, &num_added)) || num_added == 0)
        return;
    if (vector_ok(c, "welcome", mls_pending_commit_group_info(pending, &options)) &&
        vector_ok(c, "welcome", mls_pending_commit_welcome(pending, &welcome, NULL, 0)) &&
        vector_ok(c, "welcome", mls_pending_commit_ratchet_tree(pending, &tree))) {
        out->welcome = keep_bytes(c, &welcome);
        if (!with_tree)
            out->ratchet_tree = keep_bytes(c, &tree);
    }
    mls_bytes_clear(&welcome);
    mls_bytes_clear(&tree);
}

bool party_commit(party_t *party, party_commit_t *out, guest_t *sender, const mls_commit_options_t *options,
                  bool with_tree)
{
    vector_case_t *c = party->c;
    mls_pending_commit_t *pending;
    *out = (party_commit_t){ 0 };
    if (!vector_good(c) || !vector_ok(c, "commit", mls_group_commit(sender->group, &pending, options)))
        return false;
    out->message = keep_view(c, mls_pending_commit_message(pending));
    make_welcome(c, out, pending, with_tree);
    tell(party, out->message, NULL);
    return vector_good(c);
}

bool party_join(party_t *party, guest_t *guest, const party_commit_t *commit)
{
    vector_case_t *c = party->c;
    mls_welcome_t *welcome = NULL;
    if (vector_good(c) &&
        vector_ok(c, "welcome",
                  mls_welcome_open(&welcome, c->crypto, &party->config, guest->person, commit->welcome)))
        vector_ok(
            c, "welcome",
            mls_group_join(&guest->group, NULL, c->crypto, &party->config, welcome, commit->ratchet_tree));
    mls_welcome_free(welcome);
    return vector_good(c);
}
