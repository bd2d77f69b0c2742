#include "public_sender.h"
#include "mls/outside.h"

mls_status_t mls_public_sender_check(const mls_group_t *group, const mls_framed_content_t *content)
{
    const bool is_commit = content->content_type == MLS_CONTENT_COMMIT;
    const bool is_proposal = content->content_type == MLS_CONTENT_PROPOSAL;
    mls_crypto_t *crypto = group->crypto;
    mls_status_t status;

    switch (content->sender.type) {
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        if ((status = mls_check(crypto, MLS_RULE_F5, is_commit)) != MLS_OK)
            return status;
        return mls_check(crypto, MLS_RULE_X9, group->config.external_commits);
    case MLS_SENDER_EXTERNAL:
        if ((status = mls_check(crypto, MLS_RULE_F5, is_proposal)) != MLS_OK)
            return status;
        return mls_check(crypto, MLS_RULE_P10, group->config.external_proposals);
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        if ((status = mls_check(crypto, MLS_RULE_F5, is_proposal)) != MLS_OK)
            return status;
        return mls_check(crypto, MLS_RULE_P10, group->config.new_member_proposals);
    default:
        return MLS_OK;
    }
}

/* ---- keys ---------------------------------------------------------------------------------------- */

static mls_status_t external_key(const mls_group_t *group, mls_view_t *signature_key, uint32_t index)
{
    mls_external_sender_t sender;
    mls_status_t status = mls_external_senders_at(&sender, group->epoch->context.extensions, index);
    if (status == MLS_ERR_NOMEM)
        return status;
    *signature_key = sender.signature_key;
    return mls_check(group->crypto, MLS_RULE_P9, status == MLS_OK);
}

static mls_status_t commit_key(const mls_group_t *group, mls_view_t *signature_key, mls_arena_t *arena,
                               mls_view_t body)
{
    mls_commit_t commit;
    mls_status_t status = mls_decode(&commit, sizeof commit, mls_codec_commit, body, arena);
    if (status == MLS_OK)
        status = mls_check(group->crypto, MLS_RULE_X5, commit.has_path);
    if (status == MLS_OK)
        *signature_key = commit.path.leaf.signature_key;
    return status;
}

/* Only an Add comes from somebody new, signed with the key of the leaf it adds. */
static mls_status_t joiner_key(const mls_group_t *group, mls_view_t *signature_key, mls_view_t body)
{
    mls_proposal_t proposal;
    mls_status_t status = mls_proposal_decode(&proposal, body);
    if (status == MLS_OK)
        status = mls_check(group->crypto, MLS_RULE_P9, proposal.type == MLS_PROPOSAL_ADD);
    if (status == MLS_OK)
        *signature_key = proposal.key_package.leaf.signature_key;
    return status;
}

static mls_status_t find_key(const mls_group_t *group, mls_view_t *signature_key, mls_arena_t *arena,
                             const mls_framed_content_t *content)
{
    const mls_tree_leaf_t *leaf;
    mls_status_t status;

    switch (content->sender.type) {
    case MLS_SENDER_EXTERNAL:
        return external_key(group, signature_key, content->sender.index);
    case MLS_SENDER_NEW_MEMBER_COMMIT:
        return commit_key(group, signature_key, arena, content->body);
    case MLS_SENDER_NEW_MEMBER_PROPOSAL:
        return joiner_key(group, signature_key, content->body);
    default:
        leaf = mls_tree_leaf(&group->view, content->sender.index);
        if ((status = mls_check(group->crypto, MLS_RULE_F3, leaf != NULL)) == MLS_OK)
            *signature_key = mls_tree_leaf_signature_key(leaf);
        return status;
    }
}

mls_status_t mls_public_sender_key(const mls_group_t *group, mls_view_t *signature_key, mls_arena_t *arena,
                                   const mls_framed_content_t *content)
{
    *signature_key = (mls_view_t){ 0 };
    mls_status_t status = find_key(group, signature_key, arena, content);
    return status == MLS_OK ? mls_check(group->crypto, MLS_RULE_E7,
                                        signature_key->len == group->suite->signature->public_len)
                            : status;
}
