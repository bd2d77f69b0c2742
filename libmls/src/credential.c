#include "credential.h"
#include "codec_check.h"
#include "x509.h"

void mls_codec_credential(mls_codec_t *codec, mls_credential_t *credential)
{
    mls_codec_u16(codec, &credential->type);
    mls_codec_opaque(codec, &credential->body);
    if (credential->type == MLS_CREDENTIAL_X509)
        (void)mls_codec_check(codec, MLS_RULE_C3_DECODE, mls_x509_is_list(credential->body));
}

mls_status_t mls_credential_check(mls_crypto_t *crypto, const mls_limits_t *limits,
                                  const mls_credential_t *credential, mls_view_t signature_key)
{
    return credential->type == MLS_CREDENTIAL_X509
               ? mls_x509_check(crypto, limits, credential->body, signature_key)
               : MLS_OK;
}

mls_status_t mls_authenticate(mls_crypto_t *crypto, const mls_authentication_t *authentication,
                              const mls_leaf_candidate_t *candidate)
{
    if (authentication == NULL || authentication->validate == NULL)
        return MLS_OK;
    mls_status_t status = authentication->validate(authentication->arg, candidate);
    return status == MLS_OK ? MLS_OK : mls_refuse(crypto, MLS_RULE_C1, status);
}
