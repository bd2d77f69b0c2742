/* received.h -- the inside of mls_received_t. */
#ifndef MLS_RECEIVED_H
#define MLS_RECEIVED_H

#include "group.h"

struct mls_received {
    mls_group_t *group;
    mls_received_type_t type;
    uint64_t epoch;
    uint8_t sender_type; /* mls_sender_type_t */
    uint32_t sender;
    uint32_t generation;
    bool sender_is_current;
    mls_tree_leaf_t *leaf; /* the sender's, a reference; NULL for a sender without leaf */
    mls_leaf_info_t leaf_info;
    mls_bytes_t authenticated_data;
    mls_bytes_t body;     /* application data, or the encoded Proposal */
    uint16_t wire_format; /* with body: how it was signed */
    mls_bytes_t signature;
    mls_staged_commit_t *staged; /* a reference */
};

#endif
