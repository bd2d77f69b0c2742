#include "count.h"

#include "allocations.h"
#include "files.h"
#include "must.h"
#include "pair.h"
#include "seeded.h"
#include "sqlite_store.h"

#include <stdio.h>
#include <stdlib.h>

#if defined MLS_WITH_CALLGRIND
#include <valgrind/callgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#define CALLGRIND_START_INSTRUMENTATION (void)0
#define CALLGRIND_STOP_INSTRUMENTATION (void)0
#define CALLGRIND_ZERO_STATS (void)0
#define CALLGRIND_DUMP_STATS_AT(name) (void)(name)
#endif

/* ---- the first step ------------------------------------------------------------------------------- */

static void save_group(mls_group_t *group, const char *folder, const char *name)
{
    char path[BENCH_PATH_SIZE];
    mls_store_t store;
    (void)remove(bench_path(path, folder, name));
    bench_must(sqlite_store_open(&store, path), "open a store");
    bench_must(mls_group_save(group, &store), "save a group");
    sqlite_store_close(&store);
}

static void save_joiner(const bench_plan_t *plan, const bench_crowd_t *crowd,
                        const bench_creation_t *creation)
{
    mls_bytes_t saved;
    bench_must(mls_key_package_save(&saved, crowd->key_packages[plan->members - 1]), "save a KeyPackage");
    bench_write_file(plan->folder, "joiner", mls_bytes_view(&saved));
    bench_write_file(plan->folder, "welcome", mls_bytes_view(&creation->welcome));
    mls_bytes_clear(&saved);
}

static void prepare_cold(const bench_plan_t *plan, const bench_crowd_t *crowd)
{
    bench_creation_t creation;
    bench_pair_t cold;
    mls_key_package_t *creator = bench_key_package(crowd->crypto, plan->cipher_suite, 0);
    bench_create(&creation, crowd, creator, NULL);
    save_joiner(plan, crowd, &creation);
    bench_pair_cold(&cold, crowd, &creation);
    save_group(cold.processor, plan->folder, "cold-processor.db");
    save_group(cold.committer, plan->folder, "cold-committer.db");
    bench_pair_clear(&cold);
    bench_creation_clear(&creation);
    mls_key_package_free(creator);
}

static void prepare_warm(const bench_plan_t *plan, const bench_crowd_t *crowd)
{
    bench_pair_t warm;
    bench_pair_warm(&warm, crowd, plan->seed);
    save_group(warm.processor, plan->folder, "warm-processor.db");
    save_group(warm.committer, plan->folder, "warm-committer.db");
    bench_pair_clear(&warm);
}

void bench_count_prepare(const bench_plan_t *plan)
{
    uint64_t random = plan->seed;
    mls_crypto_t *crypto = bench_seeded_crypto(&random);
    bench_crowd_t *crowd = bench_crowd_new(crypto, plan->cipher_suite, plan->members);
    bench_write_file(plan->folder, "new-member", mls_key_package_message(crowd->key_packages[plan->members]));
    prepare_warm(plan, crowd);
    if (!plan->warm_only)
        prepare_cold(plan, crowd);
    bench_crowd_free(crowd);
    mls_crypto_free(crypto);
}

/* ---- the second step ------------------------------------------------------------------------------ */

typedef struct counter {
    const char *folder;
    mls_crypto_t *crypto;
    bench_crowd_t crowd;
    mls_bytes_t new_member;
} counter_t;

static bench_allocations_t begin(void)
{
    const bench_allocations_t before = bench_allocations();
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
    return before;
}

static void end(bench_operation_t operation, const bench_allocations_t *before)
{
    CALLGRIND_DUMP_STATS_AT(bench_operation_name(operation));
    CALLGRIND_STOP_INSTRUMENTATION;
    const bench_allocations_t after = bench_allocations();
    printf("counted %s %zu %zu\n", bench_operation_name(operation), after.calls - before->calls,
           after.allocated - before->allocated);
}

static mls_group_t *load_group(const counter_t *c, const char *name)
{
    const mls_group_config_t config = bench_group_config();
    char path[BENCH_PATH_SIZE];
    mls_store_t store;
    mls_group_t *group;
    bench_must(sqlite_store_open(&store, bench_path(path, c->folder, name)), "open a store");
    bench_must(mls_group_load(&group, c->crypto, &config, &store, mls_view_text(BENCH_GROUP_ID)),
               "load a group");
    sqlite_store_close(&store);
    return group;
}

static bench_pair_t load_pair(const counter_t *c, const char *processor, const char *committer)
{
    return (bench_pair_t){ &c->crowd, load_group(c, processor), load_group(c, committer) };
}

typedef struct counted {
    bench_operation_t create, process;
    mls_commit_options_t options;
} counted_t;

static void count_commit(const bench_pair_t *pair, const counted_t *how)
{
    bench_fresh_epoch(pair);
    const uint64_t epoch = mls_group_epoch(pair->processor);
    bench_allocations_t before = begin();
    mls_pending_commit_t *pending = bench_make_commit(pair->committer, &how->options, NULL);
    end(how->create, &before);
    before = begin();
    bench_process_commit(pair, mls_pending_commit_message(pending));
    end(how->process, &before);
    bench_go_back(pair, epoch);
}

static void count_cold_commit(const counter_t *c)
{
    const counted_t of_cold = { .create = BENCH_COLD_COMMIT_CREATE, .process = BENCH_COLD_COMMIT_PROCESS };
    bench_pair_t cold = load_pair(c, "cold-processor.db", "cold-committer.db");
    count_commit(&cold, &of_cold);
    bench_pair_clear(&cold);
}

static void count_warm_commits(const counter_t *c, const bench_pair_t *warm)
{
    mls_leaf_info_t last = { 0 };
    for (mls_leaf_info_t leaf; mls_group_next_leaf(warm->processor, &leaf, last.leaf_index + 1) == MLS_OK;)
        last = leaf;
    const mls_proposal_spec_t add = { .type = MLS_PROPOSAL_ADD,
                                      .key_package = mls_bytes_view(&c->new_member) };
    const mls_proposal_spec_t remove = { .type = MLS_PROPOSAL_REMOVE, .removed = last.leaf_index };
    const counted_t of_warm = { .create = BENCH_WARM_COMMIT_CREATE, .process = BENCH_WARM_COMMIT_PROCESS };
    const counted_t of_add = { .create = BENCH_WARM_ADD_CREATE,
                               .process = BENCH_WARM_ADD_PROCESS,
                               .options = { .proposals = &add, .num_proposals = 1 } };
    const counted_t of_remove = { .create = BENCH_WARM_REMOVE_CREATE,
                                  .process = BENCH_WARM_REMOVE_PROCESS,
                                  .options = { .proposals = &remove, .num_proposals = 1 } };
    count_commit(warm, &of_warm);
    count_commit(warm, &of_add);
    count_commit(warm, &of_remove);
}

static void count_message(const bench_pair_t *pair, bench_operation_t encrypt, bench_operation_t decrypt,
                          size_t len)
{
    uint8_t *data = bench_alloc(1, len);
    bench_fresh_epoch(pair);
    bench_allocations_t before = begin();
    mls_bytes_t message = bench_encrypt(pair, mls_view(data, len));
    end(encrypt, &before);
    before = begin();
    bench_decrypt(pair, mls_bytes_view(&message));
    end(decrypt, &before);
    mls_bytes_clear(&message);
    free(data);
}

static void count_save(const counter_t *c, const bench_pair_t *pair)
{
    const mls_commit_options_t options = { 0 };
    char path[BENCH_PATH_SIZE];
    mls_store_t store;
    bench_must(sqlite_store_open(&store, bench_path(path, c->folder, "warm-processor.db")), "open a store");
    bench_fresh_epoch(pair);
    bench_must(mls_group_save(pair->processor, &store), "save a group");
    mls_pending_commit_t *pending = bench_make_commit(pair->committer, &options, NULL);
    bench_process_commit(pair, mls_pending_commit_message(pending));
    const bench_allocations_t before = begin();
    bench_must(mls_group_save(pair->processor, &store), "save a group");
    end(BENCH_SAVE, &before);
    sqlite_store_close(&store);
}

static void count_join(const counter_t *c)
{
    mls_bytes_t welcome = bench_read_file(c->folder, "welcome"),
                joiner = bench_read_file(c->folder, "joiner");
    mls_key_package_t *key_package;
    bench_must(mls_key_package_load(&key_package, c->crypto, mls_bytes_view(&joiner)), "load a KeyPackage");
    const bench_crowd_t alone = { .crypto = c->crypto, .key_packages = &key_package, .now = bench_cpu };
    const bench_allocations_t before = begin();
    mls_group_t *group = bench_join(&alone, 0, mls_bytes_view(&welcome), mls_view(NULL, 0));
    end(BENCH_JOIN, &before);
    mls_group_free(group);
    mls_key_package_free(key_package);
    mls_bytes_clear(&welcome);
    mls_bytes_clear(&joiner);
}

static void expect_callgrind(void)
{
#if !defined MLS_WITH_CALLGRIND
    bench_expect(false, "it was built with valgrind/callgrind.h, and can count");
#endif
    bench_expect(RUNNING_ON_VALGRIND, "it runs under valgrind --tool=callgrind --instr-atstart=no");
}

/* Randomness other than that of the first step: the same keys once more would be refused. */
void bench_count(const bench_plan_t *plan)
{
    uint64_t random = ~plan->seed;
    counter_t c = { .folder = plan->folder };
    expect_callgrind();
    c.crypto = c.crowd.crypto = bench_seeded_crypto(&random);
    c.new_member = bench_read_file(c.folder, "new-member");
    if (!plan->warm_only) {
        count_cold_commit(&c);
        count_join(&c);
    }
    bench_pair_t warm = load_pair(&c, "warm-processor.db", "warm-committer.db");
    count_warm_commits(&c, &warm);
    count_message(&warm, BENCH_ENCRYPT_100, BENCH_DECRYPT_100, 100);
    count_message(&warm, BENCH_ENCRYPT_4096, BENCH_DECRYPT_4096, 4096);
    count_save(&c, &warm);
    bench_pair_clear(&warm);
    mls_bytes_clear(&c.new_member);
    mls_crypto_free(c.crypto);
}
