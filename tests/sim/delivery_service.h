/* delivery_service.h -- the delivery service (RFC 9750, Section 5): it gives the handshake messages their
 * order, one Commit to an epoch, and keeps all messages for who comes late.
 *
 * It knows what it can see from outside: of which epoch a message is, and whether it is a Commit. Where it is
 * `revisable`, its latest decisions are not final: it may put another Commit in the place of one that it has
 * taken; then all that came after that one is void. What is settled stays. */
#ifndef SIM_DELIVERY_SERVICE_H
#define SIM_DELIVERY_SERVICE_H

#include "model.h"
#include "random.h"

typedef struct sim_service {
    sim_list_t log;        /* sim_handshake_t, in the order that holds */
    size_t num_settled;    /* of the log, from its start */
    sim_list_t beginnings; /* of groups: sim_epoch_t; owned */
    sim_epoch_t *head;     /* after all of the log */
    sim_epoch_t *settled;  /* after what is settled of it */
    sim_list_t handshakes; /* all that were ever made; owned */
    sim_list_t messages;   /* likewise: sim_message_t */
    size_t *revisions;     /* the positions that were decided anew, in the order of the decisions */
    size_t num_revisions;
    bool is_revisable;
} sim_service_t;

/* Begins with a group of one; what was in the log of a group before is history. Takes the epoch over. */
void sim_service_begin(sim_service_t *service, sim_epoch_t *first);
void sim_service_clear(sim_service_t *service);

/* Offers a message. Taken if it is of the epoch that the log has led to; else refused, and nobody gets it. A
 * message that comes again gets the same answer. */
bool sim_service_submit(sim_service_t *service, sim_handshake_t *handshake);
bool sim_service_has(const sim_service_t *service, const sim_handshake_t *handshake);
sim_handshake_t *sim_service_entry(const sim_service_t *service, size_t position);

/* Takes back one decision that is not settled yet, in favour of another Commit of the same epoch. NULL: there
 * is none; else the Commit that has now been taken. */
const sim_handshake_t *sim_service_revise(sim_service_t *service, sim_random_t *choices);
/* Makes all decisions final but those on the last `num_open` Commits. */
void sim_service_settle(sim_service_t *service, size_t num_open);

/* How many Proposals of that type, or of all where it is 0, were made in an epoch and taken. */
uint32_t sim_service_num_proposals(const sim_service_t *service, const sim_epoch_t *epoch, uint16_t type);

#endif
