#include "mls/codec.h"
#include "support.h"

#include <stdlib.h>

/* ---- integers and vectors of bytes --------------------------------------------------------------- */

typedef struct integers {
    uint8_t a;
    uint16_t b;
    uint32_t c;
    uint64_t d;
} integers_t;

static void codec_integers(mls_codec_t *codec, void *object)
{
    integers_t *integers = object;
    mls_codec_u8(codec, &integers->a);
    mls_codec_u16(codec, &integers->b);
    mls_codec_u32(codec, &integers->c);
    mls_codec_u64(codec, &integers->d);
}

static void codec_opaque(mls_codec_t *codec, void *object)
{
    mls_codec_opaque(codec, object);
}

static void integers__are_in_network_order(void **state)
{
    test_context_t *t = *state;
    const integers_t in = { 0x01, 0x0203, 0x04050607, 0x08090a0b0c0d0e0f };
    mls_bytes_t encoded;
    integers_t out;
    assert_ok(mls_encode(&encoded, codec_integers, &in));
    assert_view_hex(t, mls_bytes_view(&encoded), "0102030405060708090a0b0c0d0e0f");
    assert_ok(mls_decode(&out, sizeof out, codec_integers, mls_bytes_view(&encoded), NULL));
    assert_true(out.a == in.a && out.b == in.b && out.c == in.c && out.d == in.d);
    mls_bytes_clear(&encoded);
}

/* Encodes `len` bytes and looks at the header before them. */
static void check_header(test_context_t *t, size_t len, const char *header)
{
    const mls_view_t in = mls_view(test_alloc(t, len), len), expected = test_hex(t, header);
    mls_bytes_t encoded;
    mls_view_t out;
    assert_ok(mls_encode(&encoded, codec_opaque, &in));
    assert_int_equal(encoded.len, expected.len + len);
    assert_view_equal(mls_view(encoded.data, expected.len), expected);
    assert_ok(mls_decode(&out, sizeof out, codec_opaque, mls_bytes_view(&encoded), NULL));
    assert_view_equal(out, in);
    mls_bytes_clear(&encoded);
}

static void varint__takes_no_more_bytes_than_needed(void **state)
{
    check_header(*state, 0, "00");
    check_header(*state, 1, "01");
    check_header(*state, 63, "3f");
    check_header(*state, 64, "4040");
    check_header(*state, 16383, "7fff");
    check_header(*state, 16384, "80004000");
    check_header(*state, 70000, "80011170");
}

static void varint__of_two_to_the_30_has_no_encoding(void **state)
{
    test_context_t *t = *state;
    mls_bytes_t encoded = { test_alloc(t, 1), 1 };
    const mls_view_t in = mls_view("x", (size_t)1 << 30); /* refused before a byte of it is read */
    assert_status(mls_encode(&encoded, codec_opaque, &in), MLS_ERR_MALFORMED);
    assert_null(encoded.data);
}

/* Decodes a header followed by as many zeros as any such header could mean. */
static mls_status_t decode_header(test_context_t *t, const char *header, size_t num_zeros)
{
    const mls_view_t bytes = test_hex(t, header);
    uint8_t *in = test_alloc(t, bytes.len + num_zeros);
    mls_view_t out;
    memcpy(in, bytes.data, bytes.len);
    const mls_status_t status =
        mls_decode(&out, sizeof out, codec_opaque, mls_view(in, bytes.len + num_zeros), NULL);
    if (status != MLS_OK)
        assert_true(out.data == NULL && out.len == 0);
    return status;
}

static void varint__that_is_not_minimal_is_malformed(void **state)
{
    assert_status(decode_header(*state, "4000", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "403f", 63), MLS_ERR_MALFORMED);
    assert_ok(decode_header(*state, "4040", 64));
    assert_status(decode_header(*state, "80000000", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "80003fff", 16383), MLS_ERR_MALFORMED);
    assert_ok(decode_header(*state, "80004000", 16384));
}

static void varint__of_prefix_11_is_malformed(void **state)
{
    assert_status(decode_header(*state, "c0", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "c000000000000000", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "ff", 200), MLS_ERR_MALFORMED);
}

static void varint__beyond_the_input_is_malformed(void **state)
{
    assert_status(decode_header(*state, "", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "05", 4), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "40", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "4040", 63), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "8000", 0), MLS_ERR_MALFORMED);
    assert_status(decode_header(*state, "bfffffff", 100), MLS_ERR_MALFORMED);
}

static void decode__refuses_trailing_bytes(void **state)
{
    assert_ok(decode_header(*state, "04", 4));
    assert_status(decode_header(*state, "04", 5), MLS_ERR_MALFORMED);
}

static void codec_fixed_4(mls_codec_t *codec, void *object)
{
    mls_codec_fixed(codec, object, 4);
}

static void fixed__has_its_length(void **state)
{
    (void)state;
    mls_bytes_t encoded;
    mls_view_t value = mls_view_text("abcd"), out;
    assert_ok(mls_encode(&encoded, codec_fixed_4, &value));
    assert_view_equal(mls_bytes_view(&encoded), value);
    assert_ok(mls_decode(&out, sizeof out, codec_fixed_4, value, NULL));
    assert_view_equal(out, value);
    mls_bytes_clear(&encoded);
    value = mls_view_text("abc");
    assert_status(mls_encode(&encoded, codec_fixed_4, &value), MLS_ERR_MALFORMED);
    assert_status(mls_decode(&out, sizeof out, codec_fixed_4, value, NULL), MLS_ERR_MALFORMED);
}

/* ---- optional, encoded, rest --------------------------------------------------------------------- */

typedef struct optional_u16 {
    bool present;
    uint16_t value;
} optional_u16_t;

static void codec_u16(mls_codec_t *codec, void *object)
{
    mls_codec_u16(codec, object);
}

static void codec_optional(mls_codec_t *codec, void *object)
{
    optional_u16_t *optional = object;
    mls_codec_optional(codec, &optional->present, codec_u16, &optional->value);
}

static void optional__is_a_presence_octet_and_the_value(void **state)
{
    test_context_t *t = *state;
    const optional_u16_t none = { false, 7 }, some = { true, 0x1234 };
    optional_u16_t out;
    mls_bytes_t encoded;
    assert_ok(mls_encode(&encoded, codec_optional, &none));
    assert_view_hex(t, mls_bytes_view(&encoded), "00");
    mls_bytes_clear(&encoded);
    assert_ok(mls_encode(&encoded, codec_optional, &some));
    assert_view_hex(t, mls_bytes_view(&encoded), "011234");
    assert_ok(mls_decode(&out, sizeof out, codec_optional, mls_bytes_view(&encoded), NULL));
    assert_true(out.present && out.value == 0x1234);
    mls_bytes_clear(&encoded);
}

static void optional__with_another_octet_is_malformed(void **state)
{
    test_context_t *t = *state;
    optional_u16_t out;
    static const char *const bad[] = { "02", "021234", "ff1234", "", "01", "0112", "000000" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_status(mls_decode(&out, sizeof out, codec_optional, test_hex(t, bad[i]), NULL),
                      MLS_ERR_MALFORMED);
        assert_false(out.present);
        assert_int_equal(out.value, 0);
    }
}

typedef struct kept {
    mls_view_t encoded;
    uint16_t value;
    mls_view_t rest;
} kept_t;

static void codec_kept(mls_codec_t *codec, void *object)
{
    kept_t *kept = object;
    mls_codec_encoded(codec, &kept->encoded, codec_u16, &kept->value);
    mls_codec_rest(codec, &kept->rest);
}

static void encoded__keeps_the_bytes_it_was_read_from(void **state)
{
    test_context_t *t = *state;
    const mls_view_t in = test_hex(t, "1234abcdef");
    kept_t kept;
    mls_bytes_t encoded;
    assert_ok(mls_decode(&kept, sizeof kept, codec_kept, in, NULL));
    assert_view_hex(t, kept.encoded, "1234");
    assert_int_equal(kept.value, 0x1234);
    assert_view_hex(t, kept.rest, "abcdef");
    kept.value = 0; /* encoding looks at the kept bytes, not at the fields */
    assert_ok(mls_encode(&encoded, codec_kept, &kept));
    assert_view_equal(mls_bytes_view(&encoded), in);
    mls_bytes_clear(&encoded);
}

/* ---- vectors of structs -------------------------------------------------------------------------- */

typedef struct numbers {
    struct {
        uint16_t *items;
        size_t count;
    } list;
    uint8_t end;
} numbers_t;

static void codec_numbers(mls_codec_t *codec, void *object)
{
    numbers_t *numbers = object;
    MLS_CODEC_VECTOR(codec, &numbers->list, codec_u16);
    mls_codec_u8(codec, &numbers->end);
}

static void vector__round_trips_for_many_lengths(void **state)
{
    test_context_t *t = *state;
    uint16_t items[9000];
    numbers_t in = { .list = { items, 0 }, .end = 0x99 }, out;
    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        items[i] = (uint16_t)(i * 7);
    static const size_t counts[] = { 0, 1, 2, 3, 31, 32, 100, 8191, 8192, 9000 };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        mls_bytes_t encoded;
        in.list.count = counts[i];
        assert_ok(mls_encode(&encoded, codec_numbers, &in));
        assert_ok(mls_decode(&out, sizeof out, codec_numbers, mls_bytes_view(&encoded), &t->arena));
        assert_int_equal(out.list.count, counts[i]);
        assert_int_equal(out.end, 0x99);
        if (counts[i] > 0)
            assert_memory_equal(out.list.items, items, counts[i] * sizeof *items);
        mls_bytes_clear(&encoded);
    }
}

static void vector__ends_between_elements(void **state)
{
    test_context_t *t = *state;
    numbers_t out;
    assert_ok(mls_decode(&out, sizeof out, codec_numbers, test_hex(t, "020102 99"), &t->arena));
    /* Three bytes are one element and a half: the half must not be completed by what follows the vector. */
    assert_status(mls_decode(&out, sizeof out, codec_numbers, test_hex(t, "03010203 99"), &t->arena),
                  MLS_ERR_MALFORMED);
    assert_true(out.list.items == NULL && out.list.count == 0);
}

static void vector__without_an_arena_fails(void **state)
{
    test_context_t *t = *state;
    numbers_t out;
    assert_status(mls_decode(&out, sizeof out, codec_numbers, test_hex(t, "02010299"), NULL), MLS_ERR_NOMEM);
}

static void codec_nothing(mls_codec_t *codec, void *object)
{
    (void)codec;
    (void)object;
}

static void codec_empty_elements(mls_codec_t *codec, void *object)
{
    numbers_t *numbers = object;
    MLS_CODEC_VECTOR(codec, &numbers->list, codec_nothing);
}

static void vector__of_elements_without_bytes_ends(void **state)
{
    test_context_t *t = *state;
    numbers_t out;
    assert_status(mls_decode(&out, sizeof out, codec_empty_elements, test_hex(t, "0201ff"), &t->arena),
                  MLS_ERR_MALFORMED);
}

typedef struct octets {
    uint8_t *items;
    size_t count;
} octets_t;

static void codec_octet(mls_codec_t *codec, void *object)
{
    mls_codec_u8(codec, object);
}

static void codec_octets(mls_codec_t *codec, void *object)
{
    octets_t *octets = object;
    MLS_CODEC_VECTOR(codec, octets, codec_octet);
}

static mls_status_t decode_octets(test_context_t *t, size_t count)
{
    uint8_t *in = test_alloc(t, 4 + count);
    octets_t out;
    in[0] = (uint8_t)(0x80 | count >> 24);
    in[1] = (uint8_t)(count >> 16);
    in[2] = (uint8_t)(count >> 8);
    in[3] = (uint8_t)count;
    return mls_decode(&out, sizeof out, codec_octets, mls_view(in, 4 + count), &t->arena);
}

static void vector__of_too_many_elements_is_refused(void **state)
{
    assert_ok(decode_octets(*state, (size_t)1 << 18));
    assert_status(decode_octets(*state, ((size_t)1 << 18) + 1), MLS_ERR_LIMIT);
}

static void codec_three_octets(mls_codec_t *codec, void *object)
{
    octets_t *octets = object;
    MLS_CODEC_VECTOR_MAX(codec, octets, codec_octet, 3);
}

static void vector__can_have_a_bound_of_its_own(void **state)
{
    test_context_t *t = *state;
    octets_t out;
    assert_ok(mls_decode(&out, sizeof out, codec_three_octets, test_hex(t, "03010203"), &t->arena));
    assert_int_equal(out.count, 3);
    assert_status(mls_decode(&out, sizeof out, codec_three_octets, test_hex(t, "0401020304"), &t->arena),
                  MLS_ERR_LIMIT);
}

/* struct { opaque shape<V>, of octets in threes, each a vector; uint8 kept<V>; } */
typedef struct shape_and_octets {
    mls_view_t shape;
    octets_t kept;
} shape_and_octets_t;

typedef struct threes {
    octets_t *items;
    size_t count;
} threes_t;

static void codec_threes(mls_codec_t *codec, void *object)
{
    threes_t *threes = object;
    MLS_CODEC_VECTOR(codec, threes, codec_three_octets);
}

static void codec_shape_only(mls_codec_t *codec, void *object)
{
    threes_t threes = { 0 };
    mls_codec_shape(codec, object, codec_threes, &threes);
}

static void codec_shape_and_octets(mls_codec_t *codec, void *object)
{
    shape_and_octets_t *both = object;
    codec_shape_only(codec, &both->shape);
    MLS_CODEC_VECTOR(codec, &both->kept, codec_octet);
}

static void shape__is_checked_and_takes_no_memory(void **state)
{
    test_context_t *t = *state;
    mls_view_t out;
    static const struct {
        const char *hex;
        mls_status_t status;
    } cases[] = { { "00", MLS_OK },
                  { "06 00 03010203 00", MLS_OK },
                  { "05 0401020304", MLS_ERR_LIMIT },
                  { "03 030102", MLS_ERR_MALFORMED },
                  { "04 03010203 00", MLS_ERR_MALFORMED } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_status(mls_decode(&out, sizeof out, codec_shape_only, test_hex(t, cases[i].hex), NULL),
                      cases[i].status);
}

static void shape__leaves_what_follows_alone(void **state)
{
    test_context_t *t = *state;
    const mls_view_t encoded = test_hex(t, "04 0101 0102 020304");
    shape_and_octets_t out;
    mls_bytes_t again;
    assert_ok(mls_decode(&out, sizeof out, codec_shape_and_octets, encoded, &t->arena));
    assert_view_hex(t, out.shape, "0401010102");
    assert_int_equal(out.kept.count, 2);
    assert_int_equal(out.kept.items[1], 4);
    assert_ok(mls_encode(&again, codec_shape_and_octets, &out));
    assert_view_equal(test_keep(t, &again), encoded);
}

/* ---- all together -------------------------------------------------------------------------------- */

typedef struct everything {
    mls_view_t opaque;
    optional_u16_t optional;
    numbers_t numbers;
} everything_t;

static void codec_everything(mls_codec_t *codec, void *object)
{
    everything_t *everything = object;
    mls_codec_opaque(codec, &everything->opaque);
    codec_optional(codec, &everything->optional);
    codec_numbers(codec, &everything->numbers);
}

static void decode__refuses_every_truncation(void **state)
{
    test_context_t *t = *state;
    uint16_t items[] = { 1, 2, 3 };
    const everything_t in = { mls_view_text("opaque"), { true, 5 }, { { items, 3 }, 9 } };
    everything_t out;
    const everything_t empty = { 0 };
    mls_bytes_t encoded;
    assert_ok(mls_encode(&encoded, codec_everything, &in));
    for (size_t len = 0; len < encoded.len; len++) {
        uint8_t *exact = malloc(len + 1); /* a block of its own: a read beyond it is seen */
        memcpy(exact + 1, encoded.data, len);
        memset(&out, 0xff, sizeof out);
        assert_status(mls_decode(&out, sizeof out, codec_everything, mls_view(exact + 1, len), &t->arena),
                      MLS_ERR_MALFORMED);
        assert_memory_equal(&out, &empty, sizeof out);
        free(exact);
    }
    assert_ok(mls_decode(&out, sizeof out, codec_everything, mls_bytes_view(&encoded), &t->arena));
    mls_bytes_clear(&encoded);
}

static void codec_failing(mls_codec_t *codec, void *object)
{
    integers_t *integers = object;
    mls_codec_u8(codec, &integers->a);
    mls_codec_fail(codec, MLS_ERR_UNSUPPORTED);
    mls_codec_fail(codec, MLS_ERR_LIMIT);
    mls_codec_u16(codec, &integers->b);
}

static void fail__is_sticky_and_the_first_one_counts(void **state)
{
    test_context_t *t = *state;
    integers_t integers = { .a = 1, .b = 2 };
    mls_bytes_t encoded;
    assert_status(mls_encode(&encoded, codec_failing, &integers), MLS_ERR_UNSUPPORTED);
    assert_null(encoded.data);
    assert_status(mls_decode(&integers, sizeof integers, codec_failing, test_hex(t, "010002"), NULL),
                  MLS_ERR_UNSUPPORTED);
    assert_int_equal(integers.a, 0);
    assert_int_equal(integers.b, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(integers__are_in_network_order),
        TEST(varint__takes_no_more_bytes_than_needed),
        TEST(varint__of_two_to_the_30_has_no_encoding),
        TEST(varint__that_is_not_minimal_is_malformed),
        TEST(varint__of_prefix_11_is_malformed),
        TEST(varint__beyond_the_input_is_malformed),
        TEST(decode__refuses_trailing_bytes),
        TEST(fixed__has_its_length),
        TEST(optional__is_a_presence_octet_and_the_value),
        TEST(optional__with_another_octet_is_malformed),
        TEST(encoded__keeps_the_bytes_it_was_read_from),
        TEST(vector__round_trips_for_many_lengths),
        TEST(vector__ends_between_elements),
        TEST(vector__without_an_arena_fails),
        TEST(vector__of_elements_without_bytes_ends),
        TEST(vector__of_too_many_elements_is_refused),
        TEST(vector__can_have_a_bound_of_its_own),
        TEST(shape__is_checked_and_takes_no_memory),
        TEST(shape__leaves_what_follows_alone),
        TEST(decode__refuses_every_truncation),
        TEST(fail__is_sticky_and_the_first_one_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
