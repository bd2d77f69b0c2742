/* play.h -- the conversation of the examples, played by real clients in a simulated server: watched, and each
 * example compared with what it is the example of.
 *
 * A cue says which stanza is an example. When the stanza comes by, its text is laid out; a client that
 * receives it is given the example's text in its place, and what comes of that is compared with the outcome
 * in the table. Where the examples are being made, what was laid out becomes the example's text; otherwise
 * the two must be equal: seed and clock are fixed, so the same conversation gives the same bytes. */
#ifndef PLAY_H
#define PLAY_H

#include "examples.h"
#include "insider.h"
#include "sim.h"

#define PLAY_ROOM "team@conference.example.org"

typedef struct play_cue {
    const example_t *example;
    const char *mark, *second_mark; /* what the stanza holds; the second may be NULL */
    bool is_late;                   /* the outcome is looked at when time has passed */
} play_cue_t;

/* What an example was given to, and how it was before. */
typedef struct play_outcome {
    const example_t *example; /* NULL: none is looked at */
    sim_client_t *client;
    size_t first_event;
    char *before; /* the client's database */
    bool is_late;
} play_outcome_t;

enum { PLAY_MAX_CUES = 32 };

typedef struct play {
    sim_t sim;
    sim_client_t *alice, *bob, *laptop, *bob2, *carol; /* `laptop`: another device of Bob's */
    examples_t *examples;
    unsigned num_failures;
    play_cue_t cues[PLAY_MAX_CUES];
    size_t num_cues;
    play_outcome_t outcome;
    mls_arena_t arena; /* stanzas that are made by hand, until the end */
} play_t;

/* Makes the clients, all offline. `examples` with texts are compared, without texts made. */
void play_start(play_t *play, examples_t *examples);
/* Closes everything. Examples that were not met are failures, unless there was one before. True: there was no
 * failure. */
bool play_end(play_t *play);

/* The next stanza that holds both marks, on the way of the example and from or to its account, is the
 * example. Of several cues that fit, the one given first is meant. Marks live as long as the play. */
void play_cue(play_t *play, unsigned number, const char *mark, const char *second_mark);
/* The same, for an example whose outcome shows when the archive was read: at the end of play_pass(). */
void play_cue_late(play_t *play, unsigned number, const char *mark, const char *second_mark);

/* Gives the account of the example a stanza that no simulated server sends. */
void play_deliver(play_t *play, unsigned number, const char *stanza);
/* The example is this text, which no client sends or receives by itself. */
void play_note(play_t *play, unsigned number, const char *text);

/* Lets time pass. */
void play_pass(play_t *play, uint64_t ms);
/* Begins a scene: each has its own randomness, so that a change in one changes little of the others. */
void play_seed(play_t *play, size_t scene);
/* Something that the conversation needs did not work. */
void play_require(play_t *play, bool is_fulfilled, const char *what);

/* Takes a text over that then lives as long as the play. Ends the program where the text could not be made.
 */
const char *play_keep(play_t *play, mod_mls_text_t *text);
/* A stanza of an occupant, as the room sends it to a client; `stanza_id` NULL: without one. It lives as long
 * as the play. */
const char *play_room_stanza(play_t *play, sim_client_t *to, const char *nick, const char *id,
                             const char *inner, const char *stanza_id);

#endif
