/* shape.h -- what the floor's counts depend on, read off a real group. */
#ifndef MLS_BENCH_SHAPE_H
#define MLS_BENCH_SHAPE_H

#include "floor.h"

#include <mls/mls.h>

/* Of a Commit with an empty list by `committer`, as `processor` sees it. `tree` is the encoded ratchet tree.
 */
bench_shape_t bench_shape_of(const mls_group_t *committer, const mls_group_t *processor,
                             const mls_bytes_t *tree);
/* Of a Commit that is made. */
bench_shape_t bench_shape_of_commit(const mls_group_t *committer, const mls_group_t *processor,
                                    const mls_pending_commit_t *commit, const mls_bytes_t *tree);
/* Of an external Commit to the group. */
bench_shape_t bench_shape_of_joiner(const mls_group_t *group, const mls_bytes_t *tree);

#endif
