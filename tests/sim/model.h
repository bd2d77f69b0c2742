/* model.h -- what the simulation itself knows of the group: its epochs, who is in them, what was said.
 *
 * It follows RFC 9420 by hand where that is short (which leaf an Add takes, Section 7.7), and otherwise
 * remembers what the first client found, so that all others have to find the same. */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

#include "list.h"
#include "mls/mls.h"
#include "names.h"

enum { SIM_MAX_CLIENTS = 32, SIM_MAX_LEAVES = 64, SIM_MAX_LISTED = 64, SIM_NOBODY = 255 };

/* Types of the simulation's own: an extension of the GroupContext, which is a number that means something to
 * people; a proposal; and a component, which counts. */
enum { SIM_EXTENSION_TOPIC = 0xf051, SIM_PROPOSAL_CUSTOM = 0xf061, SIM_COMPONENT_COUNT = 0x8051 };

/* A point in the history of the group. Where Commits compete the history is a tree. */
typedef struct sim_epoch {
    const struct sim_epoch *parent; /* NULL: the first one of its group */
    const struct sim_epoch *first;  /* that it has come of, be it itself: tells groups apart */
    uint64_t number;
    uint8_t roster[SIM_MAX_LEAVES]; /* by leaf index: a client, or SIM_NOBODY */
    uint64_t since[SIM_MAX_LEAVES]; /* the epoch that this leaf's client came with */
    uint32_t keys[SIM_MAX_LEAVES];  /* of the signature keys, as sim_key_number() */
    uint32_t topic;                 /* 0: there is none; odd: every member is required to know topics */
    bool has_dictionary;            /* of components, though it may be empty: */
    bool has_count;                 /* the component has data: */
    uint32_t count;
    bool is_seen; /* by a client, which has left this: */
    mls_bytes_t authenticator, exported, tree;
    mls_bytes_t safe_exported; /* empty until somebody has exported it */
} sim_epoch_t;

/* The epoch after `parent`, as yet with the same members; where `parent` is NULL, the first one. */
sim_epoch_t *sim_epoch_new(const sim_epoch_t *parent);
void sim_epoch_free(sim_epoch_t *epoch);

/* The leaf of a client; UINT32_MAX: it is no member. */
uint32_t sim_epoch_leaf(const sim_epoch_t *epoch, uint8_t client);
bool sim_epoch_has(const sim_epoch_t *epoch, uint8_t client);
uint32_t sim_epoch_num_members(const sim_epoch_t *epoch);
/* Whether `later` is this epoch or has come of it. */
bool sim_epoch_leads_to(const sim_epoch_t *epoch, const sim_epoch_t *later);
/* Gives the client the leftmost blank leaf. */
void sim_epoch_add(sim_epoch_t *epoch, uint8_t client, uint32_t key);

/* A number by which a signature key is known again. */
uint32_t sim_key_number(mls_view_t signature_key);

/* A proposal, whoever tells of it. */
typedef struct sim_proposal {
    uint16_t type;
    uint8_t sender; /* a client, also one that is not yet a member; SIM_NOBODY: the external sender */
    uint8_t target; /* the client whose leaf it is about; else SIM_NOBODY */
    uint32_t
        number;   /* of the key package, PSK, epoch (resumption) or topic; what is counted, 0 for a removal */
    uint32_t key; /* ADD, UPDATE: of the leaf */
    bool by_reference;
} sim_proposal_t;

bool sim_proposal_equal(const sim_proposal_t *a, const sim_proposal_t *b);
/* Whether `a` cannot be in a Commit of `committer` beside those in the list, or at all (RFC 9420, 12.2). */
bool sim_proposal_has_no_place(const sim_proposal_t *a, const sim_epoch_t *epoch, uint8_t committer,
                               const sim_proposal_t *list, size_t count);

/* A Proposal or a Commit that somebody has made. */
typedef struct sim_handshake {
    mls_bytes_t message;
    sim_epoch_t *epoch; /* that it was made in */
    uint8_t sender;     /* as in sim_proposal_t */
    sim_name_t aloud;   /* its authenticated_data: no two say the same */
    bool is_commit;
    bool is_public;       /* a PublicMessage */
    bool is_from_outside; /* its sender is not a member, or not yet */
    size_t position;      /* in the delivery service's log; SIZE_MAX: nowhere */
    bool was_submitted;
    bool is_void; /* made where the history was taken back: it can never be taken */

    sim_proposal_t proposal;
    mls_bytes_t encoded; /* the Proposal alone, to tell it from others that are pending */

    uint32_t key;                          /* of the committer's leaf from now on */
    sim_epoch_t *begins;                   /* the epoch that the Commit begins */
    sim_proposal_t listed[SIM_MAX_LISTED]; /* the Commit's proposals, in its order */
    size_t num_listed;
    mls_bytes_t *welcomes;
    size_t num_welcomes;
    mls_bytes_t tree; /* for who joins, where the Welcome has none */
} sim_handshake_t;

sim_handshake_t *sim_handshake_new(sim_epoch_t *epoch, uint8_t sender, sim_name_t aloud, mls_view_t message);
void sim_handshake_free(sim_handshake_t *handshake);
/* Applies the Commit's list (RFC 9420, Section 12.3) to what was known of its epoch: makes `begins`. */
void sim_handshake_begin_epoch(sim_handshake_t *commit);
/* Whether a client is added by the Commit: then there is a Welcome for it. */
bool sim_handshake_adds(const sim_handshake_t *commit, uint8_t client, uint32_t key_package);

/* An application message. */
typedef struct sim_message {
    mls_bytes_t message, data, authenticated_data;
    sim_epoch_t *epoch;
    uint8_t sender;
    unsigned number;
    uint64_t read_by; /* a bit for each client that has its plaintext, and so must refuse it from now on */
} sim_message_t;

void sim_message_free(sim_message_t *message);

#endif
