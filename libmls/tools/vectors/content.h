/* content.h -- a Proposal, a Commit or application data that is protected, by the member of a case
 * (RFC 9420, Section 6). */
#ifndef MLS_VECTORS_CONTENT_H
#define MLS_VECTORS_CONTENT_H

#include "framing.h"
#include "secret_tree.h"
#include "vectors.h"

/* The tree has two leaves, and the second one sends. */
enum { VECTOR_NUM_LEAVES = 2, VECTOR_SENDER = 1 };

/* One of the three contents of a case, and the epoch it is sent in. */
typedef struct vector_content {
    const char *field;
    uint8_t content_type;
    mls_view_t raw; /* Proposal, Commit, or application_data with its length */
    mls_view_t context;
    mls_view_t signature_pub;
    mls_signature_key_t signature_key;
    mls_secret_t membership_key, encryption_secret, sender_data_secret;
    mls_secret_t confirmation_tag; /* of the Commit: the vectors have no confirmation_key */
} vector_content_t;

/* What the fields of a case say of its epoch. */
vector_content_t vector_content_epoch(vector_case_t *c);

/* The bytes of a content as they are framed: what an application sends gets its length. */
mls_view_t vector_content_raw(vector_case_t *c, const char *field, mls_view_t bytes, uint8_t content_type);

/* The key of a generation, from a tree that has given none yet. */
bool vector_content_key(vector_case_t *c, mls_message_key_t *key, const vector_content_t *content,
                        uint32_t generation, bool is_own);

/* The signed content as an MLSMessage, which the caller clears. The first answers what libmls says; the
 * second fails where libmls does. */
mls_status_t vector_content_as_public(vector_case_t *c, mls_bytes_t *out, const vector_content_t *content);
bool vector_content_as_private(vector_case_t *c, mls_bytes_t *out, const vector_content_t *content);

#endif
