/* limits.h -- the bounds that hostile input meets. Every one can be set by the host. */
#ifndef MLS_LIMITS_H
#define MLS_LIMITS_H

#include <stddef.h>
#include <stdint.h>

/* Begin with MLS_LIMITS_DEFAULT, which has the values that stand here, and change what you need. */
typedef struct mls_limits {
    size_t message_len;          /* bytes of one MLSMessage; 16 MiB */
    size_t tree_len;             /* bytes of a ratchet tree handed in by itself; 64 MiB */
    uint32_t num_leaves;         /* leaves of a tree, blank ones included; 2^16 */
    size_t num_extensions;       /* in one list; 64 */
    size_t num_capabilities;     /* in one list of capabilities, or of required ones; 256 */
    size_t num_certificates;     /* of one x509 credential; 8, at most 32 */
    size_t certificate_len;      /* bytes of one of them; 64 KiB */
    size_t num_external_senders; /* in one extension external_senders; 64 */
    size_t num_proposals;        /* of one Commit; 1,024, raise it to create large groups in one Commit */
    size_t num_pending;    /* proposals waiting for a Commit; 512. Those of non-members up to half of it */
    uint32_t forward_jump; /* generations that a sender may skip at once; 1,000 (RFC 9420, Section 15.3) */
    uint32_t num_skipped;  /* unused keys kept per sender, ratchet and epoch; 1,000 */
    uint32_t num_skipped_total;   /* unused keys kept per epoch; 4,096 */
    uint32_t num_past_epochs;     /* epochs whose late messages can still be read; 5 */
    uint64_t past_epoch_seconds;  /* and for how long after they ended; 24 h */
    uint32_t num_unsettled;       /* epochs that can be gone back to at the same time; 16 */
    uint32_t num_resumption_psks; /* resumption PSKs of past epochs; 16 */
    uint64_t messages_per_epoch;  /* own messages under one epoch (RFC 9420, Section 15.2); 2^24 */
} mls_limits_t;

/* The defaults. */
#define MLS_LIMITS_DEFAULT                                                                                   \
    ((mls_limits_t){ .message_len = (size_t)16 << 20,                                                        \
                     .tree_len = (size_t)64 << 20,                                                           \
                     .num_leaves = 1u << 16,                                                                 \
                     .num_extensions = 64,                                                                   \
                     .num_capabilities = 256,                                                                \
                     .num_certificates = 8,                                                                  \
                     .certificate_len = (size_t)64 << 10,                                                    \
                     .num_external_senders = 64,                                                             \
                     .num_proposals = 1024,                                                                  \
                     .num_pending = 512,                                                                     \
                     .forward_jump = 1000,                                                                   \
                     .num_skipped = 1000,                                                                    \
                     .num_skipped_total = 4096,                                                              \
                     .num_past_epochs = 5,                                                                   \
                     .past_epoch_seconds = 24 * 3600,                                                        \
                     .num_unsettled = 16,                                                                    \
                     .num_resumption_psks = 16,                                                              \
                     .messages_per_epoch = 1u << 24 })

#endif
