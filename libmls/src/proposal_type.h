/* proposal_type.h -- what holds for proposals by their type: the table of RFC 9420, Section 17.4, with the
 * rows of draft-ietf-mls-extensions and those that the host adds. */
#ifndef MLS_PROPOSAL_TYPE_H
#define MLS_PROPOSAL_TYPE_H

#include "mls/group_config.h"
#include "mls/proposal.h"

typedef struct mls_proposal_traits {
    uint16_t type;
    bool needs_path;           /* the column "Path Required" */
    bool from_external_sender; /* the column "External" */
    bool in_external_commit;
    bool is_custom;
} mls_proposal_traits_t;

/* False: a type that is not known here, nor to the host. */
bool mls_proposal_traits_find(mls_proposal_traits_t *out, const mls_group_config_t *config, uint16_t type);

#endif
