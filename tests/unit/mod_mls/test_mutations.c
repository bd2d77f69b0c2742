/* Everything that came to Bob in a conversation comes again, changed at random: a byte of the XML, a byte of
 * what is inside the base64, an end cut off. Nothing of it may crash him, none of it may be shown as
 * somebody's words, and the conversation goes on. SIM_SEED repeats a run. */
#include "base64.h"
#include "world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MAX_STANZAS = 400, ROUNDS = 6 };

typedef struct tape {
    char *stanzas[MAX_STANZAS];
    size_t count;
    uint64_t dice;
} tape_t;

static size_t roll(tape_t *tape, size_t sides)
{
    tape->dice = tape->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(tape->dice >> 33) % sides;
}

static bool record(sim_t *sim, sim_client_t *to, const char *stanza)
{
    tape_t *tape = sim->drop_arg;
    if (to == &sim->clients[1] && tape->count < MAX_STANZAS)
        tape->stanzas[tape->count++] = mod_mls_strdup(stanza);
    return false;
}

/* Changes one byte of what the first base64 in the stanza holds. */
static char *change_payload(tape_t *tape, const char *stanza)
{
    static const char start_of_payload[] = "xmlns='" MOD_MLS_NAMESPACE "'";
    const char *start = strstr(stanza, start_of_payload);
    const char *end = start == NULL ? NULL : strchr(start = strchr(start, '>') + 1, '<');
    mod_mls_text_t out = { 0 };
    mls_bytes_t bytes = { 0 };
    char *base64 = end == NULL ? NULL : mod_mls_strndup(mls_view(start, (size_t)(end - start)));
    if (base64 != NULL && mod_mls_base64_decode(&bytes, base64) == MLS_OK) {
        bytes.data[roll(tape, bytes.len)] ^= (uint8_t)(1 + roll(tape, 255));
        mod_mls_text_add_bytes(&out, stanza, (size_t)(start - stanza));
        mod_mls_text_add_base64(&out, mls_bytes_view(&bytes));
        mod_mls_text_add(&out, end);
    } else {
        mod_mls_text_add(&out, stanza);
    }
    free(base64);
    mls_bytes_clear(&bytes);
    return out.data;
}

static char *change(tape_t *tape, const char *stanza)
{
    const size_t len = strlen(stanza);
    char *out;
    switch (roll(tape, 4)) {
    case 0:
        out = mod_mls_strdup(stanza);
        out[roll(tape, len)] = (char)(1 + roll(tape, 255));
        return out;
    case 1:
        return mod_mls_strndup(mls_view(stanza, roll(tape, len)));
    default:
        return change_payload(tape, stanza);
    }
}

static void mutations__harm_nobody(void **state)
{
    world_t *w = *state;
    tape_t tape = { .dice = w->sim.seed };
    w->sim.drop = record;
    w->sim.drop_arg = &tape;
    world_three(w);
    world_say(w, w->alice, "one");
    world_say(w, w->carol, "two");
    assert_int_equal(mod_mls_room_update(w->carol->mls, TEAM), MLS_OK);
    sim_pass(&w->sim, 30000);
    world_say(w, w->alice, "three");
    w->sim.drop = NULL;
    assert_true(tape.count > 30);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < tape.count; i++) {
            char *changed = change(&tape, tape.stanzas[i]);
            (void)mod_mls_stanza_in(w->bob->mls, NULL, changed, strlen(changed));
            free(changed);
        }
        sim_pass(&w->sim, 30000);
    }
    assert_int_equal(sim_count(w->bob, "message "), 3);
    assert_int_equal(sim_count(w->bob, "error - internal"), 0);
    assert_int_equal(sim_count(w->bob, "error - store"), 0);
    sim_restart(w->bob);
    sim_online(w->bob);
    sim_pass(&w->sim, 30000);
    world_assert_same_epoch(w->alice, w->bob);
    world_say(w, w->alice, "four");
    world_say(w, w->bob, "five");
    assert_int_equal(sim_count(w->bob, "message " TEAM " " ALICE " four"), 1);
    assert_int_equal(sim_count(w->alice, "message " TEAM " " BOB " five"), 1);
    for (size_t i = 0; i < tape.count; i++)
        free(tape.stanzas[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mutations__harm_nobody, world_start, world_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
