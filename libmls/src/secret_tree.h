/* secret_tree.h -- keys for messages: one per sender, kind and generation (RFC 9420, Sections 9 and 15.3).
 *
 * The tree of secrets is derived where it is needed: at first there is the root's secret only; the first
 * message of a sender derives the way down to its leaf and consumes what lies above. Looking a key up changes
 * nothing: it makes a step, and mls_secret_tree_take() makes the step real once the message has proved to be
 * genuine. */
#ifndef MLS_SECRET_TREE_H
#define MLS_SECRET_TREE_H

#include "index_list.h"
#include "index_map.h"
#include "labeled.h"
#include "mls/limits.h"
#include "tree_math.h"

typedef enum mls_ratchet_kind { MLS_RATCHET_HANDSHAKE = 0, MLS_RATCHET_APPLICATION = 1 } mls_ratchet_kind_t;

typedef struct mls_message_key {
    uint8_t key[MLS_MAX_KEY_LEN];
    uint8_t nonce[MLS_MAX_NONCE_LEN];
} mls_message_key_t;

typedef struct mls_skipped_key {
    uint32_t generation;
    mls_message_key_t key;
} mls_skipped_key_t;

typedef struct mls_ratchet {
    mls_secret_t secret; /* of `generation`, the first that no key was made of */
    uint32_t generation;
    mls_skipped_key_t *skipped; /* below `generation` and not used yet, ascending */
    size_t num_skipped;
} mls_ratchet_t;

/* The ratchets of one sender, by mls_ratchet_kind_t. */
typedef struct mls_sender_ratchets {
    bool is_dirty; /* not saved as it is */
    mls_ratchet_t ratchets[2];
} mls_sender_ratchets_t;

typedef struct mls_node_secret {
    bool is_dirty;
    mls_secret_t secret;
} mls_node_secret_t;

typedef struct mls_secret_tree {
    const mls_suite_t *suite;
    uint32_t num_leaves;
    mls_index_map_t secrets; /* by node index: mls_node_secret_t, not consumed yet */
    mls_index_map_t senders; /* by leaf index: mls_sender_ratchets_t */
    size_t num_skipped;      /* of all ratchets together */
    mls_index_list_t gone;   /* nodes whose secrets were consumed since the last save */
    bool is_cleared;         /* all of it was wiped since the last save */
} mls_secret_tree_t;

/* A tree of `num_leaves` (a power of two) whose root secret is `encryption_secret`. */
MLS_MUST_USE mls_status_t mls_secret_tree_init(mls_secret_tree_t *tree, const mls_suite_t *suite,
                                               uint32_t num_leaves, const mls_secret_t *encryption_secret);
/* A zeroed tree may be cleared. */
void mls_secret_tree_clear(mls_secret_tree_t *tree);
/* Wipes all secrets and keys; the tree stays, and opens nothing any more. */
void mls_secret_tree_wipe(mls_secret_tree_t *tree);
/* Wipes the handshake keys of senders that were derived; what is not derived yet stays for their late
 * application messages. */
void mls_secret_tree_wipe_handshake(mls_secret_tree_t *tree);

/* Putting a saved tree together again; both take the pointer over, also on failure. */
MLS_MUST_USE mls_status_t mls_secret_tree_put_secret(mls_secret_tree_t *tree, mls_node_index_t node,
                                                     mls_node_secret_t *secret);
MLS_MUST_USE mls_status_t mls_secret_tree_put_sender(mls_secret_tree_t *tree, uint32_t leaf,
                                                     mls_sender_ratchets_t *sender);
void mls_sender_ratchets_free(mls_sender_ratchets_t *sender);

/* What taking a key does to the tree. */
typedef struct mls_ratchet_step {
    uint32_t leaf;
    mls_ratchet_kind_t kind;
    mls_message_key_t key;
    bool is_skipped; /* the key was kept before; else the ratchet goes on to `next_…` */
    size_t skipped_at;
    mls_secret_t next_secret;
    uint32_t next_generation;
    mls_skipped_key_t *skipped; /* the whole new list of kept keys */
    size_t num_skipped;
    mls_sender_ratchets_t *fresh; /* of a sender that has none yet */
    mls_node_index_t consumed;    /* where its way down began */
    struct {
        mls_node_index_t node;
        mls_node_secret_t *secret;
    } siblings[MLS_MAX_LEVELS]; /* what is left of the way down */
    size_t num_siblings;
} mls_ratchet_step_t;

typedef struct mls_ratchet_request {
    uint32_t leaf;
    mls_ratchet_kind_t kind;
    uint32_t generation;
    bool is_own;  /* to send with: no limit, and what is skipped is not kept */
    bool is_kept; /* will be taken with `keep`: what is skipped need not be derived */
} mls_ratchet_request_t;

/* Makes the step that gives the key of a generation. The caller ends it by taking or clearing it.
 * MLS_ERR_GENERATION (rule F13): used already, or not kept. MLS_ERR_LIMIT (F14): too far ahead. */
MLS_MUST_USE mls_status_t mls_secret_tree_step(mls_secret_tree_t *tree, mls_ratchet_step_t *step,
                                               mls_crypto_t *crypto, const mls_limits_t *limits,
                                               const mls_ratchet_request_t *request);
/* Makes the step real; the key is deleted from the tree (RFC 9420, Section 9.2). `keep`: all but the
 * consumption of the key, so that it can be asked for again. Clears the step. */
void mls_secret_tree_take(mls_secret_tree_t *tree, mls_ratchet_step_t *step, bool keep);
void mls_ratchet_step_clear(mls_ratchet_step_t *step);

/* Key and nonce for sender data (RFC 9420, Section 6.3.2): from a sample of the ciphertext. */
MLS_MUST_USE mls_status_t mls_sender_data_key(mls_crypto_t *crypto, const mls_suite_t *suite,
                                              mls_message_key_t *out, const mls_secret_t *sender_data_secret,
                                              mls_view_t ciphertext);

#endif
