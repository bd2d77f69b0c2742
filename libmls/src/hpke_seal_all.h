/* hpke_seal_all.h -- HPKE to many recipients (RFC 9180): their ephemeral keys are made several at once, and
 * the host's threads share the work. */
#ifndef MLS_HPKE_SEAL_ALL_H
#define MLS_HPKE_SEAL_ALL_H

#include "hpke.h"

/* As the arguments of mls_hpke_seal(); all is borrowed. */
typedef struct mls_hpke_recipient {
    mls_view_t public_key;
    mls_view_t plaintext;
    uint8_t *kem_output, *ciphertext; /* written */
} mls_hpke_recipient_t;

/* mls_hpke_seal() to each, with the same `info`. After an error nothing that was written is of any use. */
MLS_MUST_USE mls_status_t mls_hpke_seal_all(mls_crypto_t *crypto, const mls_suite_t *suite,
                                            const mls_hpke_info_t *info,
                                            const mls_hpke_recipient_t *recipients, size_t count);

#endif
