#include "delivery_service.h"

#include <stdlib.h>

static void take_out(sim_service_t *service, size_t position)
{
    for (size_t i = position; i < service->log.count; i++)
        sim_service_entry(service, i)->position = SIZE_MAX;
    service->log.count = position;
}

void sim_service_begin(sim_service_t *service, sim_epoch_t *first)
{
    take_out(service, 0);
    sim_list_push(&service->beginnings, first);
    service->head = service->settled = first;
    service->num_settled = service->num_revisions = 0;
}

void sim_service_clear(sim_service_t *service)
{
    for (size_t i = 0; i < service->handshakes.count; i++)
        sim_handshake_free(service->handshakes.items[i]);
    for (size_t i = 0; i < service->messages.count; i++)
        sim_message_free(service->messages.items[i]);
    sim_list_clear(&service->handshakes);
    sim_list_clear(&service->messages);
    sim_list_clear(&service->log);
    for (size_t i = 0; i < service->beginnings.count; i++)
        sim_epoch_free(service->beginnings.items[i]);
    sim_list_clear(&service->beginnings);
    free(service->revisions);
}

sim_handshake_t *sim_service_entry(const sim_service_t *service, size_t position)
{
    return service->log.items[position];
}

bool sim_service_has(const sim_service_t *service, const sim_handshake_t *handshake)
{
    return handshake->position < service->log.count &&
           sim_service_entry(service, handshake->position) == handshake;
}

/* ---- deciding ------------------------------------------------------------------------------------ */

static void append(sim_service_t *service, sim_handshake_t *handshake)
{
    handshake->position = service->log.count;
    sim_list_push(&service->log, handshake);
    if (handshake->is_commit)
        service->head = handshake->begins;
    if (!service->is_revisable)
        sim_service_settle(service, 0);
}

bool sim_service_submit(sim_service_t *service, sim_handshake_t *handshake)
{
    if (!handshake->was_submitted && !handshake->is_void && handshake->epoch == service->head)
        append(service, handshake);
    handshake->was_submitted = true;
    return sim_service_has(service, handshake);
}

void sim_service_settle(sim_service_t *service, size_t num_open)
{
    size_t end = service->log.count;
    for (size_t i = end; i > service->num_settled && num_open > 0; i--)
        if (sim_service_entry(service, i - 1)->is_commit && num_open-- > 0)
            end = i - 1;
    for (; service->num_settled < end; service->num_settled++) {
        const sim_handshake_t *entry = sim_service_entry(service, service->num_settled);
        if (entry->is_commit)
            service->settled = entry->begins;
    }
}

/* ---- deciding anew ------------------------------------------------------------------------------- */

static bool is_rival(const sim_service_t *service, const sim_handshake_t *taken, const sim_handshake_t *other)
{
    return other != taken && other->is_commit && other->was_submitted && !other->is_void &&
           other->epoch == taken->epoch && taken->position >= service->num_settled;
}

/* What was made after a Commit that is taken back is void, even if that Commit should win again: who has gone
 * back has forgotten it. */
static void void_after(sim_service_t *service, const sim_handshake_t *commit)
{
    for (size_t i = 0; i < service->handshakes.count; i++) {
        sim_handshake_t *handshake = service->handshakes.items[i];
        handshake->is_void = handshake->is_void || sim_epoch_leads_to(commit->begins, handshake->epoch);
    }
}

/* The log ends before `taken`, and goes on with `rival`. */
static void replace(sim_service_t *service, const sim_handshake_t *taken, sim_handshake_t *rival)
{
    const size_t position = taken->position;
    void_after(service, taken);
    take_out(service, position);
    append(service, rival);
    service->revisions =
        realloc(service->revisions, (service->num_revisions + 1) * sizeof *service->revisions);
    if (service->revisions == NULL)
        abort();
    service->revisions[service->num_revisions++] = position;
}

const sim_handshake_t *sim_service_revise(sim_service_t *service, sim_random_t *choices)
{
    sim_list_t pairs = { 0 };
    sim_handshake_t *rival = NULL;

    for (size_t at = service->num_settled; at < service->log.count; at++) {
        sim_handshake_t *taken = sim_service_entry(service, at);
        for (size_t i = 0; taken->is_commit && i < service->handshakes.count; i++) {
            if (!is_rival(service, taken, service->handshakes.items[i]))
                continue;
            sim_list_push(&pairs, taken);
            sim_list_push(&pairs, service->handshakes.items[i]);
        }
    }
    if (pairs.count > 0) {
        const size_t n = sim_below(choices, (uint32_t)(pairs.count / 2));
        rival = pairs.items[2 * n + 1];
        replace(service, pairs.items[2 * n], rival);
    }
    sim_list_clear(&pairs);
    return rival;
}

uint32_t sim_service_num_proposals(const sim_service_t *service, const sim_epoch_t *epoch, uint16_t type)
{
    uint32_t count = 0;
    for (size_t i = 0; i < service->log.count; i++) {
        const sim_handshake_t *entry = sim_service_entry(service, i);
        count += !entry->is_commit && entry->epoch == epoch && (type == 0 || entry->proposal.type == type);
    }
    return count;
}
