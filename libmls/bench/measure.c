#include "measure.h"

#include "commits.h"
#include "database.h"
#include "must.h"
#include "run.h"
#include "threads.h"

#include <stdlib.h>

/* Of one run of encrypting; and runs of joining, alone and with threads. */
enum { MESSAGES = 100, THREAD_RUNS = 3 };

/* ---- creating and joining ------------------------------------------------------------------------ */

static void run_create(bench_t *b, bench_creation_t *out)
{
    *out = (bench_creation_t){ 0 };
    while (!bench_is_enough(b, BENCH_CREATE)) {
        mls_key_package_t *creator = bench_key_package(b->crowd->crypto, b->plan->cipher_suite, 0);
        bench_shape_t shape;
        double us;
        bench_creation_clear(out);
        bench_before(b);
        (void)bench_start(b);
        bench_create(out, b->crowd, creator, &us);
        shape = bench_shape_of(out->group, out->group, &out->tree);
        shape.message_bytes = (double)out->commit.len;
        bench_note(b, BENCH_CREATE, us, 1, out->commit.len + out->welcome.len, &shape);
        mls_key_package_free(creator);
    }
}

static void run_join(bench_t *b, const bench_creation_t *creation)
{
    const bench_shape_t shape = bench_shape_of(creation->group, creation->group, &creation->tree);
    while (!bench_is_enough(b, BENCH_JOIN)) {
        bench_before(b);
        const double begin = bench_start(b);
        mls_group_t *group =
            bench_join(b->crowd, b->plan->members / 2, mls_bytes_view(&creation->welcome), mls_view(NULL, 0));
        bench_note(b, BENCH_JOIN, bench_since(b, begin), 1, creation->welcome.len, &shape);
        mls_group_free(group);
    }
}

static void run_external_join(bench_t *b, const bench_pair_t *pair)
{
    const mls_group_config_t config = bench_group_config();
    const mls_group_info_options_t options = { .with_tree = true, .with_external_pub = true };
    mls_bytes_t info, tree;
    bench_must(mls_group_info(pair->processor, &info, &options), "make a GroupInfo");
    bench_must(mls_group_ratchet_tree(pair->processor, &tree), "write the tree");
    const mls_external_join_t how = { .group_info = mls_bytes_view(&info),
                                      .key_package = b->crowd->key_packages[b->plan->members] };
    while (!bench_is_enough(b, BENCH_EXTERNAL_JOIN)) {
        mls_group_t *group;
        mls_pending_commit_t *commit;
        bench_before(b);
        const double begin = bench_start(b);
        bench_must(mls_group_join_external(&group, &commit, b->crowd->crypto, &config, &how),
                   "join from outside");
        const double us = bench_since(b, begin);
        const mls_view_t message = mls_pending_commit_message(commit);
        bench_shape_t shape = bench_shape_of_joiner(pair->processor, &tree);
        shape.message_bytes = (double)message.len;
        bench_note(b, BENCH_EXTERNAL_JOIN, us, 1, message.len, &shape);
        mls_group_free(group);
    }
    mls_bytes_clear(&info);
    mls_bytes_clear(&tree);
}

/* ---- application messages ------------------------------------------------------------------------ */

static void run_messages(bench_t *b, const bench_pair_t *pair, bench_operation_t encrypt,
                         bench_operation_t decrypt, size_t len)
{
    mls_bytes_t messages[MESSAGES];
    uint8_t *data = bench_alloc(1, len);
    while (!bench_is_enough(b, encrypt) || !bench_is_enough(b, decrypt)) {
        bench_fresh_epoch(pair);
        bench_before(b);
        double begin = bench_start(b);
        for (size_t i = 0; i < MESSAGES; i++)
            messages[i] = bench_encrypt(pair, mls_view(data, len));
        const bench_shape_t shape = { .message_bytes = (double)len };
        bench_note(b, encrypt, bench_since(b, begin), MESSAGES, messages[0].len, &shape);
        bench_before(b);
        begin = bench_start(b);
        for (size_t i = 0; i < MESSAGES; i++)
            bench_decrypt(pair, mls_bytes_view(&messages[i]));
        bench_note(b, decrypt, bench_since(b, begin), MESSAGES, messages[0].len, &shape);
        for (size_t i = 0; i < MESSAGES; i++)
            mls_bytes_clear(&messages[i]);
    }
    free(data);
}

/* ---- saving and loading --------------------------------------------------------------------------- */

static void note_database(const bench_t *b, bench_operation_t operation, double us, double floor_us,
                          const bench_database_t *database)
{
    bench_result_t *result = bench_result_of(b, operation);
    bench_samples_add(&result->us, us);
    bench_samples_add(&result->ratio, us / floor_us);
    result->bytes = database->num_bytes;
    result->rows = database->num_rows;
}

static void run_save(bench_t *b, const bench_pair_t *pair, bench_database_t *database)
{
    const mls_commit_options_t options = { 0 };
    bench_must(mls_group_save(pair->processor, &database->store), "save the group");
    (void)bench_database_replay(database);
    while (!bench_is_enough(b, BENCH_SAVE)) {
        mls_pending_commit_t *pending;
        bench_fresh_epoch(pair);
        bench_must(mls_group_save(pair->processor, &database->store), "save the group");
        (void)bench_database_replay(database);
        bench_must(mls_group_commit(pair->committer, &pending, &options), "make a Commit");
        bench_follow(pair->processor, mls_pending_commit_message(pending));
        bench_follow(pair->committer, mls_pending_commit_message(pending));
        const double begin = bench_now();
        bench_must(mls_group_save(pair->processor, &database->store), "save the group");
        const double us = bench_now() - begin;
        const bench_database_t written = *database;
        note_database(b, BENCH_SAVE, us, bench_database_replay(database), &written);
        mls_group_settle(pair->processor, mls_group_epoch(pair->processor), 0);
        mls_group_settle(pair->committer, mls_group_epoch(pair->committer), 0);
    }
}

/* Beside peers from memory, where OpenMLS has its storage. */
static void run_load(bench_t *b, const bench_pair_t *pair, bench_database_t *database)
{
    const mls_group_config_t config = bench_group_config();
    const mls_store_t store = b->plan->alone ? bench_database_in_memory(database) : database->store;
    while (!bench_is_enough(b, BENCH_LOAD)) {
        mls_group_t *group;
        const double floor_us = bench_database_read(database);
        const double begin = bench_now();
        bench_must(mls_group_load(&group, b->crowd->crypto, &config, &store, mls_view_text(BENCH_GROUP_ID)),
                   "load the group");
        const double us = bench_now() - begin;
        note_database(b, BENCH_LOAD, us, floor_us, database);
        bench_expect(mls_view_equal(mls_group_epoch_authenticator(group),
                                    mls_group_epoch_authenticator(pair->processor)),
                     "the group is as it was saved");
        mls_group_free(group);
    }
}

static void run_database(bench_t *b, const bench_pair_t *pair)
{
    bench_database_t database;
    bench_database_open(&database, b->plan->folder);
    run_save(b, pair, &database);
    bench_must(mls_group_save(pair->processor, &database.store), "save the group");
    (void)bench_database_replay(&database);
    run_load(b, pair, &database);
    bench_database_close(&database);
}

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
    bench_creation_t creation;
    bench_pair_t cold, warm;
    bench_threads_t *threads = plan->threads > 1 ? bench_threads_new(plan->threads) : NULL;
    mls_crypto_t *crypto = new_crypto(threads);

    b.crowd = bench_crowd_new(crypto, plan->cipher_suite, plan->members);
    if (threads != NULL)
        b.crowd->now = bench_now;
    run_create(&b, &creation);
    run_join(&b, &creation);
    if (!plan->alone)
        measure_threads(&b, &creation);
    bench_pair_cold(&cold, b.crowd, &creation);
    bench_creation_clear(&creation);
    bench_pair_warm(&warm, b.crowd, plan->seed);
    bench_run_commits(&b, &cold, &warm);
    run_messages(&b, &warm, BENCH_ENCRYPT_100, BENCH_DECRYPT_100, 100);
    run_messages(&b, &warm, BENCH_ENCRYPT_4096, BENCH_DECRYPT_4096, 4096);
    run_external_join(&b, &warm);
    if (!plan->alone)
        measure_memory(&b, &cold, &warm);
    run_database(&b, &warm);
    bench_pair_clear(&cold);
    bench_pair_clear(&warm);
    bench_crowd_free(b.crowd);
    mls_crypto_free(crypto);
    bench_threads_free(threads);
}
