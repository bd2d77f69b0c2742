/* dispatch.h -- a stanza that came in finds who it is for. */
#ifndef MOD_MLS_DISPATCH_H
#define MOD_MLS_DISPATCH_H

#include "core.h"

/* `*answer` is PASS or CONSUME; mls->replacement may make REPLACE of it. */
MLS_MUST_USE mls_status_t mod_mls_dispatch(mod_mls_t *mls, mod_mls_answer_t *answer, const char *stanza,
                                           size_t len);

#endif
