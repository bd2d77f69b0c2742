/* policy.h -- who may do what in a room: one pure function over a Commit.
 *
 * Every member judges every Commit, own ones too, by the room's policy and tree **before** it, and must come
 * to the same verdict; so nothing here knows a clock, a network, or whom this user trusts. */
#ifndef MOD_MLS_POLICY_H
#define MOD_MLS_POLICY_H

#include "formats.h"

enum { MOD_MLS_MAX_ADDS = 64 }; /* of one Commit */

typedef struct mod_mls_policy_leaf {
    uint32_t leaf_index;
    mls_view_t account;
    mls_view_t device_key;
    uint8_t device_id[MOD_MLS_DEVICE_ID_LEN];
    uint64_t serial;
} mod_mls_policy_leaf_t;

typedef struct mod_mls_policy_proposal {
    uint16_t type;                       /* MLS_PROPOSAL_… */
    uint32_t sender;                     /* leaf index; by value: the committer */
    uint32_t removed;                    /* REMOVE: leaf index */
    mod_mls_policy_leaf_t added;         /* ADD; its leaf_index means nothing */
    mod_mls_endorsements_t endorsements; /* ADD: of the leaf, signatures verified */
    mls_view_t key_package;              /* ADD: encoded */
    mls_view_t extensions;               /* GROUP_CONTEXT_EXTENSIONS: encoded new list */
} mod_mls_policy_proposal_t;

typedef struct mod_mls_policy_commit {
    mls_view_t group_id;
    mls_view_t extensions;               /* of the GroupContext before, encoded */
    const mod_mls_xmpp_room_t *room;     /* the same, decoded */
    const mod_mls_policy_leaf_t *leaves; /* the tree before, without blanks */
    size_t num_leaves;
    const mod_mls_policy_proposal_t *proposals;
    size_t num_proposals;
    const mod_mls_join_request_t *join_requests; /* in its authenticated data, each validated by itself */
    size_t num_join_requests;
} mod_mls_policy_commit_t;

/* MLS_OK, or MLS_ERR_REJECTED: void for everybody; `*rule` then says why in a few words. MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_policy_judge(const char **rule, const mod_mls_policy_commit_t *commit);

typedef enum mod_mls_right { MOD_MLS_MAY_ADD, MOD_MLS_MAY_REMOVE, MOD_MLS_MAY_CHANGE } mod_mls_right_t;

bool mod_mls_policy_allows(const mod_mls_xmpp_room_t *room, mod_mls_right_t right, mls_view_t account);
bool mod_mls_policy_is_admin(const mod_mls_xmpp_room_t *room, mls_view_t account);

/* Decodes the xmpp_room in an encoded list of extensions. MLS_ERR_NOT_FOUND, MLS_ERR_MALFORMED,
 * MLS_ERR_UNSUPPORTED: of a later version. */
MLS_MUST_USE mls_status_t mod_mls_policy_room(mod_mls_xmpp_room_t *out, mls_arena_t *arena,
                                              mls_view_t extensions);

#endif
