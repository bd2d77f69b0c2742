/* world.h -- a large group, as a sample of its members sees it.
 *
 * The group's tree has all its members; a sample of them have states of their own, as real clients have, and
 * one more state is handed around: with the signature key of any member, whoever that is commits
 * (wanderer.h). Handshake messages go into one log, whose order counts; who is away reads it later. */
#ifndef CROWD_WORLD_H
#define CROWD_WORLD_H

#include "memory_store.h"
#include "random.h"
#include "roster.h"
#include "trace.h"

#include <mls/mls.h>

enum { CROWD_MAX_CLIENTS = 32, CROWD_MAX_MESSAGES = 64, CROWD_MAX_PLAN = 24 };

/* Whoever has been a member, or is one. */
typedef struct crowd_person {
    mls_key_package_t *key_package;
    uint32_t name; /* what the identity says: who comes back has the same as before */
} crowd_person_t;

/* What was put into the order: Proposals and Commits. */
typedef struct crowd_handshake {
    mls_bytes_t message;
    bool is_commit;
    size_t num_proposals; /* of a Commit */
} crowd_handshake_t;

/* What all members of an epoch have to agree on. */
typedef struct crowd_epoch {
    bool is_seen; /* somebody has entered it, and left what follows */
    mls_bytes_t authenticator, tree_hash, exported;
    uint32_t num_members; /* the model's */
} crowd_epoch_t;

typedef struct crowd_message {
    mls_bytes_t bytes;
    uint64_t epoch, number;
    uint32_t sender_leaf;
    uint32_t read_by; /* bits by slot */
} crowd_message_t;

/* A member with a state of its own. Its slot is free while it has no group. */
typedef struct crowd_client {
    char name[24];
    unsigned slot;
    uint32_t who, leaf;
    mls_group_t *group;
    bool is_wanderer; /* it has no disk, and is somebody else with each Commit */
    memory_store_t disk;
    size_t cursor, saved_cursor; /* in the log: what comes next */
    uint64_t joined;             /* the first epoch that it has messages of */
    uint64_t out_epoch;          /* the epoch that a Commit has begun without it; 0: it is in */
    unsigned away_until;         /* operation */
} crowd_client_t;

typedef struct crowd_stats {
    unsigned commits, adds, removals, updates, by_reference, without_path, conflicts, detours;
    unsigned messages, reads, late_reads, too_late, replays;
    unsigned welcomes, external_joins, resyncs, saw_removal, restarts, away, growths, shrinks;
} crowd_stats_t;

typedef struct crowd_options {
    uint32_t num_members;
    unsigned num_operations, num_sampled, num_joins;
    uint64_t seed;
    uint16_t suite;
    bool is_verbose;
} crowd_options_t;

typedef struct crowd_world {
    crowd_options_t options;
    sim_trace_t trace;
    sim_random_t choices, keys;
    mls_crypto_t *crypto;
    mls_group_config_t config;
    crowd_person_t *people; /* by number */
    uint32_t num_people;
    crowd_roster_t roster;
    crowd_client_t clients[CROWD_MAX_CLIENTS + 1]; /* the wanderer is the last */
    unsigned num_slots;
    crowd_handshake_t *log;
    size_t log_len;
    crowd_epoch_t *epochs; /* by number */
    uint64_t epoch;        /* the last */
    crowd_message_t messages[CROWD_MAX_MESSAGES];
    size_t num_messages;
    uint64_t now;       /* seconds */
    unsigned step;      /* the operation */
    unsigned num_joins; /* so far */
    crowd_stats_t stats;
} crowd_world_t;

/* A group in which every member has committed. */
void crowd_world_init(crowd_world_t *world, const crowd_options_t *options);
void crowd_world_clear(crowd_world_t *world);

uint32_t crowd_pick(crowd_world_t *world, uint32_t bound);
uint32_t crowd_between(crowd_world_t *world, uint32_t low, uint32_t high);
bool crowd_maybe(crowd_world_t *world, uint32_t percent);

/* Somebody new with a KeyPackage: the number. */
uint32_t crowd_new_person(crowd_world_t *world);
/* The same with the identity of somebody else. */
uint32_t crowd_same_person(crowd_world_t *world, uint32_t who);
/* Puts a copy into the order. */
void crowd_log(crowd_world_t *world, mls_view_t message, bool is_commit, size_t num_proposals);
/* The model is as the Commit leaves it. */
void crowd_begin_epoch(crowd_world_t *world);

crowd_client_t *crowd_wanderer(crowd_world_t *world);
/* Whether it is a member that has followed all Commits so far, and can act. */
bool crowd_is_here(const crowd_world_t *world, const crowd_client_t *client);
/* Whether the group has it as a member. */
bool crowd_is_in(const crowd_client_t *client);
unsigned crowd_num_in(const crowd_world_t *world);
/* How many may have joined the sample by now: they are spread over all operations. */
unsigned crowd_max_joins(const crowd_world_t *world);
/* One of the sample that can act; never the wanderer, never `other`. NULL: there is none. */
crowd_client_t *crowd_somebody(crowd_world_t *world, const crowd_client_t *other);
/* The client at a leaf; NULL: none has a state for it. */
crowd_client_t *crowd_client_at(crowd_world_t *world, uint32_t leaf);

#endif
