#include "device.h"
#include "jid.h"

/* The suite whose signatures are Ed25519 and whose hash is SHA-256, for all that is not a group's. */
enum { DEVICE_SUITE = MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519 };

enum { MAX_JOIN_LIFETIME = 1213200 }; /* seconds: 14 days and an hour */

mls_status_t mod_mls_sha256(mls_crypto_t *crypto, uint8_t out[MOD_MLS_SHA256_LEN], mls_view_t in)
{
    mls_bytes_t hash;
    mls_status_t status = mls_crypto_hash(crypto, &hash, DEVICE_SUITE, in);

    memset(out, 0, MOD_MLS_SHA256_LEN);
    if (status != MLS_OK)
        return status;
    memcpy(out, hash.data, MOD_MLS_SHA256_LEN);
    mls_bytes_clear(&hash);
    return MLS_OK;
}

mls_status_t mod_mls_device_key_new(mod_mls_device_key_t *out, mls_crypto_t *crypto)
{
    mls_bytes_t private_key, public_key;
    mls_status_t status = mls_crypto_signature_key_pair(crypto, &private_key, &public_key, DEVICE_SUITE);

    *out = (mod_mls_device_key_t){ 0 };
    if (status != MLS_OK)
        return status;
    if (private_key.len == sizeof out->seed && public_key.len == sizeof out->public_key) {
        memcpy(out->seed, private_key.data, private_key.len);
        memcpy(out->public_key, public_key.data, public_key.len);
        status = mod_mls_device_id(out->id, crypto, mls_bytes_view(&public_key));
    } else {
        status = MLS_ERR_CRYPTO;
    }
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
    if (status != MLS_OK)
        mls_wipe(out, sizeof *out);
    return status;
}

mls_status_t mod_mls_device_id(char out[MOD_MLS_DEVICE_ID_SIZE], mls_crypto_t *crypto, mls_view_t device_key)
{
    uint8_t hash[MOD_MLS_SHA256_LEN];
    mls_status_t status = mod_mls_sha256(crypto, hash, device_key);

    mod_mls_hex(out, mls_view(hash, MOD_MLS_DEVICE_ID_LEN));
    return status;
}

mls_status_t mod_mls_device_fingerprint(char out[MOD_MLS_FINGERPRINT_SIZE], mls_crypto_t *crypto,
                                        mls_view_t device_key)
{
    uint8_t hash[MOD_MLS_SHA256_LEN];
    mls_status_t status = mod_mls_sha256(crypto, hash, device_key);

    for (size_t i = 0; i < 8; i++) {
        mod_mls_hex(out + 9 * i, mls_view(hash + 4 * i, 4));
        out[9 * i + 8] = i < 7 ? ' ' : '\0';
    }
    return status;
}

mls_status_t mod_mls_device_sign(uint8_t signature[MOD_MLS_SIGNATURE_LEN], mls_crypto_t *crypto,
                                 const mod_mls_device_key_t *key, const char *label, mls_codec_fn *visit_tbs,
                                 const void *object)
{
    mls_bytes_t tbs = { 0 }, out = { 0 };
    mls_status_t status;

    memset(signature, 0, MOD_MLS_SIGNATURE_LEN);
    if ((status = mls_encode(&tbs, visit_tbs, object)) == MLS_OK)
        status = mls_crypto_sign_with_label(crypto, &out, DEVICE_SUITE, mls_view(key->seed, sizeof key->seed),
                                            label, mls_bytes_view(&tbs));
    if (status == MLS_OK && out.len != MOD_MLS_SIGNATURE_LEN)
        status = MLS_ERR_CRYPTO;
    if (status == MLS_OK)
        memcpy(signature, out.data, out.len);
    mls_bytes_clear(&out);
    mls_bytes_clear(&tbs);
    return status;
}

mls_status_t mod_mls_device_verify_signature(mls_crypto_t *crypto, mls_view_t device_key, const char *label,
                                             mls_codec_fn *visit_tbs, const void *object,
                                             mls_view_t signature)
{
    mls_bytes_t tbs = { 0 };
    mls_status_t status = mls_encode(&tbs, visit_tbs, object);

    if (status == MLS_OK)
        status = mls_crypto_verify_with_label(crypto, DEVICE_SUITE, device_key, label, mls_bytes_view(&tbs),
                                              signature);
    mls_bytes_clear(&tbs);
    return status == MLS_ERR_ARGUMENT ? MLS_ERR_SIGNATURE : status;
}

mls_status_t mod_mls_join_request_validate(mls_crypto_t *crypto, const mod_mls_join_request_t *request)
{
    const mod_mls_key_package_shape_t *kp = &request->key_package;

    if (kp->not_after < kp->not_before || kp->not_after - kp->not_before > MAX_JOIN_LIFETIME)
        return MLS_ERR_INVALID;
    return mod_mls_device_verify_signature(crypto, request->device_key, MOD_MLS_LABEL_JOIN,
                                           mod_mls_codec_join_request_tbs, request, request->signature);
}

/* ---- the binding of a leaf to its device --------------------------------------------------------- */

mls_status_t mod_mls_leaf_device(mod_mls_xmpp_device_t *out, mls_arena_t *arena, const mls_leaf_info_t *leaf)
{
    mls_view_t data;
    mls_status_t status = mls_extensions_find(&data, leaf->extensions, MOD_MLS_EXTENSION_DEVICE);

    *out = (mod_mls_xmpp_device_t){ 0 };
    return status != MLS_OK ? status : mls_decode(out, sizeof *out, mod_mls_codec_xmpp_device, data, arena);
}

/* The hash binds a KeyPackage's leaf to its init key, which is not seen any more once the leaf is in a tree.
 */
static bool init_key_hash_fits(mls_crypto_t *crypto, const mod_mls_xmpp_device_t *device,
                               const mls_leaf_info_t *leaf)
{
    uint8_t hash[MOD_MLS_SHA256_LEN];

    if (leaf->source != MLS_LEAF_NODE_SOURCE_KEY_PACKAGE)
        return device->init_key_hash.len == 0;
    if (leaf->init_key.len == 0)
        return device->init_key_hash.len == MOD_MLS_SHA256_LEN;
    return mod_mls_sha256(crypto, hash, leaf->init_key) == MLS_OK &&
           mls_view_equal(device->init_key_hash, mls_view(hash, sizeof hash));
}

static mls_status_t endorsements_validate(mls_crypto_t *crypto, const mod_mls_xmpp_device_t *device,
                                          mls_view_t account)
{
    for (size_t i = 0; i < device->endorsements.count; i++) {
        const mod_mls_endorsement_t *e = &device->endorsements.items[i];
        if (!mls_view_equal(e->account, account) || !mls_view_equal(e->device_key, device->device_key))
            return MLS_ERR_REJECTED;
        mls_status_t status = mod_mls_device_verify_signature(crypto, e->endorser, MOD_MLS_LABEL_ENDORSEMENT,
                                                              mod_mls_codec_endorsement_tbs, e, e->signature);
        if (status != MLS_OK)
            return status;
    }
    return MLS_OK;
}

static mls_status_t binding_validate(mls_crypto_t *crypto, const mod_mls_xmpp_device_t *device,
                                     const mls_leaf_candidate_t *candidate)
{
    const mls_leaf_info_t *leaf = &candidate->leaf;
    const mod_mls_xmpp_device_tbs_t tbs = {
        .cipher_suite = candidate->cipher_suite,
        .signature_key = leaf->signature_key,
        .encryption_key = leaf->encryption_key,
        .account = leaf->identity,
        .device_key = device->device_key,
        .serial = device->serial,
        .leaf_node_source = (uint8_t)leaf->source,
        .init_key_hash = device->init_key_hash,
        .group_id = candidate->group_id,
    };

    return mod_mls_device_verify_signature(crypto, device->device_key, MOD_MLS_LABEL_LEAF,
                                           mod_mls_codec_xmpp_device_tbs, &tbs, device->signature);
}

/* A leaf is followed by leaves of the same device only, and never by an older one. */
static mls_status_t succession_validate(mls_arena_t *arena, const mod_mls_xmpp_device_t *device,
                                        const mls_leaf_candidate_t *candidate)
{
    mod_mls_xmpp_device_t before;

    if (candidate->predecessor == NULL)
        return MLS_OK;
    mls_status_t status = mod_mls_leaf_device(&before, arena, candidate->predecessor);
    if (status != MLS_OK)
        return status;
    if (!mls_view_equal(candidate->predecessor->identity, candidate->leaf.identity) ||
        !mls_view_equal(before.device_key, device->device_key) || device->serial <= before.serial)
        return MLS_ERR_REJECTED;
    return MLS_OK;
}

mls_status_t mod_mls_leaf_validate(void *arg, const mls_leaf_candidate_t *candidate)
{
    mls_crypto_t *crypto = arg;
    const mls_leaf_info_t *leaf = &candidate->leaf;
    mls_arena_t arena = { 0 };
    mod_mls_xmpp_device_t device;
    mls_status_t status;

    if (leaf->credential_type != MLS_CREDENTIAL_BASIC || !mod_mls_jid_is_bare(leaf->identity))
        return MLS_ERR_REJECTED;
    if ((status = mod_mls_leaf_device(&device, &arena, leaf)) == MLS_OK &&
        (status = init_key_hash_fits(crypto, &device, leaf) ? MLS_OK : MLS_ERR_REJECTED) == MLS_OK &&
        (status = endorsements_validate(crypto, &device, leaf->identity)) == MLS_OK &&
        (status = binding_validate(crypto, &device, candidate)) == MLS_OK)
        status = succession_validate(&arena, &device, candidate);
    mls_arena_clear(&arena);
    if (status == MLS_ERR_NOT_FOUND || mls_status_is_input(status))
        status = MLS_ERR_REJECTED; /* the leaf is at fault, in whatever way */
    return status;
}

mls_status_t mod_mls_leaf_sign(void *arg, mls_leaf_draft_t *draft)
{
    const mod_mls_leaf_signer_t *signer = arg;
    uint8_t init_key_hash[MOD_MLS_SHA256_LEN], signature[MOD_MLS_SIGNATURE_LEN];
    const bool of_key_package = draft->source == MLS_LEAF_NODE_SOURCE_KEY_PACKAGE;
    mod_mls_xmpp_device_t device = { 0 };
    mod_mls_xmpp_device_tbs_t tbs = { 0 };
    mls_bytes_t data = { 0 };
    mls_status_t status;

    if (of_key_package && (status = mod_mls_sha256(signer->crypto, init_key_hash, draft->init_key)) != MLS_OK)
        return status;
    *signer->serial = *signer->serial + 1 > signer->now ? *signer->serial + 1 : signer->now;
    tbs.cipher_suite = draft->cipher_suite;
    tbs.signature_key = draft->signature_key;
    tbs.encryption_key = draft->encryption_key;
    tbs.account = draft->identity;
    tbs.device_key = device.device_key = mls_view(signer->key->public_key, MOD_MLS_DEVICE_KEY_LEN);
    tbs.serial = device.serial = *signer->serial;
    tbs.leaf_node_source = (uint8_t)draft->source;
    tbs.group_id = draft->group_id;
    if (of_key_package)
        tbs.init_key_hash = device.init_key_hash = mls_view(init_key_hash, sizeof init_key_hash);
    device.signature = mls_view(signature, sizeof signature);
    if ((status = mod_mls_device_sign(signature, signer->crypto, signer->key, MOD_MLS_LABEL_LEAF,
                                      mod_mls_codec_xmpp_device_tbs, &tbs)) == MLS_OK &&
        (status = mls_encode(&data, mod_mls_codec_xmpp_device, &device)) == MLS_OK)
        status = mls_leaf_draft_set_extension(draft, MOD_MLS_EXTENSION_DEVICE, mls_bytes_view(&data));
    mls_bytes_clear(&data);
    return status;
}
