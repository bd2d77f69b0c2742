/* pair.h -- a group as two of its members see it: one who commits and one who follows. The others have a leaf
 * each, and nobody looks over their shoulders. */
#ifndef MLS_BENCH_PAIR_H
#define MLS_BENCH_PAIR_H

#include "crowd.h"

typedef struct bench_pair {
    const bench_crowd_t *crowd;
    mls_group_t *processor; /* leaf 0 */
    mls_group_t *committer; /* leaf num_members / 2 */
} bench_pair_t;

/* One Commit adds everybody, with a Welcome that has the tree in it: a cold tree, whose parents are all
 * blank. */
typedef struct bench_creation {
    mls_group_t *group; /* of leaf 0, in the epoch that the Commit begins */
    mls_bytes_t commit, welcome, tree;
} bench_creation_t;
/* The creator's KeyPackage is used up; the KeyPackages of the others are the crowd's. What is timed in it is
 * handed to `made`, in microseconds; NULL: nothing is asked. */
void bench_create(bench_creation_t *out, const bench_crowd_t *crowd, mls_key_package_t *creator,
                  double *made);
void bench_creation_clear(bench_creation_t *creation);

/* Joins by a Welcome; the tree beside it or, empty, in it. */
mls_group_t *bench_join(const bench_crowd_t *crowd, uint32_t member, mls_view_t welcome, mls_view_t tree);

/* Takes the creator over. */
void bench_pair_cold(bench_pair_t *out, const bench_crowd_t *crowd, bench_creation_t *creation);
/* A group in which every member has committed, in an order that `seed` decides: all parents have keys. */
void bench_pair_warm(bench_pair_t *out, const bench_crowd_t *crowd, uint64_t seed);
void bench_pair_clear(bench_pair_t *pair);

/* Begins an epoch with the same tree: the next message pays for its way down the secret tree, as most do in a
 * large group, where hardly anybody speaks twice in an epoch. */
void bench_fresh_epoch(const bench_pair_t *pair);
/* ---- what is measured ---------------------------------------------------------------------------------- */

/* A Commit; where it adds members with a Welcome that has the tree, which the caller clears. NULL: without.
 */
mls_pending_commit_t *bench_make_commit(mls_group_t *committer, const mls_commit_options_t *options,
                                        mls_bytes_t *welcome);
/* The processor takes it over, and can go back. */
void bench_process_commit(const bench_pair_t *pair, mls_view_t commit);
mls_bytes_t bench_encrypt(const bench_pair_t *pair, mls_view_t data);
void bench_decrypt(const bench_pair_t *pair, mls_view_t message);

/* ---- from epoch to epoch ------------------------------------------------------------------------------- */

/* Takes a Commit over; what was before can be gone back to. */
void bench_follow(mls_group_t *group, mls_view_t commit);
void bench_expect_agreement(const bench_pair_t *pair);
/* Goes back to that epoch, and gives up the Commits that were made in it. */
void bench_member_go_back(mls_group_t *group, uint64_t epoch);
/* Both do. */
void bench_go_back(const bench_pair_t *pair, uint64_t epoch);

#endif
