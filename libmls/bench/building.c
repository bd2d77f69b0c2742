#include "building.h"
#include "building_check.h"
#include "building_time.h"

#include <stdio.h>
#include <stdlib.h>

/* One way to build a group, and what it has cost so far. */
typedef struct tally {
    building_tree_t b;
    uint32_t members;
    size_t largest_add, largest_path; /* bytes */
    size_t total;
    uint32_t num_commits;
    uint64_t ciphertexts;
} tally_t;

static void count(tally_t *t, building_cost_t cost, bool has_path)
{
    size_t *largest = has_path ? &t->largest_path : &t->largest_add;
    *largest = cost.len > *largest ? cost.len : *largest;
    t->total += cost.len;
    t->ciphertexts += cost.ciphertexts;
    t->num_commits++;
}

static void add(tally_t *t, uint32_t num_adds, bool path)
{
    const building_commit_t commit = { .committer = 0, .num_adds = num_adds, .path = path };
    count(t, building_commit(&t->b, &commit), path);
}

static void renew(tally_t *t, uint32_t leaf)
{
    const building_commit_t commit = { .committer = leaf, .path = true };
    count(t, building_commit(&t->b, &commit), true);
}

/* ---- orders in which members make an empty Commit ------------------------------------------------ */

static void shuffle(tally_t *t, uint32_t *leaves, uint32_t num)
{
    for (uint32_t i = num; i > 1; i--) {
        const uint32_t j = building_below(&t->b.random, i), leaf = leaves[i - 1];
        leaves[i - 1] = leaves[j];
        leaves[j] = leaf;
    }
}

/* Those in one half and in the other take turns, and so on below: the bits of a count in reverse order. */
static uint32_t spread(uint32_t n, uint32_t num_leaves)
{
    uint32_t leaf = 0;
    for (uint32_t half = num_leaves / 2; half > 0; half /= 2, n /= 2)
        leaf += (n & 1) * half;
    return leaf;
}

static uint32_t *all_leaves(const tally_t *t)
{
    uint32_t *leaves = malloc(t->members * sizeof *leaves);
    building_must(leaves == NULL ? MLS_ERR_NOMEM : MLS_OK, "memory");
    for (uint32_t i = 0; i < t->members; i++)
        leaves[i] = i;
    return leaves;
}

static void renew_all_randomly(tally_t *t)
{
    uint32_t *leaves = all_leaves(t);
    shuffle(t, leaves, t->members);
    for (uint32_t i = 0; i < t->members; i++)
        renew(t, leaves[i]);
    free(leaves);
}

static void renew_all_spread(tally_t *t)
{
    const uint32_t num_leaves = t->b.tree->summary.num_leaves;
    for (uint32_t i = 0; i < num_leaves; i++) {
        const uint32_t leaf = spread(i, num_leaves);
        if (leaf < t->members)
            renew(t, leaf);
    }
}

static void renew_all_in_line(tally_t *t)
{
    for (uint32_t leaf = 0; leaf < t->members; leaf++)
        renew(t, leaf);
}

/* ---- ways to build ------------------------------------------------------------------------------- */

enum { NOBODY, ONE, TWO, ADDER };

/* Adds batch by batch. After each, members of it make an empty Commit, or the adder's own has a path. */
static void build(tally_t *t, uint32_t batch, int who)
{
    while (building_num_members(&t->b) < t->members) {
        const uint32_t first = building_num_members(&t->b), left = t->members - first;
        const uint32_t num = left < batch ? left : batch;
        add(t, num, who == ADDER);
        if (who == ONE)
            renew(t, first + building_below(&t->b.random, num));
        if (who == TWO) {
            renew(t, first + num / 4);
            renew(t, first + num / 2 + num / 4);
        }
    }
}

/* Bytes of a Commit by the first member that removes that many, by chance. */
static size_t removing(tally_t *t, uint32_t num)
{
    uint32_t *leaves = all_leaves(t);
    leaves[0] = leaves[t->members - 1]; /* not the committer */
    shuffle(t, leaves, t->members - 1);
    const building_commit_t commit = { .committer = 0, .removed = leaves, .num_removed = num, .path = true };
    const size_t len = building_estimate(&t->b, &commit).len;
    free(leaves);
    return len;
}

static void print_built(const char *phase, const char *way, tally_t *t)
{
    const uint32_t ciphertexts = building_largest_path(&t->b);
    printf("%-9s %-22s %6u %9zu %9zu %11zu %7u %9llu | %6u %9zu %9zu\n", phase, way, t->members,
           t->largest_add, t->largest_path, t->total, t->num_commits, (unsigned long long)t->ciphertexts,
           ciphertexts, removing(t, 1), removing(t, 10));
    t->largest_add = t->largest_path = t->total = 0;
    t->num_commits = 0;
    t->ciphertexts = 0;
}

static void one_way(mls_crypto_t *crypto, uint32_t members, const char *way, uint32_t batch, int who,
                    void (*renew_all)(tally_t *))
{
    tally_t t = { .members = members };
    building_tree_init(&t.b, crypto);
    build(&t, batch, who);
    print_built("building", way, &t);
    renew_all(&t);
    print_built("filling", way, &t);
    building_tree_clear(&t.b);
}

static void print_ways(mls_crypto_t *crypto, uint32_t n)
{
    printf("%-9s %-22s %6s %9s %9s %11s %7s %9s | %6s %9s %9s\n", "", "strategy", "N", "max. add",
           "max. path", "total", "Commits", "seals", "path", "remove 1", "remove 10");
    one_way(crypto, n, "one-commit,random", n, NOBODY, renew_all_randomly);
    one_way(crypto, n, "64,nobody,random", 64, NOBODY, renew_all_randomly);
    one_way(crypto, n, "64,nobody,spread", 64, NOBODY, renew_all_spread);
    if (n <= 10000)
        one_way(crypto, n, "64,nobody,in-line", 64, NOBODY, renew_all_in_line);
    one_way(crypto, n, "64,adder,random", 64, ADDER, renew_all_randomly);
    one_way(crypto, n, "64,one,random", 64, ONE, renew_all_randomly);
    one_way(crypto, n, "64,two,random", 64, TWO, renew_all_randomly);
    one_way(crypto, n, "128,one,random", 128, ONE, renew_all_randomly);
    one_way(crypto, n, "256,one,random", 256, ONE, renew_all_randomly);
    one_way(crypto, n, "256,two,random", 256, TWO, renew_all_randomly);
    one_way(crypto, n, "512,one,random", 512, ONE, renew_all_randomly);
    one_way(crypto, n, "512,two,random", 512, TWO, renew_all_randomly);
    one_way(crypto, n, "1,one,random", 1, ONE, renew_all_randomly);
}

/* ---- in time ------------------------------------------------------------------------------------- */

static void print_in_time(mls_crypto_t *crypto, uint32_t members, const char *name, building_rule_t rule)
{
    const building_outcome_t out = building_in_time(crypto, members, &rule);
    printf("in-time   %-22s %6u %5.1f%% %9zu %7u %11zu %7u %9zu %7u %8u\n", name, out.members,
           rule.online / 10.0, out.largest_path_len, out.largest_path, out.paths_len, out.num_paths,
           out.lost_len, out.num_lost, out.added_after);
    fflush(stdout);
}

static void print_times(mls_crypto_t *crypto, uint32_t members)
{
    static const uint32_t online[] = { 1000, 300, 100, 10, 1 };
    static const struct {
        const char *name;
        building_rule_t rule;
    } rules[] = {
        { "within-a-day", { 0 } },
        { "soon", { .blank = 64, .seconds = 4 } },
        { "adder-waits", { .largest_path = 400 } },
        { "soon,adder-waits", { .largest_path = 400, .blank = 64, .seconds = 4 } },
        { "soon,adder-waits,20s", { .largest_path = 400, .blank = 64, .seconds = 4, .per_member = 20 } },
    };

    printf("%-9s %-22s %6s %6s %9s %7s %11s %7s %9s %7s %8s\n", "", "rule", "N", "online", "max. path",
           "path", "paths", "Commits", "lost", "Commits", "seconds");
    for (size_t i = 0; i < sizeof online / sizeof *online; i++) {
        for (size_t n = 0; n < sizeof rules / sizeof *rules; n++) {
            building_rule_t rule = rules[n].rule;
            rule.online = online[i];
            print_in_time(crypto, members, rules[n].name, rule);
        }
    }
}

int bench_building(uint32_t members)
{
    static const uint32_t checked[] = { 100, 1000 };
    mls_crypto_t *crypto;

    building_must(mls_crypto_new(&crypto, NULL), "a crypto context");
    for (size_t i = 0; i < sizeof checked / sizeof *checked; i++) {
        const uint32_t num = building_check(crypto, checked[i]);
        if (num == 0)
            return 1;
        printf("# %u real Commits in a group of %u have the computed lengths\n", num, checked[i]);
    }
    if (members > 1) {
        print_ways(crypto, members);
        print_times(crypto, members);
    }
    mls_crypto_free(crypto);
    return 0;
}
