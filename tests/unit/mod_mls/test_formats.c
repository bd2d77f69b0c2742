/* The structs of the binding: exact encodings, and nothing else accepted. */
#include "device.h"
#include "formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const uint8_t bytes[64] = { 1, 2, 3 }, other[64] = { 9 };

static mls_view_t fixed(size_t len)
{
    return mls_view(bytes, len);
}

/* Encodes, decodes and encodes again; returns the encoding. Every truncation and a trailing byte are refused.
 */
static mls_bytes_t roundtrip(mls_codec_fn *visit, const void *object, void *decoded, size_t size)
{
    mls_arena_t arena = { 0 };
    mls_bytes_t first, second;
    assert_int_equal(mls_encode(&first, visit, object), MLS_OK);
    assert_int_equal(mls_decode(decoded, size, visit, mls_bytes_view(&first), &arena), MLS_OK);
    assert_int_equal(mls_encode(&second, visit, decoded), MLS_OK);
    assert_true(mls_view_equal(mls_bytes_view(&first), mls_bytes_view(&second)));
    for (size_t len = 0; len < first.len; len++)
        assert_int_equal(mls_decode(decoded, size, visit, mls_view(first.data, len), &arena),
                         MLS_ERR_MALFORMED);
    uint8_t *longer = calloc(1, first.len + 1);
    memcpy(longer, first.data, first.len);
    assert_int_equal(mls_decode(decoded, size, visit, mls_view(longer, first.len + 1), &arena),
                     MLS_ERR_MALFORMED);
    free(longer);
    mls_bytes_clear(&second);
    mls_arena_clear(&arena);
    return first;
}

static void refuses(mls_codec_fn *visit, const void *object)
{
    mls_bytes_t out;
    assert_int_equal(mls_encode(&out, visit, object), MLS_ERR_MALFORMED);
    assert_null(out.data);
}

static mod_mls_endorsement_t endorsement(void)
{
    return (mod_mls_endorsement_t){ .account = mls_view_text("a@x"),
                                    .endorser = mls_view(other, 32),
                                    .device_key = fixed(32),
                                    .created = 1,
                                    .signature = fixed(64) };
}

static void formats__endorsement(void **state)
{
    mod_mls_endorsement_t e = endorsement(), decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_endorsement, &e, &decoded, sizeof decoded);
    assert_int_equal(encoded.len, 1 + 1 + 3 + 32 + 32 + 8 + 64);
    encoded.data[0] = 1; /* a version that is not known */
    assert_int_equal(
        mls_decode(&decoded, sizeof decoded, mod_mls_codec_endorsement, mls_bytes_view(&encoded), NULL),
        MLS_ERR_MALFORMED);
    mls_bytes_clear(&encoded);
    e.endorser = e.device_key;
    refuses(mod_mls_codec_endorsement, &e);
    e = endorsement();
    e.account = mls_view_text("a@x/resource");
    refuses(mod_mls_codec_endorsement, &e);
}

static void formats__device_item(void **state)
{
    mod_mls_device_item_t item = { .account = mls_view_text("a@x"),
                                   .device_key = fixed(32),
                                   .label = mls_view_text("phone"),
                                   .signature = fixed(64) },
                          decoded;
    char label[66];
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_device_item, &item, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    memset(label, 'x', sizeof label);
    item.label = mls_view(label, 65);
    refuses(mod_mls_codec_device_item, &item);
    item.label = mls_view_text("\xff");
    refuses(mod_mls_codec_device_item, &item);
}

static void formats__revocation(void **state)
{
    mod_mls_revocation_t r = { .account = mls_view_text("a@x"),
                               .revoker = mls_view(other, 32),
                               .device_key = fixed(32),
                               .reason = MOD_MLS_REVOCATION_STOLEN,
                               .signature = fixed(64) },
                         decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_revocation, &r, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    r.reason = 0;
    refuses(mod_mls_codec_revocation, &r);
    r.reason = 4;
    refuses(mod_mls_codec_revocation, &r);
}

static void formats__key_package_index(void **state)
{
    mod_mls_key_package_entry_t entries[] = { { 1, mls_view_text("one"), 0, 5 },
                                              { 1, mls_view_text("two"), 1, 5 } };
    mod_mls_key_package_index_t index = { .account = mls_view_text("a@x"),
                                          .device_key = fixed(32),
                                          .serial = 7,
                                          .entries = { entries, 2 },
                                          .signature = fixed(64) },
                                decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_key_package_index, &index, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    entries[0].last_resort = 1; /* two of one suite */
    refuses(mod_mls_codec_key_package_index, &index);
    entries[0] = (mod_mls_key_package_entry_t){ 1, mls_view_text("two"), 0, 5 }; /* one ref twice */
    refuses(mod_mls_codec_key_package_index, &index);
    entries[0] = (mod_mls_key_package_entry_t){ 1, mls_view_text("one"), 2, 5 };
    refuses(mod_mls_codec_key_package_index, &index);
}

static void formats__xmpp_device(void **state)
{
    mod_mls_endorsement_t endorsements[5];
    mod_mls_xmpp_device_t device = { .device_key = fixed(32),
                                     .serial = 3,
                                     .init_key_hash = fixed(32),
                                     .endorsements = { endorsements, 4 },
                                     .signature = fixed(64) },
                          decoded;
    (void)state;
    for (size_t i = 0; i < 5; i++)
        endorsements[i] = endorsement();
    mls_bytes_t encoded = roundtrip(mod_mls_codec_xmpp_device, &device, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    device.endorsements.count = 5;
    refuses(mod_mls_codec_xmpp_device, &device);
    device.endorsements.count = 0;
    device.init_key_hash = fixed(31);
    refuses(mod_mls_codec_xmpp_device, &device);
}

static void formats__xmpp_room(void **state)
{
    mls_view_t admins[] = { mls_view_text("a@x"), mls_view_text("b@x") };
    mls_view_t revoked[] = { mls_view(bytes, 16), mls_view(other, 16) };
    mls_extension_t unknown[] = { { 0xf000, mls_view_text("later") } };
    mod_mls_xmpp_room_t room = { .room = mls_view_text("r@x"),
                                 .kind = MOD_MLS_KIND_ROOM,
                                 .may_add = 1,
                                 .may_remove = 2,
                                 .may_change = 2,
                                 .bridges = 1,
                                 .admins = { admins, 2 },
                                 .idle_days = 30,
                                 .max_leaves = 9,
                                 .revoked = { revoked, 2 },
                                 .replaces = mls_view_text("before"),
                                 .name = mls_view_text("Team"),
                                 .extensions = { unknown, 1 } },
                        decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_xmpp_room, &room, &decoded, sizeof decoded);
    encoded.data[0] = 1;
    assert_int_equal(
        mls_decode(&decoded, sizeof decoded, mod_mls_codec_xmpp_room, mls_bytes_view(&encoded), NULL),
        MLS_ERR_UNSUPPORTED);
    mls_bytes_clear(&encoded);
    admins[0] = admins[1]; /* a set */
    refuses(mod_mls_codec_xmpp_room, &room);
    admins[0] = mls_view_text("c@x"); /* ascending */
    refuses(mod_mls_codec_xmpp_room, &room);
    room.admins.count = 0; /* only where everybody may do everything */
    refuses(mod_mls_codec_xmpp_room, &room);
    room.may_remove = room.may_change = 1;
    encoded = roundtrip(mod_mls_codec_xmpp_room, &room, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    room.kind = 3;
    refuses(mod_mls_codec_xmpp_room, &room);
    room.kind = 1;
    room.bridges = 2;
    refuses(mod_mls_codec_xmpp_room, &room);
}

static void formats__xmpp_anchor_and_tree(void **state)
{
    mod_mls_xmpp_anchor_t anchor = { .commit = fixed(32) }, decoded_anchor;
    mod_mls_xmpp_tree_t tree = { .url = mls_view_text("https://x/y"),
                                 .key = fixed(32),
                                 .nonce = fixed(12),
                                 .sha256 = fixed(32),
                                 .size = 67108864 },
                        decoded_tree;
    (void)state;
    mls_bytes_t encoded =
        roundtrip(mod_mls_codec_xmpp_anchor, &anchor, &decoded_anchor, sizeof decoded_anchor);
    mls_bytes_clear(&encoded);
    encoded = roundtrip(mod_mls_codec_xmpp_tree, &tree, &decoded_tree, sizeof decoded_tree);
    mls_bytes_clear(&encoded);
    tree.size++;
    refuses(mod_mls_codec_xmpp_tree, &tree);
    tree.size = 1;
    tree.url = mls_view_text("https://x/\xc3\xa9");
    refuses(mod_mls_codec_xmpp_tree, &tree);
    tree.url = mls_view_text("");
    refuses(mod_mls_codec_xmpp_tree, &tree);
}

static mod_mls_join_request_t join_request(void)
{
    return (mod_mls_join_request_t){
        .room = mls_view_text("r@x"),
        .group_id = fixed(32),
        .account = mls_view_text("a@x"),
        .device_key = fixed(32),
        .reason = MOD_MLS_JOIN_STATE_LOST,
        .epoch = 4,
        .key_package = { .version = 1,
                         .cipher_suite = 1,
                         .init_key = fixed(32),
                         .encryption_key = fixed(32),
                         .signature_key = fixed(32),
                         .credential_type = MLS_CREDENTIAL_BASIC,
                         .credential = mls_view_text("a@x"),
                         .leaf_node_source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE,
                         .not_after = 1213200,
                         .leaf_signature = fixed(64),
                         .signature = fixed(64) },
        .signature = fixed(64),
    };
}

static void formats__join_request(void **state)
{
    mod_mls_join_request_t request = join_request(), decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_join_request, &request, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    request.reason = MOD_MLS_JOIN_OUT_OF_STEP; /* which names a Commit */
    refuses(mod_mls_codec_join_request, &request);
    request.commit = fixed(32);
    encoded = roundtrip(mod_mls_codec_join_request, &request, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    request.reason = 5;
    refuses(mod_mls_codec_join_request, &request);
}

static void formats__authenticated_data(void **state)
{
    mod_mls_join_request_t requests[] = { join_request() };
    mod_mls_authenticated_data_t data = { .room = mls_view_text("r@x"),
                                          .anchor = fixed(16),
                                          .origin_id = mls_view_text("8f"),
                                          .join_requests = { requests, 1 } },
                                 decoded;
    (void)state;
    mls_bytes_t encoded = roundtrip(mod_mls_codec_authenticated_data, &data, &decoded, sizeof decoded);
    mls_bytes_clear(&encoded);
    data.origin_id = mls_view_text("");
    refuses(mod_mls_codec_authenticated_data, &data);
    data.origin_id = mls_view_text("a b");
    refuses(mod_mls_codec_authenticated_data, &data);
    data.origin_id = mls_view_text("8f");
    data.room = mls_view_text("");
    refuses(mod_mls_codec_authenticated_data, &data);
}

/* ---- signatures ---------------------------------------------------------------------------------- */

static void device__signs_and_verifies(void **state)
{
    mls_crypto_t *crypto;
    mod_mls_device_key_t key;
    uint8_t signature[64];
    (void)state;
    assert_int_equal(mls_crypto_new(&crypto, NULL), MLS_OK);
    assert_int_equal(mod_mls_device_key_new(&key, crypto), MLS_OK);
    const mls_view_t public_key = mls_view(key.public_key, 32), signed_by = mls_view(signature, 64);
    mod_mls_device_item_t item = { .account = mls_view_text("a@x"), .device_key = public_key };
    assert_int_equal(mod_mls_device_sign(signature, crypto, &key, MOD_MLS_LABEL_DEVICE,
                                         mod_mls_codec_device_item_tbs, &item),
                     MLS_OK);
    assert_int_equal(mod_mls_device_verify_signature(crypto, public_key, MOD_MLS_LABEL_DEVICE,
                                                     mod_mls_codec_device_item_tbs, &item, signed_by),
                     MLS_OK);
    assert_int_equal(mod_mls_device_verify_signature(crypto, public_key, MOD_MLS_LABEL_INDEX,
                                                     mod_mls_codec_device_item_tbs, &item, signed_by),
                     MLS_ERR_SIGNATURE); /* another label */
    item.updated = 1;
    assert_int_equal(mod_mls_device_verify_signature(crypto, public_key, MOD_MLS_LABEL_DEVICE,
                                                     mod_mls_codec_device_item_tbs, &item, signed_by),
                     MLS_ERR_SIGNATURE); /* another content */
    assert_int_equal(strlen(key.id), 32);
    mls_wipe(&key, sizeof key);
    mls_crypto_free(crypto);
}

/* A leaf as mod_mls makes it, and what may be wrong with one. */
static void device__validates_leaves(void **state)
{
    mls_crypto_t *crypto;
    mod_mls_device_key_t key;
    uint64_t serial = 100;
    uint16_t suites[] = { 1 }, types[] = { MOD_MLS_EXTENSION_DEVICE };
    mls_key_package_t *key_package;
    mls_key_package_info_t info;
    (void)state;
    assert_int_equal(mls_crypto_new(&crypto, NULL), MLS_OK);
    assert_int_equal(mod_mls_device_key_new(&key, crypto), MLS_OK);
    mod_mls_leaf_signer_t signer = { crypto, &key, &serial, 50 };
    const mls_key_package_params_t params = { .cipher_suite = 1,
                                              .identity = mls_view_text("a@x"),
                                              .capabilities = { .cipher_suites = { suites, 1 },
                                                                .extensions = { types, 1 } },
                                              .not_after = 1000,
                                              .leaf_hook = { mod_mls_leaf_sign, &signer } };
    assert_int_equal(mls_key_package_new(&key_package, crypto, &params), MLS_OK);
    assert_int_equal(serial, 101); /* grows, whatever the clock says */
    assert_int_equal(mls_key_package_read(&info, crypto, mls_key_package_message(key_package), 0, NULL),
                     MLS_OK);
    mls_leaf_candidate_t good = { .purpose = MLS_LEAF_IN_KEY_PACKAGE, .cipher_suite = 1, .leaf = info.leaf },
                         bad;
    assert_int_equal(mod_mls_leaf_validate(crypto, &good), MLS_OK);

    bad = good;
    bad.leaf.identity = mls_view_text("b@x"); /* another account */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.leaf.signature_key = mls_view(other, 32); /* another leaf key */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.leaf.init_key = mls_view(other, 32); /* another KeyPackage */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.cipher_suite = 3;
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.leaf.extensions = mls_view(NULL, 0); /* no xmpp_device */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.leaf.credential_type = MLS_CREDENTIAL_X509;
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT; /* a KeyPackage's leaf is no Commit's */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    bad = good;
    bad.predecessor = &good.leaf; /* the serial must grow */
    assert_int_equal(mod_mls_leaf_validate(crypto, &bad), MLS_ERR_REJECTED);
    mls_key_package_free(key_package);
    mls_wipe(&key, sizeof key);
    mls_crypto_free(crypto);
}

/* A KeyPackage of a device, and what it says. */
static mls_key_package_t *package_of(mls_crypto_t *crypto, mls_key_package_info_t *info,
                                     const mod_mls_device_key_t *key, uint64_t now)
{
    uint64_t serial = 0;
    uint16_t suites[] = { 1 }, types[] = { MOD_MLS_EXTENSION_DEVICE };
    mod_mls_leaf_signer_t signer = { crypto, key, &serial, now };
    mls_key_package_t *out;
    const mls_key_package_params_t params = { .cipher_suite = 1,
                                              .identity = mls_view_text("a@x"),
                                              .capabilities = { .cipher_suites = { suites, 1 },
                                                                .extensions = { types, 1 } },
                                              .not_after = 1000,
                                              .leaf_hook = { mod_mls_leaf_sign, &signer } };
    assert_int_equal(mls_key_package_new(&out, crypto, &params), MLS_OK);
    assert_int_equal(mls_key_package_read(info, crypto, mls_key_package_message(out), 0, NULL), MLS_OK);
    return out;
}

static void device__validates_succession(void **state)
{
    mls_crypto_t *crypto;
    mod_mls_device_key_t own, foreign;
    mls_key_package_info_t older, newer, other_device;
    (void)state;
    assert_int_equal(mls_crypto_new(&crypto, NULL), MLS_OK);
    assert_int_equal(mod_mls_device_key_new(&own, crypto), MLS_OK);
    assert_int_equal(mod_mls_device_key_new(&foreign, crypto), MLS_OK);
    mls_key_package_t *packages[] = { package_of(crypto, &older, &own, 10),
                                      package_of(crypto, &newer, &own, 20),
                                      package_of(crypto, &other_device, &foreign, 10) };
    mls_leaf_candidate_t candidate = {
        .purpose = MLS_LEAF_IN_UPDATE, .cipher_suite = 1, .leaf = newer.leaf, .predecessor = &older.leaf
    };
    assert_int_equal(mod_mls_leaf_validate(crypto, &candidate), MLS_OK);
    candidate.predecessor = &other_device.leaf;
    assert_int_equal(mod_mls_leaf_validate(crypto, &candidate), MLS_ERR_REJECTED);
    mls_leaf_info_t other_account = older.leaf;
    other_account.identity = mls_view_text("b@x");
    candidate.predecessor = &other_account;
    assert_int_equal(mod_mls_leaf_validate(crypto, &candidate), MLS_ERR_REJECTED);
    candidate.leaf = older.leaf; /* back to an older leaf */
    candidate.predecessor = &newer.leaf;
    assert_int_equal(mod_mls_leaf_validate(crypto, &candidate), MLS_ERR_REJECTED);
    for (size_t i = 0; i < 3; i++)
        mls_key_package_free(packages[i]);
    mls_wipe(&own, sizeof own);
    mls_wipe(&foreign, sizeof foreign);
    mls_crypto_free(crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats__endorsement),          cmocka_unit_test(formats__device_item),
        cmocka_unit_test(formats__revocation),           cmocka_unit_test(formats__key_package_index),
        cmocka_unit_test(formats__xmpp_device),          cmocka_unit_test(formats__xmpp_room),
        cmocka_unit_test(formats__xmpp_anchor_and_tree), cmocka_unit_test(formats__join_request),
        cmocka_unit_test(formats__authenticated_data),   cmocka_unit_test(device__signs_and_verifies),
        cmocka_unit_test(device__validates_leaves),      cmocka_unit_test(device__validates_succession),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
