#include "own_leaf.h"
#include "bytes.h"
#include "capabilities.h"
#include "grease.h"

mls_status_t mls_own_leaf_new_key(const mls_group_t *group, mls_signature_key_t *out,
                                  const mls_leaf_change_t *more)
{
    *out = (mls_signature_key_t){ 0 };
    return more == NULL || more->signature_private_key.len == 0
               ? MLS_OK
               : mls_signature_key_set(group->crypto, group->suite, out, more->signature_private_key);
}

/* A leaf in the making, and what its views point to. */
typedef struct draft {
    const mls_group_t *group;
    mls_leaf_node_t leaf;
    mls_capabilities_buffers_t capabilities;
    mls_bytes_t extensions, hooked;
} draft_t;

static void clear_draft(draft_t *d)
{
    mls_capabilities_buffers_clear(&d->capabilities);
    mls_bytes_clear(&d->extensions);
    mls_bytes_clear(&d->hooked);
}

/* GREASE extensions go with the capabilities that list them. */
static mls_status_t drop_grease(mls_bytes_t *out, mls_view_t extensions)
{
    enum { MAX = 64 };
    mls_extension_t items[MAX];
    mls_extensions_t list = { items, 0 };
    for (size_t at = 0;
         list.count < MAX && mls_extensions_next(&items[list.count], extensions, &at) == MLS_OK;)
        list.count += !mls_is_grease(items[list.count].type);
    return mls_extensions_encode(out, &list);
}

static mls_status_t change_capabilities(draft_t *d, const mls_leaf_change_t *more)
{
    mls_crypto_t *crypto = d->group->crypto;
    mls_own_capabilities_t own = { .cipher_suite = d->group->suite->id,
                                   .credential_type = d->leaf.credential.type,
                                   .listed = more->capabilities };
    mls_status_t status;

    if ((status = drop_grease(&d->extensions, d->leaf.extensions)) != MLS_OK ||
        (more->grease && ((status = mls_grease_value(crypto, &own.grease)) != MLS_OK ||
                          (status = mls_grease_extensions(crypto, &d->extensions, own.grease)) != MLS_OK)))
        return status;
    d->leaf.extensions = mls_bytes_view(&d->extensions);
    return mls_capabilities_encode(crypto, &d->leaf.capabilities, &d->capabilities, &own);
}

static mls_status_t change_more(draft_t *d, const mls_leaf_change_t *more)
{
    if (more == NULL)
        return MLS_OK;
    if (more->credential != NULL)
        d->leaf.credential = *more->credential;
    return more->capabilities == NULL ? MLS_OK : change_capabilities(d, more);
}

mls_status_t mls_own_leaf_make(const mls_group_t *group, mls_bytes_t *out,
                               const mls_own_leaf_change_t *change)
{
    const mls_epoch_t *epoch = group->epoch;
    const mls_signature_key_t *key =
        change->signature_key->private_len > 0 ? change->signature_key : &epoch->signature_key;
    const mls_leaf_place_t place = { epoch->context.group_id, epoch->own_leaf };
    draft_t d = { .group = group,
                  .leaf = mls_tree_leaf_decode(mls_tree_leaf(&group->view, epoch->own_leaf)) };
    mls_status_t status;

    *out = (mls_bytes_t){ 0 };
    d.leaf.tbs = d.leaf.signature = (mls_view_t){ 0 };
    d.leaf.source = (uint8_t)change->source;
    d.leaf.not_before = d.leaf.not_after = 0;
    d.leaf.encryption_key = change->encryption_key;
    d.leaf.signature_key = mls_signature_public_view(key);
    d.leaf.parent_hash = change->parent_hash;
    if ((status = change_more(&d, change->more)) == MLS_OK &&
        (status = mls_leaf_node_run_hook(change->hook, &d.leaf, &d.hooked, group->suite->id,
                                         mls_view(NULL, 0), place.group_id)) == MLS_OK)
        status = mls_leaf_node_sign(group->crypto, group->suite, out, &d.leaf, key, &place);
    clear_draft(&d);
    return status;
}
