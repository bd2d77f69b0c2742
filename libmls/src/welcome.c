#include "welcome.h"
#include "codec_check.h"

/* ---- GroupInfo ----------------------------------------------------------------------------------- */

void mls_codec_group_info_tbs(mls_codec_t *codec, void *object)
{
    mls_group_info_t *info = object;
    mls_codec_encoded(codec, &info->context_encoded, mls_codec_group_context, &info->context);
    mls_codec_extensions(codec, &info->extensions);
    mls_codec_opaque(codec, &info->confirmation_tag);
    mls_codec_u32(codec, &info->signer);
}

void mls_codec_group_info(mls_codec_t *codec, void *object)
{
    mls_group_info_t *info = object;
    mls_codec_encoded(codec, &info->tbs, mls_codec_group_info_tbs, info);
    mls_codec_opaque(codec, &info->signature);
}

/* ---- GroupSecrets and Welcome -------------------------------------------------------------------- */

static void codec_path_secret(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

void mls_codec_group_secrets(mls_codec_t *codec, void *object)
{
    mls_group_secrets_t *secrets = object;
    mls_codec_opaque(codec, &secrets->joiner_secret);
    mls_codec_optional(codec, &secrets->has_path_secret, codec_path_secret, &secrets->path_secret);
    MLS_CODEC_VECTOR(codec, &secrets->psks, mls_codec_pre_shared_key_id);
}

static void codec_encrypted_group_secrets(mls_codec_t *codec, void *object)
{
    mls_encrypted_group_secrets_t *secrets = object;
    mls_codec_opaque(codec, &secrets->new_member);
    mls_codec_hpke_ciphertext(codec, &secrets->ciphertext);
}

void mls_codec_welcome(mls_codec_t *codec, void *object)
{
    mls_welcome_data_t *welcome = object;
    mls_codec_u16(codec, &welcome->cipher_suite);
    MLS_CODEC_VECTOR(codec, &welcome->secrets, codec_encrypted_group_secrets);
    mls_codec_opaque(codec, &welcome->encrypted_group_info);
}

/* ---- MLSMessage ---------------------------------------------------------------------------------- */

void mls_codec_message(mls_codec_t *codec, void *object)
{
    mls_message_t *message = object;
    mls_codec_u16(codec, &message->version);
    mls_codec_u16(codec, &message->wire_format);
    (void)mls_codec_check(codec, MLS_RULE_E6_VERSION, message->version == MLS_VERSION_MLS10);
    switch (message->wire_format) {
    case MLS_WIRE_FORMAT_PUBLIC_MESSAGE:
        mls_codec_public_message(codec, &message->public_message);
        break;
    case MLS_WIRE_FORMAT_PRIVATE_MESSAGE:
        mls_codec_private_message(codec, &message->private_message);
        break;
    case MLS_WIRE_FORMAT_WELCOME:
        mls_codec_welcome(codec, &message->welcome);
        break;
    case MLS_WIRE_FORMAT_GROUP_INFO:
        mls_codec_group_info(codec, &message->group_info);
        break;
    case MLS_WIRE_FORMAT_KEY_PACKAGE:
        mls_codec_key_package(codec, &message->key_package);
        break;
    default:
        (void)mls_codec_check(codec, MLS_RULE_E6_WIRE_FORMAT, false);
    }
}

mls_status_t mls_message_decode(mls_crypto_t *crypto, mls_message_t *out, mls_view_t bytes, size_t max_len,
                                mls_arena_t *arena)
{
    mls_status_t status = mls_check(crypto, MLS_RULE_E8, bytes.len <= max_len);
    *out = (mls_message_t){ 0 };
    return status == MLS_OK ? mls_decode_input(crypto, out, sizeof *out, mls_codec_message, bytes, arena)
                            : status;
}

static void describe(mls_message_info_t *out, const mls_message_t *message)
{
    const mls_framed_content_t *content = &message->public_message.content.content;
    mls_key_package_data_t key_package;

    out->wire_format = (mls_wire_format_t)message->wire_format;
    switch (message->wire_format) {
    case MLS_WIRE_FORMAT_PUBLIC_MESSAGE:
        out->group_id = content->group_id;
        out->epoch = content->epoch;
        out->content_type = (mls_content_type_t)content->content_type;
        out->authenticated_data = content->authenticated_data;
        break;
    case MLS_WIRE_FORMAT_PRIVATE_MESSAGE:
        out->group_id = message->private_message.group_id;
        out->epoch = message->private_message.epoch;
        out->content_type = (mls_content_type_t)message->private_message.content_type;
        out->authenticated_data = message->private_message.authenticated_data;
        break;
    case MLS_WIRE_FORMAT_WELCOME:
        out->cipher_suite = message->welcome.cipher_suite;
        break;
    case MLS_WIRE_FORMAT_GROUP_INFO:
        out->group_id = message->group_info.context.group_id;
        out->epoch = message->group_info.context.epoch;
        out->cipher_suite = message->group_info.context.cipher_suite;
        break;
    case MLS_WIRE_FORMAT_KEY_PACKAGE:
        if (mls_decode(&key_package, sizeof key_package, mls_codec_key_package_data, message->key_package,
                       NULL) == MLS_OK)
            out->cipher_suite = key_package.cipher_suite;
        break;
    default:
        break;
    }
}

mls_status_t mls_message_inspect(mls_message_info_t *out, mls_view_t bytes)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_arena_t arena = { 0 };
    mls_message_t message;

    *out = (mls_message_info_t){ 0 };
    mls_status_t status = mls_message_decode(NULL, &message, bytes, limits.message_len, &arena);
    if (status == MLS_OK)
        describe(out, &message);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mls_welcome_recipients(mls_view_t bytes, mls_status_t (*visit)(void *arg, mls_view_t ref),
                                    void *arg)
{
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    mls_arena_t arena = { 0 };
    mls_message_t message;
    mls_status_t status = mls_message_decode(NULL, &message, bytes, limits.message_len, &arena);

    if (status == MLS_OK && message.wire_format != MLS_WIRE_FORMAT_WELCOME)
        status = MLS_ERR_ARGUMENT;
    for (size_t i = 0; status == MLS_OK && i < message.welcome.secrets.count; i++)
        status = visit(arg, message.welcome.secrets.items[i].new_member);
    mls_arena_clear(&arena);
    return status;
}
