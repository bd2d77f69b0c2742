/* drive.h -- looks at goals and facts, and begins what is next. */
#ifndef MOD_MLS_DRIVE_H
#define MOD_MLS_DRIVE_H

#include "core.h"

MLS_MUST_USE mls_status_t mod_mls_drive(mod_mls_t *mls);
/* When it has to be done again for the sake of time; UINT64_MAX: not. */
uint64_t mod_mls_drive_deadline(mod_mls_t *mls);

#endif
