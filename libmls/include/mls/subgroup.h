/* subgroup.h -- groups that follow on another one: reinitialisation and branches (RFC 9420, Sections 11.2
 * and 11.3).
 *
 * Reinitialising. Some member commits a Proposal of type REINIT; after that Commit the group is at its end:
 * mls_group_reinit() tells how it is to go on. Any member then calls mls_group_reinitialize(), saves the new
 * group, makes the Welcomes of the pending Commit (commit.h), and merges that Commit like any own one; nobody
 * else has to see it. The others join by the Welcome, with `find_group` in their configuration.
 *
 * A branch goes the same way, without a Proposal, from a part of the members. */
#ifndef MLS_SUBGROUP_H
#define MLS_SUBGROUP_H

#include "commit.h"

/* What a reinitialised group is to become. Views end with the group's next change. */
typedef struct mls_reinit_info {
    mls_view_t group_id;
    uint16_t version;
    uint16_t cipher_suite;
    mls_view_t extensions; /* encoded */
} mls_reinit_info_t;

/* What is to follow on the group (RFC 9420, Section 11.2). MLS_ERR_NOT_FOUND: the Commit that began this
 * epoch had no ReInit. */
MLS_API MLS_MUST_USE mls_status_t mls_group_reinit(const mls_group_t *group, mls_reinit_info_t *out);

/* Who is in the new group, and how it is made. */
typedef struct mls_subgroup_options {
    mls_key_package_t
        *key_package; /* the own one, of the new group's suite: used up as by mls_group_create() */
    const mls_view_t *key_packages; /* of the other members: all of the old group, or those of the branch */
    size_t num_key_packages;
    mls_view_t group_id;                /* branch only */
    const mls_extensions_t *extensions; /* branch only: of the GroupContext; NULL: those of the old group */
    mls_leaf_hook_t leaf_hook;
    uint64_t now; /* seconds, as for mls_group_commit() */
} mls_subgroup_options_t;

/* Makes the group that a ReInit asks for (RFC 9420, Section 11.2), with a pending Commit that adds everybody.
 * The caller frees the group, to which the Commit belongs. `old` has to stay as it is only until this
 * returns. MLS_ERR_STATE: `old` is not at its end. MLS_ERR_ARGUMENT: the key package is of another suite.
 * MLS_ERR_UNSUPPORTED: the ReInit asks for another version. MLS_ERR_INVALID: somebody is missing, or a
 * KeyPackage is not good; and what mls_group_create() and mls_group_commit() answer. */
MLS_API MLS_MUST_USE mls_status_t mls_group_reinitialize(mls_group_t **out, mls_pending_commit_t **commit,
                                                         const mls_group_t *old,
                                                         const mls_group_config_t *config,
                                                         const mls_subgroup_options_t *options);

/* Makes a group of some of the members of `old` (RFC 9420, Section 11.3), with a pending Commit that adds
 * them. As mls_group_reinitialize(); MLS_ERR_STATE: not a member any more, or the group is at its end. */
MLS_API MLS_MUST_USE mls_status_t mls_group_branch(mls_group_t **out, mls_pending_commit_t **commit,
                                                   const mls_group_t *old, const mls_group_config_t *config,
                                                   const mls_subgroup_options_t *options);

#endif
