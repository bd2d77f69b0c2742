#include "rule.h"
#include "codec_check.h"
#include "suite.h"

mls_status_t mls_refuse(mls_crypto_t *crypto, mls_rule_t rule, mls_status_t status)
{
    if (crypto != NULL && crypto->config.log != NULL)
        crypto->config.log(crypto->config.arg, status, mls_rule_id(rule), mls_rule_section(rule),
                           mls_rule_text(rule));
    return status;
}

mls_status_t mls_check(mls_crypto_t *crypto, mls_rule_t rule, bool holds)
{
    return holds ? MLS_OK : mls_refuse(crypto, rule, mls_rule_status(rule));
}

mls_status_t mls_codec_verdict(mls_crypto_t *crypto, const mls_codec_t *codec)
{
    return codec->broken_rule == MLS_RULE_NONE
               ? codec->status
               : mls_refuse(crypto, (mls_rule_t)codec->broken_rule, codec->status);
}

mls_status_t mls_decode_input(mls_crypto_t *crypto, void *object, size_t size, mls_codec_fn *visit,
                              mls_view_t in, mls_arena_t *arena)
{
    mls_rule_t broken;
    mls_status_t status = mls_decode_naming(&broken, object, size, visit, in, arena);
    return broken == MLS_RULE_NONE ? status : mls_refuse(crypto, broken, status);
}
