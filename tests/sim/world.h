/* world.h -- all that a run consists of. */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "delivery_service.h"
#include "memory_store.h"
#include "random.h"
#include "trace.h"

/* The name of the external sender. */
#define SIM_WARDEN "warden"

/* What a client's host remembers beside the group, and stores together with it. */
typedef struct sim_memory {
    sim_epoch_t *epoch;       /* NULL: there is no group */
    sim_epoch_t *joined;      /* the first epoch it was in */
    size_t cursor;            /* how much of the log it has read */
    size_t num_revisions;     /* how many of the service's it has heard of */
    sim_handshake_t *joining; /* the own external Commit that has not come back yet */
    bool is_removed;
    uint64_t ended_at[32];   /* when an epoch was over for this client: that of epoch n at n % 32 */
    sim_handshake_t *outbox; /* made and stored, but perhaps not sent */
} sim_memory_t;

/* An application message on its way to somebody. */
typedef struct sim_letter {
    sim_message_t *message;
    unsigned due; /* the step it arrives in */
    unsigned num_attempts;
} sim_letter_t;

typedef struct sim_client {
    uint8_t index;
    char name[8];
    mls_group_config_t config;
    mls_group_t *group; /* NULL: outside, or its state is lost */
    sim_memory_t memory;
    mls_key_package_t *key_package;
    uint32_t key_package_number;
    uint32_t key; /* of its signature key, as sim_key_number() */
    memory_store_t disk;
    sim_memory_t saved; /* what is on the disk beside the group */
    sim_list_t unsaved; /* messages that were read since then */
    sim_letter_t *inbox;
    size_t num_letters;
} sim_client_t;

/* What happened in a run, to be counted. */
typedef struct sim_stats {
    unsigned operations, commits, conflicts, proposals, messages;
    unsigned joins, external_joins, removals, reinits, branches;
    unsigned reads, late_reads, replays, noise, kills, revisions, detours;
    uint32_t min_members, max_members;
} sim_stats_t;

typedef struct sim_world {
    sim_trace_t trace;
    sim_random_t choices; /* what happens */
    sim_random_t keys;    /* what libmls draws */
    mls_crypto_t *crypto;
    uint16_t suite;
    uint32_t num_groups;
    sim_name_t group_id;
    uint64_t now; /* seconds */
    sim_service_t service;
    sim_client_t clients[SIM_MAX_CLIENTS];
    size_t num_clients;
    uint32_t size; /* as many members as the group is to have about */
    bool is_unruly;
    bool is_private; /* everybody refuses PublicMessages of members */
    /* An external sender of the group. */
    mls_bytes_t warden_private_key, external_senders;
    /* A group that nobody here is in. */
    mls_group_t *elsewhere;
    uint32_t num_topics, num_psks, num_key_packages, num_alouds, num_counts;
    sim_stats_t stats;
} sim_world_t;

/* Fills the world of a seed: one client has made a group. False: a fault. */
bool sim_world_init(sim_world_t *world, uint64_t seed, uint16_t suite, bool is_verbose);
void sim_world_clear(sim_world_t *world);

/* Draws from what decides the course of the run. */
bool sim_maybe(sim_world_t *world, uint32_t percent);
uint32_t sim_pick(sim_world_t *world, uint32_t bound);

/* Flips a bit: anywhere, or at the end, where signatures and tags are. */
void sim_damage(sim_world_t *world, mls_bytes_t *bytes);

/* What nobody has said aloud before. */
sim_name_t sim_say_aloud(sim_world_t *world);

#endif
