/* received.c -- what can be asked of a received message, and of a Commit that is staged. */
#include "received.h"
#include "bytes.h"

#include <stdlib.h>

void mls_received_free(mls_received_t *received)
{
    if (received == NULL)
        return;
    mls_staged_commit_free(received->staged);
    mls_tree_leaf_release(received->leaf);
    mls_bytes_clear(&received->authenticated_data);
    mls_bytes_clear(&received->body);
    mls_bytes_clear(&received->signature);
    free(received);
}

mls_received_type_t mls_received_type(const mls_received_t *received)
{
    return received->type;
}

uint64_t mls_received_epoch(const mls_received_t *received)
{
    return received->epoch;
}

mls_sender_type_t mls_received_sender_type(const mls_received_t *received)
{
    return (mls_sender_type_t)received->sender_type;
}

uint32_t mls_received_sender(const mls_received_t *received)
{
    return received->sender;
}

const mls_leaf_info_t *mls_received_sender_leaf(const mls_received_t *received)
{
    return &received->leaf_info;
}

bool mls_received_sender_is_current(const mls_received_t *received)
{
    return received->sender_is_current;
}

uint32_t mls_received_generation(const mls_received_t *received)
{
    return received->generation;
}

mls_view_t mls_received_authenticated_data(const mls_received_t *received)
{
    return mls_bytes_view(&received->authenticated_data);
}

mls_view_t mls_received_data(const mls_received_t *received)
{
    return received->type == MLS_RECEIVED_APPLICATION ? mls_bytes_view(&received->body) : mls_view(NULL, 0);
}

mls_staged_commit_t *mls_received_commit(mls_received_t *received)
{
    return received->staged;
}

/* ---- proposals ----------------------------------------------------------------------------------- */

mls_status_t mls_received_proposal(const mls_received_t *received, mls_proposal_info_t *out)
{
    mls_proposal_t proposal;
    const mls_sender_t sender = { received->sender_type, received->sender };
    *out = (mls_proposal_info_t){ 0 };
    if (received->type != MLS_RECEIVED_PROPOSAL)
        return MLS_ERR_STATE;
    mls_status_t status = mls_proposal_decode(&proposal, mls_bytes_view(&received->body));
    if (status == MLS_OK)
        mls_proposal_describe(out, &proposal, &sender);
    return status;
}

mls_status_t mls_group_pending_proposal(const mls_group_t *group, mls_proposal_info_t *out, size_t n)
{
    *out = (mls_proposal_info_t){ 0 };
    if (n >= group->epoch->num_proposals)
        return MLS_ERR_NOT_FOUND;
    const mls_pending_proposal_t *pending = group->epoch->proposals[n];
    mls_proposal_describe(out, &pending->proposal, &pending->content.content.sender);
    out->by_reference = true;
    return MLS_OK;
}

static mls_status_t refers_to(const mls_pending_commit_t *pending, mls_view_t ref, bool *refers)
{
    mls_authenticated_content_t content;
    mls_commit_t commit;
    mls_arena_t arena = { 0 };
    mls_status_t status = mls_decode(&content, sizeof content, mls_codec_authenticated_content,
                                     mls_bytes_view(&pending->content), &arena);
    if (status == MLS_OK)
        status = mls_decode(&commit, sizeof commit, mls_codec_commit, content.content.body, &arena);
    *refers = false;
    for (size_t i = 0; status == MLS_OK && i < commit.proposals.count; i++)
        *refers = *refers || (commit.proposals.items[i].type == MLS_BY_REFERENCE &&
                              mls_view_equal(commit.proposals.items[i].reference, ref));
    mls_arena_clear(&arena);
    return status;
}

/* A pending Commit is staged again from the proposals that it refers to. */
static mls_status_t check_not_referred_to(const mls_epoch_t *epoch, const mls_pending_proposal_t *proposal)
{
    bool refers = false;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && !refers && i < epoch->num_commits; i++)
        status = refers_to(epoch->commits[i], mls_secret_view(&proposal->ref), &refers);
    return refers ? MLS_ERR_STATE : status;
}

mls_status_t mls_group_drop_proposal(mls_group_t *group, size_t n)
{
    mls_epoch_t *epoch = group->epoch;
    if (n >= epoch->num_proposals)
        return MLS_ERR_NOT_FOUND;
    mls_status_t status = check_not_referred_to(epoch, epoch->proposals[n]);
    if (status != MLS_OK)
        return status;
    mls_pending_proposal_free(epoch->proposals[n]);
    memmove(epoch->proposals + n, epoch->proposals + n + 1,
            (epoch->num_proposals - n - 1) * sizeof(mls_pending_proposal_t *));
    epoch->num_proposals--;
    epoch->lists_are_dirty = true;
    return MLS_OK;
}

/* ---- staged Commits ------------------------------------------------------------------------------ */

bool mls_staged_commit_is_readable(const mls_staged_commit_t *staged)
{
    return staged->is_readable;
}

uint32_t mls_staged_commit_committer(const mls_staged_commit_t *staged)
{
    return staged->committer;
}

bool mls_staged_commit_is_external(const mls_staged_commit_t *staged)
{
    return staged->is_external;
}

uint64_t mls_staged_commit_epoch(const mls_staged_commit_t *staged)
{
    return staged->epoch_before + 1;
}

mls_view_t mls_staged_commit_epoch_authenticator(const mls_staged_commit_t *staged)
{
    return staged->next == NULL ? mls_view(NULL, 0)
                                : mls_secret_view(&staged->next->secrets.epoch_authenticator);
}

bool mls_staged_commit_removes_self(const mls_staged_commit_t *staged)
{
    return staged->removes_self;
}

mls_status_t mls_staged_commit_path_leaf(const mls_staged_commit_t *staged, mls_leaf_info_t *out)
{
    *out = (mls_leaf_info_t){ 0 };
    return staged->commit.has_path ? mls_staged_commit_leaf(staged, out, staged->committer)
                                   : MLS_ERR_NOT_FOUND;
}

size_t mls_staged_commit_num_proposals(const mls_staged_commit_t *staged)
{
    return staged->proposals.count;
}

mls_status_t mls_staged_commit_proposal(const mls_staged_commit_t *staged, mls_proposal_info_t *out, size_t n)
{
    *out = (mls_proposal_info_t){ 0 };
    if (n >= staged->proposals.count)
        return MLS_ERR_NOT_FOUND;
    const mls_listed_proposal_t *item = &staged->proposals.items[n];
    mls_proposal_describe(out, &item->proposal, &item->sender);
    out->by_reference = item->by_reference;
    if (item->proposal.type == MLS_PROPOSAL_ADD)
        out->leaf_index = out->leaf.leaf_index = item->leaf_index;
    return MLS_OK;
}

uint32_t mls_staged_commit_num_members(const mls_staged_commit_t *staged)
{
    return staged->overlay.summary.num_members;
}

mls_view_t mls_staged_commit_extensions(const mls_staged_commit_t *staged)
{
    return mls_bytes_view(&staged->extensions);
}
