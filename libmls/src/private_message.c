#include "private_message.h"
#include "bytes.h"
#include "welcome.h"

/* ---- structs ------------------------------------------------------------------------------------- */

static void codec_sender_data(mls_codec_t *codec, void *object)
{
    mls_sender_data_t *data = object;
    mls_codec_u32(codec, &data->leaf_index);
    mls_codec_u32(codec, &data->generation);
    for (size_t i = 0; i < sizeof data->reuse_guard; i++)
        mls_codec_u8(codec, &data->reuse_guard[i]);
}

/* struct { opaque group_id<V>; uint64 epoch; ContentType content_type; } SenderDataAAD; */
static void codec_sender_data_aad(mls_codec_t *codec, void *object)
{
    mls_private_message_t *message = object;
    mls_codec_opaque(codec, &message->group_id);
    mls_codec_u64(codec, &message->epoch);
    mls_codec_u8(codec, &message->content_type);
}

/* struct { …; opaque authenticated_data<V>; } PrivateContentAAD; */
static void codec_content_aad(mls_codec_t *codec, void *object)
{
    mls_private_message_t *message = object;
    codec_sender_data_aad(codec, message);
    mls_codec_opaque(codec, &message->authenticated_data);
}

static void codec_private_content(mls_codec_t *codec, mls_private_content_t *content, uint8_t content_type)
{
    mls_codec_content_body(codec, &content->body, content_type);
    mls_codec_content_auth(codec, &content->auth, content_type);
    mls_codec_rest(codec, &content->padding);
}

/* The content type is known from outside: one visitor for each. */
static void codec_application_content(mls_codec_t *codec, void *object)
{
    codec_private_content(codec, object, MLS_CONTENT_APPLICATION);
}

static void codec_proposal_content(mls_codec_t *codec, void *object)
{
    codec_private_content(codec, object, MLS_CONTENT_PROPOSAL);
}

static void codec_commit_content(mls_codec_t *codec, void *object)
{
    codec_private_content(codec, object, MLS_CONTENT_COMMIT);
}

mls_codec_fn *mls_private_content_visitor(uint8_t content_type)
{
    return content_type == MLS_CONTENT_COMMIT     ? codec_commit_content
           : content_type == MLS_CONTENT_PROPOSAL ? codec_proposal_content
                                                  : codec_application_content;
}

/* ---- padding ------------------------------------------------------------------------------------- */

static unsigned log2_floor(size_t value)
{
    unsigned result = 0;
    while (value >>= 1)
        result++;
    return result;
}

/* Padmé: a length keeps as many leading bits as its own length has bits, the others become zero, upwards. */
static size_t padme(size_t len)
{
    if (len < 2)
        return len;
    const unsigned e = log2_floor(len), s = log2_floor(e) + 1;
    if (e <= s)
        return len;
    const size_t mask = ((size_t)1 << (e - s)) - 1;
    return (len + mask) & ~mask;
}

size_t mls_padding_len(const mls_group_config_t *config, size_t len)
{
    if (config->padding_limit != 0 && len >= config->padding_limit)
        return 0;
    switch (config->padding) {
    case MLS_PADDING_PADME:
        return padme(len) - len;
    case MLS_PADDING_BLOCK:
        return config->padding_block == 0
                   ? 0
                   : (config->padding_block - len % config->padding_block) % config->padding_block;
    case MLS_PADDING_NONE:
        break;
    }
    return 0;
}

/* ---- sealing ------------------------------------------------------------------------------------- */

/* RFC 9420, Section 6.3.1: the reuse guard protects where state was copied or restored. */
static void apply_reuse_guard(uint8_t *nonce, const mls_message_key_t *key, const uint8_t *reuse_guard,
                              size_t nonce_len)
{
    memcpy(nonce, key->nonce, nonce_len);
    for (size_t i = 0; i < 4; i++)
        nonce[i] ^= reuse_guard[i];
}

static mls_status_t encode_padded(mls_bytes_t *out, const mls_authenticated_content_t *content,
                                  const mls_group_config_t *config)
{
    mls_bytes_t plain = { 0 };
    const mls_private_content_t inner = { .body = content->content.body, .auth = content->auth };
    mls_status_t status =
        mls_encode(&plain, mls_private_content_visitor(content->content.content_type), &inner);

    *out = (mls_bytes_t){ 0 };
    if (status == MLS_OK)
        status = mls_bytes_alloc(out, plain.len + mls_padding_len(config, plain.len + MLS_AEAD_TAG_LEN));
    if (status == MLS_OK)
        memcpy(out->data, plain.data, plain.len);
    mls_bytes_clear(&plain);
    return status;
}

/* Encrypts `plaintext` under an encoded AAD into `*out`, which the caller clears. */
static mls_status_t seal(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out, const uint8_t *key,
                         const uint8_t *nonce, mls_codec_fn *aad_visit, const mls_private_message_t *header,
                         const mls_bytes_t *plaintext)
{
    mls_bytes_t aad = { 0 };
    mls_status_t status;
    if ((status = mls_encode(&aad, aad_visit, header)) == MLS_OK &&
        (status = mls_bytes_alloc_unset(out, plaintext->len + MLS_AEAD_TAG_LEN)) == MLS_OK)
        status = suite->aead->seal(crypto, suite->aead->variant, out->data, key, nonce, mls_bytes_view(&aad),
                                   mls_bytes_view(plaintext));
    mls_bytes_clear(&aad);
    return status;
}

static mls_status_t seal_sender(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                const mls_private_message_t *header, const mls_sender_data_t *sender,
                                const mls_secret_t *sender_data_secret)
{
    mls_message_key_t key = { 0 };
    mls_bytes_t plaintext = { 0 };
    mls_status_t status;
    if ((status = mls_sender_data_key(crypto, suite, &key, sender_data_secret, header->ciphertext)) ==
            MLS_OK &&
        (status = mls_encode(&plaintext, codec_sender_data, sender)) == MLS_OK)
        status = seal(crypto, suite, out, key.key, key.nonce, codec_sender_data_aad, header, &plaintext);
    mls_bytes_clear(&plaintext);
    mls_wipe(&key, sizeof key);
    return status;
}

mls_status_t mls_private_message_seal(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                                      const mls_authenticated_content_t *content,
                                      const mls_private_message_key_t *with)
{
    mls_bytes_t plaintext = { 0 }, ciphertext = { 0 }, sender_data = { 0 };
    mls_sender_data_t sender = { .leaf_index = with->leaf_index, .generation = with->generation };
    uint8_t nonce[MLS_MAX_NONCE_LEN];
    mls_message_t message = { .version = MLS_VERSION_MLS10,
                              .wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE,
                              .private_message = { .group_id = content->content.group_id,
                                                   .epoch = content->content.epoch,
                                                   .content_type = content->content.content_type,
                                                   .authenticated_data =
                                                       content->content.authenticated_data } };
    mls_private_message_t *header = &message.private_message;
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    if ((status = mls_crypto_random(crypto, sender.reuse_guard, sizeof sender.reuse_guard)) != MLS_OK ||
        (status = encode_padded(&plaintext, content, with->config)) != MLS_OK)
        goto cleanup;
    apply_reuse_guard(nonce, with->key, sender.reuse_guard, suite->aead->nonce_len);
    if ((status = seal(crypto, suite, &ciphertext, with->key->key, nonce, codec_content_aad, header,
                       &plaintext)) != MLS_OK)
        goto cleanup;
    header->ciphertext = mls_bytes_view(&ciphertext);
    if ((status = seal_sender(crypto, suite, &sender_data, header, &sender, with->sender_data_secret)) !=
        MLS_OK)
        goto cleanup;
    header->encrypted_sender_data = mls_bytes_view(&sender_data);
    status = mls_encode(out, mls_codec_message, &message);

cleanup:
    mls_wipe(nonce, sizeof nonce);
    mls_bytes_clear(&sender_data);
    mls_bytes_clear(&ciphertext);
    mls_bytes_clear(&plaintext);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------------- */

static mls_status_t open_aead(mls_crypto_t *crypto, const mls_suite_t *suite, mls_bytes_t *out,
                              const uint8_t *key, const uint8_t *nonce, mls_codec_fn *aad_visit,
                              const mls_private_message_t *header, mls_view_t ciphertext)
{
    mls_bytes_t aad = { 0 };
    mls_status_t status;
    *out = (mls_bytes_t){ 0 };
    if (ciphertext.len < MLS_AEAD_TAG_LEN)
        return MLS_ERR_DECRYPT;
    if ((status = mls_encode(&aad, aad_visit, header)) == MLS_OK &&
        (status = mls_bytes_alloc_unset(out, ciphertext.len - MLS_AEAD_TAG_LEN)) == MLS_OK)
        status = suite->aead->open(crypto, suite->aead->variant, out->data, key, nonce, mls_bytes_view(&aad),
                                   ciphertext);
    mls_bytes_clear(&aad);
    if (status != MLS_OK)
        mls_bytes_clear(out);
    return status;
}

mls_status_t mls_private_message_sender(mls_crypto_t *crypto, const mls_suite_t *suite,
                                        mls_sender_data_t *out, const mls_private_message_t *message,
                                        const mls_secret_t *sender_data_secret)
{
    mls_message_key_t key = { 0 };
    mls_bytes_t plaintext = { 0 };
    mls_status_t status = mls_sender_data_key(crypto, suite, &key, sender_data_secret, message->ciphertext);

    if (status == MLS_OK)
        status = open_aead(crypto, suite, &plaintext, key.key, key.nonce, codec_sender_data_aad, message,
                           message->encrypted_sender_data);
    if (status == MLS_OK)
        status =
            mls_decode_input(crypto, out, sizeof *out, codec_sender_data, mls_bytes_view(&plaintext), NULL);
    mls_bytes_clear(&plaintext);
    mls_wipe(&key, sizeof key);
    return status == MLS_ERR_DECRYPT ? mls_refuse(crypto, MLS_RULE_F9_SENDER_DATA, status) : status;
}

void mls_opened_message_clear(mls_opened_message_t *opened)
{
    mls_bytes_clear(&opened->plaintext);
    *opened = (mls_opened_message_t){ 0 };
}

static bool is_zero(mls_view_t bytes)
{
    uint8_t any = 0;
    for (size_t i = 0; i < bytes.len; i++)
        any |= bytes.data[i];
    return any == 0;
}

/* Reads the plaintext and finds the fields of the FramedContent that was signed. */
static mls_status_t read_content(mls_crypto_t *crypto, mls_opened_message_t *out,
                                 const mls_private_message_t *message, uint32_t leaf_index)
{
    mls_arena_t arena = { 0 };
    mls_private_content_t inner;
    mls_authenticated_content_t *whole = &out->content;
    mls_status_t status =
        mls_decode_input(crypto, &inner, sizeof inner, mls_private_content_visitor(message->content_type),
                         mls_bytes_view(&out->plaintext), &arena);

    mls_arena_clear(&arena);
    if (status != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_F9_PADDING, is_zero(inner.padding))) != MLS_OK)
        return status;
    whole->wire_format = MLS_WIRE_FORMAT_PRIVATE_MESSAGE;
    whole->auth = inner.auth;
    whole->content = (mls_framed_content_t){ .group_id = message->group_id,
                                             .epoch = message->epoch,
                                             .sender = { MLS_SENDER_MEMBER, leaf_index },
                                             .authenticated_data = message->authenticated_data,
                                             .content_type = message->content_type,
                                             .body = inner.body };
    return MLS_OK;
}

mls_status_t mls_private_message_open(mls_crypto_t *crypto, const mls_suite_t *suite,
                                      mls_opened_message_t *out, const mls_private_message_t *message,
                                      const mls_sender_data_t *sender, const mls_message_key_t *key)
{
    uint8_t nonce[MLS_MAX_NONCE_LEN];
    mls_status_t status;

    *out = (mls_opened_message_t){ 0 };
    apply_reuse_guard(nonce, key, sender->reuse_guard, suite->aead->nonce_len);
    status = open_aead(crypto, suite, &out->plaintext, key->key, nonce, codec_content_aad, message,
                       message->ciphertext);
    if (status == MLS_ERR_DECRYPT)
        status = mls_refuse(crypto, MLS_RULE_F9, status);
    if (status == MLS_OK)
        status = read_content(crypto, out, message, sender->leaf_index);
    if (status != MLS_OK)
        mls_opened_message_clear(out);
    mls_wipe(nonce, sizeof nonce);
    return status;
}
