/* building_time.h -- a large group that comes to be in time: one member adds as fast as it may, the others
 * are online or come online in the course of a day, and each makes a Commit after it has joined. */
#ifndef MLS_BENCH_BUILDING_TIME_H
#define MLS_BENCH_BUILDING_TIME_H

#include "building_tree.h"

/* How the group is built. */
typedef struct building_rule {
    uint32_t largest_path; /* no Adds while an empty Commit could hold more ciphertexts; 0: never mind */
    uint32_t blank;      /* who is below a blank node with a longer resolution commits soon; 0: never mind */
    uint32_t seconds;    /* soon: at random, within that many for each node of that resolution */
    uint32_t per_member; /* a joiner commits within so many seconds for each member, if that is above a day */
    uint32_t online;     /* of 1,000 who are added: how many are online then; the others come within a day */
} building_rule_t;

/* What came of it. */
typedef struct building_outcome {
    size_t largest_path_len; /* bytes of the longest Commit with a path */
    uint32_t
        largest_path; /* the most ciphertexts that an empty Commit by anybody would have had at any time */
    size_t paths_len, lost_len; /* bytes of Commits with a path: together; and those that came too late */
    uint32_t num_paths, num_lost;
    uint32_t members;     /* after five days */
    uint32_t added_after; /* seconds, from the first Add to the last */
} building_outcome_t;

building_outcome_t building_in_time(mls_crypto_t *crypto, uint32_t members, const building_rule_t *rule);

#endif
