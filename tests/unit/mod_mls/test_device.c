/* What devices say of one another: endorsements, revocations and join requests, and each signature of them.
 */
#include "base64.h"
#include "device.h"
#include "device_list.h"
#include "formats.h"
#include "text.h"
#include "xml_reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ACCOUNT "a@x"

typedef struct devices {
    mls_crypto_t *crypto;
    mod_mls_device_key_t keys[3];
    uint8_t signature[MOD_MLS_SIGNATURE_LEN];
} devices_t;

static int start(void **state)
{
    static devices_t d;
    assert_int_equal(mls_crypto_new(&d.crypto, NULL), MLS_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(mod_mls_device_key_new(&d.keys[i], d.crypto), MLS_OK);
    *state = &d;
    return 0;
}

static int stop(void **state)
{
    devices_t *d = *state;
    mls_wipe(d->keys, sizeof d->keys);
    mls_crypto_free(d->crypto);
    return 0;
}

static mls_view_t key_of(const devices_t *d, size_t n)
{
    return mls_view(d->keys[n].public_key, MOD_MLS_DEVICE_KEY_LEN);
}

static mls_view_t sign(devices_t *d, size_t n, const char *label, mls_codec_fn *visit_tbs, const void *object)
{
    assert_int_equal(mod_mls_device_sign(d->signature, d->crypto, &d->keys[n], label, visit_tbs, object),
                     MLS_OK);
    return mls_view(d->signature, sizeof d->signature);
}

/* Device `from` endorses device `to`; the one that `signer` is signs. Its signature lives until the next. */
static mod_mls_endorsement_t endorse(devices_t *d, size_t from, size_t to, size_t signer, const char *account)
{
    mod_mls_endorsement_t e = { .account = mls_view_text(account),
                                .endorser = key_of(d, from),
                                .device_key = key_of(d, to),
                                .created = 1 };
    e.signature = sign(d, signer, MOD_MLS_LABEL_ENDORSEMENT, mod_mls_codec_endorsement_tbs, &e);
    return e;
}

/* ---- in a leaf ----------------------------------------------------------------------------------- */

/* The leaf with these endorsements in its xmpp_device; they are not under the device's signature. */
static mls_status_t validate_with(devices_t *d, const mls_leaf_candidate_t *candidate,
                                  mod_mls_endorsement_t *e)
{
    mls_leaf_candidate_t endorsed = *candidate;
    mod_mls_xmpp_device_t device;
    mls_arena_t arena = { 0 };
    mls_bytes_t data = { 0 };
    uint8_t extension[2000];
    assert_int_equal(mod_mls_leaf_device(&device, &arena, &candidate->leaf), MLS_OK);
    device.endorsements = (mod_mls_endorsements_t){ e, 1 };
    assert_int_equal(mls_encode(&data, mod_mls_codec_xmpp_device, &device), MLS_OK);
    assert_in_range(data.len, 64, sizeof extension - 4); /* its length takes two bytes */
    extension[0] = (uint8_t)(MOD_MLS_EXTENSION_DEVICE >> 8);
    extension[1] = (uint8_t)(MOD_MLS_EXTENSION_DEVICE & 0xff);
    extension[2] = (uint8_t)(0x40 | data.len >> 8);
    extension[3] = (uint8_t)data.len;
    memcpy(extension + 4, data.data, data.len);
    endorsed.leaf.extensions = mls_view(extension, 4 + data.len);
    mls_status_t status = mod_mls_leaf_validate(d->crypto, &endorsed);
    mls_bytes_clear(&data);
    mls_arena_clear(&arena);
    return status;
}

static void leaf__endorsements_are_of_its_account_and_device(void **state)
{
    devices_t *d = *state;
    uint64_t serial = 0;
    uint16_t suites[] = { 1 }, types[] = { MOD_MLS_EXTENSION_DEVICE };
    mod_mls_leaf_signer_t signer = { d->crypto, &d->keys[0], &serial, 50 };
    const mls_key_package_params_t params = { .cipher_suite = 1,
                                              .identity = mls_view_text(ACCOUNT),
                                              .capabilities = { .cipher_suites = { suites, 1 },
                                                                .extensions = { types, 1 } },
                                              .not_after = 1000,
                                              .leaf_hook = { mod_mls_leaf_sign, &signer } };
    mls_key_package_t *key_package;
    mls_key_package_info_t info;
    assert_int_equal(mls_key_package_new(&key_package, d->crypto, &params), MLS_OK);
    assert_int_equal(mls_key_package_read(&info, d->crypto, mls_key_package_message(key_package), 0, NULL),
                     MLS_OK);
    const mls_leaf_candidate_t leaf = { .purpose = MLS_LEAF_IN_KEY_PACKAGE,
                                        .cipher_suite = 1,
                                        .leaf = info.leaf };

    mod_mls_endorsement_t e = endorse(d, 1, 0, 1, ACCOUNT);
    assert_int_equal(validate_with(d, &leaf, &e), MLS_OK);
    e = endorse(d, 1, 0, 2, ACCOUNT); /* signed by somebody else */
    assert_int_equal(validate_with(d, &leaf, &e), MLS_ERR_REJECTED);
    e = endorse(d, 1, 2, 1, ACCOUNT); /* another device's */
    assert_int_equal(validate_with(d, &leaf, &e), MLS_ERR_REJECTED);
    e = endorse(d, 1, 0, 1, "b@x"); /* another account's */
    assert_int_equal(validate_with(d, &leaf, &e), MLS_ERR_REJECTED);
    mls_key_package_free(key_package);
}

/* ---- join requests ------------------------------------------------------------------------------- */

static mls_status_t validate_request(devices_t *d, mod_mls_join_request_t *request, size_t signer)
{
    request->signature = sign(d, signer, MOD_MLS_LABEL_JOIN, mod_mls_codec_join_request_tbs, request);
    return mod_mls_join_request_validate(d->crypto, request);
}

static void join_request__is_signed_and_lives_two_weeks(void **state)
{
    static const uint8_t bytes[64];
    const mls_view_t none = mls_view(NULL, 0), key = mls_view(bytes, 32), signature = mls_view(bytes, 64);
    devices_t *d = *state;
    mod_mls_join_request_t request = {
        .room = mls_view_text("r@x"),
        .group_id = key,
        .account = mls_view_text(ACCOUNT),
        .device_key = key_of(d, 0),
        .reason = MOD_MLS_JOIN_NEW_DEVICE,
        .key_package = { .version = 1,
                         .cipher_suite = 1,
                         .init_key = key,
                         .encryption_key = key,
                         .signature_key = key,
                         .credential_type = MLS_CREDENTIAL_BASIC,
                         .credential = mls_view_text(ACCOUNT),
                         .capabilities = { none, none, none, none, none },
                         .leaf_node_source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE,
                         .not_before = 1000,
                         .not_after = 1000 + 14 * 24 * 3600 + 3600,
                         .leaf_signature = signature,
                         .signature = signature },
    };
    assert_int_equal(validate_request(d, &request, 0), MLS_OK);
    assert_int_equal(validate_request(d, &request, 1), MLS_ERR_SIGNATURE);
    request.key_package.not_after++;
    assert_int_equal(validate_request(d, &request, 0), MLS_ERR_INVALID);
    request.key_package.not_after = request.key_package.not_before - 1;
    assert_int_equal(validate_request(d, &request, 0), MLS_ERR_INVALID);
}

/* ---- the devices node ---------------------------------------------------------------------------- */

static void add_item(mod_mls_text_t *xml, const char *id, const char *element, mls_codec_fn *visit,
                     const void *object)
{
    mls_bytes_t bytes = { 0 };
    assert_int_equal(mls_encode(&bytes, visit, object), MLS_OK);
    mod_mls_text_add(xml, "<item id='");
    mod_mls_text_add(xml, id);
    mod_mls_text_add(xml, "'><");
    mod_mls_text_add(xml, element);
    mod_mls_text_add(xml, " xmlns='" MOD_MLS_NAMESPACE "'>");
    mod_mls_text_add_base64(xml, mls_bytes_view(&bytes));
    mod_mls_text_add(xml, "</");
    mod_mls_text_add(xml, element);
    mod_mls_text_add(xml, "></item>");
    mls_bytes_clear(&bytes);
}

/* The beginning of a node on which two devices stand. */
static mod_mls_text_t two_devices(devices_t *d)
{
    mod_mls_text_t xml = { 0 };
    mod_mls_text_add(&xml, "<items>");
    for (size_t i = 0; i < 2; i++) {
        mod_mls_device_item_t item = { .account = mls_view_text(ACCOUNT), .device_key = key_of(d, i) };
        item.signature = sign(d, i, MOD_MLS_LABEL_DEVICE, mod_mls_codec_device_item_tbs, &item);
        add_item(&xml, d->keys[i].id, "device", mod_mls_codec_device_item, &item);
    }
    return xml;
}

/* Ends the node and reads it: whether both devices are of one set, and whether the second is revoked. */
static void read_node(devices_t *d, mod_mls_text_t *xml, bool *are_one_set, bool *is_revoked)
{
    mls_arena_t arena = { 0 };
    mod_mls_device_list_t list;
    const mod_mls_xml_node_t *items;
    mod_mls_text_add(xml, "</items>");
    assert_int_equal(mod_mls_xml_read(&items, &arena, xml->data, xml->len), MLS_OK);
    assert_int_equal(mod_mls_device_list_read(&list, &arena, d->crypto, items, ACCOUNT), MLS_OK);
    assert_int_equal(list.count, 2);
    *are_one_set = list.items[0].set == list.items[1].set;
    *is_revoked = list.items[1].is_revoked;
    mls_arena_clear(&arena);
    mod_mls_text_clear(xml);
}

static bool endorsement_connects(devices_t *d, size_t signer, const char *account)
{
    bool are_one_set, is_revoked;
    mod_mls_text_t xml = two_devices(d);
    const mod_mls_endorsement_t e = endorse(d, 0, 1, signer, account);
    add_item(&xml, "e", "endorsement", mod_mls_codec_endorsement, &e);
    read_node(d, &xml, &are_one_set, &is_revoked);
    assert_false(is_revoked);
    return are_one_set;
}

static void list__endorsement_connects_if_it_is_signed(void **state)
{
    assert_true(endorsement_connects(*state, 0, ACCOUNT));
    assert_false(endorsement_connects(*state, 1, ACCOUNT));
    assert_false(endorsement_connects(*state, 0, "b@x"));
}

static bool revocation_counts(devices_t *d, size_t revoker, size_t signer, const char *account)
{
    bool are_one_set, is_revoked;
    mod_mls_text_t xml = two_devices(d);
    mod_mls_revocation_t r = { .account = mls_view_text(account),
                               .revoker = key_of(d, revoker),
                               .device_key = key_of(d, 1),
                               .reason = MOD_MLS_REVOCATION_LOST };
    r.signature = sign(d, signer, MOD_MLS_LABEL_REVOCATION, mod_mls_codec_revocation_tbs, &r);
    add_item(&xml, "r", "revocation", mod_mls_codec_revocation, &r);
    read_node(d, &xml, &are_one_set, &is_revoked);
    return is_revoked;
}

static void list__revocation_counts_if_a_listed_device_signed_it(void **state)
{
    assert_true(revocation_counts(*state, 0, 0, ACCOUNT));
    assert_false(revocation_counts(*state, 0, 1, ACCOUNT)); /* signed by another */
    assert_false(revocation_counts(*state, 2, 2, ACCOUNT)); /* who is not listed */
    assert_false(revocation_counts(*state, 0, 0, "b@x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(leaf__endorsements_are_of_its_account_and_device, start, stop),
        cmocka_unit_test_setup_teardown(join_request__is_signed_and_lives_two_weeks, start, stop),
        cmocka_unit_test_setup_teardown(list__endorsement_connects_if_it_is_signed, start, stop),
        cmocka_unit_test_setup_teardown(list__revocation_counts_if_a_listed_device_signed_it, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
