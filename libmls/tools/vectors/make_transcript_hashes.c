/* make_transcript_hashes.c -- what a Commit does to the transcript hashes (RFC 9420, Section 8.2). */
#include "by_hand.h"
#include "generate.h"
#include "make.h"

/* The FramedContent of a Commit that removes a leaf, without a path (RFC 9420, Sections 6 and 12.4). */
static mls_view_t framed_commit(vector_case_t *c)
{
    hand_t content = { 0 }, proposals = { 0 };
    hand_number(&proposals, 1, 1); /* by value */
    hand_number(&proposals, 3, 2); /* remove */
    hand_number(&proposals, random_below(c, 100), 4);
    hand_opaque(&content, random_bytes(c, 16)); /* group_id */
    hand_number(&content, random_below(c, UINT32_MAX), 8);
    hand_number(&content, 1, 1); /* member */
    hand_number(&content, random_below(c, 100), 4);
    hand_opaque(&content, random_bytes(c, 10)); /* authenticated_data */
    hand_number(&content, 3, 1);                /* commit */
    hand_opaque(&content, hand_view(c, &proposals));
    hand_number(&content, 0, 1);
    return hand_view(c, &content);
}

static mls_secret_t mac(vector_case_t *c, const mls_secret_t *key, const mls_secret_t *data)
{
    mls_secret_t out = { .len = c->suite->hash->len };
    const mls_view_t view = mls_secret_view(data);
    vector_ok(
        c, "MAC",
        c->suite->hash->hmac(c->crypto, c->suite->hash->variant, out.data, mls_secret_view(key), &view, 1));
    return out;
}

/* The signature is random bytes: there is no field for a key that would verify it. */
static void make(vector_case_t *c, cJSON *json, size_t variant)
{
    const mls_secret_t confirmation_key = random_secret(c), before = random_secret(c);
    const mls_view_t content = framed_commit(c), signature = random_bytes(c, 64);
    hand_t message = { 0 }, hashed = { 0 }, interim_input = { 0 };
    (void)variant;

    hand_number(&message, 1, 2); /* mls_public_message */
    hand_raw(&message, content);
    hand_opaque(&message, signature);
    hand_raw(&hashed, mls_secret_view(&before));
    hand_raw(&hashed, hand_view(c, &message));
    const mls_secret_t confirmed = hand_hash(c, &hashed);
    const mls_secret_t tag = mac(c, &confirmation_key, &confirmed);
    hand_opaque(&message, mls_secret_view(&tag));
    hand_raw(&interim_input, mls_secret_view(&confirmed));
    hand_opaque(&interim_input, mls_secret_view(&tag));
    const mls_secret_t interim = hand_hash(c, &interim_input);

    put_secret(c, json, "confirmation_key", &confirmation_key);
    put_bytes(c, json, "authenticated_content", hand_view(c, &message));
    put_secret(c, json, "interim_transcript_hash_before", &before);
    put_secret(c, json, "confirmed_transcript_hash_after", &confirmed);
    put_secret(c, json, "interim_transcript_hash_after", &interim);
}

const vector_generator_t generate_transcript_hashes = { "transcript-hashes", "a Commit in the transcript",
                                                        true, 1, make };
