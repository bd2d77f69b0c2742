#include "staged_commit.h"
#include "bytes.h"

#include <stdlib.h>

mls_status_t mls_staged_commit_new(mls_staged_commit_t **out, mls_crypto_t *crypto, const mls_suite_t *suite,
                                   mls_ratchet_tree_t *tree, const mls_epoch_t *before)
{
    mls_staged_commit_t *staged = calloc(1, sizeof *staged);
    *out = NULL;
    if (staged == NULL)
        return MLS_ERR_NOMEM;
    staged->crypto = crypto;
    staged->suite = suite;
    staged->refs = 1;
    staged->epoch_before = before->context.epoch;
    staged->tag_before = before->confirmation_tag;
    mls_status_t status = mls_tree_overlay_init(&staged->overlay, tree);
    if (status != MLS_OK) {
        mls_staged_commit_free(staged);
        return status;
    }
    *out = staged;
    return MLS_OK;
}

void mls_staged_commit_free(mls_staged_commit_t *staged)
{
    if (staged == NULL || --staged->refs > 0)
        return;
    for (size_t i = 0; i < staged->num_referenced; i++)
        mls_bytes_clear(&staged->referenced[i]);
    free(staged->referenced);
    free(staged->joiner.psk_ids);
    mls_proposal_list_clear(&staged->proposals);
    mls_tree_overlay_clear(&staged->overlay);
    mls_epoch_free(staged->next);
    mls_arena_clear(&staged->arena);
    mls_bytes_clear(&staged->extensions);
    mls_bytes_clear(&staged->content);
    mls_wipe(staged, sizeof *staged);
    free(staged);
}

mls_status_t mls_staged_commit_set_content(mls_staged_commit_t *staged,
                                           const mls_authenticated_content_t *content)
{
    mls_status_t status;
    mls_authenticated_content_t *own = &staged->authenticated;

    if ((status = mls_encode(&staged->content, mls_codec_authenticated_content, content)) != MLS_OK ||
        (status = mls_authenticated_content_read_again(own, mls_bytes_view(&staged->content),
                                                       content->content.body.len)) != MLS_OK)
        return status;
    staged->committer = own->content.sender.index; /* of an external Commit: found when it is applied */
    staged->is_external = own->content.sender.type == MLS_SENDER_NEW_MEMBER_COMMIT;
    return mls_decode(&staged->commit, sizeof staged->commit, mls_codec_commit, own->content.body,
                      &staged->arena);
}

mls_status_t mls_staged_commit_detach(mls_staged_commit_t *staged)
{
    mls_proposal_list_t *list = &staged->proposals;
    mls_status_t status = MLS_OK;

    if (list->count == 0 || staged->referenced != NULL)
        return MLS_OK;
    if ((staged->referenced = calloc(list->count, sizeof *staged->referenced)) == NULL)
        return MLS_ERR_NOMEM;
    for (size_t i = 0; status == MLS_OK && i < list->count; i++) {
        mls_listed_proposal_t *item = &list->items[i];
        if (!item->by_reference)
            continue;
        mls_bytes_t *copy = &staged->referenced[staged->num_referenced++];
        if ((status = mls_bytes_copy(copy, item->proposal.encoded)) == MLS_OK)
            status = mls_proposal_decode(&item->proposal, mls_bytes_view(copy));
        item->ref = (mls_view_t){ 0 };
        item->pending = NULL;
    }
    return status;
}

mls_status_t mls_staged_commit_context(const mls_staged_commit_t *staged, mls_bytes_t *out,
                                       const mls_epoch_t *before, mls_view_t confirmed_transcript_hash)
{
    mls_group_context_t context = before->context;
    context.epoch++;
    context.tree_hash = mls_tree_hash_root(&staged->overlay);
    context.confirmed_transcript_hash = confirmed_transcript_hash;
    context.extensions = mls_bytes_view(&staged->extensions);
    return mls_encode(out, mls_codec_group_context, &context);
}

/* ---- PSKs ---------------------------------------------------------------------------------------- */

mls_status_t mls_psk_find(const mls_psk_source_t *source, const mls_pre_shared_key_id_t *id,
                          mls_view_t *secret)
{
    const mls_psk_id_t asked = { .is_resumption = id->type == MLS_PSK_RESUMPTION,
                                 .id = id->id,
                                 .psk_epoch = id->psk_epoch };
    *secret = (mls_view_t){ 0 };
    if (asked.is_resumption && id->usage != MLS_PSK_USAGE_APPLICATION && source->origin != NULL) {
        *secret = mls_secret_view(&source->origin->psk); /* which one it is, rule P5 has seen to */
        return MLS_OK;
    }
    if (asked.is_resumption && mls_view_equal(id->id, source->group_id) && source->resumption != NULL) {
        const mls_secret_t *own = source->resumption(source->resumption_arg, id->psk_epoch);
        if (own != NULL) {
            *secret = mls_secret_view(own);
            return MLS_OK;
        }
    }
    return source->config->psk == NULL ? MLS_ERR_NOT_FOUND
                                       : source->config->psk(source->config->psk_arg, &asked, secret);
}

/* Secrets that callbacks lend only until the next one are copied. */
static mls_status_t collect_psks(mls_staged_commit_t *staged, const mls_psk_source_t *source,
                                 mls_bytes_t *psks)
{
    mls_joiner_material_t *joiner = &staged->joiner;
    mls_status_t status = MLS_OK;
    for (size_t i = 0; status == MLS_OK && i < staged->proposals.count; i++) {
        const mls_proposal_t *proposal = &staged->proposals.items[i].proposal;
        mls_view_t secret;
        if (proposal->type != MLS_PROPOSAL_PSK)
            continue;
        joiner->psk_ids[joiner->num_psks] = proposal->psk;
        if ((status = mls_psk_find(source, &proposal->psk, &secret)) == MLS_ERR_NOT_FOUND)
            status = mls_refuse(staged->crypto, MLS_RULE_M4, status);
        if (status == MLS_OK)
            status = mls_bytes_copy(&psks[joiner->num_psks++], secret);
    }
    return status;
}

mls_status_t mls_staged_commit_psks(mls_staged_commit_t *staged, const mls_psk_source_t *source)
{
    mls_joiner_material_t *joiner = &staged->joiner;
    const size_t max = staged->proposals.count + 1;
    mls_bytes_t *psks = calloc(max, sizeof *psks);
    mls_view_t *views = calloc(max, sizeof *views);
    mls_status_t status = MLS_ERR_NOMEM;

    free(joiner->psk_ids);
    joiner->psk_ids = NULL;
    joiner->num_psks = 0;
    if (psks == NULL || views == NULL || (joiner->psk_ids = calloc(max, sizeof *joiner->psk_ids)) == NULL)
        goto cleanup;
    if ((status = collect_psks(staged, source, psks)) != MLS_OK)
        goto cleanup;
    for (size_t i = 0; i < joiner->num_psks; i++)
        views[i] = mls_bytes_view(&psks[i]);
    status = mls_psk_secret(staged->crypto, staged->suite, &joiner->psk_secret, joiner->psk_ids, views,
                            joiner->num_psks);

cleanup:
    for (size_t i = 0; psks != NULL && i < max; i++)
        mls_bytes_clear(&psks[i]);
    free(psks);
    free(views);
    return status;
}

/* ---- the new epoch ------------------------------------------------------------------------------- */

static mls_status_t enter_secrets(mls_staged_commit_t *staged, const mls_secret_t *init_secret,
                                  const mls_secret_t *commit_secret)
{
    mls_epoch_t *next = staged->next;
    const mls_view_t context = mls_bytes_view(&next->context_bytes);
    mls_status_t status;

    if ((status = mls_joiner_secret(staged->crypto, staged->suite, &staged->joiner.joiner_secret, init_secret,
                                    commit_secret, context)) != MLS_OK ||
        (status = mls_epoch_secrets_derive(staged->crypto, staged->suite, &next->secrets,
                                           &staged->joiner.joiner_secret, &staged->joiner.psk_secret,
                                           context)) != MLS_OK)
        return status;
    return mls_epoch_plant_trees(next, staged->suite, staged->overlay.summary.num_leaves);
}

/* The group's last epoch remembers what it is to be followed by (RFC 9420, Section 12.4.2). */
static mls_status_t note_reinit(mls_staged_commit_t *staged)
{
    for (size_t i = 0; i < staged->proposals.count; i++)
        if (staged->proposals.items[i].proposal.type == MLS_PROPOSAL_REINIT)
            return mls_bytes_copy(&staged->next->reinit, staged->proposals.items[i].proposal.encoded);
    return MLS_OK;
}

mls_status_t mls_staged_commit_enter(mls_staged_commit_t *staged, mls_secret_t *confirmation_tag,
                                     const mls_epoch_t *before, const mls_secret_t *init_secret,
                                     const mls_secret_t *commit_secret, mls_view_t content_encoded,
                                     uint16_t wire_format, mls_view_t signature)
{
    mls_crypto_t *crypto = staged->crypto;
    const mls_suite_t *suite = staged->suite;
    mls_secret_t confirmed = { 0 };
    mls_bytes_t context = { 0 };
    mls_group_context_t decoded;
    mls_epoch_t *next;
    mls_status_t status;

    if ((status = mls_epoch_new(&staged->next)) != MLS_OK)
        return status;
    next = staged->next;
    if ((status = mls_confirmed_transcript_hash(crypto, suite, &confirmed,
                                                mls_secret_view(&before->interim_transcript_hash),
                                                wire_format, content_encoded, signature)) != MLS_OK ||
        (status = mls_staged_commit_context(staged, &context, before, mls_secret_view(&confirmed))) !=
            MLS_OK ||
        (status = mls_decode(&decoded, sizeof decoded, mls_codec_group_context, mls_bytes_view(&context),
                             NULL)) != MLS_OK ||
        (status = mls_epoch_set_context(next, &decoded)) != MLS_OK ||
        (status = enter_secrets(staged, init_secret, commit_secret)) != MLS_OK ||
        (status = note_reinit(staged)) != MLS_OK ||
        (status = mls_confirmation_tag(crypto, suite, confirmation_tag, &next->secrets.confirmation_key,
                                       mls_secret_view(&confirmed))) != MLS_OK ||
        (status = mls_interim_transcript_hash(crypto, suite, &next->interim_transcript_hash,
                                              mls_secret_view(&confirmed),
                                              mls_secret_view(confirmation_tag))) != MLS_OK)
        goto cleanup;
    next->confirmation_tag = *confirmation_tag;

cleanup:
    mls_bytes_clear(&context);
    return status;
}
