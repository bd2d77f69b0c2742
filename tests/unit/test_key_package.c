#include "key_package.h"
#include "support.h"

enum { NOW = TEST_NOT_BEFORE + 3600 };

/* ---- making, saving, importing ------------------------------------------------------------------- */

static mls_key_package_params_t params_of(test_context_t *t)
{
    static uint16_t suites[] = { 1, 3 }, extensions[] = { 0xf001, 0xf002 };
    static mls_extension_t leaf_extensions[] = { { 0xf001, { (const uint8_t *)"leaf", 4 } } };
    static mls_extension_t package_extensions[] = { { 0xf002, { (const uint8_t *)"package", 7 } } };
    return (mls_key_package_params_t){
        .cipher_suite = t->suite->id,
        .identity = mls_view_text("alice"),
        .capabilities = { .cipher_suites = { suites, 2 }, .extensions = { extensions, 2 } },
        .leaf_extensions = { leaf_extensions, 1 },
        .extensions = { package_extensions, 1 },
        .not_before = TEST_NOT_BEFORE,
        .not_after = TEST_NOT_AFTER,
    };
}

static mls_key_package_t *make(test_context_t *t, const mls_key_package_params_t *params)
{
    mls_key_package_t *kp;
    assert_ok(mls_key_package_new(&kp, t->crypto, params));
    return kp;
}

static void new__makes_what_others_take(void **state)
{
    test_context_t *t = *state;
    const mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp = make(t, &params);
    mls_key_package_info_t info;
    mls_view_t data;
    assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), NOW, NULL));
    assert_int_equal(info.cipher_suite, t->suite->id);
    assert_view_equal(mls_view(info.ref, info.ref_len), mls_key_package_ref(kp));
    assert_view_equal(info.leaf.identity, mls_view_text("alice"));
    assert_view_equal(info.leaf.signature_key, mls_signature_public_view(&kp->signature_key));
    assert_int_equal(info.leaf.not_before, TEST_NOT_BEFORE);
    assert_int_equal(info.leaf.not_after, TEST_NOT_AFTER);
    assert_int_equal(info.leaf.leaf_index, UINT32_MAX);
    assert_ok(mls_extensions_find(&data, info.leaf.extensions, 0xf001));
    assert_view_equal(data, mls_view_text("leaf"));
    assert_ok(mls_extensions_find(&data, info.extensions, 0xf002));
    assert_view_equal(data, mls_view_text("package"));
    mls_key_package_free(kp);
}

static void rule_K7__new_takes_fresh_keys_each_time(void **state)
{
    test_context_t *t = *state;
    const mls_key_package_params_t params = params_of(t);
    mls_key_package_t *a = make(t, &params), *b = make(t, &params);
    assert_memory_not_equal(a->init_private_key.data, b->init_private_key.data, 32);
    assert_memory_not_equal(a->encryption_private_key.data, b->encryption_private_key.data, 32);
    assert_memory_not_equal(a->signature_key.private_key, b->signature_key.private_key, 32);
    assert_memory_not_equal(a->init_private_key.data, a->encryption_private_key.data, 32);
    mls_key_package_free(a);
    mls_key_package_free(b);
}

static void new__takes_the_signature_key_it_is_given(void **state)
{
    test_context_t *t = *state;
    mls_key_package_params_t params = params_of(t);
    mls_bytes_t private_key = { 0 }, public_key = { 0 };
    mls_key_package_info_t info;
    mls_key_package_t *kp;
    assert_ok(mls_crypto_signature_key_pair(t->crypto, &private_key, &public_key, t->suite->id));
    params.signature_private_key = mls_bytes_view(&private_key);
    kp = make(t, &params);
    assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), NOW, NULL));
    assert_view_equal(info.leaf.signature_key, mls_bytes_view(&public_key));
    mls_key_package_free(kp);
    params.signature_private_key = test_random_bytes(t, private_key.len + 1);
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_ARGUMENT);
    assert_null(kp);
    mls_bytes_clear(&private_key);
    mls_bytes_clear(&public_key);
}

/* The own type is listed; no other is, for this client knows no more than it is told. */
static void new__takes_a_credential_of_any_type(void **state)
{
    test_context_t *t = *state;
    mls_key_package_params_t params = params_of(t);
    const mls_credential_t credential = { 0xf00d, mls_view_text("alice, otherwise") };
    mls_key_package_info_t info;
    mls_key_package_data_t data;
    params.credential = &credential;
    mls_key_package_t *kp = make(t, &params);
    assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), NOW, NULL));
    assert_int_equal(info.leaf.credential_type, 0xf00d);
    assert_view_equal(info.leaf.identity, credential.body);
    assert_ok(mls_key_package_decode(kp, &data));
    assert_view_hex(t, data.leaf.capabilities.credentials.bytes, "f00d");
    mls_key_package_free(kp);
}

static void new__fails_without_randomness_or_suite(void **state)
{
    test_context_t *t = *state;
    mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp = (mls_key_package_t *)t;
    params.cipher_suite = 0x0a0a;
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_UNSUPPORTED);
    assert_null(kp);
    params.cipher_suite = t->suite->id;
    t->random_fails = true;
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_CRYPTO);
    assert_null(kp);
}

static void new__makes_nothing_that_others_refuse(void **state)
{
    test_context_t *t = *state;
    mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp;
    params.capabilities.extensions.count = 0;
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_INVALID);
    assert_rule(t, "L5", MLS_ERR_INVALID);
    assert_null(kp);
    params = params_of(t);
    params.capabilities.extensions.count = 1; /* that of the leaf, not that of the package */
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_INVALID);
    assert_rule(t, "K6", MLS_ERR_INVALID);
    assert_null(kp);
    params = params_of(t);
    params.not_after = params.not_before - 1;
    assert_status(mls_key_package_new(&kp, t->crypto, &params), MLS_ERR_INVALID);
    assert_rule(t, "L4_LENGTH", MLS_ERR_INVALID);
}

static mls_status_t set_device(void *arg, mls_leaf_draft_t *draft)
{
    assert_int_equal(draft->init_key.len, mls_suite_find(draft->cipher_suite)->dh->public_len);
    assert_int_equal(draft->source, MLS_LEAF_NODE_SOURCE_KEY_PACKAGE);
    return mls_leaf_draft_set_extension(draft, 0xf002, mls_view_text(arg));
}

static void new__signs_what_the_hook_has_set(void **state)
{
    test_context_t *t = *state;
    mls_key_package_params_t params = params_of(t);
    char device[] = "device";
    params.leaf_hook = (mls_leaf_hook_t){ set_device, device };
    mls_key_package_t *kp = make(t, &params);
    mls_key_package_info_t info;
    mls_view_t data;
    assert_ok(mls_key_package_read(&info, t->crypto, mls_key_package_message(kp), NOW, NULL));
    assert_ok(mls_extensions_find(&data, info.leaf.extensions, 0xf002));
    assert_view_equal(data, mls_view_text("device"));
    mls_key_package_free(kp);
}

static void load__gives_back_what_was_saved(void **state)
{
    test_context_t *t = *state;
    const mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp = make(t, &params), *loaded;
    mls_bytes_t saved, again;
    assert_ok(mls_key_package_save(&saved, kp));
    assert_ok(mls_key_package_load(&loaded, t->crypto, mls_bytes_view(&saved)));
    assert_view_equal(mls_key_package_ref(loaded), mls_key_package_ref(kp));
    assert_view_equal(mls_key_package_message(loaded), mls_key_package_message(kp));
    assert_memory_equal(&loaded->signature_key, &kp->signature_key, sizeof kp->signature_key);
    assert_ok(mls_key_package_save(&again, loaded));
    assert_view_equal(mls_bytes_view(&again), mls_bytes_view(&saved));
    mls_bytes_clear(&again);
    mls_bytes_clear(&saved);
    mls_key_package_free(loaded);
    mls_key_package_free(kp);
}

static void load__refuses_what_is_damaged(void **state)
{
    test_context_t *t = *state;
    const mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp = make(t, &params), *loaded;
    mls_bytes_t bytes;
    assert_ok(mls_key_package_save(&bytes, kp));
    const mls_view_t saved = test_keep(t, &bytes);
    for (size_t len = 0; len < saved.len; len++) {
        assert_status(mls_key_package_load(&loaded, t->crypto, mls_view(saved.data, len)), MLS_ERR_STORE);
        assert_null(loaded);
    }
    assert_status(mls_key_package_load(&loaded, t->crypto, test_flip(t, saved, 1)),
                  MLS_ERR_STORE); /* version */
    /* A bit in the middle of each private key, of which the last three vectors are. */
    for (size_t i = 0; i < 3; i++)
        assert_status(
            mls_key_package_load(&loaded, t->crypto, test_flip(t, saved, 8 * (saved.len - 16 - 33 * i))),
            MLS_ERR_STORE);
    mls_key_package_free(kp);
}

static void import__wants_the_private_keys_of_the_package(void **state)
{
    test_context_t *t = *state;
    const mls_key_package_params_t params = params_of(t);
    mls_key_package_t *kp = make(t, &params), *imported;
    const mls_view_t message = mls_key_package_message(kp);
    const mls_view_t init = mls_hpke_private_view(&kp->init_private_key);
    const mls_view_t encryption = mls_hpke_private_view(&kp->encryption_private_key);
    const mls_view_t signature = mls_signature_private_view(&kp->signature_key);

    assert_ok(mls_key_package_import(&imported, t->crypto, message, init, encryption, signature));
    assert_view_equal(mls_key_package_ref(imported), mls_key_package_ref(kp));
    mls_key_package_free(imported);
    assert_ok(mls_key_package_import(&imported, t->crypto, kp->encoded, init, encryption, signature));
    assert_view_equal(mls_key_package_message(imported), message);
    mls_key_package_free(imported);
    assert_status(mls_key_package_import(&imported, t->crypto, message, encryption, encryption, signature),
                  MLS_ERR_INVALID);
    assert_status(mls_key_package_import(&imported, t->crypto, message, init, init, signature),
                  MLS_ERR_INVALID);
    mls_signature_key_t other;
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &other));
    assert_status(mls_key_package_import(&imported, t->crypto, message, init, encryption,
                                         mls_signature_private_view(&other)),
                  MLS_ERR_INVALID);
    assert_null(imported);
    mls_key_package_free(kp);
}

static mls_status_t import(test_context_t *t, const test_key_package_t *kp, mls_view_t message)
{
    mls_key_package_t *imported;
    const mls_status_t status = mls_key_package_import(
        &imported, t->crypto, message, mls_hpke_private_view(&kp->init_private_key),
        mls_hpke_private_view(&kp->encryption_private_key), mls_signature_private_view(&kp->signature_key));
    mls_key_package_free(imported);
    return status;
}

static void import__wants_what_is_signed_for_a_key_package(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    test_key_package_fill(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    assert_ok(import(t, &kp, message));
    assert_status(import(t, &kp, test_flip(t, message, 8 * message.len - 1)), MLS_ERR_SIGNATURE);
    kp.leaf.source = MLS_LEAF_NODE_SOURCE_UPDATE;
    assert_status(import(t, &kp, test_key_package_sign(t, &kp)), MLS_ERR_INVALID);
}

/* ---- reading those of others --------------------------------------------------------------------- */

typedef struct forgery {
    const char *rule;
    mls_status_t status;
    void (*forge)(test_context_t *t, test_key_package_t *kp);
} forgery_t;

static void be_of_version_2(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.version = 2;
}

static void shorten_init_key(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.init_key.len--;
}

static void use_one_key_twice(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->data.init_key = kp->leaf.encryption_key;
}

static void have_unlisted_extension(test_context_t *t, test_key_package_t *kp)
{
    kp->data.extensions = test_hex(t, "f00100");
}

static void have_extension_twice(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "f001");
    kp->data.extensions = test_hex(t, "f00100f00100");
}

static void have_unlisted_leaf_extension(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.extensions = test_hex(t, "f00100");
}

static void list_default_type(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.extensions.bytes = test_hex(t, "0001");
}

static void be_a_committed_leaf(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    kp->leaf.parent_hash = test_random_bytes(t, 32);
}

static void live_two_days_too_long(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_after += 2 * 24 * 3600;
}

static void be_expired(test_context_t *t, test_key_package_t *kp)
{
    (void)t;
    kp->leaf.not_after = NOW - 1;
}

static void lack_suite(test_context_t *t, test_key_package_t *kp)
{
    kp->leaf.capabilities.cipher_suites.bytes = test_hex(t, "7777");
}

/* Of small order: a Welcome could not be encrypted to it. */
static void have_zero_init_key(test_context_t *t, test_key_package_t *kp)
{
    kp->data.init_key = test_zero_key(t);
}

static const forgery_t forgeries[] = {
    { "K1", MLS_ERR_UNSUPPORTED, be_of_version_2 },
    { "E7", MLS_ERR_INVALID, shorten_init_key },
    { "E7", MLS_ERR_INVALID, have_zero_init_key },
    { "K5", MLS_ERR_INVALID, use_one_key_twice },
    { "K6", MLS_ERR_INVALID, have_unlisted_extension },
    { "L10", MLS_ERR_INVALID, have_extension_twice },
    { "L5", MLS_ERR_INVALID, have_unlisted_leaf_extension },
    { "L9", MLS_ERR_INVALID, list_default_type },
    { "L6", MLS_ERR_INVALID, be_a_committed_leaf },
    { "L4_LENGTH", MLS_ERR_INVALID, live_two_days_too_long },
    { "L4", MLS_ERR_INVALID, be_expired },
    { "L12", MLS_ERR_INVALID, lack_suite },
};

static void assert_empty(const mls_key_package_info_t *info)
{
    const mls_key_package_info_t empty = { 0 };
    assert_memory_equal(info, &empty, sizeof empty);
}

/* Each is signed as it should be: only the rule is broken. */
static void read__refuses_each_forgery_by_its_rule(void **state)
{
    test_context_t *t = *state;
    for (size_t i = 0; i < sizeof forgeries / sizeof *forgeries; i++) {
        test_key_package_t kp;
        mls_key_package_info_t info;
        test_key_package_fill(t, &kp);
        assert_ok(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), NOW, NULL));
        forgeries[i].forge(t, &kp);
        assert_status(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), NOW, NULL),
                      forgeries[i].status);
        assert_rule(t, forgeries[i].rule, forgeries[i].status);
        assert_empty(&info);
    }
}

static void check__refuses_the_suite_of_another_group(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_leaf_rules_t rules = { .limits = &limits,
                                     .max_lifetime = UINT64_MAX,
                                     .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE };
    mls_suite_t other = *t->suite;
    other.id = 0x7777;
    test_key_package_fill(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    mls_key_package_data_t data;
    assert_ok(mls_decode(&data, sizeof data, mls_codec_key_package_data,
                         mls_view(message.data + 4, message.len - 4), NULL));
    assert_ok(mls_key_package_check(t->crypto, t->suite, &data, &rules));
    assert_status(mls_key_package_check(t->crypto, &other, &data, &rules), MLS_ERR_INVALID);
    assert_rule(t, "K2", MLS_ERR_INVALID);
}

static void read__refuses_a_suite_that_is_not_here(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    kp.data.cipher_suite = 0x7777;
    assert_status(mls_key_package_read(&info, t->crypto, test_key_package_sign(t, &kp), NOW, NULL),
                  MLS_ERR_UNSUPPORTED);
}

static void read__refuses_a_changed_signature(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    mls_key_package_data_t data;
    assert_ok(mls_decode(&data, sizeof data, mls_codec_key_package_data,
                         mls_view(message.data + 4, message.len - 4), NULL));
    const size_t signature = (size_t)(data.signature.data - message.data) + 20;
    const size_t leaf_signature = (size_t)(data.leaf.signature.data - message.data) + 20;
    assert_status(mls_key_package_read(&info, t->crypto, test_flip(t, message, 8 * signature), NOW, NULL),
                  MLS_ERR_SIGNATURE);
    assert_rule(t, "K4", MLS_ERR_SIGNATURE);
    assert_status(
        mls_key_package_read(&info, t->crypto, test_flip(t, message, 8 * leaf_signature), NOW, NULL),
        MLS_ERR_SIGNATURE);
    assert_rule(t, "L1", MLS_ERR_SIGNATURE);
}

static void read__refuses_every_changed_bit_and_truncation(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    test_key_package_fill(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    for (size_t bit = 0; bit < 8 * message.len; bit++) {
        const mls_status_t status =
            mls_key_package_read(&info, t->crypto, test_flip(t, message, bit), NOW, NULL);
        assert_true(mls_status_is_input(status));
        assert_empty(&info);
    }
    for (size_t len = 0; len < message.len; len++)
        assert_true(mls_status_is_input(
            mls_key_package_read(&info, t->crypto, mls_view(message.data, len), NOW, NULL)));
}

static mls_status_t judge(void *arg, const mls_leaf_candidate_t *candidate)
{
    assert_int_equal(candidate->purpose, MLS_LEAF_IN_KEY_PACKAGE);
    assert_view_equal(candidate->leaf.identity, mls_view_text("alice"));
    assert_null(candidate->predecessor);
    return *(const mls_status_t *)arg;
}

static void read__asks_the_authentication_service(void **state)
{
    test_context_t *t = *state;
    test_key_package_t kp;
    mls_key_package_info_t info;
    mls_status_t verdict = MLS_OK;
    const mls_authentication_t authentication = { .validate = judge, .arg = &verdict };
    test_key_package_fill(t, &kp);
    const mls_view_t message = test_key_package_sign(t, &kp);
    assert_ok(mls_key_package_read(&info, t->crypto, message, NOW, &authentication));
    verdict = MLS_ERR_REJECTED;
    assert_status(mls_key_package_read(&info, t->crypto, message, NOW, &authentication), MLS_ERR_REJECTED);
    assert_rule(t, "C1", MLS_ERR_REJECTED);
    assert_empty(&info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new__makes_what_others_take),
        TEST(rule_K7__new_takes_fresh_keys_each_time),
        TEST(new__takes_the_signature_key_it_is_given),
        TEST(new__takes_a_credential_of_any_type),
        TEST(new__fails_without_randomness_or_suite),
        TEST(new__makes_nothing_that_others_refuse),
        TEST(new__signs_what_the_hook_has_set),
        TEST(load__gives_back_what_was_saved),
        TEST(load__refuses_what_is_damaged),
        TEST(import__wants_the_private_keys_of_the_package),
        TEST(import__wants_what_is_signed_for_a_key_package),
        TEST(read__refuses_each_forgery_by_its_rule),
        TEST(check__refuses_the_suite_of_another_group),
        TEST(read__refuses_a_suite_that_is_not_here),
        TEST(read__refuses_a_changed_signature),
        TEST(read__refuses_every_changed_bit_and_truncation),
        TEST(read__asks_the_authentication_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
