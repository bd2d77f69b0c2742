#include "extension.h"
#include "support.h"

static mls_view_t encode(test_context_t *t, const mls_extension_t *items, size_t count)
{
    const mls_extensions_t list = { (mls_extension_t *)(uintptr_t)items, count };
    mls_bytes_t encoded;
    assert_ok(mls_extensions_encode(&encoded, &list));
    return test_keep(t, &encoded);
}

static void encode__is_type_length_data(void **state)
{
    test_context_t *t = *state;
    const mls_extension_t items[] = { { 0xf001, mls_view_text("ab") }, { 3, mls_view(NULL, 0) } };
    assert_view_hex(t, encode(t, items, 2), "f001026162 000300");
    mls_bytes_t encoded;
    assert_ok(mls_extensions_encode(&encoded, NULL));
    assert_int_equal(encoded.len, 0);
    mls_bytes_clear(&encoded);
}

static void find__gives_the_data_of_a_type(void **state)
{
    test_context_t *t = *state;
    const mls_extension_t items[] = { { 0xf001, mls_view_text("ab") }, { 3, mls_view_text("c") } };
    const mls_view_t list = encode(t, items, 2);
    mls_view_t data;
    assert_ok(mls_extensions_find(&data, list, 3));
    assert_view_equal(data, mls_view_text("c"));
    assert_status(mls_extensions_find(&data, list, 4), MLS_ERR_NOT_FOUND);
    assert_null(data.data);
    assert_status(mls_extensions_find(&data, mls_view(NULL, 0), 3), MLS_ERR_NOT_FOUND);
}

static void next__steps_through_and_ends(void **state)
{
    test_context_t *t = *state;
    const mls_extension_t items[] = { { 1, mls_view_text("a") }, { 2, mls_view_text("b") } };
    const mls_view_t list = encode(t, items, 2);
    mls_extension_t extension;
    size_t at = 0;
    assert_ok(mls_extensions_next(&extension, list, &at));
    assert_int_equal(extension.type, 1);
    assert_ok(mls_extensions_next(&extension, list, &at));
    assert_view_equal(extension.data, mls_view_text("b"));
    assert_status(mls_extensions_next(&extension, list, &at), MLS_ERR_NOT_FOUND);
    assert_status(mls_extensions_next(&extension, list, &at), MLS_ERR_NOT_FOUND);
}

static void codec_list(mls_codec_t *codec, void *object)
{
    mls_codec_extensions(codec, object);
}

static void decode__refuses_a_list_with_half_an_extension(void **state)
{
    test_context_t *t = *state;
    mls_view_t list;
    assert_ok(mls_decode(&list, sizeof list, codec_list, test_hex(t, "05f001026162"), NULL));
    assert_ok(mls_decode(&list, sizeof list, codec_list, test_hex(t, "00"), NULL));
    static const char *const bad[] = { "01f0", "02f001", "04f0010261", "03f00140", "06f00102616200" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_status(mls_decode(&list, sizeof list, codec_list, test_hex(t, bad[i]), NULL),
                      MLS_ERR_MALFORMED);
}

static void check__refuses_a_type_that_stands_twice(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_extension_t items[] = { { 7, mls_view_text("a") },
                                      { 8, mls_view_text("b") },
                                      { 7, mls_view_text("a") } };
    assert_ok(mls_extensions_check(t->crypto, &limits, encode(t, items, 2)));
    assert_status(mls_extensions_check(t->crypto, &limits, encode(t, items, 3)), MLS_ERR_INVALID);
    assert_rule(t, "L10", MLS_ERR_INVALID);
}

static void check__refuses_more_than_the_limit(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = { .num_extensions = 2 };
    const mls_extension_t items[] = { { 7, mls_view(NULL, 0) },
                                      { 8, mls_view(NULL, 0) },
                                      { 9, mls_view(NULL, 0) } };
    assert_ok(mls_extensions_check(t->crypto, &limits, encode(t, items, 2)));
    assert_status(mls_extensions_check(t->crypto, &limits, encode(t, items, 3)), MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
}

/* Comparing takes the square of the count, so that a list that is too long is not compared at all. */
static void check__counts_before_it_compares(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = { .num_extensions = 2 };
    const mls_extension_t items[] = { { 7, mls_view(NULL, 0) },
                                      { 8, mls_view(NULL, 0) },
                                      { 7, mls_view(NULL, 0) } };
    assert_status(mls_extensions_check(t->crypto, &limits, encode(t, items, 3)), MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
}

/* GroupContext extensions that require `count` types in the n-th of the three lists. */
static mls_view_t requiring(test_context_t *t, size_t n, size_t count)
{
    uint16_t *types = test_alloc(t, count * sizeof *types);
    mls_required_capabilities_t required = { 0 };
    mls_bytes_t data;
    for (size_t i = 0; i < count; i++)
        types[i] = (uint16_t)(0xf000 + i);
    required.extensions.items = required.proposals.items = required.credentials.items = types;
    *(n == 0   ? &required.extensions.count
      : n == 1 ? &required.proposals.count
               : &required.credentials.count) = count;
    assert_ok(mls_required_capabilities_encode(&data, &required));
    const mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_keep(t, &data) };
    return encode(t, &item, 1);
}

/* Every member is held against these lists, for every type in them. */
static void context_check__bounds_required_capabilities(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = { .num_extensions = 1, .num_capabilities = 5 };
    for (size_t n = 0; n < 3; n++) {
        assert_ok(mls_context_extensions_check(t->crypto, &limits, requiring(t, n, 5)));
        assert_status(mls_context_extensions_check(t->crypto, &limits, requiring(t, n, 6)), MLS_ERR_LIMIT);
        assert_rule(t, "L13", MLS_ERR_LIMIT);
    }
}

static void context_check__is_a_check_of_extensions_too(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    const mls_extension_t twice[] = { { 7, mls_view(NULL, 0) }, { 7, mls_view(NULL, 0) } };
    const mls_extension_t malformed = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_hex(t, "01f00000") };
    assert_ok(mls_context_extensions_check(t->crypto, &limits, encode(t, twice, 1)));
    assert_status(mls_context_extensions_check(t->crypto, &limits, encode(t, twice, 2)), MLS_ERR_INVALID);
    assert_rule(t, "L10", MLS_ERR_INVALID);
    assert_status(mls_context_extensions_check(t->crypto, &limits, encode(t, &malformed, 1)),
                  MLS_ERR_MALFORMED);
}

static void defaults__are_those_of_the_rfc(void **state)
{
    (void)state;
    for (uint32_t type = 0; type <= UINT16_MAX; type++) {
        assert_int_equal(mls_extension_is_default((uint16_t)type), type >= 1 && type <= 5);
        assert_int_equal(mls_proposal_is_default((uint16_t)type), type >= 1 && type <= 7);
    }
}

static void capabilities__refuse_half_a_value(void **state)
{
    test_context_t *t = *state;
    mls_leaf_capabilities_t capabilities;
    assert_ok(mls_decode(&capabilities, sizeof capabilities, mls_codec_capabilities,
                         test_hex(t, "0200010400010003 00 00 020001"), NULL));
    assert_true(mls_u16s_contain(&capabilities.cipher_suites, 3));
    assert_false(mls_u16s_contain(&capabilities.cipher_suites, 2));
    assert_int_equal(mls_u16s_count(&capabilities.extensions), 0);
    assert_status(mls_decode(&capabilities, sizeof capabilities, mls_codec_capabilities,
                             test_hex(t, "03000100 00 00 00 00"), NULL),
                  MLS_ERR_MALFORMED);
}

static void required_capabilities__round_trip(void **state)
{
    test_context_t *t = *state;
    uint16_t extensions[] = { 0xf001, 0xf002 }, credentials[] = { 1 };
    const mls_required_capabilities_t in = { .extensions = { extensions, 2 },
                                             .credentials = { credentials, 1 } };
    mls_bytes_t data;
    mls_required_t out;
    assert_ok(mls_required_capabilities_encode(&data, &in));
    assert_view_hex(t, mls_bytes_view(&data), "04f001f002 00 020001");
    const mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, mls_bytes_view(&data) };
    assert_ok(mls_required_read(t->crypto, &out, encode(t, &item, 1)));
    mls_bytes_clear(&data);
    assert_int_equal(mls_u16s_at(&out.extensions, 1), 0xf002);
    assert_int_equal(mls_u16s_count(&out.proposals), 0);
    assert_true(mls_u16s_contain(&out.credentials, 1));
}

static void required_capabilities__that_are_malformed_are_refused(void **state)
{
    test_context_t *t = *state;
    mls_required_t out;
    static const char *const bad[] = { "", "0000", "00000000", "01f00000", "02f0010002" };
    assert_ok(mls_required_read(t->crypto, &out, mls_view(NULL, 0)));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const mls_extension_t item = { MLS_EXTENSION_REQUIRED_CAPABILITIES, test_hex(t, bad[i]) };
        assert_status(mls_required_read(t->crypto, &out, encode(t, &item, 1)), MLS_ERR_MALFORMED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(encode__is_type_length_data),
        TEST(find__gives_the_data_of_a_type),
        TEST(next__steps_through_and_ends),
        TEST(decode__refuses_a_list_with_half_an_extension),
        TEST(check__refuses_a_type_that_stands_twice),
        TEST(check__refuses_more_than_the_limit),
        TEST(check__counts_before_it_compares),
        TEST(context_check__bounds_required_capabilities),
        TEST(context_check__is_a_check_of_extensions_too),
        TEST(defaults__are_those_of_the_rfc),
        TEST(capabilities__refuse_half_a_value),
        TEST(required_capabilities__round_trip),
        TEST(required_capabilities__that_are_malformed_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
