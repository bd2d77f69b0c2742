#include "codec_check.h"

void mls_codec_break(mls_codec_t *codec, mls_rule_t rule)
{
    if (codec->status != MLS_OK)
        return;
    codec->broken_rule = (int)rule;
    mls_codec_fail(codec, mls_rule_status(rule));
}
