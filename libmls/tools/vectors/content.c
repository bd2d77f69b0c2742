#include "content.h"
#include "private_message.h"
#include "public_message.h"

vector_content_t vector_content_epoch(vector_case_t *c)
{
    vector_content_t epoch = { .context = vector_context(c, c->json, vector_number(c, c->json, "epoch"),
                                                         vector_bytes(c, c->json, "tree_hash")),
                               .signature_pub = vector_bytes(c, c->json, "signature_pub"),
                               .membership_key = vector_secret(c, c->json, "membership_key"),
                               .encryption_secret = vector_secret(c, c->json, "encryption_secret"),
                               .sender_data_secret = vector_secret(c, c->json, "sender_data_secret") };
    vector_ok(c, "signature_priv",
              mls_signature_key_set(c->crypto, c->suite, &epoch.signature_key,
                                    vector_bytes(c, c->json, "signature_priv")));
    return epoch;
}

mls_view_t vector_content_raw(vector_case_t *c, const char *field, mls_view_t bytes, uint8_t content_type)
{
    if (content_type != MLS_CONTENT_APPLICATION || !vector_check(c, field, bytes.len < 64, "is too long"))
        return bytes;
    uint8_t *framed = mls_arena_alloc(&c->arena, 1 + bytes.len);
    if (!vector_check(c, field, framed != NULL, "no memory"))
        return (mls_view_t){ 0 };
    framed[0] = (uint8_t)bytes.len;
    memcpy(framed + 1, bytes.data, bytes.len);
    return mls_view(framed, 1 + bytes.len);
}

bool vector_content_key(vector_case_t *c, mls_message_key_t *key, const vector_content_t *content,
                        uint32_t generation, bool is_own)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_ratchet_request_t request = { .leaf = VECTOR_SENDER,
                                            .kind = content->content_type == MLS_CONTENT_APPLICATION
                                                        ? MLS_RATCHET_APPLICATION
                                                        : MLS_RATCHET_HANDSHAKE,
                                            .generation = generation,
                                            .is_own = is_own };
    mls_secret_tree_t tree = { 0 };
    mls_ratchet_step_t step;
    if (vector_ok(c, "encryption_secret",
                  mls_secret_tree_init(&tree, c->suite, VECTOR_NUM_LEAVES, &content->encryption_secret)) &&
        vector_ok(c, content->field, mls_secret_tree_step(&tree, &step, c->crypto, &limits, &request))) {
        *key = step.key;
        mls_secret_tree_take(&tree, &step, false);
    }
    mls_secret_tree_clear(&tree);
    return vector_good(c);
}

/* The content, signed for a wire format; the caller clears `*signature`. */
static mls_authenticated_content_t sign(vector_case_t *c, mls_bytes_t *signature,
                                        const vector_content_t *content, uint16_t wire_format)
{
    mls_authenticated_content_t out = {
        .wire_format = wire_format,
        .content = { .group_id = vector_bytes(c, c->json, "group_id"),
                     .epoch = vector_number(c, c->json, "epoch"),
                     .sender = { MLS_SENDER_MEMBER, VECTOR_SENDER },
                     .content_type = content->content_type,
                     .body = content->raw },
        .auth = { .confirmation_tag = mls_secret_view(&content->confirmation_tag) },
    };
    vector_ok(c, "signature_priv",
              mls_framed_content_sign(c->crypto, c->suite, signature, &out, &content->signature_key,
                                      content->context));
    out.auth.signature = mls_bytes_view(signature);
    return out;
}

mls_status_t vector_content_as_public(vector_case_t *c, mls_bytes_t *out, const vector_content_t *content)
{
    mls_bytes_t signature = { 0 };
    const mls_authenticated_content_t signed_content =
        sign(c, &signature, content, MLS_WIRE_FORMAT_PUBLIC_MESSAGE);
    const mls_status_t status = mls_public_message_seal(c->crypto, c->suite, out, &signed_content,
                                                        &content->membership_key, content->context);
    mls_bytes_clear(&signature);
    return status;
}

bool vector_content_as_private(vector_case_t *c, mls_bytes_t *out, const vector_content_t *content)
{
    const mls_group_config_t config = { .padding = MLS_PADDING_PADME };
    mls_message_key_t key = { 0 };
    const mls_private_message_key_t with = { .leaf_index = VECTOR_SENDER,
                                             .key = &key,
                                             .sender_data_secret = &content->sender_data_secret,
                                             .config = &config };
    mls_bytes_t signature = { 0 };
    const mls_authenticated_content_t signed_content =
        sign(c, &signature, content, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);

    *out = (mls_bytes_t){ 0 };
    if (vector_good(c) && vector_content_key(c, &key, content, 0, true))
        vector_ok(c, content->field,
                  mls_private_message_seal(c->crypto, c->suite, out, &signed_content, &with));
    mls_bytes_clear(&signature);
    return vector_good(c);
}
