#include "key_index.h"
#include "support.h"

enum { NUM_NODES = 60, NUM_KEYS = 20, NUM_STEPS = 20000 };

/* The nodes: each has one of a few keys of each kind, or none, so that the same key stands at many. */
typedef struct nodes {
    int keys[NUM_NODES][2]; /* -1: none */
    uint8_t bytes[NUM_KEYS][2];
} nodes_t;

static mls_view_t key_of(const void *arg, mls_node_index_t node, mls_key_kind_t kind)
{
    const nodes_t *nodes = arg;
    const int key = nodes->keys[node.n][kind];
    return key < 0 ? (mls_view_t){ 0 } : mls_view(nodes->bytes[key], 2);
}

static void fill(nodes_t *nodes)
{
    for (int i = 0; i < NUM_NODES; i++)
        nodes->keys[i][0] = nodes->keys[i][1] = -1;
    for (int i = 0; i < NUM_KEYS; i++) {
        nodes->bytes[i][0] = (uint8_t)i;
        nodes->bytes[i][1] = 0xaa;
    }
}

static void check_against(const mls_key_index_t *index, const nodes_t *nodes, int key, mls_key_kind_t kind)
{
    bool found[NUM_NODES] = { false };
    mls_node_index_t node;
    for (uint32_t at = 0;
         mls_key_index_find(index, &node, &at, mls_view(nodes->bytes[key], 2), kind, key_of, nodes);) {
        assert_false(found[node.n]); /* each once */
        found[node.n] = true;
    }
    for (int i = 0; i < NUM_NODES; i++)
        assert_int_equal(found[i], nodes->keys[i][kind] == key);
}

static void change(mls_key_index_t *index, nodes_t *nodes, uint32_t n, mls_key_kind_t kind, int key)
{
    const mls_node_index_t node = { n };
    if (nodes->keys[n][kind] >= 0) {
        mls_key_index_remove(index, key_of(nodes, node, kind), node, kind, key_of, nodes);
        nodes->keys[n][kind] = -1;
    } else {
        assert_ok(mls_key_index_reserve(index, 1, key_of, nodes));
        nodes->keys[n][kind] = key;
        mls_key_index_insert(index, key_of(nodes, node, kind), node, kind);
    }
}

static void index__finds_what_a_scan_finds(void **state)
{
    test_context_t *t = *state;
    nodes_t nodes;
    mls_key_index_t index;
    fill(&nodes);
    assert_ok(mls_key_index_init(&index, t->crypto));
    for (int step = 0; step < NUM_STEPS; step++) {
        change(&index, &nodes, test_random(t, NUM_NODES), (mls_key_kind_t)test_random(t, 2),
               (int)test_random(t, NUM_KEYS));
        check_against(&index, &nodes, (int)test_random(t, NUM_KEYS), (mls_key_kind_t)test_random(t, 2));
    }
    mls_key_index_clear(&index);
}

static void remove__of_what_is_not_in_changes_nothing(void **state)
{
    test_context_t *t = *state;
    nodes_t nodes;
    mls_key_index_t index;
    const mls_node_index_t other = { 1 };
    fill(&nodes);
    assert_ok(mls_key_index_init(&index, t->crypto));
    mls_key_index_remove(&index, mls_view_text("k"), other, MLS_KEY_ENCRYPTION, key_of, &nodes);
    change(&index, &nodes, 0, MLS_KEY_ENCRYPTION, 3);
    mls_key_index_remove(&index, mls_view(nodes.bytes[3], 2), other, MLS_KEY_ENCRYPTION, key_of, &nodes);
    mls_key_index_remove(&index, mls_view(nodes.bytes[3], 2), (mls_node_index_t){ 0 }, MLS_KEY_SIGNATURE,
                         key_of, &nodes);
    assert_int_equal(index.num_used, 1);
    check_against(&index, &nodes, 3, MLS_KEY_ENCRYPTION);
    mls_key_index_clear(&index);
}

static void reserve__lets_that_many_insertions_do_without_memory(void **state)
{
    test_context_t *t = *state;
    nodes_t nodes;
    mls_key_index_t index;
    fill(&nodes);
    assert_ok(mls_key_index_init(&index, t->crypto));
    assert_ok(mls_key_index_reserve(&index, NUM_NODES, key_of, &nodes));
    const void *slots = index.slots;
    for (uint32_t i = 0; i < NUM_NODES; i++) {
        nodes.keys[i][0] = (int)(i % NUM_KEYS);
        mls_key_index_insert(&index, key_of(&nodes, (mls_node_index_t){ i }, MLS_KEY_ENCRYPTION),
                             (mls_node_index_t){ i }, MLS_KEY_ENCRYPTION);
    }
    assert_ptr_equal(index.slots, slots);
    check_against(&index, &nodes, 0, MLS_KEY_ENCRYPTION);
    mls_key_index_clear(&index);
}

static void init__needs_randomness(void **state)
{
    test_context_t *t = *state;
    mls_key_index_t index;
    t->random_fails = true;
    assert_status(mls_key_index_init(&index, t->crypto), MLS_ERR_CRYPTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(index__finds_what_a_scan_finds),
        TEST(remove__of_what_is_not_in_changes_nothing),
        TEST(reserve__lets_that_many_insertions_do_without_memory),
        TEST(init__needs_randomness),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
