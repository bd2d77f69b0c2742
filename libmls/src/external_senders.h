/* external_senders.h -- the extension external_senders (RFC 9420, Section 12.1.8.1). */
#ifndef MLS_EXTERNAL_SENDERS_H
#define MLS_EXTERNAL_SENDERS_H

#include "credential.h"
#include "mls/outside.h"

/* Whose extensions they are, and by whose rules they are judged. */
typedef struct mls_external_senders_rules {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    const mls_group_config_t *config;
    mls_view_t group_id;
} mls_external_senders_rules_t;

/* Checks the external_senders of a GroupContext's extensions: their form and number, and that each key fits
 * the suite and the credential; then shows those to the Authentication Service that `before`, the extensions
 * that these replace, did not have (RFC 9420, Section 5.3.1). Rules L13, E7, C3, C1. */
MLS_MUST_USE mls_status_t mls_external_senders_check(const mls_external_senders_rules_t *rules,
                                                     mls_view_t before, mls_view_t extensions);

#endif
