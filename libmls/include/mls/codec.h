/* codec.h -- the TLS presentation language of RFC 9420, Section 2.1.
 *
 * One visitor per struct walks its fields once, in the order of the RFC; the codec's direction decides
 * whether a visit appends the field to a buffer or reads it from input. Decoded opaque fields are views
 * into the input and decoded vectors live in an arena: nothing inside a decoded object is ever freed by
 * itself, it is gone with the input and the arena. Errors are sticky: after the first, every visit does
 * nothing, so a visitor needs no checks of its own and mls_encode() and mls_decode() return the one status.
 *
 * A visitor does not ask for the direction. It checks shape only (known enumerators, fixed lengths). */
#ifndef MLS_CODEC_H
#define MLS_CODEC_H

#include "bytes.h"

/* Storage that is released as a whole, and wiped then. A zeroed arena is empty and may be cleared. */
typedef struct mls_arena {
    struct mls_arena_block *blocks; /* of libmls */
} mls_arena_t;

/* `len` zeroed bytes, aligned for any object, that live until the arena is cleared. NULL without memory. */
MLS_API void *mls_arena_alloc(mls_arena_t *arena, size_t len);
/* Wipes and frees all of it; the arena is empty then. */
MLS_API void mls_arena_clear(mls_arena_t *arena);

/* The direction of a codec. */
typedef enum mls_codec_op { MLS_CODEC_ENCODE, MLS_CODEC_DECODE } mls_codec_op_t;

/* One run over a struct. mls_encode() and mls_decode() make it; visitors hand it on. */
typedef struct mls_codec {
    mls_codec_op_t op;
    mls_status_t status; /* the first failure, or MLS_OK */
    mls_bytes_t out;     /* encoding: what was written so far */
    size_t out_cap;
    const uint8_t *in, *end; /* decoding: the unread input */
    mls_arena_t *arena;      /* decoding: where vectors go */
    size_t max_items;        /* decoding: bound for the elements of any one vector */
    bool is_shape;           /* decoding: the elements of vectors are looked at, and not kept */
    int broken_rule;         /* decoding: the rule that failed it, by its number in libmls; 0: none */
} mls_codec_t;

/* A visitor: visits the fields of `object` in the order of the RFC. */
typedef void mls_codec_fn(mls_codec_t *codec, void *object);

/* Makes the whole run fail with `status`, if it has not failed before. */
MLS_API void mls_codec_fail(mls_codec_t *codec, mls_status_t status);

MLS_API void mls_codec_u8(mls_codec_t *codec, uint8_t *value);   /* uint8 */
MLS_API void mls_codec_u16(mls_codec_t *codec, uint16_t *value); /* uint16 */
MLS_API void mls_codec_u32(mls_codec_t *codec, uint32_t *value); /* uint32 */
MLS_API void mls_codec_u64(mls_codec_t *codec, uint64_t *value); /* uint64 */

/* opaque value<V>  (RFC 9420, Section 2.1.2) */
MLS_API void mls_codec_opaque(mls_codec_t *codec, mls_view_t *value);

/* opaque value<V> of at most `max` bytes, kept by value in `buffer`; `*len` are those in use. */
MLS_API void mls_codec_opaque_copy(mls_codec_t *codec, uint8_t *buffer, size_t *len, size_t max);

/* opaque value[len] */
MLS_API void mls_codec_fixed(mls_codec_t *codec, mls_view_t *value, size_t len);

/* optional<T>: visits the presence octet and, where present, the object (RFC 9420, Section 2.1.1). */
MLS_API void mls_codec_optional(mls_codec_t *codec, bool *present, mls_codec_fn *visit, void *object);

/* A struct that is kept together with its encoding. Decoding visits `object` and makes `*encoded` the bytes
 * that it was read from; encoding appends `*encoded`, or visits the object where it has no encoding yet. */
MLS_API void mls_codec_encoded(mls_codec_t *codec, mls_view_t *encoded, mls_codec_fn *visit, void *object);

/* A struct that is kept as its encoding alone: decoding visits `object`, which is of no use afterwards, to
 * see that the shape is right. What is in its vectors takes no memory. */
MLS_API void mls_codec_shape(mls_codec_t *codec, mls_view_t *encoded, mls_codec_fn *visit, void *object);

/* Appends bytes that are encoded already; decoding takes all that is left of the input. */
MLS_API void mls_codec_rest(mls_codec_t *codec, mls_view_t *value);

/* T items<V> (RFC 9420, Section 2.1.2), elements of `size` bytes, at least one byte each in the encoding.
 * Answers the items; decoding sets `*count`. More than `max` of them: MLS_ERR_LIMIT. Use the macros below. */
MLS_API void *mls_codec_items(mls_codec_t *codec, void *items, size_t *count, size_t size,
                              mls_codec_fn *visit, size_t max);
/* A vector in a struct of the form {items, count}. */
#define MLS_CODEC_VECTOR(codec, vector, visit) MLS_CODEC_VECTOR_MAX(codec, vector, visit, (codec)->max_items)
/* The same with a bound of its own for the number of elements that are decoded. */
#define MLS_CODEC_VECTOR_MAX(codec, vector, visit, max)                                                      \
    ((vector)->items = mls_codec_items((codec), (vector)->items, &(vector)->count, sizeof *(vector)->items,  \
                                       (visit), (max)))

/* Encodes `*object` into `*out`, which the caller clears. `*object` is only read. MLS_ERR_NOMEM,
 * MLS_ERR_MALFORMED for what has no encoding (a vector of 2^30 bytes or more, an unknown enumerator). */
MLS_API MLS_MUST_USE mls_status_t mls_encode(mls_bytes_t *out, mls_codec_fn *visit, const void *object);

/* Decodes exactly all of `in` into `*object` (`size` bytes, zeroed first). Views in the object point into
 * `in`; vectors live in `arena`, which may be NULL where the struct has none. On failure the object is
 * zeroed again. MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED, MLS_ERR_LIMIT (a vector of too many elements),
 * MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_decode(void *object, size_t size, mls_codec_fn *visit, mls_view_t in,
                                             mls_arena_t *arena);

#endif
