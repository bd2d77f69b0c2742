/* transcript_hashes.c -- transcript hashes and the confirmation tag (RFC 9420, Sections 6.1 and 8.2). */
#include "framing.h"
#include "key_schedule.h"
#include "vectors.h"

static void verify(vector_case_t *c)
{
    mls_authenticated_content_t content = { 0 };
    mls_secret_t confirmed = { 0 }, interim = { 0 }, tag = { 0 };
    const mls_secret_t confirmation_key = vector_secret(c, c->json, "confirmation_key");
    const mls_view_t before = vector_bytes(c, c->json, "interim_transcript_hash_before");

    if (!vector_decode(c, c->json, "authenticated_content", &content, sizeof content,
                       mls_codec_authenticated_content) ||
        !vector_check(c, "authenticated_content", content.content.content_type == MLS_CONTENT_COMMIT,
                      "holds no Commit"))
        return;
    vector_ok(c, "confirmed_transcript_hash_after",
              mls_confirmed_transcript_hash(c->crypto, c->suite, &confirmed, before, content.wire_format,
                                            content.content_encoded, content.auth.signature));
    vector_equal(c, c->json, "confirmed_transcript_hash_after", mls_secret_view(&confirmed));
    vector_ok(
        c, "confirmation_key",
        mls_confirmation_tag(c->crypto, c->suite, &tag, &confirmation_key, mls_secret_view(&confirmed)));
    vector_check(c, "authenticated_content.auth.confirmation_tag",
                 mls_tag_equal(&tag, content.auth.confirmation_tag), "does not match");
    vector_ok(c, "interim_transcript_hash_after",
              mls_interim_transcript_hash(c->crypto, c->suite, &interim, mls_secret_view(&confirmed),
                                          content.auth.confirmation_tag));
    vector_equal(c, c->json, "interim_transcript_hash_after", mls_secret_view(&interim));
}

static const char *const fields[] = { "cipher_suite",
                                      "confirmation_key",
                                      "authenticated_content",
                                      "interim_transcript_hash_before",
                                      "confirmed_transcript_hash_after",
                                      "interim_transcript_hash_after",
                                      NULL };
const vector_kind_t vector_transcript_hashes = { "transcript hashes", fields, verify };
