/* forge_private.h -- a PrivateMessage as its fields, encrypted by hand: the keys of all leaves are known to
 * every member. */
#ifndef TESTS_RULES_FORGE_PRIVATE_H
#define TESTS_RULES_FORGE_PRIVATE_H

#include "forge.h"

typedef struct forged_private {
    test_room_t *room;
    uint8_t content_type;
    mls_view_t group_id;
    uint64_t epoch;
    mls_view_t authenticated_data;
    mls_view_t plaintext;                      /* PrivateMessageContent, padding included */
    uint32_t leaf_index, generation;           /* whose key, and which */
    uint32_t claimed_leaf, claimed_generation; /* what the sender data say: the same, at first */
    mls_view_t sender_data_tail;               /* bytes after them */
} forged_private_t;

/* A message with that signed content under a generation of a leaf. */
void forge_private_fill(forged_private_t *f, test_room_t *room, const mls_authenticated_content_t *content,
                        uint32_t leaf, uint32_t generation);
/* The same with "hello" as content, signed by the forger for its leaf. */
void forge_private_hello(forged_private_t *f, test_room_t *room, uint32_t generation);
mls_view_t forge_private_seal(forged_private_t *f);

#endif
