/* subgroup.h -- whether a group follows on another one as it should. */
#ifndef MLS_SRC_SUBGROUP_H
#define MLS_SRC_SUBGROUP_H

#include "group.h"
#include "mls/subgroup.h"

/* Rules W17: whether `group`, with the members of `overlay`, in its first epoch after epoch 0, is the
 * reinitialisation or a branch of `old`, as the PSK that it begins with says. */
MLS_MUST_USE mls_status_t mls_subgroup_check(const mls_group_t *group, const mls_tree_overlay_t *overlay,
                                             const mls_group_t *old, const mls_pre_shared_key_id_t *psk);

#endif
