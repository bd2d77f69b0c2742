#include "runs.h"

#include "must.h"

#include <stdlib.h>

enum { MESSAGES = 100 }; /* of one run of encrypting */

/* ---- creating and joining ------------------------------------------------------------------------ */

void bench_run_create(bench_t *b, bench_creation_t *out)
{
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

void bench_run_join(bench_t *b, const bench_creation_t *creation, const bench_shape_t *shape)
{
    while (!bench_is_enough(b, BENCH_JOIN)) {
        bench_before(b);
        const double begin = bench_start(b);
        mls_group_t *group =
            bench_join(b->crowd, b->plan->members / 2, mls_bytes_view(&creation->welcome), mls_view(NULL, 0));
        bench_note(b, BENCH_JOIN, bench_since(b, begin), 1, creation->welcome.len, shape);
        mls_group_free(group);
    }
}

void bench_run_external_join(bench_t *b, const bench_pair_t *pair)
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

void bench_run_messages(bench_t *b, const bench_pair_t *pair, bench_operation_t encrypt,
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

void bench_run_database(bench_t *b, const bench_pair_t *pair, bench_database_t *database)
{
    run_save(b, pair, database);
    bench_must(mls_group_save(pair->processor, &database->store), "save the group");
    (void)bench_database_replay(database);
    run_load(b, pair, database);
}
