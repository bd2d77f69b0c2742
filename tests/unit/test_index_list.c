#include "index_list.h"
#include "support.h"

enum { NUM_VALUES = 64, NUM_STEPS = 2000 };

static void push__keeps_the_order_of_arrival(void **state)
{
    (void)state;
    mls_index_list_t list = { 0 };
    for (uint32_t i = 0; i < 1000; i++)
        assert_ok(mls_index_list_push(&list, 1000 - i));
    assert_int_equal(list.count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(list.items[i], 1000 - i);
    mls_index_list_clear(&list);
    assert_true(list.items == NULL && list.count == 0 && list.cap == 0);
}

static void insert__is_a_set_in_ascending_order(void **state)
{
    test_context_t *t = *state;
    for (int round = 0; round < NUM_STEPS / NUM_VALUES; round++) {
        bool model[NUM_VALUES] = { false };
        mls_index_list_t list = { 0 };
        for (int i = 0; i < NUM_VALUES; i++) {
            const uint32_t value = test_random(t, NUM_VALUES);
            assert_int_equal(mls_index_list_contains(&list, value), model[value]);
            assert_ok(mls_index_list_insert(&list, value));
            model[value] = true;
        }
        size_t count = 0;
        for (uint32_t value = 0; value < NUM_VALUES; value++) {
            assert_int_equal(mls_index_list_contains(&list, value), model[value]);
            if (model[value])
                assert_int_equal(list.items[count++], value);
        }
        assert_int_equal(list.count, count);
        mls_index_list_clear(&list);
    }
}

static void contains__works_at_both_ends(void **state)
{
    (void)state;
    mls_index_list_t list = { 0 };
    assert_false(mls_index_list_contains(&list, 0));
    assert_ok(mls_index_list_insert(&list, UINT32_MAX));
    assert_ok(mls_index_list_insert(&list, 0));
    assert_true(mls_index_list_contains(&list, 0));
    assert_true(mls_index_list_contains(&list, UINT32_MAX));
    assert_false(mls_index_list_contains(&list, UINT32_MAX - 1));
    mls_index_list_clear(&list);
}

static void reserve__makes_room_that_stays(void **state)
{
    (void)state;
    mls_index_list_t list = { 0 };
    assert_ok(mls_index_list_push(&list, 7));
    assert_ok(mls_index_list_reserve(&list, 100));
    const uint32_t *items = list.items;
    for (uint32_t i = 0; i < 100; i++)
        assert_ok(mls_index_list_push(&list, i));
    assert_ptr_equal(list.items, items);
    assert_int_equal(list.items[0], 7);
    mls_index_list_clear(&list);
}

static void copy__is_independent(void **state)
{
    (void)state;
    mls_index_list_t list = { 0 }, copy;
    assert_ok(mls_index_list_copy(&copy, &list));
    assert_int_equal(copy.count, 0);
    assert_ok(mls_index_list_push(&list, 1));
    assert_ok(mls_index_list_copy(&copy, &list));
    list.items[0] = 2;
    assert_int_equal(copy.count, 1);
    assert_int_equal(copy.items[0], 1);
    mls_index_list_clear(&copy);
    mls_index_list_clear(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(push__keeps_the_order_of_arrival),
        TEST(insert__is_a_set_in_ascending_order),
        TEST(contains__works_at_both_ends),
        TEST(reserve__makes_room_that_stays),
        TEST(copy__is_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
