#include "mls/codec.h"
#include "support.h"

#include <stdalign.h>

static void alloc__is_zeroed_and_aligned(void **state)
{
    (void)state;
    mls_arena_t arena = { 0 };
    for (size_t len = 1; len < 3000; len += 7) {
        uint8_t *p = mls_arena_alloc(&arena, len);
        assert_non_null(p);
        assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
        for (size_t i = 0; i < len; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, len); /* the next one must not see it */
    }
    mls_arena_clear(&arena);
}

static void alloc__of_large_blocks_keeps_the_small_ones(void **state)
{
    (void)state;
    mls_arena_t arena = { 0 };
    uint8_t *small = mls_arena_alloc(&arena, 3);
    memcpy(small, "abc", 3);
    uint8_t *large = mls_arena_alloc(&arena, (size_t)3 << 20);
    assert_non_null(large);
    large[((size_t)3 << 20) - 1] = 1;
    assert_memory_equal(small, "abc", 3);
    mls_arena_clear(&arena);
}

static void alloc__of_impossible_sizes_fails(void **state)
{
    (void)state;
    mls_arena_t arena = { 0 };
    assert_null(mls_arena_alloc(&arena, SIZE_MAX));
    assert_null(mls_arena_alloc(&arena, SIZE_MAX - alignof(max_align_t)));
    assert_non_null(mls_arena_alloc(&arena, 8));
    mls_arena_clear(&arena);
}

static void clear__leaves_an_arena_to_be_used_again(void **state)
{
    (void)state;
    mls_arena_t arena = { 0 };
    mls_arena_clear(&arena);
    assert_non_null(mls_arena_alloc(&arena, 0));
    mls_arena_clear(&arena);
    assert_null(arena.blocks);
    assert_non_null(mls_arena_alloc(&arena, 5000));
    mls_arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alloc__is_zeroed_and_aligned),
        cmocka_unit_test(alloc__of_large_blocks_keeps_the_small_ones),
        cmocka_unit_test(alloc__of_impossible_sizes_fails),
        cmocka_unit_test(clear__leaves_an_arena_to_be_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
