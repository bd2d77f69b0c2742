#include "tree_model.h"
#include "tree_validate.h"

/* A tree of four leaves with given parents, built as when it is joined. */
typedef struct draft {
    mls_view_t leaves[4]; /* encoded; empty: blank */
    struct {
        mls_view_t encryption_key, parent_hash; /* key empty: blank */
        uint32_t unmerged[4];
        size_t num_unmerged;
    } parents[3]; /* nodes 1, 3 (the root) and 5 */
} draft_t;

static void build_parents(mls_ratchet_tree_t *tree, const draft_t *draft)
{
    for (uint32_t i = 0; i < 3; i++) {
        mls_tree_parent_t *parent;
        if (draft->parents[i].encryption_key.data == NULL)
            continue;
        assert_ok(
            mls_tree_parent_new(&parent, draft->parents[i].encryption_key, draft->parents[i].parent_hash));
        for (size_t j = 0; j < draft->parents[i].num_unmerged; j++)
            assert_ok(mls_index_list_push(&parent->unmerged_leaves, draft->parents[i].unmerged[j]));
        assert_ok(mls_ratchet_tree_put(tree, (mls_node_index_t){ 2 * i + 1 }, parent));
    }
}

/* The tree and an overlay of it; finish() gives both back. */
static mls_tree_overlay_t build(test_context_t *t, const draft_t *draft)
{
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay;
    assert_ok(mls_ratchet_tree_new(&tree, t->crypto, t->suite));
    assert_ok(mls_ratchet_tree_reserve(tree, 4));
    for (uint32_t i = 0; i < 4; i++)
        if (draft->leaves[i].len > 0)
            assert_ok(mls_ratchet_tree_put(tree, mls_node_of_leaf(i), test_tree_leaf(draft->leaves[i])));
    build_parents(tree, draft);
    assert_ok(mls_ratchet_tree_finish(tree, 4));
    assert_ok(mls_tree_overlay_init(&overlay, tree));
    return overlay;
}

static mls_status_t finish(mls_tree_overlay_t *overlay, mls_status_t status)
{
    mls_ratchet_tree_t *tree = overlay->tree;
    mls_tree_overlay_clear(overlay);
    mls_ratchet_tree_free(tree);
    return status;
}

static draft_t four_leaves(test_context_t *t)
{
    draft_t draft = { 0 };
    for (int i = 0; i < 4; i++)
        draft.leaves[i] = test_random_leaf(t, 1);
    return draft;
}

static mls_status_t check_parents(test_context_t *t, const draft_t *draft)
{
    mls_tree_overlay_t overlay = build(t, draft);
    return finish(&overlay, mls_tree_check_parents(&overlay));
}

static mls_status_t check_parent_hashes(test_context_t *t, const draft_t *draft)
{
    mls_tree_overlay_t overlay = build(t, draft);
    return finish(&overlay, mls_tree_check_parent_hashes(&overlay));
}

static void set_parent(test_context_t *t, draft_t *draft, int i, const uint32_t *unmerged,
                       size_t num_unmerged)
{
    draft->parents[i].encryption_key = test_public_key(t);
    draft->parents[i].num_unmerged = num_unmerged;
    for (size_t j = 0; j < num_unmerged; j++)
        draft->parents[i].unmerged[j] = unmerged[j];
}

/* ---- unmerged leaves ----------------------------------------------------------------------------- */

static void check_parents__wants_unmerged_leaves_below_and_not_blank(void **state)
{
    test_context_t *t = *state;
    draft_t draft = four_leaves(t);
    set_parent(t, &draft, 0, (const uint32_t[]){ 1 }, 1);
    assert_ok(check_parents(t, &draft));
    set_parent(t, &draft, 0, (const uint32_t[]){ 2 }, 1); /* not below node 1 */
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W10", MLS_ERR_INVALID);
    set_parent(t, &draft, 0, (const uint32_t[]){ 4 }, 1); /* not in the tree */
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W10", MLS_ERR_INVALID);
    set_parent(t, &draft, 0, (const uint32_t[]){ 1 }, 1);
    draft.leaves[1].len = 0;
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W10", MLS_ERR_INVALID);
}

static void check_parents__wants_nodes_between_to_list_the_leaf(void **state)
{
    test_context_t *t = *state;
    draft_t draft = four_leaves(t);
    set_parent(t, &draft, 1, (const uint32_t[]){ 1 }, 1);
    assert_ok(check_parents(t, &draft)); /* the node between is blank */
    set_parent(t, &draft, 0, (const uint32_t[]){ 1 }, 1);
    assert_ok(check_parents(t, &draft));
    set_parent(t, &draft, 0, NULL, 0);
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W11", MLS_ERR_INVALID);
}

static void check_parents__wants_keys_of_the_suite(void **state)
{
    test_context_t *t = *state;
    draft_t draft = four_leaves(t);
    set_parent(t, &draft, 2, NULL, 0);
    draft.parents[2].encryption_key.len--;
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    draft.parents[2].encryption_key.len = 0;
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
    draft.parents[2].encryption_key = test_zero_key(t);
    assert_status(check_parents(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "E7", MLS_ERR_INVALID);
}

/* ---- credentials --------------------------------------------------------------------------------- */

static void check_credentials__wants_support_for_the_types_in_use(void **state)
{
    test_context_t *t = *state;
    const mls_limits_t limits = MLS_LIMITS_DEFAULT;
    draft_t draft = four_leaves(t);
    draft.leaves[2] = test_random_leaf(t, 3); /* the leaves list 1, 2 and 3 */
    mls_tree_overlay_t overlay = build(t, &draft);
    assert_ok(finish(&overlay, mls_tree_check_credentials(&overlay, &limits)));
    draft.leaves[2] = test_random_leaf(t, 4);
    overlay = build(t, &draft);
    assert_status(finish(&overlay, mls_tree_check_credentials(&overlay, &limits)), MLS_ERR_INVALID);
    assert_rule(t, "L3", MLS_ERR_INVALID);
}

/* It is read once for each type in use, before the other rules of its leaf are looked at. */
static void check_credentials__bounds_the_lists(void **state)
{
    test_context_t *t = *state;
    mls_limits_t limits = { .num_capabilities = 3 };
    draft_t draft = four_leaves(t); /* the leaves list 1, 2 and 3 */
    mls_tree_overlay_t overlay = build(t, &draft);
    assert_ok(finish(&overlay, mls_tree_check_credentials(&overlay, &limits)));
    limits.num_capabilities = 2;
    overlay = build(t, &draft);
    assert_status(finish(&overlay, mls_tree_check_credentials(&overlay, &limits)), MLS_ERR_LIMIT);
    assert_rule(t, "L13", MLS_ERR_LIMIT);
}

/* ---- parent hashes ------------------------------------------------------------------------------- */

/* A leaf that says it was committed under that parent hash. */
static mls_view_t committed_leaf(test_context_t *t, const mls_view_t *parent_hash)
{
    mls_leaf_node_t leaf;
    mls_bytes_t encoded;
    assert_ok(mls_leaf_node_decode(&leaf, test_random_leaf(t, 1)));
    leaf.tbs = (mls_view_t){ 0 };
    leaf.source = MLS_LEAF_NODE_SOURCE_COMMIT;
    leaf.parent_hash = *parent_hash;
    assert_ok(mls_encode(&encoded, mls_codec_leaf_node, &leaf));
    return test_keep(t, &encoded);
}

/* The parent hash of a node for its child across from `sibling`, as the tree of the draft is. */
static mls_view_t parent_hash_of(test_context_t *t, const draft_t *draft, int parent,
                                 mls_node_index_t sibling)
{
    mls_tree_overlay_t overlay = build(t, draft);
    uint8_t *hash = test_alloc(t, t->suite->hash->len);
    assert_ok(mls_parent_hash(t->crypto, t->suite, hash, draft->parents[parent].encryption_key,
                              draft->parents[parent].parent_hash, mls_tree_hash_of(&overlay, sibling)));
    assert_ok(finish(&overlay, MLS_OK));
    return mls_view(hash, t->suite->hash->len);
}

/* Leaf 0 has committed: root, then node 1, then the leaf hold each the hash of what is above. */
static draft_t committed(test_context_t *t)
{
    draft_t draft = four_leaves(t);
    set_parent(t, &draft, 0, NULL, 0);
    set_parent(t, &draft, 1, NULL, 0);
    draft.parents[0].parent_hash = parent_hash_of(t, &draft, 1, (mls_node_index_t){ 5 });
    const mls_view_t hash = parent_hash_of(t, &draft, 0, mls_node_of_leaf(1));
    draft.leaves[0] = committed_leaf(t, &hash);
    return draft;
}

static void check_parent_hashes__takes_a_chain(void **state)
{
    test_context_t *t = *state;
    const draft_t draft = committed(t);
    assert_ok(check_parent_hashes(t, &draft));
}

static void check_parent_hashes__refuses_a_broken_chain(void **state)
{
    test_context_t *t = *state;
    const draft_t good = committed(t);
    draft_t draft = good;
    draft.parents[0].parent_hash = test_flip(t, good.parents[0].parent_hash, 3);
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W8", MLS_ERR_INVALID);
    draft = good;
    draft.leaves[0] = test_random_leaf(t, 1); /* has no parent hash */
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W8", MLS_ERR_INVALID);
    draft = good;
    draft.parents[1].encryption_key = test_public_key(t);
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
    draft = good;
    draft.leaves[3] = test_random_leaf(t, 1); /* below the sibling: it was hashed when leaf 0 committed */
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
}

/* Leaf 1 is said to be unmerged at the root, but node 1, which is not blank, is said to hold it. */
static void check_parent_hashes__wants_unmerged_leaves_in_the_resolution(void **state)
{
    test_context_t *t = *state;
    draft_t draft = committed(t);
    draft.parents[1].unmerged[0] = 1;
    draft.parents[1].num_unmerged = 1;
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
    assert_rule(t, "W8", MLS_ERR_INVALID);
}

static void check_parent_hashes__leaves_unmerged_leaves_out(void **state)
{
    test_context_t *t = *state;
    draft_t draft = four_leaves(t);
    draft.leaves[3].len = 0; /* not yet there when leaf 0 commits */
    set_parent(t, &draft, 0, NULL, 0);
    set_parent(t, &draft, 1, NULL, 0);
    draft.parents[0].parent_hash = parent_hash_of(t, &draft, 1, (mls_node_index_t){ 5 });
    const mls_view_t hash = parent_hash_of(t, &draft, 0, mls_node_of_leaf(1));
    draft.leaves[0] = committed_leaf(t, &hash);
    assert_ok(check_parent_hashes(t, &draft));
    draft.leaves[3] = test_random_leaf(t, 1);
    assert_status(check_parent_hashes(t, &draft), MLS_ERR_INVALID);
    draft.parents[1].unmerged[0] = 3;
    draft.parents[1].num_unmerged = 1;
    assert_ok(check_parent_hashes(t, &draft));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(check_parents__wants_unmerged_leaves_below_and_not_blank),
        TEST(check_parents__wants_nodes_between_to_list_the_leaf),
        TEST(check_parents__wants_keys_of_the_suite),
        TEST(check_credentials__wants_support_for_the_types_in_use),
        TEST(check_credentials__bounds_the_lists),
        TEST(check_parent_hashes__takes_a_chain),
        TEST(check_parent_hashes__refuses_a_broken_chain),
        TEST(check_parent_hashes__wants_unmerged_leaves_in_the_resolution),
        TEST(check_parent_hashes__leaves_unmerged_leaves_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
