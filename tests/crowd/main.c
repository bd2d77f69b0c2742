/* main.c -- mls-crowd: a large group lives through random operations. */
#include "clock.h"
#include "operations.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: mls-crowd [options]\n"
    "\n"
    "A group in which every member has committed lives through random operations: Commits that add, remove "
    "and\n"
    "update, Proposals, messages, conflicts, restarts. A sample of its members have a state each, and agree "
    "in\n"
    "each epoch, with each other and with a model of who is a member; another state commits as anybody else "
    "of\n"
    "the crowd. At the end somebody joins who checks all of the tree. Fails at the first fault, and names "
    "its\n"
    "operation and the seed.\n"
    "\n"
    "  --members N           so many members (50000)\n"
    "  --operations N        so many operations (1000)\n"
    "  --sample N            members with a state (8; 5 to 32)\n"
    "  --joins N             at most so many join the sample, in the place of others (20)\n"
    "  --seed N              another course of events (1)\n"
    "  --suite N             with this cipher suite (the first of this build)\n"
    "  --verbose             prints what happens\n";

static bool read_number(unsigned long long *out, unsigned long long low, unsigned long long high)
{
    char *end;
    *out = strtoull(optarg, &end, 0);
    return end != optarg && *end == '\0' && *out >= low && *out <= high;
}

static bool read_option(crowd_options_t *options, int option)
{
    unsigned long long n = 0;
    bool good = true;
    switch (option) {
    case 'm':
        good = read_number(&n, 64, 500000);
        options->num_members = (uint32_t)n;
        break;
    case 'o':
        good = read_number(&n, 1, 1000000);
        options->num_operations = (unsigned)n;
        break;
    case 'k':
        good = read_number(&n, 5, CROWD_MAX_CLIENTS - 1);
        options->num_sampled = (unsigned)n;
        break;
    case 'j':
        good = read_number(&n, 0, 1000000);
        options->num_joins = (unsigned)n;
        break;
    case 's':
        good = read_number(&n, 0, UINT64_MAX);
        options->seed = n;
        break;
    case 'c':
        options->suite = (uint16_t)strtoul(optarg, NULL, 0);
        return mls_crypto_suite_name(options->suite) != NULL;
    case 'v':
        options->is_verbose = true;
        break;
    default:
        return false;
    }
    return good;
}

static bool read_command(crowd_options_t *out, int argc, char **argv)
{
    static const struct option options[] = {
        { "members", required_argument, NULL, 'm' }, { "operations", required_argument, NULL, 'o' },
        { "sample", required_argument, NULL, 'k' },  { "joins", required_argument, NULL, 'j' },
        { "seed", required_argument, NULL, 's' },    { "suite", required_argument, NULL, 'c' },
        { "verbose", no_argument, NULL, 'v' },       { NULL, 0, NULL, 0 }
    };
    int option;
    *out = (crowd_options_t){
        .num_members = 50000, .num_operations = 1000, .num_sampled = 8, .num_joins = 20, .seed = 1
    };
    mls_crypto_suites(&out->suite, 1);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!read_option(out, option))
            return false;
    return optind == argc;
}

/* ---- what has been ------------------------------------------------------------------------------- */

static void print_progress(const crowd_world_t *world, double begin)
{
    printf("crowd: %u operations: epoch %" PRIu64 ", %" PRIu32 " members, %" PRIu32 " leaves, %.1f s\n",
           world->step, world->epoch, world->roster.num_members, world->roster.num_leaves,
           (bench_now() - begin) / 1e6);
    fflush(stdout);
}

static void print_stats(const crowd_stats_t *s)
{
    printf("%u Commits, %u of them empty, %u of a PSK and without path; %u conflicts, %u ways back\n",
           s->commits, s->updates, s->without_path, s->conflicts, s->detours);
    printf("%u were added, %u removed, %u Proposals; the tree grew %u times and shrank %u times\n", s->adds,
           s->removals, s->by_reference, s->growths, s->shrinks);
    printf("%u joined the sample by Welcome, %u by an external Commit, %u of them to come back; %u saw their "
           "removal\n",
           s->welcomes, s->external_joins, s->resyncs, s->saw_removal);
    printf("%u messages, read %u times, %u times late; %u not meant or too late, %u replays refused\n",
           s->messages, s->reads, s->late_reads, s->too_late, s->replays);
    printf("%u restarts; %u times somebody was away\n", s->restarts, s->away);
}

static bool live(crowd_world_t *world)
{
    const unsigned count = world->options.num_operations, part = count >= 1000 ? 100 : (count + 9) / 10;
    const double begin = bench_now();
    while (world->step < count) {
        if (!crowd_operate(world))
            return false;
        if (world->step % part == 0)
            print_progress(world, begin);
    }
    return crowd_finish(world);
}

int main(int argc, char **argv)
{
    crowd_options_t options;
    crowd_world_t world;

    if (!read_command(&options, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    const double begin = bench_now();
    crowd_world_init(&world, &options);
    printf("crowd: seed %" PRIu64 ": %" PRIu32 " members have committed, after %.1f s\n", options.seed,
           options.num_members, (bench_now() - begin) / 1e6);
    fflush(stdout);
    const bool good = live(&world);
    print_stats(&world.stats);
    printf("crowd: %u operations, %" PRIu64 " epochs, %u members agree, %u faults (seed %" PRIu64 ")\n",
           good ? options.num_operations : world.step, world.epoch, crowd_num_in(&world) + 1,
           world.trace.num_faults, options.seed);
    crowd_world_clear(&world);
    return good ? 0 : 1;
}
