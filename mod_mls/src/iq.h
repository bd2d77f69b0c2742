/* iq.h -- questions that wait for an answer. */
#ifndef MOD_MLS_IQ_H
#define MOD_MLS_IQ_H

#include "core.h"

/* A question being written. */
typedef struct mod_mls_request {
    mod_mls_xml_writer_t xml;
    char id[33];
    const char *to; /* NULL: the own account */
} mod_mls_request_t;

/* The answer, and what was given with the question. */
typedef struct mod_mls_reply {
    const mod_mls_xml_node_t *iq; /* NULL: there was none in time */
    bool is_result;
    const char *condition; /* of an error (RFC 6120, Section 8.3.3), or "timeout"; "" for a result */
    int64_t room, number;
    const char *text;
} mod_mls_reply_t;

typedef mls_status_t mod_mls_reply_fn(mod_mls_t *mls, const mod_mls_reply_t *reply);

/* Begins <iq type= to= id=>; the caller writes the payload, then sends. `to` must live until then. */
MLS_MUST_USE mls_status_t mod_mls_iq_begin(mod_mls_t *mls, mod_mls_request_t *request, const char *type,
                                           const char *to);
/* Sends it; `answer` is called once with the reply, unless the connection ends before. `room`, `number` and
 * `text` (copied, may be NULL) come back with it. */
MLS_MUST_USE mls_status_t mod_mls_iq_send(mod_mls_t *mls, mod_mls_request_t *request,
                                          mod_mls_reply_fn *answer, int64_t room, int64_t number,
                                          const char *text);

/* Takes an <iq/> that came in. `*taken` says whether it answers one of ours, and from whom it was asked. */
MLS_MUST_USE mls_status_t mod_mls_iq_take(mod_mls_t *mls, bool *taken, const mod_mls_xml_node_t *iq);
/* Gives up those whose time has passed. */
MLS_MUST_USE mls_status_t mod_mls_iq_expire(mod_mls_t *mls);
/* The earliest time at which one is given up; UINT64_MAX: none waits. */
uint64_t mod_mls_iq_deadline(const mod_mls_t *mls);
/* Forgets all, without calling anybody. */
void mod_mls_iq_drop_all(mod_mls_t *mls);

/* The condition of the <error/> in a stanza; "undefined-condition" if it has none. */
const char *mod_mls_error_condition(const mod_mls_xml_node_t *stanza);

#endif
