#include "resolution.h"
#include "tree_model.h"

#include <stdlib.h>

static mls_ratchet_tree_t *new_tree(test_context_t *t)
{
    mls_ratchet_tree_t *tree;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    return tree;
}

static model_t *new_model(test_context_t *t)
{
    model_t *model = test_alloc(t, sizeof *model);
    model->num_leaves = 1;
    return model;
}

/* The tree with an overlay of no changes is the model. */
static void check_tree(test_context_t *t, const model_t *model, mls_ratchet_tree_t *tree)
{
    mls_tree_overlay_t overlay;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_check(t, model, &overlay);
    assert_int_equal(overlay.num_used, 0);
    mls_tree_overlay_clear(&overlay);
}

/* Takes the changes over. The overlay becomes the way back. */
static void swap(mls_tree_overlay_t *overlay)
{
    assert_ok(mls_tree_hash_update(overlay));
    assert_ok(mls_tree_overlay_prepare(overlay));
    mls_tree_overlay_swap(overlay);
}

/* ---- random changes ------------------------------------------------------------------------------ */

/* All of a tree that a swap may touch, as it was. */
typedef struct snapshot {
    mls_tree_summary_t summary;
    void **nodes;
    uint8_t *hashes;
    mls_credential_count_t credentials[8];
    size_t num_credentials, num_nodes, hashes_len;
    uint32_t num_keys;
} snapshot_t;

static snapshot_t take_snapshot(test_context_t *t, const mls_ratchet_tree_t *tree)
{
    snapshot_t s = { .summary = tree->summary,
                     .num_credentials = tree->num_credentials,
                     .num_nodes = mls_num_nodes(tree->capacity),
                     .num_keys = tree->keys.num_used };
    s.hashes_len = s.num_nodes * tree->suite->hash->len;
    s.nodes = test_alloc(t, s.num_nodes * sizeof *s.nodes);
    s.hashes = test_alloc(t, s.hashes_len);
    memcpy(s.nodes, tree->nodes, s.num_nodes * sizeof *s.nodes);
    memcpy(s.hashes, tree->hashes, s.hashes_len);
    for (size_t i = 0; i < s.num_credentials; i++)
        s.credentials[i] = tree->credentials[i];
    return s;
}

static void check_snapshot(const snapshot_t *s, const mls_ratchet_tree_t *tree)
{
    assert_memory_equal(&tree->summary, &s->summary, sizeof s->summary);
    assert_memory_equal(tree->nodes, s->nodes, s->num_nodes * sizeof *s->nodes);
    assert_memory_equal(tree->hashes, s->hashes, s->hashes_len);
    assert_int_equal(tree->num_credentials, s->num_credentials);
    for (size_t i = 0; i < s->num_credentials; i++)
        assert_memory_equal(&tree->credentials[i], &s->credentials[i], sizeof s->credentials[i]);
    assert_int_equal(tree->keys.num_used, s->num_keys);
}

/* Fills the tree, so that the capacity does not change any more while snapshots are compared. */
static void grow_to_capacity(mls_ratchet_tree_t *tree)
{
    assert_ok(mls_ratchet_tree_reserve(tree, MODEL_MAX_LEAVES));
}

static void overlay__is_the_model_under_random_changes(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t), *changed = new_model(t);

    for (int round = 0; round < 150; round++) {
        mls_tree_overlay_t overlay;
        assert_ok(mls_tree_overlay_init(&overlay, tree));
        *changed = *model;
        for (uint32_t n = 1 + test_random(t, 6); n > 0; n--) {
            model_change(t, changed, &overlay);
            if (test_random(t, 4) == 0) /* hashes that are known, then changed again */
                model_check(t, changed, &overlay);
        }
        model_check(t, changed, &overlay);
        if (test_random(t, 3) > 0) {
            swap(&overlay);
            *model = *changed;
        }
        mls_tree_overlay_clear(&overlay);
        check_tree(t, model, tree);
    }
    mls_ratchet_tree_free(tree);
}

static void swap__there_and_back_restores_every_byte(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t), *changed = new_model(t);
    grow_to_capacity(tree);

    for (int round = 0; round < 150; round++) {
        mls_tree_overlay_t overlay;
        const snapshot_t before = take_snapshot(t, tree);
        assert_ok(mls_tree_overlay_init(&overlay, tree));
        *changed = *model;
        for (uint32_t n = 1 + test_random(t, 6); n > 0; n--)
            model_change(t, changed, &overlay);
        swap(&overlay);
        const snapshot_t after = take_snapshot(t, tree);
        check_tree(t, changed, tree);
        mls_tree_overlay_swap(&overlay);
        check_snapshot(&before, tree);
        check_tree(t, model, tree);
        mls_tree_overlay_swap(&overlay);
        check_snapshot(&after, tree);
        *model = *changed;
        mls_tree_overlay_clear(&overlay);
    }
    mls_ratchet_tree_free(tree);
}

static void swap__of_several_overlays_goes_back_in_reverse(void **state)
{
    test_context_t *t = *state;
    enum { NUM_EPOCHS = 12 };
    mls_ratchet_tree_t *tree = new_tree(t);
    mls_tree_overlay_t overlays[NUM_EPOCHS];
    model_t *models = test_alloc(t, (NUM_EPOCHS + 1) * sizeof *models);
    models[0].num_leaves = 1;
    for (int i = 0; i < NUM_EPOCHS; i++) {
        models[i + 1] = models[i];
        assert_ok(mls_tree_overlay_init(&overlays[i], tree));
        for (int n = 0; n < 4; n++)
            model_change(t, &models[i + 1], &overlays[i]);
        swap(&overlays[i]);
    }
    for (int i = NUM_EPOCHS; i-- > 0;) {
        check_tree(t, &models[i + 1], tree);
        mls_tree_overlay_swap(&overlays[i]);
        mls_tree_overlay_clear(&overlays[i]);
    }
    check_tree(t, &models[0], tree);
    mls_ratchet_tree_free(tree);
}

static void clear__of_changes_leaves_the_tree_alone(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t), *dropped = new_model(t);
    mls_tree_overlay_t overlay;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int i = 0; i < 20; i++)
        model_change(t, model, &overlay);
    swap(&overlay);
    mls_tree_overlay_clear(&overlay);
    const snapshot_t before = take_snapshot(t, tree);
    *dropped = *model;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int i = 0; i < 20; i++)
        model_change(t, dropped, &overlay);
    assert_ok(mls_tree_hash_update(&overlay));
    mls_tree_overlay_clear(&overlay);
    check_snapshot(&before, tree);
    check_tree(t, model, tree);
    mls_ratchet_tree_free(tree);
}

/* What a shrinking tree leaves behind counts again when it grows: as blank nodes. */
static void swap__of_a_tree_that_shrinks_forgets_the_right_half(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t);
    mls_tree_overlay_t overlay;
    static const uint32_t members[] = { 8, 2, 3, 5 }; /* after each epoch */
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        assert_ok(mls_tree_overlay_init(&overlay, tree));
        while (model_num_members(model) > members[i])
            model_remove(model, &overlay, model_num_members(model) - 1);
        while (model_num_members(model) < members[i])
            model_add(model, &overlay, test_random_leaf(t, 1));
        swap(&overlay);
        mls_tree_overlay_clear(&overlay);
        check_tree(t, model, tree);
    }
    mls_ratchet_tree_free(tree);
}

/* ---- single properties --------------------------------------------------------------------------- */

static void add__beyond_the_limit_is_refused(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t);
    mls_tree_overlay_t overlay;
    uint32_t added;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (int i = 0; i < 4; i++)
        model_add(model, &overlay, test_random_leaf(t, 1));
    mls_tree_leaf_t *leaf = test_tree_leaf(test_random_leaf(t, 1));
    assert_status(mls_tree_add(&overlay, &added, leaf, 4), MLS_ERR_LIMIT);
    model_check(t, model, &overlay);
    mls_tree_leaf_release(leaf);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

/* A leaf that the staged Commit adds gets no path secret: it is left out of the resolution where asked, until
 * the Commit is merged. */
static void resolution__leaves_added_leaves_out_until_the_swap(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t);
    mls_tree_overlay_t overlay;
    mls_index_list_t resolution = { 0 };
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_add(model, &overlay, test_random_leaf(t, 1));
    model_add(model, &overlay, test_random_leaf(t, 1));
    assert_ok(mls_tree_resolution(&overlay, &resolution, mls_root(2), true));
    assert_int_equal(resolution.count, 0);
    swap(&overlay);
    mls_tree_overlay_clear(&overlay);

    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_path(t, model, &overlay, 0);
    model_add(model, &overlay, test_random_leaf(t, 1)); /* the tree grows: the root is blank */
    assert_ok(mls_tree_resolution(&overlay, &resolution, mls_root(4), true));
    assert_int_equal(resolution.count, 1);
    assert_int_equal(resolution.items[0], 1);
    assert_ok(mls_tree_resolution(&overlay, &resolution, mls_root(4), false));
    assert_int_equal(resolution.count, 1 + 2);
    mls_index_list_clear(&resolution);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static void has_key__forgets_keys_that_were_replaced(void **state)
{
    test_context_t *t = *state;
    mls_ratchet_tree_t *tree = new_tree(t);
    model_t *model = new_model(t);
    mls_tree_overlay_t overlay;
    const mls_view_t old = test_random_leaf(t, 1), new = test_random_leaf(t, 1);
    mls_tree_leaf_t *leaf = test_tree_leaf(old);
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    model_add(model, &overlay, old);
    swap(&overlay);
    mls_tree_overlay_clear(&overlay);
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    assert_true(mls_tree_has_key(&overlay, mls_tree_leaf_encryption_key(leaf), MLS_KEY_ENCRYPTION));
    model_update(model, &overlay, 0, new);
    assert_false(mls_tree_has_key(&overlay, mls_tree_leaf_encryption_key(leaf), MLS_KEY_ENCRYPTION));
    assert_false(mls_tree_has_key(&overlay, mls_tree_leaf_signature_key(leaf), MLS_KEY_SIGNATURE));
    model_update(model, &overlay, 0, old);
    assert_true(mls_tree_has_key(&overlay, mls_tree_leaf_encryption_key(leaf), MLS_KEY_ENCRYPTION));
    mls_tree_leaf_release(leaf);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

static void leaf__beyond_the_tree_is_refused(void **state)
{
    mls_ratchet_tree_t *tree = new_tree(*state);
    mls_tree_overlay_t overlay;
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    for (uint32_t leaf = 1; leaf < 1u << 30; leaf *= 2) {
        assert_status(mls_tree_set_leaf(&overlay, leaf, NULL), MLS_ERR_ARGUMENT);
        assert_status(mls_tree_remove(&overlay, leaf), MLS_ERR_ARGUMENT);
        assert_status(mls_tree_update(&overlay, leaf, NULL), MLS_ERR_ARGUMENT);
        assert_status(mls_tree_blank_path(&overlay, leaf), MLS_ERR_ARGUMENT);
        assert_status(mls_tree_set_parent(&overlay, (mls_node_index_t){ 2 * leaf - 1 }, NULL),
                      MLS_ERR_ARGUMENT);
    }
    assert_int_equal(overlay.num_used, 0);
    mls_tree_overlay_clear(&overlay);
    mls_ratchet_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(overlay__is_the_model_under_random_changes),
        TEST(swap__there_and_back_restores_every_byte),
        TEST(swap__of_several_overlays_goes_back_in_reverse),
        TEST(clear__of_changes_leaves_the_tree_alone),
        TEST(swap__of_a_tree_that_shrinks_forgets_the_right_half),
        TEST(add__beyond_the_limit_is_refused),
        TEST(resolution__leaves_added_leaves_out_until_the_swap),
        TEST(has_key__forgets_keys_that_were_replaced),
        TEST(leaf__beyond_the_tree_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
