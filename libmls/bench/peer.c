#include "peer.h"

#include "must.h"

#include <stdio.h>
#include <string.h>

/* In a round: many where they are short, and fewer where they take seconds. */
enum { MIN_RUNS = 3, SOME_RUNS = 5, MAX_RUNS = 41 };
static const double SOME_US = 1.5e6, LONG_US = 3e6;

/* Before it is libmls' turn. */
enum { TURN_RUNS = 8 };
static const double TURN_US = 1e5;

/* ---- asking --------------------------------------------------------------------------------------- */

static void append(char *line, size_t size, const char *word)
{
    const size_t len = strlen(line);
    const int added = snprintf(line + len, size - len, " %s", word);
    bench_expect(added > 0 && len + (size_t)added < size, "a line for a peer is short enough");
}

bool bench_peer_ask(bench_peer_t *peer, const bench_command_t *command)
{
    char line[4 * BENCH_PATH_SIZE], path[BENCH_PATH_SIZE];
    (void)snprintf(line, sizeof line, "%s", command->name);
    append(line, sizeof line, peer->client);
    if (command->argument != NULL)
        append(line, sizeof line, command->argument);
    for (size_t i = 0; i < 3 && command->files[i] != NULL; i++)
        append(line, sizeof line, bench_path(path, peer->folder, command->files[i]));
    return bench_ask(peer->driver, &peer->answer, line);
}

bool bench_peer_do(bench_peer_t *peer, const char *command)
{
    return bench_peer_ask(peer, &(const bench_command_t){ .name = command });
}

bool bench_peer_client(bench_peer_t *peer, const char *name)
{
    char suite[8];
    (void)snprintf(suite, sizeof suite, "%u", (unsigned)peer->plan->cipher_suite);
    peer->client = name;
    return bench_peer_ask(peer, &(const bench_command_t){ .name = "client", .argument = suite });
}

bool bench_peer_restore(bench_peer_t *peer, void *arg)
{
    (void)arg;
    return bench_peer_do(peer, "restore");
}

/* ---- results -------------------------------------------------------------------------------------- */

static bench_peer_result_t *find(const bench_peer_t *peer, bench_operation_t operation)
{
    for (size_t i = 0; i < peer->results->num_peers; i++) {
        bench_peer_result_t *r = &peer->results->peers[i];
        if (strcmp(r->library, peer->library) == 0 && r->operation == operation &&
            r->cipher_suite == peer->plan->cipher_suite && r->members == peer->plan->members)
            return r;
    }
    return NULL;
}

/* What was measured in earlier rounds stays. */
static bench_peer_result_t *begin(const bench_peer_t *peer, bench_operation_t operation)
{
    const bench_peer_result_t empty = { .library = peer->library,
                                        .operation = operation,
                                        .cipher_suite = peer->plan->cipher_suite,
                                        .members = peer->plan->members };
    bench_peer_result_t *result = find(peer, operation);
    return result != NULL ? result : bench_peer_result_new(peer->results, &empty);
}

void bench_peer_void(bench_peer_t *peer, bench_operation_t operation, const char *why)
{
    bench_peer_result_t *result = begin(peer, operation);
    result->us = (bench_samples_t){ 0 };
    (void)snprintf(result->reason, sizeof result->reason, "%s", why);
}

void bench_peer_void_missing(bench_peer_t *peer, bench_operation_t first, bench_operation_t last)
{
    for (bench_operation_t i = first; i <= last; i++)
        if (find(peer, i) == NULL &&
            bench_find_result(peer->results, i, peer->plan->cipher_suite, peer->plan->members) != NULL)
            bench_peer_void(peer, i, peer->answer.text);
}

/* ---- again and again ------------------------------------------------------------------------------ */

static bool is_enough(size_t num_runs, double passed_us)
{
    return num_runs >= MAX_RUNS || (num_runs >= SOME_RUNS && passed_us > SOME_US) ||
           (num_runs >= MIN_RUNS && passed_us > LONG_US);
}

/* As with libmls: saving and loading by the clock, with the storage; all else without. If the machine has
 * given time to somebody else, TIME is cut down to what the driver has computed, although it has also read
 * and written files in that. */
static double us_of(const bench_answer_t *answer, bench_operation_t operation)
{
    if (operation == BENCH_SAVE || operation == BENCH_LOAD || answer->us <= 0)
        return answer->us;
    const double own = answer->cpu_us / answer->us;
    return (answer->us - answer->storage_us) * (own < 1 ? own : 1);
}

/* Whether somebody else had the processor for long: such runs count only if there are no others. */
static bool is_disturbed(const bench_answer_t *answer, bench_operation_t operation)
{
    return operation != BENCH_SAVE && operation != BENCH_LOAD && answer->cpu_us < 0.8 * answer->us;
}

/* The first run warms up. */
static bool counts(const bench_answer_t *answer, bench_operation_t operation, size_t run, double passed_us)
{
    return run > 0 && (!is_disturbed(answer, operation) || passed_us > SOME_US);
}

bool bench_peer_repeat(bench_peer_t *peer, bench_operation_t operation, const bench_command_t *command,
                       bench_before_fn *before, void *arg)
{
    bench_peer_result_t *result = begin(peer, operation);
    const size_t first = result->us.count;
    result->reason[0] = '\0'; /* there may be another way, as for ts-mls from outside */
    double passed_us = 0, turn_us = 0;
    bench_bed_turn(peer->bed, operation);
    for (size_t run = 0; !is_enough(result->us.count - first, passed_us); run++) {
        const double since = bench_now();
        if ((before != NULL && !before(peer, arg)) || !bench_peer_ask(peer, command)) {
            bench_peer_void(peer, operation, peer->answer.text);
            return false;
        }
        passed_us += bench_now() - since;
        if (counts(&peer->answer, operation, run, passed_us))
            bench_samples_add(&result->us, us_of(&peer->answer, operation));
        if (run % TURN_RUNS == 0 || passed_us - turn_us > TURN_US) {
            turn_us = passed_us;
            bench_bed_turn(peer->bed, operation);
        }
    }
    bench_bed_turn(peer->bed, operation);
    return true;
}
