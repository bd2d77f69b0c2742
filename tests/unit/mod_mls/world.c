#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

int world_start(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    sim_start(&w->sim);
    w->alice = sim_add(&w->sim, ALICE);
    w->bob = sim_add(&w->sim, BOB);
    w->carol = sim_add(&w->sim, CAROL);
    *state = w;
    return 0;
}

int world_stop(void **state)
{
    world_t *w = *state;
    sim_stop(&w->sim);
    free(w);
    return 0;
}

void world_alice_creates(world_t *w)
{
    sim_online(w->alice);
    assert_int_equal(mod_mls_room_create(w->alice->mls, TEAM, NULL), MLS_OK);
    sim_pass(&w->sim, 1000);
    assert_true(sim_expect(w->alice, "room-verified " TEAM));
    assert_true(sim_expect(w->alice, "joined " TEAM " 0"));
}

void world_invite(world_t *w, sim_client_t *who)
{
    assert_int_equal(mod_mls_room_invite(w->alice->mls, TEAM, who->account), MLS_OK);
    sim_pass(&w->sim, 3000);
}

void world_accept(world_t *w, sim_client_t *who)
{
    assert_true(sim_expect(who, "invitation " TEAM " " ALICE " from=" ALICE));
    assert_int_equal(mod_mls_room_accept(who->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 3000);
    assert_true(sim_expect(who, "joined " TEAM));
}

void world_say(world_t *w, sim_client_t *who, const char *text)
{
    mod_mls_error_t error;
    assert_int_equal(mod_mls_text_out(who->mls, &error, TEAM, text), MOD_MLS_SENT);
    sim_pass(&w->sim, 500);
}

void world_assert_same_epoch(sim_client_t *a, sim_client_t *b)
{
    mod_mls_epoch_info_t x, y;
    assert_int_equal(mod_mls_room_epoch(a->mls, &x, TEAM), MLS_OK);
    assert_int_equal(mod_mls_room_epoch(b->mls, &y, TEAM), MLS_OK);
    assert_string_equal(x.authenticator, y.authenticator);
    assert_string_equal(x.code, y.code);
}

uint64_t world_epoch(sim_client_t *client)
{
    mod_mls_epoch_info_t info;
    assert_int_equal(mod_mls_room_epoch(client->mls, &info, TEAM), MLS_OK);
    return info.epoch;
}

void world_three(world_t *w)
{
    world_alice_creates(w);
    sim_online(w->bob);
    sim_online(w->carol);
    world_invite(w, w->bob);
    world_accept(w, w->bob);
    world_invite(w, w->carol);
    world_accept(w, w->carol);
    world_assert_same_epoch(w->alice, w->bob);
    world_assert_same_epoch(w->alice, w->carol);
}
