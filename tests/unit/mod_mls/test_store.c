/* Databases: those of every version that was released can be opened and gone on with, later ones are refused.
 */
#include "world.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

#ifndef FIXTURES
#error "FIXTURES names the folder with the databases"
#endif

typedef struct sim_state {
    sim_t sim;
} sim_state_t;

static int start(void **state)
{
    sim_state_t *s = calloc(1, sizeof *s);
    sim_start(&s->sim);
    s->sim.seed ^= UINT64_C(0xf1f1f1f1); /* not the random values that the fixtures were made with */
    *state = s;
    return 0;
}

static int stop(void **state)
{
    sim_state_t *s = *state;
    sim_stop(&s->sim);
    free(s);
    return 0;
}

static void count_member(void *arg, const mod_mls_member_t *member)
{
    size_t *count = arg;
    (*count)++;
    assert_true(member->has_joined);
}

static void look_at_room(void *arg, const mod_mls_room_info_t *room)
{
    size_t *count = arg;
    (*count)++;
    assert_string_equal(room->room, TEAM);
    assert_int_equal(room->state, MOD_MLS_ROOM_CATCHING_UP);
    assert_int_equal(room->epoch, 3);
    assert_false(room->is_settled);
    assert_int_equal(room->num_members, 3);
    assert_int_equal(room->num_outgoing, 1);
    assert_true(room->is_admin);
}

static void opens_and_goes_on(sim_state_t *s, const char *room, const char *database)
{
    size_t num_rooms = 0, num_members = 0;
    sim_load_room(&s->sim, room);
    sim_client_t *alice = sim_add_copy(&s->sim, ALICE, database);
    mod_mls_rooms(alice->mls, look_at_room, &num_rooms);
    assert_int_equal(num_rooms, 1);
    assert_int_equal(mod_mls_room_members(alice->mls, TEAM, count_member, &num_members), MLS_OK);
    assert_int_equal(num_members, 3);
    assert_int_equal(world_epoch(alice), 3);
    sim_online(alice);
    sim_pass(&s->sim, 60000);
    assert_true(sim_expect(alice, "epoch " TEAM " 4")); /* the Commit that had not left */
    assert_true(sim_expect(alice, "delivered " TEAM " " ALICE " never left"));
    assert_int_equal(sim_count(alice, "unreadable"), 0);
    assert_int_equal(sim_count(alice, "message "), 0); /* nothing is shown a second time */
    mod_mls_error_t error;
    assert_int_equal(mod_mls_text_out(alice->mls, &error, TEAM, "and on"), MOD_MLS_SENT);
    sim_pass(&s->sim, 1000);
    assert_true(sim_expect(alice, "delivered " TEAM " " ALICE " and on"));
}

/* Its groups are of libmls's version 1. */
static void store__version_1_is_opened_and_gone_on_with(void **state)
{
    opens_and_goes_on(*state, FIXTURES "/store-v1/room.txt", FIXTURES "/store-v1/alice.db");
}

/* The same, its groups being of libmls's version 2. */
static void store__version_1_2_is_opened_and_gone_on_with(void **state)
{
    opens_and_goes_on(*state, FIXTURES "/store-v1.2/room.txt", FIXTURES "/store-v1.2/alice.db");
}

/* Changes one thing in a client's database by SQL. */
static void change(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void refuses(sim_client_t *client, const char *account)
{
    const mod_mls_config_t config = {
        .account = account, .path = client->path, .settings = client->sim->settings, .host = client->mls->host
    };
    mod_mls_t *mls;
    mod_mls_error_t error;
    mod_mls_close(client->mls);
    client->mls = NULL;
    assert_int_equal(mod_mls_open(&mls, &error, &config), MLS_ERR_STORE);
    assert_int_equal(error, MOD_MLS_ERROR_STORE);
    assert_null(mls);
}

static void store__later_version_is_refused(void **state)
{
    sim_state_t *s = *state;
    sim_client_t *client = sim_add(&s->sim, ALICE);
    change(client->path, "PRAGMA user_version = 1000");
    refuses(client, ALICE);
}

static void store__another_accounts_is_refused(void **state)
{
    sim_state_t *s = *state;
    refuses(sim_add(&s->sim, ALICE), BOB);
}

static void store__damaged_is_refused(void **state)
{
    sim_state_t *s = *state;
    sim_client_t *client = sim_add(&s->sim, ALICE);
    change(client->path, "UPDATE account SET device_key = x'00'");
    refuses(client, ALICE);
}

static void store__second_process_is_locked_out(void **state)
{
    sim_state_t *s = *state;
    sim_client_t *client = sim_add(&s->sim, ALICE);
    const mod_mls_config_t config = {
        .account = ALICE, .path = client->path, .settings = s->sim.settings, .host = client->mls->host
    };
    mod_mls_t *second;
    mod_mls_error_t error;
    assert_int_equal(mod_mls_open(&second, &error, &config), MLS_ERR_STATE);
    assert_int_equal(error, MOD_MLS_ERROR_LOCKED);
    assert_null(second);
}

static void store__files_are_the_users_alone(void **state)
{
    sim_state_t *s = *state;
    const sim_client_t *client = sim_add(&s->sim, ALICE);
    static const char *const endings[] = { "", "-wal", ".lock" };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[200];
        struct stat info;
        (void)snprintf(path, sizeof path, "%s%s", client->path, endings[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 077, 0);
    }
}

static size_t log_size(const sim_client_t *client)
{
    char path[200];
    struct stat info;
    (void)snprintf(path, sizeof path, "%s-wal", client->path);
    assert_int_equal(stat(path, &info), 0);
    return (size_t)info.st_size;
}

/* What was deleted is in the write-ahead log for a minute at most. */
static void store__log_is_emptied_within_a_minute(void **state)
{
    sim_state_t *s = *state;
    sim_client_t *client = sim_add(&s->sim, ALICE);
    sim_online(client);
    sim_run(&s->sim); /* KeyPackages are made */
    assert_true(log_size(client) > 0);
    sim_pass(&s->sim, 59 * 1000);
    assert_true(log_size(client) > 0);
    sim_pass(&s->sim, 1000);
    assert_int_equal(log_size(client), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(store__version_1_is_opened_and_gone_on_with, start, stop),
        cmocka_unit_test_setup_teardown(store__version_1_2_is_opened_and_gone_on_with, start, stop),
        cmocka_unit_test_setup_teardown(store__later_version_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(store__another_accounts_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(store__damaged_is_refused, start, stop),
        cmocka_unit_test_setup_teardown(store__second_process_is_locked_out, start, stop),
        cmocka_unit_test_setup_teardown(store__files_are_the_users_alone, start, stop),
        cmocka_unit_test_setup_teardown(store__log_is_emptied_within_a_minute, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
