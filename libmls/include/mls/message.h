/* message.h -- looking at an MLSMessage before, or without, processing it (RFC 9420, Section 6). */
#ifndef MLS_MESSAGE_H
#define MLS_MESSAGE_H

#include "bytes.h"
#include "crypto.h"

/* What an MLSMessage is (RFC 9420, Section 17.2). */
typedef enum mls_wire_format {
    MLS_WIRE_FORMAT_PUBLIC_MESSAGE = 1,
    MLS_WIRE_FORMAT_PRIVATE_MESSAGE = 2,
    MLS_WIRE_FORMAT_WELCOME = 3,
    MLS_WIRE_FORMAT_GROUP_INFO = 4,
    MLS_WIRE_FORMAT_KEY_PACKAGE = 5
} mls_wire_format_t;

/* What a PublicMessage or PrivateMessage holds (RFC 9420, Section 6). */
typedef enum mls_content_type {
    MLS_CONTENT_APPLICATION = 1,
    MLS_CONTENT_PROPOSAL = 2,
    MLS_CONTENT_COMMIT = 3
} mls_content_type_t;

/* Who has sent it (RFC 9420, Section 6). */
typedef enum mls_sender_type {
    MLS_SENDER_MEMBER = 1,
    MLS_SENDER_EXTERNAL = 2,            /* one of external_senders */
    MLS_SENDER_NEW_MEMBER_PROPOSAL = 3, /* who asks to be added */
    MLS_SENDER_NEW_MEMBER_COMMIT = 4    /* who joins by an external Commit */
} mls_sender_type_t;

/* What an MLSMessage says in the clear. Nothing of it is authenticated yet. Views borrow from the message. */
typedef struct mls_message_info {
    mls_wire_format_t wire_format;
    mls_view_t group_id; /* PublicMessage and PrivateMessage, as are the three below */
    uint64_t epoch;
    mls_content_type_t content_type;
    mls_view_t authenticated_data;
    uint16_t cipher_suite; /* Welcome and KeyPackage */
} mls_message_info_t;

/* Decodes a whole MLSMessage, shape only. MLS_ERR_MALFORMED, MLS_ERR_UNSUPPORTED (version, wire format),
 * MLS_ERR_LIMIT (more than 16 MiB), MLS_ERR_NOMEM. */
MLS_API MLS_MUST_USE mls_status_t mls_message_inspect(mls_message_info_t *out, mls_view_t message);

/* The KeyPackageRefs that a Welcome (an MLSMessage) is for, as a delivery service needs them: calls `visit`
 * with each until it answers something else than MLS_OK, and answers that. Views end with the call.
 * MLS_ERR_ARGUMENT: not a Welcome. Else as mls_message_inspect(). */
MLS_API MLS_MUST_USE mls_status_t mls_welcome_recipients(mls_view_t message,
                                                         mls_status_t (*visit)(void *arg, mls_view_t ref),
                                                         void *arg);

#endif
