#include "iq.h"
#include "jid.h"

#include <stdlib.h>

#define STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

struct mod_mls_pending_iq {
    struct mod_mls_pending_iq *next;
    char id[33];
    char *to; /* NULL: the own account */
    uint64_t deadline;
    mod_mls_reply_fn *answer;
    int64_t room, number;
    char *text;
};

static void free_iq(mod_mls_pending_iq_t *iq)
{
    free(iq->to);
    free(iq->text);
    free(iq);
}

mls_status_t mod_mls_iq_begin(mod_mls_t *mls, mod_mls_request_t *request, const char *type, const char *to)
{
    *request = (mod_mls_request_t){ .to = to };
    mls_status_t status = mod_mls_random_id(mls, request->id);
    if (status != MLS_OK)
        return status;
    mod_mls_xml_open(&request->xml, "iq", NULL);
    mod_mls_xml_put(&request->xml, "type", type);
    mod_mls_xml_put(&request->xml, "to", to);
    mod_mls_xml_put(&request->xml, "id", request->id);
    return MLS_OK;
}

mls_status_t mod_mls_iq_send(mod_mls_t *mls, mod_mls_request_t *request, mod_mls_reply_fn *answer,
                             int64_t room, int64_t number, const char *text)
{
    mod_mls_pending_iq_t *iq = calloc(1, sizeof *iq);
    mls_status_t status = mod_mls_send(mls, &request->xml);

    if (status == MLS_OK && iq == NULL)
        status = MLS_ERR_NOMEM;
    if (status != MLS_OK) {
        free(iq);
        return status;
    }
    memcpy(iq->id, request->id, sizeof iq->id);
    iq->answer = answer;
    iq->room = room;
    iq->number = number;
    iq->deadline = mls->now + mls->settings.iq_timeout_ms;
    if ((request->to != NULL && (iq->to = mod_mls_strdup(request->to)) == NULL) ||
        (text != NULL && (iq->text = mod_mls_strdup(text)) == NULL)) {
        free_iq(iq);
        return MLS_ERR_NOMEM;
    }
    iq->next = mls->iqs;
    mls->iqs = iq;
    return MLS_OK;
}

const char *mod_mls_error_condition(const mod_mls_xml_node_t *stanza)
{
    const mod_mls_xml_node_t *error = mod_mls_xml_child(stanza, "error", NULL);

    for (const mod_mls_xml_node_t *c = error == NULL ? NULL : error->first_child; c != NULL; c = c->next) {
        if (strcmp(c->ns, STANZAS) == 0 && strcmp(c->name, "text") != 0)
            return c->name;
    }
    return "undefined-condition";
}

/* An answer counts only from whom was asked; one's own account answers with its bare JID or without one. */
static bool comes_from(const mod_mls_t *mls, const mod_mls_pending_iq_t *iq, const char *from)
{
    if (iq->to != NULL && strcmp(iq->to, mls->account) != 0)
        return from != NULL && strcmp(from, iq->to) == 0;
    return from == NULL || mod_mls_view_is(mod_mls_jid_bare(from), mls->account);
}

static mls_status_t answer(mod_mls_t *mls, mod_mls_pending_iq_t *iq, const mod_mls_xml_node_t *stanza)
{
    const bool is_result = mod_mls_xml_attribute_is(stanza, "type", "result");
    const mod_mls_reply_t reply = {
        .iq = stanza,
        .is_result = is_result,
        .condition = stanza == NULL ? "timeout"
                     : is_result    ? ""
                                    : mod_mls_error_condition(stanza),
        .room = iq->room,
        .number = iq->number,
        .text = iq->text,
    };
    mls_status_t status = iq->answer(mls, &reply);

    free_iq(iq);
    return status;
}

mls_status_t mod_mls_iq_take(mod_mls_t *mls, bool *taken, const mod_mls_xml_node_t *stanza)
{
    const char *id = mod_mls_xml_attribute(stanza, "id");

    *taken = false;
    if (id == NULL || (!mod_mls_xml_attribute_is(stanza, "type", "result") &&
                       !mod_mls_xml_attribute_is(stanza, "type", "error")))
        return MLS_OK;
    for (mod_mls_pending_iq_t **at = &mls->iqs; *at != NULL; at = &(*at)->next) {
        mod_mls_pending_iq_t *iq = *at;
        if (strcmp(iq->id, id) != 0 || !comes_from(mls, iq, mod_mls_xml_attribute(stanza, "from")))
            continue;
        *at = iq->next;
        *taken = true;
        return answer(mls, iq, stanza);
    }
    return MLS_OK;
}

mls_status_t mod_mls_iq_expire(mod_mls_t *mls)
{
    mls_status_t status = MLS_OK;

    for (mod_mls_pending_iq_t **at = &mls->iqs; *at != NULL && status == MLS_OK;) {
        mod_mls_pending_iq_t *iq = *at;
        if (iq->deadline > mls->now) {
            at = &iq->next;
            continue;
        }
        *at = iq->next;
        status = answer(mls, iq, NULL);
        at = &mls->iqs; /* the answer may have asked something new */
    }
    return status;
}

uint64_t mod_mls_iq_deadline(const mod_mls_t *mls)
{
    uint64_t earliest = UINT64_MAX;

    for (const mod_mls_pending_iq_t *iq = mls->iqs; iq != NULL; iq = iq->next) {
        if (iq->deadline < earliest)
            earliest = iq->deadline;
    }
    return earliest;
}

void mod_mls_iq_drop_all(mod_mls_t *mls)
{
    while (mls->iqs != NULL) {
        mod_mls_pending_iq_t *iq = mls->iqs;
        mls->iqs = iq->next;
        free_iq(iq);
    }
}
