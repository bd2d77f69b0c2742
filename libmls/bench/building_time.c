#include "building_time.h"

#include <stdlib.h>

enum {
    BATCH = 64,
    DAY = 24 * 3600,
    END = 5 * DAY,
    ADD_SECONDS = 10, /* between two Commits with Adds, as servers limit what a client sends */
    AGAIN = 3600,     /* seconds within which a Commit that came too late is made again */
    ROUND = 3         /* seconds in which a second Commit would be of an epoch that is over */
};

/* Every member waits for one thing, in a list of those that wait for that second. */
typedef struct timeline {
    building_tree_t b;
    const building_rule_t *rule;
    building_outcome_t out;
    uint32_t members, now, last_commit;
    bool must_wait;         /* with adding, until there is another Commit */
    uint32_t *first, *next; /* per second; per member */
    uint32_t *latest;       /* per member: when its Commit comes in any case; 0: it has not joined */
} timeline_t;

static void put(timeline_t *t, uint32_t member, uint32_t at)
{
    if (at >= END)
        return; /* nobody looks any more */
    t->next[member] = t->first[at];
    t->first[at] = member;
}

/* Looks when a member will commit, `within` some time in any case. */
static void plan(timeline_t *t, uint32_t member, uint32_t within)
{
    const uint32_t blank = t->rule->blank == 0 ? 0 : building_path_cost(&t->b, member).blank;
    uint32_t at = t->now + 1 + building_below(&t->b.random, within);

    t->latest[member] = at;
    if (blank > t->rule->blank) {
        const uint32_t soon = t->now + 1 + building_below(&t->b.random, t->rule->seconds * blank);
        at = soon < at ? soon : at;
    }
    put(t, member, at);
}

static bool is_worth_it(const timeline_t *t, uint32_t member)
{
    return t->now >= t->latest[member] || building_path_cost(&t->b, member).blank > t->rule->blank;
}

static void commit(timeline_t *t, uint32_t member)
{
    const building_commit_t empty = { .committer = member, .path = true };
    const bool is_late = t->last_commit != 0 && t->now < t->last_commit + ROUND;
    const building_cost_t cost = is_late ? building_estimate(&t->b, &empty) : building_commit(&t->b, &empty);

    if (cost.len > t->out.largest_path_len)
        t->out.largest_path_len = cost.len;
    if (is_late) {
        t->out.lost_len += cost.len;
        t->out.num_lost++;
        plan(t, member, AGAIN);
        return;
    }
    t->last_commit = t->now;
    t->must_wait = false;
    t->out.paths_len += cost.len;
    t->out.num_paths++;
}

static uint32_t join_seconds(const timeline_t *t)
{
    const uint32_t seconds = t->rule->per_member * t->members;
    return seconds > DAY ? seconds : DAY;
}

static void wake(timeline_t *t, uint32_t member)
{
    if (t->latest[member] == 0)
        plan(t, member, join_seconds(t));
    else if (is_worth_it(t, member))
        commit(t, member);
    else
        put(t, member, t->latest[member]);
}

static void note_largest(timeline_t *t)
{
    const uint32_t largest = building_largest_path(&t->b);
    if (largest > t->out.largest_path)
        t->out.largest_path = largest;
}

/* Whether the batch was added. */
static bool add_batch(timeline_t *t)
{
    const uint32_t count = building_num_members(&t->b);
    const uint32_t batch = t->members - count < BATCH ? t->members - count : BATCH;
    const building_commit_t adds = { .committer = 0, .num_adds = batch };

    t->must_wait = t->must_wait || (t->rule->largest_path > 0 &&
                                    building_largest_path(&t->b) + batch > t->rule->largest_path);
    if (t->must_wait)
        return false;
    (void)building_commit(&t->b, &adds);
    t->last_commit = t->now;
    for (uint32_t member = count; member < count + batch; member++) {
        const bool is_online = building_below(&t->b.random, 1000) < t->rule->online;
        put(t, member, t->now + 1 + (is_online ? 0 : building_below(&t->b.random, DAY)));
    }
    note_largest(t);
    t->out.added_after = t->now;
    return true;
}

static void run(timeline_t *t)
{
    uint32_t add_at = 1;
    for (t->now = 1; t->now < END; t->now++) {
        if (t->now >= add_at && building_num_members(&t->b) < t->members)
            add_at = t->now + (add_batch(t) ? ADD_SECONDS : 1);
        while (t->first[t->now] != UINT32_MAX) {
            const uint32_t member = t->first[t->now];
            t->first[t->now] = t->next[member];
            wake(t, member);
        }
    }
}

building_outcome_t building_in_time(mls_crypto_t *crypto, uint32_t members, const building_rule_t *rule)
{
    timeline_t t = { .rule = rule, .members = members };

    building_tree_init(&t.b, crypto);
    t.first = malloc(END * sizeof *t.first);
    t.next = calloc(members, sizeof *t.next);
    t.latest = calloc(members, sizeof *t.latest);
    building_must(t.first == NULL || t.next == NULL || t.latest == NULL ? MLS_ERR_NOMEM : MLS_OK, "memory");
    for (uint32_t i = 0; i < END; i++)
        t.first[i] = UINT32_MAX;
    run(&t);
    t.out.members = building_num_members(&t.b);
    free(t.first);
    free(t.next);
    free(t.latest);
    building_tree_clear(&t.b);
    return t.out;
}
