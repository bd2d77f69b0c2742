/* public_sender.h -- who sends a PublicMessage, and with which key it is signed (RFC 9420, Sections 6 and
 * 12.1.8). */
#ifndef MLS_PUBLIC_SENDER_H
#define MLS_PUBLIC_SENDER_H

#include "group.h"

/* Whether that kind of sender may send this content, and the group takes it: rules F5, P9, X9. */
MLS_MUST_USE mls_status_t mls_public_sender_check(const mls_group_t *group,
                                                  const mls_framed_content_t *content);

/* The key that the content is signed with: rules F3, X5 and P9. Views as long as the group's epoch, the
 * content or the arena lives. */
MLS_MUST_USE mls_status_t mls_public_sender_key(const mls_group_t *group, mls_view_t *signature_key,
                                                mls_arena_t *arena, const mls_framed_content_t *content);

#endif
