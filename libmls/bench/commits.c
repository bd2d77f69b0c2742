#include "commits.h"

#include "must.h"

#include <stdlib.h>

/* ---- one Commit ----------------------------------------------------------------------------------- */

typedef struct round {
    bench_operation_t create, process;
    mls_commit_options_t options;
    bool with_welcome;
} round_t;

static mls_pending_commit_t *make(bench_t *b, const bench_pair_t *pair, const round_t *round,
                                  const mls_bytes_t *tree, bench_shape_t *shape)
{
    mls_bytes_t welcome = { 0 };
    bench_before(b);
    const double begin = bench_start(b);
    mls_pending_commit_t *pending =
        bench_make_commit(pair->committer, &round->options, round->with_welcome ? &welcome : NULL);
    const double us = bench_since(b, begin);
    *shape = bench_shape_of_commit(pair->committer, pair->processor, pending, tree);
    bench_note(b, round->create, us, 1, mls_pending_commit_message(pending).len, shape);
    mls_bytes_clear(&welcome);
    return pending;
}

static void process(bench_t *b, const bench_pair_t *pair, const round_t *round, mls_view_t message,
                    const bench_shape_t *shape)
{
    bench_before(b);
    const double begin = bench_start(b);
    bench_process_commit(pair, message);
    bench_note(b, round->process, bench_since(b, begin), 1, message.len, shape);
}

/* One Commit, made and processed, and taken back by both. */
static void run_round(bench_t *b, const bench_pair_t *pair, const round_t *round, const mls_bytes_t *tree)
{
    bench_fresh_epoch(pair);
    const uint64_t epoch = mls_group_epoch(pair->processor);
    bench_shape_t shape;
    const mls_view_t message = mls_pending_commit_message(make(b, pair, round, tree, &shape));
    /* Who processes a Commit has not just written a Welcome of several megabytes: that would be the
     * committer's caches. */
    if (!round->with_welcome)
        process(b, pair, round, message, &shape);
    else
        bench_follow(pair->processor, message);
    bench_follow(pair->committer, message);
    bench_expect_agreement(pair);
    bench_go_back(pair, epoch);
}

/* One that is processed alone. */
static void run_process(bench_t *b, const bench_pair_t *pair, const round_t *round, const mls_bytes_t *tree)
{
    bench_fresh_epoch(pair);
    const uint64_t epoch = mls_group_epoch(pair->processor);
    mls_pending_commit_t *pending = bench_make_commit(pair->committer, &round->options, NULL);
    const bench_shape_t shape = bench_shape_of_commit(pair->committer, pair->processor, pending, tree);
    process(b, pair, round, mls_pending_commit_message(pending), &shape);
    bench_follow(pair->committer, mls_pending_commit_message(pending));
    bench_expect_agreement(pair);
    bench_go_back(pair, epoch);
}

/* ---- what is committed ---------------------------------------------------------------------------- */

/* Rounds in a warm group, and what they add and remove. */
typedef struct warm_rounds {
    mls_proposal_spec_t add, remove;
    round_t items[3];
    size_t count;
} warm_rounds_t;

static void plan_warm(warm_rounds_t *out, const bench_crowd_t *crowd)
{
    const uint32_t n = crowd->num_members;
    out->add = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(crowd->key_packages[n]) };
    out->remove = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_REMOVE, .removed = n - 1 };
    out->items[0] = (round_t){ .create = BENCH_WARM_COMMIT_CREATE, .process = BENCH_WARM_COMMIT_PROCESS };
    out->items[1] = (round_t){ .create = BENCH_WARM_ADD_CREATE,
                               .process = BENCH_WARM_ADD_PROCESS,
                               .options = { .proposals = &out->add, .num_proposals = 1 },
                               .with_welcome = true };
    out->items[2] = (round_t){ .create = BENCH_WARM_REMOVE_CREATE,
                               .process = BENCH_WARM_REMOVE_PROCESS,
                               .options = { .proposals = &out->remove, .num_proposals = 1 } };
    out->count = n > 2 ? 3 : 2; /* of two members, one cannot remove a third */
}

/* ---- growth --------------------------------------------------------------------------------------- */

/* A group of 1,000, whose rounds take turns with those of the large group: what is measured minutes apart is
 * not of the same machine. */
typedef struct yardstick {
    bench_plan_t plan;
    bench_t bench;
    bench_pair_t pair;
    warm_rounds_t rounds;
    mls_bytes_t tree;
} yardstick_t;

static yardstick_t *new_yardstick(const bench_t *b)
{
    yardstick_t *y = bench_alloc(1, sizeof *y);
    y->plan = *b->plan;
    y->plan.members = BENCH_YARDSTICK;
    y->bench = *b;
    y->bench.plan = &y->plan;
    y->bench.results = bench_alloc(1, sizeof *y->bench.results);
    y->bench.crowd = bench_crowd_new(b->crowd->crypto, y->plan.cipher_suite, y->plan.members);
    bench_pair_warm(&y->pair, y->bench.crowd, y->plan.seed);
    plan_warm(&y->rounds, y->bench.crowd);
    bench_must(mls_group_ratchet_tree(y->pair.processor, &y->tree), "write the tree");
    return y;
}

static void free_yardstick(yardstick_t *y)
{
    if (y == NULL)
        return;
    mls_bytes_clear(&y->tree);
    bench_pair_clear(&y->pair);
    bench_crowd_free(y->bench.crowd);
    free(y->bench.results);
    free(y);
}

static void note_growth(const bench_t *b, const yardstick_t *y, bench_operation_t operation)
{
    const bench_samples_t *small = &bench_result_of(&y->bench, operation)->us;
    bench_result_t *large = bench_result_of(b, operation);
    for (size_t i = 0; i < small->count && i < large->us.count; i++)
        bench_samples_add(&large->growth, large->us.values[i] / small->values[i]);
}

/* ---- rounds --------------------------------------------------------------------------------------- */

static void run_rounds(bench_t *b, const bench_pair_t *pair, const round_t *round, yardstick_t *y,
                       const round_t *of_yardstick)
{
    mls_bytes_t tree;
    bench_must(mls_group_ratchet_tree(pair->processor, &tree), "write the tree");
    while (!bench_is_enough(b, round->create) ||
           (!round->with_welcome && !bench_is_enough(b, round->process))) {
        run_round(b, pair, round, &tree);
        if (y != NULL)
            run_round(&y->bench, &y->pair, of_yardstick, &y->tree);
    }
    while (!bench_is_enough(b, round->process)) {
        run_process(b, pair, round, &tree);
        if (y != NULL)
            run_process(&y->bench, &y->pair, of_yardstick, &y->tree);
    }
    if (y != NULL) {
        note_growth(b, y, round->create);
        note_growth(b, y, round->process);
    }
    mls_bytes_clear(&tree);
}

static const round_t of_cold = { .create = BENCH_COLD_COMMIT_CREATE, .process = BENCH_COLD_COMMIT_PROCESS };

void bench_run_commit(bench_t *b, const bench_pair_t *pair, bench_operation_t operation)
{
    warm_rounds_t rounds;
    plan_warm(&rounds, b->crowd);
    if (operation == of_cold.create || operation == of_cold.process)
        run_rounds(b, pair, &of_cold, NULL, NULL);
    for (size_t i = 0; i < rounds.count; i++)
        if (operation == rounds.items[i].create || operation == rounds.items[i].process)
            run_rounds(b, pair, &rounds.items[i], NULL, NULL);
}

void bench_run_commits(bench_t *b, const bench_pair_t *cold, const bench_pair_t *warm)
{
    yardstick_t *y = b->plan->members > BENCH_YARDSTICK ? new_yardstick(b) : NULL;
    warm_rounds_t rounds;
    plan_warm(&rounds, b->crowd);
    run_rounds(b, cold, &of_cold, NULL, NULL);
    for (size_t i = 0; i < rounds.count; i++)
        run_rounds(b, warm, &rounds.items[i], y, y == NULL ? NULL : &y->rounds.items[i]);
    free_yardstick(y);
}
