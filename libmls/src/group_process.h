/* group_process.h -- checking a Commit and staging it (RFC 9420, Section 12.4.2). */
#ifndef MLS_GROUP_PROCESS_H
#define MLS_GROUP_PROCESS_H

#include "group.h"

/* Stages an authentic Commit of the current epoch. `own` is the pending Commit if it is an own one, whose
 * path secrets are known; else NULL. Every rule that all members judge alike has been kept when this answers
 * MLS_OK; what concerns this member only is in staged->is_readable. */
MLS_MUST_USE mls_status_t mls_group_stage(mls_group_t *group, mls_staged_commit_t **out,
                                          const mls_authenticated_content_t *content,
                                          mls_pending_commit_t *own);

#endif
