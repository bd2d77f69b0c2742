#include "pair.h"

#include "clock.h"
#include "must.h"
#include "warm.h"

#include <stdlib.h>

/* ---- a cold tree --------------------------------------------------------------------------------- */

static mls_proposal_spec_t *adds_of(const bench_crowd_t *crowd)
{
    mls_proposal_spec_t *adds = bench_alloc(crowd->num_members, sizeof *adds);
    for (uint32_t i = 1; i < crowd->num_members; i++)
        adds[i - 1] =
            (mls_proposal_spec_t){ .type = MLS_PROPOSAL_ADD, .key_package = bench_crowd_message(crowd, i) };
    return adds;
}

static void take_over(mls_group_t *group, mls_view_t message, bool keep_previous)
{
    mls_received_t *received;
    bench_must(mls_group_receive(group, &received, message, 0), "receive a Commit");
    bench_must(mls_group_merge(group, received, keep_previous, 0), "merge a Commit");
    mls_received_free(received);
}

void bench_create(bench_creation_t *out, const bench_crowd_t *crowd, mls_key_package_t *creator, double *made)
{
    const mls_group_config_t config = bench_group_config();
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_proposal_spec_t *adds = adds_of(crowd);
    const mls_commit_options_t options = { .proposals = adds, .num_proposals = crowd->num_members - 1 };
    mls_pending_commit_t *pending;

    *out = (bench_creation_t){ 0 };
    const double begin = crowd->now();
    bench_must(
        mls_group_create(&out->group, crowd->crypto, &config, creator, mls_view_text(BENCH_GROUP_ID), NULL),
        "create a group");
    bench_must(mls_group_commit(out->group, &pending, &options), "add everybody");
    bench_must(mls_pending_commit_group_info(pending, &with_tree), "make the GroupInfo");
    bench_must(mls_pending_commit_welcome(pending, &out->welcome, NULL, 0), "make the Welcome");
    if (made != NULL)
        *made = crowd->now() - begin;
    bench_must(mls_bytes_copy(&out->commit, mls_pending_commit_message(pending)), "copy the Commit");
    bench_must(mls_pending_commit_ratchet_tree(pending, &out->tree), "write the tree");
    take_over(out->group, mls_bytes_view(&out->commit), false);
    free(adds);
}

void bench_creation_clear(bench_creation_t *creation)
{
    mls_group_free(creation->group);
    mls_bytes_clear(&creation->commit);
    mls_bytes_clear(&creation->welcome);
    mls_bytes_clear(&creation->tree);
}

mls_group_t *bench_join(const bench_crowd_t *crowd, uint32_t member, mls_view_t welcome, mls_view_t tree)
{
    const mls_group_config_t config = bench_group_config();
    mls_welcome_t *opened;
    mls_group_t *group;
    bench_must(mls_welcome_open(&opened, crowd->crypto, &config, crowd->key_packages[member], welcome),
               "open a Welcome");
    bench_must(mls_group_join(&group, NULL, crowd->crypto, &config, opened, tree), "join");
    mls_welcome_free(opened);
    return group;
}

void bench_pair_cold(bench_pair_t *out, const bench_crowd_t *crowd, bench_creation_t *creation)
{
    *out = (bench_pair_t){ .crowd = crowd, .processor = creation->group };
    creation->group = NULL;
    out->committer =
        bench_join(crowd, crowd->num_members / 2, mls_bytes_view(&creation->welcome), mls_view(NULL, 0));
}

void bench_pair_warm(bench_pair_t *out, const bench_crowd_t *crowd, uint64_t seed)
{
    bench_warm_t *warm = bench_warm_new(crowd, seed);
    *out = (bench_pair_t){ .crowd = crowd,
                           .processor = bench_warm_member(warm, 0),
                           .committer = bench_warm_member(warm, crowd->num_members / 2) };
    bench_warm_free(warm);
}

void bench_pair_clear(bench_pair_t *pair)
{
    mls_group_free(pair->processor);
    mls_group_free(pair->committer);
    *pair = (bench_pair_t){ 0 };
}

/* ---- what is measured ---------------------------------------------------------------------------- */

mls_pending_commit_t *bench_make_commit(mls_group_t *committer, const mls_commit_options_t *options,
                                        mls_bytes_t *welcome)
{
    const mls_group_info_options_t with_tree = { .with_tree = true };
    mls_pending_commit_t *pending;
    bench_must(mls_group_commit(committer, &pending, options), "make a Commit");
    if (welcome != NULL) {
        bench_must(mls_pending_commit_group_info(pending, &with_tree), "make the GroupInfo");
        bench_must(mls_pending_commit_welcome(pending, welcome, NULL, 0), "make the Welcome");
    }
    return pending;
}

void bench_process_commit(const bench_pair_t *pair, mls_view_t commit)
{
    take_over(pair->processor, commit, true);
}

mls_bytes_t bench_encrypt(const bench_pair_t *pair, mls_view_t data)
{
    mls_bytes_t message;
    bench_must(mls_group_encrypt(pair->committer, &message, data, mls_view(NULL, 0), false), "encrypt");
    return message;
}

void bench_decrypt(const bench_pair_t *pair, mls_view_t message)
{
    mls_received_t *received;
    bench_must(mls_group_receive(pair->processor, &received, message, 0), "decrypt");
    mls_received_free(received);
}

/* ---- from epoch to epoch ------------------------------------------------------------------------- */

void bench_expect_agreement(const bench_pair_t *pair)
{
    bench_expect(mls_view_equal(mls_group_epoch_authenticator(pair->processor),
                                mls_group_epoch_authenticator(pair->committer)),
                 "both members have the same epoch authenticator");
}

/* A PreSharedKey proposal needs no path, so it changes no node. */
void bench_fresh_epoch(const bench_pair_t *pair)
{
    const mls_proposal_spec_t psk = { .type = MLS_PROPOSAL_PSK, .psk = { .id = mls_view_text("epoch") } };
    const mls_commit_options_t options = { .proposals = &psk, .num_proposals = 1 };
    mls_pending_commit_t *pending;
    bench_must(mls_group_commit(pair->committer, &pending, &options), "begin an epoch");
    take_over(pair->processor, mls_pending_commit_message(pending), false);
    take_over(pair->committer, mls_pending_commit_message(pending), false);
    bench_expect_agreement(pair);
}

void bench_follow(mls_group_t *group, mls_view_t commit)
{
    take_over(group, commit, true);
}

void bench_member_go_back(mls_group_t *group, uint64_t epoch)
{
    if (mls_group_epoch(group) != epoch)
        bench_must(mls_group_go_back(group, epoch), "go back");
    for (mls_pending_commit_t *pending; (pending = mls_group_pending_commit(group, 0)) != NULL;)
        mls_group_discard_pending(group, pending);
}

void bench_go_back(const bench_pair_t *pair, uint64_t epoch)
{
    bench_member_go_back(pair->processor, epoch);
    bench_member_go_back(pair->committer, epoch);
}
