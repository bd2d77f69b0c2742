#include "message_support.h"

static mls_secret_t random_secret(test_context_t *t)
{
    mls_secret_t secret = { 0 };
    assert_ok(mls_secret_set(&secret, test_random_bytes(t, 32)));
    return secret;
}

test_epoch_t test_epoch_new(test_context_t *t)
{
    test_epoch_t epoch = { .context = test_random_bytes(t, 100),
                           .membership_key = random_secret(t),
                           .sender_data_secret = random_secret(t) };
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &epoch.signature_key));
    return epoch;
}

static mls_view_t body_of(test_context_t *t, uint8_t content_type)
{
    if (content_type == MLS_CONTENT_PROPOSAL)
        return test_hex(t, "0003 00000005"); /* Remove of leaf 5 */
    if (content_type == MLS_CONTENT_COMMIT)
        return test_hex(t, "07 01 0003 00000005 00"); /* the same by value, without path */
    return test_hex(t, "0568656c6c6f");               /* "hello" */
}

mls_authenticated_content_t test_content(test_context_t *t, const test_epoch_t *epoch, uint8_t content_type,
                                         uint16_t wire_format)
{
    mls_bytes_t signature;
    mls_authenticated_content_t content = {
        .wire_format = wire_format,
        .content = { .group_id = mls_view_text("group"),
                     .epoch = 7,
                     .sender = { MLS_SENDER_MEMBER, 3 },
                     .authenticated_data = mls_view_text("aad"),
                     .content_type = content_type,
                     .body = body_of(t, content_type) },
    };
    if (content_type == MLS_CONTENT_COMMIT)
        content.auth.confirmation_tag = test_random_bytes(t, 32);
    assert_ok(mls_framed_content_sign(t->crypto, t->suite, &signature, &content, &epoch->signature_key,
                                      epoch->context));
    content.auth.signature = test_keep(t, &signature);
    return content;
}
