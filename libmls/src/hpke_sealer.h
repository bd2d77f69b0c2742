/* hpke_sealer.h -- HPKE for many recipients: their ephemeral keys are made several at once (RFC 9180). */
#ifndef MLS_HPKE_SEALER_H
#define MLS_HPKE_SEALER_H

#include "hpke.h"

typedef struct mls_hpke_sealer {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_hpke_info_t *info;
    size_t num_left; /* recipients that are still to come, of which no key pair was made */
    struct {
        mls_hpke_private_t private_keys[MLS_DH_MAX_AT_ONCE];
        mls_hpke_public_t public_keys[MLS_DH_MAX_AT_ONCE];
        size_t count, next;
    } ephemeral; /* each is used once */
} mls_hpke_sealer_t;

/* For so many recipients; more may come. `info` is borrowed. The caller wipes it. */
void mls_hpke_sealer_init(mls_hpke_sealer_t *sealer, mls_crypto_t *crypto, const mls_suite_t *suite,
                          const mls_hpke_info_t *info, size_t num_recipients);
/* As mls_hpke_seal(), to the next recipient. */
MLS_MUST_USE mls_status_t mls_hpke_sealer_seal(mls_hpke_sealer_t *sealer, uint8_t *kem_output,
                                               uint8_t *ciphertext, mls_view_t public_key,
                                               mls_view_t plaintext);
void mls_hpke_sealer_wipe(mls_hpke_sealer_t *sealer);

#endif
