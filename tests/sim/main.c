/* main.c -- mls-sim: clients of libmls over a delivery service in memory, one run for each seed. */
#include "run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: mls-sim [options]\n"
    "\n"
    "Runs groups of 3 to 24 clients of libmls, first over an orderly delivery service, then over an unruly\n"
    "one, and checks all of them against each other and against a model. A seed makes the same run each\n"
    "time. Ends with a count; fails where there was a fault.\n"
    "\n"
    "  --seed N              this run only\n"
    "  --seeds FROM..TO      these runs (1..20)\n"
    "  --suite N             with this cipher suite (the first of this build)\n"
    "  --operations N..M     so many operations over the orderly, and over the unruly service (60..60)\n"
    "  --first               ends with the first run that has a fault\n"
    "  --digest              prints a digest of each run\n"
    "  --twice               runs each seed two times, and fails where they differ\n"
    "  --verbose             prints what happens\n";

typedef struct range {
    unsigned long long from, to;
} range_t;

typedef struct command {
    sim_options_t run;
    range_t seeds;
    bool has_digest, is_twice, ends_with_fault;
} command_t;

/* "3..7", or "3" for "3..3". */
static bool read_range(range_t *out, const char *text)
{
    char *end;
    out->from = out->to = strtoull(text, &end, 10);
    if (end == text)
        return false;
    if (strncmp(end, "..", 2) == 0)
        out->to = strtoull(end + 2, &end, 10);
    return *end == '\0';
}

static bool read_option(command_t *command, int option)
{
    range_t range = { 0, 0 };
    switch (option) {
    case 's':
        return read_range(&command->seeds, optarg) && command->seeds.from <= command->seeds.to;
    case 'c':
        command->run.suite = (uint16_t)strtoul(optarg, NULL, 0);
        return mls_crypto_suite_name(command->run.suite) != NULL;
    case 'o':
        if (!read_range(&range, optarg) || range.from > 1000 || range.to > 1000)
            return false;
        command->run.num_orderly = (unsigned)range.from;
        command->run.num_unruly = (unsigned)range.to;
        return true;
    case 'd':
        command->has_digest = true;
        return true;
    case 'f':
        command->ends_with_fault = true;
        return true;
    case 't':
        command->is_twice = true;
        return true;
    case 'v':
        command->run.is_verbose = true;
        return true;
    default:
        return false;
    }
}

static bool read_command(command_t *command, int argc, char **argv)
{
    static const struct option options[] = { { "seed", required_argument, NULL, 's' },
                                             { "seeds", required_argument, NULL, 's' },
                                             { "suite", required_argument, NULL, 'c' },
                                             { "operations", required_argument, NULL, 'o' },
                                             { "first", no_argument, NULL, 'f' },
                                             { "digest", no_argument, NULL, 'd' },
                                             { "twice", no_argument, NULL, 't' },
                                             { "verbose", no_argument, NULL, 'v' },
                                             { NULL, 0, NULL, 0 } };
    int option;
    *command = (command_t){ .run = { .num_orderly = 60, .num_unruly = 60 }, .seeds = { 1, 20 } };
    mls_crypto_suites(&command->run.suite, 1);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (!read_option(command, option))
            return false;
    return optind == argc;
}

static void add_stats(sim_stats_t *sum, const sim_stats_t *stats)
{
    sum->operations += stats->operations;
    sum->commits += stats->commits;
    sum->conflicts += stats->conflicts;
    sum->proposals += stats->proposals;
    sum->messages += stats->messages;
    sum->joins += stats->joins;
    sum->external_joins += stats->external_joins;
    sum->removals += stats->removals;
    sum->reinits += stats->reinits;
    sum->branches += stats->branches;
    sum->reads += stats->reads;
    sum->late_reads += stats->late_reads;
    sum->replays += stats->replays;
    sum->noise += stats->noise;
    sum->kills += stats->kills;
    sum->revisions += stats->revisions;
    sum->detours += stats->detours;
    if (sum->min_members == 0 || stats->min_members < sum->min_members)
        sum->min_members = stats->min_members;
    if (stats->max_members > sum->max_members)
        sum->max_members = stats->max_members;
}

static void print_stats(const sim_stats_t *s)
{
    printf("%u to %u members, %u operations\n", s->min_members, s->max_members, s->operations);
    printf("%u Commits, %u of them in conflict; %u Proposals\n", s->commits, s->conflicts, s->proposals);
    printf("%u joined by Welcome, %u by an external Commit; %u saw their removal\n", s->joins,
           s->external_joins, s->removals);
    printf("%u groups were reinitialised, %u branched\n", s->reinits, s->branches);
    printf("%u messages, read %u times, %u times late; %u replays refused\n", s->messages, s->reads,
           s->late_reads, s->replays);
    printf("%u restarts; %u changes of the order, %u ways back; noise %u times\n", s->kills, s->revisions,
           s->detours, s->noise);
}

static sim_result_t run_seed(const command_t *command, unsigned long long seed)
{
    sim_result_t result = sim_run(seed, &command->run);
    if (command->has_digest)
        printf("seed %llu: digest %016llx\n", seed, (unsigned long long)result.digest);
    if (command->is_twice && sim_run(seed, &command->run).digest != result.digest) {
        fprintf(stderr, "FAULT seed %llu: it does not make the same run again\n", seed);
        result.num_faults++;
    }
    return result;
}

/* What the runs have to have in them to prove anything: one run alone may be a peaceful one. */
static bool has_enough_conflicts(const sim_stats_t *sum, unsigned long long num_runs)
{
    const bool has = num_runs < 10 || sum->conflicts * 10 >= sum->commits;
    if (!has)
        fprintf(stderr, "fewer than a tenth of the Commits were in conflict\n");
    return has;
}

int main(int argc, char **argv)
{
    command_t command;
    sim_stats_t sum = { 0 };
    unsigned long long num_runs = 0, num_faulty = 0;

    if (!read_command(&command, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    for (unsigned long long seed = command.seeds.from;
         seed <= command.seeds.to && (num_faulty == 0 || !command.ends_with_fault); seed++) {
        const sim_result_t result = run_seed(&command, seed);
        num_runs++;
        num_faulty += result.num_faults > 0;
        add_stats(&sum, &result.stats);
    }
    print_stats(&sum);
    printf("%llu seeds, %llu faulty\n", num_runs, num_faulty);
    return num_faulty == 0 && has_enough_conflicts(&sum, num_runs) ? 0 : 1;
}
