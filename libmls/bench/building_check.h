/* building_check.h -- whether computed lengths are those of real Commits. */
#ifndef MLS_BENCH_BUILDING_CHECK_H
#define MLS_BENCH_BUILDING_CHECK_H

#include "building_tree.h"

/* Builds a real group of that many members, in batches, with a few members that make Commits: empty ones,
 * with Adds and with Removes. Compares each one's length, and the number of its ciphertexts as
 * mls_group_path_cost() tells it, with what building_commit() computes. Answers how many Commits that were; 0
 * if one differs, which stderr then says. */
uint32_t building_check(mls_crypto_t *crypto, uint32_t members);

#endif
