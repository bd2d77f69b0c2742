/* received_evidence.c -- evidence of a received message: what was signed, put together again. */
#include "bytes.h"
#include "evidence.h"
#include "received.h"

static void codec_application(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* The content as it was signed. `*body` is what an application message's had to be encoded into. */
static mls_status_t gather_content(const mls_received_t *received, mls_authenticated_content_t *out,
                                   mls_bytes_t *body)
{
    const mls_view_t data = mls_bytes_view(&received->body);
    mls_framed_content_t *content = &out->content;

    if (received->type == MLS_RECEIVED_COMMIT) {
        if (received->staged == NULL)
            return MLS_ERR_STATE;
        *out = received->staged->authenticated;
        return MLS_OK;
    }
    out->wire_format = received->wire_format;
    out->auth.signature = mls_bytes_view(&received->signature);
    content->group_id = mls_group_id(received->group);
    content->epoch = received->epoch;
    content->sender = (mls_sender_t){ received->sender_type, received->sender };
    content->authenticated_data = mls_bytes_view(&received->authenticated_data);
    content->body = data;
    if (received->type == MLS_RECEIVED_PROPOSAL) {
        content->content_type = MLS_CONTENT_PROPOSAL;
        return MLS_OK;
    }
    if (received->type != MLS_RECEIVED_APPLICATION)
        return MLS_ERR_STATE;
    content->content_type = MLS_CONTENT_APPLICATION;
    mls_status_t status = mls_encode(body, codec_application, &data);
    content->body = mls_bytes_view(body);
    return status;
}

static const mls_epoch_t *find_epoch(const mls_group_t *group, uint64_t epoch)
{
    const mls_past_epoch_t *past = mls_group_past(group, epoch);
    return past != NULL ? past->epoch : epoch == mls_group_epoch(group) ? group->epoch : NULL;
}

/* What the signature is checked with. */
static mls_status_t gather_signer(const mls_received_t *received, mls_evidence_data_t *out)
{
    const mls_epoch_t *epoch = find_epoch(received->group, received->epoch);
    mls_external_sender_t sender;
    mls_status_t status;

    if (epoch == NULL)
        return MLS_ERR_STATE;
    out->context_encoded = mls_bytes_view(&epoch->context_bytes);
    if (received->sender_type == MLS_SENDER_MEMBER)
        out->leaf_encoded = mls_tree_leaf_encoded(received->leaf);
    if (received->sender_type != MLS_SENDER_EXTERNAL)
        return MLS_OK;
    status = mls_external_senders_at(&sender, epoch->context.extensions, received->sender);
    out->signature_key = sender.signature_key;
    return mls_status_is_input(status) || status == MLS_ERR_NOT_FOUND ? MLS_ERR_STATE : status;
}

/* The group may have gone another way since: an epoch of the same number has another context. */
static mls_status_t check(const mls_received_t *received, mls_view_t evidence)
{
    mls_evidence_t info;
    mls_status_t status = mls_evidence_read(&info, received->group->crypto, evidence);
    return mls_status_is_input(status) ? MLS_ERR_STATE : status;
}

mls_status_t mls_received_evidence(const mls_received_t *received, mls_bytes_t *out)
{
    mls_evidence_data_t data = { 0 };
    mls_bytes_t body = { 0 };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if ((status = gather_content(received, &data.signed_content, &body)) == MLS_OK &&
        (status = gather_signer(received, &data)) == MLS_OK &&
        (status = mls_evidence_encode(out, &data)) == MLS_OK &&
        (status = check(received, mls_bytes_view(out))) != MLS_OK)
        mls_bytes_clear(out);
    mls_bytes_clear(&body);
    return status;
}
