#include "model.h"

#include <stdlib.h>
#include <string.h>

/* ---- epochs -------------------------------------------------------------------------------------- */

sim_epoch_t *sim_epoch_new(const sim_epoch_t *parent)
{
    sim_epoch_t *epoch = sim_alloc(sizeof *epoch);
    memset(epoch->roster, SIM_NOBODY, sizeof epoch->roster);
    epoch->first = epoch;
    if (parent == NULL)
        return epoch;
    *epoch = *parent;
    epoch->parent = parent;
    epoch->number = parent->number + 1;
    epoch->is_seen = false;
    epoch->authenticator = epoch->exported = epoch->tree = epoch->safe_exported = (mls_bytes_t){ 0 };
    return epoch;
}

void sim_epoch_free(sim_epoch_t *epoch)
{
    if (epoch == NULL)
        return;
    mls_bytes_clear(&epoch->authenticator);
    mls_bytes_clear(&epoch->exported);
    mls_bytes_clear(&epoch->tree);
    mls_bytes_clear(&epoch->safe_exported);
    free(epoch);
}

uint32_t sim_epoch_leaf(const sim_epoch_t *epoch, uint8_t client)
{
    for (uint32_t i = 0; i < SIM_MAX_LEAVES; i++)
        if (epoch->roster[i] == client)
            return i;
    return UINT32_MAX;
}

bool sim_epoch_has(const sim_epoch_t *epoch, uint8_t client)
{
    return sim_epoch_leaf(epoch, client) != UINT32_MAX;
}

uint32_t sim_epoch_num_members(const sim_epoch_t *epoch)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < SIM_MAX_LEAVES; i++)
        count += epoch->roster[i] != SIM_NOBODY;
    return count;
}

bool sim_epoch_leads_to(const sim_epoch_t *epoch, const sim_epoch_t *later)
{
    while (later != NULL && later->number > epoch->number)
        later = later->parent;
    return later == epoch;
}

void sim_epoch_add(sim_epoch_t *epoch, uint8_t client, uint32_t key)
{
    const uint32_t leaf = sim_epoch_leaf(epoch, SIM_NOBODY);
    epoch->roster[leaf] = client;
    epoch->since[leaf] = epoch->number;
    epoch->keys[leaf] = key;
}

static void remove_client(sim_epoch_t *epoch, uint8_t client)
{
    const uint32_t leaf = sim_epoch_leaf(epoch, client);
    if (leaf == UINT32_MAX)
        return;
    epoch->roster[leaf] = SIM_NOBODY;
    epoch->keys[leaf] = 0;
}

/* FNV-1a, 32 bits: public keys, and few. */
uint32_t sim_key_number(mls_view_t signature_key)
{
    uint32_t number = 0x811c9dc5u;
    for (size_t i = 0; i < signature_key.len; i++)
        number = (number ^ signature_key.data[i]) * 0x01000193u;
    return number;
}

/* ---- proposals ----------------------------------------------------------------------------------- */

bool sim_proposal_equal(const sim_proposal_t *a, const sim_proposal_t *b)
{
    return a->type == b->type && a->sender == b->sender && a->target == b->target && a->number == b->number &&
           a->key == b->key && a->by_reference == b->by_reference;
}

static bool removes(const sim_proposal_t *proposal)
{
    return proposal->type == MLS_PROPOSAL_REMOVE || proposal->type == MLS_PROPOSAL_SELF_REMOVE;
}

static bool changes_leaf(const sim_proposal_t *proposal)
{
    return proposal->type == MLS_PROPOSAL_UPDATE || removes(proposal);
}

static bool is_in_the_way(const sim_proposal_t *a, const sim_proposal_t *other)
{
    if (changes_leaf(a))
        return changes_leaf(other) && other->target == a->target;
    if (a->type != other->type)
        return false;
    switch (a->type) {
    case MLS_PROPOSAL_ADD:
        return other->target == a->target;
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        return true;
    case MLS_PROPOSAL_APP_DATA_UPDATE: /* a removal stands alone */
        return a->number == 0 || other->number == 0;
    default:
        return false;
    }
}

bool sim_proposal_has_no_place(const sim_proposal_t *a, const sim_epoch_t *epoch, uint8_t committer,
                               const sim_proposal_t *list, size_t count)
{
    if (changes_leaf(a) && a->target == committer)
        return true;
    if (a->type == MLS_PROPOSAL_ADD && sim_epoch_has(epoch, a->target))
        return true;
    for (size_t i = 0; i < count; i++)
        if (is_in_the_way(a, &list[i]))
            return true;
    return false;
}

/* ---- handshake messages -------------------------------------------------------------------------- */

sim_handshake_t *sim_handshake_new(sim_epoch_t *epoch, uint8_t sender, sim_name_t aloud, mls_view_t message)
{
    sim_handshake_t *handshake = sim_alloc(sizeof *handshake);
    handshake->message = sim_copy(message);
    handshake->epoch = epoch;
    handshake->sender = sender;
    handshake->aloud = aloud;
    handshake->position = SIZE_MAX;
    return handshake;
}

void sim_handshake_free(sim_handshake_t *handshake)
{
    mls_bytes_clear(&handshake->message);
    mls_bytes_clear(&handshake->encoded);
    mls_bytes_clear(&handshake->tree);
    for (size_t i = 0; i < handshake->num_welcomes; i++)
        mls_bytes_clear(&handshake->welcomes[i]);
    free(handshake->welcomes);
    sim_epoch_free(handshake->begins);
    free(handshake);
}

/* All but the Adds, which come last. */
static void apply(sim_epoch_t *epoch, const sim_proposal_t *proposal)
{
    if (removes(proposal)) {
        remove_client(epoch, proposal->target);
        return;
    }
    switch (proposal->type) {
    case MLS_PROPOSAL_UPDATE:
        epoch->keys[sim_epoch_leaf(epoch, proposal->target)] = proposal->key;
        break;
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        epoch->topic = proposal->number;
        break;
    case MLS_PROPOSAL_APP_DATA_UPDATE:
        epoch->has_dictionary = true;
        epoch->has_count = proposal->number != 0;
        epoch->count = proposal->number == 0 ? 0 : epoch->count + proposal->number;
        break;
    default:
        break;
    }
}

void sim_handshake_begin_epoch(sim_handshake_t *commit)
{
    sim_epoch_t *epoch = commit->begins = sim_epoch_new(commit->epoch);
    for (size_t i = 0; i < commit->num_listed; i++)
        apply(epoch, &commit->listed[i]);
    for (size_t i = 0; i < commit->num_listed; i++)
        if (commit->listed[i].type == MLS_PROPOSAL_ADD)
            sim_epoch_add(epoch, commit->listed[i].target, commit->listed[i].key);
    if (commit->is_from_outside)
        sim_epoch_add(epoch, commit->sender, commit->key);
    else
        epoch->keys[sim_epoch_leaf(epoch, commit->sender)] = commit->key;
}

bool sim_handshake_adds(const sim_handshake_t *commit, uint8_t client, uint32_t key_package)
{
    for (size_t i = 0; commit->is_commit && i < commit->num_listed; i++)
        if (commit->listed[i].type == MLS_PROPOSAL_ADD && commit->listed[i].target == client &&
            commit->listed[i].number == key_package)
            return true;
    return false;
}

/* ---- application messages ------------------------------------------------------------------------ */

void sim_message_free(sim_message_t *message)
{
    mls_bytes_clear(&message->message);
    mls_bytes_clear(&message->data);
    mls_bytes_clear(&message->authenticated_data);
    free(message);
}
