#include "play.h"
#include "envelope.h"
#include "layout.h"
#include "payloads.h"
#include "xml_reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(play_t *play, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void fail(play_t *play, const char *subject, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    printf("%s: ", subject);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
    play->num_failures++;
}

void play_require(play_t *play, bool is_fulfilled, const char *what)
{
    if (!is_fulfilled)
        fail(play, "the conversation", "%s", what);
}

static sim_client_t *client_of(play_t *play, const example_t *example)
{
    const struct {
        const char *name;
        sim_client_t *client;
    } people[] = {
        { "alice", play->alice }, { "bob", play->bob }, { "bob2", play->bob2 }, { "carol", play->carol }
    };
    for (size_t i = 0; i < sizeof people / sizeof people[0]; i++) {
        if (strcmp(people[i].name, example->account) == 0)
            return people[i].client;
    }
    fail(play, example->file, "nobody is called %s", example->account);
    return play->alice;
}

/* ---- what an example is --------------------------------------------------------------------------- */

/* Whether two texts are the same, but for the content of an <index/>. It lists KeyPackages of all suites, and
 * where signatures are randomised (ECDSA), references to them are new each time. Its own signature is
 * checked. */
static bool is_same(const char *a, const char *b)
{
    const char *const start_a = strstr(a, "<index "), *const start_b = strstr(b, "<index ");
    if (start_a == NULL || start_b == NULL)
        return strcmp(a, b) == 0;
    const char *const end_a = strstr(start_a, "</index>"), *const end_b = strstr(start_b, "</index>");
    const size_t before = (size_t)(strchr(start_a, '>') - a);
    return end_a != NULL && end_b != NULL && strncmp(a, b, before + 1) == 0 && strcmp(end_a, end_b) == 0;
}

/* Compares the example with what it should be, or makes it of that. */
static void take_text(play_t *play, example_t *example, const char *text)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    if (mod_mls_xml_read(&node, &arena, text, strlen(text)) != MLS_OK) {
        fail(play, example->file, "what it should be is no XML");
        if (example->text == NULL)
            example->text = mod_mls_strdup(text);
        mls_arena_clear(&arena);
        return;
    }
    char *laid_out = layout(node);
    if (example->text == NULL) {
        example->text = laid_out;
    } else {
        if (!is_same(example->text, laid_out))
            fail(play, example->file, "the conversation gives something else:\n%s", laid_out);
        free(laid_out);
    }
    mls_arena_clear(&arena);
}

/* The structs in the example are whole and signed as they must be. */
static void check_payloads(play_t *play, const example_t *example)
{
    mls_arena_t arena = { 0 };
    const mod_mls_xml_node_t *node;
    const char *fault = "not XML";
    if (mod_mls_xml_read(&node, &arena, example->text, strlen(example->text)) == MLS_OK)
        fault = payloads_fault(play->alice->mls->crypto, node);
    mls_arena_clear(&arena);
    const bool is_meant = strcmp(example->outcome, "error message-broken") == 0 ||
                          strcmp(example->outcome, "error key-package-invalid") == 0;
    if (is_meant != (fault != NULL))
        fail(play, example->file, "%s", is_meant ? "there is no fault in it" : fault);
}

static void meet(play_t *play, example_t *example, const char *text)
{
    if (example->was_met)
        fail(play, example->file, "came twice");
    example->was_met = true;
    take_text(play, example, text);
    check_payloads(play, example);
}

/* ---- outcomes ------------------------------------------------------------------------------------ */

/* Whether an event's line, or an outcome of the table, begins with this name. */
static bool is_event(const char *line, const char *name)
{
    return strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ' ';
}

/* An error, a warning or a placeholder. */
static bool is_trouble(const char *line)
{
    return is_event(line, "error") || is_event(line, "warning") || is_event(line, "unreadable");
}

/* In an event's line the code is the third word, after the room. */
static bool has_code(const char *line, const char *code)
{
    const char *room = strchr(line, ' ');
    const char *third = room == NULL ? NULL : strchr(room + 1, ' ');
    return third != NULL && strncmp(third + 1, code, strlen(code)) == 0 &&
           (third[1 + strlen(code)] == ' ' || third[1 + strlen(code)] == '\0');
}

/* Why the events since the example came are not those of the outcome; NULL: they are. */
static const char *fault_of_events(const play_outcome_t *o, const char *outcome)
{
    const char *name = strchr(outcome, ' ');
    const bool wants_event = strncmp(outcome, "event ", 6) == 0;
    const bool wants_trouble = is_trouble(outcome);
    size_t num_found = 0, num_troubles = 0;
    for (size_t i = o->first_event; i < o->client->num_events; i++) {
        const char *line = o->client->events[i];
        num_troubles += is_trouble(line);
        if (wants_event)
            num_found += is_event(line, name + 1);
        else if (wants_trouble)
            num_found += strncmp(line, outcome, (size_t)(name - outcome)) == 0 && has_code(line, name + 1);
    }
    if (num_troubles > wants_trouble)
        return "there was trouble";
    if ((wants_event || wants_trouble) && num_found == 0)
        return "the event did not come";
    if (!wants_event && !wants_trouble && o->client->num_events > o->first_event)
        return "there was an event";
    return NULL;
}

static const char *fault_of_answer(const sim_client_t *client, const char *outcome)
{
    const bool replaces = strncmp(outcome, "replace ", 8) == 0;
    const mod_mls_answer_t expected = strcmp(outcome, "pass") == 0 ? MOD_MLS_PASS
                                      : replaces                   ? MOD_MLS_REPLACE
                                                                   : MOD_MLS_CONSUME;
    if (client->last_answer != expected)
        return "another answer";
    return replaces && strcmp(client->last_text, outcome + 8) != 0 ? "another text" : NULL;
}

/* What is rejected leaves the stored state as it was. */
static const char *fault_of_state(const play_outcome_t *o)
{
    char *after = sim_dump(o->client);
    const bool is_as_before = strcmp(o->before, after) == 0;
    free(after);
    return is_as_before || !is_trouble(o->example->outcome) ? NULL : "the stored state has changed";
}

static void complain(play_t *play, const char *fault)
{
    const play_outcome_t *o = &play->outcome;
    fail(play, o->example->file, "expected '%s': %s", o->example->outcome, fault);
    for (size_t i = o->first_event; i < o->client->num_events; i++)
        printf("    event: %s\n", o->client->events[i]);
}

static void begin_outcome(play_t *play, const play_cue_t *cue, sim_client_t *client)
{
    if (play->outcome.example != NULL)
        fail(play, cue->example->file, "comes while another example is looked at");
    free(play->outcome.before);
    play->outcome = (play_outcome_t){ .example = cue->example,
                                      .client = client,
                                      .first_event = client->num_events,
                                      .before = sim_dump(client),
                                      .is_late = cue->is_late };
}

static void end_outcome(play_t *play)
{
    play_outcome_t *o = &play->outcome;
    const char *fault = fault_of_events(o, o->example->outcome);
    if (fault != NULL || (fault = fault_of_state(o)) != NULL)
        complain(play, fault);
    free(o->before);
    *o = (play_outcome_t){ 0 };
}

/* ---- cues ---------------------------------------------------------------------------------------- */

static void add_cue(play_t *play, unsigned number, const char *mark, const char *second_mark, bool is_late)
{
    const example_t *example = examples_find(play->examples, number);
    if (example == NULL || play->num_cues == PLAY_MAX_CUES) {
        fail(play, "the conversation", "has no place for example %u", number);
        return;
    }
    play->cues[play->num_cues++] = (play_cue_t){ example, mark, second_mark, is_late };
}

void play_cue(play_t *play, unsigned number, const char *mark, const char *second_mark)
{
    add_cue(play, number, mark, second_mark, false);
}

void play_cue_late(play_t *play, unsigned number, const char *mark, const char *second_mark)
{
    add_cue(play, number, mark, second_mark, true);
}

/* Takes the cue that a stanza answers to off the list. */
static bool take_cue(play_t *play, play_cue_t *out, const sim_client_t *client, example_way_t way,
                     const char *stanza)
{
    for (size_t i = 0; i < play->num_cues; i++) {
        const play_cue_t *cue = &play->cues[i];
        if (cue->example->way != way || client_of(play, cue->example) != client ||
            strstr(stanza, cue->mark) == NULL ||
            (cue->second_mark != NULL && strstr(stanza, cue->second_mark) == NULL))
            continue;
        *out = *cue;
        memmove(&play->cues[i], &play->cues[i + 1], (--play->num_cues - i) * sizeof *cue);
        return true;
    }
    return false;
}

static const char *on_coming(play_t *play, sim_client_t *client, const char *stanza)
{
    play_cue_t cue;
    if (!take_cue(play, &cue, client, EXAMPLE_IN, stanza))
        return stanza;
    example_t *example = examples_find(play->examples, cue.example->number);
    meet(play, example, stanza);
    begin_outcome(play, &cue, client);
    return example->text;
}

static const char *watch(void *arg, sim_client_t *client, sim_moment_t moment, const char *stanza)
{
    play_t *play = arg;
    play_cue_t cue;
    switch (moment) {
    case SIM_SENT:
        if (take_cue(play, &cue, client, EXAMPLE_OUT, stanza))
            meet(play, examples_find(play->examples, cue.example->number), stanza);
        break;
    case SIM_COMING:
        return on_coming(play, client, stanza);
    case SIM_TAKEN:
        if (play->outcome.example == NULL || stanza != play->outcome.example->text)
            break;
        const char *fault = fault_of_answer(client, play->outcome.example->outcome);
        if (fault != NULL)
            complain(play, fault);
        if (!play->outcome.is_late)
            end_outcome(play);
        break;
    }
    return stanza;
}

void play_deliver(play_t *play, unsigned number, const char *stanza)
{
    play_cue(play, number, stanza, NULL);
    const example_t *example = examples_find(play->examples, number);
    if (example != NULL)
        sim_deliver(client_of(play, example), stanza);
    sim_run(&play->sim);
}

static void check_envelope(play_t *play, const example_t *example)
{
    char *body;
    uint64_t sent_at;
    const mls_status_t status = mod_mls_envelope_read(&body, &sent_at, mls_view_text(example->text));
    if (status != MLS_OK || sent_at == 0 || strcmp(body, example->outcome + strlen("content ")) != 0)
        fail(play, example->file, "expected '%s'", example->outcome);
    free(body);
}

void play_note(play_t *play, unsigned number, const char *text)
{
    example_t *example = examples_find(play->examples, number);
    if (example == NULL) {
        fail(play, "the conversation", "has no place for example %u", number);
        return;
    }
    meet(play, example, text);
    if (example->way == EXAMPLE_INSIDE)
        check_envelope(play, example);
}

void play_seed(play_t *play, size_t scene)
{
    play->sim.seed = (scene + 1) * UINT64_C(0x9e3779b97f4a7c15); /* far apart, whatever SIM_SEED says */
}

void play_pass(play_t *play, uint64_t ms)
{
    sim_pass(&play->sim, ms);
    if (play->outcome.example != NULL)
        end_outcome(play);
}

/* ---- stanzas made by hand ------------------------------------------------------------------------- */

const char *play_keep(play_t *play, mod_mls_text_t *text)
{
    char *copy = mls_arena_alloc(&play->arena, text->len + 1);
    if (copy == NULL || text->status != MLS_OK)
        abort();
    memcpy(copy, text->data, text->len);
    mod_mls_text_clear(text);
    return copy;
}

const char *play_room_stanza(play_t *play, sim_client_t *to, const char *nick, const char *id,
                             const char *inner, const char *stanza_id)
{
    mod_mls_text_t text = { 0 };
    const char *const pieces[] = { "<message xmlns='jabber:client' type='groupchat' from='" PLAY_ROOM "/",
                                   nick,
                                   "' to='",
                                   to->full_jid,
                                   "' id='",
                                   id,
                                   "'>",
                                   inner };
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++)
        mod_mls_text_add(&text, pieces[i]);
    if (stanza_id != NULL) {
        mod_mls_text_add(&text, "<stanza-id xmlns='urn:xmpp:sid:0' by='" PLAY_ROOM "' id='");
        mod_mls_text_add(&text, stanza_id);
        mod_mls_text_add(&text, "'/>");
    }
    mod_mls_text_add(&text, "</message>");
    return play_keep(play, &text);
}

/* ---- begin and end ------------------------------------------------------------------------------- */

static sim_client_t *add_client(play_t *play, const char *account, const char *resource)
{
    sim_client_t *client = sim_add(&play->sim, account);
    (void)snprintf(client->full_jid, sizeof client->full_jid, "%s/%s", account, resource);
    return client;
}

void play_start(play_t *play, examples_t *examples)
{
    *play = (play_t){ .examples = examples };
    sim_start(&play->sim);
    play_seed(play, 0);                      /* the device keys */
    play->sim.now = UINT64_C(1795427880000); /* 2026-11-23T09:58:00Z */
    play->sim.settings.join_commit_delay_ms = 30000;
    play->sim.watch = watch;
    play->sim.watch_arg = play;
    play->alice = add_client(play, "alice@example.org", "phone");
    play->carol = add_client(play, "carol@example.com", "phone");
    play->sim.settings.replace = true;
    play->bob = add_client(play, "bob@example.net", "desk");
    play->laptop = add_client(play, "bob@example.net", "laptop");
    play->bob2 = add_client(play, "bob@example.net", "tablet");
}

bool play_end(play_t *play)
{
    const bool was_played = play->num_failures == 0;
    for (size_t i = 0; was_played && i < play->examples->count; i++) {
        if (!play->examples->items[i].was_met)
            fail(play, play->examples->items[i].file, "the conversation did not come to it");
    }
    free(play->outcome.before);
    play->outcome = (play_outcome_t){ 0 };
    sim_stop(&play->sim);
    mls_arena_clear(&play->arena);
    return play->num_failures == 0;
}
