/* ratchet_tree.h -- the public ratchet tree, and changes to it that are not made yet.
 *
 * mls_ratchet_tree_t holds the tree of the current epoch: a node and its tree hash at every place. Nobody
 * changes it directly. mls_tree_overlay_t is a tree as seen through a few changes: everything that reads a
 * tree reads an overlay, an empty one for the tree as it is. Staging a Commit fills an overlay with the
 * logarithmic number of nodes that it touches; mls_tree_overlay_swap() puts them into the tree, and what they
 * replaced into the overlay, which so has become the way back.
 *
 * RFC 9420, Sections 4.1, 7.7 and 7.8. */
#ifndef MLS_RATCHET_TREE_H
#define MLS_RATCHET_TREE_H

#include "key_index.h"
#include "tree_math.h"
#include "tree_node.h"

/* How many leaves have a credential of a type. Most groups know one type. */
typedef struct mls_credential_count {
    uint16_t type;
    uint32_t num_leaves;
} mls_credential_count_t;

enum { MLS_MAX_CREDENTIAL_TYPES = 256 };

/* What is known of a tree as a whole. */
typedef struct mls_tree_summary {
    uint32_t num_leaves;  /* a power of two */
    uint32_t num_members; /* non-blank leaves */
    uint32_t first_blank; /* no leaf before this one is blank */
    uint32_t end;         /* no leaf from this one on is non-blank */
} mls_tree_summary_t;

/* Of the leaves below a node (of a leaf: itself): whether any, and whether all are non-blank. */
enum { MLS_BELOW_ANY = 1, MLS_BELOW_ALL = 2 };

typedef struct mls_ratchet_tree {
    mls_crypto_t *crypto;
    const mls_suite_t *suite;
    mls_tree_summary_t summary;
    uint32_t capacity; /* leaves there is room for; the hashes of blank nodes are valid up to there */
    void **nodes;      /* mls_tree_leaf_t at even, mls_tree_parent_t at odd places, NULL for blank */
    uint8_t *hashes;   /* tree hashes, suite->hash->len bytes for each node */
    uint8_t *below;    /* MLS_BELOW_… of each node, four to a byte */
    mls_key_index_t keys;
    mls_credential_count_t *credentials;
    size_t num_credentials;
} mls_ratchet_tree_t;

/* A tree of one blank leaf. */
MLS_MUST_USE mls_status_t mls_ratchet_tree_new(mls_ratchet_tree_t **out, mls_crypto_t *crypto,
                                               const mls_suite_t *suite);
void mls_ratchet_tree_free(mls_ratchet_tree_t *tree);
/* Makes room for that many leaves, a power of two. The tree stays what it is. */
MLS_MUST_USE mls_status_t mls_ratchet_tree_reserve(mls_ratchet_tree_t *tree, uint32_t num_leaves);

/* Building a whole tree at once, when it is joined or loaded: reserve, put every node in (its reference
 * passes to the tree, also on failure; the place must be free), then finish, which computes hashes, counts
 * and the key index. MLS_ERR_LIMIT: too many types of credentials. MLS_ERR_INVALID: a key stands twice, rules
 * L7, L8, W12. */
MLS_MUST_USE mls_status_t mls_ratchet_tree_put(mls_ratchet_tree_t *tree, mls_node_index_t node,
                                               void *content);
MLS_MUST_USE mls_status_t mls_ratchet_tree_finish(mls_ratchet_tree_t *tree, uint32_t num_leaves);

/* MLS_BELOW_… of a node; none beyond the capacity. */
unsigned mls_ratchet_tree_below(const mls_ratchet_tree_t *tree, mls_node_index_t node);
/* The same from those of its children. */
unsigned mls_below_of_children(unsigned left, unsigned right);
/* After a leaf has come or gone. */
void mls_ratchet_tree_note_leaf(mls_ratchet_tree_t *tree, uint32_t leaf);

enum {
    MLS_ENTRY_CHANGED = 1, /* `node` counts; else the tree's */
    MLS_ENTRY_HASHED = 2,  /* `hash` is the tree hash; else it has to be computed */
    MLS_ENTRY_ADDED = 4    /* a leaf added by the Commit that is staged: no path secret goes to it */
};

typedef struct mls_overlay_entry {
    uint32_t place; /* node index + 1; 0: free */
    uint8_t flags;
    uint8_t below; /* MLS_BELOW_… while leaves are set; nobody asks a way back for it */
    void *node;
    uint8_t hash[MLS_MAX_HASH_LEN];
} mls_overlay_entry_t;

typedef struct mls_tree_overlay {
    mls_ratchet_tree_t *tree;
    mls_tree_summary_t summary;
    mls_overlay_entry_t *entries; /* a hash table by place, */
    uint32_t num_entries;         /* of 2^(32 - shift) */
    uint32_t shift;
    uint32_t num_used;
    mls_key_index_t keys;                /* of the changed nodes */
    mls_credential_count_t *credentials; /* NULL: the tree's */
    size_t num_credentials;
} mls_tree_overlay_t;

/* mls_key_of_fn of a tree, and of the changes in an overlay. */
mls_view_t mls_ratchet_tree_key_of(const void *tree, mls_node_index_t node, mls_key_kind_t kind);
mls_view_t mls_tree_overlay_key_of(const void *overlay, mls_node_index_t node, mls_key_kind_t kind);

/* ---- reading ------------------------------------------------------------------------------------- */

/* NULL: blank. The pointer ends with the next change. */
mls_tree_leaf_t *mls_tree_leaf(const mls_tree_overlay_t *overlay, uint32_t leaf);
mls_tree_parent_t *mls_tree_parent(const mls_tree_overlay_t *overlay, mls_node_index_t node);
bool mls_tree_is_blank(const mls_tree_overlay_t *overlay, mls_node_index_t node);
/* The encryption key of a non-blank node. */
mls_view_t mls_tree_encryption_key(const mls_tree_overlay_t *overlay, mls_node_index_t node);
/* The first non-blank leaf at or after `leaf`; false: none. */
bool mls_tree_next_leaf(const mls_tree_overlay_t *overlay, uint32_t *leaf);
/* MLS_BELOW_… of a node. */
unsigned mls_tree_below(const mls_tree_overlay_t *overlay, mls_node_index_t node);
/* Whether the node and all leaves below it are blank. */
bool mls_tree_is_empty_below(const mls_tree_overlay_t *overlay, mls_node_index_t node);
/* Whether a key of that kind is in use. */
bool mls_tree_has_key(const mls_tree_overlay_t *overlay, mls_view_t key, mls_key_kind_t kind);
/* Whether a leaf changed here (used to look at leaves of past epochs). */
bool mls_tree_overlay_has_leaf(const mls_tree_overlay_t *overlay, uint32_t leaf);
/* Where the search for a place's entry begins. */
uint32_t mls_overlay_slot(mls_node_index_t node, uint32_t shift);
/* The entry at a place; NULL: untouched. */
mls_overlay_entry_t *mls_tree_overlay_entry(const mls_tree_overlay_t *overlay, mls_node_index_t node);

/* Which credential types are in use: steps through them. False at the end. */
bool mls_tree_credential(const mls_tree_overlay_t *overlay, uint16_t *type, size_t n);

/* ---- changing ------------------------------------------------------------------------------------ */

/* An overlay without changes. It is invalid after the tree has changed by another one. */
MLS_MUST_USE mls_status_t mls_tree_overlay_init(mls_tree_overlay_t *overlay, mls_ratchet_tree_t *tree);
/* A zeroed overlay may be cleared. */
void mls_tree_overlay_clear(mls_tree_overlay_t *overlay);
/* Makes `*to` the overlay and `*from` zeroed. */
void mls_tree_overlay_move(mls_tree_overlay_t *to, mls_tree_overlay_t *from);

/* Puts a leaf or a blank in. After MLS_ERR_NOMEM an overlay may only be cleared. Takes a reference of its
 * own; `leaf` NULL blanks. These and those below answer MLS_ERR_ARGUMENT for a place beyond the tree. */
MLS_MUST_USE mls_status_t mls_tree_set_leaf(mls_tree_overlay_t *overlay, uint32_t leaf,
                                            mls_tree_leaf_t *node);
MLS_MUST_USE mls_status_t mls_tree_set_parent(mls_tree_overlay_t *overlay, mls_node_index_t node,
                                              mls_tree_parent_t *parent);
MLS_MUST_USE mls_status_t mls_tree_blank_path(mls_tree_overlay_t *overlay, uint32_t leaf);

/* The three operations of RFC 9420, Section 7.7. `*added` is the new leaf's index. MLS_ERR_LIMIT: a tree of
 * more than `max_leaves`. */
MLS_MUST_USE mls_status_t mls_tree_add(mls_tree_overlay_t *overlay, uint32_t *added, mls_tree_leaf_t *node,
                                       uint32_t max_leaves);
/* The place that the next leaf to be added will have; the tree grows if it has to. For an external Commit,
 * whose path and leaf are set afterwards. */
MLS_MUST_USE mls_status_t mls_tree_make_place(mls_tree_overlay_t *overlay, uint32_t *leaf,
                                              uint32_t max_leaves);
MLS_MUST_USE mls_status_t mls_tree_update(mls_tree_overlay_t *overlay, uint32_t leaf, mls_tree_leaf_t *node);
MLS_MUST_USE mls_status_t mls_tree_remove(mls_tree_overlay_t *overlay, uint32_t leaf);

/* Grows the tree to that many leaves, a power of two. */
MLS_MUST_USE mls_status_t mls_tree_extend(mls_tree_overlay_t *overlay, uint32_t num_leaves);

/* Puts an entry of a saved way back in again. Takes the reference to `node` over, also on failure. */
MLS_MUST_USE mls_status_t mls_tree_overlay_restore(mls_tree_overlay_t *overlay, mls_node_index_t place,
                                                   bool changed, void *node, const uint8_t *hash);

/* Readies the overlay, whose hashes are computed, so that the swap cannot fail. */
MLS_MUST_USE mls_status_t mls_tree_overlay_prepare(mls_tree_overlay_t *overlay);
/* Exchanges the changes with what the tree has there. */
void mls_tree_overlay_swap(mls_tree_overlay_t *overlay);

#endif
