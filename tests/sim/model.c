#include "model.h"

#include <stdlib.h>
#include <string.h>

/* ---- epochs -------------------------------------------------------------------------------------- */

sim_epoch_t *sim_epoch_new(const sim_epoch_t *parent)
{
    sim_epoch_t *epoch = sim_alloc(sizeof *epoch);
    memset(epoch->roster, SIM_NOBODY, sizeof epoch->roster);
    if (parent == NULL)
        return epoch;
    memcpy(epoch->roster, parent->roster, sizeof epoch->roster);
    memcpy(epoch->since, parent->since, sizeof epoch->since);
    epoch->parent = parent;
    epoch->number = parent->number + 1;
    epoch->topic = parent->topic;
    return epoch;
}

void sim_epoch_free(sim_epoch_t *epoch)
{
    if (epoch == NULL)
        return;
    mls_bytes_clear(&epoch->authenticator);
    mls_bytes_clear(&epoch->exported);
    mls_bytes_clear(&epoch->tree);
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

void sim_epoch_add(sim_epoch_t *epoch, uint8_t client)
{
    const uint32_t leaf = sim_epoch_leaf(epoch, SIM_NOBODY);
    epoch->roster[leaf] = client;
    epoch->since[leaf] = epoch->number;
}

static void remove_client(sim_epoch_t *epoch, uint8_t client)
{
    const uint32_t leaf = sim_epoch_leaf(epoch, client);
    if (leaf != UINT32_MAX)
        epoch->roster[leaf] = SIM_NOBODY;
}

/* ---- proposals ----------------------------------------------------------------------------------- */

bool sim_proposal_equal(const sim_proposal_t *a, const sim_proposal_t *b)
{
    return a->type == b->type && a->sender == b->sender && a->target == b->target && a->number == b->number &&
           a->by_reference == b->by_reference;
}

static bool changes_leaf(const sim_proposal_t *proposal)
{
    return proposal->type == MLS_PROPOSAL_UPDATE || proposal->type == MLS_PROPOSAL_REMOVE;
}

static bool is_in_the_way(const sim_proposal_t *a, const sim_proposal_t *other)
{
    if (changes_leaf(a))
        return changes_leaf(other) && other->target == a->target;
    return other->type == a->type && other->target == a->target &&
           (a->type == MLS_PROPOSAL_ADD || a->type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS);
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

sim_handshake_t *sim_handshake_new(sim_epoch_t *epoch, uint8_t sender, sim_aloud_t aloud, mls_view_t message)
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

void sim_handshake_begin_epoch(sim_handshake_t *commit)
{
    sim_epoch_t *epoch = commit->begins = sim_epoch_new(commit->epoch);
    for (size_t i = 0; i < commit->num_listed; i++) {
        const sim_proposal_t *proposal = &commit->listed[i];
        if (proposal->type == MLS_PROPOSAL_REMOVE)
            remove_client(epoch, proposal->target);
        else if (proposal->type == MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS)
            epoch->topic = proposal->number;
    }
    for (size_t i = 0; i < commit->num_listed; i++)
        if (commit->listed[i].type == MLS_PROPOSAL_ADD)
            sim_epoch_add(epoch, commit->listed[i].target);
    if (commit->is_from_outside)
        sim_epoch_add(epoch, commit->sender);
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
