#include "bed.h"

#include "commits.h"
#include "must.h"
#include "runs.h"
#include "threads.h"

#include <stdlib.h>

struct bench_bed {
    bench_plan_t plan;
    bench_t bench;
    bench_threads_t *threads;
    mls_crypto_t *crypto;
    bench_creation_t creation;
    bench_shape_t shape;
    bench_pair_t cold, warm;
    bench_database_t database;
};

static bench_crowd_t *gather(bench_bed_t *bed)
{
    bed->threads = bed->plan.threads > 1 ? bench_threads_new(bed->plan.threads) : NULL;
    const mls_crypto_config_t config = { .workers = bench_workers(bed->threads) };
    bench_must(mls_crypto_new(&bed->crypto, &config), "make a crypto context");
    bench_crowd_t *crowd = bench_crowd_new(bed->crypto, bed->plan.cipher_suite, bed->plan.members);
    if (bed->threads != NULL) /* they compute side by side */
        crowd->now = bench_now;
    return crowd;
}

bench_bed_t *bench_bed_new(bench_results_t *results, const bench_plan_t *plan)
{
    bench_bed_t *bed = bench_alloc(1, sizeof *bed);
    bed->plan = *plan;
    bed->plan.alone = true;
    bed->bench = (bench_t){ .plan = &bed->plan, .results = results, .crowd = gather(bed) };
    mls_key_package_t *creator = bench_key_package(bed->crypto, plan->cipher_suite, 0);
    bench_create(&bed->creation, bed->bench.crowd, creator, NULL);
    mls_key_package_free(creator);
    bed->shape = bench_shape_of(bed->creation.group, bed->creation.group, &bed->creation.tree);
    bench_pair_cold(&bed->cold, bed->bench.crowd, &bed->creation);
    bench_pair_warm(&bed->warm, bed->bench.crowd, plan->seed);
    bench_database_open(&bed->database, plan->folder);
    return bed;
}

void bench_bed_free(bench_bed_t *bed)
{
    bench_database_close(&bed->database);
    bench_pair_clear(&bed->cold);
    bench_pair_clear(&bed->warm);
    bench_creation_clear(&bed->creation);
    bench_crowd_free(bed->bench.crowd);
    mls_crypto_free(bed->crypto);
    bench_threads_free(bed->threads);
    free(bed);
}

static void run(bench_bed_t *bed, bench_operation_t operation)
{
    bench_t *b = &bed->bench;
    switch (operation) {
    case BENCH_CREATE:
        bench_run_create(b, &bed->creation);
        return;
    case BENCH_JOIN:
        bench_run_join(b, &bed->creation, &bed->shape);
        return;
    case BENCH_EXTERNAL_JOIN:
        bench_run_external_join(b, &bed->warm);
        return;
    case BENCH_COLD_COMMIT_CREATE:
    case BENCH_COLD_COMMIT_PROCESS:
        bench_run_commit(b, &bed->cold, operation);
        return;
    case BENCH_ENCRYPT_100:
    case BENCH_DECRYPT_100:
        bench_run_messages(b, &bed->warm, BENCH_ENCRYPT_100, BENCH_DECRYPT_100, 100);
        return;
    case BENCH_ENCRYPT_4096:
    case BENCH_DECRYPT_4096:
        bench_run_messages(b, &bed->warm, BENCH_ENCRYPT_4096, BENCH_DECRYPT_4096, 4096);
        return;
    case BENCH_SAVE:
    case BENCH_LOAD:
        bench_run_database(b, &bed->warm, &bed->database);
        return;
    default:
        bench_run_commit(b, &bed->warm, operation);
    }
}

void bench_bed_turn(bench_bed_t *bed, bench_operation_t operation)
{
    bench_t *b = &bed->bench;
    for (int i = 0; i < BENCH_NUM_OPERATIONS; i++) {
        const bench_result_t *result =
            bench_find_result(b->results, (bench_operation_t)i, bed->plan.cipher_suite, bed->plan.members);
        b->first[i] = result == NULL ? 0 : result->us.count;
    }
    run(bed, operation);
}
