#include "public_message.h"
#include "key_schedule.h"
#include "welcome.h"

static void codec_auth(mls_codec_t *codec, void *object)
{
    const mls_authenticated_content_t *content = object;
    mls_content_auth_t auth = content->auth;
    mls_codec_content_auth(codec, &auth, content->content.content_type);
}

/* struct { FramedContentTBS content_tbs; FramedContentAuthData auth; } AuthenticatedContentTBM; */
mls_status_t mls_membership_tag(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                const mls_authenticated_content_t *content,
                                const mls_secret_t *membership_key, mls_view_t context)
{
    mls_bytes_t tbs = { 0 }, auth = { 0 };
    mls_status_t status;

    if ((status = mls_framed_content_tbs(&tbs, content, context)) == MLS_OK &&
        (status = mls_encode(&auth, codec_auth, content)) == MLS_OK) {
        const mls_view_t parts[] = { mls_bytes_view(&tbs), mls_bytes_view(&auth) };
        status = mls_mac(crypto, suite, out, membership_key, parts, 2);
    }
    mls_bytes_clear(&auth);
    mls_bytes_clear(&tbs);
    return status;
}

mls_status_t mls_public_message_seal(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                     const mls_authenticated_content_t *content,
                                     const mls_secret_t *membership_key, mls_view_t context)
{
    mls_secret_t tag = { 0 };
    mls_status_t status = MLS_OK;
    mls_message_t message = { .version = MLS_VERSION_MLS10,
                              .wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE,
                              .public_message = { .content = *content } };

    *out = (mls_bytes_t){ 0 };
    if (content->content.content_type == MLS_CONTENT_APPLICATION)
        return MLS_ERR_ARGUMENT;
    if (content->content.sender.type == MLS_SENDER_MEMBER)
        status = mls_membership_tag(crypto, suite, &tag, content, membership_key, context);
    message.public_message.membership_tag = mls_secret_view(&tag);
    return status == MLS_OK ? mls_encode(out, mls_codec_message, &message) : status;
}

mls_status_t mls_public_message_check_tag(mls_crypto_t *crypto, const mls_suite_t *suite,
                                          const mls_public_message_t *message,
                                          const mls_secret_t *membership_key, mls_view_t context)
{
    mls_secret_t expected = { 0 };
    mls_status_t status =
        mls_membership_tag(crypto, suite, &expected, &message->content, membership_key, context);
    if (status == MLS_OK)
        status = mls_check(crypto, MLS_RULE_F6, mls_tag_equal(&expected, message->membership_tag));
    mls_secret_wipe(&expected);
    return status;
}
