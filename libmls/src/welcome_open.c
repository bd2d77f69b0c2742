/* welcome_open.c -- opening a Welcome (RFC 9420, Section 12.4.3.1). */
#include "welcome_open.h"
#include "bytes.h"

#include <stdlib.h>

void mls_welcome_free(mls_welcome_t *welcome)
{
    if (welcome == NULL)
        return;
    mls_arena_clear(&welcome->arena);
    mls_bytes_clear(&welcome->secrets_bytes);
    mls_bytes_clear(&welcome->info_bytes);
    mls_wipe(welcome, sizeof *welcome);
    free(welcome);
}

static const mls_encrypted_group_secrets_t *find_entry(const mls_welcome_data_t *data, mls_view_t ref)
{
    for (size_t i = 0; i < data->secrets.count; i++)
        if (mls_view_equal(data->secrets.items[i].new_member, ref))
            return &data->secrets.items[i];
    return NULL;
}

static mls_status_t open_secrets(mls_welcome_t *welcome, const mls_welcome_data_t *data)
{
    mls_crypto_t *crypto = welcome->crypto;
    const mls_key_package_t *kp = welcome->key_package;
    const mls_encrypted_group_secrets_t *entry = find_entry(data, mls_key_package_ref(kp));
    mls_status_t status;

    if ((status = mls_check(crypto, MLS_RULE_W1, entry != NULL)) != MLS_OK ||
        (status = mls_check(crypto, MLS_RULE_W1_SUITE, data->cipher_suite == kp->suite->id)) != MLS_OK)
        return status;
    status = mls_decrypt_with_label(crypto, welcome->suite, &welcome->secrets_bytes, &kp->init_private_key,
                                    mls_view(NULL, 0), "Welcome", data->encrypted_group_info,
                                    entry->ciphertext.kem_output, entry->ciphertext.ciphertext);
    if (mls_status_is_input(status))
        return mls_refuse(crypto, MLS_RULE_W2, MLS_ERR_DECRYPT);
    if (status == MLS_OK)
        status = mls_decode_input(crypto, &welcome->secrets, sizeof welcome->secrets, mls_codec_group_secrets,
                                  mls_bytes_view(&welcome->secrets_bytes), &welcome->arena);
    if (status == MLS_OK)
        status = mls_check(crypto, MLS_RULE_W2_JOINER_SECRET,
                           welcome->secrets.joiner_secret.len == welcome->suite->hash->len);
    return status == MLS_OK ? mls_secret_set(&welcome->joiner_secret, welcome->secrets.joiner_secret)
                            : status;
}

static bool is_of_origin(const mls_pre_shared_key_id_t *id)
{
    return id->type == MLS_PSK_RESUMPTION && id->usage != MLS_PSK_USAGE_APPLICATION;
}

/* Rule W3_KIND: at most one PSK of a reinitialisation or branch. */
static mls_status_t check_psks(mls_welcome_t *welcome, const mls_limits_t *limits)
{
    mls_status_t status =
        mls_check(welcome->crypto, MLS_RULE_W3_COUNT, welcome->secrets.psks.count <= limits->num_proposals);
    for (size_t i = 0; status == MLS_OK && i < welcome->secrets.psks.count; i++) {
        const mls_pre_shared_key_id_t *id = &welcome->secrets.psks.items[i];
        status = mls_check(welcome->crypto, MLS_RULE_P5, id->nonce.len == welcome->suite->hash->len);
        if (status != MLS_OK || !is_of_origin(id))
            continue;
        status = mls_check(welcome->crypto, MLS_RULE_W3_KIND, welcome->origin_psk == NULL);
        welcome->origin_psk = id;
    }
    return status;
}

static const mls_group_t *find_group(const mls_group_config_t *config, mls_view_t group_id)
{
    const mls_group_t *found =
        config->find_group == NULL ? NULL : config->find_group(config->find_group_arg, group_id);
    return found != NULL && mls_view_equal(mls_group_id(found), group_id) ? found : NULL;
}

static mls_status_t find_origin(mls_welcome_t *welcome, const mls_group_config_t *config)
{
    if (welcome->origin_psk == NULL)
        return MLS_OK;
    welcome->origin = find_group(config, welcome->origin_psk->id);
    return mls_check(welcome->crypto, MLS_RULE_W3, welcome->origin != NULL);
}

static mls_status_t find_psk(const mls_welcome_t *welcome, const mls_group_config_t *config,
                             const mls_pre_shared_key_id_t *id, mls_view_t *secret)
{
    mls_psk_source_t source = { .config = config };
    if (is_of_origin(id)) {
        source = mls_group_psk_source(welcome->origin);
        source.origin = NULL; /* its own is that of the group before it */
    }
    mls_status_t status = mls_psk_find(&source, id, secret);
    return status == MLS_ERR_NOT_FOUND ? mls_refuse(welcome->crypto, MLS_RULE_W3, status) : status;
}

static mls_status_t collect_psks(mls_welcome_t *welcome, const mls_group_config_t *config)
{
    const size_t num = welcome->secrets.psks.count;
    mls_view_t *views = mls_arena_alloc(&welcome->arena, (num + 1) * sizeof *views);
    mls_status_t status = check_psks(welcome, &config->limits);

    if (views == NULL)
        return MLS_ERR_NOMEM;
    if (status == MLS_OK)
        status = find_origin(welcome, config);
    for (size_t i = 0; status == MLS_OK && i < num; i++) {
        mls_view_t lent;
        uint8_t *copy;
        if ((status = find_psk(welcome, config, &welcome->secrets.psks.items[i], &lent)) != MLS_OK)
            break;
        if ((copy = mls_arena_alloc(&welcome->arena, lent.len + 1)) == NULL)
            return MLS_ERR_NOMEM;
        if (lent.len > 0)
            memcpy(copy, lent.data, lent.len);
        views[i] = mls_view(copy, lent.len);
    }
    return status == MLS_OK ? mls_psk_secret(welcome->crypto, welcome->suite, &welcome->psk_secret,
                                             welcome->secrets.psks.items, views, num)
                            : status;
}

/* RFC 9420, Section 13.4: asked before the tree, for which the host may have to go some way. */
static mls_status_t check_own_support(const mls_welcome_t *welcome)
{
    mls_key_package_data_t own;
    mls_status_t status = mls_key_package_decode(welcome->key_package, &own);
    if (status == MLS_OK)
        status = mls_leaf_node_check_extensions(welcome->crypto, &own.leaf, welcome->info.context.extensions);
    return status == MLS_ERR_INVALID ? mls_refuse(welcome->crypto, MLS_RULE_W16, status) : status;
}

static mls_status_t check_group_is_new(const mls_welcome_t *welcome, const mls_group_config_t *config)
{
    const mls_group_t *found = find_group(config, welcome->info.context.group_id);
    return mls_check(welcome->crypto, MLS_RULE_W5, found == NULL || mls_group_is_removed(found));
}

static mls_status_t open_info(mls_welcome_t *welcome, const mls_group_config_t *config, mls_view_t encrypted)
{
    const mls_suite_t *suite = welcome->suite;
    mls_secret_t welcome_secret = { 0 };
    mls_message_key_t key = { 0 };
    mls_status_t status;

    if (encrypted.len < MLS_AEAD_TAG_LEN)
        return mls_refuse(welcome->crypto, MLS_RULE_W2_GROUP_INFO, MLS_ERR_DECRYPT);
    if ((status = mls_welcome_secret(welcome->crypto, suite, &welcome_secret, &welcome->joiner_secret,
                                     &welcome->psk_secret)) != MLS_OK ||
        (status = mls_welcome_key_nonce(welcome->crypto, suite, key.key, key.nonce, &welcome_secret)) !=
            MLS_OK ||
        (status = mls_bytes_alloc_unset(&welcome->info_bytes, encrypted.len - MLS_AEAD_TAG_LEN)) != MLS_OK)
        goto cleanup;
    status = suite->aead->open(welcome->crypto, suite->aead->variant, welcome->info_bytes.data, key.key,
                               key.nonce, mls_view(NULL, 0), encrypted);
    if (status == MLS_ERR_DECRYPT)
        status = mls_refuse(welcome->crypto, MLS_RULE_W2_GROUP_INFO, status);
    if (status == MLS_OK)
        status = mls_decode_input(welcome->crypto, &welcome->info, sizeof welcome->info, mls_codec_group_info,
                                  mls_bytes_view(&welcome->info_bytes), NULL);
    if (status == MLS_OK)
        status = mls_check(welcome->crypto, MLS_RULE_W6, welcome->info.context.cipher_suite == suite->id);
    if (status == MLS_OK)
        status = check_group_is_new(welcome, config);
    if (status == MLS_OK)
        status = check_own_support(welcome);

cleanup:
    mls_wipe(&key, sizeof key);
    mls_secret_wipe(&welcome_secret);
    return status;
}

static mls_status_t open_message(mls_welcome_t *welcome, const mls_group_config_t *config, mls_view_t bytes)
{
    mls_arena_t arena = { 0 };
    mls_message_t message;
    mls_status_t status =
        mls_message_decode(welcome->crypto, &message, bytes, config->limits.tree_len, &arena);

    if (status == MLS_OK && message.wire_format != MLS_WIRE_FORMAT_WELCOME)
        status = MLS_ERR_ARGUMENT;
    if (status == MLS_OK && (status = open_secrets(welcome, &message.welcome)) == MLS_OK &&
        (status = collect_psks(welcome, config)) == MLS_OK)
        status = open_info(welcome, config, message.welcome.encrypted_group_info);
    if (status == MLS_OK)
        status = mls_extensions_check(welcome->crypto, &config->limits, welcome->info.extensions);
    mls_arena_clear(&arena);
    return status;
}

mls_status_t mls_welcome_open(mls_welcome_t **out, mls_crypto_t *crypto, const mls_group_config_t *config,
                              const mls_key_package_t *key_package, mls_view_t message)
{
    const mls_group_config_t complete = mls_group_config_complete(config);
    mls_welcome_t *welcome = calloc(1, sizeof *welcome);
    mls_status_t status;

    *out = NULL;
    if (welcome == NULL)
        return MLS_ERR_NOMEM;
    welcome->crypto = crypto;
    welcome->suite = key_package->suite;
    welcome->key_package = key_package;
    if ((status = open_message(welcome, &complete, message)) != MLS_OK) {
        mls_welcome_free(welcome);
        return status;
    }
    *out = welcome;
    return MLS_OK;
}

mls_view_t mls_welcome_group_id(const mls_welcome_t *welcome)
{
    return welcome->info.context.group_id;
}

uint64_t mls_welcome_epoch(const mls_welcome_t *welcome)
{
    return welcome->info.context.epoch;
}

mls_view_t mls_welcome_group_info_extensions(const mls_welcome_t *welcome)
{
    return welcome->info.extensions;
}

mls_view_t mls_welcome_group_context_extensions(const mls_welcome_t *welcome)
{
    return welcome->info.context.extensions;
}

bool mls_welcome_has_tree(const mls_welcome_t *welcome)
{
    mls_view_t data;
    return mls_extensions_find(&data, welcome->info.extensions, MLS_EXTENSION_RATCHET_TREE) == MLS_OK;
}
