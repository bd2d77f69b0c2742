#include "by_hand.h"
#include "make.h"

/* ---- bytes --------------------------------------------------------------------------------------- */

/* Counts what does not fit, too: hand_view() looks. */
static void write_byte(hand_t *hand, uint8_t byte)
{
    if (hand->len < sizeof hand->bytes)
        hand->bytes[hand->len] = byte;
    hand->len++;
}

void hand_number(hand_t *hand, uint64_t number, size_t num_bytes)
{
    while (num_bytes-- > 0)
        write_byte(hand, (uint8_t)(number >> 8 * num_bytes));
}

void hand_raw(hand_t *hand, mls_view_t bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        write_byte(hand, bytes.data[i]);
}

void hand_length(hand_t *hand, size_t len)
{
    if (len < 1 << 6)
        hand_number(hand, len, 1);
    else if (len < 1 << 14)
        hand_number(hand, len + (1u << 14), 2);
    else
        hand_number(hand, len + (2u << 30), 4);
}

void hand_opaque(hand_t *hand, mls_view_t bytes)
{
    hand_length(hand, bytes.len);
    hand_raw(hand, bytes);
}

mls_view_t hand_view(vector_case_t *c, const hand_t *hand)
{
    return vector_check(c, "encoding", hand->len <= sizeof hand->bytes, "is too long")
               ? keep_view(c, mls_view(hand->bytes, hand->len))
               : (mls_view_t){ 0 };
}

/* ---- derivation ---------------------------------------------------------------------------------- */

mls_secret_t hand_hash(vector_case_t *c, const hand_t *input)
{
    mls_secret_t hash = { .len = c->suite->hash->len };
    const mls_view_t bytes = hand_view(c, input);
    vector_ok(c, "hash", c->suite->hash->hash(c->crypto, c->suite->hash->variant, hash.data, &bytes, 1));
    return hash;
}

mls_secret_t hand_extract(vector_case_t *c, const mls_secret_t *salt, mls_view_t ikm)
{
    mls_secret_t out = { 0 };
    vector_ok(c, "KDF.Extract", mls_hkdf_extract(c->crypto, c->suite, &out, mls_secret_view(salt), &ikm, 1));
    return out;
}

/* struct { uint16 length; opaque label<V> = "MLS 1.0 " + Label; opaque context<V>; } KDFLabel; */
mls_secret_t hand_expand(vector_case_t *c, const mls_secret_t *secret, const char *label, mls_view_t context,
                         size_t len)
{
    hand_t info = { 0 };
    mls_secret_t out = { .len = len };
    hand_number(&info, len, 2);
    hand_length(&info, strlen("MLS 1.0 ") + strlen(label));
    hand_raw(&info, mls_view_text("MLS 1.0 "));
    hand_raw(&info, mls_view_text(label));
    hand_opaque(&info, context);
    const mls_view_t view = hand_view(c, &info);
    if (vector_check(c, label, len <= sizeof out.data, "is too long"))
        vector_ok(c, label,
                  mls_hkdf_expand(c->crypto, c->suite, out.data, len, mls_secret_view(secret), &view, 1));
    return out;
}

mls_secret_t hand_derive(vector_case_t *c, const mls_secret_t *secret, const char *label)
{
    return hand_expand(c, secret, label, (mls_view_t){ 0 }, c->suite->hash->len);
}
