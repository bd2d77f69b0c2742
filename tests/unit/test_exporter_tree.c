#include "exporter_tree.h"
#include "support.h"

static mls_secret_t root_secret(test_context_t *t)
{
    mls_secret_t root;
    assert_ok(mls_secret_set(&root, test_random_bytes(t, t->suite->hash->len)));
    return root;
}

/* The leaf's secret straight from the definition: every step from the root to it. */
static mls_secret_t walk(test_context_t *t, const mls_secret_t *root, uint16_t component_id)
{
    mls_secret_t at = *root, next = { .len = root->len };
    for (int bit = 15; bit >= 0; bit--) {
        assert_ok(mls_expand_with_label(t->crypto, t->suite, next.data, next.len, mls_secret_view(&at),
                                        "tree",
                                        mls_view_text((component_id >> bit & 1) == 0 ? "left" : "right")));
        at = next;
    }
    return at;
}

static void exporter_tree__gives_the_leafs_secret(void **state)
{
    test_context_t *t = *state;
    const uint16_t ids[] = { 0, 1, 0x7fff, 0x8000, 0xffff, (uint16_t)test_random(t, 0x10000) };
    const mls_secret_t root = root_secret(t);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        mls_exporter_tree_t tree = { 0 };
        mls_secret_t secret;
        const mls_secret_t expected = walk(t, &root, ids[i]);
        assert_ok(mls_exporter_tree_init(&tree, &root));
        assert_ok(mls_exporter_tree_take(&tree, &secret, t->crypto, t->suite, ids[i]));
        assert_view_equal(mls_secret_view(&secret), mls_secret_view(&expected));
        assert_int_equal(tree.count, 16);
        mls_exporter_tree_clear(&tree);
    }
}

static void rule_S4__exporter_tree_gives_each_secret_once(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t root = root_secret(t);
    mls_exporter_tree_t tree = { 0 };
    mls_secret_t secret;
    assert_ok(mls_exporter_tree_init(&tree, &root));
    for (uint16_t id = 0x8000; id < 0x8020; id++) {
        const mls_secret_t expected = walk(t, &root, id);
        assert_ok(mls_exporter_tree_take(&tree, &secret, t->crypto, t->suite, id));
        assert_view_equal(mls_secret_view(&secret), mls_secret_view(&expected));
        assert_status(mls_exporter_tree_take(&tree, &secret, t->crypto, t->suite, id), MLS_ERR_STATE);
        assert_int_equal(secret.len, 0);
    }
    mls_exporter_tree_clear(&tree);
    assert_status(mls_exporter_tree_take(&tree, &secret, t->crypto, t->suite, 1), MLS_ERR_STATE);
}

/* No node that is left leads to a secret that was taken. */
static void rule_S4__exporter_tree_forgets_what_it_gave(void **state)
{
    test_context_t *t = *state;
    const mls_secret_t root = root_secret(t);
    const uint16_t taken = (uint16_t)test_random(t, 0x10000);
    mls_exporter_tree_t tree = { 0 };
    mls_secret_t secret;
    assert_ok(mls_exporter_tree_init(&tree, &root));
    assert_ok(mls_exporter_tree_take(&tree, &secret, t->crypto, t->suite, taken));
    for (size_t i = 0; i < tree.count; i++)
        assert_true(taken >> (16 - tree.items[i].depth) != tree.items[i].prefix);
    mls_exporter_tree_clear(&tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(exporter_tree__gives_the_leafs_secret),
        TEST(rule_S4__exporter_tree_gives_each_secret_once),
        TEST(rule_S4__exporter_tree_forgets_what_it_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
