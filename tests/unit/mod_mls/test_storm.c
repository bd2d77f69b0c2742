/* A storm: members talk, commit, lose stanzas and connections, and are killed, all at random; when it is
 * over, everybody is in one epoch and has seen each text exactly once. SIM_SEED repeats a run. */
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { STEPS = 120, MAX_TEXTS = 200 };

typedef struct storm {
    world_t *world;
    uint64_t dice;
    unsigned num_texts;
    sim_client_t *author[MAX_TEXTS];
    bool hides;            /* the archive is late with a stanza at times */
    size_t hidden;         /* its place */
    uint64_t hidden_until; /* 0: none is hidden */
} storm_t;

static unsigned roll(storm_t *storm, unsigned sides)
{
    storm->dice = storm->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(storm->dice >> 33) % sides;
}

/* One live room stanza in five is lost between the server and a client, as between servers. */
static bool lose_some(sim_t *sim, sim_client_t *to, const char *stanza)
{
    storm_t *storm = sim->drop_arg;
    (void)to;
    return strstr(stanza, "type='groupchat'") != NULL && strstr(stanza, "urn:xmpp:mam") == NULL &&
           roll(storm, 5) == 0;
}

static void talk(storm_t *storm, sim_client_t *who)
{
    char text[32];
    mod_mls_error_t error;
    if (storm->num_texts == MAX_TEXTS)
        return;
    (void)snprintf(text, sizeof text, "text-%u-", storm->num_texts);
    storm->author[storm->num_texts] = who;
    if (mod_mls_text_out(who->mls, &error, TEAM, text) == MOD_MLS_SENT)
        storm->num_texts++;
}

/* What stands last in the archive is not to be seen for some seconds; then it is there, before all that came
 * meanwhile. That is over before anything can have been settled without it. */
static void hide_or_show(storm_t *storm)
{
    sim_t *sim = &storm->world->sim;
    sim_archive_t *archive = &sim_room(sim, TEAM)->archive;
    if (storm->hidden_until != 0 && sim->now >= storm->hidden_until) {
        archive->items[storm->hidden].is_gone = false;
        storm->hidden_until = 0;
    } else if (storm->hides && storm->hidden_until == 0 && archive->count > 0 && roll(storm, 4) == 0) {
        storm->hidden = archive->count - 1;
        archive->items[storm->hidden].is_gone = true;
        storm->hidden_until = sim->now + 5000;
    }
}

static void step(storm_t *storm)
{
    world_t *w = storm->world;
    sim_client_t *who = &w->sim.clients[roll(storm, 3)];
    hide_or_show(storm);
    switch (roll(storm, 8)) {
    case 0:
        (void)!mod_mls_room_update(who->mls, TEAM); /* refused where there is one under way */
        break;
    case 1:
        if (who->is_online)
            sim_offline(who);
        else
            sim_online(who);
        break;
    case 2:
        sim_kill(who); /* with what it had just handed over still in its hands */
        break;
    case 3:
        if (!who->is_online)
            sim_online(who);
        break;
    default:
        talk(storm, who);
    }
    if (roll(storm, 3) > 0)
        sim_pass(&w->sim, roll(storm, 4000));
}

/* Who made a Commit in an epoch that was gone back from, and finds it valid after all, has lost its secrets;
 * then it must say so, and asks to be invited again. */
static bool is_out_of_step(const sim_client_t *client)
{
    return sim_count(client, "error " TEAM " out-of-step") > 0;
}

static void assert_seen_once(const storm_t *storm, sim_client_t *reader)
{
    for (unsigned i = 0; i < storm->num_texts; i++) {
        char line[128];
        if (is_out_of_step(storm->author[i]))
            continue;
        (void)snprintf(line, sizeof line, "message " TEAM " %s text-%u-", storm->author[i]->account, i);
        if (sim_count(reader, line) != 1) {
            printf("%s has \"%s\" %zu times\n", reader->account, line, sim_count(reader, line));
            (void)sim_expect(reader, "what it should have");
        }
        assert_int_equal(sim_count(reader, line), 1);
    }
}

static void calm_down(storm_t *storm)
{
    world_t *w = storm->world;
    w->sim.drop = NULL;
    storm->hides = false;
    if (storm->hidden_until != 0)
        sim_room(&w->sim, TEAM)->archive.items[storm->hidden].is_gone = false;
    for (size_t i = 0; i < 3; i++) {
        if (w->sim.clients[i].is_online)
            sim_offline(&w->sim.clients[i]);
        sim_online(&w->sim.clients[i]);
    }
    sim_pass(&w->sim, 600000);
}

static void weather(storm_t *storm, world_t *w)
{
    sim_client_t *in_step = NULL;
    storm->world = w;
    storm->dice = w->sim.seed;
    world_three(w);
    w->sim.drop = lose_some;
    w->sim.drop_arg = storm;
    for (unsigned i = 0; i < STEPS; i++)
        step(storm);
    calm_down(storm);
    for (size_t i = 0; i < 3; i++) {
        if (is_out_of_step(&w->sim.clients[i]))
            continue;
        in_step = &w->sim.clients[i];
        assert_seen_once(storm, in_step);
        assert_int_equal(sim_count(in_step, "warning " TEAM " state-copy"), 0);
    }
    assert_non_null(in_step);
    for (size_t i = 0; i < 3; i++) {
        if (&w->sim.clients[i] != in_step && !is_out_of_step(&w->sim.clients[i]))
            world_assert_same_epoch(in_step, &w->sim.clients[i]);
    }
    printf("%u texts, epoch %u, %zu times back\n", storm->num_texts, (unsigned)world_epoch(w->alice),
           sim_count(w->alice, "went-back") + sim_count(w->bob, "went-back") +
               sim_count(w->carol, "went-back"));
}

static void storm__ends_in_one_epoch_with_each_text_once(void **state)
{
    world_t *w = *state;
    storm_t storm = { 0 };
    weather(&storm, w);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sim_count(&w->sim.clients[i], "error"), 0);
}

static void storm__an_archive_that_is_late_changes_nothing(void **state)
{
    storm_t storm = { .hides = true };
    weather(&storm, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(storm__ends_in_one_epoch_with_each_text_once, world_start,
                                        world_stop),
        cmocka_unit_test_setup_teardown(storm__an_archive_that_is_late_changes_nothing, world_start,
                                        world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
