/* base64.h -- RFC 4648, Section 4, as strictly as the binding asks: padded, canonical bits. */
#ifndef MOD_MLS_BASE64_H
#define MOD_MLS_BASE64_H

#include "text.h"

/* Appends the base64 of `bytes`, without line breaks. */
void mod_mls_text_add_base64(mod_mls_text_t *text, mls_view_t bytes);

/* Decodes `base64` (NULL counts as empty) into `*out`, which the caller clears. XML white space is stripped
 * first; any other foreign character, missing or misplaced padding and non-zero spare bits are
 * MLS_ERR_MALFORMED, and so is an empty value. MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_base64_decode(mls_bytes_t *out, const char *base64);

#endif
