#include "secret_tree.h"
#include "rule.h"

#include <stdlib.h>

/* ---- life ---------------------------------------------------------------------------------------- */

static void free_secret(mls_node_secret_t *secret)
{
    if (secret != NULL)
        mls_wipe(secret, sizeof *secret);
    free(secret);
}

static void free_skipped(mls_skipped_key_t *skipped, size_t num)
{
    if (skipped != NULL)
        mls_wipe(skipped, num * sizeof *skipped);
    free(skipped);
}

void mls_sender_ratchets_free(mls_sender_ratchets_t *sender)
{
    if (sender == NULL)
        return;
    for (size_t i = 0; i < 2; i++)
        free_skipped(sender->ratchets[i].skipped, sender->ratchets[i].num_skipped);
    mls_wipe(sender, sizeof *sender);
    free(sender);
}

mls_status_t mls_secret_tree_init(mls_secret_tree_t *tree, const mls_suite_t *suite, uint32_t num_leaves,
                                  const mls_secret_t *encryption_secret)
{
    mls_node_secret_t *root = calloc(1, sizeof *root);
    *tree = (mls_secret_tree_t){ .suite = suite, .num_leaves = num_leaves };
    if (root == NULL)
        return MLS_ERR_NOMEM;
    root->secret = *encryption_secret;
    root->is_dirty = true;
    return mls_secret_tree_put_secret(tree, mls_root(num_leaves), root);
}

void mls_secret_tree_clear(mls_secret_tree_t *tree)
{
    uint32_t index;
    void *value;
    for (size_t at = 0; (value = mls_index_map_next(&tree->secrets, &index, &at)) != NULL;)
        free_secret(value);
    for (size_t at = 0; (value = mls_index_map_next(&tree->senders, &index, &at)) != NULL;)
        mls_sender_ratchets_free(value);
    mls_index_map_clear(&tree->secrets);
    mls_index_map_clear(&tree->senders);
    mls_index_list_clear(&tree->gone);
    *tree = (mls_secret_tree_t){ 0 };
}

void mls_secret_tree_wipe(mls_secret_tree_t *tree)
{
    const mls_suite_t *suite = tree->suite;
    const uint32_t num_leaves = tree->num_leaves;
    mls_secret_tree_clear(tree);
    *tree = (mls_secret_tree_t){ .suite = suite, .num_leaves = num_leaves, .is_cleared = true };
}

void mls_secret_tree_wipe_handshake(mls_secret_tree_t *tree)
{
    mls_sender_ratchets_t *sender;
    uint32_t leaf;
    for (size_t at = 0; (sender = mls_index_map_next(&tree->senders, &leaf, &at)) != NULL;) {
        mls_ratchet_t *ratchet = &sender->ratchets[MLS_RATCHET_HANDSHAKE];
        tree->num_skipped -= ratchet->num_skipped;
        free_skipped(ratchet->skipped, ratchet->num_skipped);
        ratchet->skipped = NULL;
        ratchet->num_skipped = 0;
        mls_secret_wipe(&ratchet->secret);
        sender->is_dirty = true;
    }
}

mls_status_t mls_secret_tree_put_secret(mls_secret_tree_t *tree, mls_node_index_t node,
                                        mls_node_secret_t *secret)
{
    mls_status_t status = mls_index_map_get(&tree->secrets, node.n) != NULL
                              ? MLS_ERR_ARGUMENT
                              : mls_index_map_reserve(&tree->secrets, 1);
    if (status == MLS_OK)
        mls_index_map_put(&tree->secrets, node.n, secret);
    else
        free_secret(secret);
    return status;
}

mls_status_t mls_secret_tree_put_sender(mls_secret_tree_t *tree, uint32_t leaf, mls_sender_ratchets_t *sender)
{
    mls_status_t status = mls_index_map_get(&tree->senders, leaf) != NULL
                              ? MLS_ERR_ARGUMENT
                              : mls_index_map_reserve(&tree->senders, 1);
    if (status == MLS_OK) {
        mls_index_map_put(&tree->senders, leaf, sender);
        tree->num_skipped += sender->ratchets[0].num_skipped + sender->ratchets[1].num_skipped;
    } else {
        mls_sender_ratchets_free(sender);
    }
    return status;
}

/* ---- the way down to a leaf (RFC 9420, Section 9) ------------------------------------------------ */

static mls_status_t derive_child(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                 const mls_secret_t *parent, bool left)
{
    out->len = suite->hash->len;
    return mls_expand_with_label(crypto, suite, out->data, out->len, mls_secret_view(parent), "tree",
                                 mls_view_text(left ? "left" : "right"));
}

/* The nearest node at or above the leaf whose secret is there; false: the leaf's was consumed. */
static bool find_start(const mls_secret_tree_t *tree, mls_node_index_t *node, uint32_t leaf)
{
    *node = mls_node_of_leaf(leaf);
    while (mls_index_map_get(&tree->secrets, node->n) == NULL) {
        if (mls_node_equal(*node, mls_root(tree->num_leaves)))
            return false;
        *node = mls_node_parent(*node);
    }
    return true;
}

/* One level down: `*secret` of `*node` becomes that of the child towards the leaf; the other child's is kept
 * in the step. */
static mls_status_t descend(mls_crypto_t *crypto, const mls_secret_tree_t *tree, mls_ratchet_step_t *step,
                            mls_node_index_t *node, mls_secret_t *secret)
{
    const mls_node_index_t child = mls_node_child_towards(*node, step->leaf);
    const bool left = mls_node_equal(child, mls_node_left(*node));
    mls_node_secret_t *sibling = calloc(1, sizeof *sibling);
    mls_secret_t next = { 0 };
    mls_status_t status;

    if (sibling == NULL)
        return MLS_ERR_NOMEM;
    sibling->is_dirty = true;
    step->siblings[step->num_siblings].node = mls_node_sibling(child);
    step->siblings[step->num_siblings++].secret = sibling;
    if ((status = derive_child(crypto, tree->suite, &sibling->secret, secret, !left)) == MLS_OK)
        status = derive_child(crypto, tree->suite, &next, secret, left);
    mls_secret_move(secret, &next);
    *node = child;
    return status;
}

static mls_status_t derive_ratchets(mls_crypto_t *crypto, const mls_suite_t *suite,
                                    mls_sender_ratchets_t *sender, const mls_secret_t *leaf_secret)
{
    static const char *const labels[] = {
        [MLS_RATCHET_HANDSHAKE] = "handshake", [MLS_RATCHET_APPLICATION] = "application"
    };
    mls_status_t status = MLS_OK;
    for (size_t kind = 0; status == MLS_OK && kind < 2; kind++) {
        mls_secret_t *secret = &sender->ratchets[kind].secret;
        secret->len = suite->hash->len;
        status = mls_expand_with_label(crypto, suite, secret->data, secret->len, mls_secret_view(leaf_secret),
                                       labels[kind], mls_view(NULL, 0));
    }
    return status;
}

/* Derives the ratchets of a sender that has none yet, into the step. */
static mls_status_t derive_sender(mls_crypto_t *crypto, mls_secret_tree_t *tree, mls_ratchet_step_t *step)
{
    mls_node_index_t node;
    mls_status_t status;

    if (step->leaf >= tree->num_leaves || !find_start(tree, &node, step->leaf))
        return mls_refuse(crypto, MLS_RULE_F13, MLS_ERR_GENERATION);
    step->consumed = node;
    if ((step->fresh = calloc(1, sizeof *step->fresh)) == NULL)
        return MLS_ERR_NOMEM;
    step->fresh->is_dirty = true;
    mls_secret_t secret = ((mls_node_secret_t *)mls_index_map_get(&tree->secrets, node.n))->secret;
    status = MLS_OK;
    while (status == MLS_OK && !mls_node_is_leaf(node))
        status = descend(crypto, tree, step, &node, &secret);
    if (status == MLS_OK)
        status = derive_ratchets(crypto, tree->suite, step->fresh, &secret);
    mls_secret_wipe(&secret);
    if (status != MLS_OK)
        return status;
    if ((status = mls_index_map_reserve(&tree->secrets, step->num_siblings)) != MLS_OK ||
        (status = mls_index_map_reserve(&tree->senders, 1)) != MLS_OK)
        return status;
    return mls_index_list_reserve(&tree->gone, 1);
}

/* ---- ratcheting (RFC 9420, Section 9.1) ---------------------------------------------------------- */

static mls_status_t derive_key(mls_crypto_t *crypto, const mls_suite_t *suite, mls_message_key_t *out,
                               const mls_secret_t *secret, uint32_t generation)
{
    mls_status_t status = mls_derive_tree_secret(crypto, suite, out->nonce, suite->aead->nonce_len, secret,
                                                 "nonce", generation);
    return status == MLS_OK ? mls_derive_tree_secret(crypto, suite, out->key, suite->aead->key_len, secret,
                                                     "key", generation)
                            : status;
}

static mls_status_t advance(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *secret,
                            uint32_t generation)
{
    mls_secret_t next = { .len = suite->hash->len };
    mls_status_t status =
        mls_derive_tree_secret(crypto, suite, next.data, next.len, secret, "secret", generation);
    mls_secret_move(secret, &next);
    return status;
}

/* How many of the keys that this step skips, and how many of those kept before, can be kept: the newest. */
static void plan_skipped(const mls_secret_tree_t *tree, const mls_ratchet_t *ratchet,
                         const mls_limits_t *limits, size_t num_new, size_t *num_old_kept,
                         size_t *num_new_kept)
{
    size_t room = limits->num_skipped;
    const size_t others = tree->num_skipped - ratchet->num_skipped;
    const size_t total_room = others < limits->num_skipped_total ? limits->num_skipped_total - others : 0;
    if (room > total_room)
        room = total_room;
    *num_new_kept = num_new < room ? num_new : room;
    room -= *num_new_kept;
    *num_old_kept = ratchet->num_skipped < room ? ratchet->num_skipped : room;
}

static mls_status_t keep_old(mls_ratchet_step_t *step, const mls_ratchet_t *ratchet, size_t num_old,
                             size_t num_new)
{
    if (num_old + num_new == 0)
        return MLS_OK;
    if ((step->skipped = calloc(num_old + num_new, sizeof *step->skipped)) == NULL)
        return MLS_ERR_NOMEM;
    if (num_old > 0)
        memcpy(step->skipped, ratchet->skipped + ratchet->num_skipped - num_old,
               num_old * sizeof *step->skipped);
    step->num_skipped = num_old;
    return MLS_OK;
}

/* Goes forward from the ratchet's generation to the wanted one and past it. */
static mls_status_t step_forward(mls_secret_tree_t *tree, mls_ratchet_step_t *step, mls_crypto_t *crypto,
                                 const mls_limits_t *limits, const mls_ratchet_t *ratchet,
                                 const mls_ratchet_request_t *request)
{
    const size_t num_new = request->generation - ratchet->generation;
    size_t num_old_kept = ratchet->num_skipped, num_new_kept = 0;
    mls_status_t status;

    if (request->is_kept)
        num_old_kept = 0;
    else if (!request->is_own)
        plan_skipped(tree, ratchet, limits, num_new, &num_old_kept, &num_new_kept);
    if ((status = keep_old(step, ratchet, num_old_kept, num_new_kept)) != MLS_OK)
        return status;
    step->next_secret = ratchet->secret;
    for (uint32_t g = ratchet->generation; status == MLS_OK && g < request->generation; g++) {
        if (request->generation - g <= num_new_kept) {
            mls_skipped_key_t *skipped = &step->skipped[step->num_skipped++];
            skipped->generation = g;
            status = derive_key(crypto, tree->suite, &skipped->key, &step->next_secret, g);
        }
        if (status == MLS_OK)
            status = advance(crypto, tree->suite, &step->next_secret, g);
    }
    if (status == MLS_OK && (status = derive_key(crypto, tree->suite, &step->key, &step->next_secret,
                                                 request->generation)) == MLS_OK)
        status = advance(crypto, tree->suite, &step->next_secret, request->generation);
    step->next_generation = request->generation + 1;
    return status;
}

static mls_status_t step_to_skipped(mls_ratchet_step_t *step, mls_crypto_t *crypto,
                                    const mls_ratchet_t *ratchet, uint32_t generation)
{
    for (size_t i = 0; i < ratchet->num_skipped; i++) {
        if (ratchet->skipped[i].generation == generation) {
            step->is_skipped = true;
            step->skipped_at = i;
            step->key = ratchet->skipped[i].key;
            return MLS_OK;
        }
    }
    return mls_refuse(crypto, MLS_RULE_F13, MLS_ERR_GENERATION);
}

mls_status_t mls_secret_tree_step(mls_secret_tree_t *tree, mls_ratchet_step_t *step, mls_crypto_t *crypto,
                                  const mls_limits_t *limits, const mls_ratchet_request_t *request)
{
    const mls_sender_ratchets_t *sender = mls_index_map_get(&tree->senders, request->leaf);
    mls_status_t status = MLS_OK;

    *step = (mls_ratchet_step_t){ .leaf = request->leaf, .kind = request->kind };
    if (sender == NULL) {
        if ((status = derive_sender(crypto, tree, step)) != MLS_OK) {
            mls_ratchet_step_clear(step);
            return status;
        }
        sender = step->fresh;
    }
    const mls_ratchet_t *ratchet = &sender->ratchets[request->kind];
    if (request->generation < ratchet->generation)
        status = step_to_skipped(step, crypto, ratchet, request->generation);
    else if ((status = mls_check(crypto, MLS_RULE_F14,
                                 request->generation < UINT32_MAX &&
                                     (request->is_own || request->generation - ratchet->generation <=
                                                             limits->forward_jump))) == MLS_OK)
        status = step_forward(tree, step, crypto, limits, ratchet, request);
    if (status != MLS_OK)
        mls_ratchet_step_clear(step);
    return status;
}

/* ---- taking -------------------------------------------------------------------------------------- */

static void install_sender(mls_secret_tree_t *tree, mls_ratchet_step_t *step)
{
    free_secret(mls_index_map_take(&tree->secrets, step->consumed.n));
    if (mls_index_list_push(&tree->gone, step->consumed.n) != MLS_OK)
        return; /* cannot be: room was made */
    for (size_t i = 0; i < step->num_siblings; i++)
        mls_index_map_put(&tree->secrets, step->siblings[i].node.n, step->siblings[i].secret);
    step->num_siblings = 0;
    mls_index_map_put(&tree->senders, step->leaf, step->fresh);
    step->fresh = NULL;
}

static void drop_skipped(mls_ratchet_t *ratchet, size_t at)
{
    mls_skipped_key_t *skipped = ratchet->skipped;
    memmove(skipped + at, skipped + at + 1, (ratchet->num_skipped - at - 1) * sizeof *skipped);
    ratchet->num_skipped--;
    mls_wipe(skipped + ratchet->num_skipped, sizeof *skipped);
}

static void consume(mls_secret_tree_t *tree, mls_ratchet_step_t *step, mls_ratchet_t *ratchet)
{
    if (step->is_skipped) {
        drop_skipped(ratchet, step->skipped_at);
        tree->num_skipped--;
        return;
    }
    tree->num_skipped += step->num_skipped;
    tree->num_skipped -= ratchet->num_skipped;
    free_skipped(ratchet->skipped, ratchet->num_skipped);
    ratchet->skipped = step->skipped;
    ratchet->num_skipped = step->num_skipped;
    step->skipped = NULL;
    step->num_skipped = 0;
    mls_secret_move(&ratchet->secret, &step->next_secret);
    ratchet->generation = step->next_generation;
}

void mls_secret_tree_take(mls_secret_tree_t *tree, mls_ratchet_step_t *step, bool keep)
{
    if (step->fresh != NULL)
        install_sender(tree, step);
    mls_sender_ratchets_t *sender = mls_index_map_get(&tree->senders, step->leaf);
    if (!keep) {
        consume(tree, step, &sender->ratchets[step->kind]);
        sender->is_dirty = true;
    }
    mls_ratchet_step_clear(step);
}

void mls_ratchet_step_clear(mls_ratchet_step_t *step)
{
    for (size_t i = 0; i < step->num_siblings; i++)
        free_secret(step->siblings[i].secret);
    mls_sender_ratchets_free(step->fresh);
    free_skipped(step->skipped, step->num_skipped);
    mls_wipe(step, sizeof *step);
}

/* ---- sender data --------------------------------------------------------------------------------- */

mls_status_t mls_sender_data_key(mls_crypto_t *crypto, const mls_suite_t *suite, mls_message_key_t *out,
                                 const mls_secret_t *sender_data_secret, mls_view_t ciphertext)
{
    const size_t hash_len = suite->hash->len;
    const mls_view_t sample =
        mls_view(ciphertext.data, ciphertext.len < hash_len ? ciphertext.len : hash_len);
    const mls_view_t secret = mls_secret_view(sender_data_secret);
    mls_status_t status =
        mls_expand_with_label(crypto, suite, out->key, suite->aead->key_len, secret, "key", sample);
    return status == MLS_OK ? mls_expand_with_label(crypto, suite, out->nonce, suite->aead->nonce_len, secret,
                                                    "nonce", sample)
                            : status;
}
