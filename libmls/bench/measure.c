#include "measure.h"

#include "commits.h"
#include "must.h"
#include "runs.h"
#include "threads.h"

#include <stdlib.h>

enum { THREAD_RUNS = 3 }; /* of joining, alone and with threads */

/* ---- memory --------------------------------------------------------------------------------------- */

static double joined_bytes(const bench_t *b, const bench_pair_t *pair, double *peak)
{
    const mls_key_package_t *joiner = b->crowd->key_packages[b->plan->members];
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_key_package_message(joiner) };
    const mls_commit_options_t options = { .proposals = &add, .num_proposals = 1 };
    const mls_group_info_options_t without_tree = { 0 };
    mls_pending_commit_t *pending;
    mls_bytes_t welcome, tree;
    bench_must(mls_group_commit(pair->committer, &pending, &options), "add a member");
    bench_must(mls_pending_commit_group_info(pending, &without_tree), "make the GroupInfo");
    bench_must(mls_pending_commit_welcome(pending, &welcome, NULL, 0), "make the Welcome");
    bench_must(mls_pending_commit_ratchet_tree(pending, &tree), "write the tree");
    mls_group_discard_pending(pair->committer, pending);

    bench_allocations_mark();
    const size_t before_it = bench_allocations().held;
    mls_group_t *group =
        bench_join(b->crowd, b->plan->members, mls_bytes_view(&welcome), mls_bytes_view(&tree));
    const bench_allocations_t after = bench_allocations();
    mls_group_free(group);
    mls_bytes_clear(&welcome);
    mls_bytes_clear(&tree);
    if (peak != NULL)
        *peak = (double)(after.peak - before_it) / b->plan->members;
    return (double)(after.held - before_it) / b->plan->members;
}

static void measure_memory(const bench_t *b, const bench_pair_t *cold, const bench_pair_t *warm)
{
    bench_results_t *results = b->results;
    bench_expect(results->num_memory < BENCH_MAX_SIZES, "there is room for the results");
    bench_memory_t *memory = &results->memory[results->num_memory++];
    *memory = (bench_memory_t){ .cipher_suite = b->plan->cipher_suite, .members = b->plan->members };
    memory->cold = joined_bytes(b, cold, NULL);
    memory->warm = joined_bytes(b, warm, &memory->join_peak);
}

/* ---- threads -------------------------------------------------------------------------------------- */

/* Microseconds on the clock: threads compute side by side. */
static double joined_us(const bench_crowd_t *crowd, const bench_creation_t *creation)
{
    const double begin = bench_now();
    mls_group_t *group =
        bench_join(crowd, crowd->num_members / 2, mls_bytes_view(&creation->welcome), mls_view(NULL, 0));
    const double us = bench_now() - begin;
    mls_group_free(group);
    return us;
}

static mls_crypto_t *new_crypto(bench_threads_t *threads)
{
    const mls_crypto_config_t config = { .workers = bench_workers(threads) };
    mls_crypto_t *crypto;
    bench_must(mls_crypto_new(&crypto, &config), "make a crypto context");
    return crypto;
}

static void measure_threads(const bench_t *b, const bench_creation_t *creation)
{
    bench_results_t *results = b->results;
    const unsigned num_threads = bench_num_threads();
    if (num_threads < 2)
        return;
    bench_expect(results->num_parallel < BENCH_MAX_SIZES, "there is room for the results");
    bench_parallel_t *parallel = &results->parallel[results->num_parallel++];
    *parallel = (bench_parallel_t){ .cipher_suite = b->plan->cipher_suite,
                                    .members = b->plan->members,
                                    .threads = num_threads };
    bench_threads_t *threads = bench_threads_new(num_threads);
    bench_crowd_t with_threads = *b->crowd;
    with_threads.crypto = new_crypto(threads);
    for (int i = 0; i < THREAD_RUNS; i++) {
        const double alone = joined_us(b->crowd, creation);
        bench_samples_add(&parallel->speedup, alone / joined_us(&with_threads, creation));
    }
    mls_crypto_free(with_threads.crypto);
    bench_threads_free(threads);
}

/* ---- all of it ------------------------------------------------------------------------------------ */

void bench_measure(bench_results_t *results, bench_primitives_t *primitives, const bench_plan_t *plan)
{
    bench_t b = { .plan = plan, .primitives = primitives, .results = results };
    bench_creation_t creation = { 0 };
    bench_pair_t cold, warm;
    bench_database_t database;
    mls_crypto_t *crypto = new_crypto(NULL);

    b.crowd = bench_crowd_new(crypto, plan->cipher_suite, plan->members);
    bench_run_create(&b, &creation);
    const bench_shape_t shape = bench_shape_of(creation.group, creation.group, &creation.tree);
    bench_run_join(&b, &creation, &shape);
    measure_threads(&b, &creation);
    bench_pair_cold(&cold, b.crowd, &creation);
    bench_creation_clear(&creation);
    bench_pair_warm(&warm, b.crowd, plan->seed);
    bench_run_commits(&b, &cold, &warm);
    bench_run_messages(&b, &warm, BENCH_ENCRYPT_100, BENCH_DECRYPT_100, 100);
    bench_run_messages(&b, &warm, BENCH_ENCRYPT_4096, BENCH_DECRYPT_4096, 4096);
    bench_run_external_join(&b, &warm);
    measure_memory(&b, &cold, &warm);
    bench_database_open(&database, plan->folder);
    bench_run_database(&b, &warm, &database);
    bench_database_close(&database);
    bench_pair_clear(&cold);
    bench_pair_clear(&warm);
    bench_crowd_free(b.crowd);
    mls_crypto_free(crypto);
}
