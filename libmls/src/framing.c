#include "framing.h"
#include "codec_check.h"

/* ---- FramedContent ------------------------------------------------------------------------------- */

static void codec_sender(mls_codec_t *codec, mls_sender_t *sender)
{
    mls_codec_u8(codec, &sender->type);
    switch (sender->type) {
    case MLS_SENDER_MEMBER:
    case MLS_SENDER_EXTERNAL:
        mls_codec_u32(codec, &sender->index);
        break;
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
}

static void codec_application(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

/* Nobody knows yet who sent it: a Commit must not take more memory than its bytes. */
void mls_codec_content_body(mls_codec_t *codec, mls_view_t *body, uint8_t content_type)
{
    mls_view_t data = { 0 };
    mls_proposal_t proposal = { 0 };
    mls_commit_t commit = { 0 };
    switch (content_type) {
    case MLS_CONTENT_APPLICATION:
        mls_codec_encoded(codec, body, codec_application, &data);
        break;
    case MLS_CONTENT_PROPOSAL:
        mls_codec_encoded(codec, body, mls_codec_proposal, &proposal);
        break;
    case MLS_CONTENT_COMMIT:
        mls_codec_shape(codec, body, mls_codec_commit, &commit);
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6, false);
    }
}

mls_status_t mls_application_data(mls_view_t *data, mls_view_t body)
{
    return mls_decode(data, sizeof *data, codec_application, body, NULL);
}

/* All but the body. */
static void codec_framed_head(mls_codec_t *codec, mls_framed_content_t *content)
{
    mls_codec_opaque(codec, &content->group_id);
    mls_codec_u64(codec, &content->epoch);
    codec_sender(codec, &content->sender);
    mls_codec_opaque(codec, &content->authenticated_data);
    mls_codec_u8(codec, &content->content_type);
}

void mls_codec_framed_content(mls_codec_t *codec, void *object)
{
    mls_framed_content_t *content = object;
    codec_framed_head(codec, content);
    mls_codec_content_body(codec, &content->body, content->content_type);
}

void mls_codec_content_auth(mls_codec_t *codec, mls_content_auth_t *auth, uint8_t content_type)
{
    mls_codec_opaque(codec, &auth->signature);
    if (content_type == MLS_CONTENT_COMMIT)
        mls_codec_opaque(codec, &auth->confirmation_tag);
}

void mls_codec_wire_format(mls_codec_t *codec, uint16_t *wire_format)
{
    mls_codec_u16(codec, wire_format);
    if (*wire_format != MLS_WIRE_FORMAT_PUBLIC_MESSAGE && *wire_format != MLS_WIRE_FORMAT_PRIVATE_MESSAGE)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
}

static void codec_content_and_auth(mls_codec_t *codec, mls_authenticated_content_t *content)
{
    mls_codec_encoded(codec, &content->content_encoded, mls_codec_framed_content, &content->content);
    mls_codec_content_auth(codec, &content->auth, content->content.content_type);
}

void mls_codec_authenticated_content(mls_codec_t *codec, void *object)
{
    mls_authenticated_content_t *content = object;
    mls_codec_wire_format(codec, &content->wire_format);
    codec_content_and_auth(codec, content);
}

/* The body of a large Commit takes longer to walk through than all the rest. */
typedef struct again {
    mls_authenticated_content_t content;
    size_t body_len;
} again_t;

static void codec_framed_again(mls_codec_t *codec, void *object)
{
    again_t *again = object;
    codec_framed_head(codec, &again->content.content);
    mls_codec_fixed(codec, &again->content.content.body, again->body_len);
}

static void codec_again(mls_codec_t *codec, void *object)
{
    again_t *again = object;
    mls_authenticated_content_t *content = &again->content;
    mls_codec_wire_format(codec, &content->wire_format);
    mls_codec_encoded(codec, &content->content_encoded, codec_framed_again, again);
    mls_codec_content_auth(codec, &content->auth, content->content.content_type);
}

mls_status_t mls_authenticated_content_read_again(mls_authenticated_content_t *out, mls_view_t in,
                                                  size_t body_len)
{
    again_t again = { .body_len = body_len };
    mls_codec_t codec = { .op = MLS_CODEC_DECODE, .in = in.data, .end = in.data + in.len };
    codec_again(&codec, &again);
    if (codec.status == MLS_OK && codec.in != codec.end)
        mls_codec_fail(&codec, MLS_ERR_MALFORMED);
    *out = codec.status == MLS_OK ? again.content : (mls_authenticated_content_t){ 0 };
    return codec.status;
}

/* ---- signature (RFC 9420, Section 6.1) ----------------------------------------------------------- */

/* struct {
 *     ProtocolVersion version = mls10;
 *     WireFormat wire_format;
 *     FramedContent content;
 *     select (FramedContentTBS.content.sender.sender_type) {
 *         case member: case new_member_commit: GroupContext context;
 *         case external: case new_member_proposal: struct{};
 *     };
 * } FramedContentTBS; */
typedef struct framed_content_tbs {
    uint16_t version;
    const mls_authenticated_content_t *content;
    mls_view_t context;
} framed_content_tbs_t;

static void codec_tbs(mls_codec_t *codec, void *object)
{
    framed_content_tbs_t *tbs = object;
    mls_authenticated_content_t content = *tbs->content;
    const uint8_t sender = content.content.sender.type;
    mls_codec_u16(codec, &tbs->version);
    mls_codec_wire_format(codec, &content.wire_format);
    mls_codec_encoded(codec, &content.content_encoded, mls_codec_framed_content, &content.content);
    if (sender == MLS_SENDER_MEMBER || sender == MLS_SENDER_NEW_MEMBER_COMMIT)
        mls_codec_fixed(codec, &tbs->context, tbs->context.len);
}

mls_status_t mls_framed_content_tbs(mls_bytes_t *out, const mls_authenticated_content_t *content,
                                    mls_view_t context)
{
    const framed_content_tbs_t tbs = { MLS_VERSION_MLS10, content, context };
    return mls_encode(out, codec_tbs, &tbs);
}

static void codec_head(mls_codec_t *codec, void *object)
{
    codec_framed_head(codec, object);
}

/* The same in parts: a Commit may be large, and is not copied before it is put together with its label. */
typedef struct tbs_parts {
    mls_view_t parts[4];
    uint8_t before[4];
    mls_bytes_t head; /* the FramedContent without its body, where it is not encoded yet */
} tbs_parts_t;

enum { NUM_TBS_PARTS = 4 };

static mls_status_t split_tbs(tbs_parts_t *out, const mls_authenticated_content_t *content,
                              mls_view_t context)
{
    const uint8_t sender = content->content.sender.type;
    const bool has_context = sender == MLS_SENDER_MEMBER || sender == MLS_SENDER_NEW_MEMBER_COMMIT;
    mls_status_t status = MLS_OK;

    *out = (tbs_parts_t){ .before = { MLS_VERSION_MLS10 >> 8, MLS_VERSION_MLS10 & 0xff,
                                      (uint8_t)(content->wire_format >> 8), (uint8_t)content->wire_format } };
    out->parts[0] = mls_view(out->before, sizeof out->before);
    out->parts[1] = content->content_encoded;
    if (content->content_encoded.len == 0) {
        status = mls_encode(&out->head, codec_head, &content->content);
        out->parts[1] = mls_bytes_view(&out->head);
        out->parts[2] = content->content.body;
    }
    out->parts[3] = has_context ? context : mls_view(NULL, 0);
    return status;
}

mls_status_t mls_framed_content_sign(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *signature,
                                     const mls_authenticated_content_t *content,
                                     const mls_signature_key_t *key, mls_view_t context)
{
    tbs_parts_t tbs;
    mls_status_t status = split_tbs(&tbs, content, context);
    *signature = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = mls_sign_parts_with_label(crypto, suite, signature, key, "FramedContentTBS", tbs.parts,
                                           NUM_TBS_PARTS);
    mls_bytes_clear(&tbs.head);
    return status;
}

mls_status_t mls_framed_content_verify(mls_crypto_t *crypto, const mls_suite_t *suite,
                                       const mls_authenticated_content_t *content, mls_view_t signature_key,
                                       mls_view_t context)
{
    tbs_parts_t tbs;
    mls_status_t status = split_tbs(&tbs, content, context);
    if (status == MLS_OK)
        status = mls_verify_parts_with_label(crypto, suite, signature_key, "FramedContentTBS", tbs.parts,
                                             NUM_TBS_PARTS, content->auth.signature);
    mls_bytes_clear(&tbs.head);
    return status == MLS_ERR_SIGNATURE ? mls_check(crypto, MLS_RULE_F7, false) : status;
}

mls_status_t mls_proposal_ref(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                              const mls_authenticated_content_t *content)
{
    mls_bytes_t encoded = { 0 };
    mls_status_t status = mls_encode(&encoded, mls_codec_authenticated_content, content);
    if (status == MLS_OK)
        status = mls_ref_hash(crypto, suite, out, "MLS 1.0 Proposal Reference", mls_bytes_view(&encoded));
    mls_bytes_clear(&encoded);
    return status;
}

/* ---- PublicMessage and PrivateMessage ------------------------------------------------------------ */

void mls_codec_public_message(mls_codec_t *codec, void *object)
{
    mls_public_message_t *message = object;
    codec_content_and_auth(codec, &message->content);
    if (message->content.content.sender.type == MLS_SENDER_MEMBER)
        mls_codec_opaque(codec, &message->membership_tag);
    message->content.wire_format = MLS_WIRE_FORMAT_PUBLIC_MESSAGE;
}

void mls_codec_private_message(mls_codec_t *codec, void *object)
{
    mls_private_message_t *message = object;
    mls_codec_opaque(codec, &message->group_id);
    mls_codec_u64(codec, &message->epoch);
    mls_codec_u8(codec, &message->content_type);
    (void)mls_codec_check(codec, MLS_RULE_E6,
                          message->content_type >= MLS_CONTENT_APPLICATION &&
                              message->content_type <= MLS_CONTENT_COMMIT);
    mls_codec_opaque(codec, &message->authenticated_data);
    mls_codec_opaque(codec, &message->encrypted_sender_data);
    mls_codec_opaque(codec, &message->ciphertext);
}
