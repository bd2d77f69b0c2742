/* group_rows.h -- the entries of a stored group: their keys and their bytes.
 *
 * A group's entries share a prefix, the hash of its group_id. The letters are chosen so that walking the
 * prefix in ascending order meets everything after what it stands on. Values begin with no version of their
 * own: the group's first entry names the version of all. */
#ifndef MLS_GROUP_ROWS_H
#define MLS_GROUP_ROWS_H

#include "group.h"

/* Version 1 did not say which epoch used generations are of; version 2 had no exporter tree, no ReInit and no
 * origin, and no Update or path with a new signature key. They are read, and written as the present one. */
enum { MLS_STORE_VERSION = 3, MLS_STORE_VERSION_2 = 2, MLS_STORE_VERSION_1 = 1 };

typedef enum mls_row_kind {
    MLS_ROW_GROUP = 'a',    /* mls_group_row_t */
    MLS_ROW_EPOCH = 'e',    /* epoch number: mls_epoch_row_t */
    MLS_ROW_LISTS = 'l',    /* epoch number: mls_lists_row_t */
    MLS_ROW_NODE = 'n',     /* node index: LeafNode or ParentNode */
    MLS_ROW_PAST = 'p',     /* epoch number: mls_past_row_t */
    MLS_ROW_RATCHETS = 'r', /* epoch number, leaf index: mls_ratchets_row_t */
    MLS_ROW_SECRET = 's'    /* epoch number, node index: a secret */
} mls_row_kind_t;

/* A key: prefix, kind, and what the kind has. */
typedef struct mls_row_key {
    size_t len;
    uint8_t data[1 + 32 + 1 + 8 + 4];
} mls_row_key_t;

mls_row_key_t mls_row_prefix(mls_view_t group_id);
mls_row_key_t mls_row_key_group(const mls_row_key_t *prefix);
mls_row_key_t mls_row_key_node(const mls_row_key_t *prefix, uint32_t node);
mls_row_key_t mls_row_key_epoch(const mls_row_key_t *prefix, mls_row_kind_t kind, uint64_t epoch);
mls_row_key_t mls_row_key_in_epoch(const mls_row_key_t *prefix, mls_row_kind_t kind, uint64_t epoch,
                                   uint32_t index);
static inline mls_view_t mls_row_key_view(const mls_row_key_t *key)
{
    return mls_view(key->data, key->len);
}

/* The parts of a key behind the prefix; false if it has not the form of its kind. */
typedef struct mls_row_place {
    mls_row_kind_t kind;
    uint64_t epoch;
    uint32_t index;
} mls_row_place_t;
bool mls_row_place(mls_row_place_t *out, const mls_row_key_t *prefix, mls_view_t key);

/* ---- values -------------------------------------------------------------------------------------- */

typedef struct mls_row_u64s {
    uint64_t *items;
    size_t count;
} mls_row_u64s_t;

enum { MLS_ROW_MEMBER = 0, MLS_ROW_REMOVED = 1, MLS_ROW_JOINING = 2 };

typedef struct mls_group_row {
    uint16_t version;
    mls_view_t group_id;
    uint16_t cipher_suite;
    uint64_t epoch;
    uint32_t num_leaves;
    uint8_t state;       /* MLS_ROW_MEMBER and so on */
    mls_row_u64s_t past; /* epochs, ascending */
    struct {
        mls_resumption_psk_t *items;
        size_t count;
    } resumption_psks;
    struct {
        mls_used_generations_t *items;
        size_t count;
    } used_generations;
} mls_group_row_t;
void mls_codec_group_row(mls_codec_t *codec, void *object);

/* Reads and writes a mls_epoch_t directly, but for its secret tree and lists. `context` and `signature_key`
 * are what the epoch's own fields were encoded as. */
typedef struct mls_epoch_row {
    uint16_t version; /* of the group's entry */
    mls_epoch_t *epoch;
    mls_view_t context;
    mls_view_t signature_private_key;
    uint32_t secret_tree_leaves;
    mls_view_t origin_group_id, reinit;
    struct {
        mls_exporter_node_t *items;
        size_t count;
    } exporter_tree;
} mls_epoch_row_t;
void mls_codec_epoch_row(mls_codec_t *codec, void *object);

typedef struct mls_row_proposal {
    mls_view_t content;
    mls_view_t leaf_private_key, new_signature_key;
} mls_row_proposal_t;

typedef struct mls_row_commit {
    mls_view_t message, content, leaf_private_key, path_secret, group_info, new_signature_key;
} mls_row_commit_t;

typedef struct mls_lists_row {
    struct {
        mls_row_proposal_t *items;
        size_t count;
    } proposals;
    struct {
        mls_row_commit_t *items;
        size_t count;
    } commits;
} mls_lists_row_t;
void mls_codec_lists_row(mls_codec_t *codec, void *object);
/* That of versions 1 and 2. */
void mls_codec_lists_row_2(mls_codec_t *codec, void *object);

typedef struct mls_row_change {
    uint32_t node;
    uint8_t changed;    /* the node; else its hash only */
    mls_view_t content; /* empty: blank */
    mls_view_t hash;
} mls_row_change_t;

typedef struct mls_past_row {
    uint64_t ended_at;
    uint8_t is_unsettled;
    mls_tree_summary_t summary;
    struct {
        mls_credential_count_t *items;
        size_t count;
    } credentials;
    struct {
        mls_row_change_t *items;
        size_t count;
    } changes;
} mls_past_row_t;
void mls_codec_past_row(mls_codec_t *codec, void *object);

typedef struct mls_row_ratchet {
    mls_view_t secret;
    uint32_t generation;
    struct {
        mls_skipped_key_t *items;
        size_t count;
    } skipped;
} mls_row_ratchet_t;

typedef struct mls_ratchets_row {
    mls_row_ratchet_t ratchets[2];
} mls_ratchets_row_t;
void mls_codec_ratchets_row(mls_codec_t *codec, void *object);

/* A tree node as it is stored; the caller clears it. Empty for a blank. */
MLS_MUST_USE mls_status_t mls_row_node_encode(mls_bytes_t *out, const void *node, bool is_leaf);
/* A node with one reference. */
MLS_MUST_USE mls_status_t mls_row_node_decode(void **out, mls_crypto_t *crypto, mls_view_t content,
                                              bool is_leaf);

#endif
