#include "proposal_type.h"

static const mls_proposal_traits_t known[] = {
    { .type = MLS_PROPOSAL_ADD, .from_external_sender = true },
    { .type = MLS_PROPOSAL_UPDATE, .needs_path = true },
    { .type = MLS_PROPOSAL_REMOVE,
      .needs_path = true,
      .from_external_sender = true,
      .in_external_commit = true },
    { .type = MLS_PROPOSAL_PSK, .from_external_sender = true, .in_external_commit = true },
    { .type = MLS_PROPOSAL_REINIT, .from_external_sender = true },
    { .type = MLS_PROPOSAL_EXTERNAL_INIT, .needs_path = true, .in_external_commit = true },
    { .type = MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS, .needs_path = true, .from_external_sender = true },
    { .type = MLS_PROPOSAL_APP_DATA_UPDATE, .from_external_sender = true, .in_external_commit = true },
    { .type = MLS_PROPOSAL_APP_EPHEMERAL, .from_external_sender = true, .in_external_commit = true },
    { .type = MLS_PROPOSAL_SELF_REMOVE, .needs_path = true, .in_external_commit = true },
};

bool mls_proposal_traits_find(mls_proposal_traits_t *out, const mls_group_config_t *config, uint16_t type)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (known[i].type == type) {
            *out = known[i];
            return true;
        }
    }
    for (size_t i = 0; i < config->num_custom_proposals; i++) {
        const mls_custom_proposal_t *custom = &config->custom_proposals[i];
        if (custom->type != type)
            continue;
        *out = (mls_proposal_traits_t){ .type = type,
                                        .needs_path = custom->needs_path,
                                        .from_external_sender = custom->from_external_sender,
                                        .in_external_commit = custom->in_external_commit,
                                        .is_custom = true };
        return true;
    }
    return false;
}
