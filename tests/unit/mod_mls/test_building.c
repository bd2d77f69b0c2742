/* test_building.c -- rooms that grow: who is added when, and who fills the blank nodes of the tree. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DAVE, ERIN, NUM_MORE };

typedef struct crowd {
    world_t *w;
    sim_client_t *more[NUM_MORE];
} crowd_t;

/* With numbers of their own, so that a handful of members is a large group; all are online, Alice is in her
 * room. */
static crowd_t gather(void **state, uint32_t path_limit, uint32_t path_blank)
{
    world_t *w = *state;
    crowd_t crowd = { .w = w };

    w->sim.settings.path_limit = path_limit;
    w->sim.settings.path_blank = path_blank;
    sim_restart(w->alice);
    sim_restart(w->bob);
    sim_restart(w->carol);
    crowd.more[DAVE] = sim_add(&w->sim, "dave@example.org");
    crowd.more[ERIN] = sim_add(&w->sim, "erin@example.org");
    world_alice_creates(w);
    sim_online(w->bob);
    sim_online(w->carol);
    for (size_t i = 0; i < NUM_MORE; i++)
        sim_online(crowd.more[i]);
    sim_pass(&w->sim, 3000);
    return crowd;
}

static void add(world_t *w, sim_client_t *who)
{
    world_invite(w, who);
    world_accept(w, who);
}

static size_t num_members(sim_client_t *client)
{
    mod_mls_epoch_info_t info;
    assert_int_equal(mod_mls_room_epoch(client->mls, &info, TEAM), MLS_OK);
    return info.num_members;
}

static void building__adding_waits_for_paths_of_others(void **state)
{
    crowd_t crowd = gather(state, 3, 64);
    world_t *w = crowd.w;

    add(w, w->bob);
    add(w, w->carol);
    add(w, crowd.more[DAVE]); /* of four members without a path each would encrypt to three */
    world_invite(w, crowd.more[ERIN]);
    sim_pass(&w->sim, 600000);
    assert_int_equal(num_members(w->alice), 4);
    assert_int_equal(sim_count(crowd.more[ERIN], "invitation"), 0);

    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM),
                     MLS_OK); /* the adder's own path spares it nothing */
    sim_pass(&w->sim, 60000);
    assert_int_equal(num_members(w->alice), 4);

    assert_int_equal(mod_mls_room_update(w->carol->mls, TEAM), MLS_OK); /* now two for each */
    sim_pass(&w->sim, 60000);
    assert_int_equal(num_members(w->alice), 5);
    world_accept(w, crowd.more[ERIN]);
    world_assert_same_epoch(w->alice, crowd.more[ERIN]);
}

static void building__without_limit_nobody_waits(void **state)
{
    crowd_t crowd = gather(state, 0, 64);
    world_t *w = crowd.w;

    add(w, w->bob);
    add(w, w->carol);
    add(w, crowd.more[DAVE]);
    add(w, crowd.more[ERIN]);
    assert_int_equal(num_members(w->alice), 5);
    assert_int_equal(world_epoch(w->alice), 4);
}

static void building__one_below_a_blank_node_commits_soon(void **state)
{
    crowd_t crowd = gather(state, 400, 1);
    world_t *w = crowd.w;

    add(w, w->bob);
    add(w, w->carol);
    add(w, crowd.more[DAVE]);
    sim_pass(&w->sim, 120000);
    /* One of each half: three Adds and two paths. The others have all day. */
    assert_int_equal(world_epoch(w->alice), 5);
    world_assert_same_epoch(w->alice, w->bob);
    world_assert_same_epoch(w->alice, w->carol);
    world_assert_same_epoch(w->alice, crowd.more[DAVE]);
}

static void building__few_blank_nodes_are_left_to_the_day(void **state)
{
    crowd_t crowd = gather(state, 400, 2);
    world_t *w = crowd.w;

    add(w, w->bob);
    add(w, w->carol);
    add(w, crowd.more[DAVE]);
    sim_pass(&w->sim, 120000);
    assert_int_equal(world_epoch(w->alice), 3);
}

static void building__renewal_that_came_too_late_is_still_made(void **state)
{
    world_t *w = *state;

    world_three(w);
    sim_offline(w->bob);
    sim_offline(w->carol);
    sim_pass(&w->sim, UINT64_C(25) * 3600 * 1000); /* both should have committed by now */
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 3000);
    sim_online(w->bob);
    sim_online(w->carol);
    sim_pass(&w->sim, 120000);
    assert_int_equal(world_epoch(w->alice), 5);
    world_assert_same_epoch(w->alice, w->bob);
    world_assert_same_epoch(w->alice, w->carol);
}

static void count_and_do(void *arg, void (*task)(void *task_arg, size_t n), void *task_arg, size_t count)
{
    size_t *num_tasks = arg;
    *num_tasks += count;
    while (count-- > 0)
        task(task_arg, count);
}

static void building__is_shared_by_the_threads_of_the_host(void **state)
{
    static size_t num_tasks; /* clients end after the test */
    world_t *w = *state;
    w->sim.workers = (mls_workers_t){ &num_tasks, count_and_do };
    crowd_t crowd = gather(state, 400, 64);

    add(w, w->bob);
    add(w, w->carol);
    add(w, crowd.more[DAVE]);
    const size_t before_it = num_tasks;
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK); /* three ciphertexts */
    sim_pass(&w->sim, 60000);
    assert_true(num_tasks > before_it);
    world_assert_same_epoch(w->alice, w->bob);
    world_assert_same_epoch(w->alice, crowd.more[DAVE]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(building__adding_waits_for_paths_of_others, world_start, world_stop),
        cmocka_unit_test_setup_teardown(building__without_limit_nobody_waits, world_start, world_stop),
        cmocka_unit_test_setup_teardown(building__one_below_a_blank_node_commits_soon, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(building__few_blank_nodes_are_left_to_the_day, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(building__is_shared_by_the_threads_of_the_host, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(building__renewal_that_came_too_late_is_still_made, world_start,
                                        world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
