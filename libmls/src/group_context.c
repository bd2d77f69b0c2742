#include "group_context.h"
#include "codec_check.h"

void mls_codec_group_context(mls_codec_t *codec, void *object)
{
    mls_group_context_t *context = object;
    mls_codec_u16(codec, &context->version);
    mls_codec_u16(codec, &context->cipher_suite);
    mls_codec_opaque(codec, &context->group_id);
    mls_codec_u64(codec, &context->epoch);
    mls_codec_opaque(codec, &context->tree_hash);
    mls_codec_opaque(codec, &context->confirmed_transcript_hash);
    mls_codec_extensions(codec, &context->extensions);
    (void)mls_codec_check(codec, MLS_RULE_E6_VERSION, context->version == MLS_VERSION_MLS10);
}
