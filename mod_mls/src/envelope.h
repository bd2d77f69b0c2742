/* envelope.h -- what an application message says: a XEP-0420 envelope. */
#ifndef MOD_MLS_ENVELOPE_H
#define MOD_MLS_ENVELOPE_H

#include "text.h"

enum { MOD_MLS_ENVELOPE_MAX = 64000 }; /* bytes of application_data */

/* Writes the envelope of a chat message into `*out`, which the caller clears. MLS_ERR_NOMEM, MLS_ERR_LIMIT.
 */
MLS_MUST_USE mls_status_t mod_mls_envelope_write(mod_mls_text_t *out, const char *body, uint64_t sent_at);

/* Reads the body (an owned string, which the caller frees) and the sender's claimed time (0: none) of an
 * envelope. MLS_ERR_MALFORMED: not exactly one envelope. MLS_ERR_UNSUPPORTED: an envelope, but with no body:
 * a content that this version does not know. MLS_ERR_LIMIT, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_envelope_read(char **body, uint64_t *sent_at, mls_view_t application_data);

#endif
