/* mls-bench -- what the operations of libmls cost, beside what their cryptography costs. */
#include "building.h"
#include "count.h"
#include "measure.h"
#include "must.h"
#include "peers.h"
#include "reach.h"
#include "report.h"
#include "threads.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char USAGE[] =
    "usage: mls-bench [OPTION]...\n"
    "\n"
    "Measures each operation of a group in groups of 2 to 50,000 members, in turn with the primitives that "
    "it is made\n"
    "of, and prints\n"
    "    bench OPERATION SUITE MEMBERS MICROSECONDS BYTES   the median\n"
    "    ratio OPERATION SUITE MEMBERS RATIO                to the floor: the cryptography alone\n"
    "and whether the ratios are what they have to be: it exits with 1 where one is missed.\n"
    "\n"
    "  --members N    groups of up to N members (default 1,000)\n"
    "  --suite S      0x0001 or 0x0003 alone\n"
    "  --json FILE    writes the results to a file, too\n"
    "  --seed N       the order in which the members of a warm tree have committed (default 1)\n"
    "  --folder DIR   where databases are made (default .)\n"
    "  --peers        measures other libraries beside it, and prints how many times as long each takes:\n"
    "                 peer LIBRARY OPERATION SUITE MEMBERS RATIO; exits with 1 where one is faster\n"
    "  --threads N    of libmls and of each peer, with --peers (default: as many as there are cores)\n"
    "  --peers-members N   not in groups of more than N members (default 1,000)\n"
    "  --building     how large the messages are by which a group of N members comes to be, by the way that "
    "one goes\n"
    "  --prepare      saves two members of a group of N members in DIR, for:\n"
    "  --count        runs each operation once with what is in DIR, for callgrind to count instructions\n"
    "  --warm-only    with --prepare or --count: leaves out joining, and the group in which nobody has "
    "committed\n"
    "  --help\n";

typedef struct options {
    uint32_t members;
    uint16_t suite; /* 0: both */
    uint64_t seed;
    const char *json, *folder;
    uint32_t peers_members;
    unsigned threads; /* beside peers */
    bool building, prepare, count, warm_only, peers;
} options_t;

static unsigned long number_of(const char *text)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 0);
    if (*text == '\0' || *end != '\0') {
        fputs(USAGE, stderr);
        exit(2);
    }
    return value;
}

/* False: there is no such option. */
static bool take_option(options_t *options, int c)
{
    switch (c) {
    case 'm':
        options->members = (uint32_t)number_of(optarg);
        break;
    case 's':
        options->suite = (uint16_t)number_of(optarg);
        break;
    case 'j':
        options->json = optarg;
        break;
    case 'r':
        options->seed = number_of(optarg);
        break;
    case 'f':
        options->folder = optarg;
        break;
    case 'b':
        options->building = true;
        break;
    case 'p':
        options->prepare = true;
        break;
    case 'c':
        options->count = true;
        break;
    case 'w':
        options->warm_only = true;
        break;
    case 'P':
        options->peers = true;
        break;
    case 'T':
        options->threads = (unsigned)number_of(optarg);
        break;
    case 'M':
        options->peers_members = (uint32_t)number_of(optarg);
        break;
    case 'h':
        fputs(USAGE, stdout);
        exit(0);
    default:
        return false;
    }
    return true;
}

static options_t read_options(int argc, char **argv)
{
    static const struct option known[] = {
        { "members", required_argument, NULL, 'm' }, { "suite", required_argument, NULL, 's' },
        { "json", required_argument, NULL, 'j' },    { "seed", required_argument, NULL, 'r' },
        { "folder", required_argument, NULL, 'f' },  { "building", no_argument, NULL, 'b' },
        { "prepare", no_argument, NULL, 'p' },       { "count", no_argument, NULL, 'c' },
        { "peers", no_argument, NULL, 'P' },         { "peers-members", required_argument, NULL, 'M' },
        { "threads", required_argument, NULL, 'T' }, { "warm-only", no_argument, NULL, 'w' },
        { "help", no_argument, NULL, 'h' },          { 0 }
    };
    options_t options = {
        .members = 1000, .seed = 1, .folder = ".", .peers_members = 1000, .threads = bench_num_threads()
    };
    for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
        if (take_option(&options, c))
            continue;
        fputs(USAGE, stderr);
        exit(2);
    }
    return options;
}

static bench_plan_t plan_of(const options_t *options, uint16_t suite, uint32_t members)
{
    return (bench_plan_t){ .cipher_suite = suite,
                           .members = members,
                           .seed = options->seed,
                           .folder = options->folder,
                           .warm_only = options->warm_only };
}

/* What is measured, and how. */
typedef struct run {
    const options_t *options;
    bench_peers_t *peers;     /* NULL: nobody */
    bench_results_t *results; /* of libmls, in turn with the primitives */
    bench_results_t *beside;  /* of libmls alone, and of the peers */
} run_t;

/* Small groups several times: what is short is over within a moment in which the machine was slow. */
enum { SMALL_GROUP = 10, SMALL_ROUNDS = 2 };

static void run_peers(const run_t *run, const bench_plan_t *plan)
{
    const options_t *options = run->options;
    bench_plan_t shared = *plan;
    shared.threads = options->threads;
    if (run->peers == NULL)
        return;
    if (plan->members > options->peers_members) {
        printf("peers-not-run 0x%04x %u more than --peers-members %u\n", (unsigned)plan->cipher_suite,
               (unsigned)plan->members, (unsigned)options->peers_members);
        return;
    }
    const size_t first = run->beside->count, first_peer = run->beside->num_peers;
    const int rounds = plan->members <= SMALL_GROUP ? SMALL_ROUNDS : 1;
    bench_bed_t *bed = bench_bed_new(run->beside, &shared);
    for (int i = 0; i < rounds; i++)
        bench_peers_measure(run->peers, run->beside, &shared, bed);
    bench_bed_free(bed);
    bench_print_alone(run->beside, first);
    bench_print_peers(run->beside, first_peer);
}

static void run_suite(const run_t *run, uint16_t suite)
{
    const options_t *options = run->options;
    bench_results_t *results = run->results;
    static const uint32_t sizes[] = { 2, 10, 100, 1000, 10000, 50000 };
    bench_primitives_t *primitives = bench_primitives_new(suite);
    bench_costs_t costs;
    bench_primitives_measure(primitives, &costs, 1000);
    bench_print_primitives(suite, primitives, &costs);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes && sizes[i] <= options->members; i++) {
        const bench_plan_t plan = plan_of(options, suite, sizes[i]);
        const size_t first = results->count;
        bench_measure(results, primitives, &plan);
        bench_print_results(results, first);
        bench_print_memory(&results->memory[results->num_memory - 1]);
        if (results->num_parallel > 0)
            bench_print_parallel(&results->parallel[results->num_parallel - 1]);
        fflush(stdout);
        run_peers(run, &plan);
    }
    bench_primitives_free(primitives);
}

int main(int argc, char **argv)
{
    static const uint16_t suites[] = { MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519,
                                       MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519 };
    static bench_results_t results, beside;
    const options_t options = read_options(argc, argv);
    if (options.building)
        return bench_building(options.members);
    if (options.prepare || options.count) {
        const bench_plan_t plan =
            plan_of(&options, options.suite == 0 ? suites[0] : options.suite, options.members);
        (options.prepare ? bench_count_prepare : bench_count)(&plan);
        return EXIT_SUCCESS;
    }
    printf("seed %llu\n", (unsigned long long)options.seed);
    const run_t how = { &options, options.peers ? bench_peers_find(options.threads) : NULL, &results,
                        &beside };
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++)
        if (options.suite == 0 || options.suite == suites[i])
            run_suite(&how, suites[i]);
    if (options.json != NULL)
        bench_write_json(&results, &beside, options.json);
    bool is_reached = bench_reach(&results);
    is_reached = bench_reach_peers(&beside) && is_reached;
    bench_peers_free(how.peers);
    return is_reached ? EXIT_SUCCESS : EXIT_FAILURE;
}
