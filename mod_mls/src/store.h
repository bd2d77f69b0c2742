/* store.h -- everything that must survive: one SQLite database per account.
 *
 * WAL, one transaction per event, deleted content overwritten, and a lock file beside the database so that
 * two processes cannot be the same device. libmls' entries are a table of the same database, so that what a
 * message did to the keys and what was made of it are one transaction.
 *
 * Rows are read into an arena of the caller's. Strings in rows are never NULL. */
#ifndef MOD_MLS_STORE_H
#define MOD_MLS_STORE_H

#include "device.h"

typedef struct mod_mls_store mod_mls_store_t;

/* MLS_ERR_STATE: another process holds the lock. MLS_ERR_STORE, MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_store_open(mod_mls_store_t **out, const char *path);
/* Also empties the write-ahead log, so that nothing deleted lingers there. NULL is fine. */
void mod_mls_store_close(mod_mls_store_t *store);

/* Transactions nest: the outermost decides. */
MLS_MUST_USE mls_status_t mod_mls_store_begin(mod_mls_store_t *store);
MLS_MUST_USE mls_status_t mod_mls_store_commit(mod_mls_store_t *store);
void mod_mls_store_rollback(mod_mls_store_t *store);
/* A point inside a transaction to come back to; not nested. */
MLS_MUST_USE mls_status_t mod_mls_store_mark(mod_mls_store_t *store);
MLS_MUST_USE mls_status_t mod_mls_store_back_to_mark(mod_mls_store_t *store);
MLS_MUST_USE mls_status_t mod_mls_store_forget_mark(mod_mls_store_t *store);
/* Whether something was written since the write-ahead log was emptied. */
bool mod_mls_store_has_log(const mod_mls_store_t *store);
/* Empties the write-ahead log; outside of transactions. Should it not be possible now,
 * mod_mls_store_has_log() stays true. */
void mod_mls_store_checkpoint(mod_mls_store_t *store);

/* libmls' view of it. */
mls_store_t mod_mls_store_for_mls(mod_mls_store_t *store);

/* ---- this account and device --------------------------------------------------------------------- */

typedef struct mod_mls_account_row {
    const char *jid;
    const char *label;
    mod_mls_device_key_t key; /* `id` is not stored */
    uint64_t created;
    uint64_t serial;        /* of the last own leaf */
    uint64_t index_serial;  /* of the last key package index */
    bool index_is_stale;    /* the index must be published */
    const char *archive_id; /* newest stanza-id seen in the account's own archive */
} mod_mls_account_row_t;

/* MLS_ERR_NOT_FOUND: the database is new. */
MLS_MUST_USE mls_status_t mod_mls_store_account(mod_mls_store_t *store, mod_mls_account_row_t *out,
                                                mls_arena_t *arena);
MLS_MUST_USE mls_status_t mod_mls_store_put_account(mod_mls_store_t *store, const mod_mls_account_row_t *row);

typedef enum mod_mls_key_package_state {
    MOD_MLS_KEY_PACKAGE_FRESH = 0, /* to be published */
    MOD_MLS_KEY_PACKAGE_PUBLISHED,
    MOD_MLS_KEY_PACKAGE_USED,   /* to be retracted */
    MOD_MLS_KEY_PACKAGE_RETIRED /* kept until delete_at, for a Welcome on its way */
} mod_mls_key_package_state_t;

typedef struct mod_mls_key_package_row {
    mls_view_t ref;
    uint16_t cipher_suite;
    bool is_last_resort;
    uint64_t not_after; /* seconds */
    mls_view_t message; /* public */
    mls_view_t saved;   /* with its private keys */
    mod_mls_key_package_state_t state;
    uint64_t delete_at; /* milliseconds */
} mod_mls_key_package_row_t;

typedef struct mod_mls_key_package_rows {
    mod_mls_key_package_row_t *items;
    size_t count;
} mod_mls_key_package_rows_t;

MLS_MUST_USE mls_status_t mod_mls_store_add_key_package(mod_mls_store_t *store,
                                                        const mod_mls_key_package_row_t *row);
MLS_MUST_USE mls_status_t mod_mls_store_set_key_package(mod_mls_store_t *store, mls_view_t ref,
                                                        mod_mls_key_package_state_t state,
                                                        uint64_t delete_at);
/* All packages that are published now are to be published again. */
MLS_MUST_USE mls_status_t mod_mls_store_refresh_key_packages(mod_mls_store_t *store);
/* Deletes the retired ones whose time has come, and those past their lifetime. */
MLS_MUST_USE mls_status_t mod_mls_store_expire_key_packages(mod_mls_store_t *store, uint64_t now_ms);
/* All, in the order they were made; without `saved`. */
MLS_MUST_USE mls_status_t mod_mls_store_key_packages(mod_mls_store_t *store, mod_mls_key_package_rows_t *out,
                                                     mls_arena_t *arena);
/* One, with `saved`. MLS_ERR_NOT_FOUND. */
MLS_MUST_USE mls_status_t mod_mls_store_key_package(mod_mls_store_t *store, mod_mls_key_package_row_t *out,
                                                    mls_view_t ref, mls_arena_t *arena);

/* ---- devices of all accounts --------------------------------------------------------------------- */

typedef struct mod_mls_peer_row {
    const char *account;
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    const char *label;
    uint64_t created;
    uint64_t updated;      /* of the device item; 0: known from a room only */
    uint64_t index_serial; /* greatest seen */
    bool is_verified;
} mod_mls_peer_row_t;

typedef struct mod_mls_peer_rows {
    mod_mls_peer_row_t *items;
    size_t count;
} mod_mls_peer_rows_t;

MLS_MUST_USE mls_status_t mod_mls_store_put_peer(mod_mls_store_t *store, const mod_mls_peer_row_t *row);
MLS_MUST_USE mls_status_t mod_mls_store_peers(mod_mls_store_t *store, mod_mls_peer_rows_t *out,
                                              const char *account, mls_arena_t *arena);

/* ---- rooms --------------------------------------------------------------------------------------- */

typedef struct mod_mls_room_row {
    int64_t id;
    const char *jid;
    int state; /* mod_mls_room_state_t: CREATING, INVITED, JOINING, READY, OUT_OF_STEP, LEAVING, LEFT, REMOVED
                */
    mls_view_t group_id;   /* empty: no group */
    uint16_t cipher_suite; /* of the group, or to be */
    const char *name;
    const char *anchor;     /* newest settled stanza-id; "": the archive is read from its beginning */
    uint64_t update_due;    /* milliseconds: an empty Commit at that time */
    mls_view_t options;     /* CREATING: the encoded xmpp_room */
    mls_view_t welcome;     /* INVITED, JOINING: the Welcome's MLSMessage */
    mls_view_t inviter_key; /* device key of who signed it */
    const char *inviter;
    const char *from;
    uint64_t received_at;
} mod_mls_room_row_t;

typedef struct mod_mls_room_rows {
    mod_mls_room_row_t *items;
    size_t count;
} mod_mls_room_rows_t;

MLS_MUST_USE mls_status_t mod_mls_store_rooms(mod_mls_store_t *store, mod_mls_room_rows_t *out,
                                              mls_arena_t *arena);
/* Inserts where row->id is 0, and sets it; else updates. */
MLS_MUST_USE mls_status_t mod_mls_store_put_room(mod_mls_store_t *store, mod_mls_room_row_t *row);
/* Deletes all that hangs on the room; the room itself stays as one that once had a group, unless
 * `entirely`. libmls' entries are not touched. */
MLS_MUST_USE mls_status_t mod_mls_store_clear_room(mod_mls_store_t *store, int64_t room, bool entirely);

/* A Commit that was applied, by the epoch it began. */
typedef struct mod_mls_epoch_row {
    uint64_t epoch;
    uint8_t commit_hash[MOD_MLS_SHA256_LEN]; /* zeros for epoch 0 */
    const char *stanza_id;
    uint64_t applied_at;
    bool is_settled;
    mls_view_t voids;   /* hashes, one after the other, of the Commits judged void before it */
    mls_view_t removed; /* leaf indices (uint32, big endian) that it removed */
} mod_mls_epoch_row_t;

typedef struct mod_mls_epoch_rows {
    mod_mls_epoch_row_t *items;
    size_t count;
} mod_mls_epoch_rows_t;

/* In ascending order. */
MLS_MUST_USE mls_status_t mod_mls_store_epochs(mod_mls_store_t *store, mod_mls_epoch_rows_t *out,
                                               int64_t room, mls_arena_t *arena);
MLS_MUST_USE mls_status_t mod_mls_store_put_epoch(mod_mls_store_t *store, int64_t room,
                                                  const mod_mls_epoch_row_t *row);
MLS_MUST_USE mls_status_t mod_mls_store_move_epoch(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                                   const char *stanza_id);
/* Settles all epochs up to this one; forgets own Commits that can no longer come, the Welcomes that waited
 * for them, and the texts of own messages that need not be sent again. */
MLS_MUST_USE mls_status_t mod_mls_store_settle(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                               uint64_t keep_text_since);
/* Takes back what epochs after this one brought: their rows, done wishes, own messages in them. */
MLS_MUST_USE mls_status_t mod_mls_store_go_back(mod_mls_store_t *store, int64_t room, uint64_t epoch);

/* ---- what the user wants, and own Commits -------------------------------------------------------- */

typedef enum mod_mls_intent_kind {
    MOD_MLS_INTENT_ADD = 1,
    MOD_MLS_INTENT_REMOVE,
    MOD_MLS_INTENT_UPDATE,
    MOD_MLS_INTENT_REVOKE /* take a removed account off the MUC's list, once that is settled */
} mod_mls_intent_kind_t;

typedef struct mod_mls_intent_row {
    int64_t id;
    mod_mls_intent_kind_t kind;
    const char *account;
} mod_mls_intent_row_t;

typedef struct mod_mls_intent_rows {
    mod_mls_intent_row_t *items;
    size_t count;
} mod_mls_intent_rows_t;

/* Those not done yet, oldest first. */
MLS_MUST_USE mls_status_t mod_mls_store_intents(mod_mls_store_t *store, mod_mls_intent_rows_t *out,
                                                int64_t room, mls_arena_t *arena);
/* Adds one unless it is there already. */
MLS_MUST_USE mls_status_t mod_mls_store_add_intent(mod_mls_store_t *store, int64_t room,
                                                   mod_mls_intent_kind_t kind, const char *account);
/* Done as of an epoch: it comes back if the client goes back before it. */
MLS_MUST_USE mls_status_t mod_mls_store_intent_done(mod_mls_store_t *store, int64_t id, uint64_t epoch);
MLS_MUST_USE mls_status_t mod_mls_store_drop_intent(mod_mls_store_t *store, int64_t id);

/* Whether an own Commit, made in this epoch, holds back application messages (it removes someone or answers
 * proposals). */
MLS_MUST_USE mls_status_t mod_mls_store_put_own_commit(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                                       mls_view_t hash, bool holds_back);
MLS_MUST_USE mls_status_t mod_mls_store_own_commit_holds_back(mod_mls_store_t *store, bool *out, int64_t room,
                                                              uint64_t epoch);

typedef struct mod_mls_welcome_row {
    int64_t id;
    int64_t room;
    const char *account;
    const char *after; /* stanza-id of the Commit */
    mls_view_t message;
} mod_mls_welcome_row_t;

typedef struct mod_mls_welcome_rows {
    mod_mls_welcome_row_t *items;
    size_t count;
} mod_mls_welcome_rows_t;

/* It waits until its Commit (by hash) is applied. */
MLS_MUST_USE mls_status_t mod_mls_store_add_welcome(mod_mls_store_t *store, int64_t room, uint64_t epoch,
                                                    mls_view_t commit_hash, const char *account,
                                                    mls_view_t message);
MLS_MUST_USE mls_status_t mod_mls_store_release_welcomes(mod_mls_store_t *store, int64_t room,
                                                         mls_view_t commit_hash, const char *after);
/* Those of all rooms that are to be sent. */
MLS_MUST_USE mls_status_t mod_mls_store_welcomes(mod_mls_store_t *store, mod_mls_welcome_rows_t *out,
                                                 mls_arena_t *arena);
MLS_MUST_USE mls_status_t mod_mls_store_drop_welcome(mod_mls_store_t *store, int64_t id);

/* ---- messages ------------------------------------------------------------------------------------ */

/* Own stanzas that the room's archive does not have yet. */
typedef enum mod_mls_outgoing_kind {
    MOD_MLS_OUTGOING_TEXT = 1,
    MOD_MLS_OUTGOING_LEAVE
} mod_mls_outgoing_kind_t;

typedef struct mod_mls_outgoing_row {
    int64_t id;
    mod_mls_outgoing_kind_t kind;
    const char *origin_id;
    const char *text;
    uint64_t created;
    uint64_t epoch;     /* `message` was made in */
    mls_view_t message; /* empty: not encrypted yet */
} mod_mls_outgoing_row_t;

typedef struct mod_mls_outgoing_rows {
    mod_mls_outgoing_row_t *items;
    size_t count;
} mod_mls_outgoing_rows_t;

MLS_MUST_USE mls_status_t mod_mls_store_outgoing(mod_mls_store_t *store, mod_mls_outgoing_rows_t *out,
                                                 int64_t room, mls_arena_t *arena);
MLS_MUST_USE mls_status_t mod_mls_store_count_outgoing(mod_mls_store_t *store, uint64_t *out, int64_t room);
MLS_MUST_USE mls_status_t mod_mls_store_add_outgoing(mod_mls_store_t *store, int64_t room,
                                                     mod_mls_outgoing_kind_t kind, const char *origin_id,
                                                     const char *text, uint64_t created);
MLS_MUST_USE mls_status_t mod_mls_store_set_outgoing(mod_mls_store_t *store, int64_t id, uint64_t epoch,
                                                     mls_view_t message);
MLS_MUST_USE mls_status_t mod_mls_store_drop_outgoing(mod_mls_store_t *store, int64_t id);

/* Messages of a future epoch. */
typedef struct mod_mls_held_row {
    int64_t id;
    const char *stanza_id;
    uint64_t epoch;
    uint64_t received_at;
    bool is_live;
    mls_view_t message;
} mod_mls_held_row_t;

typedef struct mod_mls_held_rows {
    mod_mls_held_row_t *items;
    size_t count;
} mod_mls_held_rows_t;

/* MLS_ERR_LIMIT: 500 messages or 5 MB are held already. One that is held already is not held twice. */
MLS_MUST_USE mls_status_t mod_mls_store_hold(mod_mls_store_t *store, int64_t room,
                                             const mod_mls_held_row_t *row);
/* Takes those of epochs up to this one out. */
MLS_MUST_USE mls_status_t mod_mls_store_take_held(mod_mls_store_t *store, mod_mls_held_rows_t *out,
                                                  int64_t room, uint64_t epoch, mls_arena_t *arena);

/* Messages in a final state: shown, or a placeholder for good. */
typedef struct mod_mls_message_row {
    int64_t id;
    int64_t room;
    const char *account;
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    const char *origin_id;
    const char *stanza_id;
    uint64_t epoch;
    const char *text;
    uint64_t sent_at;
    uint64_t received_at;
    unsigned flags;  /* MOD_MLS_MESSAGE_… */
    unsigned reason; /* mod_mls_unreadable_t; 0: readable */
} mod_mls_message_row_t;

typedef struct mod_mls_message_rows {
    mod_mls_message_row_t *items;
    size_t count;
} mod_mls_message_rows_t;

/* Sets row->id. MLS_ERR_STATE: (account, device, origin-id) is known already. */
MLS_MUST_USE mls_status_t mod_mls_store_add_message(mod_mls_store_t *store, mod_mls_message_row_t *row);
/* By the room's stanza-id. MLS_ERR_NOT_FOUND. */
MLS_MUST_USE mls_status_t mod_mls_store_message(mod_mls_store_t *store, mod_mls_message_row_t *out,
                                                int64_t room, const char *stanza_id, mls_arena_t *arena);
/* An own message has its place. */
MLS_MUST_USE mls_status_t mod_mls_store_message_archived(mod_mls_store_t *store, mod_mls_message_row_t *out,
                                                         int64_t room, const char *origin_id,
                                                         const char *stanza_id, uint64_t epoch,
                                                         mls_arena_t *arena);
/* Whether this device ever made a message with this origin-id in the room. */
MLS_MUST_USE mls_status_t mod_mls_store_is_own_origin_id(mod_mls_store_t *store, bool *out, int64_t room,
                                                         const char *origin_id);
/* Those whose event the host has not got for sure. */
MLS_MUST_USE mls_status_t mod_mls_store_unshown(mod_mls_store_t *store, mod_mls_message_rows_t *out,
                                                mls_arena_t *arena);
/* The host has them: texts are wiped, apart from those that may be needed again. */
MLS_MUST_USE mls_status_t mod_mls_store_shown(mod_mls_store_t *store, int64_t id, bool keep_text);

/* Forgets every message of a room. */
MLS_MUST_USE mls_status_t mod_mls_store_drop_messages(mod_mls_store_t *store, int64_t room);

/* Whatever happens, the text will not be needed again. */
MLS_MUST_USE mls_status_t mod_mls_store_wipe_text(mod_mls_store_t *store, int64_t id);

/* Something valid was received from this device in the room. `*is_new`: for the first time. */
MLS_MUST_USE mls_status_t mod_mls_store_hear(mod_mls_store_t *store, bool *is_new, int64_t room,
                                             mls_view_t device_key);
/* It was removed: when it comes again, it has yet to join. */
MLS_MUST_USE mls_status_t mod_mls_store_unhear(mod_mls_store_t *store, int64_t room, mls_view_t device_key);
MLS_MUST_USE mls_status_t mod_mls_store_was_heard(mod_mls_store_t *store, bool *out, int64_t room,
                                                  mls_view_t device_key);

#endif
