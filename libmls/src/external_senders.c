#include "external_senders.h"

/* struct { SignaturePublicKey signature_key; Credential credential; } ExternalSender;
 * ExternalSender external_senders<V>;                                 RFC 9420, Section 12.1.8.1 */
static void codec_sender(mls_codec_t *codec, void *object)
{
    mls_external_sender_t *sender = object;
    mls_codec_opaque(codec, &sender->signature_key);
    mls_codec_credential(codec, &sender->credential);
}

typedef struct external_senders {
    mls_external_sender_t *items;
    size_t count;
} external_senders_t;

static void codec_senders(mls_codec_t *codec, void *object)
{
    external_senders_t *senders = object;
    MLS_CODEC_VECTOR(codec, senders, codec_sender);
}

mls_status_t mls_external_senders_encode(mls_bytes_t *out, const mls_external_sender_t *senders, size_t count)
{
    /* Encoding only reads. */
    const external_senders_t list = { (mls_external_sender_t *)(uintptr_t)senders, count };
    return mls_encode(out, codec_senders, &list);
}

/* The senders of the extension, in the arena; none where there is no extension. `crypto` NULL: no log is
 * told. */
static mls_status_t read_senders(mls_crypto_t *crypto, external_senders_t *out, mls_arena_t *arena,
                                 mls_view_t extensions)
{
    mls_view_t data;
    mls_status_t status = mls_extensions_find(&data, extensions, MLS_EXTENSION_EXTERNAL_SENDERS);
    *out = (external_senders_t){ 0 };
    if (status == MLS_ERR_NOT_FOUND)
        return MLS_OK;
    return status == MLS_OK ? mls_decode_input(crypto, out, sizeof *out, codec_senders, data, arena) : status;
}

mls_status_t mls_external_senders_at(mls_external_sender_t *out, mls_view_t extensions, uint32_t number)
{
    external_senders_t senders;
    mls_arena_t arena = { 0 };
    mls_status_t status = read_senders(NULL, &senders, &arena, extensions);

    *out = (mls_external_sender_t){ 0 };
    if (status == MLS_OK && number < senders.count)
        *out = senders.items[number];
    else if (status == MLS_OK)
        status = MLS_ERR_NOT_FOUND;
    mls_arena_clear(&arena);
    return status;
}

/* ---- validation ---------------------------------------------------------------------------------- */

static bool has_sender(const external_senders_t *senders, const mls_external_sender_t *sender)
{
    for (size_t i = 0; i < senders->count; i++)
        if (mls_view_equal(senders->items[i].signature_key, sender->signature_key) &&
            mls_credential_equal(&senders->items[i].credential, &sender->credential))
            return true;
    return false;
}

static mls_status_t check_sender(const mls_external_senders_rules_t *rules, const external_senders_t *before,
                                 const mls_external_sender_t *sender)
{
    const mls_leaf_candidate_t candidate = { .purpose = MLS_LEAF_IN_EXTERNAL_SENDERS,
                                             .cipher_suite = rules->suite->id,
                                             .group_id = rules->group_id,
                                             .leaf = { .leaf_index = UINT32_MAX,
                                                       .signature_key = sender->signature_key,
                                                       .credential_type = sender->credential.type,
                                                       .identity = sender->credential.body } };
    mls_status_t status = mls_check(rules->crypto, MLS_RULE_E7,
                                    sender->signature_key.len == rules->suite->signature->public_len);
    if (status == MLS_OK)
        status = mls_credential_check(rules->crypto, &rules->config->limits, &sender->credential,
                                      sender->signature_key);
    if (status != MLS_OK || has_sender(before, sender))
        return status;
    return mls_authenticate(rules->crypto, &rules->config->authentication, &candidate);
}

mls_status_t mls_external_senders_check(const mls_external_senders_rules_t *rules, mls_view_t before,
                                        mls_view_t extensions)
{
    external_senders_t old_senders, senders;
    mls_arena_t arena = { 0 };
    mls_status_t status;

    if ((status = read_senders(rules->crypto, &old_senders, &arena, before)) == MLS_OK &&
        (status = read_senders(rules->crypto, &senders, &arena, extensions)) == MLS_OK)
        status = mls_check(rules->crypto, MLS_RULE_L13,
                           senders.count <= rules->config->limits.num_external_senders);
    for (size_t i = 0; status == MLS_OK && i < senders.count; i++)
        status = check_sender(rules, &old_senders, &senders.items[i]);
    mls_arena_clear(&arena);
    return status;
}
