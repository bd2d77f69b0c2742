#include "peers.h"

#include "must.h"
#include "peer_group.h"
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PEERS = 8 };

typedef struct known_peer {
    char library[32], command[1024];
    bench_driver_t *driver;
} known_peer_t;

struct bench_peers {
    known_peer_t items[MAX_PEERS];
    size_t count;
    unsigned threads;
};

/* ---- finding them --------------------------------------------------------------------------------- */

static bool start(known_peer_t *peer, bench_answer_t *library, unsigned threads)
{
    peer->driver = bench_driver_start(peer->command, threads);
    if (peer->driver != NULL && bench_ask(peer->driver, library, "library"))
        return true;
    bench_driver_stop(peer->driver);
    peer->driver = NULL;
    return false;
}

/* `peer LIBRARY COMMAND` or `missing LIBRARY REASON`. */
static void read_line(bench_peers_t *peers, char *line)
{
    known_peer_t peer = { 0 };
    bench_answer_t library = { .text = "cannot be run" };
    int rest = 0;
    line[strcspn(line, "\n")] = '\0';
    if (sscanf(line, "missing %31s %n", peer.library, &rest) == 1 && rest > 0) {
        printf("peers %s missing %s\n", peer.library, line + rest);
        return;
    }
    rest = 0;
    if (sscanf(line, "peer %31s %n", peer.library, &rest) != 1 || rest == 0)
        return;
    bench_expect(peers->count < MAX_PEERS, "there is room for the peers");
    (void)snprintf(peer.command, sizeof peer.command, "%s", line + rest);
    if (!start(&peer, &library, peers->threads)) {
        printf("peers %s missing %s\n", peer.library, library.text);
        return;
    }
    printf("peers %s %s; up to %u threads; less storage=, but for load; the first run left out\n",
           peer.library, library.text, peers->threads);
    peers->items[peers->count++] = peer;
}

bench_peers_t *bench_peers_find(unsigned threads)
{
    bench_peers_t *peers = bench_alloc(1, sizeof *peers);
    char line[2048];
    peers->threads = threads;
    fflush(stdout);
    FILE *found = popen(BENCH_BUILD_PEERS, "r");
    bench_expect(found != NULL, "build_peers.py runs");
    while (fgets(line, sizeof line, found) != NULL)
        read_line(peers, line);
    if (pclose(found) != 0)
        printf("peers all missing build_peers.py failed: does it have Python?\n");
    fflush(stdout);
    return peers;
}

void bench_peers_free(bench_peers_t *peers)
{
    if (peers == NULL)
        return;
    for (size_t i = 0; i < peers->count; i++)
        bench_driver_stop(peers->items[i].driver);
    free(peers);
}

/* ---- measuring them ------------------------------------------------------------------------------- */

/* One that did not answer begins anew with the next size. */
static void start_again(known_peer_t *known, unsigned threads)
{
    bench_answer_t library;
    if (bench_driver_is_alive(known->driver))
        return;
    bench_driver_stop(known->driver);
    bench_expect(start(known, &library, threads), "a peer can be run again");
}

void bench_peers_measure(bench_peers_t *peers, bench_results_t *results, const bench_plan_t *plan,
                         bench_bed_t *bed)
{
    static const char name[] = "mls-bench-peers";
    char folder[BENCH_PATH_SIZE];
    (void)bench_path(folder, plan->folder, name);
    bench_expect(strchr(folder, ' ') == NULL, "the folder has no space in its name");
    bench_remove_folder(folder, BENCH_PEER_KEY_PACKAGES); /* of a run that was ended */
    bench_make_folder(plan->folder, name);
    for (size_t i = 0; i < peers->count; i++) {
        known_peer_t *known = &peers->items[i];
        start_again(known, peers->threads);
        bench_peer_t peer = { .library = known->library,
                              .driver = known->driver,
                              .results = results,
                              .plan = plan,
                              .bed = bed,
                              .folder = folder };
        bench_peer_measure(&peer);
        fflush(stdout);
    }
    bench_remove_folder(plan->folder, name);
}
