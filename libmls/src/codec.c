/* codec.c -- the presentation language of RFC 9420, Section 2.1, over the visitors of all structs.
 *
 * This is the only file that asks for the direction. */
#include "codec_check.h"

#include <stdlib.h>

/* 2^18 elements are more than there are nodes in the largest tree that is taken by default. */
enum { VARINT_MAX = (1 << 30) - 1, DEFAULT_MAX_ITEMS = 1 << 18, MAX_SHAPE_ITEM_LEN = 64 };

void mls_codec_fail(mls_codec_t *codec, mls_status_t status)
{
    if (codec->status == MLS_OK)
        codec->status = status;
}

/* ---- writing ------------------------------------------------------------------------------------- */

/* Room for `n` more bytes. What was written may be secret: no realloc, the old copy is wiped. */
static uint8_t *grow(mls_codec_t *codec, size_t n)
{
    if (n > VARINT_MAX || codec->out.len > SIZE_MAX / 4) {
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
        return NULL;
    }
    if (codec->out_cap - codec->out.len < n) {
        size_t cap = 2 * codec->out.len + n + 64;
        uint8_t *p = malloc(cap);
        if (p == NULL) {
            mls_codec_fail(codec, MLS_ERR_NOMEM);
            return NULL;
        }
        if (codec->out.len > 0)
            memcpy(p, codec->out.data, codec->out.len);
        mls_bytes_t old = codec->out;
        mls_bytes_clear(&old);
        codec->out.data = p;
        codec->out_cap = cap;
    }
    codec->out.len += n;
    return codec->out.data + codec->out.len - n;
}

static void store_uint(uint8_t *p, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)(value >> (8 * (n - 1 - i)));
}

static void put_uint(mls_codec_t *codec, uint64_t value, size_t n)
{
    uint8_t *p = grow(codec, n);
    if (p != NULL)
        store_uint(p, value, n);
}

static void put_bytes(mls_codec_t *codec, mls_view_t value)
{
    if (value.len == 0)
        return;
    uint8_t *p = grow(codec, value.len);
    if (p != NULL)
        memcpy(p, value.data, value.len);
}

/* RFC 9420, Section 2.1.2: 1, 2 or 4 bytes, and no more than needed. */
static size_t varint_size(size_t value)
{
    return value < 64 ? 1 : value < 16384 ? 2 : 4;
}

static uint64_t varint_header(size_t value, size_t size)
{
    const uint64_t prefix = size >> 1; /* 0, 1, 2 for 1, 2, 4 bytes */
    return value | prefix << (8 * size - 2);
}

static void put_length(mls_codec_t *codec, size_t len)
{
    if (len > VARINT_MAX)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    else
        put_uint(codec, varint_header(len, varint_size(len)), varint_size(len));
}

/* Puts the length of what was written since `start` before it. */
static void put_length_at(mls_codec_t *codec, size_t start)
{
    if (codec->status != MLS_OK)
        return;
    size_t len = codec->out.len - start;
    if (len > VARINT_MAX) {
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
        return;
    }
    size_t n = varint_size(len);
    if (grow(codec, n) == NULL)
        return;
    uint8_t *p = codec->out.data + start;
    memmove(p + n, p, len);
    store_uint(p, varint_header(len, n), n);
}

/* ---- reading ------------------------------------------------------------------------------------- */

static size_t input_left(const mls_codec_t *codec)
{
    return (size_t)(codec->end - codec->in);
}

static bool has_left(mls_codec_t *codec, size_t n)
{
    return mls_codec_check(codec, MLS_RULE_E4, n <= input_left(codec));
}

static uint64_t get_uint(mls_codec_t *codec, size_t n)
{
    uint64_t value = 0;
    if (!has_left(codec, n))
        return 0;
    while (n-- > 0)
        value = value << 8 | *codec->in++;
    return value;
}

/* A length that fits into what is left; 0 on failure. */
static size_t get_length(mls_codec_t *codec)
{
    if (codec->in < codec->end && *codec->in < 64 && *codec->in < input_left(codec))
        return *codec->in++; /* most are of one byte */
    if (!has_left(codec, 1) || !mls_codec_check(codec, MLS_RULE_E1, *codec->in >> 6 != 3))
        return 0;
    const size_t n = (size_t)1 << (*codec->in >> 6);
    const uint64_t value = get_uint(codec, n) & (((uint64_t)1 << (8 * n - 2)) - 1);
    if (codec->status != MLS_OK || !mls_codec_check(codec, MLS_RULE_E2, varint_size((size_t)value) == n) ||
        !has_left(codec, (size_t)value))
        return 0;
    return (size_t)value;
}

static mls_view_t get_bytes(mls_codec_t *codec, size_t len)
{
    if (!has_left(codec, len))
        return (mls_view_t){ 0 };
    mls_view_t value = mls_view(codec->in, len);
    codec->in += len;
    return value;
}

/* ---- visits -------------------------------------------------------------------------------------- */

static uint64_t visit_uint(mls_codec_t *codec, uint64_t value, size_t n)
{
    if (codec->status != MLS_OK)
        return codec->op == MLS_CODEC_DECODE ? 0 : value;
    if (codec->op == MLS_CODEC_DECODE)
        return get_uint(codec, n);
    put_uint(codec, value, n);
    return value;
}

/* Encoding leaves the object alone: it may be constant. */
#define VISIT_UINT(codec, value, type)                                                                       \
    do {                                                                                                     \
        uint64_t visited = visit_uint((codec), *(value), sizeof(type));                                      \
        if ((codec)->op == MLS_CODEC_DECODE)                                                                 \
            *(value) = (type)visited;                                                                        \
    } while (0)

void mls_codec_u8(mls_codec_t *codec, uint8_t *value)
{
    VISIT_UINT(codec, value, uint8_t);
}

void mls_codec_u16(mls_codec_t *codec, uint16_t *value)
{
    VISIT_UINT(codec, value, uint16_t);
}

void mls_codec_u32(mls_codec_t *codec, uint32_t *value)
{
    VISIT_UINT(codec, value, uint32_t);
}

void mls_codec_u64(mls_codec_t *codec, uint64_t *value)
{
    VISIT_UINT(codec, value, uint64_t);
}

void mls_codec_opaque(mls_codec_t *codec, mls_view_t *value)
{
    if (codec->status != MLS_OK)
        return;
    if (codec->op == MLS_CODEC_DECODE) {
        *value = get_bytes(codec, get_length(codec));
    } else {
        put_length(codec, value->len);
        put_bytes(codec, *value);
    }
}

void mls_codec_opaque_copy(mls_codec_t *codec, uint8_t *buffer, size_t *len, size_t max)
{
    mls_view_t view = mls_view(buffer, *len);
    mls_codec_opaque(codec, &view);
    if (codec->op != MLS_CODEC_DECODE || codec->status != MLS_OK)
        return;
    if (view.len > max) {
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
        return;
    }
    if (view.len > 0)
        memcpy(buffer, view.data, view.len);
    *len = view.len;
}

void mls_codec_fixed(mls_codec_t *codec, mls_view_t *value, size_t len)
{
    if (codec->status != MLS_OK)
        return;
    if (codec->op == MLS_CODEC_DECODE)
        *value = get_bytes(codec, len);
    else if (value->len != len)
        mls_codec_fail(codec, MLS_ERR_MALFORMED);
    else
        put_bytes(codec, *value);
}

void mls_codec_optional(mls_codec_t *codec, bool *present, mls_codec_fn *visit, void *object)
{
    const uint64_t octet = visit_uint(codec, *present ? 1 : 0, 1);
    if (!mls_codec_check(codec, MLS_RULE_E3, octet <= 1))
        return;
    if (codec->op == MLS_CODEC_DECODE)
        *present = octet == 1;
    if (octet == 1 && codec->status == MLS_OK)
        visit(codec, object);
}

void mls_codec_encoded(mls_codec_t *codec, mls_view_t *encoded, mls_codec_fn *visit, void *object)
{
    if (codec->status != MLS_OK)
        return;
    if (codec->op == MLS_CODEC_ENCODE && encoded->len > 0) {
        put_bytes(codec, *encoded);
        return;
    }
    const uint8_t *start = codec->in;
    visit(codec, object);
    if (codec->op == MLS_CODEC_DECODE && codec->status == MLS_OK)
        *encoded = mls_view(start, (size_t)(codec->in - start));
}

void mls_codec_shape(mls_codec_t *codec, mls_view_t *encoded, mls_codec_fn *visit, void *object)
{
    const bool outer = codec->is_shape;
    codec->is_shape = true;
    mls_codec_encoded(codec, encoded, visit, object);
    codec->is_shape = outer;
}

void mls_codec_rest(mls_codec_t *codec, mls_view_t *value)
{
    if (codec->status != MLS_OK)
        return;
    if (codec->op == MLS_CODEC_DECODE)
        *value = get_bytes(codec, input_left(codec));
    else
        put_bytes(codec, *value);
}

/* ---- vectors ------------------------------------------------------------------------------------- */

/* Makes room for one more zeroed element; the capacity doubles when the count is a power of two. */
static void *append_item(mls_codec_t *codec, void *items, size_t *count, size_t size)
{
    uint8_t *p = items;
    if ((*count & (*count - 1)) == 0) {
        p = codec->arena == NULL ? NULL
                                 : mls_arena_alloc(codec->arena, (*count == 0 ? 1 : 2 * *count) * size);
        if (p == NULL) {
            mls_codec_fail(codec, MLS_ERR_NOMEM);
            return items;
        }
        if (*count > 0)
            memcpy(p, items, *count * size);
    }
    (*count)++;
    return p;
}

static void *visit_kept(mls_codec_t *codec, void *items, size_t *count, size_t size, mls_codec_fn *visit)
{
    items = append_item(codec, items, count, size);
    if (codec->status == MLS_OK)
        visit(codec, (uint8_t *)items + (*count - 1) * size);
    return items;
}

static void visit_unkept(mls_codec_t *codec, size_t *count, size_t size, mls_codec_fn *visit)
{
    _Alignas(max_align_t) uint8_t item[MAX_SHAPE_ITEM_LEN] = { 0 };
    (*count)++;
    if (size <= sizeof item)
        visit(codec, item);
    else
        mls_codec_fail(codec, MLS_ERR_LIMIT);
}

static void *decode_items(mls_codec_t *codec, size_t *count, size_t size, mls_codec_fn *visit, size_t max)
{
    void *items = NULL;
    const uint8_t *outer_end = codec->end;
    size_t len = get_length(codec);
    *count = 0;
    codec->end = codec->in + len;
    while (codec->status == MLS_OK && codec->in < codec->end) {
        const uint8_t *before = codec->in;
        if (!mls_codec_check(codec, MLS_RULE_E8, *count < max))
            break;
        if (codec->is_shape)
            visit_unkept(codec, count, size, visit);
        else
            items = visit_kept(codec, items, count, size, visit);
        if (codec->in == before)
            mls_codec_fail(codec, MLS_ERR_MALFORMED); /* it would go on for ever */
    }
    codec->end = outer_end;
    return items;
}

void *mls_codec_items(mls_codec_t *codec, void *items, size_t *count, size_t size, mls_codec_fn *visit,
                      size_t max)
{
    if (codec->status != MLS_OK)
        return items;
    if (codec->op == MLS_CODEC_DECODE)
        return decode_items(codec, count, size, visit, max);
    size_t start = codec->out.len;
    for (size_t i = 0; i < *count; i++)
        visit(codec, (uint8_t *)items + i * size);
    put_length_at(codec, start);
    return items;
}

/* ---- whole objects ------------------------------------------------------------------------------- */

mls_status_t mls_encode(mls_bytes_t *out, mls_codec_fn *visit, const void *object)
{
    return mls_encode_expecting(out, 0, visit, object);
}

mls_status_t mls_encode_expecting(mls_bytes_t *out, size_t len, mls_codec_fn *visit, const void *object)
{
    mls_codec_t codec = { .op = MLS_CODEC_ENCODE };
    *out = (mls_bytes_t){ 0 };
    if (len > 0 && len <= VARINT_MAX && grow(&codec, len) != NULL)
        codec.out.len = 0; /* there is room */
    /* A visitor is one function for both directions, so it takes a plain pointer; encoding only reads. */
    visit(&codec, (void *)(uintptr_t)object);
    if (codec.status == MLS_OK)
        *out = codec.out;
    else
        mls_bytes_clear(&codec.out);
    return codec.status;
}

mls_status_t mls_decode_naming(mls_rule_t *broken, void *object, size_t size, mls_codec_fn *visit,
                               mls_view_t in, mls_arena_t *arena)
{
    static const uint8_t nothing[1];
    const uint8_t *start = in.data == NULL ? nothing : in.data;
    mls_codec_t codec = { .op = MLS_CODEC_DECODE,
                          .in = start,
                          .end = start + in.len,
                          .arena = arena,
                          .max_items = DEFAULT_MAX_ITEMS };
    memset(object, 0, size);
    visit(&codec, object);
    if (!mls_codec_check(&codec, MLS_RULE_E5, codec.in == codec.end) || codec.status != MLS_OK)
        memset(object, 0, size);
    *broken = (mls_rule_t)codec.broken_rule;
    return codec.status;
}

mls_status_t mls_decode(void *object, size_t size, mls_codec_fn *visit, mls_view_t in, mls_arena_t *arena)
{
    mls_rule_t broken;
    return mls_decode_naming(&broken, object, size, visit, in, arena);
}
