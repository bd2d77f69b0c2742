#include "group_support.h"
#include "leaf_signatures.h"

#include <pthread.h>

/* ---- ways to run tasks --------------------------------------------------------------------------- */

typedef struct job {
    void (*task)(void *task_arg, size_t n);
    void *task_arg;
    size_t n;
} job_t;

static void *run_job(void *arg)
{
    const job_t *job = arg;
    job->task(job->task_arg, job->n);
    return NULL;
}

/* A thread for each. */
static void side_by_side(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    pthread_t threads[8];
    job_t jobs[8];
    size_t *num_tasks = arg;
    assert_in_range(count, 1, 8);
    for (size_t i = 0; i < count; i++) {
        jobs[i] = (job_t){ task, task_arg, i };
        assert_int_equal(pthread_create(&threads[i], NULL, run_job, &jobs[i]), 0);
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    *num_tasks += count;
}

/* As no host should do it: tasks that do not exist, and none of those that do. */
static void out_of_bounds(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    size_t *num_tasks = arg;
    task(task_arg, count);
    task(task_arg, SIZE_MAX / 4096);
    *num_tasks += count;
}

/* ---- tests --------------------------------------------------------------------------------------- */

static void verify__knows_nothing_without_workers(void **state)
{
    test_room_t *room = test_room(*state, 3, NULL);
    mls_leaf_signatures_t signatures;
    assert_ok(mls_leaf_signatures_verify(&signatures, test_group(room, 0)));
    for (uint32_t leaf = 0; leaf < 5; leaf++)
        assert_false(mls_leaf_signature_is_good(&signatures, leaf));
    mls_leaf_signatures_clear(&signatures);
    test_room_free(room);
}

static void verify__finds_all_leaves_good(void **state)
{
    size_t num_tasks = 0;
    test_room_t *room = test_room(*state, 20, NULL);
    mls_group_t *group = test_group(room, 0);
    mls_leaf_signatures_t signatures;
    const mls_proposal_spec_t remove = test_remove(2);
    test_deliver(room, 0, test_commit(room, 0, &remove, 1, NULL));
    group->config.workers = (mls_workers_t){ &num_tasks, side_by_side };
    assert_ok(mls_leaf_signatures_verify(&signatures, group));
    for (uint32_t leaf = 0; leaf < 32; leaf++)
        assert_int_equal(mls_leaf_signature_is_good(&signatures, leaf), leaf < 20 && leaf != 2);
    assert_int_equal(num_tasks, 2);
    mls_leaf_signatures_clear(&signatures);
    test_room_free(room);
}

static void verify__takes_a_host_that_counts_wrongly(void **state)
{
    size_t num_tasks = 0;
    test_room_t *room = test_room(*state, 17, NULL);
    mls_leaf_signatures_t signatures;
    test_group(room, 0)->config.workers = (mls_workers_t){ &num_tasks, out_of_bounds };
    assert_ok(mls_leaf_signatures_verify(&signatures, test_group(room, 0)));
    for (uint32_t leaf = 0; leaf < 17; leaf++)
        assert_false(mls_leaf_signature_is_good(&signatures, leaf));
    mls_leaf_signatures_clear(&signatures);
    test_room_free(room);
}

static void join__is_the_same_with_workers(void **state)
{
    size_t num_tasks = 0;
    mls_group_config_t config = { .limits = MLS_LIMITS_DEFAULT };
    config.workers = (mls_workers_t){ &num_tasks, side_by_side };
    test_room_t *room = test_room(*state, 18, &config);
    assert_int_equal(num_tasks, 4); /* of the seventeenth and the eighteenth */
    test_assert_agreed(room);
    room->config.workers = (mls_workers_t){ &num_tasks, out_of_bounds };
    test_add_member(room, 3, true);
    test_assert_agreed(room);
    test_room_free(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verify__knows_nothing_without_workers),
        TEST(verify__finds_all_leaves_good),
        TEST(verify__takes_a_host_that_counts_wrongly),
        TEST(join__is_the_same_with_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
