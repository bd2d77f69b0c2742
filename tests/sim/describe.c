#include "describe.h"

#include "extensions.h"
#include "host.h"

static uint8_t client_at(const sim_epoch_t *epoch, uint32_t leaf_index)
{
    return leaf_index < SIM_MAX_LEAVES ? epoch->roster[leaf_index] : SIM_NOBODY;
}

/* Each key package has its number in its leaf. */
static uint32_t key_package_number(const mls_leaf_info_t *leaf)
{
    mls_view_t name;
    mls_status_t status = mls_extensions_find(&name, leaf->extensions, MLS_EXTENSION_APPLICATION_ID);
    return status == MLS_OK ? sim_number_in(name) : 0;
}

sim_proposal_t sim_describe(const mls_proposal_info_t *info, const sim_epoch_t *epoch, uint8_t outsider)
{
    sim_proposal_t proposal = {
        .type = info->type, .sender = outsider, .target = SIM_NOBODY, .by_reference = info->by_reference
    };
    if (info->sender_type == MLS_SENDER_MEMBER)
        proposal.sender = client_at(epoch, info->sender);
    switch (info->type) {
    case MLS_PROPOSAL_ADD:
        proposal.target = sim_client_named(info->leaf.identity);
        proposal.number = key_package_number(&info->leaf);
        proposal.key = sim_key_number(info->leaf.signature_key);
        break;
    case MLS_PROPOSAL_UPDATE:
        proposal.key = sim_key_number(info->leaf.signature_key);
        proposal.target = client_at(epoch, info->leaf_index);
        break;
    case MLS_PROPOSAL_REMOVE:
    case MLS_PROPOSAL_SELF_REMOVE:
        proposal.target = client_at(epoch, info->leaf_index);
        break;
    case MLS_PROPOSAL_APP_DATA_UPDATE:
        proposal.number = info->is_removal ? 0 : sim_number_in(info->data);
        break;
    case MLS_PROPOSAL_APP_EPHEMERAL:
    case SIM_PROPOSAL_CUSTOM:
        proposal.number = sim_number_in(info->data);
        break;
    case MLS_PROPOSAL_PSK:
        proposal.number =
            info->psk.is_resumption ? (uint32_t)info->psk.psk_epoch : sim_number_in(info->psk.id);
        break;
    case MLS_PROPOSAL_GROUP_CONTEXT_EXTENSIONS:
        proposal.number = sim_extensions_topic(info->extensions);
        break;
    default:
        break;
    }
    return proposal;
}

/* Who asks to be added sends its own Add. */
static uint8_t outsider_of(const mls_proposal_info_t *info, const sim_handshake_t *commit)
{
    switch (info->sender_type) {
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        return sim_client_named(info->leaf.identity);
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        return commit->sender;
    default:
        return SIM_NOBODY;
    }
}

size_t sim_describe_commit(sim_proposal_t *list, const mls_staged_commit_t *staged,
                           const sim_handshake_t *commit)
{
    mls_proposal_info_t info;
    size_t count = 0;
    while (count < SIM_MAX_LISTED && mls_staged_commit_proposal(staged, &info, count) == MLS_OK) {
        list[count] = sim_describe(&info, commit->epoch, outsider_of(&info, commit));
        count++;
    }
    return count;
}
