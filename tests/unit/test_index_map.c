#include "index_map.h"
#include "support.h"

enum { NUM_VALUES = 200, NUM_STEPS = 20000 };

/* Indices that collide, lie far apart, and include both ends. */
static uint32_t nth_index(uint32_t n)
{
    return n % 3 == 0 ? n : n % 3 == 1 ? UINT32_MAX - n / 3 : n << 24 | n;
}

static void check_against(const mls_index_map_t *map, void *const *model)
{
    size_t count = 0, num_seen = 0;
    uint32_t index;
    void *value;
    for (uint32_t n = 0; n < NUM_VALUES; n++) {
        assert_ptr_equal(mls_index_map_get(map, nth_index(n)), model[n]);
        count += model[n] != NULL;
    }
    for (size_t at = 0; (value = mls_index_map_next(map, &index, &at)) != NULL; num_seen++)
        assert_ptr_equal(mls_index_map_get(map, index), value);
    assert_int_equal(map->count, count);
    assert_int_equal(num_seen, count);
}

static void map__is_the_model_under_random_puts_and_takes(void **state)
{
    test_context_t *t = *state;
    static char values[NUM_VALUES];
    void *model[NUM_VALUES] = { NULL };
    mls_index_map_t map = { 0 };

    for (int step = 0; step < NUM_STEPS; step++) {
        const uint32_t n = test_random(t, NUM_VALUES);
        if (model[n] != NULL || test_random(t, 8) == 0) {
            assert_ptr_equal(mls_index_map_take(&map, nth_index(n)), model[n]);
            model[n] = NULL;
        } else {
            assert_ok(mls_index_map_reserve(&map, 1));
            mls_index_map_put(&map, nth_index(n), &values[n]);
            model[n] = &values[n];
        }
        if (step % 100 == 0)
            check_against(&map, model);
    }
    check_against(&map, model);
    mls_index_map_clear(&map);
}

static void map__that_is_zeroed_is_empty(void **state)
{
    (void)state;
    mls_index_map_t map = { 0 };
    uint32_t index;
    size_t at = 0;
    assert_null(mls_index_map_get(&map, 0));
    assert_null(mls_index_map_take(&map, 0));
    assert_null(mls_index_map_next(&map, &index, &at));
    mls_index_map_clear(&map);
}

static void reserve__lets_that_many_puts_do_without_memory(void **state)
{
    (void)state;
    char value;
    mls_index_map_t map = { 0 };
    assert_ok(mls_index_map_reserve(&map, 1000));
    const void *slots = map.slots;
    for (uint32_t i = 0; i < 1000; i++)
        mls_index_map_put(&map, i, &value);
    assert_ptr_equal(map.slots, slots);
    assert_true(map.count < map.num_slots); /* a search ends at a free slot */
    mls_index_map_clear(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(map__is_the_model_under_random_puts_and_takes),
        TEST(map__that_is_zeroed_is_empty),
        TEST(reserve__lets_that_many_puts_do_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
