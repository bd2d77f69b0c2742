/* make_psk_secret.c -- lists of none, one and more PSKs (RFC 9420, Section 8.4). */
#include "by_hand.h"
#include "generate.h"
#include "make.h"

enum { MAX_PSKS = 3 };

/* struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel; */
static mls_view_t psk_label(vector_case_t *c, mls_view_t id, mls_view_t nonce, size_t index, size_t count)
{
    hand_t hand = { 0 };
    hand_number(&hand, 1, 1); /* external */
    hand_opaque(&hand, id);
    hand_opaque(&hand, nonce);
    hand_number(&hand, index, 2);
    hand_number(&hand, count, 2);
    return hand_view(c, &hand);
}

static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    const size_t count = variant < 2 ? variant : MAX_PSKS, len = c->suite->hash->len;
    const mls_secret_t zero = { .len = len };
    mls_secret_t psk_secret = zero;
    cJSON *psks = put_array(c, json, "psks");
    for (size_t i = 0; i < count; i++) {
        cJSON *item = add_object(c, psks);
        const mls_view_t id = random_bytes(c, 8), psk = random_bytes(c, 32), nonce = random_bytes(c, len);
        const mls_secret_t extracted = hand_extract(c, &zero, psk);
        const mls_secret_t input =
            hand_expand(c, &extracted, "derived psk", psk_label(c, id, nonce, i, count), len);
        psk_secret = hand_extract(c, &input, mls_secret_view(&psk_secret));
        put_bytes(c, item, "psk_id", id);
        put_bytes(c, item, "psk", psk);
        put_bytes(c, item, "psk_nonce", nonce);
    }
    put_secret(c, json, "psk_secret", &psk_secret);
}

const vector_generator_t generate_psk_secret = { "psk_secret", "lists of pre-shared keys", true, 3, make };
