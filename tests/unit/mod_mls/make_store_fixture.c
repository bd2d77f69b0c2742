/* make_store_fixture.c -- writes what test_store.c opens: the database of Alice, as this version makes it,
 * and the room as the server had it.
 *
 *     make_store_fixture FOLDER        FOLDER is tests/fixtures/store-v<version>.<libmls's version of groups>
 *
 * A fixture of a version that was released is never made again. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *folder;

/* Three members; texts from each; an epoch that is not settled; a Commit and a text that never left. */
static void make(void **state)
{
    world_t *w = *state;
    mod_mls_error_t error;
    char path[512], clock_path[512];
    world_three(w);
    world_say(w, w->bob, "from Bob");
    world_say(w, w->carol, "from Carol");
    world_say(w, w->alice, "from Alice");
    sim_pass(&w->sim, 60000);
    assert_int_equal(mod_mls_room_update(w->bob->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 4000);
    assert_int_equal(world_epoch(w->alice), 3);
    assert_int_equal(mod_mls_text_out(w->alice->mls, &error, TEAM, "never left"), MOD_MLS_SENT);
    assert_int_equal(mod_mls_room_update(w->alice->mls, TEAM), MLS_OK);
    sim_kill(w->alice);
    mod_mls_close(w->alice->mls);
    w->alice->mls = NULL;
    (void)snprintf(path, sizeof path, "%s/alice.db", folder);
    sim_copy_file(path, w->alice->path);
    (void)snprintf(clock_path, sizeof clock_path, "%s/room.txt", folder);
    sim_save_room(&w->sim, sim_room(&w->sim, TEAM), clock_path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(make, world_start, world_stop) };
    if (argc != 2) {
        printf("usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
