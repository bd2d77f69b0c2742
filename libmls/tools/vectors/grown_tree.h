/* grown_tree.h -- a ratchet tree that has grown by Commits, with what its members know of it. */
#ifndef MLS_VECTORS_GROWN_TREE_H
#define MLS_VECTORS_GROWN_TREE_H

#include "plain_tree.h"
#include "treekem.h"

typedef struct grown_member {
    mls_signature_key_t signature_key;
    mls_hpke_private_t encryption_key;
    mls_secret_t path_secrets[PLAIN_MAX_NODES]; /* by node; empty: not known */
} grown_member_t;

typedef struct grown_tree {
    mls_view_t group_id;
    mls_ratchet_tree_t *tree;
    mls_tree_overlay_t overlay; /* of that tree as it is; to read it */
    grown_member_t members[PLAIN_MAX_LEAVES];
} grown_tree_t;

/* A tree of `num_members`, where each but the first was added by a Commit of the one before it: get_tree() of
 * the description of the vectors. The caller clears it, also on failure. */
bool grown_tree_start(vector_case_t *c, grown_tree_t *out, uint32_t num_members);
void grown_tree_clear(grown_tree_t *grown);

/* Proposals that are applied: a new member at the first free place, and one that goes. */
bool grown_tree_add(vector_case_t *c, grown_tree_t *grown);
bool grown_tree_remove(vector_case_t *c, grown_tree_t *grown, uint32_t leaf);
/* A fresh leaf of source update, signed by the one that has the leaf; its encryption key is in `*key`. */
mls_view_t grown_tree_update_leaf(vector_case_t *c, const grown_tree_t *grown, uint32_t leaf,
                                  mls_hpke_private_t *key);

/* A path of a member, in `*overlay`, which the caller clears: with its leaf, and with all hashes. */
typedef struct grown_path {
    mls_new_path_t path;
    mls_tree_overlay_t overlay;
    mls_view_t leaf;
} grown_path_t;
bool grown_tree_path(vector_case_t *c, const grown_tree_t *grown, grown_path_t *out, uint32_t sender);
/* A Commit with a path: everybody knows its part of the secrets. */
bool grown_tree_commit(vector_case_t *c, grown_tree_t *grown, uint32_t sender);

#endif
