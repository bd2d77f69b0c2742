#include "epoch.h"
#include "bytes.h"

#include <stdlib.h>

mls_status_t mls_epoch_new(mls_epoch_t **out)
{
    if ((*out = calloc(1, sizeof **out)) == NULL)
        return MLS_ERR_NOMEM;
    (*out)->is_dirty = (*out)->lists_are_dirty = true;
    return MLS_OK;
}

static void clear_proposals(mls_epoch_t *epoch)
{
    for (size_t i = 0; i < epoch->num_proposals; i++)
        mls_pending_proposal_free(epoch->proposals[i]);
    free(epoch->proposals);
    epoch->proposals = NULL;
    epoch->num_proposals = 0;
}

void mls_epoch_free(mls_epoch_t *epoch)
{
    if (epoch == NULL)
        return;
    clear_proposals(epoch);
    free(epoch->commits);
    mls_bytes_clear(&epoch->context_bytes);
    mls_bytes_clear(&epoch->origin.group_id);
    mls_bytes_clear(&epoch->reinit);
    mls_exporter_tree_clear(&epoch->exporter_tree);
    mls_secret_tree_clear(&epoch->secret_tree);
    mls_wipe(epoch, sizeof *epoch);
    free(epoch);
}

void mls_epoch_retire(mls_epoch_t *epoch)
{
    mls_secret_t sender_data_secret = epoch->secrets.sender_data_secret;
    clear_proposals(epoch);
    mls_epoch_secrets_wipe(&epoch->secrets);
    epoch->secrets.sender_data_secret = sender_data_secret;
    mls_secret_wipe(&sender_data_secret);
    mls_signature_key_wipe(&epoch->signature_key);
    mls_private_keys_wipe(&epoch->private_keys);
    mls_secret_wipe(&epoch->interim_transcript_hash);
    mls_secret_wipe(&epoch->origin.psk);
    mls_exporter_tree_clear(&epoch->exporter_tree);
    mls_secret_tree_wipe_handshake(&epoch->secret_tree);
    epoch->is_dirty = epoch->lists_are_dirty = true;
}

void mls_epoch_end(mls_epoch_t *epoch)
{
    mls_epoch_retire(epoch);
    mls_secret_wipe(&epoch->secrets.sender_data_secret);
    mls_secret_tree_wipe(&epoch->secret_tree);
}

mls_status_t mls_epoch_set_context(mls_epoch_t *epoch, const mls_group_context_t *context)
{
    mls_bytes_t bytes = { 0 };
    mls_status_t status = mls_encode(&bytes, mls_codec_group_context, context);
    if (status != MLS_OK)
        return status;
    mls_bytes_move(&epoch->context_bytes, &bytes);
    return mls_decode(&epoch->context, sizeof epoch->context, mls_codec_group_context,
                      mls_bytes_view(&epoch->context_bytes), NULL);
}

mls_status_t mls_epoch_plant_trees(mls_epoch_t *epoch, const mls_suite_t *suite, uint32_t num_leaves)
{
    mls_epoch_secrets_t *secrets = &epoch->secrets;
    mls_status_t status =
        mls_secret_tree_init(&epoch->secret_tree, suite, num_leaves, &secrets->encryption_secret);
    if (status == MLS_OK)
        status = mls_exporter_tree_init(&epoch->exporter_tree, &secrets->application_export_secret);
    if (status == MLS_OK) {
        mls_secret_wipe(&secrets->encryption_secret);
        mls_secret_wipe(&secrets->application_export_secret);
    }
    return status;
}

/* ---- pending proposals --------------------------------------------------------------------------- */

static mls_status_t read_proposal(mls_pending_proposal_t *proposal, mls_crypto_t *crypto,
                                  const mls_suite_t *suite)
{
    mls_status_t status;
    mls_authenticated_content_t *content = &proposal->content;
    if ((status = mls_decode(content, sizeof *content, mls_codec_authenticated_content,
                             mls_bytes_view(&proposal->bytes), NULL)) != MLS_OK ||
        (status = mls_proposal_decode(&proposal->proposal, content->content.body)) != MLS_OK)
        return status;
    return mls_ref_hash(crypto, suite, &proposal->ref, "MLS 1.0 Proposal Reference",
                        mls_bytes_view(&proposal->bytes));
}

mls_status_t mls_pending_proposal_new(mls_pending_proposal_t **out, mls_crypto_t *crypto,
                                      const mls_suite_t *suite, mls_view_t authenticated_content)
{
    mls_pending_proposal_t *proposal = calloc(1, sizeof *proposal);
    mls_status_t status;

    *out = NULL;
    if (proposal == NULL)
        return MLS_ERR_NOMEM;
    if ((status = mls_bytes_copy(&proposal->bytes, authenticated_content)) != MLS_OK ||
        (status = read_proposal(proposal, crypto, suite)) != MLS_OK) {
        mls_pending_proposal_free(proposal);
        return status;
    }
    *out = proposal;
    return MLS_OK;
}

void mls_pending_proposal_free(mls_pending_proposal_t *proposal)
{
    if (proposal == NULL)
        return;
    mls_bytes_clear(&proposal->bytes);
    mls_wipe(proposal, sizeof *proposal);
    free(proposal);
}

mls_status_t mls_epoch_add_proposal(mls_epoch_t *epoch, mls_pending_proposal_t *proposal)
{
    mls_pending_proposal_t **proposals =
        realloc(epoch->proposals, (epoch->num_proposals + 1) * sizeof(mls_pending_proposal_t *));
    if (proposals == NULL)
        return MLS_ERR_NOMEM;
    epoch->proposals = proposals;
    epoch->proposals[epoch->num_proposals++] = proposal;
    epoch->lists_are_dirty = true;
    return MLS_OK;
}

mls_pending_proposal_t *mls_epoch_find_proposal(const mls_epoch_t *epoch, mls_view_t ref)
{
    for (size_t i = 0; i < epoch->num_proposals; i++)
        if (mls_view_equal(mls_secret_view(&epoch->proposals[i]->ref), ref))
            return epoch->proposals[i];
    return NULL;
}
