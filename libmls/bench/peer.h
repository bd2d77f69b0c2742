/* peer.h -- another library, asked to do the same as libmls again and again. */
#ifndef MLS_BENCH_PEER_H
#define MLS_BENCH_PEER_H

#include "bed.h"
#include "driver.h"
#include "files.h"

typedef struct bench_peer {
    const char *library;
    bench_driver_t *driver;
    bench_results_t *results;
    const bench_plan_t *plan;
    bench_bed_t *bed;      /* of libmls, which takes turns */
    const char *folder;    /* of all files */
    const char *client;    /* who is asked */
    bench_answer_t answer; /* the last one */
} bench_peer_t;

/* A line of peers/README.md, whose first word after the command is the client. */
typedef struct bench_command {
    const char *name;
    const char *argument; /* NULL: none */
    const char *files[3]; /* in the folder; NULL: no more */
} bench_command_t;

/* False: it was refused, see `peer->answer.text`. */
bool bench_peer_ask(bench_peer_t *peer, const bench_command_t *command);
/* A command without arguments. */
bool bench_peer_do(bench_peer_t *peer, const char *command);
/* Makes a client and asks that one from here on. */
bool bench_peer_client(bench_peer_t *peer, const char *name);

/* What comes before each time, and is not measured. */
typedef bool bench_before_fn(bench_peer_t *peer, void *arg);
bench_before_fn bench_peer_restore; /* the client's snapshot */

/* Measures a command, in turns with libmls; the first time, which warms up, does not count. False: it failed
 * once, and is n/a. */
bool bench_peer_repeat(bench_peer_t *peer, bench_operation_t operation, const bench_command_t *command,
                       bench_before_fn *before, void *arg);
/* Whatever was measured, it is n/a. */
void bench_peer_void(bench_peer_t *peer, bench_operation_t operation, const char *why);
/* So are these, as the last answer says, unless they have been measured or libmls was not. */
void bench_peer_void_missing(bench_peer_t *peer, bench_operation_t first, bench_operation_t last);

#endif
