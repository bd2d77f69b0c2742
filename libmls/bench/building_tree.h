/* building_tree.h -- a group of which there is only the ratchet tree, and how long its Commits would be.
 *
 * The tree is that of libmls, changed as a group changes it: blank nodes, unmerged leaves and resolutions are
 * real, ciphertexts and signatures are only counted. */
#ifndef MLS_BENCH_BUILDING_TREE_H
#define MLS_BENCH_BUILDING_TREE_H

#include "path_cost.h"
#include "treekem.h"

/* What lengths depend on beside the tree. */
typedef struct building_sizes {
    const mls_suite_t *suite;
    size_t group_id_len, key_package_len; /* of an encoded KeyPackage */
    size_t path_leaf_len;                 /* of a LeafNode of source commit, its parent hash left out */
} building_sizes_t;

typedef struct building_tree {
    mls_crypto_t *crypto;
    building_sizes_t sizes;
    mls_ratchet_tree_t *tree;
    mls_bytes_t leaf;  /* the LeafNode that all are made of; its keys are overwritten by numbers */
    uint64_t next_key; /* no key comes twice */
    uint64_t random;   /* the state of building_below() */
} building_tree_t;

/* What a Commit is made of. */
typedef struct building_commit {
    uint32_t committer, num_adds;
    const uint32_t *removed; /* leaves */
    uint32_t num_removed;
    bool path;
} building_commit_t;

/* What it costs. */
typedef struct building_cost {
    size_t len; /* bytes of the MLSMessage, a PrivateMessage */
    uint32_t ciphertexts;
} building_cost_t;

/* A tree of one member. Ends the program, like all that follows, where something fails. */
void building_tree_init(building_tree_t *out, mls_crypto_t *crypto);
void building_tree_clear(building_tree_t *b);

/* Makes the Commit, and enters the epoch that it begins. */
building_cost_t building_commit(building_tree_t *b, const building_commit_t *commit);
/* What it would cost; the tree stays as it is. */
building_cost_t building_estimate(building_tree_t *b, const building_commit_t *commit);

uint32_t building_num_members(const building_tree_t *b);
/* Of one leaf, and the largest of all. */
mls_path_cost_t building_path_cost(const building_tree_t *b, uint32_t leaf);
uint32_t building_largest_path(const building_tree_t *b);

/* A KeyPackage as all of these have it. The caller frees it. */
mls_key_package_t *building_key_package(mls_crypto_t *crypto);
/* A number below `bound`, always the same ones in the same order. */
uint32_t building_below(uint64_t *random, uint32_t bound);
/* Ends the program, saying what failed, if it did. */
void building_must(mls_status_t status, const char *what);

enum { BUILDING_GROUP_ID_LEN = 32 };

#endif
