/* framing.h -- the structs that carry handshake and application messages (RFC 9420, Section 6). */
#ifndef MLS_FRAMING_H
#define MLS_FRAMING_H

#include "group_context.h"
#include "labeled.h"
#include "mls/message.h"
#include "proposal.h"

typedef struct mls_sender {
    uint8_t type;
    uint32_t index; /* member: leaf_index; external: sender_index */
} mls_sender_t;

/* struct {
 *     opaque group_id<V>;
 *     uint64 epoch;
 *     Sender sender;
 *     opaque authenticated_data<V>;
 *     ContentType content_type;
 *     select (FramedContent.content_type) { … };
 * } FramedContent;
 *
 * The selected content stays encoded in `body`: application_data with its length, Proposal or Commit. */
typedef struct mls_framed_content {
    mls_view_t group_id;
    uint64_t epoch;
    mls_sender_t sender;
    mls_view_t authenticated_data;
    uint8_t content_type; /* mls_content_type_t */
    mls_view_t body;
} mls_framed_content_t;

/* That of a content: PublicMessage or PrivateMessage. */
void mls_codec_wire_format(mls_codec_t *codec, uint16_t *wire_format);
void mls_codec_framed_content(mls_codec_t *codec, void *object);

/* The body of a content of that type: shape only, its bytes in `*body`. */
void mls_codec_content_body(mls_codec_t *codec, mls_view_t *body, uint8_t content_type);
/* Takes the length off an application body. */
MLS_MUST_USE mls_status_t mls_application_data(mls_view_t *data, mls_view_t body);

/* struct { opaque signature<V>; select { case commit: MAC confirmation_tag; } } FramedContentAuthData; */
typedef struct mls_content_auth {
    mls_view_t signature;
    mls_view_t confirmation_tag; /* Commits only */
} mls_content_auth_t;

void mls_codec_content_auth(mls_codec_t *codec, mls_content_auth_t *auth, uint8_t content_type);

/* struct { WireFormat wire_format; FramedContent content; FramedContentAuthData auth; }
 * AuthenticatedContent;                                               RFC 9420, Section 6 */
typedef struct mls_authenticated_content {
    uint16_t wire_format;
    mls_view_t content_encoded; /* the FramedContent; empty where it was not encoded yet */
    mls_framed_content_t content;
    mls_content_auth_t auth;
} mls_authenticated_content_t;

void mls_codec_authenticated_content(mls_codec_t *codec, void *object);

/* FramedContentTBS (RFC 9420, Section 6.1): signs, verifies. `context` is the encoded GroupContext; it is
 * part of what is signed for members and new_member_commit. */
MLS_MUST_USE mls_status_t mls_framed_content_sign(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                  mls_bytes_t *signature,
                                                  const mls_authenticated_content_t *content,
                                                  const mls_signature_key_t *key, mls_view_t context);
MLS_MUST_USE mls_status_t mls_framed_content_verify(mls_crypto_t *crypto, const mls_suite_t *suite,
                                                    const mls_authenticated_content_t *content,
                                                    mls_view_t signature_key, mls_view_t context);
/* Decodes an AuthenticatedContent that is known to be good, but for its body, of which so many bytes are
 * taken as they are. */
MLS_MUST_USE mls_status_t mls_authenticated_content_read_again(mls_authenticated_content_t *out,
                                                               mls_view_t in, size_t body_len);
/* FramedContentTBS, encoded; the caller clears it. */
MLS_MUST_USE mls_status_t mls_framed_content_tbs(mls_bytes_t *out, const mls_authenticated_content_t *content,
                                                 mls_view_t context);

/* ProposalRef (RFC 9420, Section 5.2): the reference of the whole AuthenticatedContent. */
MLS_MUST_USE mls_status_t mls_proposal_ref(mls_crypto_t *crypto, const mls_suite_t *suite, mls_secret_t *out,
                                           const mls_authenticated_content_t *content);

/* struct { FramedContent content; FramedContentAuthData auth; select { case member: MAC membership_tag; } }
 * PublicMessage;                                                      RFC 9420, Section 6.2 */
typedef struct mls_public_message {
    mls_authenticated_content_t content; /* wire_format is set here */
    mls_view_t membership_tag;           /* members only */
} mls_public_message_t;

/* struct {
 *     opaque group_id<V>;
 *     uint64 epoch;
 *     ContentType content_type;
 *     opaque authenticated_data<V>;
 *     opaque encrypted_sender_data<V>;
 *     opaque ciphertext<V>;
 * } PrivateMessage;                                                   RFC 9420, Section 6.3 */
typedef struct mls_private_message {
    mls_view_t group_id;
    uint64_t epoch;
    uint8_t content_type;
    mls_view_t authenticated_data;
    mls_view_t encrypted_sender_data;
    mls_view_t ciphertext;
} mls_private_message_t;

void mls_codec_public_message(mls_codec_t *codec, void *object);
void mls_codec_private_message(mls_codec_t *codec, void *object);

#endif
