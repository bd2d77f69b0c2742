/* codec_check.h -- what libmls itself needs of the codec beside mls/codec.h: which rule the bytes break that
 * are decoded, and how many bytes are to be expected. */
#ifndef MLS_CODEC_CHECK_H
#define MLS_CODEC_CHECK_H

#include "mls/codec.h"
#include "rule_table.h"

/* The whole run fails with the rule's status, unless it has failed before. */
void mls_codec_break(mls_codec_t *codec, mls_rule_t rule);

/* Answers `holds`. If it does not, the run fails. It is asked several times for each field of each message.
 */
static inline bool mls_codec_check(mls_codec_t *codec, mls_rule_t rule, bool holds)
{
    if (!holds)
        mls_codec_break(codec, rule);
    return holds;
}

/* mls_encode() of what will take about so many bytes: memory is asked for once, where the guess is not too
 * low. */
MLS_MUST_USE mls_status_t mls_encode_expecting(mls_bytes_t *out, size_t len, mls_codec_fn *visit,
                                               const void *object);

/* mls_decode() that names the rule the bytes break; MLS_RULE_NONE where it is no rule, or nothing fails. */
MLS_MUST_USE mls_status_t mls_decode_naming(mls_rule_t *broken, void *object, size_t size,
                                            mls_codec_fn *visit, mls_view_t in, mls_arena_t *arena);

#endif
