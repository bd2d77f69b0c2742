#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- the test context ---------------------------------------------------------------------------- */

/* splitmix64: a seed makes the same sequence everywhere. Not for secrets. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static bool fill_random(void *arg, uint8_t *out, size_t len)
{
    test_context_t *t = arg;
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)next_random(&t->random);
    return !t->random_fails;
}

static void note_rule(void *arg, mls_status_t status, const char *rule, const char *section, const char *text)
{
    test_context_t *t = arg;
    assert_true(strlen(section) > 0 && strlen(text) > 0);
    snprintf(t->rule, sizeof t->rule, "%s", rule);
    t->rule_status = status;
}

static uint64_t choose_seed(void)
{
    const char *text = getenv("MLS_TEST_SEED");
    struct timespec now = { 0 };
    if (text != NULL)
        return strtoull(text, NULL, 0);
    timespec_get(&now, TIME_UTC);
    return ((uint64_t)now.tv_sec << 30) ^ (uint64_t)now.tv_nsec;
}

const mls_suite_t *test_suite(void)
{
    const char *text = getenv("MLS_TEST_SUITE");
    uint16_t id;
    if (text != NULL)
        return mls_suite_find((uint16_t)strtoul(text, NULL, 0));
    return mls_crypto_suites(&id, 1) == 0 ? NULL : mls_suite_find(id);
}

int test_setup(void **state)
{
    test_context_t *t = calloc(1, sizeof *t);
    if (t == NULL)
        return -1;
    t->random = choose_seed();
    print_message("MLS_TEST_SEED=%llu\n", (unsigned long long)t->random);
    const mls_crypto_config_t config = { .arg = t, .random = fill_random, .log = note_rule };
    if (mls_crypto_new(&t->crypto, &config) != MLS_OK) {
        free(t);
        return -1;
    }
    t->suite = test_suite();
    *state = t;
    return t->suite == NULL ? -1 : 0;
}

int test_teardown(void **state)
{
    test_context_t *t = *state;
    mls_arena_clear(&t->arena);
    mls_crypto_free(t->crypto);
    free(t);
    return 0;
}

uint32_t test_random(test_context_t *t, uint32_t bound)
{
    return (uint32_t)(next_random(&t->random) % bound);
}

/* ---- bytes --------------------------------------------------------------------------------------- */

void *test_alloc(test_context_t *t, size_t len)
{
    void *p = mls_arena_alloc(&t->arena, len);
    assert_non_null(p);
    return p;
}

mls_view_t test_random_bytes(test_context_t *t, size_t len)
{
    uint8_t *p = test_alloc(t, len);
    for (size_t i = 0; i < len; i++)
        p[i] = (uint8_t)next_random(&t->random);
    return mls_view(p, len);
}

static int digit(char c)
{
    const char *const digits = "0123456789abcdef";
    const char *found = strchr(digits, c);
    assert_true(c != '\0' && found != NULL);
    return (int)(found - digits);
}

mls_view_t test_hex(test_context_t *t, const char *hex)
{
    uint8_t *p = test_alloc(t, strlen(hex) / 2);
    size_t len = 0;
    for (; *hex != '\0'; hex += *hex == ' ' ? 1 : 2)
        if (*hex != ' ')
            p[len++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
    return mls_view(p, len);
}

static mls_view_t copy(test_context_t *t, mls_view_t bytes)
{
    uint8_t *p = test_alloc(t, bytes.len);
    if (bytes.len > 0)
        memcpy(p, bytes.data, bytes.len);
    return mls_view(p, bytes.len);
}

mls_view_t test_keep(test_context_t *t, mls_bytes_t *bytes)
{
    const mls_view_t kept = copy(t, mls_bytes_view(bytes));
    mls_bytes_clear(bytes);
    return kept;
}

mls_view_t test_flip(test_context_t *t, mls_view_t bytes, size_t bit)
{
    uint8_t *p = test_alloc(t, bytes.len);
    assert_true(bit / 8 < bytes.len);
    memcpy(p, bytes.data, bytes.len);
    p[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    return mls_view(p, bytes.len);
}

mls_view_t test_public_key(test_context_t *t)
{
    mls_hpke_private_t private_key;
    mls_hpke_public_t *public_key = test_alloc(t, sizeof *public_key);
    assert_ok(mls_hpke_generate(t->crypto, t->suite, &private_key, public_key));
    return mls_hpke_public_view(public_key);
}

mls_view_t test_zero_key(test_context_t *t)
{
    return mls_view(test_alloc(t, t->suite->dh->public_len), t->suite->dh->public_len);
}

void test_assert_view_equal(mls_view_t a, mls_view_t b, const char *file, int line)
{
    _assert_int_equal(a.len, b.len, file, line);
    if (a.len > 0)
        _assert_memory_equal(a.data, b.data, a.len, file, line);
}

void test_assert_rule(test_context_t *t, const char *id, mls_status_t status, const char *file, int line)
{
    _assert_string_equal(t->rule, id, file, line);
    _assert_int_equal((uintmax_t)t->rule_status, (uintmax_t)status, file, line);
    t->rule[0] = '\0';
}

/* ---- key packages -------------------------------------------------------------------------------- */

void test_key_package_fill(test_context_t *t, test_key_package_t *kp)
{
    *kp = (test_key_package_t){ 0 };
    assert_ok(mls_signature_key_generate(t->crypto, t->suite, &kp->signature_key));
    assert_ok(mls_hpke_generate(t->crypto, t->suite, &kp->init_private_key, &kp->init_key));
    assert_ok(mls_hpke_generate(t->crypto, t->suite, &kp->encryption_private_key, &kp->encryption_key));
    kp->leaf = (mls_leaf_node_t){
        .encryption_key = mls_hpke_public_view(&kp->encryption_key),
        .signature_key = mls_signature_public_view(&kp->signature_key),
        .credential = { MLS_CREDENTIAL_BASIC, mls_view_text("alice") },
        .capabilities = { .versions = { test_hex(t, "0001") },
                          .cipher_suites = { test_hex(t, "0001000200030004000500060007") },
                          .credentials = { test_hex(t, "0001") } },
        .source = MLS_LEAF_NODE_SOURCE_KEY_PACKAGE,
        .not_before = TEST_NOT_BEFORE,
        .not_after = TEST_NOT_AFTER,
    };
    kp->data = (mls_key_package_data_t){ .version = MLS_VERSION_MLS10,
                                         .cipher_suite = t->suite->id,
                                         .init_key = mls_hpke_public_view(&kp->init_key) };
}

mls_view_t test_leaf_sign(test_context_t *t, const test_key_package_t *kp, const mls_leaf_place_t *place)
{
    const mls_leaf_place_t nowhere = { 0 };
    mls_bytes_t leaf = { 0 };
    assert_ok(mls_leaf_node_sign(t->crypto, t->suite, &leaf, &kp->leaf, &kp->signature_key,
                                 place == NULL ? &nowhere : place));
    return test_keep(t, &leaf);
}

/* The tbs of a KeyPackage ends before its signature, here one of no bytes. */
static void sign_data(test_context_t *t, test_key_package_t *kp)
{
    mls_bytes_t unsigned_package = { 0 }, signature = { 0 };
    kp->data.tbs = kp->data.signature = (mls_view_t){ 0 };
    assert_ok(mls_encode(&unsigned_package, mls_codec_key_package_data, &kp->data));
    kp->data.tbs = mls_view(unsigned_package.data, unsigned_package.len - 1);
    assert_ok(mls_sign_with_label(t->crypto, t->suite, &signature, &kp->signature_key, "KeyPackageTBS",
                                  kp->data.tbs));
    kp->data.tbs = (mls_view_t){ 0 };
    kp->data.signature = test_keep(t, &signature);
    mls_bytes_clear(&unsigned_package);
}

mls_view_t test_key_package_sign(test_context_t *t, test_key_package_t *kp)
{
    static const uint8_t header[] = { 0, MLS_VERSION_MLS10, 0, 5 }; /* mls10, mls_key_package */
    mls_bytes_t encoded = { 0 };
    kp->data.leaf_encoded = test_leaf_sign(t, kp, NULL);
    sign_data(t, kp);
    assert_ok(mls_encode(&encoded, mls_codec_key_package_data, &kp->data));
    uint8_t *message = test_alloc(t, sizeof header + encoded.len);
    memcpy(message, header, sizeof header);
    memcpy(message + sizeof header, encoded.data, encoded.len);
    const mls_view_t view = mls_view(message, sizeof header + encoded.len);
    mls_bytes_clear(&encoded);
    return view;
}
