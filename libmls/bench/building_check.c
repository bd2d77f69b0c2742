#include "building_check.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 64, MAX_REAL = 8 };

/* Real members hear everything in one order; the tree beside them follows. */
typedef struct pair {
    building_tree_t computed;
    mls_crypto_t *crypto;
    mls_group_t *real[MAX_REAL];
    size_t num_real;
    uint32_t num_compared;
    bool differs;
} pair_t;

static void compare(pair_t *p, const mls_pending_commit_t *pending, const building_commit_t *commit,
                    uint32_t expected)
{
    const building_cost_t cost = building_commit(&p->computed, commit);
    const size_t len = mls_pending_commit_message(pending).len;

    p->num_compared++;
    if (cost.len == len && (expected == UINT32_MAX || cost.ciphertexts == expected))
        return;
    fprintf(stderr, "building: Commit %u: %zu bytes, computed %zu; %u ciphertexts, computed %u\n",
            p->num_compared, len, cost.len, expected, cost.ciphertexts);
    p->differs = true;
}

static void deliver(pair_t *p, const mls_pending_commit_t *pending)
{
    mls_bytes_t message;
    building_must(mls_bytes_copy(&message, mls_pending_commit_message(pending)), "a copy");
    for (size_t i = 0; i < p->num_real; i++) {
        mls_received_t *received;
        building_must(mls_group_receive(p->real[i], &received, mls_bytes_view(&message), 0),
                      "receiving a Commit");
        building_must(mls_group_merge(p->real[i], received, false, 0), "following a Commit");
        mls_received_free(received);
    }
    mls_bytes_clear(&message);
}

static void join_added(pair_t *p, mls_pending_commit_t *pending, const mls_key_package_t *key_package,
                       size_t number)
{
    const mls_group_config_t config = { 0 };
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_bytes_t message;
    mls_welcome_t *welcome;

    building_must(mls_pending_commit_group_info(pending, &with_tree), "a GroupInfo");
    building_must(mls_pending_commit_welcome(pending, &message, &number, 1), "a Welcome");
    deliver(p, pending);
    building_must(mls_welcome_open(&welcome, p->crypto, &config, key_package, mls_bytes_view(&message)),
                  "opening");
    building_must(
        mls_group_join(&p->real[p->num_real++], NULL, p->crypto, &config, welcome, mls_view(NULL, 0)),
        "joining");
    mls_welcome_free(welcome);
    mls_bytes_clear(&message);
}

/* A batch of Adds by the creator, with a path or without. Where there is room one of them joins. */
static void add_batch(pair_t *p, uint32_t count, bool path, bool joins)
{
    mls_key_package_t *key_packages[BATCH];
    mls_proposal_spec_t adds[BATCH];
    const building_commit_t commit = { .committer = mls_group_own_leaf(p->real[0]),
                                       .num_adds = count,
                                       .path = path };
    mls_pending_commit_t *pending;
    const size_t number = building_below(&p->computed.random, count);

    for (uint32_t i = 0; i < count; i++) {
        key_packages[i] = building_key_package(p->crypto);
        adds[i] = (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD,
                                         .key_package = mls_key_package_message(key_packages[i]) };
    }
    const mls_commit_options_t options = { .proposals = adds, .num_proposals = count, .force_path = path };
    building_must(mls_group_commit(p->real[0], &pending, &options), "adding");
    compare(p, pending, &commit, UINT32_MAX);
    if (joins && p->num_real < MAX_REAL)
        join_added(p, pending, key_packages[number], number);
    else
        deliver(p, pending);
    for (uint32_t i = 0; i < count; i++)
        mls_key_package_free(key_packages[i]);
}

static void empty_commit(pair_t *p, size_t member)
{
    mls_group_t *group = p->real[member];
    const building_commit_t commit = { .committer = mls_group_own_leaf(group), .path = true };
    mls_pending_commit_t *pending;
    mls_path_cost_t cost;

    building_must(mls_group_path_cost(group, &cost, commit.committer), "counting");
    building_must(mls_group_commit(group, &pending, NULL), "an empty Commit");
    compare(p, pending, &commit, cost.own);
    deliver(p, pending);
}

static bool is_real(const pair_t *p, uint32_t leaf)
{
    for (size_t i = 0; i < p->num_real; i++)
        if (mls_group_own_leaf(p->real[i]) == leaf)
            return true;
    return false;
}

static void remove_one(pair_t *p, size_t member)
{
    mls_group_t *group = p->real[member];
    mls_pending_commit_t *pending;
    mls_leaf_info_t leaf;
    uint32_t removed;

    do
        removed = building_below(&p->computed.random, p->computed.tree->summary.num_leaves);
    while (is_real(p, removed) || mls_group_leaf(group, &leaf, removed) != MLS_OK);
    const mls_proposal_spec_t remove = { .type = MLS_PROPOSAL_REMOVE, .removed = removed };
    const mls_commit_options_t options = { .proposals = &remove, .num_proposals = 1 };
    const building_commit_t commit = {
        .committer = mls_group_own_leaf(group), .removed = &removed, .num_removed = 1, .path = true
    };
    building_must(mls_group_commit(group, &pending, &options), "removing");
    compare(p, pending, &commit, UINT32_MAX);
    deliver(p, pending);
}

static void create(pair_t *p)
{
    static const uint8_t group_id[BUILDING_GROUP_ID_LEN];
    const mls_group_config_t config = { 0 };
    mls_key_package_t *key_package = building_key_package(p->crypto);

    building_must(mls_group_create(&p->real[p->num_real++], p->crypto, &config, key_package,
                                   mls_view(group_id, sizeof group_id), NULL),
                  "creating a group");
    mls_key_package_free(key_package);
}

uint32_t building_check(mls_crypto_t *crypto, uint32_t members)
{
    pair_t p = { .crypto = crypto };

    building_tree_init(&p.computed, crypto);
    create(&p);
    for (uint32_t count = 1, batch; count < members; count += batch) {
        batch = members - count < BATCH ? members - count : BATCH;
        add_batch(&p, batch, building_below(&p.computed.random, 4) == 0,
                  building_below(&p.computed.random, 2) == 0);
        if (building_below(&p.computed.random, 4) == 0)
            empty_commit(&p, p.num_real - 1);
    }
    for (uint32_t i = 0; i < 2 * p.num_real; i++)
        empty_commit(&p, i % p.num_real);
    for (uint32_t i = 0; i < p.num_real; i++) {
        remove_one(&p, i);
        add_batch(&p, 1, i % 2 == 0, false);
        empty_commit(&p, building_below(&p.computed.random, (uint32_t)p.num_real));
    }
    for (size_t i = 0; i < p.num_real; i++)
        mls_group_free(p.real[i]);
    building_tree_clear(&p.computed);
    return p.differs ? 0 : p.num_compared;
}
