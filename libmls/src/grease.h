/* grease.h -- values that stand for nothing, sent so that nobody comes to refuse what is unknown (RFC 9420,
 * Section 13.5). */
#ifndef MLS_GREASE_H
#define MLS_GREASE_H

#include "extension.h"

/* 0x0A0A, 0x1A1A, … 0xEAEA: the same for extensions, proposals, credentials and cipher suites. */
bool mls_is_grease(uint16_t value);

/* One of them, by chance. */
MLS_MUST_USE mls_status_t mls_grease_value(mls_crypto_t *crypto, uint16_t *out);

/* Puts that value at any place of a list of uint16 in network order, unless it is there. */
MLS_MUST_USE mls_status_t mls_grease_list(mls_crypto_t *crypto, mls_bytes_t *list, uint16_t value);

/* Puts an extension of that type, with a few random bytes, before or behind encoded extensions. */
MLS_MUST_USE mls_status_t mls_grease_extensions(mls_crypto_t *crypto, mls_bytes_t *extensions, uint16_t type);

#endif
