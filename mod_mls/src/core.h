/* core.h -- the objects that all parts of the core work on, and what goes out of it.
 *
 * The database holds goals and facts; memory holds what is under way. An entry point runs in one transaction:
 * what it sends and tells is queued, and leaves after the transaction is on the disk. If the transaction
 * fails, the queue is dropped and memory is made anew from the database. A lost connection drops what is
 * under way too; mod_mls_drive() looks at goals and facts and begins what is next. */
#ifndef MOD_MLS_CORE_H
#define MOD_MLS_CORE_H

#include "mod_mls/mod_mls.h"
#include "store.h"
#include "text.h"
#include "xml_node.h"
#include "xml_writer.h"

/* What a stanza in a room carries. */
typedef enum mod_mls_payload_kind {
    MOD_MLS_PAYLOAD_NONE,
    MOD_MLS_PAYLOAD_MLS,
    MOD_MLS_PAYLOAD_PART,    /* a slice of a large handshake: recognised, not put together yet */
    MOD_MLS_PAYLOAD_JOIN,    /* a join request */
    MOD_MLS_PAYLOAD_WELCOME, /* the answer to one */
    MOD_MLS_PAYLOAD_BROKEN   /* ours, but not as it must be: nothing */
} mod_mls_payload_kind_t;

/* A stanza of a room, live or from the archive. Owned; cleared with mod_mls_item_clear(). */
typedef struct mod_mls_item {
    mod_mls_payload_kind_t kind;
    char *stanza_id; /* the room's; NULL: not in the order */
    mls_bytes_t message;
    uint8_t hash[MOD_MLS_SHA256_LEN]; /* of `message` */
    uint64_t received_at;
    bool is_live;
} mod_mls_item_t;

typedef struct mod_mls_items {
    mod_mls_item_t *items;
    size_t count;
} mod_mls_items_t;

/* What is known, in this session, of a stanza that stands after the anchor. */
typedef struct mod_mls_tail_entry {
    char *stanza_id;
    uint64_t first_seen;
    uint64_t seen_in_read; /* number of the read that found it in the archive; 0: live only */
    uint64_t place;        /* in that read */
    bool is_final;         /* shown, void, applied, or unreadable for good */
} mod_mls_tail_entry_t;

/* Where a room stands between "not joined" and "can be talked in"; begins anew with each connection. */
typedef enum mod_mls_step {
    MOD_MLS_STEP_OUTSIDE,
    MOD_MLS_STEP_ENTERING,   /* waits for the own presence */
    MOD_MLS_STEP_INSIDE,     /* occupant; the configuration is not looked at yet */
    MOD_MLS_STEP_ASKING,     /* an IQ about the configuration is under way */
    MOD_MLS_STEP_CONFIGURED, /* the room is as it must be */
    MOD_MLS_STEP_WAITING     /* something failed; again at `retry_at` */
} mod_mls_step_t;

/* Fetching what is needed to add an account. */
typedef enum mod_mls_lookup_step {
    MOD_MLS_LOOKUP_ASKING,
    MOD_MLS_LOOKUP_READY,  /* key packages are here, and the account may enter the MUC */
    MOD_MLS_LOOKUP_WAITING /* failed; again at `retry_at` */
} mod_mls_lookup_step_t;

typedef struct mod_mls_lookup_device {
    uint8_t device_key[MOD_MLS_DEVICE_KEY_LEN];
    mls_bytes_t key_package; /* MLSMessage; empty: not here yet */
    mls_bytes_t index;       /* encoded KeyPackageIndex */
    unsigned num_tries;
    uint8_t tried[8][64]; /* refs that were asked for */
} mod_mls_lookup_device_t;

typedef struct mod_mls_lookup {
    struct mod_mls_lookup *next;
    int64_t intent;
    char *account;
    mod_mls_lookup_step_t step;
    uint64_t retry_at;
    bool was_told; /* the user knows that it waits */
    mod_mls_lookup_device_t *devices;
    size_t num_devices;
} mod_mls_lookup_t;

typedef struct mod_mls_reader {
    bool is_active;
    bool is_locating; /* backwards, for the Commit that a Welcome is about */
    bool is_stopped;  /* no further Commit can be applied in this read */
    char query_id[33];
    uint64_t number; /* of this read, from 1 */
    uint64_t num_pages;
    uint64_t started_at;
    uint64_t walk_epoch; /* the epoch at the place that the walk has reached */
    uint64_t num_taken;
    mod_mls_items_t page;
} mod_mls_reader_t;

typedef struct mod_mls_room {
    struct mod_mls_room *next;

    /* As in the database; strings are owned and never NULL. */
    int64_t id;
    char *jid;
    mod_mls_room_state_t state; /* never CATCHING_UP or UNSAFE: these are of the session */
    mls_bytes_t group_id;
    uint16_t cipher_suite;
    char *name;
    char *anchor;
    uint64_t update_due;
    mls_bytes_t options, welcome, inviter_key;
    char *inviter, *from;
    uint64_t received_at;

    mls_group_t *group; /* NULL: none */

    /* Of this session. */
    mod_mls_step_t step;
    uint64_t retry_at;
    char *nick;
    unsigned num_nicks;
    bool is_owner; /* or admin of the MUC */
    bool was_verified;
    bool is_synced; /* the archive was read to its end */
    bool announce_joined;
    mod_mls_error_t unsafe;
    mod_mls_reader_t reader;
    uint64_t read_at; /* 0: no read is due */
    char *awaited;    /* stanza-id of a live Commit that the archive must have */
    unsigned num_looks;
    unsigned num_locates;
    uint64_t oldest_epoch; /* while locating: of the group's messages in the archive */
    mod_mls_items_t live;  /* came while a read was under way */
    mod_mls_tail_entry_t *tail;
    size_t num_tail, cap_tail;
    uint8_t (*voids)[MOD_MLS_SHA256_LEN]; /* Commits of the current epoch that were judged void */
    size_t num_voids;
    mod_mls_lookup_t *lookups;
    uint64_t commit_at;       /* the back-off's; 0: nobody else's proposal waits */
    uint64_t commit_sent_at;  /* the pending own Commit, in this session; 0: not sent */
    uint64_t retry_commit_at; /* not before, after a failure */
    uint64_t overdue_since;   /* an empty Commit that came too late is due since then; 0: none */
    uint64_t fill_at;         /* an empty Commit that fills blank nodes; 0: none is needed */
    uint64_t fill_epoch;      /* the epoch that `fill_at` was looked at in, plus 1; 0: none */
    uint32_t last_committer;  /* leaf index */
    int64_t sent_up_to;       /* outgoing rows up to this one were sent in this session */
    unsigned num_other_branch;
} mod_mls_room_t;

typedef enum mod_mls_publish_step {
    MOD_MLS_PUBLISH_IDLE, /* begins anew */
    MOD_MLS_PUBLISH_ASKING,
    MOD_MLS_PUBLISH_NEXT, /* the node is there; the next thing can be published */
    MOD_MLS_PUBLISH_DONE,
    MOD_MLS_PUBLISH_WAITING
} mod_mls_publish_step_t;

/* Publishing the own device and its key packages. */
typedef struct mod_mls_publisher {
    mod_mls_publish_step_t step;
    unsigned stage; /* what is under way, or next */
    uint64_t retry_at;
    bool was_ready;       /* told in this session */
    mod_mls_error_t told; /* the last failure that was told; it is not told twice */
    uint64_t done, total;
} mod_mls_publisher_t;

typedef struct mod_mls_effect mod_mls_effect_t;
typedef struct mod_mls_pending_iq mod_mls_pending_iq_t;

struct mod_mls {
    mod_mls_host_t host;
    mod_mls_settings_t settings;
    char *account, *path, *nick;
    mls_crypto_t *crypto;
    mod_mls_store_t *store;
    mls_store_t mls_store;
    mls_arena_t self_arena; /* strings of `self` */
    mod_mls_account_row_t self;
    uint64_t now; /* when the entry point was called */

    bool is_connected;
    mod_mls_room_t *rooms; /* by JID */
    mod_mls_pending_iq_t *iqs;
    mod_mls_publisher_t publisher;
    char archive_query[33]; /* of the own archive; "": none is under way */
    bool archive_was_read;
    bool own_devices_were_asked;
    bool account_was_asked; /* what its server offers */
    bool welcomes_are_out;  /* handed to the stream; a ping is to come back */

    mls_arena_t effect_arena; /* lives until the next entry */
    mod_mls_effect_t *effects, **effects_end;
    const mod_mls_message_t *replacement;
    mls_arena_t result_arena; /* what looking functions gave out */
    bool has_new_epoch;       /* the write-ahead log holds keys that are destroyed: it is to be emptied */
    uint64_t log_at;          /* when it is to be at the latest; 0: it is empty */
    bool is_broken;           /* the database failed and memory could not be made anew */
};

/* ---- time and chance ----------------------------------------------------------------------------- */

/* 32 lower-case hex digits of 16 random bytes. */
MLS_MUST_USE mls_status_t mod_mls_random_id(mod_mls_t *mls, char out[33]);
/* A number below `bound` (0: 0). Not for secrets. */
uint64_t mod_mls_random_below(mod_mls_t *mls, uint64_t bound);

/* ---- what goes out ------------------------------------------------------------------------------- */

/* Queues a stanza and clears the writer. Whatever was wrong with it is returned. */
MLS_MUST_USE mls_status_t mod_mls_send(mod_mls_t *mls, mod_mls_xml_writer_t *xml);
MLS_MUST_USE mls_status_t mod_mls_join(mod_mls_t *mls, const char *room, const char *nick);
MLS_MUST_USE mls_status_t mod_mls_part(mod_mls_t *mls, const char *room, const char *nick);

/* Queues an event; everything in it is copied. `message_id` (0: none) is the row that the event shows. */
MLS_MUST_USE mls_status_t mod_mls_emit(mod_mls_t *mls, const mod_mls_event_t *event, int64_t message_id);
/* Answers the stanza under way with a replacement instead of an event. */
MLS_MUST_USE mls_status_t mod_mls_replace(mod_mls_t *mls, const mod_mls_message_t *message,
                                          int64_t message_id);
/* An event with an error; `room` and `account` may be NULL. */
MLS_MUST_USE mls_status_t mod_mls_tell(mod_mls_t *mls, mod_mls_event_type_t type, const char *room,
                                       mod_mls_error_t code, mls_status_t cause, const char *account);

void mod_mls_log(mod_mls_t *mls, mod_mls_log_level_t level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Empties the queue without doing anything. */
void mod_mls_drop_effects(mod_mls_t *mls);
/* Does what is queued, and notes what was shown. */
void mod_mls_flush_effects(mod_mls_t *mls);

/* ---- items --------------------------------------------------------------------------------------- */

void mod_mls_item_clear(mod_mls_item_t *item);
void mod_mls_items_clear(mod_mls_items_t *items);
/* Takes `*item` over. MLS_ERR_NOMEM. */
MLS_MUST_USE mls_status_t mod_mls_items_add(mod_mls_items_t *items, mod_mls_item_t *item);

/* Replaces an owned string. */
MLS_MUST_USE mls_status_t mod_mls_set_string(char **string, const char *value);

#endif
