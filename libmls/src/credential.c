#include "credential.h"

void mls_codec_credential(mls_codec_t *codec, mls_credential_t *credential)
{
    mls_codec_u16(codec, &credential->type);
    mls_codec_opaque(codec, &credential->body);
}

mls_status_t mls_authenticate(mls_crypto_t *crypto, const mls_authentication_t *authentication,
                              const mls_leaf_candidate_t *candidate)
{
    if (authentication == NULL || authentication->validate == NULL)
        return MLS_OK;
    mls_status_t status = authentication->validate(authentication->arg, candidate);
    return status == MLS_OK ? MLS_OK : mls_refuse(crypto, MLS_RULE_C1, status);
}
