/* outside.c -- proposals of those who are not members (RFC 9420, Section 12.1.8). They know of the group what
 * a GroupInfo says. */
#include "bytes.h"
#include "group.h"
#include "public_message.h"

typedef struct outsider {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_signature_key_t *key;
    mls_sender_t sender;
} outsider_t;

static mls_status_t seal(const outsider_t *o, mls_bytes_t *out, const mls_outside_options_t *options,
                         mls_view_t body)
{
    mls_authenticated_content_t content = { .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE,
                                            .content = { .group_id = options->group_id,
                                                         .epoch = options->epoch,
                                                         .sender = o->sender,
                                                         .authenticated_data = options->authenticated_data,
                                                         .content_type = MLS_CONTENT_PROPOSAL,
                                                         .body = body } };
    mls_bytes_t signature = { 0 };
    mls_status_t status =
        mls_framed_content_sign(o->crypto, o->suite, &signature, &content, o->key, mls_view(NULL, 0));
    content.auth.signature = mls_bytes_view(&signature);
    if (status == MLS_OK)
        status = mls_public_message_seal(o->crypto, o->suite, out, &content, NULL, mls_view(NULL, 0));
    mls_bytes_clear(&signature);
    return status;
}

mls_status_t mls_propose_external(mls_bytes_t *out, mls_crypto_t *crypto, uint16_t cipher_suite,
                                  mls_view_t signature_private_key, uint32_t sender_index,
                                  const mls_proposal_spec_t *proposal, const mls_outside_options_t *options)
{
    const mls_suite_t *suite = mls_suite_find(cipher_suite);
    mls_signature_key_t key = { 0 };
    mls_bytes_t body = { 0 };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if (suite == NULL)
        return MLS_ERR_UNSUPPORTED;
    const outsider_t outsider = { crypto, suite, &key, { MLS_SENDER_EXTERNAL, sender_index } };
    if ((status = mls_signature_key_set(crypto, suite, &key, signature_private_key)) == MLS_OK &&
        (status = mls_proposal_spec_encode(crypto, suite, &body, proposal)) == MLS_OK)
        status = seal(&outsider, out, options, mls_bytes_view(&body));
    mls_bytes_clear(&body);
    mls_signature_key_wipe(&key);
    return status;
}

mls_status_t mls_propose_to_join(mls_bytes_t *out, const mls_key_package_t *key_package,
                                 const mls_outside_options_t *options)
{
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(key_package) };
    const outsider_t outsider = { key_package->crypto,
                                  key_package->suite,
                                  &key_package->signature_key,
                                  { .type = MLS_SENDER_NEW_MEMBER_PROPOSAL } };
    mls_bytes_t body = { 0 };
    mls_status_t status = mls_proposal_spec_encode(key_package->crypto, key_package->suite, &body, &add);

    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = seal(&outsider, out, options, mls_bytes_view(&body));
    mls_bytes_clear(&body);
    return status;
}
