#include "message_support.h"
#include "private_message.h"
#include "welcome.h"

#include <stdio.h>

enum { SENDER = 3, GENERATION = 9 };

static mls_message_key_t random_key(test_context_t *t)
{
    mls_message_key_t key = { 0 };
    memcpy(key.key, test_random_bytes(t, 16).data, 16);
    memcpy(key.nonce, test_random_bytes(t, 12).data, 12);
    return key;
}

static mls_view_t seal_with(test_context_t *t, const test_epoch_t *epoch, const mls_message_key_t *key,
                            const mls_authenticated_content_t *content, const mls_group_config_t *config)
{
    const mls_private_message_key_t with = { SENDER, GENERATION, key, &epoch->sender_data_secret, config };
    mls_bytes_t message;
    assert_ok(mls_private_message_seal(t->crypto, t->suite, &message, content, &with));
    return test_keep(t, &message);
}

static mls_view_t seal(test_context_t *t, const test_epoch_t *epoch, const mls_message_key_t *key,
                       uint8_t content_type)
{
    const mls_group_config_t config = { .padding = MLS_PADDING_PADME };
    const mls_authenticated_content_t content =
        test_content(t, epoch, content_type, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    return seal_with(t, epoch, key, &content, &config);
}

static mls_private_message_t decode(test_context_t *t, mls_view_t bytes)
{
    mls_message_t message;
    assert_ok(mls_decode(&message, sizeof message, mls_codec_message, bytes, &t->arena));
    assert_int_equal(message.wire_format, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
    return message.private_message;
}

/* Decrypts the sender data, then the content, which the caller clears. */
static mls_status_t open_message(test_context_t *t, const test_epoch_t *epoch, const mls_message_key_t *key,
                                 mls_opened_message_t *opened, const mls_private_message_t *message)
{
    mls_sender_data_t sender;
    mls_status_t status =
        mls_private_message_sender(t->crypto, t->suite, &sender, message, &epoch->sender_data_secret);
    *opened = (mls_opened_message_t){ 0 };
    if (status == MLS_OK) {
        assert_int_equal(sender.leaf_index, SENDER);
        assert_int_equal(sender.generation, GENERATION);
        status = mls_private_message_open(t->crypto, t->suite, opened, message, &sender, key);
    }
    return status;
}

static void seal__gives_what_others_take(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    for (uint8_t type = MLS_CONTENT_APPLICATION; type <= MLS_CONTENT_COMMIT; type++) {
        const mls_private_message_t message = decode(t, seal(t, &epoch, &key, type));
        mls_opened_message_t opened;
        assert_ok(open_message(t, &epoch, &key, &opened, &message));
        assert_ok(mls_framed_content_verify(t->crypto, t->suite, &opened.content,
                                            mls_signature_public_view(&epoch.signature_key), epoch.context));
        assert_int_equal(opened.content.content.content_type, type);
        assert_int_equal(opened.content.content.sender.index, SENDER);
        assert_view_equal(opened.content.content.authenticated_data, mls_view_text("aad"));
        assert_int_equal(opened.content.auth.confirmation_tag.len, type == MLS_CONTENT_COMMIT ? 32 : 0);
        mls_opened_message_clear(&opened);
    }
}

static void application_data__comes_out_as_it_went_in(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    const mls_private_message_t message = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    mls_opened_message_t opened;
    mls_view_t data;
    assert_ok(open_message(t, &epoch, &key, &opened, &message));
    assert_ok(mls_application_data(&data, opened.content.content.body));
    assert_view_equal(data, mls_view_text("hello"));
    mls_opened_message_clear(&opened);
}

static void seal__never_gives_the_same_twice(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    const mls_private_message_t a = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    const mls_private_message_t b = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    assert_view_not_equal(a.ciphertext, b.ciphertext); /* the reuse guard */
}

/* ---- what was changed ---------------------------------------------------------------------------- */

static void assert_refused(test_context_t *t, const test_epoch_t *epoch, const mls_message_key_t *key,
                           const mls_private_message_t *message, const char *rule)
{
    mls_opened_message_t opened;
    assert_status(open_message(t, epoch, key, &opened, message), MLS_ERR_DECRYPT);
    assert_rule(t, rule, MLS_ERR_DECRYPT);
    assert_null(opened.plaintext.data);
}

static void open__refuses_each_changed_field(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    const mls_private_message_t good = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    mls_private_message_t message = good;
    message.group_id = mls_view_text("other");
    assert_refused(t, &epoch, &key, &message, "F9_SENDER_DATA");
    message = good;
    message.epoch++;
    assert_refused(t, &epoch, &key, &message, "F9_SENDER_DATA");
    message = good;
    message.content_type = MLS_CONTENT_COMMIT;
    assert_refused(t, &epoch, &key, &message, "F9_SENDER_DATA");
    message = good;
    message.authenticated_data =
        mls_view_text("AAD"); /* the sender data is not bound to it, the content is */
    assert_refused(t, &epoch, &key, &message, "F9");
}

static void open__refuses_every_changed_bit(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    const mls_private_message_t good = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    mls_private_message_t message = good;
    for (size_t bit = 0; bit < 8 * good.encrypted_sender_data.len; bit++) {
        message.encrypted_sender_data = test_flip(t, good.encrypted_sender_data, bit);
        assert_refused(t, &epoch, &key, &message, "F9_SENDER_DATA");
    }
    message = good;
    for (size_t bit = 0; bit < 8 * good.ciphertext.len; bit++) {
        message.ciphertext = test_flip(t, good.ciphertext, bit);
        /* The first bytes, one hash, are the sample that the key of the sender data comes from. */
        assert_refused(t, &epoch, &key, &message, bit < 8 * t->suite->hash->len ? "F9_SENDER_DATA" : "F9");
    }
}

static void open__refuses_every_truncation(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    const mls_private_message_t good = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    mls_private_message_t message = good;
    for (size_t len = 0; len < good.encrypted_sender_data.len; len++) {
        message.encrypted_sender_data.len = len;
        assert_refused(t, &epoch, &key, &message, "F9_SENDER_DATA");
    }
    message = good;
    for (size_t len = 0; len < good.ciphertext.len; len++) {
        message.ciphertext.len = len;
        assert_refused(t, &epoch, &key, &message, len < t->suite->hash->len ? "F9_SENDER_DATA" : "F9");
    }
}

static void open__with_the_key_of_another_generation_fails(void **state)
{
    test_context_t *t = *state;
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t), other = random_key(t);
    const mls_private_message_t message = decode(t, seal(t, &epoch, &key, MLS_CONTENT_APPLICATION));
    assert_refused(t, &epoch, &other, &message, "F9");
}

/* ---- padding ------------------------------------------------------------------------------------- */

/* Encrypts `plaintext` as the content of `*message` under a reuse guard of zeros. */
static void encrypt_content(test_context_t *t, const mls_message_key_t *key, mls_private_message_t *message,
                            mls_view_t plaintext)
{
    uint8_t *ciphertext = test_alloc(t, plaintext.len + MLS_AEAD_TAG_LEN);
    const mls_view_t aad = test_hex(t, "0567726f7570 0000000000000007 01 03616164"); /* PrivateContentAAD */
    assert_ok(t->suite->aead->seal(t->crypto, t->suite->aead->variant, ciphertext, key->key, key->nonce, aad,
                                   plaintext));
    message->ciphertext = mls_view(ciphertext, plaintext.len + MLS_AEAD_TAG_LEN);
}

static mls_status_t open_padded(test_context_t *t, const char *padding)
{
    const mls_message_key_t key = random_key(t);
    const mls_sender_data_t sender = { SENDER, GENERATION, { 0 } };
    mls_private_message_t message = { .group_id = mls_view_text("group"),
                                      .epoch = 7,
                                      .content_type = MLS_CONTENT_APPLICATION,
                                      .authenticated_data = mls_view_text("aad") };
    mls_opened_message_t opened;
    char hex[200];
    snprintf(hex, sizeof hex, "%s%s%s", "0568656c6c6f" /* "hello" */, "0455555555" /* signature */, padding);
    encrypt_content(t, &key, &message, test_hex(t, hex));
    const mls_status_t status =
        mls_private_message_open(t->crypto, t->suite, &opened, &message, &sender, &key);
    mls_opened_message_clear(&opened);
    return status;
}

static void padding__must_be_all_zero(void **state)
{
    test_context_t *t = *state;
    assert_ok(open_padded(t, ""));
    assert_ok(open_padded(t, "00"));
    assert_ok(open_padded(t, "00000000000000000000"));
    static const char *const bad[] = { "01", "80", "0100000000", "0000000001", "00ff00" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_status(open_padded(t, bad[i]), MLS_ERR_MALFORMED);
        assert_rule(t, "F9_PADDING", MLS_ERR_MALFORMED);
    }
}

static void padding__none_and_block_have_their_sizes(void **state)
{
    (void)state;
    const mls_group_config_t none = { .padding = MLS_PADDING_NONE };
    const mls_group_config_t block = { .padding = MLS_PADDING_BLOCK, .padding_block = 64 };
    const mls_group_config_t no_block = { .padding = MLS_PADDING_BLOCK };
    for (size_t len = 0; len < 300; len++) {
        const size_t padded = len + mls_padding_len(&block, len);
        assert_int_equal(mls_padding_len(&none, len), 0);
        assert_int_equal(mls_padding_len(&no_block, len), 0);
        assert_true(padded % 64 == 0 && padded >= len && padded < len + 64);
    }
}

static void padding__padme_has_its_sizes(void **state)
{
    (void)state;
    const mls_group_config_t config = { .padding = MLS_PADDING_PADME };
    static const struct {
        size_t len, padded;
    } known[] = { { 0, 0 },     { 1, 1 },       { 8, 8 },         { 9, 10 },           { 100, 104 },
                  { 127, 128 }, { 1000, 1024 }, { 10000, 10240 }, { 1000000, 1015808 } };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(known[i].len + mls_padding_len(&config, known[i].len), known[i].padded);
    size_t before = 0;
    for (size_t len = 1; len < 100000; len++) {
        const size_t padded = len + mls_padding_len(&config, len);
        assert_true(padded >= before && padded >= len);
        assert_true((padded - len) * 100 <= len * 12); /* at most 12 % more */
        before = padded;
    }
}

static void padding__ends_at_its_limit(void **state)
{
    (void)state;
    const mls_group_config_t config = { .padding = MLS_PADDING_BLOCK,
                                        .padding_block = 64,
                                        .padding_limit = 1000 };
    assert_int_equal(mls_padding_len(&config, 999), 25);
    assert_int_equal(mls_padding_len(&config, 1000), 0);
    assert_int_equal(mls_padding_len(&config, 1001), 0);
}

static void padding__makes_ciphertexts_of_one_length(void **state)
{
    test_context_t *t = *state;
    const mls_group_config_t config = { .padding = MLS_PADDING_BLOCK, .padding_block = 256 };
    const test_epoch_t epoch = test_epoch_new(t);
    const mls_message_key_t key = random_key(t);
    static const char *const bodies[] = { "00", "0161", "0568656c6c6f", "0a30303030303030303030" };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        mls_authenticated_content_t content =
            test_content(t, &epoch, MLS_CONTENT_APPLICATION, MLS_WIRE_FORMAT_PRIVATE_MESSAGE);
        content.content.body = test_hex(t, bodies[i]);
        const mls_private_message_t message = decode(t, seal_with(t, &epoch, &key, &content, &config));
        assert_int_equal(message.ciphertext.len, 256);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(seal__gives_what_others_take),
        TEST(application_data__comes_out_as_it_went_in),
        TEST(seal__never_gives_the_same_twice),
        TEST(open__refuses_each_changed_field),
        TEST(open__refuses_every_changed_bit),
        TEST(open__refuses_every_truncation),
        TEST(open__with_the_key_of_another_generation_fails),
        TEST(padding__must_be_all_zero),
        TEST(padding__none_and_block_have_their_sizes),
        TEST(padding__padme_has_its_sizes),
        TEST(padding__ends_at_its_limit),
        TEST(padding__makes_ciphertexts_of_one_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
