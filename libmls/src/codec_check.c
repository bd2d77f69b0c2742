#include "codec_check.h"

bool mls_codec_check(mls_codec_t *codec, mls_rule_t rule, bool holds)
{
    if (!holds && codec->status == MLS_OK) {
        codec->broken_rule = (int)rule;
        mls_codec_fail(codec, mls_rule_status(rule));
    }
    return holds;
}
