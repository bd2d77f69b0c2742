/* welcome.c -- opening a Welcome, step by step (RFC 9420, Section 12.4.3.1). */
#include "welcome.h"
#include "key_schedule.h"
#include "vectors.h"

#include <stdlib.h>

/* The secrets for the key package, whose reference tells which they are. */
static bool open_group_secrets(vector_case_t *c, mls_bytes_t *out, const mls_welcome_data_t *welcome,
                               mls_view_t key_package)
{
    mls_secret_t ref = { 0 };
    mls_hpke_private_t init_key = { 0 };
    const mls_encrypted_group_secrets_t *found = NULL;

    if (!vector_ok(c, "key_package", mls_key_package_data_ref(c->crypto, c->suite, &ref, key_package)) ||
        !vector_ok(c, "init_priv",
                   mls_hpke_private_set(c->suite, &init_key, vector_bytes(c, c->json, "init_priv"))))
        return false;
    for (size_t i = 0; i < welcome->secrets.count; i++)
        if (mls_view_equal(welcome->secrets.items[i].new_member, mls_secret_view(&ref)))
            found = &welcome->secrets.items[i];
    return vector_check(c, "welcome", found != NULL, "is not for the key package") &&
           vector_ok(c, "welcome",
                     mls_decrypt_with_label(c->crypto, c->suite, out, &init_key, mls_view(NULL, 0), "Welcome",
                                            welcome->encrypted_group_info, found->ciphertext.kem_output,
                                            found->ciphertext.ciphertext));
}

static bool open_group_info(vector_case_t *c, mls_bytes_t *out, const mls_welcome_data_t *welcome,
                            const mls_secret_t *joiner_secret, const mls_secret_t *psk_secret)
{
    mls_secret_t welcome_secret = { 0 };
    uint8_t key[MLS_MAX_KEY_LEN], nonce[MLS_MAX_NONCE_LEN];
    const mls_view_t ciphertext = welcome->encrypted_group_info;

    if (!vector_check(c, "welcome", ciphertext.len >= MLS_AEAD_TAG_LEN, "has too short a GroupInfo"))
        return false;
    out->data = calloc(1, ciphertext.len);
    out->len = ciphertext.len - MLS_AEAD_TAG_LEN;
    return vector_check(c, "welcome", out->data != NULL, "no memory") &&
           vector_ok(c, "welcome_secret",
                     mls_welcome_secret(c->crypto, c->suite, &welcome_secret, joiner_secret, psk_secret)) &&
           vector_ok(c, "welcome_secret",
                     mls_welcome_key_nonce(c->crypto, c->suite, key, nonce, &welcome_secret)) &&
           vector_ok(c, "encrypted_group_info",
                     c->suite->aead->open(c->crypto, c->suite->aead->variant, out->data, key, nonce,
                                          mls_view(NULL, 0), ciphertext));
}

static void check_group_info(vector_case_t *c, mls_view_t encoded, const mls_secret_t *joiner_secret,
                             const mls_secret_t *psk_secret)
{
    mls_group_info_t info;
    mls_epoch_secrets_t secrets = { 0 };
    mls_secret_t tag = { 0 };

    if (!vector_ok(c, "GroupInfo", mls_decode(&info, sizeof info, mls_codec_group_info, encoded, &c->arena)))
        return;
    vector_ok(c, "signer_pub",
              mls_verify_with_label(c->crypto, c->suite, vector_bytes(c, c->json, "signer_pub"),
                                    "GroupInfoTBS", info.tbs, info.signature));
    vector_ok(c, "epoch_secret",
              mls_epoch_secrets_derive(c->crypto, c->suite, &secrets, joiner_secret, psk_secret,
                                       info.context_encoded));
    vector_ok(c, "confirmation_tag",
              mls_confirmation_tag(c->crypto, c->suite, &tag, &secrets.confirmation_key,
                                   info.context.confirmed_transcript_hash));
    vector_check(c, "confirmation_tag", mls_tag_equal(&tag, info.confirmation_tag), "does not match");
}

static void check_welcome(vector_case_t *c, const mls_welcome_data_t *welcome, mls_view_t key_package)
{
    mls_bytes_t group_secrets = { 0 }, group_info = { 0 };
    mls_group_secrets_t secrets;
    mls_secret_t joiner_secret = { 0 }, psk_secret = { 0 };

    if (open_group_secrets(c, &group_secrets, welcome, key_package) &&
        vector_ok(c, "GroupSecrets",
                  mls_decode(&secrets, sizeof secrets, mls_codec_group_secrets,
                             mls_bytes_view(&group_secrets), &c->arena)) &&
        vector_ok(c, "joiner_secret", mls_secret_set(&joiner_secret, secrets.joiner_secret)) &&
        vector_ok(c, "psk_secret", mls_psk_secret(c->crypto, c->suite, &psk_secret, NULL, NULL, 0)) &&
        open_group_info(c, &group_info, welcome, &joiner_secret, &psk_secret))
        check_group_info(c, mls_bytes_view(&group_info), &joiner_secret, &psk_secret);
    mls_bytes_clear(&group_info);
    mls_bytes_clear(&group_secrets);
}

static void verify(vector_case_t *c)
{
    mls_message_t key_package, welcome;
    if (vector_decode(c, c->json, "key_package", &key_package, sizeof key_package, mls_codec_message) &&
        vector_decode(c, c->json, "welcome", &welcome, sizeof welcome, mls_codec_message) &&
        vector_check(c, "key_package", key_package.wire_format == MLS_WIRE_FORMAT_KEY_PACKAGE, "is none") &&
        vector_check(c, "welcome", welcome.wire_format == MLS_WIRE_FORMAT_WELCOME, "is none"))
        check_welcome(c, &welcome.welcome, key_package.key_package);
}

static const char *const fields[] = { "cipher_suite", "init_priv", "signer_pub",
                                      "key_package",  "welcome",   NULL };
const vector_kind_t vector_welcome = { "welcome", fields, verify };
